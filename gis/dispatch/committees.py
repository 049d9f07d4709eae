"""Mediation committees as places of a district: where they are, what they take, and which one is for a dispute. Never who sits in them."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from gis.divisions import is_within, level_of_code
from gis.errors import ColumnError, InputError, NotFoundError

_SHIPPED = Path(__file__).resolve().parent / "mediation_committees.csv"
_LEVELS = ("", "province", "city", "district", "street", "community", "grid")
_COLUMNS = ("code", "kind", "name_zh", "name_en", "area", "topics")


@dataclass(frozen=True)
class Committee:
    """A mediation committee.

    Parameters
    ----------
    kind
        ``area`` (of a street, town or community) or ``trade`` (of a trade or kind of dispute, for the whole of its area).
    area
        Code of the area it is for.
    topics
        Categories that a trade committee takes; empty for those of an area, which take all.
    """

    code: str
    kind: Literal["area", "trade"]
    name_zh: str
    name_en: str
    area: str
    topics: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Choice:
    """The committee for a dispute, and why, in both languages."""

    committee: Committee
    why_zh: str
    why_en: str


def load_committees(path: Path) -> list[Committee]:
    """Committees from CSV in UTF-8: ``code``, ``kind``, ``name_zh``, ``name_en``, ``area``, ``topics`` (with blanks between).

    Raises
    ------
    ColumnError
        A column is missing.
    InputError
        Lines that cannot be used, all of them with their number, or a code twice.
    """
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise ColumnError(
                zh=f"调委会表 {Path(path).name} 缺少列 {'、'.join(missing)}。",
                en=f"The table of committees {Path(path).name} lacks the columns {', '.join(missing)}.",
            )
        lines = [(reader.line_num, _committee({k: (line[k] or "").strip() for k in _COLUMNS})) for line in reader]
    wrong = [str(number) for number, committee in lines if committee is None]
    found = [committee for _, committee in lines if committee is not None]
    codes = [each.code for each in found]
    double = sorted({code for code in codes if codes.count(code) > 1})
    if wrong or double:
        raise InputError(
            zh=f"调委会表无法使用:第 {'、'.join(wrong) or '-'} 行(须有 code、name_zh、area,kind 为 area 或 trade,trade 须有 topics);重复编码 {'、'.join(double) or '-'}。",
            en=f"The committees cannot be used: lines {', '.join(wrong) or '-'} (code, name_zh, area, kind area or trade, topics for trade); codes twice {', '.join(double) or '-'}.",
        )
    return found


def _committee(line: dict[str, str]) -> Committee | None:
    kinds: dict[str, Literal["area", "trade"]] = {"area": "area", "trade": "trade"}
    kind, topics = kinds.get(line["kind"]), frozenset(line["topics"].split())
    if kind is None or not (line["code"] and line["name_zh"] and line["area"]) or (kind == "trade") != bool(topics):
        return None
    return Committee(line["code"], kind, line["name_zh"], line["name_en"] or line["name_zh"], line["area"], topics)


@lru_cache(maxsize=1)
def sample_committees() -> tuple[Committee, ...]:
    """The 30 committees of Wuda's streets, towns and communities and 13 of trades; those of trades are examples of ours."""
    return tuple(load_committees(_SHIPPED))


def committee_for(category: str, areas: Sequence[str], committees: Iterable[Committee]) -> Choice:
    """Which committee a dispute goes to: that of its kind first, else that of its community, else of its street.

    Parameters
    ----------
    areas
        Codes of the areas it lies in, in any order.

    Raises
    ------
    NotFoundError
        None of them is for such a dispute.
    """
    known = sorted(committees, key=lambda each: each.code)
    for committee in known:
        if category in committee.topics and any(is_within(area, committee.area) for area in areas):
            return Choice(
                committee, f"类别 {category} 归该行业调委会", f"category {category} belongs to this committee"
            )
    of_area = [each for each in known if each.kind == "area" and any(is_within(area, each.area) for area in areas)]
    if not of_area:
        raise NotFoundError(
            zh=f"没有调委会受理 {'、'.join(areas) or '未知区域'} 的 {category} 类纠纷。",
            en=f"No committee takes disputes of category {category} in {', '.join(areas) or 'an unknown area'}.",
        )
    nearest = max(of_area, key=lambda each: _LEVELS.index(level_of_code(each.area)))
    return Choice(
        nearest,
        f"没有行业调委会受理,由 {nearest.area} 的调委会受理",
        f"no trade committee takes it; that of area {nearest.area} does",
    )
