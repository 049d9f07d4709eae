"""A handful of cameras, two buildings and, if wanted, three streets on the real areas, through the real import.

Small enough that every answer is worked out anew in no time; bad input of every kind is among it.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import shapely

from gis.layers import ReadOptions
from tests.webmap.conftest import NOON, add_supervisor
from webmap.config import Config
from webmap.imports import ImportOutcome, import_file
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, open_store

LAYERS = Path(__file__).resolve().parents[2] / "data" / "layers"
LON, LAT = 106.7090, 39.5230

CAMERAS = f"""编号,经度,纬度,摄像机类型,方位角,水平视角,可视距离,安装高度,点位类别,补光,补光距离
good,{LON},{LAT},枪机,90,60,40,4,一类,红外,20
no_direction,{LON + 0.001},{LAT},枪机,,60,40,4,二类,无,
nan,NaN,{LAT},枪机,90,60,40,4,,,
nan_angle,{LON + 0.002},{LAT},枪机,90,NaN,40,4,,,
outside,110.0,30.0,枪机,90,60,40,4,,,
zero_angle,{LON + 0.003},{LAT},枪机,90,0,40,4,,,
zero_range,{LON + 0.004},{LAT},枪机,90,60,0,4,,,
inside,{LON + 0.0105},{LAT + 0.0005},枪机,90,60,40,4,,,
"""
BOW_TIE = ((-0.0020, 0), (-0.0010, 0.0010), (-0.0010, 0), (-0.0020, 0.0010))
HOUSE = ((0.010, 0), (0.011, 0), (0.011, 0.001), (0.010, 0.001))
STREETS = (("yes", 0.0001), ("no", 0.0006), ("", -0.0006))
"""Lit or not, and how far north of the cameras, degrees."""


@dataclass(frozen=True)
class Town:
    """Services over it, and what each import said."""

    services: Services
    outcomes: dict[str, ImportOutcome]


def make_town(folder: Path, *, streets: bool = False) -> Town:
    """Import everything into a new store; the caller closes it."""
    store = open_store(f"sqlite:///{folder / 'town.db'}", create=True)
    services = Services(store, Config(), clock=lambda: NOON)
    houses = [(name, _ring(corners), {"height_m": 12}) for name, corners in (("bow_tie", BOW_TIE), ("house", HOUSE))]
    lines = [
        (
            f"s{number}",
            shapely.LineString([(LON - 0.002, LAT + north), (LON + 0.006, LAT + north)]),
            {"highway": "residential", "lit": lit},
        )
        for number, (lit, north) in enumerate(STREETS)
    ]
    outcomes: dict[str, ImportOutcome] = {}

    def bring(kind: str, path: Path) -> None:
        options = ReadOptions(datum="wgs84")
        rejects = folder / f"{kind}.rejects.csv"
        outcomes[kind] = import_file(services, path, kind, viewer=LOCAL_OPERATOR, options=options, rejects=rejects)

    bring("areas", LAYERS / "areas.geojson")
    bring("buildings", _written(folder / "buildings.geojson", houses))
    if streets:
        bring("streets", _written(folder / "streets.geojson", lines))
    corners = shapely.get_coordinates(services.window(LOCAL_OPERATOR))
    east = corners[corners[:, 0].argmax()]
    text = f"{CAMERAS}beyond,{east[0] + 0.0002},{east[1]},枪机,270,60,60,4,,,\n"
    (folder / "cameras.csv").write_text(text, encoding="utf-8")
    bring("cameras", folder / "cameras.csv")
    add_supervisor(store)
    return Town(services, outcomes)


def _ring(corners: tuple[tuple[float, float], ...]) -> shapely.Polygon:
    return shapely.Polygon([(LON + east, LAT + north) for east, north in corners])


def _written(path: Path, rows: list[tuple[str, shapely.Geometry, dict[str, object]]]) -> Path:
    features = [
        {"type": "Feature", "properties": {"id": name, **told}, "geometry": shapely.geometry.mapping(shape)}
        for name, shape, told in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path
