"""Point layers: incidents, cameras and places from a sheet, as tables of ``gis.schemas``."""

import json
import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from gis.errors import CodeError
from gis.layers import codelists, coordinates, times
from gis.layers._camera_register import register_columns
from gis.layers._datum import Placed, declared_areas, place_points
from gis.layers._ids import content_of, make_ids, rounded
from gis.layers._rejects import BoolArray
from gis.layers._sheet import ObjectArray, Sheet
from gis.layers.fields import missing_column
from gis.layers.report import DatumChoice
from gis.schemas import CAMERAS, INCIDENTS, PLACES, Table

_PATROL = r"(?i)巡查|巡逻|巡检|巡防|网格员|网格上报|主动发现|自行发现|自采|监督员|采集员|patrol|officer.?initiated|city worker|employee"
_CAMERA_TYPES = (
    ("ptz", re.compile(r"(?i)球机|快球|云台|ptz|panning|pan.?tilt")),
    ("panoramic", re.compile(r"(?i)全景|鱼眼|fisheye|panoram|360")),
    ("dome", re.compile(r"(?i)半球|dome")),
    ("bullet", re.compile(r"(?i)枪机|枪型|筒机|固定|fixed|bullet")),
)
_PLACE_KINDS = (
    ("safe_harbour", re.compile(r"(?i)平安港湾|安全港湾|safe.?harbou?r")),
    ("school", re.compile(r"(?i)学校|小学|中学|高中|幼儿园|学院|大学|^school$|kindergarten|college|university")),
    ("courier", re.compile(r"(?i)快递|寄递|驿站|邮政|courier|parcel|post_office")),
    ("hospital", re.compile(r"(?i)医院|卫生院|卫生服务|诊所|^hospital$|clinic|doctors")),
    ("market", re.compile(r"(?i)市场|集贸|菜场|超市|商场|market|supermarket|mall")),
    ("station", re.compile(r"(?i)车站|火车站|公交站|客运站|地铁|station|bus_stop")),
    ("depot", re.compile(r"(?i)仓库|物流园|货场|分拨|depot|warehouse")),
)
_WINDS = {"北": 0.0, "东北": 45.0, "东": 90.0, "东南": 135.0, "南": 180.0, "西南": 225.0, "西": 270.0, "西北": 315.0}
_COMPASS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_WINDS_EN = {name: i * 22.5 for i, name in enumerate(_COMPASS)}
_TURNED = re.compile(r"([东西南北])偏([东西南北])(\d+(?:\.\d+)?)")
_TOWARDS = re.compile(r"(?:由|自|从)?[东西南北]{1,2}(?:往|向|朝|至|到)([东西南北]{1,2})")


def build_points(sheet: Sheet, kind: str) -> tuple[pd.DataFrame, DatumChoice]:
    """The table of a point layer and the datum taken; unusable rows are refused in ``sheet.rejects``."""
    builder = {"incidents": _incidents, "cameras": _cameras, "places": _places}[kind]
    placed = place_points(sheet)
    return builder(sheet, placed), placed.choice


def _incidents(sheet: Sheet, placed: Placed) -> pd.DataFrame:
    when = _occurred(sheet)
    scheme, category = _categories(sheet)
    source = sheet.series("source")
    content = content_of(
        rounded(placed.x, 7), rounded(placed.y, 7), pc.cast(pa.array(when.start.astype(np.int64)), pa.string()),
        pa.array(scheme, pa.string()), pa.array(category, pa.string()), sheet.column("address"),
    )  # fmt: skip
    ids, keep = make_ids(sheet, "incidents", content, ~sheet.rejects.bad)
    declared, _ = declared_areas(sheet)
    columns = {
        "id": ids,
        "occurred_at": pd.DatetimeIndex(when.start).tz_localize("UTC"),
        "occurred_to": pd.DatetimeIndex(when.end).tz_localize("UTC"),
        "time_precision": when.precision,
        "scheme": scheme,
        "category": category,
        "source": source,
        "found_by": _found_by(sheet, source),
        "department": sheet.series("department"),
        "status": sheet.series("status"),
        "declared_area": declared,
        "address": sheet.series("address"),
    }
    return _table(INCIDENTS, columns, placed, keep)


def _cameras(sheet: Sheet, placed: Placed) -> pd.DataFrame:
    tags = _tags(sheet)
    _refuse_other_surveillance(sheet, tags)
    height = coordinates.parse_numbers(sheet.column("height_m"))
    tag_height = pa.array(tags.get("height", sheet.series("height_m")), pa.string())
    device = sheet.sound_codes("device_id")
    camera_type = _first_filled(sheet.series("camera_type"), tags.get("camera:type"), _revolving(tags))
    content = content_of(rounded(placed.x, 7), rounded(placed.y, 7), device, sheet.column("name"))
    by_device = not sheet.has("id") and sheet.has("device_id")
    ids, keep = make_ids(sheet, "cameras", content, ~sheet.rejects.bad, field="device_id" if by_device else "id")
    columns = {
        "id": ids,
        "name": sheet.series("name"),
        "device_id": device,
        "camera_type": camera_type.map(lambda text: _kind_of(text, _CAMERA_TYPES)),
        "azimuth": _azimuths(
            _first_filled(
                sheet.series("azimuth"),
                *(tags.get(name) for name in ("camera:direction", "surveillance:direction", "direction")),
            )
        ),
        "angle": coordinates.parse_numbers(sheet.column("angle")),
        "range_m": coordinates.parse_numbers(sheet.column("range_m")),
        "height_m": np.where(np.isnan(height), coordinates.parse_numbers(tag_height), height),
        "status": sheet.series("status"),
        "purpose": _first_filled(sheet.series("purpose"), sheet.series("zone"), tags.get("surveillance:zone")),
    }
    return _table(CAMERAS, columns | register_columns(sheet, tags), placed, keep)


def _refuse_other_surveillance(sheet: Sheet, tags: dict[str, "pd.Series[str]"]) -> None:
    """Refuse OSM points that are no camera (guards, readers of number plates) or watch the inside of a building."""
    told = [
        sheet.series("surveillance"),
        *(tags[name] for name in ("surveillance:type", "surveillance") if name in tags),
    ]
    other, inside = (np.zeros(sheet.n, dtype=bool) for _ in range(2))
    for column in told:
        other |= column.str.fullmatch(r"(?i)alpr|anpr|guard|gunshot_detector").to_numpy(dtype=bool)
        inside |= column.str.fullmatch(r"(?i)indoor").to_numpy(dtype=bool)
    sheet.rejects.add(other, "not_a_camera", "surveillance")
    sheet.rejects.add(inside & ~other, "indoor_camera", "surveillance")


def _places(sheet: Sheet, placed: Placed) -> pd.DataFrame:
    names, names_en = both_names(sheet)
    kinds = _first_filled(
        sheet.series("kind"), sheet.series("amenity"), sheet.series("shop"), sheet.series("kind_detail")
    )
    sheet.rejects.add((names == "").to_numpy(), "name_missing", "name")
    if not any(sheet.has(name) for name in ("kind", "amenity", "shop", "kind_detail")):
        raise missing_column("场所类型", "kind of place", "kind", sheet.raw.headers)
    sheet.rejects.add((kinds == "").to_numpy(), "kind_missing", "kind")
    kinds = kinds.map(lambda text: _kind_of(text, _PLACE_KINDS))
    content = content_of(
        rounded(placed.x, 7), rounded(placed.y, 7), pa.array(names, pa.string()), pa.array(kinds, pa.string())
    )
    ids, keep = make_ids(sheet, "places", content, ~sheet.rejects.bad)
    columns = {"id": ids, "name_zh": names, "name_en": names_en, "kind": kinds, "address": sheet.series("address")}
    return _table(PLACES, columns, placed, keep)


def _table(table: Table, columns: dict[str, object], placed: Placed, keep: BoolArray) -> pd.DataFrame:
    """The kept rows with the contract's columns and types; what rooms further on fill stays empty."""
    full = columns | {
        "lon": placed.lon,
        "lat": placed.lat,
        "x_orig": placed.x,
        "y_orig": placed.y,
        "datum": placed.datum,
    }
    n = len(keep)
    made: dict[str, pd.Series[Any]] = {}
    for column in table.columns:
        values = full.get(column.name)
        if column.dtype == "text":
            made[column.name] = _text_column(values, n)
        elif column.dtype == "time":
            made[column.name] = pd.Series(values).astype("datetime64[us, UTC]")
        else:
            made[column.name] = pd.Series(np.asarray(values, dtype=np.float64))
    return pd.DataFrame(made)[keep].reset_index(drop=True)


def _text_column(values: object, n: int) -> "pd.Series[str]":
    if values is None:
        return pd.Series("", index=range(n), dtype="str")
    if isinstance(values, pa.Array):
        return pd.Series(values.to_pandas(), dtype="str").fillna("")
    return pd.Series(values, dtype="str").reset_index(drop=True).fillna("")


def _occurred(sheet: Sheet) -> times.Times:
    """When each row occurred: from one column, or a date completed by a clock time or an hour; and until when."""
    texts, hourly, header = _time_texts(sheet)
    read = times.parse_times(texts, zone=sheet.options.zone)
    sheet.rejects.add_codes(read.reason, header, texts)
    within = hourly & (read.reason == "")
    end, precision = read.end.copy(), read.precision.copy()
    end[within] = read.start[within] + np.timedelta64(1, "h")
    precision[within] = times.INTERVAL
    if sheet.has("time_to"):
        until = times.parse_times(sheet.column("time_to"), zone=sheet.options.zone)
        both = (read.reason == "") & (until.reason == "")
        backwards = both & (until.start < read.start)
        sheet.rejects.add(backwards, "time_end_before_start", "time_to", sheet.column("time_to"))
        longer = both & (until.start > read.start)
        end[longer] = until.start[longer]
        precision[longer] = times.INTERVAL
    return times.Times(read.start, end, precision, read.reason)


def _time_texts(sheet: Sheet) -> tuple[pa.Array, BoolArray, str]:
    plain = np.zeros(sheet.n, dtype=bool)
    if sheet.has("time"):
        texts = sheet.column("time")
        if not sheet.has("date"):
            return texts, plain, "time"
        if times.is_clock(texts):
            joined, _ = times.join_clock(sheet.column("date"), texts)
            return joined, plain, "time"
        return pc.if_else(pc.equal(texts, ""), sheet.column("date"), texts), plain, "time"
    if not sheet.has("date"):
        raise missing_column("发生时间", "time", "occurred_at", sheet.raw.headers)
    for name in ("clock", "hour"):
        if sheet.has(name):
            joined, hourly = times.join_clock(sheet.column("date"), sheet.column(name))
            return joined, hourly, "date"
    return sheet.column("date"), plain, "date"


def _categories(sheet: Sheet) -> tuple[ObjectArray, ObjectArray]:
    """Scheme and category of each row, found once for each distinct combination."""
    names = [name for name in ("category_code", "subcategory", "category") if sheet.has(name)]
    if not names:
        raise missing_column("类别", "category", "category", sheet.raw.headers)
    code, _ = sheet.codes("category_code")
    finer, coarser = (
        pc.utf8_normalize(sheet.column("subcategory"), form="NFKC"),
        pc.utf8_normalize(sheet.column("category"), form="NFKC"),
    )
    text = pc.if_else(pc.equal(finer, ""), coarser, finer)
    table = pd.DataFrame(
        {"code": code.to_pandas(), "text": text.to_pandas(), "scheme": sheet.column("scheme").to_pandas()}
    )
    number = table.groupby(["code", "text", "scheme"], sort=False, dropna=False).ngroup().to_numpy()
    distinct = table.drop_duplicates().fillna("")
    pairs = [
        (c or (t if codelists.is_code(t) else ""), t if c else "")
        for c, t in zip(distinct["code"], distinct["text"], strict=True)
    ]
    decided = codelists.decide_scheme(pairs)
    own = codelists.parse_scheme(sheet.options.scheme)
    found = [_category(c, t, s, own, decided) for c, t, s in distinct.itertuples(index=False)]
    if decided and not own:
        sheet.warn(
            f"类别代码按 {decided} 体系理解(由整列的代码和名称判断)。",
            f"Category codes were read as {decided}, decided by the whole column.",
        )
    reasons = np.array([entry.reason for entry in found], dtype=object)[number]
    sheet.rejects.add_codes(reasons, names[0], pc.if_else(pc.equal(code, ""), text, code))
    schemes = np.array([entry.scheme for entry in found], dtype=object)[number]
    return schemes, np.array([entry.code for entry in found], dtype=object)[number]


def _category(code: str, text: str, stated: str, own: str, decided: str) -> codelists.Category:
    try:
        scheme = codelists.parse_scheme(stated) or own
    except CodeError:
        return codelists.Category("", "", "scheme_unknown")
    return codelists.resolve(code, text, scheme, decided)


def _found_by(sheet: Sheet, source: "pd.Series[str]") -> ObjectArray:
    """``patrol`` where the file or its source column says that patrol itself found it, else ``report``."""
    stated = sheet.series("found_by") if sheet.has("found_by") else source
    return np.where(stated.str.contains(_PATROL, regex=True).to_numpy(), "patrol", "report").astype(object)


def both_names(sheet: Sheet) -> tuple["pd.Series[str]", "pd.Series[str]"]:
    """Chinese and English names; a name without hanzi serves as both."""
    names, names_en = sheet.series("name"), sheet.series("name_en")
    names = names.where(names != "", names_en)
    latin = ~names.str.contains("[\u3400-\u9fff]", regex=True)
    return names, names_en.where((names_en != "") | ~latin, names)


def _first_filled(*columns: "pd.Series[str] | None") -> "pd.Series[str]":
    present = [column for column in columns if column is not None]
    result = present[0]
    for column in present[1:]:
        result = result.where(result != "", column)
    return result


def _kind_of(text: str, kinds: tuple[tuple[str, re.Pattern[str]], ...]) -> str:
    return next((name for name, pattern in kinds if pattern.search(text)), text.strip())


def _tags(sheet: Sheet) -> dict[str, "pd.Series[str]"]:
    """OSM tags that an export left in one JSON column."""
    if not sheet.has("tags"):
        return {}
    rows = [_json_object(text) for text in sheet.column("tags").to_pylist()]
    wanted = (
        "camera:type", "camera:direction", "surveillance:direction", "direction", "revolving", "camera:mount", "camera:angle",
        "height", "surveillance:zone", "surveillance:type", "surveillance",
    )  # fmt: skip
    return {name: pd.Series([str(row.get(name, "")) for row in rows], dtype="str") for name in wanted}


def _json_object(text: str) -> dict[str, object]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _revolving(tags: dict[str, "pd.Series[str]"]) -> "pd.Series[str] | None":
    turning = tags.get("revolving")
    return None if turning is None else turning.map(lambda text: "ptz" if text == "yes" else "")


def _azimuths(texts: "pd.Series[str]") -> npt.NDArray[np.float64]:
    known = {text: azimuth_of(text) for text in texts.unique()}
    return np.array([known[text] for text in texts], dtype=np.float64)


def azimuth_of(text: str) -> float:
    """A direction in words or degrees, clockwise from north in [0, 360); NaN for unknown, and for several at once."""
    plain = text.strip().upper().replace("正", "").replace("方向", "").replace("面", "")
    turned = _TURNED.search(plain)
    if turned:
        start, end = _WINDS[turned.group(1)], _WINDS[turned.group(2)]
        step = (end - start + 180) % 360 - 180
        return (start + (1 if step > 0 else -1) * float(turned.group(3))) % 360
    towards = _TOWARDS.fullmatch(plain)
    word = (towards.group(1) if towards else plain).lstrip("朝向对")
    for winds in (_WINDS, _WINDS_EN):
        if word in winds:
            return winds[word]
    swapped = word[::-1]
    if len(word) == 2 and swapped in _WINDS:
        return _WINDS[swapped]
    value = coordinates.number_of(plain)
    return value % 360 if np.isfinite(value) and -360 <= value <= 720 else float("nan")
