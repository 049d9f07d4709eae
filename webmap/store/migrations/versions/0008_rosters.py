"""The calendar of patrols: shift patterns, rosters of areas and templates of recurring plans, and the district's holidays."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "rosters",
        *(sa.Column(name, TEXT, nullable=False) for name in ("kind", "id", "area", "body")),
        sa.Column("since", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_rosters"),
    )
    op.create_table(
        "holidays",
        *(sa.Column(name, TEXT, nullable=False) for name in ("day", "kind", "name_zh", "name_en")),
        sa.PrimaryKeyConstraint("day", name="pk_holidays"),
    )


def downgrade() -> None:
    op.drop_table("holidays")
    op.drop_table("rosters")
