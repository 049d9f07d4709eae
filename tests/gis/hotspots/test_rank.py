"""Ranks and rates carry their denominators and never depend on the order of rows."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis.errors import ShapeError
from gis.grid.neighbours import contiguity
from gis.hotspots import grid_rates, rank_grids


@pytest.fixture
def three_grids() -> gpd.GeoDataFrame:
    """Squares of about a kilometre near Wuda."""
    shapes = [shapely.box(106.70 + 0.01 * k, 39.50, 106.71 + 0.01 * k, 39.51) for k in range(3)]
    frame = gpd.GeoDataFrame({"code": ["g3", "g1", "g2"]}, geometry=shapes, crs="EPSG:4326")
    frame["households"] = [100, None, 0]
    frame["households"] = frame["households"].astype("Int64")
    return frame


def test_rates_divide_by_area_and_households(three_grids: gpd.GeoDataFrame) -> None:
    rates = grid_rates(three_grids, [10, 20, 30], days=30)
    assert rates["area_km2"].iloc[0] == pytest.approx(0.9546, abs=0.001), "0.01 degrees at 39.5 north: 860 m x 1,110 m"
    assert rates["per_km2"].iloc[0] == pytest.approx(10 / rates["area_km2"].iloc[0])
    assert rates["per_1000_households"].iloc[0] == pytest.approx(100.0)


def test_unknown_or_no_households_give_no_rate(three_grids: gpd.GeoDataFrame) -> None:
    assert grid_rates(three_grids, [1, 2, 3], days=30)["per_1000_households"].isna().tolist() == [False, True, True]


def test_equal_counts_go_by_code(three_grids: gpd.GeoDataFrame) -> None:
    ranked = rank_grids(three_grids, [5, 5, 5], contiguity(three_grids), days=30)
    assert ranked["code"].tolist() == ["g1", "g2", "g3"]
    assert ranked["rank"].tolist() == [1, 2, 3]


def test_shares_are_of_all_incidents(three_grids: gpd.GeoDataFrame) -> None:
    ranked = rank_grids(three_grids, [6, 3, 1], contiguity(three_grids), days=30)
    assert ranked["share"].tolist() == pytest.approx([0.6, 0.3, 0.1])


def test_a_share_may_be_of_incidents_outside_all_grids_too(three_grids: gpd.GeoDataFrame) -> None:
    ranked = rank_grids(three_grids, [6, 3, 1], contiguity(three_grids), days=30, total=20)
    assert ranked["share"].tolist() == pytest.approx([0.3, 0.15, 0.05])
    assert ranked.attrs["total"] == 20


def test_neighbourhoods_of_a_city_elsewhere_are_ranked_in_its_own_metres() -> None:
    """Toronto-like areas: no grid codes, no households, UTM 17."""
    shapes = [shapely.box(-79.4 + 0.05 * k, 43.65, -79.35 + 0.05 * k, 43.7) for k in range(4)]
    areas = gpd.GeoDataFrame(
        {"code": [f"N{k}" for k in range(4)], "households": None}, geometry=shapes, crs="EPSG:4326"
    )
    ranked = rank_grids(areas, [1, 8, 3, 3], contiguity(areas), days=365)
    assert ranked["code"].tolist()[:2] == ["N1", "N2"] or ranked["code"].tolist()[:2] == ["N1", "N3"]
    assert ranked["area_km2"].iloc[0] == pytest.approx(22.4, abs=0.1)
    assert ranked["per_1000_households"].isna().all()


def test_no_incidents_have_no_share(three_grids: gpd.GeoDataFrame) -> None:
    ranked = rank_grids(three_grids, [0, 0, 0], contiguity(three_grids), days=30)
    assert ranked["share"].tolist() == [0, 0, 0]
    assert not ranked["hot"].any()


def test_rows_in_another_order_rank_the_same(wuda_areas: gpd.GeoDataFrame, rng: np.random.Generator) -> None:
    grids = wuda_areas[wuda_areas["kind"] == "basic"].reset_index(drop=True)
    counts = rng.poisson(20, len(grids))
    order = rng.permutation(len(grids))
    turned = grids.iloc[order].reset_index(drop=True)
    first = rank_grids(grids, counts, contiguity(grids), days=90)
    again = rank_grids(turned, counts[order], contiguity(turned), days=90)
    assert first["code"].tolist() == again["code"].tolist()
    np.testing.assert_allclose(first["z"], again["z"], atol=1e-9)


def test_a_count_too_few_is_refused(three_grids: gpd.GeoDataFrame) -> None:
    with pytest.raises(ShapeError):
        grid_rates(three_grids, [1, 2], days=30)


def test_a_period_without_length_is_refused(three_grids: gpd.GeoDataFrame) -> None:
    with pytest.raises(ShapeError):
        grid_rates(three_grids, [1, 2, 3], days=0)
