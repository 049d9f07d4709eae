"""Where people live in the sample: the area tree in metres, a field of households per km2, and the built-up patches.

It reads data/layers/areas.geojson and nothing else, and never draws a random number.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.interpolate import PchipInterpolator

METRIC = "EPSG:4545"
DISTRICT = "150304000000"
ZONE_COMMUNITY = "150304400498"
"""The development zone: no households, but works."""

STATION_GRID = "150304010012901"
PARK_GRID = "150304400498901"
SCHOOL_GRID = "150304009008901"
MARKET_GRID = "150304012009901"

KERNEL_M = 190.0
"""Standard deviation of the kernel that spreads the households of one grid."""
BUILT_UP = 750.0
"""Households per km2 above which the ground is built up."""
CELL_M = 40.0


@dataclass(frozen=True)
class Ground:
    """The area tree in EPSG:4545 metres.

    Parameters
    ----------
    areas
        The ``areas`` table, reprojected.
    """

    areas: gpd.GeoDataFrame

    @classmethod
    def read(cls, path: Path) -> "Ground":
        """The ground of an areas file."""
        areas = gpd.read_file(path, engine="pyogrio").to_crs(METRIC)
        areas["kind"] = areas["kind"].fillna("")
        areas["households"] = areas["households"].fillna(0).astype("int64")
        return cls(areas)

    @cached_property
    def grids(self) -> gpd.GeoDataFrame:
        """Basic grids with their dwelling point."""
        grids = self.areas[(self.areas["level"] == "grid") & (self.areas["kind"] == "basic")].reset_index(drop=True)
        return grids.assign(dwelling=_dwelling_points(grids))

    @cached_property
    def outline(self) -> shapely.Polygon:
        """The district."""
        return self.areas.loc[self.areas["code"] == DISTRICT].geometry.iloc[0]

    @cached_property
    def inside(self) -> shapely.Polygon:
        """The district without a strip of 60 m along its border."""
        return self.outline.buffer(-60.0)

    def level(self, name: str) -> gpd.GeoDataFrame:
        """The areas of a level, special grids left out."""
        rows = (self.areas["level"] == name) & (self.areas["kind"] != "special")
        return self.areas[rows].reset_index(drop=True)

    def special(self, code: str) -> shapely.Polygon:
        """The outline of a special grid."""
        return self.areas.loc[self.areas["code"] == code].geometry.iloc[0]

    @cached_property
    def centres(self) -> pd.DataFrame:
        """Centre of each community: code, street, x, y; the mean of its dwelling points by households."""
        rows = []
        for community in self.level("community").itertuples():
            if community.code == ZONE_COMMUNITY:
                middle = self.special(PARK_GRID).centroid
                rows.append((community.code, community.parent, middle.x, middle.y))
                continue
            mine = self.grids[self.grids["parent"] == community.code]
            weight = mine["households"].to_numpy() / np.sqrt(mine.area.to_numpy())
            xy = np.average(shapely.get_coordinates(mine["dwelling"].to_numpy()), axis=0, weights=weight)
            rows.append((community.code, community.parent, *xy))
        return pd.DataFrame(rows, columns=["code", "street", "x", "y"])

    def households_per_km2(self, xy: np.ndarray) -> np.ndarray:
        """The field of households per km2 at points of shape (n, 2)."""
        seeds = shapely.get_coordinates(self.grids["dwelling"].to_numpy())
        weight = self.grids["households"].to_numpy() / (2 * np.pi * KERNEL_M**2) * 1e6
        found = np.zeros(len(xy))
        for part in np.array_split(np.arange(len(xy)), max(1, len(xy) // 20_000)):
            square = ((xy[part, None, :] - seeds[None, :, :]) ** 2).sum(axis=2)
            found[part] = (np.exp(-0.5 * square / KERNEL_M**2) * weight).sum(axis=1)
        return found

    @cached_property
    def towns(self) -> list[shapely.Polygon]:
        """Built-up patches where people live, largest first."""
        left, bottom, right, top = self.outline.bounds
        xs, ys = np.arange(left, right, CELL_M), np.arange(bottom, top, CELL_M)
        gx, gy = np.meshgrid(xs, ys)
        dense = self.households_per_km2(np.column_stack([gx.ravel(), gy.ravel()])).reshape(gx.shape) > BUILT_UP
        rows, columns = np.nonzero(dense)
        cells = shapely.box(xs[columns], ys[rows], xs[columns] + CELL_M, ys[rows] + CELL_M)
        # Closing, then opening: patches with a street's width between them become one town, and thin tails go.
        sites = [self.special(code).buffer(220.0) for code in (SCHOOL_GRID, MARKET_GRID, STATION_GRID)]
        shape = (
            shapely.union_all([*cells, *sites])
            .buffer(130)
            .buffer(-130)
            .buffer(-70)
            .buffer(70)
            .intersection(self.inside)
        )
        parts = [_without_holes(part.simplify(25.0)) for part in shapely.get_parts(shape) if part.area > 1.2e5]
        return sorted(parts, key=lambda part: -part.area)

    @cached_property
    def works(self) -> list[shapely.Polygon]:
        """Simulated industrial sites: the park of the development zone and one site west of the town."""
        park = self.special(PARK_GRID).centroid
        east = shapely.affinity.rotate(shapely.box(park.x - 900, park.y - 650, park.x + 900, park.y + 650), -12)
        mine = shapely.affinity.rotate(shapely.box(384_150, 4_373_900, 385_050, 4_374_650), 20)
        return [east, mine]

    @cached_property
    def rail(self) -> shapely.LineString:
        """The simulated railway, from the southern border through the station's special grid to the northern border."""
        station = self.special(STATION_GRID).centroid
        y = np.array(
            [4_368_000, 4_371_500, station.y - 900, station.y, station.y + 900, 4_380_200, 4_384_500, 4_390_000.0]
        )
        x = np.array([389_600, 388_750, station.x + 10, station.x, station.x + 20, 388_060, 387_900, 386_600.0])
        along = np.linspace(y[0], y[-1], 160)
        line = shapely.LineString(np.column_stack([PchipInterpolator(y, x)(along), along]))
        return line.intersection(self.outline.buffer(-15.0))


def _dwelling_points(grids: gpd.GeoDataFrame) -> np.ndarray:
    """A point of each grid around which its households live.

    Small grids: the centroid. Large outer grids reach to open land, and their households live near the middle of the
    community: the centroid of the part within the least circle around that middle that holds 0.12 km2 of the grid.
    """
    middle = {
        code: shapely.MultiPoint(
            list(mine.centroid[mine.area < 4e5] if (mine.area < 4e5).any() else mine.centroid)
        ).centroid
        for code, mine in grids.groupby("parent")
    }
    found = []
    for grid in grids.itertuples():
        if grid.geometry.area < 4e5:
            found.append(grid.geometry.centroid)
            continue
        centre, radius = middle[grid.parent], 100.0
        while (part := grid.geometry.intersection(centre.buffer(radius))).area < 1.2e5:
            radius *= 1.15
        found.append(part.centroid)
    return np.array(found, dtype=object)


def _without_holes(shape: shapely.Polygon) -> shapely.Polygon:
    return shapely.Polygon(shape.exterior)
