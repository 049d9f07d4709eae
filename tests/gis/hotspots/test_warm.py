"""After warming up nothing is compiled any more, whatever kind of table the numbers come from."""

import numpy as np
import pandas as pd
import pytest
import shapely

from gis.hotspots import (
    _kernels,
    _network_kernels,
    _pairs,
    _permutation,
    _scan_kernels,
    adaptive_surface,
    band_weights,
    density_surface,
    knox,
    lattice_weights,
    local_g,
    local_moran,
    poisson_scan,
    space_time_permutation_scan,
    street_density,
)
from gis.hotspots.street_segments import segments_of_lines
from gis.hotspots.warm import warm

ROOMS = (_kernels, _network_kernels, _pairs, _permutation, _scan_kernels)


def compiled() -> dict[str, int]:
    """How many versions of each loop there are."""
    loops = {f"{room.__name__}.{name}": loop for room in ROOMS for name, loop in vars(room).items()}
    return {name: len(loop.signatures) for name, loop in loops.items() if hasattr(loop, "signatures")}


@pytest.fixture(scope="module")
def warmed() -> dict[str, int]:
    warm()
    return compiled()


def test_warming_reaches_every_loop_that_is_called_from_python(warmed: dict[str, int]) -> None:
    """The others are part of these, and have no version of their own where these come from the disk."""
    called = (
        "_kernels.spread", "_kernels.read", "_kernels.read_points", "_kernels.cover", "_network_kernels.equal_split",
        "_pairs.pair_table", "_pairs._block", "_permutation._draws", "_permutation._rank_level",
        "_permutation._rank_weighted", "_scan_kernels.best_everywhere", "_scan_kernels._strongest",
        "_scan_kernels.space_time_best", "_scan_kernels._shuffled",
    )  # fmt: skip
    assert [name for name in called if not warmed[f"gis.hotspots.{name}"]] == []


def test_columns_of_a_table_lists_and_whole_numbers_compile_nothing_new(warmed: dict[str, int]) -> None:
    rng = np.random.default_rng(1)
    frozen = rng.uniform(0, 500, (30, 2))
    frozen.flags.writeable = False
    table = pd.DataFrame({"x": frozen[:, 0], "y": frozen[:, 1], "n": rng.integers(0, 9, 30), "day": np.arange(30)})
    before = compiled()
    for near in (lattice_weights(5, 6), band_weights(table[["x", "y"]], 200, decay="inverse")):
        local_g(table["n"], near, permutations=3, rng=rng)
        local_moran(table["n"].tolist(), near, permutations=3, rng=rng)
    knox(table[["x", "y"]], table["day"], within_m=[50, 100], within_days=7, permutations=2, rng=rng)
    poisson_scan(table[["x", "y"]], table["n"], table["n"] + 5, simulations=2, rng=rng)
    poisson_scan(frozen, table["n"], table["n"] + 5, simulations=2, rng=rng, shape="ellipse")
    space_time_permutation_scan(table[["x", "y"]], table["day"], simulations=2, rng=rng, prospective=True)
    line = segments_of_lines(np.array([shapely.LineString([(0, 0), (500, 0)])], dtype=object))
    street_density(line, table[["x", "y"]], bandwidth_m=90)
    density_surface(frozen, window=shapely.box(0, 0, 500, 500), cell_m=50, bandwidth_m=100)
    adaptive_surface(frozen, window=shapely.box(0, 0, 500, 500), cell_m=50, bandwidth_m=100)
    grown = {name for name, versions in compiled().items() if versions > max(before[name], 1)}
    assert grown == set()
