"""When each incident last changed, by the number of its change: what the incident columns follow."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incidents", sa.Column("touched", sa.BigInteger, nullable=False, server_default="0"))
    op.create_index("ix_incidents_touched", "incidents", ["touched"])


def downgrade() -> None:
    op.drop_index("ix_incidents_touched", "incidents")
    op.drop_column("incidents", "touched")
