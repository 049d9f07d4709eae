"""The wanted visits of one shift from all that asks for them: hot grids, forecast, places, railway, events, blind spots.

Koper (1995): a stop of 10 to 16 minutes keeps disorder away longest, so it is short and repeated. Counts must come from
what people reported (``found_by`` = ``report``): a map that learns from its own patrols sends them where they were.
It never looks at who was there.
"""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj

from gis.crs import metric_crs
from gis.errors import InputError
from gis.patrol._wishes import needed_skills
from gis.patrol.demand.hot_grids import Reports, hot_stops, repeated
from gis.patrol.demand.hours import ShiftClock
from gis.patrol.demand.must import MustRule, must_stops, plain_rules
from gis.patrol.demand.railway import railway_stops
from gis.patrol.demand.settings import COLUMNS, DemandOptions
from gis.patrol.demand.sites import blind_stops, event_stops
from gis.patrol.tours import Team
from gis.schemas import require_columns


def stops_from(
    hot: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    places: pd.DataFrame,
    *,
    shift_s: float,
    crs: pyproj.CRS | None = None,
    incidents: pd.DataFrame | None = None,
    days: float | None = None,
    options: DemandOptions | None = None,
    clock: ShiftClock | None = None,
    forecast: pd.DataFrame | None = None,
    musts: Sequence[MustRule] | None = None,
    railways: gpd.GeoDataFrame | None = None,
    events: pd.DataFrame | None = None,
    blind: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """The wanted visits of one shift.

    Parameters
    ----------
    hot
        As ``gis.hotspots.rank_grids`` gives it: ``rank``, ``code``, ``count``, and ``q``, ``hot`` where computed.
        Count reports only, not what patrol itself found.
    areas
        Polygons of the grids (more levels do no harm), EPSG:4326.
    places
        Table ``places``; those that a rule names become must-visits.
    shift_s
        Length of the shift in seconds.
    crs
        Metric CRS of ``x``, ``y``; that of the district if not given.
    incidents
        Located incidents behind ``hot`` (``lon``, ``lat``, ``grid``): the stop moves to the densest spot of its grid.
        Rows with ``found_by`` = ``patrol`` are passed over. Without it the stop is a point well inside the grid.
    days
        Length of the period, for the text.
    clock
        When the shift takes place. With ``incidents`` that have ``occurred_at``, grids count by the hours and the kind of
        day of the shift (:func:`hour_factors`).
    forecast
        Reports expected in this shift: ``code`` (among those of ``hot``), ``expected``. Grids not named expect none.
    musts
        Rules of must-visits, for example ``DEFAULT_MUSTS``; the kinds of the options, once a shift, if not given.
    railways
        Lines to be patrolled along; of table ``streets``, those of kind ``rail``.
    events
        Open events of the desk: ``id``, ``lon``, ``lat``, see :func:`gis.patrol.demand.sites.event_stops`.
    blind
        Blind spots of the cameras: ``rank``, ``score``, ``reason``, ``geometry``, see
        :func:`gis.patrol.demand.sites.blind_stops`.

    Returns
    -------
    stops
        One row a wanted visit: COLUMNS. ``open_s`` and ``close_s`` bound the start of the visit, seconds from shift
        start; visits of one ``stop`` follow in parts of the shift; ``worth`` of a first visit to a hot grid is the
        percentage of all (weighted) reports within ``reach_m`` of it. ``exit_x``, ``exit_y`` is the other end of a task with two
        ends, missing for the rest. A place outside every area has ``outside`` set, and the plan names it.

    Raises
    ------
    InputError
        A hot grid without polygon, a place without coordinates, a shift shorter than one stop or of another length than
        its clock, or a rule by days without a clock.
    """
    options = options or DemandOptions()
    require_columns(hot, ["rank", "code", "count"], layer="hot grids")
    require_columns(areas, ["code", "geometry"], layer="areas")
    require_columns(places, ["id", "lon", "lat", "name_zh", "kind"], layer="places")
    _check_shift(shift_s, clock, options)
    metric = crs or _crs_of(areas)
    # An incident table without times still says where to stand.
    timed = clock if incidents is not None and "occurred_at" in incidents else None
    grids = hot_stops(hot, areas, metric, Reports(incidents, days, timed, forecast), options)
    rules = plain_rules(options) if musts is None else musts
    wanted = [repeated(grids, shift_s, options), must_stops(places, areas, metric, shift_s, rules, clock, options)]
    if railways is not None:
        wanted.append(railway_stops(railways, areas, metric, shift_s, options))
    if events is not None:
        wanted.append(event_stops(events, areas, metric, shift_s, clock, options))
    if blind is not None:
        wanted.append(blind_stops(blind, areas, metric, shift_s, options))
    return _together(wanted)


def assign_beats(stops: pd.DataFrame, codes: Sequence[str], beats: npt.NDArray[np.int64]) -> pd.DataFrame:
    """The stops with the column ``beat`` of their grid; -1, any team, where the grid is in no beat."""
    label = dict(zip(codes, beats.tolist(), strict=True))
    return stops.assign(beat=stops["grid"].map(lambda code: label.get(code, -1)).astype("int64"))


def opened_to_all(stops: pd.DataFrame, teams: Sequence[Team], *, shift_s: float) -> pd.DataFrame:
    """The stops, with those that no team of their own beat can serve open to any team that can (``beat`` -1).

    A team cannot serve what needs a skill that it lacks, or what can only begin before it comes or end after it goes. A
    stop that no team at all can serve keeps its beat, so that the plan says which team it fails at. Ways are not looked at.

    Parameters
    ----------
    stops
        With ``beat``, ``open_s``, ``close_s``, ``dwell_s`` and, where known, ``skills``.
    """
    skills = [needed_skills(each) for each in stops["skills"]] if "skills" in stops else [frozenset()] * len(stops)
    opens, closes, dwell = (stops[name].to_numpy(dtype=float) for name in ("open_s", "close_s", "dwell_s"))
    able = np.empty((len(teams), len(stops)), dtype=bool)
    for row, team in enumerate(teams):
        ends = np.maximum(opens, team.start_s) + dwell
        on_duty = (closes >= team.start_s) & (ends <= team.off_duty_s(shift_s))
        able[row] = on_duty & np.array([needed <= set(team.skills) for needed in skills], dtype=bool)
    beat = stops["beat"].to_numpy(dtype=np.int64)
    of = np.array([[team.beat] for team in teams], dtype=np.int64)
    barred = (beat >= 0) & ~(able & ((of == beat) | (of < 0))).any(axis=0) & able.any(axis=0)
    return stops.assign(beat=np.where(barred, -1, beat))


def _check_shift(shift_s: float, clock: ShiftClock | None, options: DemandOptions) -> None:
    if not shift_s >= options.dwell_s:
        raise InputError(
            zh=f"班次 {shift_s} 秒不足一次停留({options.dwell_s:.0f} 秒)。",
            en=f"A shift of {shift_s} s is shorter than one stop ({options.dwell_s:.0f} s).",
        )
    if clock is not None and abs(clock.seconds - shift_s) > 1:
        raise InputError(
            zh=f"班次时长 {shift_s:.0f} 秒与其起止时刻({clock.seconds:.0f} 秒)不符。",
            en=f"The shift is said to last {shift_s:.0f} s, by its wall times it lasts {clock.seconds:.0f} s.",
        )


def _crs_of(areas: gpd.GeoDataFrame) -> pyproj.CRS:
    west, south, east, north = areas.total_bounds
    return metric_crs((west + east) / 2, (south + north) / 2)


def _together(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """One table with every column; only tasks with two ends have a second one."""
    some = [table.reindex(columns=list(COLUMNS)) for table in tables if len(table)]
    if not some:
        return tables[0].reindex(columns=list(COLUMNS)).reset_index(drop=True)
    # Missing second ends are filled after joining: an all-missing column has no type of its own.
    joined = pd.concat([table.dropna(axis="columns", how="all") for table in some], ignore_index=True)
    ends = {name: joined.get(name, np.nan) for name in ("exit_x", "exit_y", "exit_lon", "exit_lat")}
    skills = joined["skills"].fillna("") if "skills" in joined else ""
    return joined.assign(**ends, skills=skills).reindex(columns=list(COLUMNS))
