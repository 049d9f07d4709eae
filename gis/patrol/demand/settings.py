"""How wishes become stops: the settings, the columns of a stop, and where a stop can come from. Nothing is computed here."""

from dataclasses import dataclass

from gis.errors import InputError

KOPER_S = (600.0, 960.0)
"""10 to 16 minutes, Koper's range for one stop."""
COLUMNS = (
    "id", "stop", "visit", "x", "y", "lon", "lat", "name_zh", "name_en", "kind", "why_zh", "why_en", "worth", "dwell_s",
    "open_s", "close_s", "must", "grid", "outside", "origin", "exit_x", "exit_y", "exit_lon", "exit_lat",
    "skills",
)  # fmt: skip
"""Columns of the stops, in order. ``exit_x`` to ``exit_lat`` are missing but for tasks with two ends: service begins at one end
and ends at the other. ``skills`` are names between commas, empty where none are needed."""
ORIGINS = ("hot_spot", "forecast", "must", "railway", "event", "blind_spot")
"""Where a stop comes from."""


@dataclass(frozen=True)
class DemandOptions:
    """How reports, places and findings become stops. Worth is in points: 1 is one in a hundred of all reports.

    Parameters
    ----------
    max_grids
        Grids that get a stop: significant ones first, then the rest by risk.
    grids
        Codes of grids that a planner chose, as those of one hot spot: they come before all others, also those that nothing
        is known of, and the first visit of each is a must.
    significant_only
        Leave out grids that Gi* does not call hot.
    dwell_s
        Length of a stop, within Koper's 10 to 16 minutes.
    every_s
        A stop is wanted once in each such part of the shift.
    keep
        Worth of each further visit over the one before: the first look brings the most.
    reach_m
        Reports this near to the stop count for its worth.
    hours_prior
        Reports of the district's own mix of hours that are added to each grid: a grid with so many reports goes
        half by its own hours.
    forecast_weight
        Part of the forecast in the risk, where one is given; the reports have the rest.
    must_kinds
        Kinds of places that must be visited once in the shift, where no rules are given.
    must_dwell_s
        Length of such a visit.
    must_worth
        Worth of a must-visit in the totals; being a must is what makes it come first.
    railway_segment_m
        Longest segment that a railway is cut to.
    railway_mps
        Speed of the walk along it.
    railway_must, event_must
        Whether railway segments and sites of events must be visited; else they are wanted for their worth.
    railway_worth, event_worth
        Worth of one visit.
    event_dwell_s, blind_dwell_s
        Length of a visit.
    max_events, max_blind_spots
        The most urgent, and the first by rank.
    blind_weight
        Worth of a blind spot that holds one in a hundred of what blind spots are measured by.
    """

    max_grids: int = 40
    grids: tuple[str, ...] = ()
    significant_only: bool = False
    dwell_s: float = 900.0
    every_s: float = 7200.0
    keep: float = 0.8
    reach_m: float = 150.0
    hours_prior: float = 20.0
    forecast_weight: float = 0.5
    must_kinds: tuple[str, ...] = ("safe_harbour", "station")
    must_dwell_s: float = 600.0
    must_worth: float = 1.0
    railway_segment_m: float = 1000.0
    railway_mps: float = 1.3
    railway_must: bool = True
    railway_worth: float = 1.0
    event_must: bool = True
    event_worth: float = 2.0
    event_dwell_s: float = 900.0
    max_events: int = 30
    blind_dwell_s: float = 600.0
    max_blind_spots: int = 20
    blind_weight: float = 1.0

    def __post_init__(self) -> None:
        if not KOPER_S[0] <= self.dwell_s <= KOPER_S[1]:
            raise InputError(
                zh=f"热点停留须为 10–16 分钟(Koper),得到 {self.dwell_s / 60:g} 分钟。",
                en=f"A stop at a hot grid lasts 10 to 16 minutes (Koper), got {self.dwell_s / 60:g}.",
            )
        above = ("reach_m", "must_dwell_s", "railway_segment_m", "railway_mps", "event_dwell_s", "blind_dwell_s")
        least = ("max_grids", "must_worth", "hours_prior", "railway_worth", "event_worth", "max_events", "max_blind_spots",
                 "blind_weight")  # fmt: skip
        bad = [name for name in above if not getattr(self, name) > 0] + [
            name for name in least if not getattr(self, name) >= 0
        ]
        bad += ["keep"] * (not 0 < self.keep <= 1) + ["forecast_weight"] * (not 0 <= self.forecast_weight <= 1)
        bad += ["every_s"] * (not self.every_s > self.dwell_s)
        if bad:
            raise InputError(
                zh=f"需求设置不合理:{'、'.join(bad)}。复巡间隔须长于停留,衰减与预测权重在 0–1 之间,其余不得为负。",
                en=f"These demand options make no sense: {', '.join(bad)}. Visits repeat after more than a stop's length, "
                "keep and forecast_weight lie in 0 to 1, and nothing is negative.",
            )
