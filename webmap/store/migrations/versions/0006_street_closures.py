"""Streets that are shut to some: on foot, by e-bike, by car."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("streets", sa.Column("closed_to", TEXT, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("streets", "closed_to")
