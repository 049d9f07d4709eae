"""What goes into the judging of cells and what comes out: ground, options, answer. It computes nothing."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gis.grid.neighbours import Neighbours
from gis.hotspots.cube import SpaceTimeCube
from gis.hotspots.default_geocode import DefaultGeocodes
from gis.hotspots.emerging import EmergingResult
from gis.hotspots.explain import Bilingual, Explanation
from gis.hotspots.optimized import OptimizedResult
from gis.hotspots.polygons import CellFigures
from gis.hotspots.weights import Weights

IntArray = npt.NDArray[np.int64]

METHODS: dict[str, Bilingual] = {
    "optimized": ("优化热点(Gi*,自动选定方格)", "Optimized (Gi*, cells by rule)"),
    "gi_star": ("Getis-Ord Gi*(按网格)", "Getis-Ord Gi* (grids)"),
    "local_moran": ("局部 Moran's I(按网格)", "Local Moran's I (grids)"),
    "emerging": ("新兴时空热点(按网格)", "Emerging hot spots (grids)"),
    "scan": ("扫描统计(按网格)", "Scan statistic (grids)"),
}
"""Key to name, the usual one first."""


@dataclass(frozen=True, eq=False)
class Ground:
    """The district that is judged.

    Parameters
    ----------
    cells
        Grids with ``code``, polygons in a metric CRS.
    near
        Which of them touch.
    window
        Their union.
    households
        Shape (n,), NaN where not known.
    """

    cells: gpd.GeoDataFrame
    near: Neighbours
    window: shapely.Geometry
    households: npt.ArrayLike


@dataclass(frozen=True)
class HotCellOptions:
    """What a reader may choose; what is None is chosen by rule.

    Parameters
    ----------
    cell_m, band_m
        Side of a square and distance band of ``optimized``.
    step_days
        Time step of ``emerging``.
    drop_defaults
        Whether incidents at default geocodes are set aside.
    simulations, most_share
        Of ``scan``: deals behind p, and the largest part of the population in a cluster. A tenth keeps clusters of a size
        that teams can work on.
    alpha
        Level, two-sided but for ``scan``.
    least
        Hot cells that belong together and hold fewer incidents are no hot spot: Gi* marks empty cells beside a busy one too,
        and nobody can be sent for two reports.
    """

    cell_m: float | None = None
    band_m: float | None = None
    step_days: float | None = None
    drop_defaults: bool = True
    simulations: int = 999
    most_share: float = 0.1
    alpha: float = 0.05
    least: int = 5


@dataclass(frozen=True, eq=False)
class HotCells:
    """Cells with their figures, by one method.

    Parameters
    ----------
    cells
        ``code`` and polygons in the ground's CRS: squares of ``optimized``, else the grids.
    near
        Which of them touch.
    figures
        Count, mark, p and expectation of each.
    place
        Shape (incidents,), the cell of each incident; -1 for those set aside.
    explanation
        Of the method.
    p_meaning
        What kind of p it is.
    geocodes
        What was found about default geocodes.
    choices, notes
        What was chosen and set aside, and what could not be judged.
    emerging, cube, optimized
        The full answer of these methods; None for the others.
    """

    cells: gpd.GeoDataFrame
    near: Neighbours | Weights
    figures: CellFigures
    place: IntArray
    explanation: Explanation
    p_meaning: Bilingual
    geocodes: DefaultGeocodes
    choices: tuple[Bilingual, ...] = ()
    notes: tuple[Bilingual, ...] = ()
    emerging: EmergingResult | None = None
    cube: SpaceTimeCube | None = None
    optimized: OptimizedResult | None = None
