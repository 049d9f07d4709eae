"""The camera register: optics, owner, filing; the history of every camera's status; zones that must not be watched."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
TEXTS = ("mount", "presets", "owner", "point_class", "place", "used_since", "filing_no", "filed_on", "notice")
NUMBERS = ("tilt", "resolution_px", "sensor_mm", "focal_mm", "retention_days")


def upgrade() -> None:
    for name in TEXTS:
        op.add_column("cameras", sa.Column(name, TEXT, nullable=False, server_default=""))
    for name in NUMBERS:
        op.add_column("cameras", sa.Column(name, sa.Double))
    op.create_table(
        "camera_status",
        sa.Column("camera", TEXT, nullable=False),
        sa.Column("change", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("camera", "change", name="pk_camera_status"),
    )
    op.create_table(
        "camera_masks",
        *(sa.Column(name, TEXT, nullable=False) for name in ("id", "camera", "name", "reason")),
        sa.Column("geometry", sa.LargeBinary, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_camera_masks"),
    )


def downgrade() -> None:
    op.drop_table("camera_masks")
    op.drop_table("camera_status")
    for name in (*TEXTS, *NUMBERS):
        op.drop_column("cameras", name)
