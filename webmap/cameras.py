"""What cameras see, for pages, API, exports: from the register to visible areas and coverage, kept per version.

It puts library calls in order over the store and computes no geometry of its own. A viewer gets the cameras and the
ground of their own areas alone, and buildings outside of them still stand in the way.
"""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.cameras.buildings import Occluders
from gis.cameras.coverage import DEPTHS, Coverage, Ground, PointTargets
from gis.cameras.polygons import solid
from gis.cameras.visible import EMPTY, CameraAreas, camera_areas
from gis.crs import project
from gis.schemas import LEVELS
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Viewer

Shapes = npt.NDArray[np.object_]

OFF = ("offline", "maintenance")
"""Status of cameras that see nothing now; others, also those of unknown status, count as working."""

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
    areas
        Visible areas of all of them; see :class:`gis.cameras.visible.CameraAreas`.
    """

    frame: pd.DataFrame
    working: npt.NDArray[np.bool_]
    areas: CameraAreas
    window: shapely.Geometry

    def seen(self, basis: str) -> Shapes:
        """What the working cameras see inside the viewer's ground, ``sure`` or ``may``."""
        shapes = self.areas.sure if basis == "sure" else self.areas.may
        return solid(shapely.intersection(np.where(self.working, shapes, EMPTY), self.window))


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
        window = gpd.GeoSeries([services.window(viewer)], crs="EPSG:4326").to_crs(crs).iloc[0]
        areas = camera_areas(frame, xy, _occluders(services), bands=())
        return Register(frame, ~frame["status"].isin(OFF).to_numpy(), areas, window)

    return services.keep("camera register", viewer, make)


def coverage(services: Services, viewer: Viewer, basis: str) -> Coverage:
    """Coverage of the viewer's cells, streets and places by their working cameras."""

    def make() -> Coverage:
        return Coverage.of(_ground(services, viewer), register(services, viewer).seen(basis))

    return services.keep(("camera coverage", basis), viewer, make)


def views_table(services: Services, viewer: Viewer) -> gpd.GeoDataFrame:
    """One row a working camera that sees ground: ``id``, ``basis``, ``seen_m2`` and its polygon in EPSG:4326.

    ``basis`` is ``sure``, or ``may`` where the direction is not known.
    """
    held = register(services, viewer)
    unknown = held.areas.unknown
    shapes = np.where(unknown, held.seen("may"), held.seen("sure"))
    table = pd.DataFrame(
        {
            "id": held.areas.ids,
            "name": held.frame["name"].to_numpy(),
            "basis": np.where(unknown, "may", "sure"),
            "seen_m2": np.round(shapely.area(shapes), 1),
        }
    )
    some = ~shapely.is_empty(shapes)
    crs = services.metric(LOCAL_OPERATOR)
    drawn = gpd.GeoDataFrame(table[some], geometry=shapely.simplify(shapes[some], _SCREEN_M), crs=crs)
    return drawn.to_crs("EPSG:4326").reset_index(drop=True)


def coverage_table(services: Services, viewer: Viewer) -> gpd.GeoDataFrame:
    """Coverage of every cell, surely seen and at most seen, with denominators; geometry in EPSG:4326."""
    cells = services.cells(viewer)
    sure = coverage(services, viewer, "sure").table()
    may = coverage(services, viewer, "may").table()
    numbers = [name for name in sure.columns if name != "code"]
    table = sure.join(may[[f"{base}1{unit}" for base, unit in _SEEN]].add_prefix("may_"))
    table[numbers] = table[numbers].round(1)
    named = cells[["code", "name_zh", "name_en", "geometry"]].merge(table.round(1), on="code")
    return gpd.GeoDataFrame(named, geometry="geometry", crs="EPSG:4326")


def summary(services: Services, viewer: Viewer) -> dict[str, Any]:
    """How much is seen of the viewer's ground, streets and places, with denominators; JSON-safe."""
    held = register(services, viewer)
    answer: dict[str, Any] = {
        "cameras": len(held.frame),
        "working": int(held.working.sum()),
        "unknown": int((held.areas.unknown & held.working).sum()),
        "problems": [{"id": each.id, "zh": each.zh, "en": each.en} for each in held.areas.problems],
    }
    for basis in ("sure", "may"):
        found = coverage(services, viewer, basis)
        whole = found.table("all").iloc[0]
        answer[basis] = [
            {
                "measure": base if unit else "places",
                "of": round(float(whole[f"{base}{unit}"]), 1),
                "seen": [round(float(whole[f"{base}{k}{unit}"]), 1) for k in DEPTHS],
            }
            for base, unit in _SEEN
        ]
        answer[f"{basis}_places"] = found.targets("places").to_dict("records")
    return answer


_SEEN = (("area", "_m2"), ("street", "_m"), ("places", ""))
"""Measures of coverage: stem and unit of their columns."""


def _occluders(services: Services) -> Occluders:
    def make() -> Occluders:
        frame = services.layer("buildings", LOCAL_OPERATOR)
        shapes = frame.geometry.to_crs(services.metric(LOCAL_OPERATOR)).to_numpy()
        return Occluders.build(shapes, frame["height_m"].to_numpy(dtype=float))

    return services.keep("occluders", LOCAL_OPERATOR, make)


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
            buildings=_occluders(services).shapes,
            streets=streets.geometry.to_crs(crs).to_numpy() if len(streets) else None,
            points={"places": PointTargets.of(xy, kinds=places["kind"].tolist())},
        )

    return services.keep("camera ground", viewer, make)
