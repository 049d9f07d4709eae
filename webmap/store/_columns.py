"""Tables of pandas to columns of the store and back, without a Python object per row where it can be helped.

In between everything is Arrow: text is never null, a missing number or time is null, geometry is 2-D little-endian WKB.
It checks what a database would refuse or, worse, keep: positions off the earth, NUL characters, foreign CRS.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from sqlalchemy import BigInteger, ColumnElement, Connection, Select
from sqlalchemy import Table as SqlTable
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from gis import schemas
from gis.errors import ColumnError, CrsError, GeometryError
from webmap.store.models import BOX

ARROW = {
    "text": pa.large_string(),
    "float": pa.float64(),
    "int": pa.int64(),
    "bool": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
    "geometry": pa.binary(),
}
ROW = "rid"
"""The store's own row number: rises with each import, and by id within one."""

_FETCH = 20_000


class micros(GenericFunction[int]):  # noqa: N801 - read as an SQL function
    """A stored moment as integer microseconds since 1970, in both stores."""

    type = BigInteger()
    inherit_cache = True


@compiles(micros)
def _micros_as_stored(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(micros, "postgresql")
def _micros_of_timestamp(element: Any, compiler: Any, **options: Any) -> str:
    return f"(extract(epoch FROM {compiler.process(element.clauses, **options)}) * 1000000)::bigint"


def to_arrow(frame: pd.DataFrame, table: schemas.Table) -> pa.Table:
    """A table of the library as columns of the store.

    Parameters
    ----------
    frame
        Columns by the contract of ``table``; absent optional columns become missing, others are left behind.

    Returns
    -------
    columns
        Every column of the contract in order, then the box columns where there is a geometry.

    Raises
    ------
    ColumnError
        A required column is absent or has missing values, a type does not fit, or a text holds a NUL character.
    CrsError
        Geometry that is not in EPSG:4326.
    GeometryError
        A position outside the earth.
    """
    schemas.require_columns(frame, [c.name for c in table.columns if c.required], layer=table.name)
    columns: dict[str, Any] = {}
    for column in table.columns:
        if column.dtype == "geometry":
            shapes = _shapes(frame, table.name)
            if table is not schemas.AREAS:
                _checked(shapes[column.name], column, table.name)
            columns |= shapes
        elif column.name in frame.columns:
            columns[column.name] = _checked(_to_arrow(frame[column.name], column, table.name), column, table.name)
        else:
            columns[column.name] = _absent(column, len(frame))
    if "lon" in table.by_name:
        _check_positions(columns, table.name)
    return pa.table(columns)


def _absent(column: schemas.Column, rows: int) -> pa.Array:
    blanks: dict[str, Any] = {"text": "", "bool": False}
    return pa.repeat(pa.scalar(blanks.get(column.dtype), ARROW[column.dtype]), rows)


def _to_arrow(values: pd.Series, column: schemas.Column, layer: str) -> pa.Array:
    try:
        array = pa.array(values, from_pandas=True)
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        if column.dtype == "text" and not _is_text(array.type):
            raise _wrong_type(column, layer, str(values.dtype))
        if column.dtype == "time" and not ((pa.types.is_timestamp(array.type) and array.type.tz) or _is_null(array)):
            raise _wrong_type(column, layer, str(values.dtype))
        return array.cast(ARROW[column.dtype])
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, UnicodeEncodeError) as error:
        raise _wrong_type(column, layer, str(values.dtype)) from error


def _is_null(array: pa.Array) -> bool:
    return bool(pa.types.is_null(array.type))


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind))


def _wrong_type(column: schemas.Column, layer: str, found: str) -> ColumnError:
    return ColumnError(
        zh=f"图层“{layer}”的列 {column.name} 应为 {column.dtype},实为 {found} 或含无法转换的值。",
        en=f"column {column.name} of layer '{layer}' must be {column.dtype}; it is {found}, or a value is not.",
    )


def _checked(array: pa.Array, column: schemas.Column, layer: str) -> pa.Array:
    if column.dtype in ("text", "bool"):
        array = pc.fill_null(array, "" if column.dtype == "text" else False)
    if column.dtype == "text" and pc.any(pc.match_substring(array, "\x00")).as_py():
        raise ColumnError(
            zh=f"图层“{layer}”的列 {column.name} 含空字符 (NUL),无法保存。",
            en=f"column {column.name} of layer '{layer}' holds a NUL character, which cannot be stored.",
        )
    empty = pc.equal(array, "") if column.dtype == "text" else pc.is_null(array)
    missing = pc.sum(empty).as_py() or 0
    if column.required and missing:
        raise ColumnError(
            zh=f"图层“{layer}”的必填列 {column.name} 有 {missing} 行为空。",
            en=f"required column {column.name} of layer '{layer}' is missing in {missing} rows.",
        )
    return array


def _check_positions(columns: dict[str, Any], layer: str) -> None:
    lon, lat = (columns[name].to_numpy(zero_copy_only=False) for name in ("lon", "lat"))
    bad = np.flatnonzero(~((np.abs(lon) <= 180) & (np.abs(lat) <= 90)))
    if len(bad):
        first = ", ".join(columns["id"].take(pa.array(bad[:5])).to_pylist())
        raise GeometryError(
            zh=f"图层“{layer}”有 {len(bad)} 个点的经纬度不在地球范围内,例如 {first}。",
            en=f"layer '{layer}' has {len(bad)} points off the earth, for example {first}.",
        )


def _shapes(frame: pd.DataFrame, layer: str) -> dict[str, Any]:
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None or frame.crs.to_epsg() != 4326:
        found = getattr(frame, "crs", None)
        raise CrsError(
            zh=f"图层“{layer}”应为 EPSG:4326,实为 {found};请先转换坐标系。",
            en=f"layer '{layer}' must be a GeoDataFrame in EPSG:4326, it has {found}; convert it first.",
        )
    geometry = np.array(frame.geometry.array, dtype=object)
    geometry[shapely.is_empty(geometry)] = None
    box = shapely.bounds(geometry)
    present = shapely.is_geometry(geometry)
    bad = present & ~((np.abs(box[:, ::2]) <= 180).all(axis=1) & (np.abs(box[:, 1::2]) <= 90).all(axis=1))
    if bad.any():
        raise GeometryError(
            zh=f"图层“{layer}”有 {int(bad.sum())} 个图形超出经纬度范围。",
            en=f"layer '{layer}' has {int(bad.sum())} shapes off the earth.",
        )
    wkb = shapely.to_wkb(geometry, output_dimension=2, byte_order=1)
    return {
        "geometry": pa.array(wkb, pa.binary()),
        **{name: pa.array(box[:, i], from_pandas=True) for i, name in enumerate(BOX)},
    }


def rows_for_sqlite(columns: pa.Table) -> list[tuple[Any, ...]]:
    """Rows as SQLite keeps them: moments as integer microseconds, truth as 0 and 1."""
    return list(zip(*(_sqlite_values(column) for column in columns.columns), strict=True))


def _sqlite_values(column: pa.ChunkedArray) -> Sequence[Any]:
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_boolean(kind):
        column = column.cast(pa.int64())
    if column.null_count == len(column):
        return [None] * len(column)
    if pa.types.is_floating(kind):
        # sqlite3 binds NaN as NULL, so the fast way serves missing numbers too.
        floats: list[float] = column.to_numpy().tolist()
        return floats
    if column.null_count == 0:
        values: list[Any] = column.to_numpy().tolist()
        return values
    listed: list[Any] = column.to_pylist()
    return listed


def kinds_of(table: schemas.Table, names: Sequence[str]) -> dict[str, str]:
    """Kind of each asked column; :data:`ROW` may be among them."""
    return {name: "int" if name == ROW else table.by_name[name].dtype for name in names}


def select_list(sql_table: SqlTable, kinds: Mapping[str, str]) -> list[ColumnElement[Any]]:
    """What to select so that :func:`fetch` understands it."""
    columns = sql_table.c
    return [micros(columns[n]).label(n) if kind == "time" else columns[n] for n, kind in kinds.items()]


def fetch(connection: Connection, query: Select[Any], kinds: Mapping[str, str]) -> pa.Table:
    """Run a query of :func:`select_list` and gather its columns."""
    return pa.Table.from_batches(fetch_batches(connection, query, kinds), schema=arrow_schema(kinds))


def fetch_batches(connection: Connection, query: Select[Any], kinds: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
    """Run a query of :func:`select_list` and hand on its rows some at a time, never all."""
    schema = arrow_schema(kinds)
    # SQLite's own cursor is lazy and a fifth faster than SQLAlchemy's rows; PostgreSQL's needs a cursor of the server.
    in_file = connection.dialect.name == "sqlite"
    result = connection.execute(query, execution_options={"stream_results": not in_file})
    fetchmany = result.cursor.fetchmany if in_file else result.fetchmany
    while rows := fetchmany(_FETCH):
        columns = zip(zip(*rows, strict=True), kinds.values(), strict=True)
        yield pa.record_batch([_from_db(values, kind) for values, kind in columns], schema=schema)
    result.close()


def arrow_schema(kinds: Mapping[str, str]) -> pa.Schema:
    """The Arrow types of some columns."""
    return pa.schema([(name, ARROW[kind]) for name, kind in kinds.items()])


def _from_db(values: tuple[Any, ...], kind: str) -> pa.Array:
    if kind == "time":
        return pa.array(values, pa.int64()).cast(ARROW[kind])
    if kind == "bool":
        return pa.array([bool(value) for value in values], pa.bool_())
    return pa.array(values, ARROW[kind])


def in_row_order(rows: pa.Table) -> pa.Table:
    """Rows by the store's own row number, which is then left out; cheaper than a sort inside either database."""
    numbers = rows[ROW].to_numpy()
    rows = rows.drop_columns([ROW])
    if (numbers[1:] > numbers[:-1]).all():
        return rows
    return rows.take(pa.array(np.argsort(numbers)))


def to_frame(columns: pa.Table, table: schemas.Table) -> pd.DataFrame:
    """Columns of the store as a table of the library, with the contract's pandas types."""
    series: dict[str, Any] = {}
    for name in columns.column_names:
        column, kind = columns[name], table.by_name[name].dtype
        if kind == "geometry":
            continue
        series[name] = _PANDAS[kind](column)
    frame = pd.DataFrame(series, index=pd.RangeIndex(columns.num_rows))
    if "geometry" not in columns.column_names:
        return frame
    shapes: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=shapes_of(columns["geometry"]), crs="EPSG:4326")
    return shapes


def shapes_of(wkb: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    """Geometry from WKB; none where there is none."""
    shapes: npt.NDArray[np.object_] = shapely.from_wkb(np.asarray(wkb.to_pylist(), dtype=object))
    return shapes


_PANDAS: dict[str, Any] = {
    "text": lambda column: pd.array(column, dtype="str"),
    "float": lambda column: column.to_numpy(),
    "int": lambda column: pd.array(column.to_pylist(), dtype="Int64"),
    "bool": lambda column: column.to_numpy(),
    "time": lambda column: pd.Series(column.to_pandas()),
}
