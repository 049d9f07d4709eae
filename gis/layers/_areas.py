"""Areas and other shapes from a sheet: the area tree, streets and buildings, as GeoDataFrames in EPSG:4326."""

import re
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely

from gis import crs, divisions
from gis.errors import InputError
from gis.layers import coordinates
from gis.layers._access import closures, directions
from gis.layers._datum import choose_datum
from gis.layers._ids import make_ids
from gis.layers._points import both_names
from gis.layers._rejects import BoolArray
from gis.layers._sheet import ObjectArray, Sheet
from gis.layers.fields import missing_column
from gis.layers.repair import mend_polygons
from gis.layers.report import DatumChoice
from gis.schemas import LEVELS, TABLES

LEVEL_NAMES = {
    "city": "city", "市": "city", "盟市": "city", "地级市": "city", "城市": "city",
    "district": "district", "区": "district", "县": "district", "区县": "district", "旗县区": "district", "旗": "district", "县级": "district",
    "street": "street", "街道": "street", "镇": "street", "乡": "street", "乡镇": "street", "镇街": "street", "街道镇": "street",
    "town": "street", "township": "street", "subdistrict": "street",
    "community": "community", "社区": "community", "村": "community", "村社": "community", "村居": "community", "居委会": "community",
    "village": "community",
    "grid": "grid", "网格": "grid", "基础网格": "grid", "专属网格": "grid", "微网格": "grid",
}  # fmt: skip
_BRACKETED = re.compile(r"[(（].*?[)）]")
_METRES_PER_STOREY = 3.0
_FINER_FIRST = ("grid", "community", "street", "district")
_NAME_FIELD = {"grid": "grid_name", "community": "community", "street": "street", "district": "district"}
_TRUE = ("yes", "true", "1", "是", "t", "y")
_LIT = (
    "yes",
    "24/7",
    "automatic",
    "limited",
    "interval",
    "sunset-sunrise",
    "dusk-dawn",
    "true",
    "1",
    "是",
    "有",
    "有路灯",
    "已照明",
)
_UNLIT = ("no", "disused", "false", "0", "否", "无", "没有", "无路灯", "未照明")
_HIGHWAY_ZH = {
    "高速": "motorway", "高速公路": "motorway", "快速路": "trunk", "国道": "trunk", "主干路": "primary", "主干道": "primary", "省道": "primary",
    "次干路": "secondary", "次干道": "secondary", "县道": "secondary", "支路": "tertiary", "乡道": "tertiary", "巷道": "residential",
    "小区路": "residential", "街坊路": "residential", "步行道": "footway", "人行道": "footway", "铁路": "rail",
}  # fmt: skip
_TILEZEN = {"highway": "motorway", "major_road": "primary", "minor_road": "residential", "path": "path"}
_RAIL = ("rail", "light_rail", "subway", "tram", "railway", "narrow_gauge", "monorail")


def build_shapes(sheet: Sheet, kind: str) -> tuple[gpd.GeoDataFrame, DatumChoice]:
    """The table of a shape layer and the datum taken; unusable rows are refused in ``sheet.rejects``."""
    shapes = _geometries(sheet, ("LineString", "MultiLineString") if kind == "streets" else ("Polygon", "MultiPolygon"))
    shapes, choice = _to_wgs84(sheet, shapes)
    if kind != "streets":
        shapes = _mended(sheet, shapes)
    builder = {"areas": _areas, "streets": _streets, "buildings": _buildings}[kind]
    frame = builder(sheet, shapes)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326"), choice


def _geometries(sheet: Sheet, wanted: tuple[str, ...]) -> ObjectArray:
    if sheet.raw.geometry is None:
        raise InputError(
            zh=f"文件没有几何图形({sheet.raw.format});此图层需要 {'、'.join(wanted)}。",
            en=f"The file has no geometry ({sheet.raw.format}); this layer needs {' or '.join(wanted)}.",
        )
    shapes = shapely.from_wkb(sheet.raw.geometry.to_numpy(zero_copy_only=False), on_invalid="ignore")
    shapes = np.asarray(shapely.force_2d(shapes), dtype=object)
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    sheet.rejects.add(missing, "geometry_missing", "geometry")
    kinds = np.array(["" if shape is None else shape.geom_type for shape in shapes], dtype=object)
    for i in np.flatnonzero(kinds == "GeometryCollection"):
        shapes[i], kinds[i] = _only(shapes[i], wanted)
    wrong = ~missing & ~np.isin(kinds, wanted)
    sheet.rejects.add(wrong, "geometry_wrong_type", "geometry", pa.array(kinds, pa.string()))
    shapes[wrong | missing] = None
    return shapes


def _only(collection: shapely.Geometry, wanted: tuple[str, ...]) -> tuple[shapely.Geometry, str]:
    """The wanted parts of a collection, as one geometry (KML writes MultiGeometry for polygons in parts)."""
    parts = [part for part in shapely.get_parts(collection) if part.geom_type in wanted]
    if not parts:
        return collection, "GeometryCollection"
    merged = shapely.union_all(parts)
    return merged, str(merged.geom_type)


def _to_wgs84(sheet: Sheet, shapes: ObjectArray) -> tuple[ObjectArray, DatumChoice]:
    points = shapely.centroid(shapes)
    x, y = shapely.get_x(points), shapely.get_y(points)
    order_x, _, choice = choose_datum(sheet, x, y, declared=None, is_code=False, file_crs=sheet.raw.crs)
    swapped = bool(np.nanmedian(np.abs(order_x - x)) > 0) if np.isfinite(x).any() else False
    changed = shapely.transform(shapes, _transform(choice.datum, swapped=swapped))
    bounds = shapely.bounds(changed)
    lost = ~shapely.is_missing(changed) & ~(
        np.isfinite(bounds).all(axis=1)
        & (np.abs(bounds[:, [0, 2]]) <= 180).all(axis=1)
        & (np.abs(bounds[:, [1, 3]]) <= 90).all(axis=1)
    )
    sheet.rejects.add(lost, "coordinate_out_of_range", "geometry")
    changed[lost] = None
    return changed, choice


def _transform(datum: str, *, swapped: bool) -> Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]:
    def change(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        x, y = (xy[:, 1], xy[:, 0]) if swapped else (xy[:, 0], xy[:, 1])
        return xy if datum == "wgs84" and not swapped else np.column_stack(crs.to_wgs84(x, y, datum))

    return change


def _mended(sheet: Sheet, shapes: ObjectArray) -> ObjectArray:
    mended, changed, lost = mend_polygons(shapes)
    sheet.fix("geometry_repaired", int(changed.sum()))
    sheet.rejects.add(lost, "geometry_unusable", "geometry")
    if changed.any():
        rows = ", ".join(map(str, sheet.rejects.rows[changed][:20]))
        sheet.warn(f"自相交的边界已修复(第 {rows} 行)。", f"Rings crossing themselves were mended (rows {rows}).")
    mended[lost] = None
    return mended


def _areas(sheet: Sheet, shapes: ObjectArray) -> pd.DataFrame:
    code, finest = _area_codes(sheet)
    level = _levels(sheet, code, finest)
    code = _padded(sheet, code, level)
    name, name_en = _area_names(sheet, finest)
    code = np.where(code == "", name, code)
    sheet.rejects.add(code == "", "code_missing", "code")
    name = np.where(name == "", code, name)
    frame = pd.DataFrame(
        {
            "code": code,
            "parent": _parents(sheet, code, level),
            "level": level,
            "kind": _grid_kinds(sheet, level),
            "name_zh": name,
            "name_en": name_en,
            "code_nbs": sheet.series("code_nbs"),
            "code_mca": sheet.series("code_mca"),
            "valid_from": sheet.series("valid_from"),
            "valid_to": sheet.series("valid_to"),
        }
    ).astype("str")
    households = coordinates.parse_numbers(sheet.column("households"))
    frame["households"] = pd.Series(households).round().astype("Int64")
    frame["synthetic"] = sheet.series("synthetic").str.lower().isin(_TRUE)
    frame["geometry"] = shapes
    frame = _with_official_codes(sheet, frame)
    frame, keep = _once(sheet, frame)
    return frame[TABLES["areas"].names][keep].reset_index(drop=True)


def _area_codes(sheet: Sheet) -> tuple[ObjectArray, str]:
    """The code of each area and, where no column is called code, the level whose code column was taken."""
    for name, level in (("code", ""), *((f"{level}_code", level) for level in _FINER_FIRST)):
        if sheet.has(name):
            texts, damaged = sheet.codes(name)
            sheet.rejects.add(damaged, "code_damaged", name, texts)
            return np.array(texts.to_pylist(), dtype=object), level
    if not any(sheet.has(name) for name in ("name", *_NAME_FIELD.values())):
        raise missing_column("编码或名称", "code or name", "code", sheet.raw.headers)
    return np.full(sheet.n, "", dtype=object), ""


def _levels(sheet: Sheet, code: ObjectArray, finest: str) -> ObjectArray:
    """Level by the user's word, by column, by the code's digits, or by which code column the file has."""
    option = sheet.options.level
    if option:
        if LEVEL_NAMES.get(option) is None:
            raise InputError(
                zh=f"没有层级“{option}”;可用:{', '.join(LEVELS)}。",
                en=f"No level '{option}'; there are {', '.join(LEVELS)}.",
            )
        return np.full(sheet.n, LEVEL_NAMES[option], dtype=object)
    stated = sheet.texts("level")
    levels = np.array([LEVEL_NAMES.get(re.sub(r"[\s级/、()]", "", text).lower(), "") for text in stated], dtype=object)
    by_code = np.array([divisions.level_of_code(text) for text in code], dtype=object)
    levels = np.where(levels == "", by_code, levels)
    levels = np.where(levels == "", finest, levels)
    if (levels == "").all() and not sheet.has("level"):
        raise missing_column("层级", "level (or use --level)", "level", sheet.raw.headers)
    sheet.rejects.add(levels == "", "level_unknown", "level", pa.array(stated, pa.string()))
    return levels.astype(object)


def _padded(sheet: Sheet, code: ObjectArray, level: ObjectArray) -> ObjectArray:
    """Six-digit codes of cities and districts, nine-digit ones of streets, written out to twelve digits."""
    short = {"city": 6, "district": 6, "street": 9}
    fits = np.array([len(text) == short.get(one) and text.isdigit() and text[0] in "12345678"
                     for text, one in zip(code, level, strict=True)], dtype=bool)  # fmt: skip
    sheet.fix("code_padded", int(fits.sum()))
    return np.where(fits, np.array([text.ljust(12, "0") for text in code], dtype=object), code)


def _area_names(sheet: Sheet, finest: str) -> tuple[ObjectArray, ObjectArray]:
    names, names_en = both_names(sheet)
    if not sheet.has("name"):
        columns = [finest] if finest else list(_FINER_FIRST)
        present = next((_NAME_FIELD[one] for one in columns if sheet.has(_NAME_FIELD[one])), "")
        if present:
            names = sheet.series(present)
            latin = ~names.str.contains("[\u3400-\u9fff]", regex=True)
            names_en = names_en.where((names_en != "") | ~latin, names)
    return names.to_numpy(dtype=object), names_en.to_numpy(dtype=object)


def _parents(sheet: Sheet, code: ObjectArray, level: ObjectArray) -> ObjectArray:
    """The parent a file states, else the code column of the next level up, else the code's own digits."""
    parent = sheet.texts("parent")
    above = {"grid": ("community_code", "street_code"), "community": ("street_code",), "street": ("district_code",)}
    for name in ("community_code", "street_code", "district_code"):
        if not sheet.has(name):
            continue
        texts = np.array(sheet.codes(name)[0].to_pylist(), dtype=object)
        fits = np.array([name in above.get(one, ()) for one in level]) & (parent == "") & (texts != code)
        parent = np.where(fits, texts, parent)
    by_code = np.array([divisions.parent_code(text) for text in code], dtype=object)
    return np.where((parent == "") & (level != "city"), by_code, parent)


def _grid_kinds(sheet: Sheet, level: ObjectArray) -> ObjectArray:
    texts = sheet.series("kind").to_numpy(dtype=object)
    special = np.array(["专属" in text or text.strip().lower() == "special" for text in texts])
    return np.where(level == "grid", np.where(special, "special", "basic"), "").astype(object)


def _with_official_codes(sheet: Sheet, frame: pd.DataFrame) -> pd.DataFrame:
    """Both official codes filled in where the name is known, and a warning wherever name and code do not belong together."""
    codes = {name: frame[name].to_numpy(dtype=object).copy() for name in ("code_nbs", "code_mca")}
    for i in np.flatnonzero(frame["level"].isin(["district", "street", "community"]).to_numpy()):
        row = frame.iloc[i]
        if not divisions.level_of_code(row["code"]):
            continue
        match = divisions.match_division(_BRACKETED.sub("", row["name_zh"]), row["code"], row["parent"])
        for name, texts in codes.items():
            texts[i] = texts[i] or getattr(match, name)
        known = (row["code_nbs"], row["code_mca"]) == (match.code_nbs, match.code_mca)
        if match.note_zh and not known and (match.found or divisions.match_division("", row["code"]).found):
            sheet.warn(match.note_zh, match.note_en)
    return frame.assign(**{name: pd.Series(texts, index=frame.index, dtype="str") for name, texts in codes.items()})


def _once(sheet: Sheet, frame: pd.DataFrame) -> tuple[pd.DataFrame, BoolArray]:
    """Each code once: parts of one area joined, exact repeats counted, another area under the same code refused."""
    good = np.flatnonzero(~sheet.rejects.bad)
    keys = frame.iloc[good][["code", "level", "name_zh"]]
    other = np.zeros(sheet.n, dtype=bool)
    other[good[(~keys.duplicated() & keys.duplicated("code")).to_numpy()]] = True
    sheet.rejects.add(other, "code_duplicate", "code", pa.array(frame["code"], pa.string()))
    keep = ~sheet.rejects.bad
    shapes = frame["geometry"].to_numpy().copy()
    good = np.flatnonzero(keep)
    for positions in frame.iloc[good].groupby("code", sort=False).indices.values():
        if len(positions) == 1:
            continue
        rows = good[positions]
        keep[rows[1:]] = False
        parts = shapes[rows]
        distinct = [parts[0], *(part for part in parts[1:] if not part.equals(parts[0]))]
        if len(distinct) > 1:
            shapes[rows[0]] = shapely.union_all(distinct)
        sheet.fix("duplicate_rows", len(parts) - len(distinct))
        sheet.fix("parts_joined", len(distinct) - 1)
    return frame.assign(geometry=shapes), keep


def _streets(sheet: Sheet, shapes: ObjectArray) -> pd.DataFrame:
    names, names_en = both_names(sheet)
    kinds = _highways(sheet)
    oneway, backward = directions(sheet, kinds)
    ids, keep = make_ids(sheet, "streets", _shape_content(shapes, names), ~sheet.rejects.bad)
    frame = pd.DataFrame(
        {
            "id": ids.to_pandas(),
            "name_zh": names,
            "name_en": names_en,
            "kind": kinds,
            "oneway": oneway,
            "lit": sheet.series("lit").map(_lit),
            "closed_to": closures(sheet),
            "geometry": np.where(backward, shapely.reverse(shapes), shapes),
        }
    )
    return _in_single_lines(frame[keep])


def _lit(text: str) -> str:
    """``yes``, ``no`` or empty of OpenStreetMap's ``lit`` or of Chinese words; lamps that are off count as none."""
    plain = text.strip().lower()
    return "yes" if plain in _LIT else "no" if plain in _UNLIT else ""


def _in_single_lines(frame: pd.DataFrame) -> pd.DataFrame:
    """Multi-part lines as one row a part; parts after the first get a number behind their id."""
    parts, index = shapely.get_parts(frame["geometry"].to_numpy(), return_index=True)
    single = frame.iloc[index].reset_index(drop=True)
    turn = single.groupby(index).cumcount()
    single["id"] = single["id"].where(turn == 0, single["id"] + "-" + (turn + 1).astype("str")).astype("str")
    single["geometry"] = parts
    texts = ["id", "name_zh", "name_en", "kind", "lit", "closed_to"]
    single[texts] = single[texts].astype("str")
    return single


def _highways(sheet: Sheet) -> "pd.Series[str]":
    """Kind of way as an OSM highway value or ``rail``, from OSM, Geofabrik, Tilezen or Chinese road classes."""
    detail, kind = sheet.series("kind_detail"), sheet.series("kind")
    stated = sheet.series("highway")
    made = stated.where(stated != "", detail.where(detail != "", kind.map(lambda text: _TILEZEN.get(text, text))))
    made = made.map(lambda text: _HIGHWAY_ZH.get(text.strip(), text.strip()))
    rail = sheet.series("railway").isin(_RAIL) | kind.isin(_RAIL) | made.isin(_RAIL)
    return made.where(~rail, "rail").astype("str")


def _buildings(sheet: Sheet, shapes: ObjectArray) -> pd.DataFrame:
    height = coordinates.parse_numbers(sheet.column("height_m"))
    storeys = coordinates.parse_numbers(sheet.column("levels"))
    by_storeys = ~np.isfinite(height) & np.isfinite(storeys)
    sheet.fix("height_from_levels", int(by_storeys.sum()))
    detail, kind = sheet.series("kind_detail"), sheet.series("kind")
    ids, keep = make_ids(sheet, "buildings", _shape_content(shapes, kind), ~sheet.rejects.bad)
    frame = pd.DataFrame(
        {
            "id": ids.to_pandas(),
            "kind": detail.where(detail != "", kind),
            "height_m": np.where(by_storeys, storeys * _METRES_PER_STOREY, height),
            "geometry": shapes,
        }
    )
    frame[["id", "kind"]] = frame[["id", "kind"]].astype("str")
    return frame[keep].reset_index(drop=True)


def _shape_content(shapes: ObjectArray, names: "pd.Series[str]") -> pa.Array:
    hexes = shapely.to_wkb(shapes, hex=True)
    return pa.array([f"{text or ''}|{name}" for text, name in zip(hexes, names, strict=True)], pa.string())
