"""What a reader asks of hot spots beside the filter: the method, its settings, and the period to compare with. It asks nobody."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from gis.errors import FilterError
from gis.hotspots import METHODS, HotCellOptions
from gis.hotspots.explain import Bilingual
from gis.incidents import IncidentFilter
from webmap.services import Period

VERSUS = ("previous", "year", "none")
"""Periods to compare with: the one just before, the same days a year before, no other."""

CELL_M = (10.0, 5000.0)
REACH_M = (10.0, 20_000.0)
STEP_DAYS = (1.0, 366.0)
"""Smallest and largest of what a reader may set."""


@dataclass(frozen=True)
class HotSpotQuestion:
    """The method and its settings.

    Parameters
    ----------
    method
        A key of ``gis.hotspots.METHODS``.
    options
        Settings of the method; what is None is chosen by rule.
    versus
        One of ``VERSUS``.

    Raises
    ------
    FilterError
        No such method or period, or a setting out of range.
    """

    method: str = "optimized"
    options: HotCellOptions = field(default_factory=HotCellOptions)
    versus: str = "previous"

    def __post_init__(self) -> None:
        _one_of("method", self.method, tuple(METHODS))
        _one_of("versus", self.versus, VERSUS)
        for name, value, (low, high) in (
            ("cell", self.options.cell_m, CELL_M),
            ("reach", self.options.band_m, REACH_M),
            ("step", self.options.step_days, STEP_DAYS),
        ):
            if value is not None and not low <= value <= high:
                raise FilterError(
                    zh=f"{name} 应在 {low:g}-{high:g} 之间,而不是 {value:g}。",
                    en=f"{name} lies within {low:g}-{high:g}, not at {value:g}.",
                )

    def settled(self, cell_m: float, band_m: float) -> "HotSpotQuestion":
        """The same question with the squares and the band that were chosen: another period is judged on the same ground."""
        return replace(self, options=replace(self.options, cell_m=cell_m, band_m=band_m))


def base_of(
    asked: IncidentFilter, period: Period, data: Period | None, *, versus: str, zone: str
) -> tuple[IncidentFilter | None, Bilingual | None]:
    """The same question of the period to compare with; None with the reason where there is nothing to compare.

    Parameters
    ----------
    period
        That of the question.
    data
        From the first to the last record.
    """
    if versus == "none":
        return None, None
    local = ZoneInfo(zone)
    since, until = period.since.astimezone(local), period.until.astimezone(local)
    # Wall time: a day has the same hours of the clock in either period.
    back = timedelta(days=364) if versus == "year" else until - since
    begin, end = since - back, until - back
    # A first record some hours into the first day is a whole day all the same.
    if data is None or begin < data.since - timedelta(days=1):
        first = f"{data.since.astimezone(local):%Y-%m-%d}" if data else "-"
        return None, (
            f"对照时段 {begin:%Y-%m-%d} 至 {end:%Y-%m-%d} 没有完整数据(数据始于 {first}),未作比较;请在时间条上选较短的时段。",
            f"The period to compare with, {begin:%Y-%m-%d} to {end:%Y-%m-%d}, has no full data (they begin on {first}), so nothing was "
            "compared; choose a shorter period in the time bar.",
        )
    if end > period.since.astimezone(local):
        return None, (
            "对照时段与本时段重叠,未作比较。",
            "The period to compare with overlaps this one; nothing was compared.",
        )
    return replace(asked, since=begin, until=end), None


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise FilterError(
            zh=f"{name} 只能是 {'、'.join(allowed)}。", en=f"{name} is one of {', '.join(allowed)}, not '{value}'."
        )
