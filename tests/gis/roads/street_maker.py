"""Streets drawn in metres, handed over as the ``streets`` table in degrees."""

import geopandas as gpd
import shapely

CRS = "EPSG:4545"
EAST, NORTH = 500_000.0, 4_370_000.0
"""Where metre 0, 0 of a drawn street lies: near Wuda."""

Line = list[tuple[float, float]]


def streets(lines: list[Line], *, kind: list[str] | None = None, oneway: list[bool] | None = None) -> gpd.GeoDataFrame:
    """A ``streets`` table; residential and two-way unless said otherwise."""
    shapes = [shapely.LineString([(EAST + x, NORTH + y) for x, y in line]) for line in lines]
    return gpd.GeoDataFrame(
        {
            "id": [f"s{i}" for i in range(len(lines))],
            "kind": kind or ["residential"] * len(lines),
            "oneway": oneway or [False] * len(lines),
        },
        geometry=shapes,
        crs=CRS,
    ).to_crs(4326)


def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
    """Drawn metres as metres of the CRS."""
    return [(EAST + x, NORTH + y) for x, y in points]
