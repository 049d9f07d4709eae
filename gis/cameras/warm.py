"""Compile the sweep around a camera once, so that the first page that asks what cameras see does not wait for it.

A tiny street of the very types that the public functions hand to the loops. It computes nothing anybody looks at.
"""

import numpy as np
import pandas as pd
import shapely

from gis.cameras.buildings import Occluders
from gis.cameras.visible import camera_areas


def warm() -> None:
    """Run the compiled sweep once: seconds the first time on a machine, hundredths afterwards."""
    camera = pd.DataFrame(
        {"id": ["a"], "type": ["fixed"], "azimuth_deg": [0.0], "angle_deg": [90.0], "range_m": [50.0]}
    )
    camera_areas(camera, np.array([[0.0, 0.0]]), Occluders.build([shapely.box(-5, 10, 5, 20)], [10.0]))
