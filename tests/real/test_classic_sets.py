"""Printed results of classic sets: the New York leukaemia cluster, Burkitt's lymphoma pairs, Boston's default geocode."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gis.hotspots.default_geocode import default_geocodes
from gis.hotspots.near_repeat import knox
from gis.hotspots.scan import poisson_scan

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
