"""Compile every loop of this room once, so that no reader waits for it; what is compiled is kept on disk.

Tiny inputs of the very types that the public functions hand to the loops. It computes nothing anybody looks at.
"""

import numpy as np
import shapely

from gis.forecast.backtest import backtest, rounds_between
from gis.forecast.counts import KernelModel
from gis.forecast.ground import lattice_cells
from gis.forecast.history import make_history
from gis.forecast.mixture import BlendModel
from gis.forecast.self_exciting import SelfExcitingModel


def warm() -> None:
    """Run each compiled loop once: seconds the first time on a machine, hundredths afterwards."""
    cells = lattice_cells(shapely.box(0, 0, 1000, 1000), 250.0)
    day = np.arange(280) + 0.5
    history = make_history(np.column_stack([day * 37 % 1000, day * 61 % 1000]), day)
    for model in (KernelModel(), BlendModel(pooled=0.0), SelfExcitingModel()):
        backtest(model, history, cells, rounds_between(266.0, 280.0))
