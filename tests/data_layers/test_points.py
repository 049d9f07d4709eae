"""The shipped places and cameras: inside the district, ids of the right form, nothing of persons."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis.layers.fields import REFUSED, field_of
from gis.schemas import CAMERAS, PLACES

PERSONAL = ("姓名", "电话", "手机", "身份证", "车牌", "户主")


@pytest.mark.parametrize("layer", ["places", "cameras", "incidents"])
def test_every_point_lies_in_the_district(
    layer: str, request: pytest.FixtureRequest, areas_m: gpd.GeoDataFrame
) -> None:
    district = areas_m.loc[areas_m["level"] == "district"].geometry.iloc[0]
    assert shapely.contains(district, request.getfixturevalue(layer).geometry.to_numpy()).all()


@pytest.mark.parametrize("layer", ["places", "cameras", "incidents"])
def test_no_column_is_of_persons(layer: str, request: pytest.FixtureRequest) -> None:
    headers = [name for name in request.getfixturevalue(layer).columns if name not in ("geometry", "local")]
    assert [name for name in headers if field_of(name, layer)[0] == REFUSED] == []


def test_the_check_for_persons_can_fail() -> None:
    assert all(field_of(name, "incidents")[0] == REFUSED for name in PERSONAL)


def test_every_subdistrict_has_its_depots(places: gpd.GeoDataFrame, areas_m: gpd.GeoDataFrame) -> None:
    depots = places[places["kind"] == "depot"].geometry.to_numpy()
    for street in areas_m[areas_m["level"] == "street"].itertuples():
        assert shapely.contains(street.geometry, depots).sum() >= 1, street.name_zh


def test_places_are_of_the_known_kinds(places: gpd.GeoDataFrame) -> None:
    kinds = places["kind"].value_counts().to_dict()
    assert set(kinds) == {"school", "courier", "safe_harbour", "hospital", "market", "station", "depot"}
    assert kinds["station"] == 1
    assert kinds["courier"] >= 30
    assert set(places.columns) - {"geometry"} <= set(PLACES.names)
    assert places["name_zh"].is_unique


def test_place_of_a_special_grid_lies_in_it(places: gpd.GeoDataFrame, areas_m: gpd.GeoDataFrame) -> None:
    shape = areas_m[areas_m["kind"] == "special"].set_index("name_zh").geometry
    sites = {
        "示例学校专属网格": "school",
        "示例市场专属网格": "market",
        "示例车站专属网格": "station",
        "示例工业园专属网格": "courier",
    }
    for name, kind in sites.items():
        assert shapely.contains(shape[name], places.loc[places["kind"] == kind].geometry.to_numpy()).any(), name


def test_camera_ids_follow_gbt28181(cameras: gpd.GeoDataFrame) -> None:
    """Eight digits of the centre, two of the industry, three of the device, one of the network, six of the number."""
    parts = cameras["device_id"].str.extract(r"^(15030400)(\d{2})(131|132)([0-8])(\d{6})$")
    assert parts.notna().all().all()
    assert cameras["device_id"].is_unique
    assert parts[1].astype(int).between(0, 14).all()


def test_direction_is_known_for_two_cameras_in_three(cameras: gpd.GeoDataFrame) -> None:
    known = cameras["azimuth"] != ""
    assert 0.62 <= known.mean() <= 0.71
    azimuth = cameras.loc[known, "azimuth"].astype(float)
    assert azimuth.between(0, 359.99).all()
    assert set(cameras.columns) - {"geometry", "lon", "lat"} <= set(CAMERAS.names)


def test_cameras_stand_at_corners_or_walls(
    cameras: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame
) -> None:
    lines = streets.to_crs("EPSG:4545").geometry.to_numpy()
    ends = shapely.points(np.concatenate([shapely.get_coordinates(shapely.get_point(lines, end)) for end in (0, -1)]))
    points = cameras.geometry.to_numpy()
    _, to_corner = shapely.STRtree(ends).query_nearest(points, return_distance=True, all_matches=False)
    _, to_wall = shapely.STRtree(buildings.geometry.to_numpy()).query_nearest(
        points, return_distance=True, all_matches=False
    )
    assert (np.minimum(to_corner - 6.0, to_wall) < 0.5).all()
