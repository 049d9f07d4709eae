"""Accounts, grants, sessions, the audit log and saved views."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _instants(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, INSTANT, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "users",
        *_texts("name", "display", "password", "earlier", "failures"),
        sa.Column("locked_until", INSTANT),
        *_instants("password_changed_at"),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in ("must_change", "disabled")),
        sa.Column("totp", TEXT),
        sa.Column("totp_used", sa.BigInteger),
        sa.Column("oidc", TEXT),
        *_instants("created_at"),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
        sa.UniqueConstraint("oidc", name="uq_users_oidc"),
    )
    op.create_table(
        "grants",
        sa.Column("account", TEXT, sa.ForeignKey("users.name", name="fk_grants_account"), nullable=False),
        *_texts("role", "area"),
        sa.PrimaryKeyConstraint("account", "role", "area", name="pk_grants"),
    )
    op.create_table(
        "sessions",
        *_texts("id"),
        sa.Column("account", TEXT, sa.ForeignKey("users.name", name="fk_sessions_account"), nullable=False),
        *_instants("created_at", "last_seen", "expires_at"),
        sa.Column("revoked_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger, autoincrement=False, nullable=False),
        *_instants("at"),
        *_texts("actor", "action", "subject", "area", "detail", "previous", "hash"),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    op.create_table(
        "saved_views",
        *_texts("account", "name", "query"),
        *_instants("created_at"),
        sa.PrimaryKeyConstraint("account", "name", name="pk_saved_views"),
    )


def downgrade() -> None:
    for table in ("saved_views", "audit", "sessions", "grants", "users"):
        op.drop_table(table)
