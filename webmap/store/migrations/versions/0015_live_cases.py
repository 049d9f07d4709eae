"""Cases that are not archived have an index of their own: few among millions."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

WHERE = sa.text("state <> 'archived'")


def upgrade() -> None:
    op.create_index("ix_events_live", "events", ["state"], sqlite_where=WHERE, postgresql_where=WHERE)


def downgrade() -> None:
    op.drop_index("ix_events_live", "events")
