"""The board of figures: what came in, what was due and what was done, each with numerator, denominator and period.

The figures themselves are :mod:`gis.dispatch.indicators`; here is decided whose cases they are of, how they are split, and which small
counts are withheld from those who see aggregates alone. It never tells of a single case.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from gis.dispatch.indicators import RATES, Groups, Period, backlog, by_case, by_move, counts, rates, stage_times
from gis.dispatch.lives import Lives, read_lives
from gis.divisions import is_within
from gis.errors import FilterError, NotFoundError
from gis.incidents import taxonomy
from gis.incidents.privacy import DEFAULT_K
from webmap.cases.withheld import BoardPart, withhold
from webmap.filters import day_start
from webmap.i18n import catalog
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.case_columns import CaseTables
from webmap.store.models import LOCATED

SPLITS = ("tier", "area", "category", "unit", "source")
"""By what the figures are split: tier and unit as the moves tell, the others as the case says."""

USUAL_DAYS = 30
FIRST_YEAR, LAST_YEAR = 1990, 2200
_BELOW = dict(zip(("district", "street", "community"), ("street", "community", "grid"), strict=True))


@dataclass(frozen=True)
class BoardQuestion:
    """What is asked of the board.

    Parameters
    ----------
    first, last
        Days of the district's zone, both included.
    by
        One of ``SPLITS``.
    area, category, source, unit, tier
        Cases of these alone; empty for all. ``unit`` and ``tier`` are those that a case has now.
    """

    first: date
    last: date
    by: str = "tier"
    area: str = ""
    category: str = ""
    source: str = ""
    unit: str = ""
    tier: str = ""

    def __post_init__(self) -> None:
        if self.by not in SPLITS:
            raise FilterError(zh=f"by 只能是 {'、'.join(SPLITS)}。", en=f"by is one of {', '.join(SPLITS)}.")
        if not (self.first.year >= FIRST_YEAR and self.last.year <= LAST_YEAR):
            raise FilterError(
                zh=f"日期应在 {FIRST_YEAR} 年至 {LAST_YEAR} 年之间。",
                en=f"Days lie in the years {FIRST_YEAR} to {LAST_YEAR}.",
            )
        if self.last < self.first:
            raise FilterError(zh="最后一天早于第一天。", en="The last day is before the first.")

    @property
    def is_narrow(self) -> bool:
        """It asks for some cases of an area, and not for all of them."""
        return bool(self.category or self.source or self.unit or self.tier)


def board(services: Services, asked: BoardQuestion, *, viewer: Viewer, sees_cases: bool) -> dict[str, Any]:
    """The figures of a period, as a whole and split.

    Parameters
    ----------
    viewer
        Limits the cases to areas.
    sees_cases
        Without it whole months are told alone, small counts are withheld, and nothing but an area can be asked for.

    Returns
    -------
    told
        ``period``, ``scope``, ``by``, ``whole`` and ``groups``: each a :class:`webmap.cases.withheld.BoardPart` as plain JSON.

    Raises
    ------
    FilterError
        A question that only those who see cases may ask.
    NotFoundError
        The viewer sees no such area.
    """
    asked = asked if sees_cases else _coarse(asked, services.today())
    tables = _scoped(services, viewer, asked)
    zone = services.zone
    # A minute is fine enough for figures, and lets answers be kept.
    now = services.clock().replace(second=0, microsecond=0)
    period = Period(day_start(asked.first, zone), day_start(asked.last + timedelta(days=1), zone))
    parts = services.keep(
        ("board", asked, now), viewer, lambda: _parts(services, viewer, tables, asked, period=period, now=now)
    )
    whole, groups = parts if sees_cases else withhold(*parts, k=DEFAULT_K)
    return {
        "period": {
            "from": asked.first.isoformat(),
            "to": asked.last.isoformat(),
            "as_of": services.local(now).isoformat(),
        },
        "scope": {"areas": list(viewer.areas), "area": asked.area, "cases": len(tables.cases)}
        if sees_cases
        else {"areas": list(viewer.areas), "area": asked.area, "withheld_below": DEFAULT_K},
        "by": asked.by,
        "whole": whole.to_dict(),
        "groups": [group.to_dict() for group in groups],
    }


Names = Callable[[str], tuple[str, str]]
"""The Chinese and the English name of a group's code."""

TIER_NAMES = {
    "community": ("社区", "Community"),
    "street": ("街道(镇)", "Street"),
    "district": ("区县", "District"),
    "city": ("市", "City"),
}


def usual(today: date) -> tuple[date, date]:
    """The last 30 days."""
    return today - timedelta(days=USUAL_DAYS - 1), today


def _coarse(asked: BoardQuestion, today: date) -> BoardQuestion:
    """Whole calendar months that are over: two periods that differ by a day would tell of that day."""
    if asked.is_narrow:
        raise FilterError(
            zh="您的角色只看汇总:可按区域查看,不能再按类别、来源、单位或层级筛选。",
            en="Your role sees aggregates alone: an area can be asked for, but not a category, source, unit or tier of it.",
        )
    ends = today.replace(day=1) - timedelta(days=1)
    last = min(_month_end(asked.last), ends)
    first = min(asked.first.replace(day=1), last.replace(day=1))
    return BoardQuestion(first, last, by=asked.by, area=asked.area)


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _scoped(services: Services, viewer: Viewer, asked: BoardQuestion) -> CaseTables:
    """The tables of the cases that a viewer asks for."""
    if asked.area and asked.area not in set(services.areas(viewer)["code"]):
        raise NotFoundError(zh=f"没有编码为 {asked.area} 的区域。", en=f"There is no area with code {asked.area}.")
    held = services.store.case_columns.current()
    cases = held.cases
    mask = np.ones(len(cases), dtype=bool)
    if not viewer.is_unlimited:
        mask &= _inside(services, viewer, cases, viewer.areas)
    if asked.area:
        mask &= _inside(services, viewer, cases, (asked.area,))
    if asked.category:
        mask &= cases["category"].str.startswith(asked.category.rstrip("*")).to_numpy(dtype=bool)
    for name in ("source", "unit", "tier"):
        if value := getattr(asked, name):
            mask &= (cases[name] == value).to_numpy(dtype=bool)
    if mask.all():
        return held
    chosen = cases[mask]
    return CaseTables(held.moves[held.moves["case"].isin(chosen.index)], chosen)


def _inside(services: Services, viewer: Viewer, cases: pd.DataFrame, areas: tuple[str, ...]) -> np.ndarray:
    """Which cases lie in one of some areas, by any of their codes."""
    tree = services.tree(viewer)
    below = {code for area in areas if area in tree for code in (area, *tree.descendants(area))}
    mask = np.zeros(len(cases), dtype=bool)
    for name in LOCATED:
        codes, known = pd.factorize(cases[name])
        within = np.array(
            [code in below or any(is_within(code, area) for area in areas) if code else False for code in known]
            or [False]
        )
        mask |= within[codes]
    return mask


def _parts(
    services: Services, viewer: Viewer, tables: CaseTables, asked: BoardQuestion, *, period: Period, now: datetime
) -> tuple[BoardPart, list[BoardPart]]:
    of = replace(asked, by="tier", first=date(FIRST_YEAR, 1, 1), last=date(FIRST_YEAR, 1, 1))
    lives = services.keep(("lives", of, now), viewer, lambda: read_lives(tables.moves, now))
    split, name_of = _split(services, viewer, tables, lives, asked)
    whole = _told(lives, period, None, lambda code: (code, code))[0]
    groups = _told(lives, period, split, name_of)
    busy = [group for group in groups if any(group.counts.values()) or group.backlog["open"]]
    return whole, sorted(busy, key=lambda group: (-(group.counts["received"] or 0), group.code))


def _split(
    services: Services, viewer: Viewer, tables: CaseTables, lives: Lives, asked: BoardQuestion
) -> tuple[Groups, Names]:
    if asked.by == "tier":
        return by_move(lives, "tier"), lambda code: TIER_NAMES.get(code, (code, code))
    if asked.by == "unit":
        units = {unit.code: (unit.zh, unit.en or unit.zh) for unit in services.store.units.list()}
        return by_move(lives, "unit"), lambda code: units.get(code, (code, code))
    if asked.by == "area":
        areas = services.areas(viewer).set_index("code")
        level = _BELOW.get(areas.loc[asked.area, "level"] if asked.area else "district", "grid")
        values = tables.cases[level].replace("", np.nan).rename("area")
        names = {code: (row.name_zh, row.name_en or row.name_zh) for code, row in areas.iterrows()}
        return by_case(lives, values), lambda code: names.get(code, (code, code))
    values = tables.cases[asked.by].replace("", np.nan)
    if asked.by == "category":
        return by_case(lives, values), _category
    return by_case(lives, values), _source


def _source(code: str) -> tuple[str, str]:
    return catalog("zh").get(f"source.{code}", code), catalog("en").get(f"source.{code}", code)


def _category(code: str) -> tuple[str, str]:
    return taxonomy.name("wangge", code, "zh"), taxonomy.name("wangge", code, "en")


def _told(lives: Lives, period: Period, split: Groups | None, name_of: Names) -> list[BoardPart]:
    """The figures of every group."""
    table, shares = counts(lives, period, split), rates(lives, period, split)
    stays, left = stage_times(lives, period, split), backlog(lives, split)
    by_group = {name: frame.groupby("group", sort=False) for name, frame in (("rates", shares), ("stages", stays))}
    found = []
    for at, group in enumerate(table.index):
        code = "" if split is None else str(group)
        zh, en = name_of(code)
        found.append(
            BoardPart(
                code=code,
                zh=zh,
                en=en,
                counts={str(name): int(value) for name, value in table.iloc[at].items()},
                rates=_rates(by_group["rates"].get_group(group)),
                stages=_stages(by_group["stages"].get_group(group)),
                backlog=_backlog(left.iloc[at]),
            )
        )
    return found


def _rates(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "figure": row["figure"],
            "zh": row["zh"],
            "en": row["en"],
            "numerator": int(row["numerator"]),
            "denominator": int(row["denominator"]),
            "of": row["of"],
            "top": RATES[row["figure"]][2],
            "share": _number(row["share"]),
        }
        for row in frame.to_dict("records")
    ]


def _stages(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "stage": row["stage"],
            "entered": int(row["entered"]),
            "completed": int(row["completed"]),
            "open": int(row["open"]),
            "median_h": _number(row["median_h"]),
            "p90_h": _number(row["p90_h"]),
        }
        for row in frame.to_dict("records")
    ]


def _backlog(row: pd.Series) -> dict[str, Any]:
    whole = ("open", "overdue", "paused", "up_to_1d", "up_to_7d", "up_to_30d", "older")
    return {name: int(row[name]) for name in whole} | {
        name: _number(row[name]) for name in ("median_age_d", "p90_age_d", "oldest_d")
    }


def _number(value: float) -> float | None:
    return None if not math.isfinite(value) else round(float(value), 6)
