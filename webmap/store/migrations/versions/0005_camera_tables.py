"""Tables of the district for cameras; the light of cameras and streets; cameras that keep their position."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
COLUMNS: tuple[tuple[str, str, sa.types.TypeEngine[Any]], ...] = (
    ("cameras", "light", TEXT),
    ("cameras", "light_m", sa.Double()),
    ("cameras", "snap", TEXT),
    ("streets", "lit", TEXT),
)


def upgrade() -> None:
    for table, name, kind in COLUMNS:
        text = kind is TEXT
        op.add_column(table, sa.Column(name, kind, nullable=not text, server_default="" if text else None))
    op.create_table(
        "camera_tables",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("rows", TEXT, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_camera_tables"),
    )


def downgrade() -> None:
    op.drop_table("camera_tables")
    for table, name, _ in COLUMNS:
        op.drop_column(table, name)
