"""Where the next cameras belong, on the map's data: demand, candidates and what they see are kept, the choice is searched.

It puts library calls in order; what does not depend on number, money or goal is worked out once for a version of the
data, an area and an optic. A proposal is written nowhere and is no permission.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import csr_array

from gis.cameras.buildings import Occluders
from gis.cameras.candidates import (
    Candidates,
    Optic,
    along_facades,
    along_streets,
    candidates,
    cover_matrix,
    demand_points,
)
from gis.cameras.coverage import Coverage, PointTargets
from gis.cameras.polygons import solid
from gis.cameras.siting import Fewest, Siting, SitingProblem, fewest, most_covered
from gis.cameras.tables import MOUNTS
from gis.crs import unproject
from gis.errors import FilterError, GeometryError
from gis.incidents import IncidentFilter
from webmap import camera_rules, cameras
from webmap.services import Services, reports_only
from webmap.store import LOCAL_OPERATOR, Viewer

MOST_SITES = 100
MOST_RANGE_M = 300.0
"""Thousands of candidates are looked at; what lies farther is of no use to any band but the coarsest."""
GOALS = ("most", "fewest", "cheapest")
_POLE_EVERY_M = 80.0
_MOST_PLACES = 1000
_STEP_M = 20.0
"""Side of the squares of open ground, and distance of street points, in siting."""
_WORTH = {"incidents": 0.45, "hotspot": 0.1, "places": 0.2, "street": 0.15, "area": 0.1}
"""Share of each kind of demand in siting. Our own choice, not a finding."""
_LARGEST = 1e12


@dataclass(frozen=True)
class SiteQuestion:
    """What is asked of siting.

    Parameters
    ----------
    goal
        ``most`` covered by a number of cameras or a budget; the ``fewest`` or the ``cheapest`` for a share.
    count, budget
        Number of cameras, or money in the unit of the costs: one of the two where ``most`` is wanted.
    share
        Of the demand that the candidates can reach at all, for ``fewest`` and ``cheapest``.
    optic
        The camera that would be mounted.
    costs
        By mount, ``pole`` and ``wall``; what is not told is as the district's table says.
    backup
        Worth of a second camera beside the first, 0-1, where ``most`` is wanted.
    area
        Only in this area of the tree.
    forbidden
        Polygons, EPSG:4326, in which no camera may stand; they may be seen. Masks of all cameras are neither stood in nor
        seen.
    seconds
        Time limit of the search; a proof may take as long again.
    """

    goal: str = "most"
    count: int | None = None
    budget: float | None = None
    share: float = 0.9
    optic: Optic = field(default_factory=Optic)
    costs: tuple[tuple[str, float], ...] = ()
    backup: float = 0.0
    area: str = ""
    forbidden: tuple[shapely.Geometry, ...] = ()
    seconds: float = 2.0
    prove: bool = False

    def __post_init__(self) -> None:
        if self.goal not in GOALS:
            raise FilterError(zh=f"goal 只能是 {'、'.join(GOALS)}。", en=f"goal is one of {', '.join(GOALS)}.")
        if self.goal == "most":
            _check_limit(self.count, self.budget)
        if not 0 < self.share <= 1:
            raise FilterError(zh=f"share 应大于 0、不大于 1,而不是 {self.share:g}。", en=f"share is above 0, at most 1, not {self.share:g}.")  # fmt: skip
        if not 0 <= self.backup <= 1:
            raise FilterError(zh=f"backup 应在 0 与 1 之间,而不是 {self.backup:g}。", en=f"backup lies between 0 and 1, not {self.backup:g}.")  # fmt: skip
        if self.optic.range_m > MOST_RANGE_M:
            raise FilterError(
                zh=f"选址时可视距离至多 {MOST_RANGE_M:g} 米。", en=f"In siting the range is at most {MOST_RANGE_M:g} m."
            )  # fmt: skip
        for mount, cost in self.costs:
            if mount not in MOUNTS or not 0 < cost <= _LARGEST:
                raise FilterError(
                    zh=f"费用 {mount}={cost:g} 不合理:安装方式为 pole 或 wall,费用大于 0。",
                    en=f"A cost {mount}={cost:g} makes no sense: mounts are pole and wall, costs are above 0.",
                )
        for zone in self.forbidden:
            _check_zone(zone)


@dataclass(frozen=True, eq=False)
class Proposal:
    """An answer of siting.

    Parameters
    ----------
    table
        One row a new camera in the order of worth: ``rank``, ``lon``, ``lat``, ``azimuth``, ``angle``, ``range_m``,
        ``height_m``, ``mount``, ``cost``, ``gain`` (share of all demand); ``incidents``, ``places`` and ``street_m`` in its
        view that nobody sees now; and its visible area, EPSG:4326.
    found
        The choice with its bound, in weight of demand.
    candidates, left_out
        How many cameras could be chosen from, and places that were not taken, by reason.
    cost
        Of all proposals, by their mounts.
    """

    table: gpd.GeoDataFrame
    found: Siting | Fewest
    already: float
    candidates: int
    places: int
    left_out: Mapping[str, int]
    cost: float
    goal: str

    def as_dict(self) -> dict[str, Any]:
        """The numbers beside the rows; shares are of all demand; JSON-safe."""
        found = self.found
        total = found.total or 1.0
        told: dict[str, Any] = {
            "goal": self.goal,
            "covered": round(found.covered / total, 5),
            "already": round(self.already / total, 5),
            "proven": found.proven,
            "cameras": len(self.table),
            "total_cost": round(self.cost, 2),
            "candidates": self.candidates,
            "places": self.places,
            "left_out": dict(self.left_out),
        }
        if isinstance(found, Siting):
            return told | {"bound": round(found.bound / total, 5), "gap": round(found.gap, 5), "bound_of": "covered"}
        gap = (found.cost - found.bound) / found.bound if found.bound > 0 else 0.0
        return told | {
            "bound": round(found.bound, 2),
            "gap": round(gap, 5) if found.bound > 0 or found.proven else None,
            "bound_of": "cameras" if self.goal == "fewest" else "cost",
            "wanted": round(found.wanted / total, 5),
            "reachable": round((found.total - found.unreachable) / total, 5),
            "enough": found.enough,
        }


def propose(services: Services, viewer: Viewer, asked: IncidentFilter, question: SiteQuestion) -> Proposal:
    """New cameras that see most of what is not seen, or the fewest or cheapest that see a share of it.

    Demand is the open ground, weighted by reported incidents, hot spots, key places, streets and area. Candidates are the
    1,000 places with most unseen demand within range, of poles every 80 m along the streets and of walls that face one,
    each with eight orientations; none inside masks or forbidden zones. Working cameras stay as they are.

    Raises
    ------
    InputError
        No candidate place remains.
    NotFoundError
        No such area.
    """
    reports = reports_only(asked)
    return services.keep(
        ("site proposal", reports, question), viewer, lambda: _propose(services, viewer, reports, question)
    )


def zone_of(document: Any) -> list[shapely.Geometry]:
    """Polygons of a GeoJSON geometry, feature or collection.

    Raises
    ------
    GeometryError
        It is none of them.
    """
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "FeatureCollection" and isinstance(document.get("features"), list):
        return [shape for each in document["features"] for shape in zone_of(each)]
    if kind == "Feature":
        return zone_of(document.get("geometry"))
    try:
        shape = shapely.geometry.shape(document)
    except Exception as error:  # shapely raises half a dozen classes here
        raise _no_zone() from error
    _check_zone(shape)
    return [shape]


@dataclass(frozen=True, eq=False)
class _Field:
    """What is chosen from, and for what: the same for every number, sum and goal."""

    found: Candidates
    areas: np.ndarray
    covers: csr_array
    weight: np.ndarray
    already: np.ndarray
    total: float
    now: Coverage


def _propose(services: Services, viewer: Viewer, asked: IncidentFilter, question: SiteQuestion) -> Proposal:
    key = ("site field", asked, question.area, question.optic, question.forbidden)
    held = services.keep(key, viewer, lambda: _field(services, viewer, asked, question))
    table = held.found.table
    costs = table["mount"].map({**camera_rules.costs(services), **dict(question.costs)}).to_numpy(dtype=float)
    paid = question.budget is not None or question.goal == "cheapest"
    problem = SitingProblem.of(
        held.covers, held.weight, cost=costs if paid else None, group=table["pole"], already=held.already
    )  # fmt: skip
    found = _chosen(problem, question)
    # Demand that no candidate reaches still belongs to the denominator.
    if isinstance(found, Siting):
        found = replace(found, total=held.total * (1 + question.backup))
        gains = found.gains
    else:
        found = replace(found, total=held.total, unreachable=found.unreachable + held.total - float(held.weight.sum()))
        gains = _gains(problem, found.chosen)
    already = problem.covered(np.zeros(0, dtype=np.int64), question.backup)
    shown = _told(services, held, found.chosen, gains / (found.total or 1.0), costs[found.chosen])
    return Proposal(
        shown, found, already, len(table), int(table["pole"].nunique()), held.found.left_out,
        float(costs[found.chosen].sum()), question.goal,
    )  # fmt: skip


def _chosen(problem: SitingProblem, question: SiteQuestion) -> Siting | Fewest:
    if question.goal == "most":
        return most_covered(
            problem, count=question.count, budget=question.budget, backup=question.backup,
            seconds=question.seconds, prove=question.prove,
        )  # fmt: skip
    return fewest(problem, share=question.share, seconds=question.seconds * 2, prove=question.prove)


def _gains(problem: SitingProblem, chosen: np.ndarray) -> np.ndarray:
    """What each of some candidates adds to those before it."""
    seen, gains = problem.already > 0, np.zeros(len(chosen))
    for order, row in enumerate(chosen.tolist()):
        demands = problem.covers.indices[problem.covers.indptr[row] : problem.covers.indptr[row + 1]]
        gains[order] = problem.weight[demands][~seen[demands]].sum()
        seen[demands] = True
    return gains


def _field(services: Services, viewer: Viewer, asked: IncidentFilter, question: SiteQuestion) -> _Field:
    held = cameras.register(services, viewer)
    now = cameras.coverage(services, viewer, "sure", asked=asked)
    crs = services.metric(LOCAL_OPERATOR)
    buildings = cameras.occluders(services)
    within = held.window
    if question.area:
        within = gpd.GeoSeries([services.window(viewer, question.area)], crs="EPSG:4326").to_crs(crs).iloc[0]
    masked = shapely.union_all([mask for camera, mask in cameras.masks(services).items() if not camera])
    zones = gpd.GeoSeries(list(question.forbidden), crs="EPSG:4326").to_crs(crs).tolist()

    def demand() -> tuple[PointTargets, np.ndarray]:
        found = demand_points(within, step_m=_STEP_M, buildings=buildings.shapes, targets=_targets(now), worth=_WORTH)
        points = PointTargets.of(found.xy, weight=found.weight)
        return points, points.hits(now.seen)

    wanted, already = services.keep(("site demand", asked, question.area), viewer, demand)
    at, mount = services.keep(("site places", question.area), viewer, lambda: _places(now, buildings, within))
    rows = _best_places(at, wanted, already, question.optic.range_m)
    found = candidates(
        at[rows], question.optic, buildings, within=within, forbidden=[masked, *zones], mount=mount[rows].tolist()
    )
    areas = solid(shapely.difference(found.areas, masked))
    covers = cover_matrix(areas, wanted.xy, tree=wanted.tree)
    near = already + np.asarray(covers.sum(axis=0)).ravel() > 0
    return _Field(
        found, areas, csr_array(covers[:, near]), wanted.weight[near], already[near], float(wanted.weight.sum()), now
    )


def _targets(now: Coverage) -> dict[str, PointTargets]:
    """Incidents and places as they are, streets by a point at equal steps."""
    lines = shapely.get_parts(now.ground.streets)
    steps = np.maximum(np.round(shapely.length(lines) / _STEP_M).astype(int), 1)
    line = np.repeat(np.arange(len(lines)), steps)
    part = (np.arange(len(line)) - (np.cumsum(steps) - steps)[line] + 0.5) / np.maximum(steps[line], 1)
    at = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], part, normalized=True))
    points = now.ground.points
    return {
        "incidents": points["incidents"],
        "hotspot": points["hotspot"],
        "places": points["places"],
        "street": PointTargets.of(at),
    }


def _places(now: Coverage, buildings: Occluders, within: shapely.Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Poles along the streets and walls that face one, and what bears a camera there."""
    lines = shapely.get_parts(shapely.intersection(now.ground.streets, within))
    houses = buildings.shapes[buildings.tree.query(within, predicate="intersects")]
    poles = along_streets(lines, every_m=_POLE_EVERY_M)
    walls = along_facades(houses, every_m=_POLE_EVERY_M, streets=lines)
    mount = np.repeat(np.array(MOUNTS, dtype=object), [len(poles), len(walls)])
    return np.concatenate([poles, walls]), mount


def _best_places(at: np.ndarray, wanted: PointTargets, already: np.ndarray, range_m: float) -> np.ndarray:
    """Rows of the places with most unseen demand within range, in order."""
    near, point = wanted.tree.query(shapely.points(at), predicate="dwithin", distance=range_m)
    unseen = np.where(already, 0.0, wanted.weight)
    held = np.bincount(near, unseen[point], minlength=len(at))
    best = np.argsort(-held, kind="stable")[:_MOST_PLACES]
    return np.sort(best[held[best] > 0])


def _told(
    services: Services, held: _Field, chosen: np.ndarray, gains: np.ndarray, costs: np.ndarray
) -> gpd.GeoDataFrame:
    """Rows of the answer in the order of worth."""
    areas = held.areas[chosen]
    table = held.found.table.iloc[chosen].reset_index(drop=True)
    lon, lat = unproject(table[["x", "y"]].to_numpy(), services.metric(LOCAL_OPERATOR))
    told = table[["azimuth", "angle", "range_m", "height_m", "mount"]].assign(
        cost=costs, gain=np.round(gains, 5), **_unseen_in(held.now, areas)
    )
    told.insert(0, "lat", lat)
    told.insert(0, "lon", lon)
    told.insert(0, "rank", np.arange(1, len(told) + 1))
    return cameras.drawn(services, told, areas)


def _unseen_in(now: Coverage, areas: np.ndarray) -> dict[str, np.ndarray]:
    """What each area holds that no camera sees now: incidents and places by weight, street length in m."""
    held = {}
    for name in ("incidents", "places"):
        targets = now.ground.points[name]
        held[name] = cover_matrix(areas, targets.xy, tree=targets.tree) @ (targets.weight * (now.depth[name] == 0))
    area, cell = shapely.STRtree(areas).query(now.ground.streets, predicate="intersects")[::-1]
    unseen = shapely.difference(shapely.intersection(now.ground.streets[cell], areas[area]), now.levels[cell, 0])
    return held | {"street_m": np.round(np.bincount(area, shapely.length(unseen), minlength=len(areas)), 1)}


def _check_limit(count: int | None, budget: float | None) -> None:
    if (count is None) == (budget is None):
        raise FilterError(zh="请给出新增数量或预算之一。", en="Tell either a number of cameras or a budget.")
    if count is not None and not 1 <= count <= MOST_SITES:
        raise FilterError(zh=f"新增数量应为 1-{MOST_SITES}。", en=f"The number of new cameras is 1 to {MOST_SITES}.")
    if budget is not None and not 0 < budget <= _LARGEST:
        raise FilterError(zh=f"预算应大于 0,而不是 {budget:g}。", en=f"The budget is above 0, not {budget:g}.")


def _check_zone(zone: shapely.Geometry) -> None:
    ground = shapely.get_type_id(zone) in (3, 6) and not shapely.is_empty(zone) and shapely.is_valid(zone)
    if not ground or not (np.abs(shapely.bounds(zone)) <= [180, 90, 180, 90]).all():
        raise _no_zone()


def _no_zone() -> GeometryError:
    return GeometryError(
        zh="禁设区应为有效的 GeoJSON 多边形(经纬度)。",
        en="A forbidden zone is a valid GeoJSON polygon in degrees.",
    )
