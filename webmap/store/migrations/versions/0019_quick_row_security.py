"""The same cases in sight on PostgreSQL, told apart with what was said read once a query instead of once a row.

``wangge_inside`` takes each list apart again for every row, and every clock, move and notice asked about its case although whoever
sees everything need not ask. The small tables of the side desks and the forecasts keep the function.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

HANGING = ("event_moves", "event_clocks", "event_notices")
CODES = ("grid", "community", "street", "district")


def _told(name: str) -> str:
    # A query of its own: PostgreSQL runs it once and remembers the answer, where a plain call would run for every row.
    return f"(SELECT coalesce(current_setting('wangge.{name}', true), ''))"


def _listed(name: str) -> str:
    return f"(SELECT string_to_array(coalesce(current_setting('wangge.{name}', true), ''), ','))::text[]"


def _everywhere(name: str) -> str:
    return f"(SELECT coalesce(current_setting('wangge.{name}', true), '') = '%')"


def _inside(name: str) -> str:
    codes = " OR ".join(f"({code} <> '' AND {code} LIKE ANY ({_listed(name)}))" for code in CODES)
    return f"({_everywhere(name)} OR {codes})"


SEES = f"""
  {_inside("desk")}
  OR id = {_told("case")}
  OR (reporter <> '' AND reporter = {_told("account")})
  OR (unit <> '' AND unit = ANY ({_listed("units")}) AND {_inside("unit_areas")})
  OR (state IN ('verifying', 'checking') AND {_inside("worker")})
"""
OF_CASE = f"{_everywhere('desk')} OR EXISTS (SELECT FROM events WHERE events.id = {{table}}.event)"

SEES_BEFORE = """
  wangge_inside({desk}, grid, community, street, district)
  OR id = {case}
  OR (reporter <> '' AND reporter = {account})
  OR (unit <> '' AND unit = ANY(string_to_array({units}, ',')) AND wangge_inside({unit_areas}, grid, community, street, district))
  OR (state IN ('verifying', 'checking') AND wangge_inside({worker}, grid, community, street, district))
""".format(
    **{
        name: f"coalesce(current_setting('wangge.{name}', true), '')"
        for name in ("desk", "case", "account", "units", "unit_areas", "worker")
    }
)
OF_CASE_BEFORE = "EXISTS (SELECT FROM events WHERE events.id = {table}.event)"


def upgrade() -> None:
    _let_see(SEES, OF_CASE)


def downgrade() -> None:
    _let_see(SEES_BEFORE, OF_CASE_BEFORE)


def _let_see(of_events: str, of_case: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(f"ALTER POLICY events_in_sight ON events USING ({of_events})")
    for table in HANGING:
        op.execute(f"ALTER POLICY {table}_in_sight ON {table} USING ({of_case.format(table=table)})")
