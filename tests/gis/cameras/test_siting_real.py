"""Siting on instances with known optima: the clustered MCLP benchmark and the OR-Library p-medians (Beasley, 1985)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

from gis.cameras.siting import Medians, SitingProblem, most_covered, p_median

DATA = Path(__file__).parents[4] / "shared" / "data" / "patrol"

OPTIMA = (
    5819, 4093, 4250, 3034, 1355, 7824, 5631, 4445, 2734, 1255, 7696, 6634, 4374, 2968, 1729, 8162, 6999, 4809, 2845,
    1789, 9138, 8579, 4619, 2961, 1828, 9917, 8307, 4498, 3033, 1989, 10086, 9297, 4700, 3013, 10400, 9934, 5057, 11060,
    9423, 5128,
)  # fmt: skip
"""Of pmed1 to pmed40, as the OR-Library publishes them."""


@pytest.mark.real
@pytest.mark.parametrize(("radius", "optimum"), [(300, 5621), (450, 8936), (800, 12880)])
def test_the_clustered_benchmark_is_solved_with_a_small_certified_gap(radius: int, optimum: int) -> None:
    demand = pd.read_csv(DATA / "mclp" / "clustered_5000_demand.csv")
    sites = pd.read_csv(DATA / "mclp" / "clustered_500_sites.csv")
    near = KDTree(demand[["x_m", "y_m"]]).query_ball_point(sites[["x_m", "y_m"]].to_numpy(), radius)
    site = np.repeat(np.arange(len(sites)), [len(each) for each in near])
    covers = csr_array((np.ones(len(site)), (site, np.concatenate(near).astype(int))), shape=(len(sites), len(demand)))
    found = most_covered(SitingProblem.of(covers, demand["weight"]), count=20, seconds=6.0)
    assert found.covered == optimum <= found.bound
    assert found.gap <= 0.002


def solved(number: int, seconds: float) -> Medians:
    lines = (DATA / "pmed" / f"pmed{number}.txt").read_text().split()
    size, _, p = (int(each) for each in lines[:3])
    edges = np.array(lines[3 : 3 + 3 * ((len(lines) - 3) // 3)], dtype=float).reshape(-1, 3)
    # Of several edges between two places the last one listed counts.
    lengths = {(int(min(i, j)), int(max(i, j))): length for i, j, length in edges}
    ends = np.array(list(lengths)) - 1
    graph = csr_array((np.array(list(lengths.values())), (ends[:, 0], ends[:, 1])), shape=(size, size))
    return p_median(dijkstra(graph, directed=False), p, seconds=seconds)


@pytest.mark.real
@pytest.mark.parametrize("number", range(1, 11))
def test_published_optima_of_p_medians_are_reached_and_never_undercut(number: int) -> None:
    found = solved(number, seconds=5.0)
    assert found.bound <= OPTIMA[number - 1] == found.distance


@pytest.mark.real
@pytest.mark.parametrize("number", [15, 20, 25, 30, 35, 40])
def test_larger_p_medians_lie_within_a_twentieth_of_a_percent_of_their_optimum(number: int) -> None:
    found = solved(number, seconds=10.0)
    assert found.bound <= OPTIMA[number - 1] <= found.distance <= 1.0005 * OPTIMA[number - 1]
