"""12345 work orders from a file: rows to events, the caller left outside, texts masked, what cannot be used handed back with reasons.

A work order is followed by its number and needs no contact data: columns of the caller and of the operator are dropped and named.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from gis import crs
from gis.dispatch.free_text import mask
from gis.dispatch.limits import parse_limit
from gis.errors import ColumnError
from gis.layers import codelists, times
from gis.layers.coordinates import parse_degrees, parse_pairs
from gis.layers.fields import REFUSED, field_of, normal_header
from gis.layers.persons import is_personal
from gis.layers.report import REJECT_COLUMNS
from gis.layers.texts import RawTable, read_texts

NATURES = {"咨询": "S01", "求助": "S05", "建议": "S03", "投诉": "S04", "举报": "S04", "诉求": "S02", "表扬": "S99"}
"""What a caller wants, as category, where the order has no other."""
SCORES = {"非常满意": 5, "满意": 4, "基本满意": 3, "一般": 3, "不满意": 2, "非常不满意": 1}
URGENCIES = {"特急": "emergency", "紧急": "emergency", "非常紧急": "emergency", "加急": "emergency"}
REASONS: dict[str, tuple[str, str]] = {
    "work_order_missing": ("没有工单编号", "there is no number of the order"),
    "work_order_twice": ("工单编号在本文件中重复", "the number occurs again in this file"),
    "work_order_damaged": (
        "编号超过 15 位,已被电子表格改坏",
        "the number has over 15 digits and was damaged by a spreadsheet",
    ),
    "place_missing": ("没有坐标、网格、社区或地址", "there is no coordinate, grid, community or address"),
    "coordinate_unreadable": ("坐标无法识别或超出范围", "the coordinate cannot be read or is out of range"),
    "category_missing": ("没有类别", "there is no category"),
} | times.REASONS
"""Reason code to its Chinese and English text."""
_HEADERS = Path(__file__).resolve().parent / "work_order_headers.csv"
_TEXTS = frozenset({"title", "text", "purpose", "result", "address", "department", "community", "street", "grid_name"})
_CODES = frozenset({"work_order", "grid_code", "community_code", "street_code", "category_code"})
_READ = _TEXTS | _CODES | {
    "lon", "lat", "lonlat", "time", "date", "category", "subcategory", "nature", "source", "urgency", "deadline", "dispatched_time", "closed_time",
    "satisfaction", "priority",
}  # fmt: skip
_SHOWN = 80
_BY_PATROL = re.compile("巡查|巡逻|巡检|网格员|采集员|自查")


@dataclass(frozen=True)
class OrderReport:
    """What an import says of itself: headers and counts, never a value.

    Parameters
    ----------
    mapped
        Field to header.
    dropped_personal
        Headers of columns that were dropped.
    masked
        Kind of mask to how often it was needed.
    unread
        Field to how many of its cells could not be read and were left empty (the row was taken).
    """

    file: str
    rows_in: int
    rows_ok: int
    rows_rejected: int
    mapped: dict[str, str]
    dropped_personal: list[str]
    ignored: list[str]
    masked: dict[str, int] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class WorkOrders:
    """The orders that can be used, those that cannot with every reason, and the report.

    Parameters
    ----------
    orders
        Columns row, work_order, scheme, category, occurred_at, lon, lat, grid, community, street, address, text, result, unit, urgency,
        source, found_by, due_at, limit, limit_unit, dispatched_at, closed_at, score. Instants are UTC, coordinates WGS-84.
    rejects
        As of every import: row, reason_code, field, value (masked), reason_zh, reason_en.
    """

    orders: pd.DataFrame
    rejects: pd.DataFrame
    report: OrderReport


def read_work_orders(
    path: Path | str, *, zone: str = "Asia/Shanghai", datum: str = "wgs84", scheme: str = ""
) -> WorkOrders:
    """Work orders from CSV or a workbook.

    Parameters
    ----------
    zone
        Of times that state none.
    datum
        What the coordinates are in: ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or ``EPSG:n``.
    scheme
        Code list of a category column that states none.

    Raises
    ------
    FileFormatError, HostileFileError
        The file as a whole is not read.
    ColumnError
        There is no column for the number or for the time.
    CrsError, CodeError
        No such datum or code list.
    """
    checked_datum, checked_scheme = crs.parse_datum(datum), codelists.parse_scheme(scheme)
    raw = read_texts(path)
    fields, dropped, ignored = _mapped(raw)
    sheet = _Sheet(raw, fields)
    found = {name: sheet.cells(name) for name in _READ}
    orders = pd.DataFrame({"row": [int(each) for each in raw.rows.to_pylist()]})
    orders["work_order"] = _numbers(sheet, found)
    _place(sheet, orders, found, checked_datum)
    _categorise(sheet, orders, found, checked_scheme)
    _time(sheet, orders, found, zone)
    _tell(sheet, orders, found)
    rejects = pd.DataFrame(sheet.rejects, columns=list(REJECT_COLUMNS)).sort_values(
        "row", kind="stable", ignore_index=True
    )
    good = ~orders["row"].isin(rejects["row"])
    report = OrderReport(
        file=Path(path).name,
        rows_in=len(orders) + len(raw.bad),
        rows_ok=int(good.sum()),
        rows_rejected=int((~good).sum()) + len(raw.bad),
        mapped=fields,
        dropped_personal=dropped,
        ignored=ignored,
        masked=dict(sheet.masked),
        unread=dict(sheet.unread),
    )
    return WorkOrders(orders[good].reset_index(drop=True), rejects, report)


class _Sheet:
    """One file on its way: cells by field, refusals, masks, cells left unread."""

    def __init__(self, raw: RawTable, fields: dict[str, str]) -> None:
        self.raw, self.fields = raw, fields
        self.rows: list[int] = [int(each) for each in raw.rows.to_pylist()]
        self.rejects: list[tuple[int, str, str, str, str, str]] = [
            (row, code, "", "", zh, en) for row, code, zh, en, _ in raw.bad
        ]
        self.masked: Counter[str] = Counter()
        self.unread: Counter[str] = Counter()

    def column(self, name: str) -> pa.Array:
        """Texts of a field; empty where the file has no such column."""
        header = self.fields.get(name)
        return self.raw.columns[header] if header else pa.repeat(pa.scalar(""), len(self.rows))

    def cells(self, name: str) -> list[str]:
        """The same as stripped texts."""
        return [text.strip() for text in self.column(name).to_pylist()]

    def refuse(self, at: int, code: str, name: str, value: str) -> None:
        """One reason why a row cannot be used; its value masked."""
        zh, en = REASONS[code]
        self.rejects.append((self.rows[at], code, self.fields.get(name, name), mask(value).text[:_SHOWN], zh, en))

    def without_people(self, text: str) -> str:
        """A text masked, and counted."""
        done = mask(text)
        self.masked.update(done.counts)
        return done.text


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    with _HEADERS.open(encoding="utf-8", newline="") as file:
        return {normal_header(row["alias"]): row["field"] for row in csv.DictReader(file)}


def _mapped(raw: RawTable) -> tuple[dict[str, str], list[str], list[str]]:
    """Field to header; headers dropped as personal, by name or by what they hold; headers that nobody reads."""
    fields: dict[str, str] = {}
    dropped, ignored = [], []
    for header in raw.headers:
        name = _aliases().get(normal_header(header)) or field_of(header, "incidents")[0]
        name = "work_order" if name == "id" else name
        if (
            name == REFUSED
            or (name in _TEXTS and is_personal(raw.columns[header]))
            or (name in _CODES and is_personal(raw.columns[header], code=True))
        ):
            dropped.append(header)
        elif name in _READ and name not in fields:
            fields[name] = header
        else:
            ignored.append(header)
    missing = [
        zh
        for zh, names in (("工单编号", ("work_order",)), ("时间", ("time", "date")))
        if not any(n in fields for n in names)
    ]
    if missing:
        have = "、".join(raw.headers) or "-"
        raise ColumnError(
            zh=f"找不到 {'、'.join(missing)} 列;现有表头:{have}。",
            en=f"No column for {', '.join(missing)}; the file has: {have}.",
        )
    return fields, dropped, ignored


def _numbers(sheet: _Sheet, found: dict[str, list[str]]) -> list[str]:
    damaged = sheet.raw.damaged.get(sheet.fields["work_order"])
    hurt = damaged.to_pylist() if damaged is not None else [False] * len(sheet.rows)
    seen: set[str] = set()
    for at, number in enumerate(found["work_order"]):
        if not number:
            sheet.refuse(at, "work_order_missing", "work_order", "")
        elif hurt[at]:
            sheet.refuse(at, "work_order_damaged", "work_order", number)
        elif number in seen:
            sheet.refuse(at, "work_order_twice", "work_order", number)
        seen.add(number)
    return found["work_order"]


def _place(sheet: _Sheet, orders: pd.DataFrame, found: dict[str, list[str]], datum: str) -> None:
    x, y = parse_degrees(sheet.column("lon")), parse_degrees(sheet.column("lat"))
    both_x, both_y = parse_pairs(sheet.column("lonlat"))
    x, y = np.where(np.isnan(x), both_x, x), np.where(np.isnan(y), both_y, y)
    said = [" ".join(filter(None, texts)) for texts in zip(found["lon"], found["lat"], found["lonlat"], strict=True)]
    lon, lat = crs.to_wgs84(x, y, datum)
    inside = (np.abs(lon) <= 180) & (np.abs(lat) <= 90) & ~((lon == 0) & (lat == 0))
    orders["lon"], orders["lat"] = np.where(inside, lon, np.nan), np.where(inside, lat, np.nan)
    orders["grid"] = [code or name for code, name in zip(found["grid_code"], found["grid_name"], strict=True)]
    orders["community"] = [code or name for code, name in zip(found["community_code"], found["community"], strict=True)]
    orders["street"] = [code or name for code, name in zip(found["street_code"], found["street"], strict=True)]
    orders["address"] = [sheet.without_people(text) for text in found["address"]]
    for at, text in enumerate(said):
        if text and not inside[at]:
            sheet.refuse(at, "coordinate_unreadable", "lon", text)
        elif not text and not any(orders[name].iloc[at] for name in ("grid", "community", "street", "address")):
            sheet.refuse(at, "place_missing", "address", "")


def _categorise(sheet: _Sheet, orders: pd.DataFrame, found: dict[str, list[str]], scheme: str) -> None:
    texts = [small or large for small, large in zip(found["subcategory"], found["category"], strict=True)]
    decided = codelists.decide_scheme(sorted(set(zip(found["category_code"], texts, strict=True))))
    schemes, codes = [], []
    for at, (code, text, nature) in enumerate(zip(found["category_code"], texts, found["nature"], strict=True)):
        category = codelists.resolve(code, text, scheme, decided)
        wanted = next((each for word, each in NATURES.items() if word in (nature or text)), "")
        if category.scheme != codelists.OURS and wanted:
            category = codelists.Category(codelists.OURS, wanted)
        if not category.code:
            sheet.refuse(at, "category_missing", "category", code or text)
        schemes.append(category.scheme)
        codes.append(sheet.without_people(category.code) if category.scheme == codelists.TEXT else category.code)
    orders["scheme"], orders["category"] = schemes, codes


def _time(sheet: _Sheet, orders: pd.DataFrame, found: dict[str, list[str]], zone: str) -> None:
    name = "time" if "time" in sheet.fields else "date"
    read = times.parse_times(sheet.column(name), zone=zone)
    for at in np.flatnonzero(read.reason != ""):
        sheet.refuse(int(at), str(read.reason[at]), name, found[name][at])
    orders["occurred_at"] = pd.to_datetime(read.start, utc=True)
    for source, target in (("dispatched_time", "dispatched_at"), ("closed_time", "closed_at"), ("deadline", "due_at")):
        moments = times.parse_times(sheet.column(source), zone=zone)
        orders[target] = pd.to_datetime(moments.start, utc=True)
        limits = [parse_limit(text) for text in found[source]] if source == "deadline" else [None] * len(orders)
        sheet.unread[source] += sum(
            bool(text) and bool(reason) and limit is None
            for text, reason, limit in zip(found[source], moments.reason, limits, strict=True)
        )
        if source == "deadline":
            orders["limit"] = [limit.amount if limit else np.nan for limit in limits]
            orders["limit_unit"] = [limit.unit if limit else "" for limit in limits]
            orders.loc[[limit is not None for limit in limits], target] = pd.NaT
    sheet.unread += Counter()  # zeros go


def _tell(sheet: _Sheet, orders: pd.DataFrame, found: dict[str, list[str]]) -> None:
    told = zip(found["title"], found["text"], found["purpose"], strict=True)
    orders["text"] = [sheet.without_people(_joined(parts)) for parts in told]
    orders["result"] = [sheet.without_people(text) for text in found["result"]]
    orders["unit"] = [sheet.without_people(text) for text in found["department"]]
    urgency = found["urgency"] if "urgency" in sheet.fields else found["priority"]
    orders["urgency"] = [URGENCIES.get(text, "") for text in urgency]
    orders["source"] = "12345"
    orders["found_by"] = ["patrol" if _BY_PATROL.search(text) else "report" for text in found["source"]]
    orders["score"] = _read_each(found["satisfaction"], lambda text: SCORES[text], sheet, "satisfaction")


def _joined(parts: Iterable[str]) -> str:
    """Title, content and purpose as one text; what repeats another part is left out."""
    filled = list(dict.fromkeys(part for part in parts if part))
    kept = [part for part in filled if not any(part in other for other in filled if other != part)]
    return "\n".join(kept)


def _read_each(texts: list[str], read: Callable[[str], float], sheet: _Sheet, name: str) -> list[float]:
    values = []
    for text in texts:
        try:
            values.append(read(text) if text else float("nan"))
        except (KeyError, ValueError):
            sheet.unread[name] += 1
            values.append(float("nan"))
    return values
