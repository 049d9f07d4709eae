"""From coordinates as written to WGS-84: which datum, which axis is which, what is no place at all.

The datum is stated (by the user, the file or the row), recognised by magnitude, proposed by what the rows declare, or taken for WGS-84
with a warning; the choice and its grounds are in the report. It never repairs a coordinate that could be two places.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyproj
import shapely

from gis import crs
from gis.errors import CrsError
from gis.layers import coordinates
from gis.layers._rejects import BoolArray
from gis.layers._sheet import Sheet
from gis.layers.fields import missing_column
from gis.layers.report import DatumChoice, RawPoints

FloatArray = npt.NDArray[np.float64]
ObjectArray = npt.NDArray[np.object_]

_DECLARED = ("grid_code", "community_code", "street_code", "grid_name", "community", "street")
_UNPROVEN = DatumChoice(
    "wgs84",
    0.0,
    why_zh="文件没有说明坐标系,也无从核对,按 WGS-84 处理",
    why_en="the file states no datum and nothing can check it; taken for WGS-84",
)


@dataclass(frozen=True)
class Placed:
    """Points of a file.

    Parameters
    ----------
    x, y
        As written, axes in order (x east or longitude); NaN where unusable.
    datum
        Shape (n,), datum of each row.
    lon, lat
        WGS-84.
    """

    x: FloatArray
    y: FloatArray
    datum: ObjectArray
    lon: FloatArray
    lat: FloatArray
    choice: DatumChoice


def place_points(sheet: Sheet) -> Placed:
    """Coordinates of a point layer in WGS-84; rows without a usable one are refused.

    Raises
    ------
    ColumnError
        The file has neither geometry nor coordinate columns.
    CrsError
        The stated datum is unknown or refused, or metres are of no zone that can be told.
    """
    x, y, from_geometry = _coordinates(sheet)
    declared, is_code = declared_areas(sheet)
    row_datum = _row_datum(sheet)
    x, y = _in_order(sheet, x, y)
    file_crs = sheet.raw.crs if from_geometry else ""
    x, y, choice = choose_datum(
        sheet, x, y, declared=declared, is_code=is_code, file_crs=file_crs, stated=row_datum != ""
    )
    datum = np.where(row_datum == "", choice.datum, row_datum).astype(object)
    lon, lat = _convert(sheet, x, y, datum)
    if (row_datum != "").any():
        choice = _mixed(choice, datum, row_datum)
    return Placed(x, y, datum, lon, lat, choice)


def declared_areas(sheet: Sheet) -> tuple[pa.Array, bool]:
    """What grid or community the rows state, by the finest column that is filled, and whether these are codes."""
    for name in _DECLARED:
        if sheet.has(name):
            texts = sheet.sound_codes(name) if name.endswith("_code") else sheet.column(name)
            if pc.any(pc.not_equal(texts, "")).as_py():
                return texts, name.endswith("_code")
    return sheet.column("grid_name"), False


def choose_datum(
    sheet: Sheet,
    x: FloatArray,
    y: FloatArray,
    *,
    declared: pa.Array | None,
    is_code: bool,
    file_crs: str,
    stated: BoolArray | None = None,
) -> tuple[FloatArray, FloatArray, DatumChoice]:
    """The datum of the rows that state none, with axes put in order.

    Parameters
    ----------
    declared
        What the rows declare; None for shapes, whose outlines are not proposed for but taken as labelled.

    Raises
    ------
    CrsError
        Unknown, refused, or metres that fit no zone.
    """
    options = sheet.options
    if options.datum != "auto":
        name = crs.parse_datum(options.datum)
        x, y = _axes_of(sheet, x, y)
        return (
            x,
            y,
            DatumChoice(name, 1.0, rows=len(x), why_zh="由导入者指定", why_en="stated by the person who imports"),
        )
    if sheet.raw.format.startswith("OSM"):
        why_zh, why_en = "OpenStreetMap 规定为 WGS-84", "OpenStreetMap is WGS-84 by definition"
        return x, y, DatumChoice("wgs84", 1.0, rows=len(x), why_zh=why_zh, why_en=why_en)
    known = file_datum(file_crs)
    if known not in ("", "wgs84"):
        why_zh, why_en = f"文件自带坐标系 {known}", f"stated by the file: {known}"
        return x, y, DatumChoice(known, 0.95, rows=len(x), why_zh=why_zh, why_en=why_en)
    usable = np.isfinite(x) & np.isfinite(y) & ~(stated if stated is not None else np.zeros(len(x), bool))
    if usable.any() and np.median(np.maximum(np.abs(x[usable]), np.abs(y[usable]))) > 400:
        return _recognised(sheet, x, y, usable)
    if options.propose is not None and declared is not None and usable.any():
        points = RawPoints(
            x[usable], y[usable], declared.filter(pa.array(usable)).to_pylist(), declared_is_code=is_code
        )
        proposed = options.propose(points)
        if proposed.sure < 0.5:
            sheet.warn(
                f"坐标系 {proposed.datum} 的把握只有 {proposed.sure:.0%},请核对或用 --datum 指明。",
                f"The datum {proposed.datum} is only {proposed.sure:.0%} sure; check it or state --datum.",
            )
        return x, y, proposed
    if known == "wgs84":
        why_zh, why_en = "文件标为 WGS-84,无从核对", "the file says WGS-84; nothing can check it"
        return x, y, DatumChoice("wgs84", 0.0, why_zh=why_zh, why_en=why_en)
    if usable.any():
        sheet.warn(_UNPROVEN.why_zh + "。", _UNPROVEN.why_en + ".")
    return x, y, _UNPROVEN


def file_datum(text: str) -> str:
    """The datum a file states: empty for none, ``wgs84`` for the label that most files carry without thought.

    Raises
    ------
    CrsError
        It states one that is refused (Xian 80, Beijing 54).
    """
    if not text:
        return ""
    try:
        stated = pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        raise CrsError(
            zh="文件自带的坐标系无法识别;请用 --datum 指明。", en="The file's CRS is not understood; state --datum."
        ) from error
    epsg = stated.to_epsg(min_confidence=25)
    if epsg is not None:
        return crs.parse_datum(f"EPSG:{epsg}")
    if stated.is_geographic:
        return "wgs84" if "CRS84" in text or "WGS 84" in stated.name else crs.parse_datum(stated.name)
    raise CrsError(
        zh=f"文件自带的坐标系“{stated.name}”没有 EPSG 编号;请用 --datum EPSG:n 指明。",
        en=f"The file's CRS '{stated.name}' has no EPSG number; state --datum EPSG:n.",
    )


def _recognised(
    sheet: Sheet, x: FloatArray, y: FloatArray, usable: BoolArray
) -> tuple[FloatArray, FloatArray, DatumChoice]:
    near = _near(sheet)
    guess = crs.recognise_projected(x[usable], y[usable], near=near)
    if guess is None:
        raise CrsError(
            zh="坐标是米制平面坐标,但无法判断投影带;请用 --datum EPSG:n 指明。",
            en="The coordinates are projected, but their zone cannot be told; state --datum EPSG:n.",
        )
    if guess.swapped:
        x, y = y, x
        sheet.fix("axes_swapped", int(usable.sum()))
    return x, y, DatumChoice(guess.datum, 0.9, rows=int(usable.sum()), why_zh=guess.why_zh, why_en=guess.why_en)


def _axes_of(sheet: Sheet, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Survey files call northings X; the magnitude of Gauss-Kruger metres says so even when the datum is stated."""
    usable = np.isfinite(x) & np.isfinite(y)
    if usable.any() and np.median(np.abs(x[usable])) > 400:
        guess = crs.recognise_projected(x[usable], y[usable], near=_near(sheet) or (105.0, 35.0))
        if guess is not None and guess.swapped and 4491 <= _number(sheet.options.datum) <= 4554:
            sheet.fix("axes_swapped", int(usable.sum()))
            return y, x
    return x, y


def _number(datum: str) -> int:
    digits = "".join(filter(str.isdigit, datum))
    return int(digits) if digits else 0


def _near(sheet: Sheet) -> tuple[float, float] | None:
    place = sheet.options.place
    if sheet.options.near is not None or place is None:
        return sheet.options.near
    return (place[0] + place[2]) / 2, (place[1] + place[3]) / 2


def _coordinates(sheet: Sheet) -> tuple[FloatArray, FloatArray, bool]:
    """X and y as written: from geometry, from two columns, or from one; refusing what is missing or unreadable."""
    raw = sheet.raw
    if raw.geometry is not None and raw.geometry.null_count < sheet.n:
        x, y = _from_geometry(sheet, raw.geometry)
        return x, y, True
    if sheet.has("lon") and sheet.has("lat"):
        x, y = coordinates.parse_degrees(sheet.column("lon")), coordinates.parse_degrees(sheet.column("lat"))
        packed_x, packed_y = coordinates.unpack_dms(x), coordinates.unpack_dms(y)
        if packed_x is not None and packed_y is not None:
            sheet.fix("packed_dms", int(np.isfinite(packed_x).sum()))
            x, y = packed_x, packed_y
        if sheet.has("lonlat"):
            x, y = _filled_from_pairs(sheet, x, y)
        _refuse_unread(sheet, x, "lon")
        _refuse_unread(sheet, y, "lat")
        return x, y, False
    if sheet.has("lonlat"):
        x, y = coordinates.parse_pairs(sheet.column("lonlat"))
        _refuse_unread(sheet, x, "lonlat")
        return x, y, False
    raise missing_column("坐标(经度、纬度)", "coordinates (lon, lat)", "lon", raw.headers)


def _filled_from_pairs(sheet: Sheet, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    holes = ~(np.isfinite(x) & np.isfinite(y))
    if not holes.any():
        return x, y
    pair_x, pair_y = coordinates.parse_pairs(sheet.column("lonlat"))
    return np.where(holes, pair_x, x), np.where(holes, pair_y, y)


def _refuse_unread(sheet: Sheet, values: FloatArray, name: str) -> None:
    texts = sheet.column(name)
    empty = np.asarray(pc.equal(texts, "").to_numpy(zero_copy_only=False))
    unread = ~np.isfinite(values)
    sheet.rejects.add(unread & empty, "coordinate_missing", name, texts)
    sheet.rejects.add(unread & ~empty, "coordinate_unreadable", name, texts)


def _from_geometry(sheet: Sheet, geometry: pa.Array) -> tuple[FloatArray, FloatArray]:
    shapes = shapely.from_wkb(geometry.to_numpy(zero_copy_only=False), on_invalid="ignore")
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    sheet.rejects.add(missing, "geometry_missing", "geometry")
    kinds = shapely.get_type_id(shapes)
    area_like = np.isin(kinds, (3, 6)) & ~missing
    single = (kinds == 4) & (shapely.get_num_geometries(shapes) == 1) & ~missing
    wrong = ~missing & ~area_like & ~single & (kinds != 0)
    sheet.rejects.add(wrong, "geometry_wrong_type", "geometry", pa.array(_type_names(shapes)))
    points = shapes.copy()
    points[single] = shapely.get_geometry(shapes[single], 0)
    points[area_like] = shapely.centroid(shapes[area_like])
    sheet.fix("polygon_to_point", int(area_like.sum()))
    points[wrong | missing] = None
    x, y = shapely.get_x(points), shapely.get_y(points)
    broken = ~(missing | wrong) & ~(np.isfinite(x) & np.isfinite(y))
    sheet.rejects.add(broken, "coordinate_unreadable", "geometry")
    return x, y


def _type_names(shapes: npt.NDArray[np.object_]) -> list[str]:
    return ["" if shape is None else shape.geom_type for shape in shapes]


def _row_datum(sheet: Sheet) -> ObjectArray:
    """Datum that each row states in a column of its own; empty where it states none or the user's word goes first."""
    stated = np.full(sheet.n, "", dtype=object)
    if not sheet.has("crs") or sheet.options.datum != "auto":
        return stated
    encoded = sheet.column("crs").dictionary_encode()
    names, refused = [], []
    for text in encoded.dictionary.to_pylist():
        try:
            names.append(crs.parse_datum(text) if text else "")
            refused.append(False)
        except CrsError:
            names.append("")
            refused.append(True)
    at = np.asarray(encoded.indices)
    sheet.rejects.add(np.array(refused, dtype=bool)[at], "datum_unknown", "crs", sheet.column("crs"))
    return np.array(names, dtype=object)[at]


def _mixed(choice: DatumChoice, datum: ObjectArray, stated: ObjectArray) -> DatumChoice:
    names, counts = np.unique(stated[stated != ""].astype(str), return_counts=True)
    if (stated == "").any():
        parts_zh = parts_en = ", ".join(f"{name} {n:,}" for name, n in zip(names, counts, strict=True))
        return replace(
            choice,
            why_zh=f"{choice.why_zh};另有 {counts.sum():,} 行各自写明({parts_zh})",
            why_en=f"{choice.why_en}; {counts.sum():,} rows state their own ({parts_en})",
        )
    listed = ", ".join(f"{name} {n:,}" for name, n in zip(names, counts, strict=True))
    main = str(names[counts.argmax()])
    return DatumChoice(
        main, 0.95, rows=len(datum), why_zh=f"各行自己写明:{listed}", why_en=f"stated by the rows: {listed}"
    )


def _in_order(sheet: Sheet, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Longitude and latitude that stand in each other's column, put right where no doubt is possible.

    Longitudes of China (73 to 136) and its latitudes (3 to 54) do not overlap, a latitude beyond 90 does not exist, and where the
    district is known a pair that lies in it only when exchanged is exchanged. Metres are left alone.
    """
    place = sheet.options.place
    degrees = (np.abs(x) <= 180) & (np.abs(y) <= 180)
    impossible = degrees & (np.abs(y) > 90) & (np.abs(x) <= 90)
    chinese = degrees & _in_china(y, x) & ~_in_china(x, y)
    if place is None:
        swap = chinese | (impossible & _in_china(y, x))
    else:
        middle = np.array([(place[0] + place[2]) / 2]), np.array([(place[1] + place[3]) / 2])
        here = _inside(x, y, place, sheet.options.margin_deg)
        there = _inside(y, x, place, sheet.options.margin_deg)
        swap = degrees & there & ~here
        if _in_china(*middle)[0]:
            swap |= chinese
    if not swap.any():
        return x, y
    sheet.fix("lonlat_swapped", int(swap.sum()))
    return np.where(swap, y, x), np.where(swap, x, y)


def _in_china(lon: FloatArray, lat: FloatArray) -> BoolArray:
    return (lon >= 73) & (lon <= 136) & (lat >= 3) & (lat <= 54)


def _inside(x: FloatArray, y: FloatArray, place: tuple[float, float, float, float], margin: float) -> BoolArray:
    west, south, east, north = place
    return (x >= west - margin) & (x <= east + margin) & (y >= south - margin) & (y <= north + margin)


def _convert(sheet: Sheet, x: FloatArray, y: FloatArray, datum: ObjectArray) -> tuple[FloatArray, FloatArray]:
    """Rows to WGS-84 by their datum; what is no place on Earth, or far from the district, is refused."""
    lon, lat = np.full(sheet.n, np.nan), np.full(sheet.n, np.nan)
    usable = np.isfinite(x) & np.isfinite(y) & ~_refused_datum(sheet)
    zero = usable & (x == 0) & (y == 0)
    shown = _shown(x, y)
    sheet.rejects.add(zero, "coordinate_zero", "lon", shown)
    usable &= ~zero
    for name in sorted(set(datum[usable])):
        rows = usable & (datum == name)
        if name in crs.DATUMS:
            far = rows & ((np.abs(x) > 180) | (np.abs(y) > 90))
            sheet.rejects.add(far, "coordinate_out_of_range", "lon", shown)
            rows &= ~far
        lon[rows], lat[rows] = crs.to_wgs84(x[rows], y[rows], str(name))
        lost = rows & ~(np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90))
        sheet.rejects.add(lost, "coordinate_out_of_range", "lon", shown)
        lon[lost], lat[lost] = np.nan, np.nan
    place = sheet.options.place
    if place is not None:
        away = np.isfinite(lon) & ~_inside(lon, lat, place, sheet.options.margin_deg)
        sheet.rejects.add(away, "outside_district", "lon", shown)
    return lon, lat


def _refused_datum(sheet: Sheet) -> BoolArray:
    if not sheet.has("crs") or sheet.options.datum != "auto":
        return np.zeros(sheet.n, dtype=bool)
    return sheet.rejects.bad


def _shown(x: FloatArray, y: FloatArray) -> pa.Array:
    """Coordinates as text for the rejects, made only for rows that need it."""
    return _Pairs(x, y)


class _Pairs:
    """Looks like a text column; joins x and y only for the rows taken."""

    def __init__(self, x: FloatArray, y: FloatArray) -> None:
        self.x, self.y = x, y

    def take(self, at: pa.Array) -> pa.Array:
        """Texts of some rows."""
        rows = np.asarray(at)
        return pa.array([f"{x:.10g}, {y:.10g}" for x, y in zip(self.x[rows], self.y[rows], strict=True)], pa.string())
