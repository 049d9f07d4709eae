"""What a shift wants: stops at hot grids, again about every two hours, and the places that must be seen; each with its why.

Koper (1995): a stop of 10 to 16 minutes keeps disorder away longest, so it is short and repeated. Counts must come from
what people reported (``found_by`` = ``report``): a map that learns from its own patrols sends them where they were.
It never looks at who was there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from scipy.spatial import cKDTree

from gis.crs import metric_crs, project, unproject
from gis.errors import InputError
from gis.schemas import require_columns

FloatArray = npt.NDArray[np.float64]
KOPER_S = (600.0, 960.0)
"""10 to 16 minutes, Koper's range for one stop."""
COLUMNS = (
    "id", "stop", "visit", "x", "y", "lon", "lat", "name_zh", "name_en", "kind", "why_zh", "why_en", "worth", "dwell_s",
    "open_s", "close_s", "must", "grid", "outside",
)  # fmt: skip
"""Columns of the stops, in order."""


@dataclass(frozen=True)
class DemandOptions:
    """How reports become stops.

    Parameters
    ----------
    max_grids
        Grids that get a stop: significant ones first, then the rest by rank.
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
    must_kinds
        Kinds of places that must be visited once in the shift.
    must_dwell_s
        Length of such a visit.
    must_worth
        Worth of it in the totals; being a must is what makes it come first.
    """

    max_grids: int = 40
    significant_only: bool = False
    dwell_s: float = 900.0
    every_s: float = 7200.0
    keep: float = 0.8
    reach_m: float = 150.0
    must_kinds: tuple[str, ...] = ("safe_harbour", "station")
    must_dwell_s: float = 600.0
    must_worth: float = 1.0

    def __post_init__(self) -> None:
        if not KOPER_S[0] <= self.dwell_s <= KOPER_S[1]:
            raise InputError(
                zh=f"热点停留须为 10–16 分钟(Koper),得到 {self.dwell_s / 60:g} 分钟。",
                en=f"A stop at a hot grid lasts 10 to 16 minutes (Koper), got {self.dwell_s / 60:g}.",
            )
        positive = self.every_s > self.dwell_s and self.reach_m > 0 and self.must_dwell_s > 0
        if not positive or not 0 < self.keep <= 1 or self.max_grids < 0 or self.must_worth < 0:
            raise InputError(
                zh="需求设置不合理:复巡间隔须长于停留,衰减在 0–1 之间,其余不得为负。",
                en="These demand options make no sense: visits repeat after more than a stop's length, "
                "keep lies in (0, 1], and nothing is negative.",
            )


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
        Table ``places``; those of ``must_kinds`` become must-visits.
    shift_s
        Length of the shift in seconds.
    crs
        Metric CRS of ``x``, ``y``; that of the district if not given.
    incidents
        Located incidents behind ``hot`` (``lon``, ``lat``, ``grid``): the stop moves to the densest spot of its grid.
        Rows with ``found_by`` = ``patrol`` are passed over. Without it the stop is a point well inside the grid.
    days
        Length of the period, for the text.

    Returns
    -------
    stops
        One row a wanted visit: COLUMNS. ``open_s`` and ``close_s`` bound the start of the visit, seconds from shift
        start; visits of one ``stop`` follow in parts of the shift; ``worth`` of a first visit is the percentage of all
        reports within ``reach_m`` of it. A place outside every area has ``outside`` set, and the plan names it.

    Raises
    ------
    InputError
        A hot grid without polygon, a place without coordinates, or a shift shorter than one stop.
    """
    options = options or DemandOptions()
    require_columns(hot, ["rank", "code", "count"], layer="hot grids")
    require_columns(areas, ["code", "geometry"], layer="areas")
    require_columns(places, ["id", "lon", "lat", "name_zh", "kind"], layer="places")
    if not shift_s >= options.dwell_s:
        raise InputError(
            zh=f"班次 {shift_s} 秒不足一次停留({options.dwell_s:.0f} 秒)。",
            en=f"A shift of {shift_s} s is shorter than one stop ({options.dwell_s:.0f} s).",
        )
    metric = crs or _crs_of(areas)
    grids = _hot_stops(hot, areas, metric, incidents, days, options)
    visits = pd.concat([_repeated(grids, shift_s, options), _must_stops(places, areas, metric, shift_s, options)])
    return visits.reset_index(drop=True)[list(COLUMNS)]


def assign_beats(stops: pd.DataFrame, codes: Sequence[str], beats: npt.NDArray[np.int64]) -> pd.DataFrame:
    """The stops with the column ``beat`` of their grid; -1, any team, where the grid is in no beat."""
    label = dict(zip(codes, beats.tolist(), strict=True))
    return stops.assign(beat=stops["grid"].map(lambda code: label.get(code, -1)).astype("int64"))


def _crs_of(areas: gpd.GeoDataFrame) -> pyproj.CRS:
    west, south, east, north = areas.total_bounds
    return metric_crs((west + east) / 2, (south + north) / 2)


def _chosen(hot: pd.DataFrame, options: DemandOptions) -> pd.DataFrame:
    """Significant grids by rank, then the others by rank; none without a report."""
    table = hot[hot["count"] > 0].copy()
    table["hot"] = table["hot"].fillna(value=False).astype(bool) if "hot" in table else False
    table = table[table["hot"]] if options.significant_only else table
    return table.sort_values(["hot", "rank"], ascending=[False, True], kind="stable").head(options.max_grids)


def _hot_stops(
    hot: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    metric: pyproj.CRS,
    incidents: pd.DataFrame | None,
    days: float | None,
    options: DemandOptions,
) -> pd.DataFrame:
    """One row a chosen grid: where, how much, why."""
    chosen = _chosen(hot, options)
    outlines = areas.drop_duplicates("code").set_index("code")
    lost = [code for code in chosen["code"] if code not in outlines.index]
    if lost:
        raise InputError(
            zh=f"{len(lost)} 个热点网格在区域图层中没有边界:{'、'.join(lost[:10])}。",
            en=f"{len(lost)} hot grids have no polygon in the areas: {', '.join(lost[:10])}.",
        )
    mine = outlines.loc[chosen["code"].tolist()]
    polygons = mine.geometry.to_crs(metric).to_numpy()
    xy = shapely.get_coordinates(shapely.point_on_surface(polygons))
    near = chosen["count"].to_numpy(dtype=np.float64)
    if incidents is not None:
        xy, near = _densest_spots(chosen["code"].tolist(), polygons, xy, incidents, metric, options.reach_m)
    total = float(hot["count"].sum())
    lon, lat = unproject(xy, metric)
    why = [
        _why_hot(row, count, days, options.reach_m if incidents is not None else None)
        for row, count in zip(chosen.itertuples(), near, strict=True)
    ]
    names = mine["name_zh"].astype(str).tolist() if "name_zh" in mine else chosen["code"].tolist()
    english = mine["name_en"].fillna("").astype(str).tolist() if "name_en" in mine else [""] * len(mine)
    table = pd.DataFrame(
        {
            "stop": [f"grid:{code}" for code in chosen["code"]],
            "x": xy[:, 0],
            "y": xy[:, 1],
            "lon": lon,
            "lat": lat,
            "name_zh": names,
            "name_en": [en or zh for en, zh in zip(english, names, strict=True)],
            "kind": "hot_grid",
            "why_zh": [zh for zh, _ in why],
            "why_en": [en for _, en in why],
            "worth": 100.0 * near / total if total else near,
            "dwell_s": options.dwell_s,
            "must": False,
            "grid": chosen["code"].astype("str").tolist(),
            "outside": False,
        }
    )
    return table.astype(dict.fromkeys(("stop", "name_zh", "name_en", "why_zh", "why_en", "grid"), "str"))


def _densest_spots(
    codes: list[str],
    polygons: npt.NDArray[np.object_],
    fallback: FloatArray,
    incidents: pd.DataFrame,
    metric: pyproj.CRS,
    reach_m: float,
) -> tuple[FloatArray, FloatArray]:
    """For each grid the middle of its densest ``reach_m`` circle of reports, and how many lie in it.

    The middle, not a report's own point, so that a stop tells nobody's address.
    """
    require_columns(incidents, ["lon", "lat", "grid"], layer="incidents")
    reports = incidents[incidents["grid"].isin(codes) & incidents["lon"].notna() & incidents["lat"].notna()]
    if "found_by" in reports:
        reports = reports[reports["found_by"] != "patrol"]
    points = project(reports["lon"].to_numpy(), reports["lat"].to_numpy(), metric)
    members = reports.reset_index(drop=True).groupby("grid").indices
    xy, near = fallback.copy(), np.zeros(len(codes))
    for place, code in enumerate(codes):
        if code not in members:
            continue
        own = points[members[code]]
        tree = cKDTree(own)
        around = tree.query_ball_point(own, reach_m, return_length=True)
        best = own[np.lexsort((own[:, 1], own[:, 0], -around))[0]]
        circle = own[tree.query_ball_point(best, reach_m)]
        middle = circle.mean(axis=0)
        xy[place] = middle if shapely.intersects_xy(polygons[place], *middle) else best
        near[place] = len(circle)
    return xy, near


def _why_hot(row: object, near: float, days: float | None, reach_m: float | None) -> tuple[str, str]:
    rank, count = int(getattr(row, "rank")), int(getattr(row, "count"))  # noqa: B009 - `count` is a method of tuples
    zh = f"热点第 {rank} 位:" + (f"近 {days:g} 天" if days else "") + f"上报 {count} 起"
    en = f"hot grid no. {rank}: {count} reports" + (f" in {days:g} days" if days else "")
    if reach_m is not None:
        zh += f",其中停留点 {reach_m:g} 米内 {near:.0f} 起"
        en += f", {near:.0f} within {reach_m:g} m of the stop"
    q = getattr(row, "q", np.nan)
    if getattr(row, "hot", False):
        shown = "" if not np.isfinite(q) else "q<0.001" if q < 0.001 else f"q={q:.3f}"
        zh += ",聚集显著" + (f"({shown})" if shown else "")
        en += ", a significant cluster" + (f" ({shown})" if shown else "")
    return zh, en


def _repeated(grids: pd.DataFrame, shift_s: float, options: DemandOptions) -> pd.DataFrame:
    """Each stop once in every part of the shift, worth less each time; the last part takes what is left of the shift."""
    parts = max(1, int(shift_s // options.every_s))
    visits = []
    for part in range(parts):
        end = shift_s if part == parts - 1 else (part + 1) * options.every_s
        again_zh, again_en = (f",第 {part + 1} 次巡查", f", visit {part + 1}") if parts > 1 else ("", "")
        visits.append(
            grids.assign(
                id=grids["stop"] + f"#{part + 1}",
                visit=part + 1,
                worth=grids["worth"] * options.keep**part,
                open_s=part * options.every_s,
                close_s=end - options.dwell_s,
                why_zh=grids["why_zh"] + again_zh,
                why_en=grids["why_en"] + again_en,
            )
        )
    return pd.concat(visits)


_KINDS = {
    "school": ("学校", "school"),
    "courier": ("寄递网点", "courier outlet"),
    "safe_harbour": ("平安驿站", "safe harbour"),
    "hospital": ("医院", "hospital"),
    "market": ("市场", "market"),
    "station": ("车站", "station"),
}


def _must_stops(
    places: pd.DataFrame, areas: gpd.GeoDataFrame, metric: pyproj.CRS, shift_s: float, options: DemandOptions
) -> pd.DataFrame:
    wanted = places[places["kind"].isin(options.must_kinds)].reset_index(drop=True)
    lost = wanted.loc[wanted["lon"].isna() | wanted["lat"].isna(), "id"].astype(str).tolist()
    if lost:
        raise InputError(
            zh=f"{len(lost)} 个必巡场所没有坐标:{'、'.join(lost[:10])}。",
            en=f"{len(lost)} places that must be visited have no coordinates: {', '.join(lost[:10])}.",
        )
    lon, lat = wanted["lon"].to_numpy(dtype=np.float64), wanted["lat"].to_numpy(dtype=np.float64)
    xy = project(lon, lat, metric).reshape(-1, 2)
    grid, outside = _located(wanted, lon, lat, areas)
    names = wanted["name_zh"].astype(str)
    english = wanted["name_en"].fillna("").astype(str) if "name_en" in wanted else pd.Series("", index=wanted.index)
    words = [_KINDS.get(kind, (kind, kind)) for kind in wanted["kind"]]
    return pd.DataFrame(
        {
            "id": "place:" + wanted["id"].astype(str),
            "stop": "place:" + wanted["id"].astype(str),
            "visit": 1,
            "x": xy[:, 0],
            "y": xy[:, 1],
            "lon": lon,
            "lat": lat,
            "name_zh": names,
            "name_en": english.where(english != "", names),
            "kind": "place",
            "why_zh": [f"必巡点:{zh}" for zh, _ in words],
            "why_en": [f"mandatory stop: {en}" for _, en in words],
            "worth": options.must_worth,
            "dwell_s": options.must_dwell_s,
            "open_s": 0.0,
            "close_s": max(0.0, shift_s - options.must_dwell_s),
            "must": True,
            "grid": grid,
            "outside": outside,
        }
    )


def _located(
    places: pd.DataFrame, lon: FloatArray, lat: FloatArray, areas: gpd.GeoDataFrame
) -> tuple[list[str], npt.NDArray[np.bool_]]:
    """The grid of each place (its own column first, then the polygons; lowest code on a tie), and who is in no area."""
    tree = shapely.STRtree(areas.geometry.to_numpy())
    point, shape = tree.query(shapely.points(lon, lat), predicate="intersects")
    outside = np.ones(len(places), dtype=bool)
    outside[point] = False
    own = places["grid"].fillna("").astype(str).tolist() if "grid" in places else [""] * len(places)
    codes = areas["code"].astype(str).to_numpy()
    basic = np.ones(len(areas), dtype=bool)
    if "level" in areas:
        basic &= (areas["level"] == "grid").to_numpy()
    if "kind" in areas:
        basic &= (areas["kind"] != "special").to_numpy()
    inside = sorted((codes[area], row) for row, area in zip(point, shape, strict=True) if basic[area])
    for code, row in inside:
        own[row] = own[row] or code
    return own, outside
