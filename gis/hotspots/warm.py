"""Compile every loop of this room once, so that no reader waits for it; what is compiled is kept on disk.

Tiny inputs of the very types that the public functions hand to the loops. It computes nothing anybody looks at.
"""

import numpy as np
import shapely

from gis.hotspots.adaptive import adaptive_surface
from gis.hotspots.getis_ord import local_g
from gis.hotspots.near_repeat import knox
from gis.hotspots.network_density import street_density
from gis.hotspots.scan import poisson_scan
from gis.hotspots.space_time_scan import space_time_permutation_scan
from gis.hotspots.street_segments import segments_of_lines
from gis.hotspots.weights import band_weights, lattice_weights


def warm() -> None:
    """Run each compiled loop once: seconds the first time on a machine, hundredths afterwards."""
    rng = np.random.default_rng(0)
    xy = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [30.0, 30.0]])
    values = np.array([1.0, 2.0, 3.0, 9.0])
    for near in (lattice_weights(2, 2, rook=True), band_weights(xy, 40.0, decay="inverse")):
        local_g(values, near, permutations=2, rng=rng)
    knox(xy, values, within_m=20.0, within_days=5.0, permutations=1, rng=rng)
    poisson_scan(xy, values, np.full(4, 10.0), simulations=1, rng=rng)
    space_time_permutation_scan(xy, values, simulations=1, rng=rng)
    line = segments_of_lines(np.array([shapely.LineString([(0, 0), (50, 0)])], dtype=object))
    street_density(line, xy, bandwidth_m=20.0)
    adaptive_surface(xy, window=shapely.box(0, 0, 60, 60), cell_m=10.0, bandwidth_m=10.0)
