"""The shipped street network: a planar graph in one part that reaches every subdistrict, and a railway beside it."""

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from gis.schemas import STREETS

METRIC = "EPSG:4545"
KINDS = {"primary", "secondary", "tertiary", "residential", "service", "unclassified", "rail"}


def roads_of(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return streets[streets["kind"] != "rail"]


def test_columns_are_the_streets_table(streets: gpd.GeoDataFrame) -> None:
    assert set(streets.columns) == set(STREETS.names) - {"closed_to"}, "nothing is shut to anybody in the sample"
    assert set(streets["kind"]) == KINDS
    assert streets["id"].is_unique
    assert 2_000 <= len(streets) <= 4_000


def test_main_component_holds_98_percent_of_the_length(streets: gpd.GeoDataFrame) -> None:
    roads = roads_of(streets)
    lines = roads.geometry.to_numpy()
    ends = shapely.get_coordinates([shapely.get_point(line, end) for line in lines for end in (0, -1)])
    _, node = np.unique(ends, axis=0, return_inverse=True)
    tail, head = node.reshape(-1, 2).T
    size = int(node.max()) + 1
    _, part = connected_components(coo_matrix((np.ones(len(tail)), (tail, head)), shape=(size, size)), directed=False)
    length = np.bincount(part[tail], weights=roads.to_crs(METRIC).length)
    assert length.max() / length.sum() >= 0.98


def test_streets_meet_at_shared_ends_only(streets: gpd.GeoDataFrame) -> None:
    """No crossing without a junction: else the graph would jump over it."""
    lines = roads_of(streets).geometry.to_numpy()
    a, b = shapely.STRtree(lines).query(lines, predicate="intersects")
    a, b = a[a < b], b[a < b]
    shared = shapely.intersection(lines[a], lines[b])
    ends = [
        shapely.multipoints(shapely.get_coordinates([shapely.get_point(line, end) for end in (0, -1)]))
        for line in lines
    ]
    ends = np.array(ends, dtype=object)
    junction = shapely.intersection(ends[a], ends[b])
    assert shapely.equals(shared, junction).all(), [(int(i), int(j)) for i, j in zip(a, b, strict=True)][:3]


def test_a_street_reaches_every_subdistrict(streets: gpd.GeoDataFrame, wuda_areas: gpd.GeoDataFrame) -> None:
    whole = shapely.union_all(roads_of(streets).geometry.to_numpy())
    for area in wuda_areas[wuda_areas["level"].isin(["street", "community"])].itertuples():
        assert area.geometry.intersects(whole), area.name_zh


def test_main_roads_are_named_in_both_languages(streets: gpd.GeoDataFrame) -> None:
    main = streets[streets["kind"].isin(["primary", "secondary"])]
    named = (main["name_zh"] != "") & main["name_zh"].notna()
    assert named.mean() > 0.95
    both = (streets["name_zh"].fillna("") != "") == (streets["name_en"].fillna("") != "")
    assert both.all()


def test_streets_are_denser_where_people_live(streets: gpd.GeoDataFrame, areas_m: gpd.GeoDataFrame) -> None:
    grids = areas_m[areas_m["kind"] == "basic"]
    lines = roads_of(streets).to_crs(METRIC).geometry.to_numpy()
    metres = np.array([shapely.length(shapely.intersection(lines, shape)).sum() for shape in grids.geometry])
    km_per_km2 = metres / grids.area.to_numpy() * 1e3
    homes = grids["households"].to_numpy(dtype=float) / grids.area.to_numpy()
    order = np.argsort(homes)
    assert km_per_km2[order[-40:]].mean() > 3 * km_per_km2[order[:40]].mean()


def test_railway_runs_from_south_to_north_by_the_station(streets: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> None:
    (rail,) = streets[streets["kind"] == "rail"].to_crs(METRIC).geometry
    _, south, _, north = rail.bounds
    assert north - south > 15_000
    (station,) = places.loc[places["kind"] == "station"].geometry
    assert rail.distance(station) < 100
