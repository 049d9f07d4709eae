"""When incidents with only a from and a to may have happened: their weight spread over the hours of the week.

Intervals longer than a cap say nothing about the hour and are left out, and told. It counts rows in the district's zone and
guesses no single time.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import ColumnError, InputError, Lang, ShapeError
from gis.hotspots.explain import Explanation
from gis.hotspots.hours import shortest_run
from gis.schemas import require_columns

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_HOURS = 24.0
"""Longer intervals are left out: from a day on every hour is equally likely, and long ones drown the others."""

WEEKDAYS = (
    ("周一", "Mon"),
    ("周二", "Tue"),
    ("周三", "Wed"),
    ("周四", "Thu"),
    ("周五", "Fri"),
    ("周六", "Sat"),
    ("周日", "Sun"),
)


@dataclass(frozen=True, eq=False)
class HourProfile:
    """Incidents by weekday and hour, spread over their intervals.

    Parameters
    ----------
    weight
        Shape (7, 24), row 0 is Monday; the sum is ``exact + spread``.
    exact
        Incidents with a time known to the hour or better.
    spread
        Incidents shared among the hours of their interval.
    too_long, day_only
        Left out: intervals longer than the cap, and incidents of which only the day is known.
    """

    weight: FloatArray
    exact: int
    spread: int
    too_long: int
    day_only: int
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def by_hour(self) -> FloatArray:
        """Shape (24,), summed over the week."""
        return self.weight.sum(axis=0)

    def hours_of_risk(self, share: float = 0.5) -> tuple[int, ...]:
        """The shortest run of hours of the day, over midnight if need be, that holds a share of the weight.

        Notes
        -----
        Of equally short runs the heaviest, then the earliest. Empty without incidents.
        """
        return shortest_run(self.by_hour, share)

    def text(self, lang: Lang) -> str:
        """The finding in one sentence."""
        zh, en = self.explain().means
        return zh if lang == "zh" else en

    def explain(self) -> Explanation:
        """What the profile means and what it does not."""
        hours = self.hours_of_risk()
        when = f"{hours[0]:02d}:00-{(hours[-1] + 1) % 24:02d}:00" if hours else "-"
        used, left = self.exact + self.spread, self.too_long + self.day_only
        return Explanation(
            method=("时段分摊(aoristic)", "aoristic analysis"),
            means=(
                f"{used} 起事件的一半权重落在 {when};{left} 起时间不明或过长,未计入。",
                f"Half of the weight of {used} incidents lies in {when}; {left} with no hour or too long an interval are left out.",
            ),
            means_not=(
                "权重是可能性的分摊,不是实际发生时刻。",
                "Weights share out possibility and are not the times at which things happened.",
            ),
            source="Ratcliffe 2000, International Journal of Geographical Information Science 14(7)",
            parameters=self.parameters,
        )


def hour_profile(incidents: pd.DataFrame, *, zone: str, most_hours: float = MOST_HOURS) -> HourProfile:
    """Weight of each hour of the week.

    Parameters
    ----------
    incidents
        Columns ``occurred_at`` and ``occurred_to`` (UTC, the latter may be missing) and ``time_precision``.
    zone
        The zone in which hours and weekdays are meant.
    most_hours
        Longest interval that is spread, above 0 and at most 168 (a week).

    Raises
    ------
    ColumnError
        A column is missing.
    InputError
        The cap is out of range.

    Notes
    -----
    Ratcliffe (2000). Every second of an interval ``[occurred_at, occurred_to)`` weighs the same, and each incident 1 in all.
    An interval without length, or one that ends before it begins, counts at its start.
    """
    require_columns(incidents, ["occurred_at", "occurred_to", "time_precision"], layer="incidents")
    if not 0 < most_hours <= 168:
        raise InputError(
            zh=f"时间区间上限 {most_hours:g} 小时应大于 0 且不超过 168。",
            en=f"The longest interval ({most_hours:g} hours) must be above 0 and at most 168.",
        )
    begin = _local_seconds(incidents["occurred_at"], zone, "occurred_at")
    precision = incidents["time_precision"]
    day_only = (precision == "day").to_numpy()
    open_ended = incidents["occurred_to"].isna().to_numpy() | (precision != "interval").to_numpy()
    # Lengths in true time; the hours they fall into in local time, from the start on.
    elapsed = (incidents["occurred_to"] - incidents["occurred_at"]).dt.total_seconds().to_numpy(dtype=np.float64)
    elapsed = np.where(open_ended | ~(elapsed > 0), 0.0, elapsed)
    too_long = ~day_only & (elapsed > most_hours * 3600)
    used = ~day_only & ~too_long
    weight = np.zeros(168)
    points = used & (elapsed == 0)
    np.add.at(weight, _slot(begin[points] // 3600), 1.0)
    for start, length in zip(begin[used & (elapsed > 0)], elapsed[used & (elapsed > 0)], strict=True):
        first, last = int(start // 3600), int(np.ceil((start + length) / 3600))
        edges = np.clip(np.arange(first, last + 1) * 3600.0, start, start + length)
        np.add.at(weight, _slot(np.arange(first, last)), np.diff(edges) / length)
    return HourProfile(
        weight=weight.reshape(7, 24),
        exact=int(points.sum()),
        spread=int((used & (elapsed > 0)).sum()),
        too_long=int(too_long.sum()),
        day_only=int(day_only.sum()),
        parameters={"most_hours": most_hours, "zone": zone},
    )


def hour_profiles(
    incidents: pd.DataFrame, spot: npt.ArrayLike, *, zone: str, most_hours: float = MOST_HOURS
) -> dict[str, HourProfile]:
    """The profile of each hot spot, in order of its name.

    Parameters
    ----------
    incidents, zone, most_hours
        As in ``hour_profile``.
    spot
        Shape (n,), the hot spot of each incident; empty for none.

    Raises
    ------
    ShapeError
        Not one name for each incident.
    ColumnError, InputError
        As in ``hour_profile``.
    """
    name = np.asarray(spot, dtype=object)
    if name.shape != (len(incidents),):
        raise ShapeError(
            zh=f"{len(incidents)} 起事件配了 {name.shape} 个热点名。",
            en=f"{len(incidents)} incidents with names of hot spots of shape {name.shape}.",
        )
    return {
        each: hour_profile(incidents[name == each], zone=zone, most_hours=most_hours)
        for each in sorted({str(value) for value in name if value})
    }


def _local_seconds(moments: "pd.Series[pd.Timestamp]", zone: str, column: str) -> FloatArray:
    if getattr(moments.dtype, "tz", None) is None:
        raise ColumnError(zh=f"列“{column}”没有时区。", en=f"Column '{column}' has no time zone.")
    local = moments.dt.tz_convert(zone).dt.tz_localize(None).dt.as_unit("us")
    return np.asarray(local.astype("int64"), dtype=np.float64) / 1e6


def _slot(hours: npt.NDArray[np.generic]) -> IntArray:
    """Hour of the week, 0 from Monday's midnight; 1970-01-01 was a Thursday."""
    return np.asarray((hours.astype(np.int64) + 72) % 168, dtype=np.int64)
