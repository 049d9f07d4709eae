"""Messages to the outside with how far each receiver has got, notifications of accounts, and the audit log by subject."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("seq", sa.BigInteger, nullable=False, autoincrement=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("id", "topic", "ref", "area")),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("payload", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_outbox"),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
    )
    op.create_table(
        "outbox_receivers",
        sa.Column("name", TEXT, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("reached", "tries")),
        sa.Column("next_at", INSTANT),
        *(sa.Column(name, TEXT, nullable=False) for name in ("error", "holder")),
        sa.Column("held_until", INSTANT),
        sa.PrimaryKeyConstraint("name", name="pk_outbox_receivers"),
    )
    op.create_table(
        "outbox_dead",
        sa.Column("receiver", TEXT, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False, autoincrement=False) for name in ("seq", "tries")),
        sa.Column("error", TEXT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("again", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("receiver", "seq", name="pk_outbox_dead"),
    )
    op.create_table(
        "notifications",
        *(sa.Column(name, TEXT, nullable=False) for name in ("id", "account", "topic", "zh", "en", "ref", "area")),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("read_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
    )
    op.create_index("ix_notifications_account", "notifications", ["account"])
    op.create_index("ix_audit_subject", "audit", ["subject"])


def downgrade() -> None:
    op.drop_index("ix_audit_subject", "audit")
    for name in ("notifications", "outbox_dead", "outbox_receivers", "outbox"):
        op.drop_table(name)
