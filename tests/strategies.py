"""Hypothesis strategies that several rooms share: points in China, polygons, tilings and their damages."""

import math

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

FloatArray = npt.NDArray[np.float64]

unhurried = settings(deadline=None)
"""For properties whose first example compiles or loads something."""

CHINA = (73.5, 3.8, 135.1, 53.6)
WUDA = (106.607, 39.4305, 106.787, 39.634)


def degrees(low: float, high: float) -> st.SearchStrategy[float]:
    """A coordinate with seven decimals, as files have them."""
    return st.integers(math.ceil(low * 1e7), math.floor(high * 1e7)).map(lambda value: value / 1e7)


def lonlat(place: tuple[float, float, float, float] = CHINA) -> st.SearchStrategy[tuple[float, float]]:
    """A point in a box of (west, south, east, north)."""
    west, south, east, north = place
    return st.tuples(degrees(west, east), degrees(south, north))


@st.composite
def lonlats(
    draw: st.DrawFn, place: tuple[float, float, float, float] = CHINA, *, most: int = 50
) -> tuple[FloatArray, FloatArray]:
    """Arrays of longitudes and latitudes, shape (n,)."""
    points = draw(st.lists(lonlat(place), min_size=1, max_size=most))
    lon, lat = np.array(points, dtype=np.float64).T
    return lon, lat


@st.composite
def star_polygons(
    draw: st.DrawFn, place: tuple[float, float, float, float] = WUDA, *, most: int = 12
) -> shapely.Polygon:
    """A valid polygon, seldom convex: vertices at sorted angles around a point, distances at will."""
    lon, lat = draw(lonlat(place))
    count = draw(st.integers(3, most))
    radii = draw(arrays(np.float64, count, elements=st.floats(0.001, 0.02)))
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    ring = np.column_stack([lon + radii * np.cos(angles), lat + radii * np.sin(angles)])
    return shapely.Polygon(np.round(ring, 7))


@st.composite
def tilings(draw: st.DrawFn, *, most: int = 4, step: float = 0.005) -> gpd.GeoDataFrame:
    """A community and the basic grids that tile it, crooked quadrilaterals, as the ``areas`` table."""
    rows, columns = draw(st.integers(2, most)), draw(st.integers(2, most))
    shift = draw(arrays(np.float64, (rows + 1, columns + 1, 2), elements=st.floats(-0.3, 0.3)))
    shift[[0, -1], :, 1] = 0.0
    shift[:, [0, -1], 0] = 0.0
    x, y = np.meshgrid(106.7 + step * np.arange(columns + 1), 39.5 + step * np.arange(rows + 1))
    nodes = np.round(np.stack([x, y], axis=-1) + shift * step, 7)
    corners = ((0, 0), (0, 1), (1, 1), (1, 0))
    shapes = [
        shapely.Polygon([nodes[row + down, column + right] for down, right in corners])
        for row in range(rows)
        for column in range(columns)
    ]
    return areas_table(shapely.coverage_union_all(shapes), shapes)


def areas_table(community: shapely.Geometry, grids: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    """The ``areas`` table of one community and its basic grids."""
    codes = ["150304009008", *(f"150304009008{number + 1:03d}" for number in range(len(grids)))]
    return gpd.GeoDataFrame(
        {
            "code": codes,
            "parent": ["", *["150304009008"] * len(grids)],
            "level": ["community", *["grid"] * len(grids)],
            "kind": ["", *["basic"] * len(grids)],
            "name_zh": ["先锋社区", *(f"第{number + 1}网格" for number in range(len(grids)))],
            "name_en": ["Xianfeng Community", *(f"Grid {number + 1}" for number in range(len(grids)))],
            "valid_from": "",
            "valid_to": "",
        },
        geometry=[community, *grids],
        crs="EPSG:4326",
    )
