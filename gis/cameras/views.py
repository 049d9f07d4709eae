"""Rows of the camera register to directions of view with range, angle and dead zone. It sees no buildings.

What the register does not tell is taken from :class:`ViewDefaults` and said so; what makes no sense becomes a
:class:`Problem`, and the other cameras go on. A direction is never invented.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.cameras.optics import angle_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOST_RANGE_M = 5000.0
MOST_HEIGHT_M = 300.0
ALL_ROUND = ("dome", "panoramic")
"""Types that see all round unless a direction is told."""


@dataclass(frozen=True)
class ViewDefaults:
    """What is assumed where the register is silent.

    Parameters
    ----------
    target_m
        Height of what is to be seen above the ground, m.
    height_m
        Mount height, m.
    angle_deg
        Horizontal angle of a camera that does not see all round.
    range_m
        Range by ``camera_type``; ``""`` for every other type, m.
    aspect
        Height of the picture over its width.
    """

    target_m: float = 1.6
    height_m: float = 4.0
    angle_deg: float = 60.0
    range_m: tuple[tuple[str, float], ...] = (("ptz", 80.0), ("dome", 25.0), ("", 40.0))
    aspect: float = 9 / 16


@dataclass(frozen=True)
class Problem:
    """A field of a camera that cannot be used, for the person who can mend it."""

    row: int
    id: str
    field: str
    zh: str
    en: str


@dataclass(frozen=True, eq=False)
class Views:
    """Directions of view, one row each; several for a camera with presets.

    Parameters
    ----------
    camera
        Row of the camera, shape (m,).
    x, y
        Position, m.
    height_m, near_m, range_m
        Mount height, end of the dead zone under the camera, and range, m.
    azimuth, angle
        Direction, degrees clockwise from north, NaN for all round; horizontal angle, degrees.
    home
        The direction in which the camera surely looks if nobody turns it.
    """

    camera: Ints
    x: Floats
    y: Floats
    height_m: Floats
    near_m: Floats
    range_m: Floats
    azimuth: Floats
    angle: Floats
    home: Bools

    def __len__(self) -> int:
        return len(self.camera)


@dataclass(frozen=True, eq=False)
class Cameras:
    """Cameras as numbers, one row each, unusable ones marked.

    Parameters
    ----------
    usable
        The camera can be placed and sees something.
    unknown
        Its direction is not known although it matters.
    angle, range_m, height_m
        Told or assumed.
    """

    usable: Bools
    unknown: Bools
    angle: Floats
    range_m: Floats
    height_m: Floats
    near_m: Floats


def views_of(
    cameras: pd.DataFrame, xy: Floats, *, defaults: ViewDefaults | None = None
) -> tuple[Views, Cameras, list[Problem]]:
    """Directions of view of every camera.

    A camera with an azimuth looks there. A pan-tilt-zoom camera may look at its presets, too, or all round where it has
    none. A dome or a panoramic camera without an azimuth sees all round. Any other camera without an azimuth has an unknown direction: one
    view all round that is not surely seen.

    The dead zone ends where the lower edge of the picture meets the ground, ``h / tan(lower)``. Where the tilt is not
    told, the camera is taken to hold the far end of its range at the upper edge of the picture.

    Parameters
    ----------
    cameras
        ``cameras`` table; missing columns count as not told.
    xy
        Positions in m, shape (n, 2).

    Returns
    -------
    views, cameras, problems
        In order of the rows.
    """
    assumed = defaults or ViewDefaults()
    told = _Told(cameras)
    problems = told.problems(xy)
    angle, range_m, height = _angle(told, assumed), _range(told, assumed), told.number("height_m", assumed.height_m)
    bad = np.zeros(len(cameras), dtype=bool)
    bad[[problem.row for problem in problems]] = True
    near = dead_zone(height, range_m, angle, told.number("tilt"), assumed)
    azimuth = told.number("azimuth")
    ptz, dome = told.kind == "ptz", np.isin(told.kind, ALL_ROUND)
    near = np.where(ptz | (angle > 180), 0.0, near)
    all_round = (angle >= 360) | (dome & np.isnan(azimuth))
    unknown = np.isnan(azimuth) & ~all_round & ~_has_presets(told)
    rows: list[tuple[int, float, float, float, bool]] = []
    for row in np.flatnonzero(~bad).tolist():
        reach = float(range_m[row])
        if all_round[row]:
            rows.append((row, np.nan, 360.0, reach, True))
            continue
        if np.isfinite(azimuth[row]):
            rows.append((row, azimuth[row] % 360, angle[row], reach, True))
        presets, wrong = _presets(told.text("presets")[row], float(angle[row]), reach)
        if wrong:
            problems.append(told.problem(int(row), "presets", wrong, "azimuth[:angle[:range]]; ..."))
        rows += [(row, *preset, len(presets) == 1 and np.isnan(azimuth[row])) for preset in presets]
        if unknown[row] or (ptz[row] and not presets):
            rows.append((row, np.nan, 360.0, reach, False))
    at = np.array([row[0] for row in rows], dtype=np.int64)
    views = Views(
        camera=at, x=xy[at, 0], y=xy[at, 1], height_m=height[at], near_m=near[at],
        range_m=np.array([row[3] for row in rows], dtype=float), azimuth=np.array([row[1] for row in rows], dtype=float),
        angle=np.array([row[2] for row in rows], dtype=float), home=np.array([row[4] for row in rows], dtype=bool),
    )  # fmt: skip
    found = Cameras(~bad, unknown & ~bad, np.where(all_round, 360.0, angle), range_m, height, near)
    return views, found, sorted(problems, key=lambda problem: (problem.row, problem.field))


def dead_zone(height_m: Floats, range_m: Floats, angle_deg: Floats, tilt_deg: Floats, defaults: ViewDefaults) -> Floats:
    """Distance in m at which the lower edge of the picture meets the ground; 0 where the camera sees its own foot."""
    flat = np.radians(np.minimum(angle_deg, 170.0))
    vertical = 2 * np.arctan(np.tan(flat / 2) * defaults.aspect)
    upper = np.arctan2(np.maximum(height_m - defaults.target_m, 0.0), range_m)
    lower = np.where(np.isnan(tilt_deg), upper + vertical, np.radians(tilt_deg) + vertical / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.where(lower >= np.pi / 2, 0.0, height_m / np.tan(np.maximum(lower, 1e-6)))
    return np.clip(np.nan_to_num(near), 0.0, None)


class _Told:
    """The register's columns, absent ones as missing."""

    def __init__(self, cameras: pd.DataFrame) -> None:
        self._frame = cameras
        self._ids = self.text("id")
        self.kind = np.char.lower(self.text("camera_type"))

    def text(self, name: str) -> npt.NDArray[np.str_]:
        if name not in self._frame:
            return np.full(len(self._frame), "", dtype=str)
        return self._frame[name].fillna("").to_numpy().astype(str)

    def number(self, name: str, default: float = np.nan) -> Floats:
        if name not in self._frame:
            return np.full(len(self._frame), default)
        told = pd.to_numeric(self._frame[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        return np.where(np.isnan(told), default, told)

    def problem(self, row: int, field: str, value: object, wanted: str) -> Problem:
        return Problem(
            row,
            self._ids[row],
            field,
            zh=f"摄像机 {self._ids[row]}(第 {row + 1} 行)的 {field} 为“{value}”,应为 {wanted}。",
            en=f"Camera {self._ids[row]} (row {row + 1}): {field} is '{value}', wanted {wanted}.",
        )

    def problems(self, xy: Floats) -> list[Problem]:
        limits = (
            ("angle", lambda v: (v > 0) & (v <= 360), "0 < angle <= 360"),
            ("range_m", lambda v: (v > 0) & (v <= MOST_RANGE_M), f"0 < range <= {MOST_RANGE_M:g} m"),
            ("height_m", lambda v: (v > 0) & (v <= MOST_HEIGHT_M), f"0 < height <= {MOST_HEIGHT_M:g} m"),
            ("azimuth", np.isfinite, "0-360"),
            ("tilt", lambda v: (v >= 0) & (v <= 90), "0-90"),
        )
        found = [
            self.problem(int(row), "position", tuple(xy[row].tolist()), "x, y")
            for row in np.flatnonzero(~np.isfinite(xy).all(axis=1))
        ]
        for field, good, wanted in limits:
            values = self.number(field)
            wrong = ~np.isnan(values) & ~good(values)
            found += [self.problem(int(row), field, values[row], wanted) for row in np.flatnonzero(wrong)]
        return found


def _angle(told: _Told, assumed: ViewDefaults) -> Floats:
    lens = angle_of(told.number("focal_mm"), told.number("sensor_mm"))
    angle = told.number("angle")
    angle = np.where(np.isnan(angle), lens, angle)
    default = np.where(np.isin(told.kind, ALL_ROUND) & np.isnan(told.number("azimuth")), 360.0, assumed.angle_deg)
    return np.where(np.isnan(angle), default, angle)


def _range(told: _Told, assumed: ViewDefaults) -> Floats:
    by_type = dict(assumed.range_m)
    default = np.array([by_type.get(kind, by_type[""]) for kind in told.kind.tolist()], dtype=float)
    reach = told.number("range_m")
    return np.where(np.isnan(reach), default, reach)


def _has_presets(told: _Told) -> Bools:
    return np.char.strip(told.text("presets")) != ""


def _presets(text: str, angle: float, reach: float) -> tuple[list[tuple[float, float, float]], str]:
    """Azimuth, angle and range of each preset, and the first part that is none."""
    found: list[tuple[float, float, float]] = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        numbers = _numbers(part)
        if not 1 <= len(numbers) <= 3:
            return found, part
        azimuth, wide, far = (*numbers, *(angle, reach)[len(numbers) - 1 :])
        if not (0 < wide <= 360 and 0 < far <= MOST_RANGE_M):
            return found, part
        found.append((azimuth % 360, wide, far))
    return found, ""


def _numbers(part: str) -> Sequence[float]:
    try:
        numbers = [float(word) for word in part.split(":")]
    except ValueError:
        return []
    return numbers if np.isfinite(numbers).all() else []
