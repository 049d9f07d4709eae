"""Points are seen by where they are located, shapes by the ground a viewer sees; both stores answer alike."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.errors import ColumnError, CrsError, FilterError, GeometryError, NotFoundError, ScopeError
from gis.schemas import BUILDINGS, CAMERAS, STREETS
from tests.postgres_cluster import PostgresCluster
from tests.webmap.store.conftest import GRIDS, NOW, STREET_A, SUPERVISOR_A
from webmap.store import LOCAL_OPERATOR, Store, Upserted, Viewer, init_store


@pytest.fixture
def lines() -> gpd.GeoDataFrame:
    """A street inside A, one through both, one inside B."""
    ends = {"in_a": (106.701, 106.709), "through": (106.715, 106.725), "in_b": (106.731, 106.739)}
    shapes = [shapely.LineString([(west, 39.405), (east, 39.405)]) for west, east in ends.values()]
    frame = {"id": list(ends), "name_zh": ["甲", "乙", "丙"], "oneway": [True, False, False]}
    return gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4326")


def test_points_come_back_ordered_by_id(wuda: Store, cameras: pd.DataFrame) -> None:
    layer = wuda.layer("cameras")
    assert layer.upsert(cameras.iloc[::-1], viewer=LOCAL_OPERATOR, now=NOW) == Upserted(4, 0, 0)
    found = layer.read(LOCAL_OPERATOR)
    assert list(found.columns) == CAMERAS.names
    pd.testing.assert_frame_equal(found[list(cameras.columns)], cameras)


def test_a_camera_of_street_b_is_not_there_for_a_supervisor_of_a(wuda: Store, cameras: pd.DataFrame) -> None:
    layer = wuda.layer("cameras")
    layer.upsert(cameras, viewer=LOCAL_OPERATOR, now=NOW)
    assert layer.read(SUPERVISOR_A)["id"].tolist() == ["c0", "c1"]
    assert layer.count(SUPERVISOR_A) == 2
    assert layer.read(SUPERVISOR_A, bbox=(106.72, 39.4, 106.74, 39.41)).empty


def test_removing_takes_what_the_viewer_sees_and_no_more(wuda: Store, cameras: pd.DataFrame) -> None:
    layer = wuda.layer("cameras")
    layer.upsert(cameras, viewer=LOCAL_OPERATOR, now=NOW)
    assert layer.remove(["c0", "c2", "nobody"], viewer=SUPERVISOR_A, now=NOW) == 1
    assert layer.read(LOCAL_OPERATOR)["id"].tolist() == ["c1", "c2", "c3"]


def test_the_border_of_a_box_belongs_to_it(wuda: Store, cameras: pd.DataFrame) -> None:
    layer = wuda.layer("cameras")
    layer.upsert(cameras, viewer=LOCAL_OPERATOR, now=NOW)
    assert layer.read(LOCAL_OPERATOR, bbox=(106.705, 39.405, 106.715, 39.405))["id"].tolist() == ["c0", "c1"]


def test_streets_come_back_as_they_went_in(wuda: Store, lines: gpd.GeoDataFrame) -> None:
    layer = wuda.layer("streets")
    assert layer.upsert(lines, viewer=LOCAL_OPERATOR, now=NOW) == Upserted(3, 0, 0)
    assert layer.upsert(lines, viewer=LOCAL_OPERATOR, now=NOW) == Upserted(0, 0, 3)
    found = layer.read(LOCAL_OPERATOR).set_index("id").loc[lines["id"]].reset_index()
    assert list(found.columns) == STREETS.names
    assert found.crs == lines.crs
    assert found.geometry.geom_equals_exact(lines.geometry, 0).all()
    assert found["oneway"].tolist() == [True, False, False]


def test_a_viewer_sees_the_streets_that_meet_their_ground(wuda: Store, lines: gpd.GeoDataFrame) -> None:
    layer = wuda.layer("streets")
    layer.upsert(lines, viewer=LOCAL_OPERATOR, now=NOW)
    assert layer.read(SUPERVISOR_A)["id"].tolist() == ["in_a", "through"]
    assert layer.count(SUPERVISOR_A) == 2
    assert layer.read(SUPERVISOR_A, bbox=(106.721, 39.4, 106.75, 39.41))["id"].tolist() == ["through"]
    assert layer.read(Viewer("x", "viewer", ("999",))).empty


def test_ground_without_a_polygon_of_its_own_is_that_of_the_areas_below(
    store: Store, two_streets: gpd.GeoDataFrame, lines: gpd.GeoDataFrame
) -> None:
    grids = two_streets[two_streets["level"] == "grid"]
    store.areas.replace(grids, viewer=LOCAL_OPERATOR, now=NOW)
    store.layer("streets").upsert(lines, viewer=LOCAL_OPERATOR, now=NOW)
    assert store.layer("streets").read(SUPERVISOR_A)["id"].tolist() == ["in_a", "through"]


def test_a_limited_viewer_does_not_import_or_remove_streets(wuda: Store, lines: gpd.GeoDataFrame) -> None:
    with pytest.raises(ScopeError, match="streets or buildings"):
        wuda.layer("streets").upsert(lines, viewer=SUPERVISOR_A, now=NOW)
    with pytest.raises(ScopeError, match="streets or buildings"):
        wuda.layer("streets").remove(["in_a"], viewer=SUPERVISOR_A, now=NOW)


def test_moved_and_removed_shapes_leave_the_index_in_step(wuda: Store, lines: gpd.GeoDataFrame) -> None:
    layer = wuda.layer("streets")
    layer.upsert(lines, viewer=LOCAL_OPERATOR, now=NOW)
    moved = lines.set_geometry(lines.geometry.translate(xoff=1))
    assert layer.upsert(moved, viewer=LOCAL_OPERATOR, now=NOW).updated == 3
    assert layer.read(LOCAL_OPERATOR, bbox=(106, 39, 107, 40)).empty
    assert len(layer.read(LOCAL_OPERATOR, bbox=(107, 39, 108, 40))) == 3
    layer.remove(["in_a"], viewer=LOCAL_OPERATOR, now=NOW)
    assert [finding for finding in wuda.verify() if finding.kind == "index"] == []


def test_a_box_finds_exactly_what_shapely_finds(store: Store, rng: np.random.Generator) -> None:
    """Index boxes are float32 on both stores: borders closer than that must still be told apart."""
    corners = rng.integers(0, 60, (300, 2)) * 1e-7 + (106.7, 39.4)
    shapes = shapely.box(corners[:, 0], corners[:, 1], corners[:, 0] + 1e-7, corners[:, 1] + 1e-7)
    triangles = [shapely.Polygon([(x, y), (x + 3e-6, y), (x, y + 3e-6)]) for x, y in corners[:100]]
    shapes = np.array([*triangles, *shapes[100:]], dtype=object)
    frame = gpd.GeoDataFrame({"id": [f"b{i:03d}" for i in range(300)]}, geometry=shapes, crs="EPSG:4326")
    store.layer("buildings").upsert(frame, viewer=LOCAL_OPERATOR, now=NOW)
    for _ in range(60):
        west, south = rng.integers(0, 60, 2) * 1e-7 + (106.7, 39.4)
        east, north = (west, south) + rng.integers(0, 20, 2) * 1e-7
        wanted = frame["id"][shapely.intersects(shapes, shapely.box(west, south, east, north))].tolist()
        found = store.layer("buildings").read(LOCAL_OPERATOR, bbox=(west, south, east, north), columns=["id"])
        assert found["id"].tolist() == wanted


@pytest.mark.postgres
def test_both_stores_give_the_same_bytes(
    tmp_path: Path,
    postgres_cluster: PostgresCluster,
    two_streets: gpd.GeoDataFrame,
    lines: gpd.GeoDataFrame,
    cameras: pd.DataFrame,
    reports: pd.DataFrame,
) -> None:
    urls = (f"sqlite:///{tmp_path / 'wuda.db'}", postgres_cluster.new_database())
    told = [_story(url, two_streets, lines, cameras, reports) for url in urls]
    assert told[0] == told[1]


def _story(
    url: str, areas: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, cameras: pd.DataFrame, reports: pd.DataFrame
) -> str:
    store = init_store(url, {})
    store.areas.replace(areas, viewer=LOCAL_OPERATOR, now=NOW)
    store.incidents.upsert(reports.iloc[5:], viewer=LOCAL_OPERATOR, now=NOW)
    store.incidents.upsert(reports, viewer=LOCAL_OPERATOR, now=NOW)
    store.layer("cameras").upsert(cameras, viewer=LOCAL_OPERATOR, now=NOW)
    store.layer("streets").upsert(lines, viewer=LOCAL_OPERATOR, now=NOW)
    told = [
        store.areas.read(SUPERVISOR_A).to_json(),
        store.incidents.read(LOCAL_OPERATOR).to_csv(),
        store.layer("cameras").read(LOCAL_OPERATOR).to_json(),
        store.layer("streets").read(SUPERVISOR_A).to_json(),
        [vars(change) for change in store.changes.since(0)],
    ]
    store.close()
    return json.dumps(told, default=str)


def test_other_coordinates_than_wgs84_are_refused(store: Store, lines: gpd.GeoDataFrame) -> None:
    for wrong in (lines.to_crs("EPSG:4545"), lines.set_crs(None, allow_override=True), pd.DataFrame(lines)):
        with pytest.raises(CrsError, match="EPSG:4326"):
            store.layer("streets").upsert(wrong, viewer=LOCAL_OPERATOR, now=NOW)


def test_shapes_off_the_earth_are_refused(store: Store, lines: gpd.GeoDataFrame) -> None:
    far = lines.set_geometry(lines.geometry.translate(xoff=100))
    with pytest.raises(GeometryError, match="3 shapes off the earth"):
        store.layer("streets").upsert(far, viewer=LOCAL_OPERATOR, now=NOW)


def test_a_street_without_geometry_is_refused(store: Store, lines: gpd.GeoDataFrame) -> None:
    lines.loc[1, "geometry"] = None
    with pytest.raises(ColumnError, match="geometry of layer 'streets' is missing in 1 rows"):
        store.layer("streets").upsert(lines, viewer=LOCAL_OPERATOR, now=NOW)


def test_buildings_have_no_location_to_set(store: Store) -> None:
    with pytest.raises(ColumnError, match="no points"):
        store.layer("buildings").set_located(pd.DataFrame({"id": ["b"]}), viewer=LOCAL_OPERATOR, now=NOW)


def test_an_empty_layer_has_its_columns(store: Store) -> None:
    found = store.layer("buildings").read(LOCAL_OPERATOR)
    assert found.empty
    assert list(found.columns) == BUILDINGS.names


@pytest.mark.parametrize("box", [(2, 0, 1, 1), (0, 0, float("nan"), 1), (0, 0, 1)])
def test_a_box_that_is_none_is_refused(store: Store, box: tuple[float, ...]) -> None:
    with pytest.raises(FilterError, match="min lon"):
        store.layer("streets").read(LOCAL_OPERATOR, bbox=box)  # type: ignore[arg-type]


def test_an_unknown_layer_is_named(store: Store) -> None:
    with pytest.raises(NotFoundError, match="no layer 'shoes'"):
        store.layer("shoes")


def test_a_viewer_of_a_closed_grid_code_still_reads_its_incidents(wuda: Store) -> None:
    assert wuda.incidents.count(Viewer("x", "viewer", (GRIDS[0],))) == 2
    assert wuda.incidents.count(Viewer("x", "viewer", (STREET_A, GRIDS[3]))) == 6
