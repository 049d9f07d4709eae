"""All of Toronto's incidents through the public door: every row in, counts per area equal to a geopandas join."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from gis.join.assign import assign_levels
from gis.join.count import count_by
from gis.layers import LayerResult, ReadOptions, read_layer

pytestmark = pytest.mark.real

ROWS = 240_992
ZONE = "America/Toronto"


@pytest.fixture(scope="module")
def toronto(shared_data: Path) -> Path:
    return shared_data / "incidents" / "toronto"


@pytest.fixture(scope="module")
def incidents(toronto: Path) -> LayerResult:
    options = ReadOptions(datum="wgs84", zone=ZONE, lang="en")
    return read_layer(toronto / "toronto_mci_2014_2021.csv.gz", "incidents", options=options)


@pytest.fixture(scope="module")
def areas(toronto: Path) -> gpd.GeoDataFrame:
    """Police divisions as streets, neighbourhoods as communities."""
    named = (
        ("police_divisions.geojson", "street", {"code": "DIV", "name": "UNIT_NAME"}),
        ("neighbourhoods.geojson", "community", {"code": "AREA_SHORT_CODE", "name": "AREA_NAME"}),
    )
    parts = []
    for file, level, mapping in named:
        found = read_layer(
            toronto / file, "areas", options=ReadOptions(datum="wgs84", level=level, mapping=mapping, lang="en")
        )
        assert len(found.rejects) == 0
        parts.append(found.frame)
    return pd.concat(parts, ignore_index=True)


def joined_by_geopandas(points: pd.DataFrame, areas: gpd.GeoDataFrame) -> pd.Series:
    """The lowest code whose polygon touches each point, as ``geopandas.sjoin`` sees it; empty outside."""
    at = gpd.GeoDataFrame(geometry=gpd.points_from_xy(points["lon"], points["lat"]), index=points.index, crs=4326)
    hits = gpd.sjoin(at, areas[["code", "geometry"]], predicate="intersects")
    return hits.groupby(level=0)["code"].min().reindex(points.index).fillna("")


def test_every_row_goes_in(incidents: LayerResult) -> None:
    report = incidents.report
    assert (report.rows_in, report.rows_ok, report.rows_rejected) == (ROWS, ROWS, 0)
    assert len(incidents.frame) == ROWS
    assert incidents.frame["id"].is_unique
    assert report.dropped_personal == []


def test_hours_are_read_in_the_citys_zone(incidents: LayerResult, toronto: Path) -> None:
    """The file states day and hour: an interval of an hour, in Toronto's time."""
    frame = incidents.frame
    assert set(frame["time_precision"]) == {"interval"}
    local = frame["occurred_at"].dt.tz_convert(ZONE)
    raw = pd.read_csv(toronto / "toronto_mci_2014_2021.csv.gz", usecols=["date", "hour"], dtype={"date": str})
    skipped = (local.dt.hour != raw["hour"]).to_numpy()
    # The hour that a change to summer time skips does not exist; nothing else may differ.
    assert skipped.mean() < 1e-3
    assert set(raw.loc[skipped, "hour"]) <= {2}
    assert (local.dt.strftime("%Y-%m-%d").to_numpy() == raw["date"].to_numpy()).all()


def test_areas_are_16_divisions_and_140_neighbourhoods(areas: gpd.GeoDataFrame) -> None:
    assert areas["level"].value_counts().to_dict() == {"community": 140, "street": 16}


@pytest.mark.parametrize("level", ["street", "community"])
def test_counts_equal_geopandas(level: str, incidents: LayerResult, areas: gpd.GeoDataFrame) -> None:
    frame = incidents.frame
    mine = areas[areas["level"] == level]
    located = assign_levels(frame["lon"].to_numpy(), frame["lat"].to_numpy(), areas)
    expected = joined_by_geopandas(frame, mine)
    assert (located[level].to_numpy() == expected.to_numpy()).all()
    order = sorted(mine["code"])
    counts = count_by(located[level].to_numpy(), order)
    assert counts.tolist() == expected.value_counts().reindex(order, fill_value=0).tolist()
    assert counts.sum() > 0.99 * ROWS


def test_declared_neighbourhoods_agree_with_the_join(incidents: LayerResult, areas: gpd.GeoDataFrame) -> None:
    """Points are snapped to intersections, so a neighbourhood's edge may lie on the other side: most agree, not all."""
    frame = incidents.frame
    located = assign_levels(frame["lon"].to_numpy(), frame["lat"].to_numpy(), areas)
    names = (
        areas.loc[areas["level"] == "community"].set_index("code")["name_zh"].str.replace(r" \(\d+\)$", "", regex=True)
    )
    held = located["community"] != ""
    agree = (
        located.loc[held, "community"].map(names).to_numpy() == frame.loc[held.to_numpy(), "declared_area"].to_numpy()
    )
    assert agree.mean() > 0.8
