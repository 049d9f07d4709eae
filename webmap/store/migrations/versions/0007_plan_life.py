"""The life of a plan: what a version was edited from, when it was published, check-ins, and visits summed by place."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    op.add_column("plans", sa.Column("base", TEXT, nullable=False, server_default=""))
    op.add_column("plans", sa.Column("published_at", INSTANT))
    op.create_table(
        "checkins",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("plan", TEXT, sa.ForeignKey("plans.id", name="fk_checkins_plan"), nullable=False),
        sa.Column("team", sa.BigInteger, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("stop", "kind", "reason")),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_checkins"),
    )
    op.create_index("ix_checkins_plan", "checkins", ["plan"])
    op.create_table(
        "patrol_visits",
        *(sa.Column(name, TEXT, nullable=False) for name in ("stop", "grid", "day", "shift")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("visits", "timed")),
        sa.Column("minutes", sa.Double, nullable=False),
        sa.Column("skipped", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("stop", "grid", "day", "shift", name="pk_patrol_visits"),
    )


def downgrade() -> None:
    op.drop_table("patrol_visits")
    op.drop_table("checkins")
    for name in ("published_at", "base"):
        op.drop_column("plans", name)
