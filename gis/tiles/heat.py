"""A heat image with the legend that makes it readable: classes in incidents per km2, round numbers, one scale.

It draws densities and never counts anything itself.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from gis.hotspots.density import density_mercator
from gis.tiles._png import indexed_png

FloatArray = npt.NDArray[np.float64]

RAMP = ("#ffeda0", "#fed976", "#feb24c", "#fd8d3c", "#f4602f", "#e0291f", "#b40426", "#7a0230")
"""Yellow to dark red with falling lightness, so that the order holds for colour-blind readers and on a grey print."""

_OPACITY = (110, 140, 160, 175, 190, 200, 210, 220)


@dataclass(frozen=True)
class LegendStep:
    """One class of the legend, incidents per km2 over the period; ``above`` is missing in the last."""

    at_least: float
    below: float | None
    colour: str


@dataclass(frozen=True, eq=False)
class HeatImage:
    """A picture, where it lies (south, west, north, east, degrees), and what its colours mean."""

    png: bytes
    bounds: tuple[float, float, float, float]
    legend: tuple[LegendStep, ...]


def scale_breaks(values: FloatArray, classes: int = len(RAMP)) -> FloatArray:
    """Lower ends of the legend's classes: round numbers, each class about 1.6 times the one before.

    Parameters
    ----------
    values
        Densities of any shape; NaN and zeros are left out.

    Returns
    -------
    breaks
        Shape (classes,), ascending, the highest reached by the top half percent; empty without any density.
    """
    told = values[np.isfinite(values) & (values > 0)]
    if not told.size:
        return np.zeros(0)
    top = float(np.percentile(told, 99.5))
    return np.unique([_round_number(top / 1.6**step) for step in range(classes)])


def heat_image(
    lon: npt.ArrayLike, lat: npt.ArrayLike, *, window: shapely.Geometry, width: int, bandwidth_m: float
) -> HeatImage:
    """The density of incidents as a transparent PNG on the Web-Mercator grid.

    Parameters
    ----------
    lon, lat
        Shape (n,), WGS-84 degrees.
    window
        The district, EPSG:4326.
    width
        Pixels across.
    bandwidth_m
        Standard deviation of the kernel on the ground.

    Raises
    ------
    GeometryError
        The window is empty.
    """
    surface, bounds = density_mercator(lon, lat, window=window, width=width, bandwidth_m=bandwidth_m)
    breaks = scale_breaks(surface.values)
    filled = np.nan_to_num(surface.values, nan=0.0)
    index = np.searchsorted(breaks, filled, side="right").astype(np.uint8)
    colours = RAMP[len(RAMP) - len(breaks) :]
    ends = [*breaks[1:].tolist(), None][: len(breaks)]
    legend = tuple(
        LegendStep(float(low), high, colour) for low, high, colour in zip(breaks, ends, colours, strict=True)
    )
    return HeatImage(png=indexed_png(index, _palette(len(breaks))), bounds=bounds, legend=legend)


def _palette(classes: int) -> npt.NDArray[np.uint8]:
    """Entry 0 is clear; then one colour a class."""
    rows = [(0, 0, 0, 0)]
    for colour, opacity in list(zip(RAMP, _OPACITY, strict=True))[len(RAMP) - classes :]:
        rows.append((int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16), opacity))
    return np.array(rows, dtype=np.uint8)


def _round_number(value: float) -> float:
    """The nearest number of two digits at most, so that a legend can be read aloud."""
    if value <= 0:
        return 0.0
    unit = 10.0 ** np.floor(np.log10(value))
    steps = np.array([1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10])
    return float(np.round(steps[np.argmin(np.abs(steps - value / unit))] * unit, 10))
