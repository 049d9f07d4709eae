"""Siting on the clustered benchmark of 5,000 demands and 500 sites, whose optima are known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from gis.cameras.siting import SitingProblem, most_covered

DATA = Path(__file__).parents[4] / "shared" / "data" / "patrol"


@pytest.mark.real
@pytest.mark.parametrize(("radius", "optimum"), [(300, 5621), (450, 8936), (800, 12880)])
def test_the_clustered_benchmark_is_solved_with_a_small_certified_gap(radius: int, optimum: int) -> None:
    demand = pd.read_csv(DATA / "mclp" / "clustered_5000_demand.csv")
    sites = pd.read_csv(DATA / "mclp" / "clustered_500_sites.csv")
    near = KDTree(demand[["x_m", "y_m"]]).query_ball_point(sites[["x_m", "y_m"]].to_numpy(), radius)
    site = np.repeat(np.arange(len(sites)), [len(each) for each in near])
    covers = csr_array((np.ones(len(site)), (site, np.concatenate(near).astype(int))), shape=(len(sites), len(demand)))
    found = most_covered(SitingProblem.of(covers, demand["weight"]), count=20, seconds=20.0)
    assert found.covered == optimum <= found.bound
    assert found.gap <= 0.002
