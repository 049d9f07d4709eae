"""What cameras see, for pages, API, exports: from the register to visible areas and coverage, kept per version.

It puts library calls in order over the store and computes no geometry of its own. A viewer gets the cameras and the
ground of their own areas alone, and buildings outside of them still stand in the way.
"""

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.cameras.buildings import Occluders
from gis.cameras.coverage import DEPTHS, Coverage, Ground, PointTargets
from gis.cameras.facade import Snapped, snap_to_facade
from gis.cameras.light import LitGround, by_night
from gis.cameras.polygons import solid
from gis.cameras.targets import target_table
from gis.cameras.views import Problem
from gis.cameras.visible import EMPTY, CameraAreas, camera_areas
from gis.crs import project, unproject
from gis.errors import FilterError, NotFoundError
from gis.incidents import IncidentFilter
from gis.schemas import LEVELS
from webmap import camera_rules
from webmap.services import Services, reports_only
from webmap.store import LOCAL_OPERATOR, Viewer

Shapes = npt.NDArray[np.object_]

OFF = ("offline", "maintenance")
"""Status of cameras that see nothing now; others, also those of unknown status, count as working."""

ON_WALL_M = 0.05
"""A camera no farther from a wall counts as on it; the register rounds to about a decimetre."""

BASES = ("sure", "may")
LIGHTS = ("day", "night")
MOST_POINTS = 300_000
"""Up to so many incidents are counted at their own place; more are gathered in cells of about ten metres first."""

_SCREEN_M = 0.3
"""Corners closer than this to a line are left out on the screen and in files of visible areas."""


@dataclass(frozen=True, eq=False)
class Register:
    """A viewer's cameras and what they see inside the viewer's ground, metres.

    Parameters
    ----------
    frame
        ``cameras`` table.
    working
        Neither offline nor in maintenance.
    snapped
        Where they stand for the purposes of seeing: outside of every building; the register keeps its own positions.
    areas
        Visible areas of all of them; see :class:`gis.cameras.visible.CameraAreas`.
    """

    frame: pd.DataFrame
    working: npt.NDArray[np.bool_]
    snapped: Snapped
    areas: CameraAreas
    window: shapely.Geometry

    def seen(self, basis: str, shapes: CameraAreas | None = None, *, working: bool = True) -> Shapes:
        """What the working cameras see inside the viewer's ground, ``sure`` or ``may``; or those that are off."""
        areas = shapes or self.areas
        drawn = areas.sure if basis == "sure" else areas.may
        return solid(shapely.intersection(np.where(self.working == working, drawn, EMPTY), self.window))


def register(services: Services, viewer: Viewer) -> Register:
    """The viewer's cameras with their visible areas.

    Raises
    ------
    NotFoundError
        No areas are loaded.
    """

    def make() -> Register:
        frame = services.layer("cameras", viewer).reset_index(drop=True)
        crs = services.metric(LOCAL_OPERATOR)
        xy = project(frame["lon"].to_numpy(), frame["lat"].to_numpy(), crs)
        snapped = placed(frame, xy, occluders(services))
        window = gpd.GeoSeries([services.window(viewer)], crs="EPSG:4326").to_crs(crs).iloc[0]
        return Register(
            frame, ~frame["status"].isin(OFF).to_numpy(), snapped, seen_by(services, frame, snapped.xy), window
        )

    return services.keep("camera register", viewer, make)


def placed(frame: pd.DataFrame, xy: npt.NDArray[np.float64], buildings: Occluders) -> Snapped:
    """Where cameras stand for the purposes of seeing: before the wall, but for those whose register says ``snap`` = no."""
    found = snap_to_facade(xy, buildings.shapes, on_wall_m=ON_WALL_M)
    kept = (frame["snap"] == "no").to_numpy(dtype=bool) if "snap" in frame else np.zeros(len(frame), dtype=bool)
    return Snapped(
        np.where(kept[:, None], xy, found.xy), np.where(kept & (found.moved_m > 0), 0.0, found.moved_m),
        np.where(kept, "", found.state), np.where(kept, np.nan, found.facing),
    )  # fmt: skip


def in_light(services: Services, viewer: Viewer, light: str, band: str = "") -> CameraAreas:
    """Visible areas by day, or by night where lighting is known; with at least the density of a band if one is told.

    Raises
    ------
    FilterError
        ``light`` is neither ``day`` nor ``night``.
    NotFoundError
        No such band.
    """
    _check_light(light)
    areas = at_band(services, viewer, band)
    if light == "day":
        return areas
    held = register(services, viewer)
    return services.keep(
        ("camera night", band), viewer, lambda: by_night(areas, held.frame, held.snapped.xy, _lit_ground(services))
    )


def _lit_ground(services: Services) -> LitGround:
    """Ground along every street of the district: what stands outside one's areas still gives light."""

    def make() -> LitGround:
        streets = services.layer("streets", LOCAL_OPERATOR)
        streets = streets[streets["kind"] != "rail"]
        shapes = streets.geometry.to_crs(services.metric(LOCAL_OPERATOR)).to_numpy()
        return LitGround.of(shapes, streets["lit"].to_numpy())

    return services.keep("lit ground", LOCAL_OPERATOR, make)


def at_band(services: Services, viewer: Viewer, band: str) -> CameraAreas:
    """Visible areas with at least the pixel density of a band; all of the visible areas for no band.

    Raises
    ------
    NotFoundError
        No such band.
    """
    held = register(services, viewer)
    if not band:
        return held.areas
    return services.keep(
        ("camera band", band), viewer, lambda: seen_by(services, held.frame, held.snapped.xy, band=band)
    )


def seen_by(
    services: Services, frame: pd.DataFrame, xy: npt.NDArray[np.float64], *, band: str = "", light: str = "day"
) -> CameraAreas:
    """Visible areas of some rows of a register at ``xy`` (m), behind the district's masks, as :func:`in_light` counts.

    Raises
    ------
    FilterError
        ``light`` is neither ``day`` nor ``night``.
    NotFoundError
        No such band.
    """
    _check_light(light)
    chosen = [each for each in camera_rules.bands(services) if each.code == band]
    if band and not chosen:
        names = ", ".join(each.code for each in camera_rules.bands(services))
        raise NotFoundError(zh=f"没有清晰度等级“{band}”;可用:{names}。", en=f"No band '{band}'; there are {names}.")
    found = camera_areas(frame, xy, occluders(services), bands=chosen, masks=masks(services))
    if band:
        found = replace(found, sure=found.bands[band], may=found.may_bands[band])
    return found if light == "day" else by_night(found, frame, xy, _lit_ground(services))


def _check_light(light: str) -> None:
    if light not in LIGHTS:
        raise FilterError(zh="light 只能是 day 或 night。", en="light is day or night.")


def coverage(
    services: Services, viewer: Viewer, basis: str, *, band: str = "", light: str = "day",
    asked: IncidentFilter | None = None,
) -> Coverage:  # fmt: skip
    """Coverage of the viewer's cells, streets and places by their working cameras; with incidents if asked for.

    Parameters
    ----------
    basis
        ``sure`` or ``may``.
    asked
        Incidents to weigh, reports alone unless the filter says otherwise: targets ``incidents`` and ``hotspot``, those
        in significant hot spots.

    Raises
    ------
    FilterError
        No such basis.
    """
    if basis not in BASES:
        raise FilterError(zh="basis 只能是 sure 或 may。", en="basis is sure or may.")

    def base() -> Coverage:
        seen = register(services, viewer).seen(basis, in_light(services, viewer, light, band))
        return Coverage.of(_ground(services, viewer), seen)

    plain = services.keep(("camera coverage", basis, band, light), viewer, base)
    if asked is None:
        return plain
    question = reports_only(asked)

    def weighed() -> Coverage:
        return plain.with_points({**plain.ground.points, **_incidents(services, viewer, question)})

    return services.keep(("camera coverage", basis, band, light, question), viewer, weighed)


def views_table(services: Services, viewer: Viewer, band: str = "", *, light: str = "day") -> gpd.GeoDataFrame:
    """One row a working camera that sees ground: ``id``, ``basis``, ``seen_m2`` and its polygon in EPSG:4326.

    ``basis`` is ``sure``, or ``may`` where the direction is not known.
    """
    held, areas = register(services, viewer), in_light(services, viewer, light, band)
    unknown = held.areas.unknown
    shapes = np.where(unknown, held.seen("may", areas), held.seen("sure", areas))
    table = pd.DataFrame(
        {
            "id": held.areas.ids,
            "name": held.frame["name"].to_numpy(),
            "basis": np.where(unknown, "may", "sure"),
            "seen_m2": np.round(shapely.area(shapes), 1),
        }
    )
    return drawn(services, table, shapes)


def depth_table(
    services: Services, viewer: Viewer, basis: str = "sure", *, band: str = "", light: str = "day"
) -> gpd.GeoDataFrame:
    """Ground seen by exactly one, exactly two, and three or more cameras: ``depth``, ``seen_m2``, EPSG:4326."""
    levels = coverage(services, viewer, basis, band=band, light=light).levels
    whole = [shapely.union_all(levels[:, at]) for at in range(len(DEPTHS))]
    exact = [shapely.difference(one, more) for one, more in zip(whole, [*whole[1:], EMPTY], strict=True)]
    shapes = np.array(exact, dtype=object)
    return drawn(services, pd.DataFrame({"depth": DEPTHS, "seen_m2": np.round(shapely.area(shapes), 1)}), shapes)


def drawn(services: Services, table: pd.DataFrame, shapes: Shapes) -> gpd.GeoDataFrame:
    """Rows whose shape is not empty, in degrees, without corners that no screen shows."""
    some = ~shapely.is_empty(shapes)
    crs = services.metric(LOCAL_OPERATOR)
    simple = shapely.simplify(shapes[some], _SCREEN_M)
    return gpd.GeoDataFrame(table[some], geometry=simple, crs=crs).to_crs("EPSG:4326").reset_index(drop=True)


def coverage_table(services: Services, viewer: Viewer, asked: IncidentFilter | None = None) -> gpd.GeoDataFrame:
    """Coverage of every cell, surely seen and at most seen, with denominators; geometry in EPSG:4326."""
    cells = services.cells(viewer)
    sure = coverage(services, viewer, "sure", asked=asked).table()
    may = coverage(services, viewer, "may", asked=asked).table()
    measures = _SEEN + (_WEIGHED if asked is not None else ())
    numbers = [name for name in sure.columns if name != "code"]
    table = sure.join(may[[f"{base}1{unit}" for base, unit in measures]].add_prefix("may_"))
    table[numbers] = table[numbers].round(1)
    named = cells[["code", "name_zh", "name_en", "geometry"]].merge(table.round(1), on="code")
    return gpd.GeoDataFrame(named, geometry="geometry", crs="EPSG:4326")


def by_area(
    services: Services, viewer: Viewer, level: str, asked: IncidentFilter, *, basis: str = "sure", band: str = "",
    light: str = "day",
) -> list[dict[str, Any]]:  # fmt: skip
    """Coverage of every area of a level, with names and denominators; JSON-safe."""
    tree = services.tree(viewer)
    seen = coverage(services, viewer, basis, band=band, light=light, asked=asked)
    found = seen.table("cell" if level == tree.leaf_level else level)
    rows: list[dict[str, Any]] = [
        dict(zip(found.columns, row, strict=True)) for row in found.round(1).to_numpy().tolist()
    ]
    return [
        row | {"name_zh": tree.name(row["code"], "zh"), "name_en": tree.name(row["code"], "en")}
        for row in rows
        if row["code"]
    ]


def summary(
    services: Services, viewer: Viewer, asked: IncidentFilter | None = None, *, band: str = "", light: str = "day"
) -> dict[str, Any]:
    """How much is seen of the viewer's ground, streets, places and incidents, with denominators; JSON-safe."""
    held = register(services, viewer)
    moved = np.flatnonzero(held.snapped.moved_m > 0)
    lon, lat = unproject(held.snapped.xy, services.metric(LOCAL_OPERATOR)) if len(moved) else (np.zeros(0), np.zeros(0))
    answer: dict[str, Any] = {
        "cameras": len(held.frame),
        "working": int(held.working.sum()),
        "unknown": int((held.areas.unknown & held.working).sum()),
        "band": band,
        "light": light,
        "problems": [{"id": each.id, "zh": each.zh, "en": each.en} for each in [*held.areas.problems, *_outside(held)]],
        "snapped": [
            {"id": str(held.areas.ids[row]), "state": str(held.snapped.state[row]), "m": round(float(held.snapped.moved_m[row]), 1), "lon": round(float(lon[row]), 7), "lat": round(float(lat[row]), 7)}
            for row in moved.tolist()
        ],
    }  # fmt: skip
    for basis in BASES:
        found = coverage(services, viewer, basis, band=band, light=light, asked=asked)
        answer[basis] = measures(found)
        answer[f"{basis}_places"] = found.targets("places").to_dict("records")
        if basis == "sure":
            answer["targets"] = target_table(
                found,
                camera_rules.targets(services),
                point_class=_text(held.frame, "point_class"),
                working=held.working,
            ).to_dict("records")
    return answer


def _text(frame: pd.DataFrame, name: str) -> npt.NDArray[np.str_]:
    return frame[name].fillna("").to_numpy().astype(str)


def _outside(held: Register) -> list[Problem]:
    """Cameras that stand outside of the ground: what they see inside still counts."""
    points = shapely.points(held.snapped.xy)
    away = np.isfinite(held.snapped.xy).all(axis=1) & ~shapely.intersects(held.window, points)
    ids = held.areas.ids
    return [
        Problem(
            row, str(ids[row]), "position", zh=f"摄像机 {ids[row]} 位于区外,只计其看到的区内部分。",
            en=f"Camera {ids[row]} stands outside of the areas; only what it sees inside counts.",
        )
        for row in np.flatnonzero(away).tolist()
    ]  # fmt: skip


def measures(found: Coverage) -> list[dict[str, Any]]:
    """Each measure with its denominator and what one, two and three cameras see of it; JSON-safe."""
    whole = found.table("all").iloc[0]
    return [
        {
            "measure": base,
            "of": round(float(whole[f"{base}{unit}"]), 1),
            "seen": [round(float(whole[f"{base}{k}{unit}"]), 1) for k in DEPTHS],
        }
        for base, unit in _SEEN + _WEIGHED
        if f"{base}{unit}" in whole
    ]


_SEEN = (("area", "_m2"), ("street", "_m"), ("places", ""))
_WEIGHED = (("incidents", ""), ("hotspot", ""))
"""Measures of coverage: stem and unit of their columns."""


def occluders(services: Services) -> Occluders:
    """Every building of the district, whoever asks: what stands outside one's areas still stands in the way."""

    def make() -> Occluders:
        frame = services.layer("buildings", LOCAL_OPERATOR)
        shapes = frame.geometry.to_crs(services.metric(LOCAL_OPERATOR)).to_numpy()
        return Occluders.build(shapes, frame["height_m"].to_numpy(dtype=float))

    return services.keep("occluders", LOCAL_OPERATOR, make)


def masks(services: Services) -> dict[str, shapely.Geometry]:
    """Ground that must not be watched, by camera, metres; the empty id is for all."""

    def make() -> dict[str, shapely.Geometry]:
        frame = services.store.cameras.masks()
        shapes = frame.geometry.to_crs(services.metric(LOCAL_OPERATOR)).to_numpy()
        cameras = frame["camera"].to_numpy()
        return {each: shapely.union_all(shapes[cameras == each]) for each in sorted(set(cameras))}

    return services.keep("camera masks", LOCAL_OPERATOR, make)


def _incidents(services: Services, viewer: Viewer, asked: IncidentFilter) -> dict[str, PointTargets]:
    columns, question = services.selection(viewer, asked)
    total, found = columns.points(question, None, MOST_POINTS)
    if total <= MOST_POINTS:
        lon, lat, weight = found["lon"], found["lat"], np.ones(len(found["lon"]))
    else:
        lon, lat, weight = services.weighted_points(viewer, asked)
    xy = project(lon, lat, services.metric(LOCAL_OPERATOR))
    ranked = services.hot_grids(viewer, asked)
    hot = services.cells(viewer).set_index("code").geometry.reindex(ranked.loc[ranked["hot"], "code"])
    inside = np.zeros(len(xy), dtype=bool)
    if len(hot):
        shapes = hot.to_crs(services.metric(LOCAL_OPERATOR)).to_numpy()
        inside[shapely.STRtree(shapely.points(xy)).query(shapes, predicate="intersects")[1]] = True
    return {
        "incidents": PointTargets.of(xy, weight=weight),
        "hotspot": PointTargets.of(xy[inside], weight=weight[inside]),
    }


def _ground(services: Services, viewer: Viewer) -> Ground:
    def make() -> Ground:
        crs = services.metric(LOCAL_OPERATOR)
        cells, tree = services.cells(viewer), services.tree(viewer)
        streets = services.layer("streets", viewer)
        streets = streets[streets["kind"] != "rail"]
        places = services.layer("places", viewer)
        above = [{tree.level(each): each for each in tree.ancestors(code)} for code in cells["code"]]
        xy = project(places["lon"].to_numpy(), places["lat"].to_numpy(), crs)
        return Ground.build(
            cells.geometry.to_crs(crs).to_numpy(),
            cells["code"].tolist(),
            parents={level: [row.get(level, "") for row in above] for level in LEVELS},
            buildings=occluders(services).shapes,
            streets=streets.geometry.to_crs(crs).to_numpy() if len(streets) else None,
            points={"places": PointTargets.of(xy, kinds=places["kind"].tolist())},
        )

    return services.keep("camera ground", viewer, make)
