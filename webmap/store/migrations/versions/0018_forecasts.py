"""Forecasts with their score cards; on PostgreSQL under row-level security by their area, like cases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
SEES = "wangge_inside(coalesce(current_setting('wangge.forecasts', true), ''), area)"


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "forecasts",
        *_texts("id", "area", "category", "period"),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        *_texts("model", "data"),
        sa.Column("made_at", INSTANT, nullable=False),
        *_texts("made_by", "document"),
        sa.PrimaryKeyConstraint("id", name="pk_forecasts"),
    )
    op.create_index("ix_forecasts_asked", "forecasts", ["area", "category", "period", "since"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE forecasts ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE forecasts FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY forecasts_in_sight ON forecasts USING ({SEES})")


def downgrade() -> None:
    op.drop_table("forecasts")
