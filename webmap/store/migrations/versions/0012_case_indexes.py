"""Where cases are looked for: by state and latitude for duplicates nearby."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_events_state_lat", "events", ["state", "lat"])


def downgrade() -> None:
    op.drop_index("ix_events_state_lat", "events")
