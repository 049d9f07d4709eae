"""The shipped incidents behave like incidents: they cluster, repeat nearby, and follow day, week, season and holidays."""

import csv
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.spatial import cKDTree

from gis.schemas import INCIDENTS

EXTRA = {"reported_at", "geometry", "local"}
CHECKS = ("inspection", "camera")


def hour_share(incidents: pd.DataFrame, code: str, hours: range) -> float:
    mine = incidents.loc[(incidents["category"] == code) & ~incidents["source"].isin([*CHECKS, "department"]), "local"]
    return float(mine.dt.hour.isin(hours).mean())


def test_rows_columns_and_period(incidents: gpd.GeoDataFrame) -> None:
    assert len(incidents) == 60_000
    assert set(incidents.columns) - EXTRA <= set(INCIDENTS.names)
    assert incidents["id"].is_unique
    assert incidents["local"].is_monotonic_increasing
    assert incidents["local"].min() >= pd.Timestamp(2023, 11, 1)
    assert incidents["local"].max() < pd.Timestamp(2026, 11, 1)


def test_categories_are_ours_and_of_all_modules(incidents: gpd.GeoDataFrame) -> None:
    table = Path(__file__).resolve().parents[2] / "gis" / "layers" / "categories.csv"
    with table.open(encoding="utf-8", newline="") as file:
        module = {row["code"]: row["module"] for row in csv.DictReader(file)}
    assert set(incidents["category"]) <= set(module)
    share = incidents["category"].map(module).value_counts(normalize=True)
    assert {"linkage", "order", "safety", "dispute", "railway", "courier", "harbour"} <= set(share.index)
    assert share["linkage"] > share["order"] > share["safety"] > share["dispute"] > 0.05


@pytest.mark.parametrize("code", ["", "P02", "D01", "09009"])
def test_nearest_neighbour_index_shows_clusters(
    code: str, incidents: gpd.GeoDataFrame, incident_xy: np.ndarray, areas_m
) -> None:
    """Clark and Evans (1954): 1 for a random pattern, below for clusters; over the district, and for single categories."""
    xy = incident_xy[(incidents["category"] == code).to_numpy()] if code else incident_xy
    km2 = areas_m.loc[areas_m["level"] == "district"].area.iloc[0]
    gap = cKDTree(xy).query(xy, k=2)[0][:, 1]
    assert gap.mean() / (0.5 / np.sqrt(len(xy) / km2)) < 0.6


def test_clusters_are_more_than_the_built_up_ground(
    incidents: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, incident_xy: np.ndarray
) -> None:
    """Half of the incidents lie on a quarter of the 100 m cells that hold houses."""
    cells = pd.Series(map(tuple, np.floor(incident_xy / 100).astype(int))).value_counts()
    centre = shapely.centroid(buildings.geometry.to_numpy())
    built = len(np.unique(np.floor(shapely.get_coordinates(centre) / 100), axis=0))
    assert int((cells.cumsum() < len(incidents) / 2).sum()) < built / 4


def test_days_have_their_hours(incidents: gpd.GeoDataFrame) -> None:
    assert hour_share(incidents, "P07", range(20, 24)) + hour_share(incidents, "P07", range(4)) > 0.7
    assert hour_share(incidents, "S01", range(8, 18)) > 0.85
    assert hour_share(incidents, "09009", range(7, 9)) > 2 * hour_share(incidents, "09009", range(9, 11))
    assert hour_share(incidents, "P02", range(18, 24)) > 0.6


def test_weeks_have_their_weekends(incidents: gpd.GeoDataFrame) -> None:
    weekend = incidents["local"].dt.day_of_week >= 5
    share = weekend.groupby(incidents["category"]).mean()
    even = 2 / 7
    assert share["P07"] > even * 1.15
    assert share["S01"] < even * 0.7
    assert share["F15"] < even * 0.6


def test_years_have_their_seasons(incidents: gpd.GeoDataFrame) -> None:
    month = incidents["local"].dt.month
    winter = month.isin([11, 12, 1, 2]).groupby(incidents["category"]).mean()
    summer = month.isin([6, 7, 8]).groupby(incidents["category"]).mean()
    assert winter["F09"] > 0.5
    assert winter["10001"] > 0.85
    assert summer["06029"] > 0.33
    assert summer["F08"] > 0.6


def test_holidays_keep_offices_closed_and_fireworks_lit(incidents: gpd.GeoDataFrame) -> None:
    spring = incidents["local"].between(pd.Timestamp(2025, 1, 28), pd.Timestamp(2025, 2, 5))
    around = incidents["local"].between(pd.Timestamp(2025, 1, 1), pd.Timestamp(2025, 2, 28))
    expected = 8 / 59
    assert spring[around & (incidents["category"] == "S01")].mean() < expected * 0.6
    assert spring[around & (incidents["category"] == "06020")].mean() > expected


def test_days_vary_more_than_by_chance(incidents: gpd.GeoDataFrame) -> None:
    daily = incidents.groupby(incidents["local"].dt.date).size()
    assert len(daily) == 1096
    assert daily.var() / daily.mean() > 2


def near_pairs(xy: np.ndarray, days: np.ndarray) -> int:
    pairs = cKDTree(xy).query_pairs(80.0, output_type="ndarray")
    return int((np.abs(days[pairs[:, 0]] - days[pairs[:, 1]]) <= 7).sum())


@pytest.mark.parametrize("code", ["P01", "P02"])
def test_incidents_repeat_nearby_soon(
    code: str, incidents: gpd.GeoDataFrame, incident_xy: np.ndarray, rng: np.random.Generator
) -> None:
    """Knox (1964): pairs close in space and time, against the same places with shuffled times."""
    mine = (incidents["category"] == code).to_numpy()
    days = (incidents.loc[mine, "local"] - pd.Timestamp(2023, 11, 1)).dt.total_seconds().to_numpy() / 86400
    by_chance = np.mean([near_pairs(incident_xy[mine], rng.permutation(days)) for _ in range(5)])
    assert near_pairs(incident_xy[mine], days) > 1.5 * by_chance


def test_without_repeats_the_knox_test_says_so(
    incidents: gpd.GeoDataFrame, incident_xy: np.ndarray, rng: np.random.Generator
) -> None:
    mine = (incidents["category"] == "S01").to_numpy()
    days = (incidents.loc[mine, "local"] - pd.Timestamp(2023, 11, 1)).dt.total_seconds().to_numpy() / 86400
    by_chance = np.mean([near_pairs(incident_xy[mine], rng.permutation(days)) for _ in range(5)])
    assert near_pairs(incident_xy[mine], days) < 1.3 * by_chance


def test_patrol_findings_are_told_apart(incidents: gpd.GeoDataFrame) -> None:
    assert ((incidents["found_by"] == "patrol") == incidents["source"].isin(CHECKS)).all()
    assert 0.1 < (incidents["found_by"] == "patrol").mean() < 0.3
    assert set(incidents["source"]) == {"12345", "grid", "inspection", "police", "camera", "department"}
    assert incidents["department"].nunique() == 18


def test_handled_share_is_that_of_the_annual_report(incidents: gpd.GeoDataFrame) -> None:
    assert (incidents["status"] == "closed").mean() == pytest.approx(0.9984, abs=1e-9)
    open_ones = incidents.loc[incidents["status"] == "open", "local"]
    assert (open_ones > pd.Timestamp(2026, 6, 1)).mean() > 0.95


def test_two_in_a_hundred_declare_another_grid(incidents: gpd.GeoDataFrame, areas_m: gpd.GeoDataFrame) -> None:
    grids = areas_m[areas_m["kind"] == "basic"]
    true = grids["code"].to_numpy()[shapely.STRtree(grids.geometry.to_numpy()).nearest(incidents.geometry.to_numpy())]
    assert set(incidents["declared_area"]) <= set(grids["code"])
    assert (true != incidents["declared_area"].to_numpy()).mean() == pytest.approx(0.02, abs=0.004)


def test_reports_come_after_incidents(incidents: gpd.GeoDataFrame) -> None:
    reported = pd.to_datetime(incidents["reported_at"]).dt.tz_localize(None)
    assert (reported > incidents["local"]).all()
    late = (reported - incidents["local"]).dt.total_seconds().groupby(incidents["source"]).median() / 3600
    assert late["inspection"] < late["grid"] < late["12345"] < late["department"]
    until = pd.to_datetime(incidents.loc[incidents["occurred_to"] != "", "occurred_to"]).dt.tz_localize(None)
    assert (until > incidents["local"].loc[until.index]).all()
    assert set(incidents["category"].loc[until.index]) == {"P01", "P02", "P05", "P09"}
