"""Photos among the attachments: size, hidden areas, and the day on which they are deleted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "photos",
        *(sa.Column(name, TEXT, nullable=False) for name in ("id", "event", "area")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("width", "height", "hidden")),
        sa.Column("sha256", TEXT, nullable=False),
        *(sa.Column(name, INSTANT, nullable=False) for name in ("added_at", "delete_on")),
        sa.Column("deleted_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_photos"),
    )
    op.create_index("ix_photos_delete_on", "photos", ["delete_on"])


def downgrade() -> None:
    op.drop_table("photos")
