"""The tables of what leaves the store or must go in time: messages, receivers, notifications, photos. It only describes."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, UniqueConstraint

from webmap.store.models import METADATA, TEXT, Instant

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("id", TEXT, nullable=False),
    Column("topic", TEXT, nullable=False),
    Column("ref", TEXT, nullable=False),
    Column("area", TEXT, nullable=False),
    Column("at", Instant, nullable=False),
    Column("payload", TEXT, nullable=False),
    UniqueConstraint("id"),
)
"""Messages to the outside in the order of commits; ``id`` is what receivers tell repetitions by."""

OUTBOX_RECEIVERS = Table(
    "outbox_receivers",
    METADATA,
    Column("name", TEXT, primary_key=True),
    Column("reached", BigInteger, nullable=False),
    Column("tries", BigInteger, nullable=False),
    Column("next_at", Instant),
    Column("error", TEXT, nullable=False),
    Column("holder", TEXT, nullable=False),
    Column("held_until", Instant),
)
"""How far each receiver has got: every message up to ``reached`` is delivered, dead or not for it. ``tries``, ``next_at``
and ``error`` are of the first message after that; ``holder`` delivers alone until ``held_until``."""

OUTBOX_DEAD = Table(
    "outbox_dead",
    METADATA,
    Column("receiver", TEXT, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("tries", BigInteger, nullable=False),
    Column("error", TEXT, nullable=False),
    Column("at", Instant, nullable=False),
    Column("again", Boolean, nullable=False),
)
"""Messages that were given up for a receiver; ``again`` asks for one more try."""

NOTIFICATIONS = Table(
    "notifications",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("account", TEXT, nullable=False),
    Column("topic", TEXT, nullable=False),
    Column("zh", TEXT, nullable=False),
    Column("en", TEXT, nullable=False),
    Column("ref", TEXT, nullable=False),
    Column("area", TEXT, nullable=False),
    Column("at", Instant, nullable=False),
    Column("read_at", Instant),
    Index(None, "account"),
)
"""What an account is told in the pages, for a set period; ``ref`` is the record that it is about."""

PHOTOS = Table(
    "photos",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("event", TEXT, nullable=False),
    Column("area", TEXT, nullable=False),
    Column("width", BigInteger, nullable=False),
    Column("height", BigInteger, nullable=False),
    Column("hidden", BigInteger, nullable=False),
    Column("sha256", TEXT, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("delete_on", Instant, nullable=False),
    Column("deleted_at", Instant),
    Index(None, "delete_on"),
)
"""Photos among the attachments, with the number of areas that were hidden in them; a row outlives its file."""
