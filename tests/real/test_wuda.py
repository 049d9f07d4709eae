"""The files of the sample district as their makers keep them, and real outlines and streets of China."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from gis.join.assign import assign_levels
from gis.layers import LayerResult, ReadOptions, read_layer

pytestmark = pytest.mark.real

SAMPLE = (
    ("district", "district", 1),
    ("streets", "street", 9),
    ("communities", "community", 23),
    ("grids", "grid", 157),
)


@pytest.fixture(scope="module")
def china(shared_data: Path) -> Path:
    return shared_data / "china"


def read(path: Path, kind: str, **options: object) -> LayerResult:
    return read_layer(path, kind, options=ReadOptions(datum="wgs84", **options))


@pytest.fixture(scope="module")
def tree(china: Path) -> gpd.GeoDataFrame:
    """The four files of the sample as one area tree."""
    return pd.concat(
        [read(china / f"sample_{file}.geojson", "areas").frame for file, _, _ in SAMPLE], ignore_index=True
    )


@pytest.mark.parametrize(("file", "level", "rows"), SAMPLE)
def test_level_is_told_by_the_codes(file: str, level: str, rows: int, china: Path) -> None:
    found = read(china / f"sample_{file}.geojson", "areas")
    assert (found.report.rows_ok, found.report.rows_rejected) == (rows, 0)
    assert set(found.frame["level"]) == {level}
    assert found.frame["synthetic"].all()


def test_tree_equals_the_shipped_one(tree: gpd.GeoDataFrame, wuda_areas: gpd.GeoDataFrame) -> None:
    shipped = wuda_areas[wuda_areas["kind"] != "special"].set_index("code")
    mine = tree.set_index("code")
    assert set(mine.index) == set(shipped.index)
    for column in ("level", "code_nbs", "code_mca", "kind"):
        pd.testing.assert_series_equal(mine[column].sort_index(), shipped[column].sort_index(), check_dtype=False)
    below = shipped.index[shipped["level"] != "district"]
    assert (mine.loc[below, "parent"] == shipped.loc[below, "parent"]).all()
    assert mine.geometry.sort_index().geom_equals_exact(shipped.geometry.sort_index(), 1e-7).all()


def test_streets_warn_where_the_two_code_systems_differ(china: Path) -> None:
    found = read(china / "sample_streets.geojson", "areas")
    warned = " ".join(zh for zh, _ in found.report.warnings)
    for name in ("新达街道", "巴音赛街道", "梁家沟街道", "苏海图街道", "滨海街道", "乌兰淖尔镇"):
        assert name in warned
    assert "三道坎街道" not in warned


@pytest.mark.parametrize("level", ["grid", "community", "street", "district"])
def test_every_grids_inner_point_joins_to_its_own_ancestors(level: str, tree: gpd.GeoDataFrame) -> None:
    grids = tree[tree["level"] == "grid"]
    inner = grids.geometry.representative_point()
    located = assign_levels(inner.x.to_numpy(), inner.y.to_numpy(), tree)
    length = {"grid": 15, "community": 12, "street": 9, "district": 6}[level]
    expected = grids["code"].str[:length].str.ljust(12, "0")
    assert (located[level].to_numpy() == expected.to_numpy()).all()


@pytest.mark.parametrize(("file", "tolerance_km2"), [("amap_wgs84", 60.0), ("tianditu_cgcs2000", 60.0)])
def test_real_outlines_of_wuhai_are_three_districts_in_a_city(file: str, tolerance_km2: float, china: Path) -> None:
    areas = read(china / f"boundary_wuhai_{file}.geojson", "areas").frame
    assert sorted(areas["code"]) == ["150300000000", "150302000000", "150303000000", "150304000000"]
    assert areas.set_index("code").loc["150304000000", ["level", "parent", "name_zh"]].tolist() == [
        "district",
        "150300000000",
        "乌达区",
    ]
    km2 = areas.to_crs(4545).set_index("code").area / 1e6
    assert abs(km2["150300000000"] - km2.drop("150300000000").sum()) < tolerance_km2


@pytest.mark.parametrize("city", ["shanghai", "wuhan"])
def test_openstreetmap_roads_go_in_whole(city: str, china: Path) -> None:
    path = china / f"osm_{city}_roads.geojson"
    found = read(path, "streets")
    raw = gpd.read_file(path, engine="pyogrio")
    assert found.report.rows_in == len(raw)
    assert found.report.rows_rejected == 0
    assert found.frame["id"].is_unique
    assert {"footway", "secondary", "residential", "service"} & set(found.frame["kind"])
    length = [frame.to_crs(4545).length.sum() for frame in (found.frame, raw)]
    assert length[0] == pytest.approx(length[1], rel=1e-6)


@pytest.mark.parametrize(("city", "outlines"), [("shanghai", 1475), ("wuhan", 241)])
def test_openstreetmap_buildings_without_an_outline_are_refused(city: str, outlines: int, china: Path) -> None:
    """The tiles hold label points among the outlines: each is refused with its row and reason."""
    path = china / f"osm_{city}_buildings.geojson"
    found = read(path, "buildings")
    raw = gpd.read_file(path, engine="pyogrio")
    points = raw.geom_type.eq("Point")
    assert found.report.rows_ok == outlines == int((~points).sum())
    assert set(found.rejects["reason_code"]) == {"geometry_wrong_type"}
    assert (found.rejects["row"].to_numpy() - 1 == points.to_numpy().nonzero()[0]).all()
