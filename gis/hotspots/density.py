"""Kernel density of incidents, in incidents per km2 over the whole period, corrected at the district's edge.

Points go onto a lattice finer than the kernel, one Gaussian filter smooths them, and pixels read the lattice between its
nodes; dividing by the kernel's mass inside the window gives back what would have leaked over the border, where nobody
could have reported anything. It chooses no colours.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from gis.errors import GeometryError, InputError, ShapeError
from gis.hotspots import _kernels
from gis.hotspots._lattice import (
    Kernel,
    kernel_inside,
    least_bandwidth,
    make_lattice,
    mass_of,
    read_crossings,
    refuse_narrow,
    smoothed,
)
from gis.hotspots.explain import Explanation
from gis.join.assign import CellIndex

__all__ = [
    "LEAST_MASS",
    "Surface",
    "bandwidth_of_counts",
    "bandwidth_rule",
    "check_surface",
    "density_surface",
    "least_bandwidth",
    "read_lattice",
    "refuse_narrow",
]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

LEAST_MASS = 0.05
"""Where less of the kernel than this lies in the window, the correction is capped, so that one point at a spike of the
border cannot set the scale of the map."""


@dataclass(frozen=True, eq=False)
class Surface:
    """A density raster.

    Parameters
    ----------
    values
        Shape (rows, columns), incidents per km2 over the period at the middle of each cell, north row first; NaN outside
        the window.
    x0, y0
        Upper left corner, in the CRS of the points.
    cell_m
        Side of a cell, in the unit of the CRS.
    bandwidth_m
        Standard deviation of a Gaussian kernel, reach of a quartic one, metres on the ground; of an adaptive one the
        bandwidth from which those of the incidents are made.
    n
        Incidents behind it: those inside the window.
    kernel
        ``gaussian``, ``quartic`` or ``adaptive``.
    edge
        Whether it is corrected at the border.
    """

    values: FloatArray
    x0: float
    y0: float
    cell_m: float
    bandwidth_m: float
    n: int
    kernel: str = "gaussian"
    edge: bool = True

    def explain(self) -> Explanation:
        """What the surface means and what it does not."""
        seen = self.values[np.isfinite(self.values)]
        peak = float(seen.max()) if len(seen) else 0.0
        zh = {"gaussian": "高斯", "quartic": "四次", "adaptive": "自适应"}[self.kernel]
        return Explanation(
            method=(f"{zh}核密度", f"{self.kernel} kernel density"),
            means=(
                f"{self.n} 起事件按 {self.bandwidth_m:g} 米带宽平滑,最高处每平方公里 {peak:.1f} 起。",
                f"{self.n} incidents smoothed with a bandwidth of {self.bandwidth_m:g} m reach {peak:.1f} per km2 at most.",
            ),
            means_not=(
                "颜色深不代表统计显著,也不代表人均风险高;带宽不同,图形就不同。",
                "A dark place is neither significant nor a higher risk per person, and another bandwidth draws another picture.",
            ),
            source="Silverman 1986, Density Estimation; Diggle 1985, Applied Statistics 34(2)",
            parameters={"bandwidth_m": self.bandwidth_m, "cell_m": self.cell_m, "edge": self.edge, "n": self.n},
        )


def bandwidth_rule(xy_m: FloatArray) -> float:
    """A bandwidth by rule, metres; 0 where all incidents lie at one place.

    Parameters
    ----------
    xy_m
        Shape (n, 2), metres; rows with NaN are left out.

    Raises
    ------
    ShapeError
        Fewer than two incidents.

    Notes
    -----
    Silverman (1986), eq. 4.14 for two dimensions, with the spread of each axis taken as the smaller of standard deviation
    and interquartile range / 1.34 (eq. 3.30), since incidents are far from normal and the plain rule smooths too much.
    """
    xy = np.asarray(xy_m, dtype=np.float64).reshape(-1, 2)
    xy = xy[np.isfinite(xy).all(axis=1)]
    if len(xy) < 2:
        raise ShapeError(zh="至少需要两个点才能估计带宽。", en="Two incidents at least are needed for a bandwidth.")
    low, high = np.percentile(xy, [25, 75], axis=0)
    return _silverman(xy.std(axis=0, ddof=1), high - low, len(xy))


def bandwidth_of_counts(counts: npt.NDArray[np.int64], cell_m: float) -> float:
    """The bandwidth of :func:`bandwidth_rule` from counts on a lattice, metres; right to about a cell.

    Parameters
    ----------
    counts
        Shape (rows, columns).
    cell_m
        Side of a cell, metres.

    Raises
    ------
    ShapeError
        Fewer than two incidents.
    """
    n = int(counts.sum())
    if n < 2:
        raise ShapeError(zh="至少需要两个点才能估计带宽。", en="Two incidents at least are needed for a bandwidth.")
    deviations, ranges = [], []
    for axis in (1, 0):
        along = counts.sum(axis=1 - axis).astype(np.float64)
        at = np.arange(len(along), dtype=np.float64)
        mean = (along * at).sum() / n
        deviations.append(np.sqrt((along * (at - mean) ** 2).sum() / (n - 1)))
        low, high = np.searchsorted(np.cumsum(along), [0.25 * n, 0.75 * n])
        ranges.append(float(high - low))
    return _silverman(np.array(deviations) * cell_m, np.array(ranges) * cell_m, n)


def _silverman(deviation: FloatArray, interquartile: FloatArray, n: int) -> float:
    spread = np.minimum(deviation, np.where(interquartile > 0, interquartile / 1.34, np.inf))
    return float(np.sqrt((spread**2).mean()) * n ** (-1 / 6))


read_lattice = _kernels.read
"""A lattice of nodes read smoothly at every crossing of some columns and rows (positions in cells)."""


def density_surface(
    xy_m: FloatArray,
    *,
    window: shapely.Geometry,
    cell_m: float,
    bandwidth_m: float,
    weights: FloatArray | None = None,
    edge: bool = True,
    kernel: Kernel = "gaussian",
) -> Surface:
    """Density of incidents inside a window, with one bandwidth for all.

    Parameters
    ----------
    xy_m
        Shape (n, 2), metres; points outside the window are left out.
    window
        Polygon in the same CRS: where incidents could have been seen.
    cell_m
        Side of a cell; the density is that at its middle, so cells wider than half a bandwidth may step over a peak.
    bandwidth_m
        Standard deviation of the Gaussian; how far the quartic kernel reaches. A quartic that reaches 2.83 bandwidths of a
        Gaussian is as wide as it.
    weights
        Shape (n,), 1 for each incident by default.
    edge
        Divide by the kernel's mass inside the window.
    kernel
        ``gaussian``, or ``quartic``, which is 0 from its reach on.

    Raises
    ------
    GeometryError
        The window is empty or no polygon.
    InputError
        An unknown kernel.
    ShapeError
        Points and weights differ, cell or bandwidth is not above zero, or the bandwidth is too small for so wide a window.

    Notes
    -----
    Diggle (1985), Applied Statistics 34(2), for the edge correction. Within 0.5 % of the peak of the sum over all
    incidents. Time grows with incidents + cells + area / bandwidth squared.
    """
    xy = np.asarray(xy_m, dtype=np.float64).reshape(-1, 2)
    weight = _weights(xy, weights)
    check_surface(window, cell_m, bandwidth_m, kernel)
    left, bottom, right, top = window.bounds
    columns, rows = max(1, int(np.ceil((right - left) / cell_m))), max(1, int(np.ceil((top - bottom) / cell_m)))
    across, down = left + (np.arange(columns) + 0.5) * cell_m, top - (np.arange(rows) + 0.5) * cell_m
    lattice = make_lattice(window, cell_m, bandwidth_m, kernel)
    index = CellIndex.build([window], [""])
    held = index.assign(xy[:, 0], xy[:, 1]) == 0
    values = read_crossings(lattice, smoothed(lattice, mass_of(lattice, xy[held], weight[held])), across, down)
    if edge:
        values /= np.maximum(read_crossings(lattice, kernel_inside(lattice, window), across, down), LEAST_MASS)
    values = np.maximum(values, 0.0) / (lattice.step / 1000.0) ** 2
    grid_x, grid_y = np.meshgrid(across, down)
    inside = (index.assign(grid_x.ravel(), grid_y.ravel()) == 0).reshape(rows, columns)
    values = np.where(inside, values, np.nan)
    return Surface(values, left, top, cell_m, bandwidth_m, int(held.sum()), kernel, edge)


def _weights(xy: FloatArray, weights: FloatArray | None) -> FloatArray:
    if weights is None:
        return np.ones(len(xy))
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (len(xy),):
        raise ShapeError(zh="权重与点的个数不同。", en="One weight for each incident is needed.")
    return given


def check_surface(window: shapely.Geometry | None, cell: float, bandwidth_m: float, kernel: str = "gaussian") -> None:
    """Refuse an empty window, an unknown kernel, and lengths that are not above zero."""
    if kernel not in ("gaussian", "quartic"):
        raise InputError(
            zh=f"没有名为“{kernel}”的核函数;可选 gaussian、quartic。",
            en=f"There is no kernel '{kernel}'; take gaussian or quartic.",
        )
    if window is None or window.is_empty:
        raise GeometryError(zh="区域边界为空,无法计算热力。", en="The window is empty; there is nothing to map.")
    if not (0 < cell < np.inf and 0 < bandwidth_m < np.inf):
        raise ShapeError(
            zh=f"格子 {cell:g} 与带宽 {bandwidth_m:g} 米都应大于零。",
            en=f"Cell {cell:g} and bandwidth {bandwidth_m:g} m must both be above zero.",
        )
