"""Railway patrol: the line inside the district cut to segments, each a task with two ends and service along it.

The walk may begin at either end; ``x``, ``y`` is the western one. Parallel tracks are one line. It never goes onto the track:
the segment says what to look along, the streets say how to get there.
"""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from shapely.ops import substring

from gis.crs import unproject
from gis.errors import CrsError
from gis.patrol.demand.located import located
from gis.patrol.demand.settings import DemandOptions
from gis.schemas import require_columns

_TRACKS_M = 30.0
"""Tracks this near to a longer one are the same line."""
_LEAST_M = 100.0
"""Shorter remains at the district's edge are no task."""


def railway_stops(
    railways: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, metric: pyproj.CRS, shift_s: float, options: DemandOptions
) -> pd.DataFrame:
    """One row a segment, none longer than the options say; lines are cut into equal parts.

    Parameters
    ----------
    railways
        Lines with a CRS; of a table with ``kind``, those of kind ``rail``.

    Raises
    ------
    CrsError
        The lines have no CRS.
    """
    require_columns(railways, ["geometry"], layer="railways")
    if railways.crs is None:
        raise CrsError(
            zh="铁路图层没有坐标系;请先声明(例如 EPSG:4326)。",
            en="The railway lines have no CRS; declare it first (for example EPSG:4326).",
        )
    rail = railways[railways["kind"] == "rail"] if "kind" in railways else railways
    ground = shapely.union_all(areas.geometry.to_crs(metric).to_numpy())
    lines = _single_lines(rail.geometry.to_crs(metric).to_numpy(), ground)
    pieces, of = _cut(lines, options.railway_segment_m)
    whole = float(shapely.length(pieces).sum())
    ends = np.array([shapely.get_coordinates(piece)[[0, -1]] for piece in pieces]).reshape(-1, 2, 2)
    middle = shapely.get_coordinates(shapely.line_interpolate_point(pieces, 0.5, normalized=True)).reshape(-1, 2)
    grid, outside = located(*unproject(middle, metric), areas)
    (lon, lat), (lon2, lat2) = unproject(ends[:, 0], metric), unproject(ends[:, 1], metric)
    length = shapely.length(pieces)
    dwell = length / options.railway_mps
    number = np.arange(1, len(pieces) + 1)
    ids = [f"rail:{line + 1}.{part}" for line, part in zip(of, _parts(of), strict=True)]
    table = pd.DataFrame(
        {
            "id": ids,
            "stop": ids,
            "visit": 1,
            "x": ends[:, 0, 0],
            "y": ends[:, 0, 1],
            "lon": lon,
            "lat": lat,
            "name_zh": [f"铁路第 {each} 段" for each in number],
            "name_en": [f"railway segment {each}" for each in number],
            "kind": "railway",
            "why_zh": [
                f"护路护线:铁路第 {each}/{len(pieces)} 段,{metres:.0f} 米(全区铁路 {whole / 1000:.1f} 公里),沿线步行约 {seconds / 60:.0f} 分钟"
                for each, metres, seconds in zip(number, length, dwell, strict=True)
            ],
            "why_en": [
                f"line protection: railway segment {each} of {len(pieces)}, {metres:.0f} m of {whole / 1000:.1f} km in the "
                f"district, about {seconds / 60:.0f} min along it"
                for each, metres, seconds in zip(number, length, dwell, strict=True)
            ],
            "worth": options.railway_worth,
            "dwell_s": dwell,
            "open_s": 0.0,
            "close_s": np.maximum(shift_s - dwell, 0.0),
            "must": options.railway_must,
            "grid": grid,
            "outside": outside,
            "origin": "railway",
            "exit_x": ends[:, 1, 0],
            "exit_y": ends[:, 1, 1],
            "exit_lon": lon2,
            "exit_lat": lat2,
        }
    )
    return table.astype(dict.fromkeys(("id", "stop", "name_zh", "name_en", "why_zh", "why_en", "grid"), "str"))


def _single_lines(lines: npt.NDArray[np.object_], ground: shapely.Geometry) -> list[shapely.LineString]:
    """The lines inside the ground, longest first, without what runs beside a longer one; from west to east."""
    inside = shapely.line_merge(shapely.union_all(shapely.intersection(lines, ground)))
    parts = [part for part in shapely.get_parts(inside) if isinstance(part, shapely.LineString)]
    taken: list[shapely.LineString] = []
    for part in sorted(parts, key=lambda each: (-each.length, each.bounds)):
        beside = shapely.buffer(shapely.multilinestrings(taken), _TRACKS_M) if taken else shapely.Polygon()
        # A line that only crosses or joins another keeps its whole length; one that runs beside it is left out there.
        rest = part if part.intersection(beside).length <= 4 * _TRACKS_M else shapely.difference(part, beside)
        taken += [each for each in shapely.get_parts(rest) if each.length >= _LEAST_M]
    return sorted(map(_eastward, taken), key=lambda each: each.bounds)


def _eastward(line: shapely.LineString) -> shapely.LineString:
    first, last = line.coords[0], line.coords[-1]
    return line if first <= last else shapely.reverse(line)


def _cut(lines: list[shapely.LineString], longest_m: float) -> tuple[npt.NDArray[np.object_], list[int]]:
    pieces, of = [], []
    for number, line in enumerate(lines):
        count = int(np.ceil(line.length / longest_m - 1e-9))
        marks = np.linspace(0, line.length, count + 1)
        pieces += [substring(line, begin, end) for begin, end in pairwise(marks)]
        of += [number] * count
    return np.array(pieces, dtype=object), of


def _parts(of: list[int]) -> list[int]:
    """The number of each piece in its line, from 1."""
    return [row - of.index(line) + 1 for row, line in enumerate(of)]
