"""Lens, sensor and resolution to angle of view and pixel density on the target. It knows no places.

Pixel densities are those of EN 62676-4:2015, annex on image size (monitor 12.5, detect 25, observe 62.5, recognise 125,
identify 250 pixels per metre). A district may bring a table of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gis.errors import FilterError

Floats = npt.NDArray[np.float64]

WIDE_DEG = 120.0
"""Above this angle a flat picture plane means nothing: pixels are spread over the arc instead."""


@dataclass(frozen=True)
class PixelBand:
    """What a picture is good for.

    Parameters
    ----------
    code
        Stable name.
    zh, en
        What people call it.
    px_per_m
        Pixels per metre across the target that it needs.
    """

    code: str
    zh: str
    en: str
    px_per_m: float


BANDS = (
    PixelBand("identify", "辨认", "identify", 250.0),
    PixelBand("recognise", "识别", "recognise", 125.0),
    PixelBand("observe", "观察", "observe", 62.5),
    PixelBand("detect", "探测", "detect", 25.0),
    PixelBand("monitor", "监视", "monitor", 12.5),
)
"""EN 62676-4:2015, the most demanding first."""


def check_bands(bands: Sequence[PixelBand]) -> tuple[PixelBand, ...]:
    """A table of bands in order, the most demanding first.

    Raises
    ------
    FilterError
        Two bands of one code, or a density that is no positive number.
    """
    codes = [band.code for band in bands]
    if len(set(codes)) < len(codes):
        raise FilterError(zh="像素密度等级的代码重复。", en="Two pixel bands have the same code.")
    for band in bands:
        if not (np.isfinite(band.px_per_m) and band.px_per_m > 0):
            raise FilterError(
                zh=f"像素密度等级“{band.code}”应为正数(像素/米),而不是 {band.px_per_m}。",
                en=f"Pixel band '{band.code}' needs a positive number of pixels per metre, not {band.px_per_m}.",
            )
    return tuple(sorted(bands, key=lambda band: -band.px_per_m))


def angle_of(focal_mm: npt.ArrayLike, sensor_mm: npt.ArrayLike) -> Floats:
    """Horizontal angle of view in degrees of a rectilinear lens, 2 atan(w / 2f); NaN where either is missing."""
    focal, sensor = np.asarray(focal_mm, dtype=float), np.asarray(sensor_mm, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        angle = 2 * np.degrees(np.arctan(sensor / (2 * focal)))
    return np.where((focal > 0) & (sensor > 0), angle, np.nan)


def density_at(distance_m: npt.ArrayLike, resolution_px: npt.ArrayLike, angle_deg: npt.ArrayLike) -> Floats:
    """Pixels per metre across a target at a distance along the line of sight; NaN where something is missing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(resolution_px, dtype=float) / (
            np.asarray(distance_m, dtype=float) * _spread(np.asarray(angle_deg, dtype=float))
        )


def range_of(px_per_m: float, resolution_px: npt.ArrayLike, angle_deg: npt.ArrayLike) -> Floats:
    """Farthest distance in m along the line of sight with at least so many pixels per metre; NaN if unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(resolution_px, dtype=float) / (px_per_m * _spread(np.asarray(angle_deg, dtype=float)))


def _spread(angle_deg: Floats) -> Floats:
    """Width of the picture at a distance of one: of the picture plane, or of the arc for very wide lenses."""
    angle = np.where((angle_deg > 0) & (angle_deg <= 360), angle_deg, np.nan)
    half = np.radians(np.minimum(angle, WIDE_DEG)) / 2
    arc = np.radians(angle) * (2 * np.tan(np.radians(WIDE_DEG) / 2) / np.radians(WIDE_DEG))
    # Beyond WIDE_DEG the plane's width at that angle grows in step with the arc, so that the two meet there.
    return np.where(angle <= WIDE_DEG, 2 * np.tan(half), arc)
