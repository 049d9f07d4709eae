"""First tables: layers with boxes and spatial index, settings, changes, events, plans, imports, attachments."""

# ruff: noqa: S608 - the table names are those of this file

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SHAPES = ("areas", "streets", "buildings")
BOX = ("min_lon", "min_lat", "max_lon", "max_lat")
LOCATED = ("grid", "community", "street", "district")

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def _text(name: str, *, default: str | None = None, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, TEXT, nullable=False, primary_key=key, server_default=default)


def _texts(*names: str, default: str | None = None) -> list[sa.Column[Any]]:
    return [_text(name, default=default) for name in names]


def _floats(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Double) for name in names]


def _whole(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, INSTANT, nullable=nullable)


def _layer(name: str, *columns: sa.Column[Any]) -> None:
    row_id = sa.Column("rid", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    names = {column.name for column in columns}
    rules: list[Any] = [sa.PrimaryKeyConstraint("rid", name=f"pk_{name}")]
    if "lon" in names:
        rules += [
            sa.CheckConstraint("lon BETWEEN -180 AND 180", name=op.f(f"ck_{name}_lon")),
            sa.CheckConstraint("lat BETWEEN -90 AND 90", name=op.f(f"ck_{name}_lat")),
        ]
    if "id" in names:
        rules.append(sa.UniqueConstraint("id", name=f"uq_{name}_id"))
    else:
        rules.append(sa.UniqueConstraint("code", "valid_from", name=f"uq_{name}_code_valid_from"))
    op.create_table(name, row_id, *columns, *rules)


def _point() -> list[sa.Column[Any]]:
    place = [sa.Column(name, sa.Double, nullable=False) for name in ("lon", "lat")]
    return [*_texts("id", default=""), *place]


def _origin_and_located() -> list[sa.Column[Any]]:
    return [*_floats("x_orig", "y_orig"), *_texts("datum", *LOCATED, default="")]


def _geometry() -> list[sa.Column[Any]]:
    return [sa.Column("geometry", sa.LargeBinary), *_floats(*BOX)]


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def upgrade() -> None:
    _layers()
    _records()
    for table in SHAPES:
        if op.get_context().dialect.name == "postgresql":
            _box_index_postgis(table)
        else:
            _box_index_rtree(table)


def _layers() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    _layer(
        "areas",
        *_texts("code", "parent", "level", "kind", "name_zh", "name_en", "code_nbs", "code_mca", default=""),
        sa.Column("households", sa.BigInteger),
        *_texts("valid_from", "valid_to", default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False),
        *_geometry(),
    )
    _index("areas", "parent")
    _layer(
        "incidents",
        *_point(),
        _instant("occurred_at"),
        _instant("occurred_to", nullable=True),
        *_texts("time_precision", "scheme", "category", "source", "found_by", "department", "status", default=""),
        *_texts("declared_area", "address", default=""),
        *_origin_and_located(),
    )
    for column in ("occurred_at", "grid", "street"):
        _index("incidents", column)
    _layer(
        "cameras",
        *_point(),
        *_texts("name", "device_id", "camera_type", default=""),
        *_floats("azimuth", "angle", "range_m", "height_m"),
        *_texts("status", "purpose", default=""),
        *_origin_and_located(),
    )
    _layer("places", *_point(), *_texts("name_zh", "name_en", "kind", "address", default=""), *_origin_and_located())
    _layer(
        "streets",
        *_texts("id", "name_zh", "name_en", "kind", default=""),
        sa.Column("oneway", sa.Boolean, nullable=False),
        *_geometry(),
    )
    _layer("buildings", *_texts("id", "kind", default=""), *_floats("height_m"), *_geometry())


def _records() -> None:
    op.create_table("meta", _text("key", key=True), _text("value"), sa.PrimaryKeyConstraint("key", name="pk_meta"))
    op.create_table(
        "changes",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        *_texts("layer", "action"),
        *_whole("count"),
        *_texts("ref", "area", "actor"),
        _instant("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_changes"),
    )
    op.create_table(
        "events",
        _text("id", key=True),
        *_texts("state"),
        *_whole("version"),
        *_texts("scheme", "category", "source", "found_by"),
        *_floats("lon", "lat"),
        *_texts(*LOCATED),
        *(_instant(name) for name in ("occurred_at", "created_at", "updated_at")),
        sa.Column("incident", TEXT, sa.ForeignKey("incidents.id", name="fk_events_incident")),
        *_texts("body"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    for column in ("state", "grid", "street"):
        _index("events", column)
    op.create_table(
        "plans",
        _text("id", key=True),
        *_texts("day", "shift", "area"),
        *_whole("version"),
        *_texts("status"),
        _instant("saved_at"),
        *_texts("saved_by", "document"),
        sa.PrimaryKeyConstraint("id", name="pk_plans"),
        sa.UniqueConstraint("day", "shift", "area", "version", name="uq_plans_day_shift_area_version"),
    )
    op.create_table(
        "imports",
        _text("id", key=True),
        *_texts("kind", "file"),
        *_whole("rows_in", "rows_ok", "rows_rejected"),
        *_texts("datum"),
        _instant("at"),
        *_texts("actor", "scope", "report"),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_table(
        "attachments",
        _text("id", key=True),
        *_texts("name", "sha256"),
        *_whole("size"),
        sa.Column("event", TEXT, sa.ForeignKey("events.id", name="fk_attachments_event")),
        *_texts("area"),
        _instant("added_at"),
        *_texts("added_by"),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
    )
    _index("attachments", "event")


def _box_index_postgis(table: str) -> None:
    op.execute(f"CREATE INDEX ix_{table}_box ON {table} USING gist (ST_MakeEnvelope({', '.join(BOX)}, 4326))")


def _box_index_rtree(table: str) -> None:
    # An R-tree of its own beside the table: SQLite rounds its boxes outward to float32, so readers refine exactly.
    new_box = "new.rid, new.min_lon, new.max_lon, new.min_lat, new.max_lat"
    op.execute(f"CREATE VIRTUAL TABLE {table}_box USING rtree(rid, min_lon, max_lon, min_lat, max_lat)")
    op.execute(
        f"CREATE TRIGGER {table}_box_insert AFTER INSERT ON {table} WHEN new.min_lon IS NOT NULL "
        f"BEGIN INSERT INTO {table}_box VALUES ({new_box}); END"
    )
    op.execute(
        f"CREATE TRIGGER {table}_box_update AFTER UPDATE OF rid, {', '.join(BOX)} ON {table} "
        f"BEGIN DELETE FROM {table}_box WHERE rid = old.rid; "
        f"INSERT INTO {table}_box SELECT {new_box} WHERE new.min_lon IS NOT NULL; END"
    )
    op.execute(
        f"CREATE TRIGGER {table}_box_delete AFTER DELETE ON {table} "
        f"BEGIN DELETE FROM {table}_box WHERE rid = old.rid; END"
    )


def downgrade() -> None:
    for table in ("attachments", "imports", "plans", "events", "changes", "meta"):
        op.drop_table(table)
    for table in ("areas", "incidents", "cameras", "places", "streets", "buildings"):
        op.drop_table(table)
        if table in SHAPES and op.get_context().dialect.name == "sqlite":
            op.execute(f"DROP TABLE {table}_box")
