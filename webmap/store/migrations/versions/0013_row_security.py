"""Cases under row-level security on PostgreSQL, by what ``webmap.store.row_security`` tells a transaction; SQLite has none."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = ("events", "event_moves", "event_clocks", "event_notices")
INSIDE = """
CREATE OR REPLACE FUNCTION wangge_inside(wanted text, VARIADIC codes text[]) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT wanted = '%' OR (wanted <> '' AND EXISTS (
    SELECT FROM unnest(string_to_array(wanted, ',')) AS w, unnest(codes) AS c WHERE c <> '' AND c LIKE w))
$$
"""
SEES = """
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
OF_CASE = "EXISTS (SELECT FROM events WHERE events.id = {table}.event)"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(INSIDE)
    for table in TABLES:
        condition = SEES if table == "events" else OF_CASE.format(table=table)
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_in_sight ON {table} USING ({condition})")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in reversed(TABLES):
        op.execute(f"DROP POLICY {table}_in_sight ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute("DROP FUNCTION wangge_inside(text, VARIADIC text[])")
