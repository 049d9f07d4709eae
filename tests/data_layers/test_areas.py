"""The shipped area tree: real codes, whole levels, sums that agree."""

import geopandas as gpd
import shapely

from gis.schemas import AREAS


def test_columns_are_the_areas_table(wuda_areas: gpd.GeoDataFrame) -> None:
    assert set(wuda_areas.columns) == set(AREAS.names)


def test_numbers_of_areas_at_each_level(wuda_areas: gpd.GeoDataFrame) -> None:
    counts = wuda_areas.groupby(["level", "kind"]).size().to_dict()
    assert counts == {
        ("district", ""): 1,
        ("street", ""): 9,
        ("community", ""): 23,
        ("grid", "basic"): 157,
        ("grid", "special"): 4,
    }


def test_every_parent_exists_and_holds_its_children(areas_m: gpd.GeoDataFrame) -> None:
    shape = areas_m.set_index("code").geometry
    below = areas_m[areas_m["parent"] != ""]
    parents = shapely.buffer(shape.loc[below["parent"]].to_numpy(), 0.1)
    assert shapely.covers(parents, below.geometry.to_numpy()).all()


def test_codes_follow_the_parents_digits(wuda_areas: gpd.GeoDataFrame) -> None:
    digits = {"street": 6, "community": 9, "grid": 12}
    for level, length in digits.items():
        rows = wuda_areas[wuda_areas["level"] == level]
        assert (rows["code"].str[:length] == rows["parent"].str[:length]).all(), level
    assert (wuda_areas.loc[wuda_areas["level"] == "grid", "code"].str.len() == 15).all()
    assert wuda_areas["code"].is_unique


def test_the_two_code_systems_differ_on_six_streets(wuda_areas: gpd.GeoDataFrame) -> None:
    streets = wuda_areas[(wuda_areas["level"] == "street") & (wuda_areas["code_mca"] != "")]
    assert len(streets) == 8
    assert (streets["code_nbs"] != streets["code_mca"]).sum() == 6


def test_households_sum_upwards(wuda_areas: gpd.GeoDataFrame) -> None:
    homes = wuda_areas.set_index("code")["households"]
    basic = wuda_areas[wuda_areas["kind"] != "special"]
    for parent, total in basic[basic["parent"] != ""].groupby("parent")["households"].sum().items():
        assert total == homes[parent], parent


def test_basic_grids_tile_the_district(areas_m: gpd.GeoDataFrame) -> None:
    basic = areas_m[areas_m["kind"] == "basic"].geometry.to_numpy()
    district = areas_m.loc[areas_m["level"] == "district"].geometry.iloc[0]
    # 200 km2 with vertices of a centimetre: what rounding leaves between them is a few hundred square metres at most.
    assert abs(shapely.area(basic).sum() - district.area) < 50.0
    assert shapely.union_all(basic, grid_size=0.01).symmetric_difference(district).area < 300.0


def test_every_area_has_both_names(wuda_areas: gpd.GeoDataFrame) -> None:
    assert (wuda_areas["name_zh"] != "").all()
    assert wuda_areas["name_en"].str.fullmatch(r"[A-Za-z' 0-9]+").all()
    assert wuda_areas["synthetic"].all()
