"""The tables of the store, one set for SQLite and PostgreSQL.

Layer tables follow the column contracts of ``gis.schemas``; geometry is WKB (lon/lat degrees) beside its box.
This module never opens a database and never changes one: that is the work of ``migrations``.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

from gis import schemas

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

BOX = ("min_lon", "min_lat", "max_lon", "max_lat")
"""Columns of the box beside a WKB geometry, degrees, exact doubles."""

LOCATED = ("grid", "community", "street", "district")
"""Columns that say in which area a point lies."""


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: integer microseconds in SQLite, ``timestamptz`` in PostgreSQL; the same to the microsecond."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column type of each store."""
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if dialect.name == "postgresql" else BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """An aware moment as the store keeps it."""
        if value is None or dialect.name == "postgresql":
            return value
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """A stored moment in UTC."""
        if value is None:
            return None
        moment: datetime = value if dialect.name == "postgresql" else _EPOCH + value * _MICROSECOND
        return moment.astimezone(UTC)


TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that compares by bytes in both stores, whatever the locale of the PostgreSQL database."""

ROW_ID = BigInteger().with_variant(Integer, "sqlite")

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _column(column: schemas.Column) -> Column[Any]:
    match column.dtype:
        case "text":
            return Column(column.name, TEXT, nullable=False, server_default="")
        case "float":
            return Column(column.name, Double, nullable=not column.required)
        case "int":
            return Column(column.name, BigInteger)
        case "bool":
            return Column(column.name, Boolean, nullable=False)
        case "time":
            return Column(column.name, Instant, nullable=not column.required)
    return Column(column.name, LargeBinary)


def _layer(table: schemas.Table, *extra: Any) -> Table:
    columns = [_column(column) for column in table.columns]
    names = table.names
    if "geometry" in names:
        columns += [Column(name, Double) for name in BOX]
    checks: list[CheckConstraint] = []
    if "lon" in names:
        checks = [
            CheckConstraint("lon BETWEEN -180 AND 180", name="lon"),
            CheckConstraint("lat BETWEEN -90 AND 90", name="lat"),
        ]
    if "id" in names:
        extra = (UniqueConstraint("id"), *extra)
    return Table(table.name, METADATA, Column("rid", ROW_ID, primary_key=True), *columns, *checks, *extra)


AREAS = _layer(schemas.AREAS, UniqueConstraint("code", "valid_from"), Index(None, "parent"))
"""The area tree in all its versions; ``valid_to`` is exclusive and empty for open."""

INCIDENTS = _layer(
    schemas.INCIDENTS,
    Column("touched", BigInteger, nullable=False, server_default="0"),
    *(Index(None, name) for name in ("occurred_at", "grid", "street", "touched")),
)
"""``touched`` is the number of the change that last wrote the row; 0 for the rows of the first import."""

CAMERAS = _layer(schemas.CAMERAS)
PLACES = _layer(schemas.PLACES)
STREETS = _layer(schemas.STREETS)
BUILDINGS = _layer(schemas.BUILDINGS)

LAYER_TABLES = {t.name: t for t in (AREAS, CAMERAS, INCIDENTS, PLACES, STREETS, BUILDINGS)}

META = Table("meta", METADATA, Column("key", TEXT, primary_key=True), Column("value", TEXT, nullable=False))
"""The district's settings and the store's own marks, as text."""

CHANGES = Table(
    "changes",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("layer", TEXT, nullable=False),
    Column("action", TEXT, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("ref", TEXT, nullable=False),
    Column("area", TEXT, nullable=False),
    Column("actor", TEXT, nullable=False),
    Column("at", Instant, nullable=False),
)
"""What changed, in the order of commits and without gaps; ``area`` is empty for a change to the whole layer."""

EVENTS = Table(
    "events",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("state", TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("scheme", TEXT, nullable=False),
    Column("category", TEXT, nullable=False),
    Column("source", TEXT, nullable=False),
    Column("found_by", TEXT, nullable=False),
    Column("lon", Double),
    Column("lat", Double),
    *(Column(name, TEXT, nullable=False) for name in LOCATED),
    Column("occurred_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("incident", TEXT, ForeignKey("incidents.id")),
    Column("body", TEXT, nullable=False),
    Column("tier", TEXT, nullable=False, server_default="community"),
    *(Column(name, TEXT, nullable=False, server_default="") for name in ("unit", "reporter", "merged_into", "urgency")),
    Column("until", Instant),
    Column("due_at", Instant),
    Column("progress", TEXT, nullable=False, server_default="{}"),
    *(Index(None, name) for name in ("state", "grid", "street", "unit", "merged_into", "due_at", "reporter")),
    Index("ix_events_newest", "created_at", "id"),
    Index("ix_events_state_lat", "state", "lat"),
    Index(
        "ix_events_live",
        "state",
        sqlite_where=text("state <> 'archived'"),
        postgresql_where=text("state <> 'archived'"),
    ),
)
"""Cases that people work on; ``incident`` points to the incident that analyses read, once there is one. ``due_at`` is the first
deadline that runs; ``progress`` holds counts, handlers, an open request and the decision of the routing rules as JSON."""

PLANS = Table(
    "plans",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("day", TEXT, nullable=False),
    Column("shift", TEXT, nullable=False),
    Column("area", TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("status", TEXT, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("saved_by", TEXT, nullable=False),
    Column("document", TEXT, nullable=False),
    Column("base", TEXT, nullable=False, server_default=""),
    Column("published_at", Instant),
    UniqueConstraint("day", "shift", "area", "version"),
)
"""Patrol plans; the document never changes, only its status does. ``base`` is the version it was edited from."""

CHECKINS = Table(
    "checkins",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("plan", TEXT, ForeignKey("plans.id"), nullable=False),
    Column("team", BigInteger, nullable=False),
    Column("stop", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "plan"),
)
"""What teams said at their stops, for a set period; ``id`` is made by the phone, ``stop`` is the visit in the plan's
document. It names no person and no position, and it is summed up in ``patrol_visits`` and deleted afterwards."""

PATROL_VISITS = Table(
    "patrol_visits",
    METADATA,
    Column("stop", TEXT, primary_key=True),
    Column("grid", TEXT, primary_key=True),
    Column("day", TEXT, primary_key=True),
    Column("shift", TEXT, primary_key=True),
    Column("visits", BigInteger, nullable=False),
    Column("timed", BigInteger, nullable=False),
    Column("minutes", Double, nullable=False),
    Column("skipped", BigInteger, nullable=False),
)
"""Visits by place and shift: how many, of how many the length is known, and their minutes together. No team, no order."""

IMPORTS = Table(
    "imports",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("file", TEXT, nullable=False),
    Column("rows_in", BigInteger, nullable=False),
    Column("rows_ok", BigInteger, nullable=False),
    Column("rows_rejected", BigInteger, nullable=False),
    Column("datum", TEXT, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", TEXT, nullable=False),
    Column("scope", TEXT, nullable=False),
    Column("report", TEXT, nullable=False),
)
"""The report of each import; ``scope`` holds the areas of who imported, as JSON."""

ATTACHMENTS = Table(
    "attachments",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("sha256", TEXT, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("event", TEXT, ForeignKey("events.id")),
    Column("area", TEXT, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("added_by", TEXT, nullable=False),
    Index(None, "event"),
)
"""Files beside the store, named by their SHA-256."""

USERS = Table(
    "users",
    METADATA,
    Column("name", TEXT, primary_key=True),
    Column("display", TEXT, nullable=False),
    Column("password", TEXT, nullable=False),
    Column("earlier", TEXT, nullable=False),
    Column("failures", TEXT, nullable=False),
    Column("locked_until", Instant),
    Column("password_changed_at", Instant, nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("totp", TEXT),
    Column("totp_used", BigInteger),
    Column("oidc", TEXT),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("oidc"),
)
"""Accounts; ``password`` and ``earlier`` (a JSON list) hold argon2id hashes, ``failures`` the moments of late mistakes."""

GRANTS = Table(
    "grants",
    METADATA,
    Column("account", TEXT, ForeignKey("users.name"), primary_key=True),
    Column("role", TEXT, primary_key=True),
    Column("area", TEXT, primary_key=True),
)
"""Who has which role where; an empty area is the whole district."""

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("account", TEXT, ForeignKey("users.name"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Index(None, "account"),
)
"""Who is signed in; ``id`` is the SHA-256 of the token, which is kept nowhere."""

AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", TEXT, nullable=False),
    Column("action", TEXT, nullable=False),
    Column("subject", TEXT, nullable=False),
    Column("area", TEXT, nullable=False),
    Column("detail", TEXT, nullable=False),
    Column("previous", TEXT, nullable=False),
    Column("hash", TEXT, nullable=False),
    Index(None, "subject"),
)
"""Who did or read what, without gaps; each row carries the hash of the one before it."""

VIEWS = Table(
    "saved_views",
    METADATA,
    Column("account", TEXT, primary_key=True),
    Column("name", TEXT, primary_key=True),
    Column("query", TEXT, nullable=False),
    Column("created_at", Instant, nullable=False),
)
"""Filters and map positions that people keep, as the text of their query."""

CAMERA_STATUS = Table(
    "camera_status",
    METADATA,
    Column("camera", TEXT, primary_key=True),
    Column("change", BigInteger, primary_key=True, autoincrement=False),
    Column("status", TEXT, nullable=False),
    Column("since", Instant, nullable=False),
)
"""Every status that a camera had, by the number of the change that told it."""

CAMERA_MASKS = Table(
    "camera_masks",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("camera", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("geometry", LargeBinary, nullable=False),
    Column("since", Instant, nullable=False),
)
"""Ground that must not be watched; ``camera`` is empty for all of them."""

CAMERA_TABLES = Table(
    "camera_tables",
    METADATA,
    Column("name", TEXT, primary_key=True),
    Column("rows", TEXT, nullable=False),
    Column("since", Instant, nullable=False),
)
"""Tables of the district's rules for cameras, rows as JSON; one that is not here has its defaults."""

ROSTERS = Table(
    "rosters",
    METADATA,
    Column("kind", TEXT, primary_key=True),
    Column("id", TEXT, primary_key=True),
    Column("area", TEXT, nullable=False),
    Column("body", TEXT, nullable=False),
    Column("since", Instant, nullable=False),
)
"""Shift patterns, rosters of areas and templates of recurring plans as JSON; ``area`` is empty for the whole district."""

HOLIDAYS = Table(
    "holidays",
    METADATA,
    Column("day", TEXT, primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("name_zh", TEXT, nullable=False),
    Column("name_en", TEXT, nullable=False),
)
"""The district's own holidays and make-up days; an empty table leaves the shipped one in force."""

FORECASTS = Table(
    "forecasts",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("area", TEXT, nullable=False),
    Column("category", TEXT, nullable=False),
    Column("period", TEXT, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("model", TEXT, nullable=False),
    Column("data", TEXT, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", TEXT, nullable=False),
    Column("document", TEXT, nullable=False),
    Index("ix_forecasts_asked", "area", "category", "period", "since"),
)
"""Forecasts with their score cards as JSON: the document never changes. ``area`` is empty for the whole district, ``category`` for
all of them; ``data`` marks the reports it learned from, and ``since`` to ``until`` is the time it is about."""

PRIVATE = (
    *("sessions", "grants", "users", "audit", "saved_views", "checkins"),
    *("event_moves", "event_keys", "unit_accounts"),
    *("outbox_dead", "outbox_receivers", "outbox", "notifications", "photos"),
    *("side_moves", "side_cases", "committee_accounts"),
)
"""Tables that no copy for other programs holds, in an order in which they can be emptied."""

NOT_IN_BACKUPS = frozenset({"sessions"})
"""Tables that stay behind: after a restore everybody signs in again."""
