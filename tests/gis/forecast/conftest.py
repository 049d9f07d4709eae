"""A small town of four kilometres squared, three years of incidents with two steady corners and a burst."""

import numpy as np
import pytest
import shapely

from gis.forecast import Cells, History, lattice_cells, make_history

START = 16_000.0
DAYS = 1_100


def incidents_of_town() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places, civil days and categories; evenings are busier than mornings."""
    rng = np.random.default_rng(42)
    n = 6_000
    day = START + np.sort(rng.integers(0, DAYS, n) + rng.choice([3, 14, 20, 21, 22], n) / 24)
    centre = np.array([[700.0, 800.0], [3100.0, 2900.0], [2000.0, 600.0]])[rng.integers(0, 3, n)]
    xy = np.where(rng.random((n, 1)) < 0.5, rng.uniform(0, 4000, (n, 2)), centre + rng.normal(0, 250, (n, 2)))
    # Snapped, as to street crossings, so that sites repeat without any being a default.
    return np.round(np.clip(xy, 0, 3949) / 50) * 50 + 1, day, rng.choice(["noise", "theft"], n, p=[0.7, 0.3])


@pytest.fixture(scope="package")
def town() -> shapely.Polygon:
    return shapely.box(0, 0, 4000, 4000)


@pytest.fixture(scope="package")
def cells(town: shapely.Polygon) -> Cells:
    return lattice_cells(town, 250.0)


@pytest.fixture(scope="package")
def history() -> History:
    return make_history(*incidents_of_town())
