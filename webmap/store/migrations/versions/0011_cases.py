"""The closed loop: tier, unit and progress of events; moves, clocks, notices, keys, units and routing rules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0011"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
ADDED = {"tier": "community", "unit": "", "reporter": "", "merged_into": "", "urgency": ""}
INDEXED = ("unit", "merged_into", "due_at", "reporter")
MOVED = ("move", "source", "target", "tier_from", "tier_to", "unit_from", "unit_to", "role", "area", "actor")


def upgrade() -> None:
    for name, default in ADDED.items():
        op.add_column("events", sa.Column(name, TEXT, nullable=False, server_default=default))
    op.add_column("events", sa.Column("until", INSTANT))
    op.add_column("events", sa.Column("due_at", INSTANT))
    op.add_column("events", sa.Column("progress", TEXT, nullable=False, server_default="{}"))
    for name in INDEXED:
        op.create_index(f"ix_events_{name}", "events", [name])
    op.create_index("ix_events_newest", "events", ["created_at", "id"])
    op.create_table(
        "units",
        *(sa.Column(name, TEXT, nullable=False) for name in ("code", "zh", "en", "tier", "area")),
        sa.PrimaryKeyConstraint("code", name="pk_units"),
    )
    op.create_table(
        "unit_accounts",
        *(sa.Column(name, TEXT, nullable=False) for name in ("unit", "account")),
        sa.PrimaryKeyConstraint("unit", "account", name="pk_unit_accounts"),
        sa.ForeignKeyConstraint(["unit"], ["units.code"], name="fk_unit_accounts_unit"),
    )
    op.create_index("ix_unit_accounts_account", "unit_accounts", ["account"])
    op.create_table(
        "routing_rules",
        sa.Column("version", sa.BigInteger(), nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("rows", "note", "actor")),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_routing_rules"),
    )
    _of_events()


def _of_events() -> None:
    op.create_table(
        "event_moves",
        sa.Column("event", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in MOVED),
        sa.Column("at", INSTANT, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("reason", "detail")),
        sa.PrimaryKeyConstraint("event", "version", name="pk_event_moves"),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name="fk_event_moves_event"),
        sa.UniqueConstraint("id", name="uq_event_moves_id"),
    )
    op.create_index("ix_event_moves_at", "event_moves", ["at"])
    op.create_table(
        "event_clocks",
        *(sa.Column(name, TEXT, nullable=False) for name in ("event", "stage")),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("stopped_at", INSTANT),
        sa.Column("amount", sa.Double(), nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("unit", "pauses")),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("extended_until", INSTANT),
        sa.Column("extended_at", INSTANT),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("calendar", TEXT, nullable=False),
        sa.Column("is_sure", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("event", "stage", "round", name="pk_event_clocks"),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name="fk_event_clocks_event"),
    )
    op.create_index("ix_event_clocks_next_at", "event_clocks", ["next_at"])
    op.create_table(
        "event_notices",
        *(sa.Column(name, TEXT, nullable=False) for name in ("event", "stage")),
        sa.Column("round", sa.BigInteger(), nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("level", "tier")),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("event", "stage", "round", "level", name="pk_event_notices"),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name="fk_event_notices_event"),
    )
    op.create_index("ix_event_notices_at", "event_notices", ["at"])
    op.create_table(
        "event_keys",
        *(sa.Column(name, TEXT, nullable=False) for name in ("kind", "value", "event")),
        sa.PrimaryKeyConstraint("kind", "value", name="pk_event_keys"),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name="fk_event_keys_event"),
    )
    op.create_index("ix_event_keys_event", "event_keys", ["event"])


def downgrade() -> None:
    for name in (
        "event_keys",
        "event_notices",
        "event_clocks",
        "event_moves",
        "routing_rules",
        "unit_accounts",
        "units",
    ):
        op.drop_table(name)
    op.drop_index("ix_events_newest", "events")
    for name in INDEXED:
        op.drop_index(f"ix_events_{name}", "events")
    for name in ("progress", "due_at", "until", *ADDED):
        op.drop_column("events", name)
