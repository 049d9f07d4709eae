"""Counts by hand and against a loop over points; what cannot be counted is refused."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.crs import project, unproject
from gis.errors import ColumnError, GeometryError, InputError
from gis.hotspots.area_counts import counts_around
from tests.gis.hotspots.ten_by_ten import CRS, DAYS, INSIDE, MIDDLE, START, X0, Y0, effect, incidents, town

__all__ = ["town"]


def test_every_incident_is_counted_once_in_its_role_and_span(town: gpd.GeoDataFrame) -> None:
    _, counts = effect(town, area=(30, 12), ring=(20, 20), far=(25, 25))
    sums = counts.groupby("role")[["before", "after"]].sum()
    assert sums.loc["area"].tolist() == [120, 48]
    # Twelve grids of 20, without the corners that are farther than 300 m away.
    assert 200 < sums.loc["buffer", "before"] < 240
    assert sums.loc["far"].tolist() == [84 * 25, 84 * 25]
    assert (counts["before"] == counts["early"] + counts["late"]).all()
    assert set(counts.loc[counts["role"] == "area", "unit"]) == INSIDE
    # Four grids of 0.09 km2, and the ring of 300 m around them without its corners.
    ground = counts.groupby("role")["km2"].sum()
    assert ground["area"] == pytest.approx(0.36)
    assert ground["buffer"] == pytest.approx(4 * 0.6 * 0.3 + np.pi * 0.09, rel=0.01)


def test_counts_are_those_of_a_loop_over_points_and_distances(town: gpd.GeoDataFrame) -> None:
    rng = np.random.default_rng(8)
    table = incidents(town, rng.integers(0, 6, 100), rng.integers(0, 6, 100))
    counts = counts_around(table, town, MIDDLE, start=START, days=DAYS, buffer_m=170)
    told = {role: [0, 0] for role in ("area", "buffer", "far")}
    for x, y, moment in zip(*project(table["lon"], table["lat"], CRS).T, table["occurred_at"], strict=True):
        away, span = MIDDLE.distance(shapely.Point(x, y)), int(moment >= START)
        cell = town.geometry[town.geometry.contains(shapely.Point(x, y))].iloc[0]
        role = "area" if away == 0 else "buffer" if away <= 170 else "far" if cell.distance(MIDDLE) >= 170 else ""
        if role:
            told[role][span] += 1
    sums = counts.groupby("role")[["before", "after"]].sum()
    assert {role: sums.loc[role].tolist() for role in told} == told


def test_patrol_findings_change_nothing(town: gpd.GeoDataFrame) -> None:
    before = after = np.full(len(town), 10)
    table = incidents(town, before, after)
    more = pd.concat([table, table.assign(found_by="patrol")], ignore_index=True)
    one, other = (counts_around(each, town, MIDDLE, start=START, days=DAYS) for each in (table, more))
    pd.testing.assert_frame_equal(one, other)


def test_an_outline_across_grids_counts_what_lies_inside_it(town: gpd.GeoDataFrame) -> None:
    outline = shapely.box(X0 + 1350, Y0 + 1350, X0 + 1650, Y0 + 1650)
    xy = np.array([[X0 + 1400, Y0 + 1400], [X0 + 1600, Y0 + 1600], [X0 + 1300, Y0 + 1300], [X0 + 100, Y0 + 100]])
    lon, lat = unproject(xy, CRS)
    table = pd.DataFrame({"occurred_at": pd.to_datetime([START] * 4, utc=True), "lon": lon, "lat": lat})
    counts = counts_around(table, town, outline, start=START, days=7, buffer_m=100)
    told = counts[counts["after"] > 0].set_index(["role", "unit"])["after"].to_dict()
    assert told == {("area", "g44"): 1, ("area", "g55"): 1, ("buffer", "g44"): 1, ("far", "g00"): 1}


def test_what_cannot_be_counted_is_refused(town: gpd.GeoDataFrame) -> None:
    table = incidents(town, np.full(100, 1), np.full(100, 1))
    with pytest.raises(GeometryError, match="sound polygon"):
        counts_around(table, town, shapely.Point(X0, Y0), start=START, days=7)
    with pytest.raises(InputError, match="metric CRS"):
        counts_around(table, town.to_crs("EPSG:4326"), MIDDLE, start=START, days=7)
    with pytest.raises(InputError, match="zone"):
        counts_around(table, town, MIDDLE, start=START.replace(tzinfo=None), days=7)
    with pytest.raises(InputError, match="lies in no grid"):
        counts_around(table, town, shapely.box(0, 0, 10, 10), start=START, days=7)
    with pytest.raises(ColumnError):
        counts_around(table.drop(columns="lon"), town, MIDDLE, start=START, days=7)
