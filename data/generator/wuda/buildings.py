"""Simulated footprints in the blocks between streets: slabs of flats, shops at main roads, works, old low houses.

No footprint meets a street, the railway or another footprint.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from wuda.ground import METRIC, Ground

SETBACK_M = {
    "primary": 16.0,
    "secondary": 13.0,
    "tertiary": 10.0,
    "residential": 8.0,
    "service": 6.5,
    "unclassified": 9.0,
}
"""From the middle of a street to the nearest wall."""
RAIL_CLEAR_M = 32.0


@dataclass(frozen=True)
class Style:
    """How a block is built up: length and depth of a house, gaps between houses and rows, heights, share of plots built."""

    kind: str
    length: tuple[float, float]
    depth: float
    gap: float
    row_gap: float
    heights: tuple[float, ...]
    built: float


FLATS = Style("apartments", (36, 58), 13.0, 9.0, 25.0, (15.0, 18.0, 18.0, 18.0, 20.5), 0.9)
TOWERS = Style("apartments", (24, 32), 17.0, 16.0, 38.0, (33.0, 51.0, 54.0, 78.0), 0.85)
LOW = Style("house", (14, 20), 9.0, 7.0, 16.0, (3.3, 3.6, 6.6), 0.4)
SHOPS = Style("commercial", (26, 44), 16.0, 6.0, 30.0, (7.5, 11.0, 15.0), 0.75)
WORKS = Style("industrial", (58, 96), 34.0, 18.0, 26.0, (9.0, 11.0, 13.5), 0.8)


def make_buildings(ground: Ground, streets: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Footprints: id, kind, height_m, geometry in EPSG:4545 metres."""
    roads = streets[streets["kind"] != "rail"]
    keep_off = shapely.union_all(
        [
            shapely.union_all(
                shapely.buffer(roads.geometry.to_numpy(), roads["kind"].map(SETBACK_M).to_numpy(), cap_style="square")
            ),
            ground.rail.buffer(RAIL_CLEAR_M),
        ]
    )
    towns = shapely.union_all(ground.towns)
    works = shapely.union_all(ground.works)
    blocks = shapely.get_parts(shapely.difference(shapely.union_all([towns, works]), keep_off))
    blocks = blocks[shapely.area(blocks) > 600.0]
    dense = ground.households_per_km2(shapely.get_coordinates(shapely.centroid(blocks)))
    at_works = shapely.intersects(works, shapely.point_on_surface(blocks))
    kinds: list[str] = []
    heights: list[float] = []
    shapes: list[shapely.Polygon] = []
    for block, households, industrial in zip(blocks, dense.tolist(), at_works.tolist(), strict=True):
        style = _style(households, industrial, rng)
        houses = _houses(block, style, rng)
        shapes += houses
        kinds += [style.kind] * len(houses)
        heights += rng.choice(style.heights, len(houses)).tolist()
    frame = gpd.GeoDataFrame({"kind": kinds, "height_m": heights}, geometry=shapes, crs=METRIC)
    frame.insert(0, "id", [f"B{number:05d}" for number in range(1, len(frame) + 1)])
    return frame


def _style(households: float, industrial: bool, rng: np.random.Generator) -> Style:
    if industrial:
        return WORKS
    towers = min(households / 24_000.0, 0.5)
    low = max(0.0, 0.75 - households / 4_000.0)
    return (TOWERS, LOW, SHOPS, FLATS)[
        int(np.searchsorted(np.cumsum([towers, low * (1 - towers), 0.12 * (1 - towers)]), rng.random()))
    ]


def _houses(block: shapely.Polygon, style: Style, rng: np.random.Generator) -> list[shapely.Polygon]:
    """Rows of houses along the block's longer side, as long as they fit, some plots left open."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(block))
    sides = np.diff(box[:3], axis=0)
    along = sides[int(np.hypot(*sides.T).argmax())]
    angle = float(np.arctan2(along[1], along[0]))
    turned = shapely.affinity.rotate(block, -angle, origin=(0, 0), use_radians=True)
    length = float(rng.uniform(*style.length))
    left, bottom, right, top = turned.bounds
    xs = np.arange(left + 1.0, right - length, length + style.gap)
    ys = np.arange(bottom + 1.0, top - style.depth, style.depth + style.row_gap)
    if not len(xs) or not len(ys):
        return []
    gx, gy = np.meshgrid(xs, ys)
    plots = shapely.box(gx.ravel(), gy.ravel(), gx.ravel() + length, gy.ravel() + style.depth)
    shapely.prepare(turned)
    plots = plots[shapely.contains(turned, plots) & (rng.random(len(plots)) < style.built)]
    return [shapely.affinity.rotate(plot, angle, origin=(0, 0), use_radians=True) for plot in plots]
