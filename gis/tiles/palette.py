"""Colours and classes of the heat map: one scale for the whole image, round numbers, nothing painted where nothing is.

It knows densities, not where they lie.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

RAMP = ("#ffeda0", "#fed976", "#feb24c", "#fd8d3c", "#f4602f", "#e0291f", "#b40426", "#7a0230")
"""Yellow to dark red with falling lightness, so that the order holds for colour-blind readers and on a grey print."""

OPACITY = (110, 140, 160, 175, 190, 200, 210, 220)
"""Of 255; lighter classes let more of the map through."""

_FIFTHS = (1.0, 1.5, 2.5, 4.0, 6.0)
"""Five round numbers to a power of ten, each about 1.6 times the one before (after Renard's series R5)."""


@dataclass(frozen=True)
class LegendStep:
    """One class of the legend, incidents per km2 over the period; ``below`` is missing in the last."""

    at_least: float
    below: float | None
    colour: str


def scale_breaks(values: FloatArray, classes: int = len(RAMP)) -> FloatArray:
    """Lower ends of the legend's classes: round numbers, each class about 1.6 times the one before.

    Parameters
    ----------
    values
        Densities of any shape; NaN and zeros are left out.

    Returns
    -------
    breaks
        Shape (classes,), ascending; the highest is the last round number that the top half percent reach. Empty without
        any density.
    """
    told = values[np.isfinite(values) & (values > 0)]
    if not told.size:
        return np.zeros(0)
    top = float(np.percentile(told, 99.5))
    last = int(np.floor(5 * np.log10(top))) + 1
    last -= sum(_round_number(last - step) > top for step in range(2))
    return np.array([_round_number(step) for step in range(last - classes + 1, last + 1)])


def legend_of(breaks: FloatArray) -> tuple[LegendStep, ...]:
    """The classes from the lowest up; with fewer breaks than colours the pale ones are left out."""
    colours = RAMP[len(RAMP) - len(breaks) :]
    ends = [*breaks.tolist(), None][1:]
    return tuple(LegendStep(float(low), high, colour) for low, high, colour in zip(breaks, ends, colours, strict=False))


def palette_of(legend: tuple[LegendStep, ...]) -> npt.NDArray[np.uint8]:
    """Red, green, blue, opacity of each class; entry 0, below the lowest class, is clear; shape (classes + 1, 4)."""
    rows = [(0, 0, 0, 0)]
    for step in legend:
        red, green, blue = bytes.fromhex(step.colour[1:])
        rows.append((red, green, blue, OPACITY[RAMP.index(step.colour)]))
    return np.array(rows, dtype=np.uint8)


def class_of(values: FloatArray, breaks: FloatArray) -> npt.NDArray[np.uint8]:
    """Palette entry of each density; 0 for NaN and below the lowest class."""
    return np.searchsorted(breaks, np.nan_to_num(values, nan=-np.inf), side="right").astype(np.uint8)


def _round_number(step: int) -> float:
    """The step-th number of the series 1, 1.5, 2.5, 4, 6, 10, 15, ...; steps below zero lie below one."""
    return float(f"{_FIFTHS[step % 5]}e{step // 5}")
