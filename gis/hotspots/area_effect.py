"""What became of the incidents of a key area, against comparison areas and with the ground around it; and what that does not show.

Counts in, figures and sentences out. A comparison before/after is no proof of cause; each answer says what it cannot rule out.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.errors import InputError, Lang
from gis.hotspots.comparison_areas import Comparison, MatchRule, comparison_areas
from gis.hotspots.displacement import Displacement, displacement_quotient
from gis.hotspots.relative_change import RelativeChange, relative_change
from gis.schemas import require_columns


@dataclass(frozen=True)
class Group:
    """A group of units with its denominators: how many, ground in km2, incidents in each span."""

    units: int
    km2: float
    before: int
    after: int


@dataclass(frozen=True, eq=False)
class AreaEffect:
    """Before and after of a key area.

    Parameters
    ----------
    area, buffer, compared
        Counts with their ground.
    comparison
        Which areas are compared, and how they were found.
    rule
        By which they were found.
    change, buffer_change
        The area, and its ring, against the comparison; None without a comparison.
    displacement
        None without a comparison or without a ring.
    days
        Of either span.
    """

    area: Group
    buffer: Group
    compared: Group
    comparison: Comparison
    rule: MatchRule
    change: RelativeChange | None
    buffer_change: RelativeChange | None
    displacement: Displacement | None
    days: float

    @property
    def is_shown(self) -> bool:
        """Whether the figures show a change: the interval leaves 1 out."""
        return self.change is not None and self.change.is_clear

    def text(self, lang: Lang) -> str:
        """Counts, ratio and interval, and in words whether they show anything."""
        a, c = self.area, self.compared
        zh = f"两期各 {self.days:g} 天:重点地区({a.km2:.2f} 平方公里)上报 {a.before} → {a.after}"
        en = f"In {self.days:g} days each: {a.before} reports before and {a.after} after in the key area ({a.km2:.2f} km2)"
        if self.change is None:
            zh += f";没有足够的对照区(符合条件 {self.comparison.of_trend} 个),变化原因无从判断。"
            en += f"; too few comparison areas ({self.comparison.of_trend} fit), so nothing can be said of why."
            return zh if lang == "zh" else en
        ratio = self.change.ratio
        high = "∞" if np.isinf(self.change.high) else f"{self.change.high:.2f}"
        span = f"{self.change.low:.2f}–{high}" if lang == "zh" else f"{self.change.low:.2f} to {high}"
        zh += f";对照区 {c.units} 个({c.km2:.2f} 平方公里)上报 {c.before} → {c.after}。"
        en += f"; {c.before} and {c.after} in {c.units} comparison areas ({c.km2:.2f} km2). "
        told = "" if np.isnan(ratio) else f" {ratio:.2f}"
        zh += f"相对变化{told or '无法计算'}({self.change.level:.0%} 区间 {span}):{self._verdict('zh')}。"
        en += f"Relative change{told or ' undefined'} ({self.change.level:.0%} interval {span}): {self._verdict('en')}."
        return zh if lang == "zh" else en

    def _verdict(self, lang: Lang) -> str:
        if self.change is None or not self.change.is_clear:
            return "区间含 1,变化没有得到证明" if lang == "zh" else "the interval holds 1, a change is not shown"
        if self.change.high < 1:
            return "比对照区下降得多" if lang == "zh" else "it fell more than the comparison areas"
        return "比对照区上升得多" if lang == "zh" else "it rose more than the comparison areas"

    def caveats(self, lang: Lang) -> list[str]:
        """What the figures cannot rule out, in words."""
        told = [_RETURN, _CAUSE, _PRESENCE]
        told += [_FEW] if self.change is not None and np.isnan(self.change.spread_low) else []
        told += [_UNEVEN] if self.change is not None and self.change.p_spread < 0.05 else []
        return [zh if lang == "zh" else en for zh, en in told]


_RETURN = (
    "重点地区多在高峰时认定,不整治也会回落(回归均值);对照区按此前同样水平选取,只能部分消除这一影响。",
    "A key area is mostly designated at a peak and falls back without measures (regression to the mean); comparison areas of the same "
    "level before take that out in part only.",
)
_CAUSE = (
    "对照说明变化是否不同于别处,不说明是哪项措施起了作用;同期只在本区发生的其他变化也会计入。",
    "The comparison says whether the change differs from elsewhere, not which measure made it; whatever else happened there alone is in it.",
)
_PRESENCE = (
    "只计群众上报,巡逻发现不计;整治期间群众可能更愿意或更少上报。",
    "Only what people reported counts, patrol findings do not; people may report more, or less, while measures go on.",
)
_FEW = (
    "单元太少,无法估计各处变化的离散程度,区间只含偶然误差,偏窄。",
    "There are too few units to see how differently they change; the interval holds chance alone and is too narrow.",
)
_UNEVEN = (
    "各网格的变化差异大于偶然,一个比值概括不了全部。",
    "The grids changed more differently than chance allows; one ratio does not sum them up.",
)


def area_effect(
    counts: pd.DataFrame,
    *,
    days: float,
    rng: np.random.Generator,
    rule: MatchRule | None = None,
    level: float = 0.95,
) -> AreaEffect:
    """Before and after of a key area against comparison areas, and whether trouble moved to the ring around it.

    Parameters
    ----------
    counts
        As of :func:`gis.hotspots.area_counts.counts_around`.
    days
        Of either span.
    rng
        For the interval of the displacement.
    rule
        By which comparison areas are found.
    level
        Of all intervals.

    Raises
    ------
    ColumnError, InputError
        A column is missing, there is no unit of the area, or a number makes no sense.

    Notes
    -----
    Difference in differences of log rates, told as a ratio of ratios: the ground and the days are equal before and after and fall out. Interval
    as of :func:`gis.hotspots.relative_change.relative_change`: the wider of Cornfield's exact one and one by how differently units
    changed.
    """
    require_columns(counts, ["unit", "role", "kind", "km2", "early", "late", "before", "after"], layer="counts")
    rule = rule or MatchRule()
    role = counts["role"]
    ours, ring, far = counts[role == "area"], counts[role == "buffer"], counts[role == "far"]
    if ours.empty:
        raise InputError(zh="重点地区没有计数。", en="There are no counts of the key area.")
    found = comparison_areas(ours, far, rule=rule)
    theirs = far[far["unit"].astype(str).isin(found.units)]
    change = relative_change(ours, theirs, level=level) if len(theirs) else None
    around = relative_change(ring, theirs, level=level) if len(theirs) and len(ring) else None
    area, buffer, compared = (_group(part) for part in (ours, ring, theirs))
    moved = None
    if change is not None and around is not None:
        spans = [(each.before, each.after) for each in (area, buffer, compared)]
        moved = displacement_quotient(*spans, area_fell=change.high < 1, rng=rng, level=level)
    return AreaEffect(area, buffer, compared, found, rule, change, around, moved, days)


def _group(rows: pd.DataFrame) -> Group:
    return Group(len(rows), float(rows["km2"].sum()), int(rows["before"].sum()), int(rows["after"].sum()))
