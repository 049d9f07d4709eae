"""The column contract of every table: name, type, unit, and whether it may be published.

Rooms hand each other pandas tables of these shapes. Points travel as ``lon``/``lat`` columns (WGS-84 degrees),
lines and polygons as a GeoDataFrame in EPSG:4326. Times are UTC. Codes and ids are text, never numbers.
This module never reads files and never changes a table.
"""

from dataclasses import dataclass, field

import pandas as pd

from gis.errors import ColumnError

LEVELS = ("city", "district", "street", "community", "grid")
"""The levels of the area tree, from the top."""

POINT_LAYERS = ("cameras", "incidents", "places")
SHAPE_LAYERS = ("areas", "streets", "buildings")
LAYERS = ("areas", "cameras", "incidents", "places", "streets", "buildings")
"""The layers a user imports."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name
        The column's name in every table of the product.
    dtype
        ``text``, ``float``, ``int``, ``bool``, ``time`` (UTC) or ``geometry``.
    zh, en
        What the column is called towards people.
    unit
        Unit of a number, for example ``m`` or ``deg``; empty for none.
    required
        A row without a value is no row.
    publish
        May leave the building in a public export.
    """

    name: str
    dtype: str
    zh: str
    en: str
    unit: str = ""
    required: bool = False
    publish: bool = True


@dataclass(frozen=True)
class Table:
    """The contract of one table: its columns in order."""

    name: str
    columns: tuple[Column, ...]
    by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]


_ORIGIN = (
    Column("x_orig", "float", "原始X", "original x", publish=False),
    Column("y_orig", "float", "原始Y", "original y", publish=False),
    Column("datum", "text", "原始坐标系", "declared datum"),
)
_POINT = (
    Column("id", "text", "编号", "id", required=True),
    Column("lon", "float", "经度", "longitude", unit="deg", required=True),
    Column("lat", "float", "纬度", "latitude", unit="deg", required=True),
)
_LOCATED = (
    Column("grid", "text", "网格编码", "grid code"),
    Column("community", "text", "社区编码", "community code"),
    Column("street", "text", "街道编码", "street code"),
    Column("district", "text", "区县编码", "district code"),
)

AREAS = Table(
    "areas",
    (
        Column("code", "text", "编码", "code", required=True),
        Column("parent", "text", "上级编码", "parent code"),
        Column("level", "text", "层级", "level", required=True),
        Column("kind", "text", "网格类型", "grid kind"),
        Column("name_zh", "text", "名称", "name (Chinese)", required=True),
        Column("name_en", "text", "英文名称", "name (English)"),
        Column("code_nbs", "text", "统计用区划代码", "statistics code"),
        Column("code_mca", "text", "民政区划代码", "civil-affairs code"),
        Column("households", "int", "户数", "households"),
        Column("valid_from", "text", "启用日期", "valid from"),
        Column("valid_to", "text", "停用日期", "valid to"),
        Column("synthetic", "bool", "模拟边界", "synthetic outline"),
        Column("geometry", "geometry", "边界", "boundary", required=True),
    ),
)
"""``level`` is one of LEVELS; ``kind`` is ``basic``, ``special`` (lies over basic grids) or empty; dates are ISO days,
``valid_to`` exclusive, empty for open. ``parent`` is empty at the top."""

INCIDENTS = Table(
    "incidents",
    (
        *_POINT,
        Column("occurred_at", "time", "发生时间", "time", required=True),
        Column("occurred_to", "time", "发生时间止", "time to"),
        Column("time_precision", "text", "时间精度", "time precision"),
        Column("scheme", "text", "类别体系", "category scheme"),
        Column("category", "text", "类别", "category", required=True),
        Column("source", "text", "来源", "source"),
        Column("found_by", "text", "发现方式", "found by"),
        Column("department", "text", "承办单位", "department"),
        Column("status", "text", "状态", "status"),
        Column("declared_area", "text", "填报网格或社区", "declared area"),
        Column("address", "text", "地址", "address", publish=False),
        *_ORIGIN,
        *_LOCATED,
    ),
)
"""``time_precision`` is ``minute``, ``day`` or ``interval``; ``found_by`` is ``report`` or ``patrol``: what patrol
itself finds is kept apart. ``scheme`` names the code list that ``category`` belongs to (``wangge`` for our own)."""

CAMERAS = Table(
    "cameras",
    (
        *_POINT,
        Column("name", "text", "名称", "name", publish=False),
        Column("device_id", "text", "国标编码", "GB/T 28181 id", publish=False),
        Column("camera_type", "text", "摄像机类型", "camera type", publish=False),
        Column("azimuth", "float", "方位角", "azimuth", unit="deg", publish=False),
        Column("angle", "float", "水平视角", "horizontal angle", unit="deg", publish=False),
        Column("range_m", "float", "可视距离", "range", unit="m", publish=False),
        Column("height_m", "float", "安装高度", "mount height", unit="m", publish=False),
        Column("status", "text", "状态", "status", publish=False),
        Column("purpose", "text", "用途", "purpose", publish=False),
        Column("mount", "text", "安装方式", "mount", publish=False),
        Column("tilt", "float", "俯角", "tilt below the horizon", unit="deg", publish=False),
        Column("presets", "text", "预置位", "presets", publish=False),
        Column("resolution_px", "float", "水平像素", "horizontal pixels", unit="px", publish=False),
        Column("sensor_mm", "float", "传感器宽度", "sensor width", unit="mm", publish=False),
        Column("focal_mm", "float", "焦距", "focal length", unit="mm", publish=False),
        Column("owner", "text", "责任单位", "responsible unit", publish=False),
        Column("point_class", "text", "点位类别", "point class", publish=False),
        Column("place", "text", "场所类型", "kind of place", publish=False),
        Column("used_since", "text", "启用日期", "in use since", publish=False),
        Column("filing_no", "text", "备案号", "filing number", publish=False),
        Column("filed_on", "text", "备案日期", "filed on", publish=False),
        Column("notice", "text", "提示标识", "visible notice", publish=False),
        Column("retention_days", "float", "保存天数", "retention", unit="d", publish=False),
        Column("light", "text", "补光", "own light", publish=False),
        Column("light_m", "float", "补光距离", "reach of its light", unit="m", publish=False),
        Column("snap", "text", "吸附外墙", "put before the wall", publish=False),
        *_ORIGIN,
        *_LOCATED,
    ),
)
"""``azimuth`` is clockwise from north, missing when unknown; ``presets`` is ``azimuth[:angle[:range]]`` joined by ``;``;
``point_class`` is 1, 2 or 3; dates are ISO days; ``notice`` is ``yes``, ``no`` or empty. ``light`` is ``none``, ``infrared``,
``white`` or empty for unknown, ``light_m`` how far it reaches. ``snap`` is ``no`` where the position of the register is kept even
at or in a wall. Camera points are never published."""

PLACES = Table(
    "places",
    (
        *_POINT,
        Column("name_zh", "text", "名称", "name (Chinese)", required=True),
        Column("name_en", "text", "英文名称", "name (English)"),
        Column("kind", "text", "场所类型", "kind", required=True),
        Column("address", "text", "地址", "address"),
        *_ORIGIN,
        *_LOCATED,
    ),
)
"""``kind``: ``school``, ``courier``, ``safe_harbour``, ``hospital``, ``market``, ``station``, ``depot`` or a text."""

STREETS = Table(
    "streets",
    (
        Column("id", "text", "编号", "id", required=True),
        Column("name_zh", "text", "名称", "name (Chinese)"),
        Column("name_en", "text", "英文名称", "name (English)"),
        Column("kind", "text", "道路类型", "kind"),
        Column("oneway", "bool", "单行", "one way"),
        Column("lit", "text", "路灯照明", "lit"),
        Column("closed_to", "text", "禁止通行", "closed to"),
        Column("geometry", "geometry", "线", "line", required=True),
    ),
)
"""``kind`` is an OSM highway value (``primary``, ``residential``, ``footway`` ...) or ``rail``:
rail is drawn, never walked. ``lit`` is ``yes``, ``no`` or empty for unknown. ``closed_to`` names the modes that may
not use it: ``foot ebike car``, or some of them."""

BUILDINGS = Table(
    "buildings",
    (
        Column("id", "text", "编号", "id", required=True),
        Column("kind", "text", "用途", "kind"),
        Column("height_m", "float", "高度", "height", unit="m"),
        Column("geometry", "geometry", "轮廓", "footprint", required=True),
    ),
)

TABLES = {table.name: table for table in (AREAS, INCIDENTS, CAMERAS, PLACES, STREETS, BUILDINGS)}


def require_columns(frame: pd.DataFrame, names: list[str] | tuple[str, ...], *, layer: str) -> None:
    """Refuse a table that lacks a needed column.

    Raises
    ------
    ColumnError
        Names every missing column and what the table has instead.
    """
    missing = [name for name in names if name not in frame.columns]
    if missing:
        have = ", ".join(map(str, frame.columns))
        raise ColumnError(
            zh=f"图层“{layer}”缺少列 {', '.join(missing)};现有列:{have}。请用 --map 字段=表头 指明。",
            en=f"layer '{layer}' lacks {', '.join(missing)}; it has {have}. Name them with --map field=header.",
        )


def empty(table: Table) -> pd.DataFrame:
    """An empty table with the contract's columns and pandas types, geometry left out."""
    kinds = {"text": "str", "float": "float64", "int": "Int64", "bool": "bool", "time": "datetime64[us, UTC]"}
    return pd.DataFrame({c.name: pd.Series(dtype=kinds[c.dtype]) for c in table.columns if c.dtype != "geometry"})
