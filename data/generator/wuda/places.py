"""Simulated places: schools, markets, hospitals, courier outlets, safe-harbour sites, the station, and depots of patrol.

A place stands at a simulated building, at the wall that faces the street. None of them exists.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from wuda.ground import MARKET_GRID, METRIC, PARK_GRID, SCHOOL_GRID, STATION_GRID, ZONE_COMMUNITY, Ground
from wuda.names import short

ID = {
    "school": "SC",
    "market": "MK",
    "hospital": "HP",
    "courier": "KD",
    "safe_harbour": "GW",
    "station": "ST",
    "depot": "XF",
}


@dataclass
class Sites:
    """Buildings that a place can take, each at most once; grows as places are made."""

    ground: Ground
    houses: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    rng: np.random.Generator

    def __post_init__(self) -> None:
        self.rows: list[tuple[str, str, str, str, shapely.Point]] = []
        self.use: dict[int, str] = {}
        self._middle = shapely.centroid(self.houses.geometry.to_numpy())
        self._roads = self.streets.geometry[self.streets["kind"] != "rail"].to_numpy()
        self._tree = shapely.STRtree(self._roads)
        self._dense = ground_density(self.ground, self._middle)

    def add(self, kind: str, name: tuple[str, str], within: shapely.Polygon, *, prefer: tuple[str, ...] = ()) -> None:
        """Put a place at a free building within an area: dense ground and the preferred uses are likelier."""
        inside = shapely.contains_properly(within, self._middle)
        inside[list(self.use)] = False
        rows = np.flatnonzero(inside)
        if not len(rows):
            self.at(kind, name, shapely.point_on_surface(within))
            return
        uses = self.houses["kind"].to_numpy()[rows]
        weight = (self._dense[rows] + 50.0) * np.where(np.isin(uses, prefer), 6.0, 1.0)
        chosen = int(self.rng.choice(rows, p=weight / weight.sum()))
        self.use[chosen] = kind
        house = self.houses.geometry.iloc[chosen]
        road = self._roads[self._tree.nearest(house)]
        wall = shapely.shortest_line(house, road)
        self.at(kind, name, shapely.line_interpolate_point(wall, 1.0))

    def at(self, kind: str, name: tuple[str, str], point: shapely.Point) -> None:
        """Put a place at a point."""
        number = sum(row[1] == kind for row in self.rows) + 1
        self.rows.append((f"{ID[kind]}{number:03d}", kind, *name, point))


def ground_density(ground: Ground, points: np.ndarray) -> np.ndarray:
    """Households per km2 at shapely points."""
    return ground.households_per_km2(shapely.get_coordinates(points))


def make_places(
    ground: Ground, houses: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, rng: np.random.Generator
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The places, and the buildings with the use that the places give them."""
    sites = Sites(ground, houses, streets, rng)
    _of_special_grids(sites)
    for community in ground.level("community").itertuples():
        _of_community(sites, community)
    for street in ground.level("street").itertuples():
        _of_street(sites, street)
    places = gpd.GeoDataFrame(
        sites.rows, columns=["id", "kind", "name_zh", "name_en", "geometry"], geometry="geometry", crs=METRIC
    )
    used = houses["kind"].to_numpy(dtype=object, copy=True)
    for row, kind in sites.use.items():
        used[row] = {
            "courier": "commercial",
            "safe_harbour": "commercial",
            "depot": "public",
            "market": "commercial",
        }.get(kind, kind)
    return places.sort_values("id", ignore_index=True), houses.assign(kind=used)


def _of_special_grids(sites: Sites) -> None:
    special = sites.ground.special
    sites.at(
        "station",
        ("乌海西站", "Wuhai West Railway Station"),
        shapely.affinity.translate(special(STATION_GRID).centroid, 45.0),
    )
    sites.add("school", ("乌达示例中学", "Wuda Sample Middle School"), special(SCHOOL_GRID))
    sites.add(
        "market", ("乌达示例批发市场", "Wuda Sample Wholesale Market"), special(MARKET_GRID), prefer=("commercial",)
    )
    sites.add("courier", ("示例工业园快递网点", "Sample Industrial Park Courier Outlet"), special(PARK_GRID))


def _of_community(sites: Sites, community: object) -> None:
    zh, en = short(community.name_zh, community.name_en)
    shape = community.geometry
    if community.code == ZONE_COMMUNITY:
        sites.add("courier", (f"{zh}快递网点", f"{en} Courier Outlet"), shape)
        sites.add("safe_harbour", (f"{zh}平安港湾", f"{en} Safe Harbour"), shape)
        return
    sites.add("school", (f"{zh}小学", f"{en} Primary School"), shape)
    for number in range(1, 2 + int(sites.rng.integers(0, 2))):
        sites.add(
            "courier", (f"{zh}第{number}快递网点", f"{en} Courier Outlet {number}"), shape, prefer=("commercial",)
        )
    sites.add("safe_harbour", (f"{zh}平安港湾", f"{en} Safe Harbour"), shape, prefer=("commercial",))
    if sites.rng.random() < 0.5:
        sites.add("school", (f"{zh}幼儿园", f"{en} Kindergarten"), shape)
    if sites.rng.random() < 0.55:
        sites.add("market", (f"{zh}便民市场", f"{en} Market"), shape, prefer=("commercial",))


def _of_street(sites: Sites, street: object) -> None:
    zh, en = street.name_zh, street.name_en
    bare = zh.removesuffix("街道").removesuffix("镇")
    bare_en = en.removesuffix(" Subdistrict").removesuffix(" Town")
    sites.add("depot", (f"{bare}派出所", f"{bare_en} Police Station"), street.geometry, prefer=("commercial",))
    sites.add("depot", (f"{zh}综治中心", f"{en} Governance Centre"), street.geometry, prefer=("commercial",))
    sites.add("hospital", (f"{bare}卫生服务中心", f"{bare_en} Health Centre"), street.geometry, prefer=("commercial",))
