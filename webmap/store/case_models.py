"""The tables of cases beside ``events``: moves, clocks, notices, keys, units and routing rules. As ``models``, it only describes."""

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Index, Table, UniqueConstraint

from webmap.store.models import METADATA, TEXT, Instant

EVENT_MOVES = Table(
    "event_moves",
    METADATA,
    Column("event", TEXT, ForeignKey("events.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("id", TEXT, nullable=False),
    *(
        Column(name, TEXT, nullable=False)
        for name in (
            "move",
            "source",
            "target",
            "tier_from",
            "tier_to",
            "unit_from",
            "unit_to",
            "role",
            "area",
            "actor",
        )
    ),
    Column("at", Instant, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("detail", TEXT, nullable=False),
    UniqueConstraint("id"),
    Index(None, "at"),
)
"""One row a move, never changed: ``version`` is that of the case after it, ``id`` the client's or ``<event>:<version>``; ``detail``
holds ``until``, ``into`` and ``score`` as JSON."""

EVENT_CLOCKS = Table(
    "event_clocks",
    METADATA,
    Column("event", TEXT, ForeignKey("events.id"), primary_key=True),
    Column("stage", TEXT, primary_key=True),
    Column("round", BigInteger, primary_key=True, autoincrement=False),
    Column("started_at", Instant, nullable=False),
    Column("stopped_at", Instant),
    Column("amount", Double, nullable=False),
    Column("unit", TEXT, nullable=False),
    Column("pauses", TEXT, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("extended_until", Instant),
    Column("extended_at", Instant),
    Column("due_at", Instant, nullable=False),
    Column("next_at", Instant),
    Column("told", BigInteger, nullable=False),
    Column("calendar", TEXT, nullable=False),
    Column("is_sure", Boolean, nullable=False),
    Index(None, "next_at"),
)
"""The clock of a stage, anew in each ``round``. ``pauses`` is JSON; ``told`` is the share in per cent that was acted upon last, and
``next_at`` when the next one is reached; ``calendar`` is the version by which ``due_at`` was counted."""

EVENT_NOTICES = Table(
    "event_notices",
    METADATA,
    Column("event", TEXT, ForeignKey("events.id"), primary_key=True),
    Column("stage", TEXT, primary_key=True),
    Column("round", BigInteger, primary_key=True, autoincrement=False),
    Column("level", TEXT, primary_key=True),
    Column("tier", TEXT, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "at"),
)
"""What the clocks did: warned, escalated, told the supervisor; each once a clock."""

EVENT_KEYS = Table(
    "event_keys",
    METADATA,
    Column("kind", TEXT, primary_key=True),
    Column("value", TEXT, primary_key=True),
    Column("event", TEXT, ForeignKey("events.id"), nullable=False),
    Index(None, "event"),
)
"""Receipts and numbers of 12345 work orders, by which a case is found without an account."""

UNITS = Table(
    "units",
    METADATA,
    Column("code", TEXT, primary_key=True),
    *(Column(name, TEXT, nullable=False) for name in ("zh", "en", "tier", "area")),
)
"""Units that handle cases; ``area`` is empty for the whole district."""

UNIT_ACCOUNTS = Table(
    "unit_accounts",
    METADATA,
    Column("unit", TEXT, ForeignKey("units.code"), primary_key=True),
    Column("account", TEXT, primary_key=True),
    Index(None, "account"),
)
"""Which accounts belong to a unit."""

ROUTING_RULES = Table(
    "routing_rules",
    METADATA,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("rows", TEXT, nullable=False),
    Column("note", TEXT, nullable=False),
    Column("actor", TEXT, nullable=False),
    Column("at", Instant, nullable=False),
)
"""Every version of the routing rules, rows as JSON; the latest is in force."""
