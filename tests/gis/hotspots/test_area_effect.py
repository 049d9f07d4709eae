"""A town of 10 x 10 grids with a key area in its middle: counts by hand, constructed effects found, nothing shown where nothing is."""

from datetime import UTC, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.crs import project, unproject
from gis.errors import ColumnError, GeometryError, InputError
from gis.hotspots.area_counts import counts_around
from gis.hotspots.area_effect import AreaEffect, area_effect

CRS = "EPSG:32648"
X0, Y0 = 620_000.0, 4_365_000.0
START = datetime(2026, 9, 1, tzinfo=UTC)
DAYS = 56.0
SIDE = 10


@pytest.fixture(scope="module")
def town() -> gpd.GeoDataFrame:
    """A hundred grids of 300 m."""
    corners = [(X0 + 300 * (n % SIDE), Y0 + 300 * (n // SIDE)) for n in range(SIDE * SIDE)]
    shapes = [shapely.box(x, y, x + 300, y + 300) for x, y in corners]
    table = {"code": [f"g{n:02d}" for n in range(SIDE * SIDE)], "kind": "basic"}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)


MIDDLE = shapely.box(X0 + 1200, Y0 + 1200, X0 + 1800, Y0 + 1800)
"""Four grids: g44, g45, g54, g55."""
INSIDE = {"g44", "g45", "g54", "g55"}


def incidents(town: gpd.GeoDataFrame, before: np.ndarray, after: np.ndarray, seed: int = 3) -> pd.DataFrame:
    """So many incidents in each grid, at random places and moments of either span."""
    rng = np.random.default_rng(seed)
    number = np.repeat(np.arange(len(town)), before + after)
    late = np.concatenate([np.arange(b + a) >= b for b, a in zip(before, after, strict=True)])
    corner = town.geometry.bounds[["minx", "miny"]].to_numpy()[number]
    lon, lat = unproject(corner + rng.uniform(1, 299, corner.shape), CRS)
    day = np.where(late, 1, -1) * rng.uniform(0.01, DAYS - 0.01, len(number))
    moments = [START + timedelta(days=float(each)) for each in day]
    return pd.DataFrame(
        {"occurred_at": pd.to_datetime(moments, utc=True), "lon": lon, "lat": lat, "found_by": "report"}
    )


def effect(
    town: gpd.GeoDataFrame, *, area: tuple[int, int], ring: tuple[int, int], far: tuple[int, int]
) -> tuple[AreaEffect, pd.DataFrame]:
    before, after = (np.full(len(town), far[k]) for k in (0, 1))
    near = town.geometry.intersects(MIDDLE.buffer(299)).to_numpy() & ~town["code"].isin(INSIDE).to_numpy()
    for k, span in enumerate((before, after)):
        span[near] = ring[k]
        span[town["code"].isin(INSIDE)] = area[k]
    counts = counts_around(incidents(town, before, after), town, MIDDLE, start=START, days=DAYS)
    return area_effect(counts, days=DAYS, rng=np.random.default_rng(1)), counts


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


def test_an_area_that_fell_by_more_than_half_is_told_with_its_denominators(town: gpd.GeoDataFrame) -> None:
    found, _ = effect(town, area=(30, 12), ring=(25, 25), far=(25, 25))
    assert found.change is not None
    assert found.change.ratio == pytest.approx(0.4)
    assert found.is_shown
    assert (found.area.units, found.area.before, found.area.after) == (4, 120, 48)
    assert found.compared.units == len(found.comparison.units) == 20
    assert found.compared.km2 == pytest.approx(20 * 0.09)
    text = found.text("en")
    assert "120 reports before and 48 after" in text
    assert "it fell more than the comparison areas" in text
    assert "比对照区下降得多" in found.text("zh")


def test_a_fall_that_the_whole_town_shares_is_not_shown(town: gpd.GeoDataFrame) -> None:
    found, _ = effect(town, area=(30, 15), ring=(25, 12), far=(26, 13))
    assert not found.is_shown
    assert "a change is not shown" in found.text("en")
    assert found.displacement is not None
    assert found.displacement.reading == "not_shown"


def test_what_moved_to_the_ring_is_told(town: gpd.GeoDataFrame) -> None:
    found, _ = effect(town, area=(30, 6), ring=(25, 33), far=(25, 25))
    assert found.displacement is not None
    # The area lost 96, the grids around gained 12 x 8, of which some lie in their far corners.
    assert found.displacement.quotient == pytest.approx(-1.0, abs=0.1)
    assert found.displacement.reading == "displaced"
    assert found.buffer_change is not None
    assert found.buffer_change.ratio == pytest.approx(33 / 25, rel=0.05)


def test_without_areas_as_busy_there_is_no_comparison_and_no_ratio(town: gpd.GeoDataFrame) -> None:
    found, _ = effect(town, area=(100, 50), ring=(5, 5), far=(5, 5))
    assert (found.change, found.buffer_change, found.displacement) == (None, None, None)
    assert "too few comparison areas (0 fit)" in found.text("en")
    assert "没有足够的对照区" in found.text("zh")
    assert len(found.caveats("zh")) == len(found.caveats("en")) == 3


def test_chance_alone_is_seldom_shown_as_a_change(town: gpd.GeoDataFrame) -> None:
    """Poisson counts without any effect: the interval leaves 1 out in no more than one in twenty, and four standard errors."""
    rng = np.random.default_rng(11)
    shown = 0
    for _ in range(100):
        early, late, after = rng.poisson(10, (3, 60))
        role = np.where(np.arange(60) < 4, "area", np.where(np.arange(60) < 16, "buffer", "far"))
        table = pd.DataFrame({"unit": [f"u{n}" for n in range(60)], "role": role, "kind": "basic", "km2": 0.09})
        table = table.assign(early=early, late=late, before=early + late, after=after * 2)
        table["after"] = rng.poisson(20, 60)
        shown += area_effect(table, days=56, rng=rng).is_shown
    assert shown <= 5 + 4 * np.sqrt(100 * 0.05 * 0.95)


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
    with pytest.raises(InputError, match="no counts of the key area"):
        area_effect(
            pd.DataFrame(columns=["unit", "role", "kind", "km2", "early", "late", "before", "after"]),
            days=7,
            rng=np.random.default_rng(1),
        )
