"""The tables of a district's own rules for cameras: pixel bands, targets by point class, reach by kind of place, costs.

Rows come as text, as a spreadsheet holds them, and every fault is told with its row. Values that nobody changed are our
defaults; what is a standard's and what is our own choice stands in docs/methods/cameras.md. It keeps nothing.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gis.cameras.compliance import DEFAULT_REACH, PLACES
from gis.cameras.optics import BANDS, PixelBand, check_bands
from gis.errors import InputError, NotFoundError

Row = Mapping[str, str]

CLASSES = ("1", "2", "3")
MEASURES = ("area", "street", "places")
MOUNTS = ("pole", "wall")
MOST_ROWS = 200
_MOST_FAULTS = 20


@dataclass(frozen=True)
class Target:
    """What a class of points is there to see.

    Parameters
    ----------
    point_class
        ``1``, ``2`` or ``3`` of the register.
    measure
        ``area``, ``street`` or ``places``.
    kinds
        Of places; all of them where empty.
    share
        Of the measure that is to be seen, 0-1.
    availability
        Share of the class's cameras that is to work, 0-1.
    """

    point_class: str
    measure: str
    kinds: tuple[str, ...]
    share: float
    availability: float


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row, counted from 1 below the heading; 0 for the table as a whole."""

    row: int
    zh: str
    en: str


@dataclass(frozen=True)
class TableKind:
    """One of the tables.

    Parameters
    ----------
    zh, en
        What it is called.
    columns
        Of its file, in order.
    default
        Its rows as long as nobody changed them.
    """

    zh: str
    en: str
    columns: tuple[str, ...]
    default: tuple[Row, ...]
    read: Callable[[Row], Any]
    key: tuple[str, ...]


class _WrongError(Exception):
    """A value that a column does not take."""

    def __init__(self, column: str, value: str, wanted: str) -> None:
        super().__init__(column)
        self.zh = f"{column} 为“{value}”,应为 {wanted}"
        self.en = f"{column} is '{value}', wanted {wanted}"


def tidy(name: str, rows: Sequence[Row]) -> tuple[dict[str, str], ...]:
    """Rows of a table with its columns alone, checked.

    Raises
    ------
    NotFoundError
        No such table.
    InputError
        Some rows make no sense: all of them are told, each with its reason.
    """
    kind = kind_of(name)
    plain = tuple({column: str(row.get(column) or "").strip() for column in kind.columns} for row in rows)
    found = faults(name, plain)
    if found:
        more = f" (+{len(found) - _MOST_FAULTS})" if len(found) > _MOST_FAULTS else ""
        shown = found[:_MOST_FAULTS]
        raise InputError(
            zh=f"表 {name} 未保存:" + ";".join(_at(each, "zh") for each in shown) + more,
            en=f"Table {name} was not kept: " + "; ".join(_at(each, "en") for each in shown) + more,
        )
    return plain


def faults(name: str, rows: Sequence[Row]) -> list[Fault]:
    """Everything that is wrong with the rows of a table."""
    kind, found, seen = kind_of(name), [], set[tuple[str, ...]]()
    if not 1 <= len(rows) <= MOST_ROWS:
        found.append(Fault(0, f"应有 1 至 {MOST_ROWS} 行,现有 {len(rows)} 行", f"1 to {MOST_ROWS} rows are wanted, not {len(rows)}"))  # fmt: skip
    for number, row in enumerate(rows, start=1):
        try:
            kind.read(row)
        except _WrongError as wrong:
            found.append(Fault(number, wrong.zh, wrong.en))
            continue
        key = tuple(row[column] for column in kind.key)
        if key in seen:
            found.append(Fault(number, f"{'、'.join(kind.key)} 重复", f"{', '.join(kind.key)} occurs twice"))
        seen.add(key)
    return found


def read_csv(name: str, data: bytes) -> tuple[dict[str, str], ...]:
    """Rows of a table from a CSV file in UTF-8 with its columns as heading.

    Raises
    ------
    NotFoundError, InputError
        As :func:`tidy`; or the file is no such table.
    """
    kind = kind_of(name)
    try:
        lines = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(zh="文件不是 UTF-8 的 CSV。", en="The file is no CSV in UTF-8.") from error
    missing = [column for column in kind.columns if lines and column not in lines[0]]
    if missing:
        raise InputError(
            zh=f"表 {name} 缺少列:{'、'.join(missing)}。", en=f"Table {name} lacks the columns {', '.join(missing)}."
        )
    return tidy(name, [{key: value for key, value in line.items() if isinstance(value, str)} for line in lines])


def write_csv(name: str, rows: Sequence[Row]) -> str:
    """A table as CSV with its heading."""
    text = io.StringIO()
    writer = csv.DictWriter(text, kind_of(name).columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def bands_of(rows: Sequence[Row]) -> tuple[PixelBand, ...]:
    """Pixel bands, the most demanding first."""
    return check_bands([_band(row) for row in rows])


def targets_of(rows: Sequence[Row]) -> tuple[Target, ...]:
    """Targets in order of their class."""
    return tuple(sorted((_target(row) for row in rows), key=lambda each: each.point_class))


def reach_of(rows: Sequence[Row]) -> dict[str, tuple[float, float]]:
    """Widest angle and longest range by kind of place; ``""`` is every other kind."""
    return dict(_reach(row) for row in rows)


def costs_of(rows: Sequence[Row]) -> dict[str, float]:
    """Cost by mount."""
    return dict(_cost(row) for row in rows)


def kind_of(name: str) -> TableKind:
    """The table of a name.

    Raises
    ------
    NotFoundError
        There is none.
    """
    if name not in TABLES:
        raise NotFoundError(zh=f"没有表“{name}”;可用:{'、'.join(TABLES)}。", en=f"There is no table '{name}'; there are {', '.join(TABLES)}.")  # fmt: skip
    return TABLES[name]


def _at(fault: Fault, lang: str) -> str:
    if lang == "zh":
        return f"第 {fault.row} 行:{fault.zh}" if fault.row else fault.zh
    return f"row {fault.row}: {fault.en}" if fault.row else fault.en


def _number(row: Row, column: str, low: float, high: float, *, above: bool = True) -> float:
    told = row.get(column, "")
    try:
        value = float(told)
    except ValueError:
        value = np.nan
    if not (low < value <= high or (not above and value == low)):
        raise _WrongError(column, told, f"{low:g} {'<' if above else '<='} {column} <= {high:g}")
    return value


def _one_of(row: Row, column: str, allowed: Sequence[str]) -> str:
    told = row.get(column, "")
    if told not in allowed:
        raise _WrongError(column, told, " | ".join(each or '""' for each in allowed))
    return told


def _band(row: Row) -> PixelBand:
    code = row.get("code", "")
    if not (code.isascii() and code.replace("_", "").isalnum() and code == code.lower() and len(code) <= 40):
        raise _WrongError("code", code, "a-z, 0-9, _")
    for column in ("zh", "en"):
        if not 0 < len(row.get(column, "")) <= 40:
            raise _WrongError(column, row.get(column, ""), "1-40")
    return PixelBand(code, row["zh"], row["en"], _number(row, "px_per_m", 0, 10_000))


def _target(row: Row) -> Target:
    measure = _one_of(row, "measure", MEASURES)
    kinds = tuple(filter(None, (each.strip() for each in row.get("kinds", "").split(";"))))
    if kinds and measure != "places":
        raise _WrongError("kinds", row["kinds"], "places")
    return Target(
        _one_of(row, "point_class", CLASSES), measure, kinds, _number(row, "share", 0, 1), _number(row, "availability", 0, 1)
    )  # fmt: skip


def _reach(row: Row) -> tuple[str, tuple[float, float]]:
    place = _one_of(row, "place", ("", *PLACES))
    return place, (_number(row, "angle", 0, 360), _number(row, "range_m", 0, 5000))


def _cost(row: Row) -> tuple[str, float]:
    return _one_of(row, "mount", MOUNTS), _number(row, "cost", 0, 1e12)


def _default_targets() -> tuple[Row, ...]:
    rows = (
        ("1", "places", "school;hospital;station;market", "1", "0.98"),
        ("2", "places", "courier;safe_harbour;depot", "1", "0.95"),
        ("3", "street", "", "0.3", "0.95"),
    )
    return tuple(dict(zip(_TARGET_COLUMNS, row, strict=True)) for row in rows)


_TARGET_COLUMNS = ("point_class", "measure", "kinds", "share", "availability")

TABLES: dict[str, TableKind] = {
    "bands": TableKind(
        "像素密度等级", "pixel-density bands", ("code", "zh", "en", "px_per_m"),
        tuple({"code": each.code, "zh": each.zh, "en": each.en, "px_per_m": f"{each.px_per_m:g}"} for each in BANDS),
        _band, ("code",),
    ),
    "targets": TableKind(
        "各类点位的覆盖目标", "targets by point class", _TARGET_COLUMNS, _default_targets(), _target,
        ("point_class", "measure", "kinds"),
    ),
    "reach": TableKind(
        "各类场所的角度与距离上限", "reach by kind of place", ("place", "angle", "range_m"),
        tuple({"place": place, "angle": f"{angle:g}", "range_m": f"{range_m:g}"} for place, (angle, range_m) in DEFAULT_REACH.items()),
        _reach, ("place",),
    ),
    "site_costs": TableKind(
        "选址费用", "costs of siting", ("mount", "cost"), ({"mount": "pole", "cost": "3"}, {"mount": "wall", "cost": "1"}),
        _cost, ("mount",),
    ),
}  # fmt: skip
"""Every table by name."""
