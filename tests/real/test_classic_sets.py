"""Printed results of classic sets: the New York leukaemia cluster, Burkitt's lymphoma pairs, Boston's default geocode."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.hotspots.cube import space_time_cube
from gis.hotspots.default_geocode import default_geocodes
from gis.hotspots.emerging import emerging_hot_spots
from gis.hotspots.getis_ord import local_g
from gis.hotspots.near_repeat import knox
from gis.hotspots.optimized import lay_cells
from gis.hotspots.scan import poisson_scan
from gis.hotspots.weights import band_weights, lattice_weights

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def classic(shared_data: Path) -> Path:
    return shared_data / "incidents" / "classic"


def test_the_new_york_leukaemia_cluster_is_the_printed_one(classic: Path) -> None:
    """Vignette smerc_demo of R smerc: 24 regions, 95.33 cases against 55.75, RR 1.85, statistic 13.06, 12.3 across."""
    tracts = pd.read_csv(classic / "ny_leukemia_281tracts.csv")
    xy = tracts[["x", "y"]].to_numpy()
    found = poisson_scan(xy, tracts["cases"], tracts["population"], rng=np.random.default_rng(1))
    best = found.clusters[0]
    assert len(best.areas) == 24
    assert round(best.observed, 2) == 95.33
    assert round(best.expected, 2) == 55.75
    assert round(best.relative_risk, 2) == 1.85
    assert round(best.llr, 2) == 13.06
    assert best.p <= 0.01
    members = xy[best.areas]
    assert round(float(np.hypot(*(members[:, None] - members[None]).transpose(2, 0, 1)).max()), 1) == 12.3


def test_burkitt_pairs_are_the_printed_ones(classic: Path) -> None:
    """pointpats 2.5.5, docstring of Knox: delta 20, tau 5, statistic 13, p 0.17 from 99 permutations."""
    cases = pd.read_csv(classic / "burkitt_188.csv")
    found = knox(
        cases[["X", "Y"]], cases["T"], within_m=20, within_days=5, permutations=9_999, rng=np.random.default_rng(1)
    )
    assert found.observed.tolist() == [[13]]
    # 0.17 from 99 permutations has a standard error of 0.038.
    assert abs(found.p[0, 0] - 0.17) < 3 * 0.038


def test_boston_has_a_default_geocode_of_a_seventh_and_toronto_has_none(shared_data: Path) -> None:
    """14.1 % of Boston's requests lie on one coordinate; Toronto's are snapped to junctions."""
    incidents = shared_data / "incidents"
    boston = pd.read_csv(incidents / "misc" / "boston_311_2015_partial.csv.gz", usecols=["LONGITUDE", "LATITUDE"])
    found = default_geocodes(boston[["LONGITUDE", "LATITUDE"]])
    assert len(found.xy) == 1
    assert round(100 * float(found.share[0]), 1) == 14.1
    toronto = pd.read_csv(incidents / "toronto" / "toronto_mci_2014_2021.csv.gz", usecols=["lon", "lat"])
    junctions = default_geocodes(toronto)
    assert len(junctions.xy) == 0
    assert junctions.snapped > 10


def test_gi_on_the_remote_sensing_grid_of_getis_and_ord(classic: Path) -> None:
    """Getis and Ord (1996): 16 x 16 pixels of 30 m, the pixel at (240, 210); figures of another hand from the same file."""
    grid = pd.read_csv(classic / "getisord_1996_xyz.csv")
    at = grid[["x", "y"]].to_numpy()
    found = [
        local_g(grid["val"], band_weights(at, reach), star=False).z[120] for reach in (30.0, 60.0, 90.0, 120.0, 150.0)
    ]
    np.testing.assert_allclose(found, [0.9233, 1.5821, 2.1303, 1.9406, 1.5261], atol=5e-5)


@pytest.mark.parametrize("reference", ["whole", "neighbourhood", "own"])
def test_every_cell_of_toronto_has_a_class_and_no_nan(shared_data: Path, reference: str) -> None:
    """Two years of burglaries by four weeks on cells of 1 km: shapes, finite evidence, both kinds of trend."""
    rows = pd.read_csv(shared_data / "incidents" / "toronto" / "toronto_mci_2014_2021.csv.gz", dtype={"date": str})
    rows = rows[(rows["category"] == "Break and Enter") & rows["date"].between("2017-01-01", "2018-12-31")]
    x, y = (
        gpd.GeoSeries(gpd.points_from_xy(rows["lon"], rows["lat"]), crs=4326)
        .to_crs(32617)
        .get_coordinates()
        .T.to_numpy()
    )
    city = shapely.box(x.min(), y.min(), x.max(), y.max())
    cells = lay_cells(city, 1000.0)
    days = (pd.to_datetime(rows["date"]) - pd.Timestamp("2017-01-01")).dt.days
    cube = space_time_cube(
        cells.locate(np.column_stack([x, y])), days, cells=len(cells), step_days=28, since=0, until=730
    )
    assert cube.counts.shape == (len(cells), 26)
    assert cube.counts.sum() + cube.left_out == len(rows)
    found = emerging_hot_spots(cube.counts, band_weights(cells.middles(), 1500.0), reference=reference)
    assert np.isfinite(found.z).all()
    assert np.isfinite(found.tau).all()
    assert 20 < (found.label > 0).sum() < len(cells)


def test_hot_cells_of_toronto_2019_are_those_found_by_another_hand(shared_data: Path) -> None:
    """250 m, queen: 635 hot at a two-sided 0.05 and 365 after false-discovery control, on 10,283 cells of another origin.

    No cell is cold by the normal distribution, while permutations call hundreds cold: the warning must say so.
    """
    folder = shared_data / "incidents" / "toronto"
    parts = gpd.read_file(folder / "neighbourhoods.geojson").to_crs(32617)
    cells = lay_cells(shapely.union_all(parts.geometry.make_valid().to_numpy()), 250.0)
    rows = pd.read_csv(folder / "toronto_mci_2014_2021.csv.gz", dtype={"date": str})
    rows = rows[rows["date"].str.startswith("2019")]
    xy = (
        gpd.GeoSeries(gpd.points_from_xy(rows["lon"], rows["lat"]), crs=4326).to_crs(32617).get_coordinates().to_numpy()
    )
    place = cells.locate(xy)
    counts = np.bincount(place[place >= 0], minlength=len(cells))
    mask = np.zeros((cells.row.max() + 1, cells.column.max() + 1), dtype=bool)
    mask[cells.row, cells.column] = True
    near = lattice_weights(*mask.shape, mask=mask)
    assert abs(len(cells) - 10_283) < 30
    controlled, plain = local_g(counts, near), local_g(counts, near, correction="none")
    assert abs(int(controlled.hot.sum()) - 365) < 15
    assert abs(int(plain.hot.sum()) - 635) < 25
    assert not plain.cold.any()
    drawn = local_g(counts, near, correction="none", permutations=999, rng=np.random.default_rng(1))
    assert drawn.disagreement is not None
    assert drawn.disagreement.cold_permuted > 500
