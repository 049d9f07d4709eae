"""What was done of what was planned, how much presence each hot spot had over weeks, and what happened to its reports.

It reads sums by hot spot, day and shift: visits and minutes. No persons, no teams, no sequences, and columns beyond
these are never carried on. A comparison before/after is no proof of cause; each answer says what it cannot rule out.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from gis.errors import InputError, Lang
from gis.hotspots.relative_change import RelativeChange, relative_change
from gis.patrol.demand.settings import KOPER_S
from gis.schemas import require_columns

SUMS = ("stop", "day", "shift", "visits", "minutes")
"""Columns of what is planned and of what is done: sums of a hot spot and shift; ``day`` is the local ISO day of its start."""
_KEYS = ["day", "shift", "stop"]


def kept_by_shift(planned: pd.DataFrame, done: pd.DataFrame) -> pd.DataFrame:
    """Each shift's plan beside its check-ins.

    Parameters
    ----------
    planned, done
        SUMS; several rows of one hot spot and shift are added up.

    Returns
    -------
    shifts
        One row a day and shift of either table: ``planned_visits``, ``done_visits``, ``kept_visits`` (done as far as they were
        planned there: a visit too many at one place does not make up for one too few at another), ``extra_visits``,
        ``planned_minutes``, ``done_minutes``, ``planned_stops``, ``reached_stops``, and ``kept_share`` (missing where nothing
        was planned).

    Raises
    ------
    ColumnError
        A column is missing.
    InputError
        A negative or missing number.
    """
    both = pd.concat({"planned": _sums(planned, "planned"), "done": _sums(done, "done")}, axis="columns").fillna(0.0)
    wanted, made = both[("planned", "visits")], both[("done", "visits")]
    kept = np.minimum(wanted, made)
    table = pd.DataFrame(
        {
            "planned_visits": wanted,
            "done_visits": made,
            "kept_visits": kept,
            "extra_visits": made - kept,
            "planned_minutes": both[("planned", "minutes")],
            "done_minutes": both[("done", "minutes")],
            "planned_stops": (wanted > 0).astype(float),
            "reached_stops": ((wanted > 0) & (made > 0)).astype(float),
        }
    )
    shifts = table.groupby(level=["day", "shift"], sort=True).sum()
    whole = shifts["planned_visits"]
    shifts["kept_share"] = shifts["kept_visits"] / whole.where(whole > 0)
    counts = [name for name in shifts if str(name).endswith(("visits", "stops"))]
    return shifts.astype(dict.fromkeys(counts, "int64")).reset_index()


def weekly_dosage(done: pd.DataFrame, stops: Collection[str], *, since: str, until: str) -> pd.DataFrame:
    """Presence at each hot spot in each week, weeks without any included.

    Parameters
    ----------
    done
        SUMS; with a column ``timed`` (visits whose length is known), the mean is over those alone.
    stops
        The hot spots asked for; others are left out.
    since, until
        First day, and the day after the last, ISO. Weeks start on Monday; the first and the last may be cut by these days.

    Returns
    -------
    weeks
        One row a stop and week: ``stop``, ``week`` (ISO day of its Monday), ``days`` (of the week inside the span), ``visits``,
        ``minutes``, ``timed`` (visits whose length is known), ``shifts`` (with a visit), ``minutes_a_visit``, and
        ``in_koper_range``: whether that mean is 10 to 16 minutes (both missing without a visit of known length).

    Raises
    ------
    InputError
        The span is empty, or a day or number makes no sense.
    """
    first, end = _day(since), _day(until)
    if end <= first:
        raise InputError(zh=f"时间段为空:{since} 至 {until}。", en=f"The span {since} to {until} is empty.")
    timed = done["timed"] if "timed" in done else done.get("visits")
    sums = _sums(done, "done", timed=timed).reset_index()
    days = pd.to_datetime(sums["day"])
    inside = (days >= first) & (days < end) & sums["stop"].isin(list(stops))
    sums = sums[inside].assign(week=_monday(days[inside]), shifts=(sums["visits"][inside] > 0).astype("int64"))
    span = pd.Series(pd.date_range(first, end, inclusive="left"))
    length = _monday(span).value_counts().sort_index()
    every = pd.MultiIndex.from_product([sorted(set(stops)), length.index], names=["stop", "week"])
    weeks = sums.groupby(["stop", "week"])[["visits", "minutes", "timed", "shifts"]].sum().reindex(every, fill_value=0)
    weeks = weeks.reset_index()
    mean = weeks["minutes"] / weeks["timed"].where(weeks["timed"] > 0)
    good = mean.between(KOPER_S[0] / 60, KOPER_S[1] / 60).astype("boolean").mask(mean.isna())
    days_in = length.reindex(weeks["week"]).to_numpy()
    weeks["week"] = weeks["week"].dt.strftime("%Y-%m-%d")
    weeks = weeks.astype({"visits": "int64", "timed": "int64", "shifts": "int64"})
    weeks.insert(2, "days", days_in)
    return weeks.assign(minutes_a_visit=mean, in_koper_range=good)


def report_counts(
    incidents: pd.DataFrame, spots: Collection[str], *, start: datetime, days: float, column: str = "grid"
) -> pd.DataFrame:
    """Reports at each hot spot in equal spans before and after a moment.

    Parameters
    ----------
    incidents
        ``occurred_at`` and ``column``; rows with ``found_by`` = ``patrol`` are passed over: more patrol finds more.
    spots
        Codes in ``column``.
    start
        When the patrols began, with its zone.
    days
        Length of either span; whole weeks keep weekdays equal.

    Returns
    -------
    counts
        ``spot``, ``before``, ``after``, one row a spot in the order given.

    Raises
    ------
    InputError
        The moment has no zone, or the span is not above 0.
    """
    require_columns(incidents, ["occurred_at", column], layer="incidents")
    if start.tzinfo is None or not days > 0:
        raise InputError(zh="起始时刻须带时区,天数须大于 0。", en="The start needs a zone, and the days are above 0.")
    rows = incidents[incidents["found_by"] != "patrol"] if "found_by" in incidents else incidents
    since = (pd.to_datetime(rows["occurred_at"], utc=True) - start) / pd.Timedelta(days=1)
    codes = list(dict.fromkeys(spots))
    spans = {"before": (since >= -days) & (since < 0), "after": (since >= 0) & (since < days)}
    counted = {
        name: rows.loc[inside, column].astype(str).value_counts().reindex(codes, fill_value=0).to_numpy()
        for name, inside in spans.items()
    }
    return pd.DataFrame({"spot": codes, **counted})


@dataclass(frozen=True)
class BeforeAfter(RelativeChange):
    """Reports at patrolled hot spots after against before, over the same at comparison hot spots.

    Parameters
    ----------
    chosen_by_before
        Whether the spots were chosen for their high counts before.
    """

    chosen_by_before: bool

    def text(self, lang: Lang) -> str:
        """Counts, ratio and interval, and in words whether they say anything."""
        low, high = f"{self.low:.2f}", "∞" if np.isinf(self.high) else f"{self.high:.2f}"
        if lang == "zh":
            ratio = "无法计算(有计数为 0)" if np.isnan(self.ratio) else f"{self.ratio:.2f}"
            said = "区间不含 1,变化不像偶然" if self.is_clear else "区间含 1,看不出明确变化"
            return (
                f"巡逻热点 {self.treated_spots} 处:上报 {self.treated_before} → {self.treated_after};"
                f"对照 {self.comparison_spots} 处:{self.comparison_before} → {self.comparison_after}。"
                f"相对变化 {ratio}({self.level:.0%} 区间 {low}–{high}):{said}。"
            )
        ratio = "undefined, since a count is 0" if np.isnan(self.ratio) else f"{self.ratio:.2f}"
        said = "the interval leaves 1 out" if self.is_clear else "the interval holds 1: no clear change"
        return (
            f"{self.treated_spots} patrolled hot spots: {self.treated_before} reports before, {self.treated_after} after; "
            f"{self.comparison_spots} comparison spots: {self.comparison_before}, {self.comparison_after}. "
            f"Relative change {ratio} ({self.level:.0%} interval {low} to {high}): {said}."
        )

    def caveats(self, lang: Lang) -> list[str]:
        """What the figures cannot rule out, in words."""
        told = [_RETURN if self.chosen_by_before else _CHOICE, _PRESENCE, _ELSEWHERE]
        told += [_FEW] * bool(np.isnan(self.spread_low))
        told += [_UNEVEN] * bool(self.p_spread < 0.05)
        return [zh if lang == "zh" else en for zh, en in told]


_RETURN = (
    "巡逻点因此前上报多而选出,即使不巡逻,下一期多半也会回落(回归均值);对照点须按同样的此前水平选取,否则降幅被高估。",
    "The patrolled spots were chosen for many reports before; most such spots fall back even without patrol (regression to "
    "the mean). Unless the comparison spots were as high before, the drop is overstated.",
)
_CHOICE = (
    "比较的前提是两组不经巡逻会按同样比例变化;若巡逻点恰在高峰时入选,会自行回落(回归均值)。",
    "The comparison takes for granted that both groups would have changed in the same proportion without patrol; spots taken "
    "at a peak fall back by themselves (regression to the mean).",
)
_PRESENCE = (
    "只计群众上报;巡逻在场也可能使人更多或更少上报。",
    "Only what people reported counts; presence may itself bring more or fewer reports.",
)
_ELSEWHERE = (
    "没有衡量问题是否转移到别处;对照点若紧邻巡逻点,两边都会偏。",
    "Whether trouble moved elsewhere is not measured; comparison spots close to patrolled ones bend both figures.",
)
_FEW = (
    "热点不足以估计各点变化的离散程度,区间只含偶然误差,偏窄。",
    "There are too few spots to see how differently they change; the interval holds chance alone and is too narrow.",
)
_UNEVEN = (
    "各热点的变化差异大于偶然;单个比值概括不了全部,请逐点查看。",
    "The spots changed more differently than chance allows; one ratio does not sum them up, look at each.",
)


def before_after(
    treated: pd.DataFrame, comparison: pd.DataFrame, *, chosen_by_before: bool = True, level: float = 0.95
) -> BeforeAfter:
    """How reports changed at patrolled hot spots, against comparison spots in the same spans, with its uncertainty.

    Parameters
    ----------
    treated, comparison
        ``before`` and ``after``: reports in equal spans, one row a hot spot; see :func:`report_counts`.
    chosen_by_before
        Whether the treated were chosen for their high counts before, as hot spots are.
    level
        Of the intervals.

    Raises
    ------
    ColumnError, InputError
        A column is missing, a count is negative or not whole, a group has no spot, or the level lies outside (0, 1).

    Notes
    -----
    Figures and intervals of :func:`gis.hotspots.relative_change.relative_change`.
    """
    return BeforeAfter(**vars(relative_change(treated, comparison, level=level)), chosen_by_before=chosen_by_before)


def _sums(table: pd.DataFrame, name: str, *, timed: pd.Series | None = None) -> pd.DataFrame:
    """Visits and minutes by day, shift and stop, and of how many visits the minutes are."""
    require_columns(table, SUMS, layer=name)
    numbers = table[["visits", "minutes"]].astype(float)
    if timed is not None:
        numbers = numbers.assign(timed=timed.astype(float))
    bad = int((~np.isfinite(numbers) | (numbers < 0)).any(axis=1).sum())
    if bad:
        raise InputError(
            zh=f"“{name}”有 {bad} 行次数或分钟数缺失或为负。",
            en=f"In '{name}' {bad} rows have missing or negative sums.",
        )
    keys = table[_KEYS].astype(str)
    return pd.concat([keys, numbers], axis="columns").groupby(_KEYS)[list(numbers)].sum()


def _day(text: str) -> pd.Timestamp:
    try:
        return pd.Timestamp(datetime.strptime(text, "%Y-%m-%d"))
    except ValueError:
        raise InputError(zh=f"日期“{text}”应如 2026-11-23。", en=f"'{text}' is no ISO day.") from None


def _monday(days: pd.Series) -> pd.Series:
    return days - pd.to_timedelta(days.dt.day_of_week, unit="D")
