"""Disputes, inspections, supervision orders and committees; on PostgreSQL the first three under row-level security like cases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")

SEES = """
  (kind = 'dispute' AND (wangge_inside({disputes}, grid, community, street, district) OR (committee <> ''
    AND committee = ANY(string_to_array({committees}, ',')) AND wangge_inside({mediated}, grid, community, street, district))))
  OR (kind = 'order' AND (wangge_inside({orders}, grid, community, street, district) OR (unit <> '' AND state <> 'draft'
    AND unit = ANY(string_to_array({units}, ',')) AND wangge_inside({unit_areas}, grid, community, street, district))))
  OR (kind IN ('schedule', 'inspection') AND wangge_inside({inspections}, grid, community, street, district))
""".format(
    **{
        name: f"coalesce(current_setting('wangge.{name}', true), '')"
        for name in ("disputes", "committees", "mediated", "orders", "units", "unit_areas", "inspections")
    }
)
POLICIES = {
    "side_cases": SEES,
    "side_moves": "EXISTS (SELECT FROM side_cases AS c WHERE c.kind = side_moves.kind AND c.id = side_moves.id)",
}


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "side_cases",
        *_texts("kind", "id", "state"),
        sa.Column("version", sa.BigInteger, nullable=False),
        *_texts("unit", "committee", "ref", "grid", "community", "street", "district", "body"),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_side_cases"),
    )
    op.create_index("ix_side_cases_kind_state", "side_cases", ["kind", "state"])
    op.create_index("ix_side_cases_kind_ref", "side_cases", ["kind", "ref"])
    op.create_table(
        "side_moves",
        *_texts("kind", "id"),
        sa.Column("version", sa.BigInteger, nullable=False, autoincrement=False),
        *_texts("move", "source", "target", "role", "actor"),
        sa.Column("at", INSTANT, nullable=False),
        *_texts("reason", "detail"),
        sa.PrimaryKeyConstraint("kind", "id", "version", name="pk_side_moves"),
        sa.ForeignKeyConstraint(["kind", "id"], ["side_cases.kind", "side_cases.id"], name="fk_side_moves_case"),
    )
    op.create_table(
        "committees",
        *_texts("code", "kind", "name_zh", "name_en", "area", "topics"),
        sa.PrimaryKeyConstraint("code", name="pk_committees"),
    )
    op.create_table(
        "committee_accounts",
        *_texts("committee", "account"),
        sa.PrimaryKeyConstraint("committee", "account", name="pk_committee_accounts"),
        sa.ForeignKeyConstraint(["committee"], ["committees.code"], name="fk_committee_accounts_committee"),
    )
    op.create_index("ix_committee_accounts_account", "committee_accounts", ["account"])
    if op.get_bind().dialect.name == "postgresql":
        for table, condition in POLICIES.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY {table}_in_sight ON {table} USING ({condition})")


def downgrade() -> None:
    for table in ("committee_accounts", "committees", "side_moves", "side_cases"):
        op.drop_table(table)
