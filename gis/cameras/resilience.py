"""What is lost when cameras fail: one at a time, at a given availability, or switched off for maintenance.

Losses are exact: the ground that one camera alone sees. Expected coverage takes failures as independent, each camera
working with the same probability, and is exact, too: ground seen by k cameras is seen with probability 1 - (1 - p)^k.
How far a single day may lie from that is drawn by lot (:func:`simulated`), over sample points of the seen ground.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import csr_array

from gis.cameras.coverage import NOTHING, Coverage, stacked
from gis.cameras.polygons import solid
from gis.errors import FilterError


def losses(coverage: Coverage) -> pd.DataFrame:
    """What nobody sees any more if one camera fails.

    Returns
    -------
    table
        ``row`` of the camera, ``area_m2`` seen, ``lost_m2``, ``lost_street_m`` and ``lost_<target>`` by weight; the
        greatest loss of ground first.
    """
    ground = coverage.ground
    area, lost, street = (np.zeros(len(coverage.seen)) for _ in range(3))
    camera, cell = ground.tree.query(coverage.seen, predicate="intersects")
    mine = solid(shapely.intersection(coverage.seen[camera], ground.ground[cell]))
    alone = solid(shapely.difference(mine, coverage.levels[cell, 1]))
    np.add.at(area, camera, shapely.area(mine))
    np.add.at(lost, camera, shapely.area(alone))
    np.add.at(street, camera, shapely.length(shapely.intersection(ground.streets[cell], alone)))
    table = pd.DataFrame({"row": np.arange(len(area)), "area_m2": area, "lost_m2": lost, "lost_street_m": street})
    for name, targets in ground.points.items():
        single = (coverage.depth[name] == 1) & (ground.cell_of[name] >= 0)
        points = shapely.STRtree(shapely.points(targets.xy[single]))
        row, point = points.query(coverage.seen, predicate="intersects")
        table[f"lost_{name}"] = np.bincount(row, targets.weight[single][point], minlength=len(area))
    return table.sort_values(["lost_m2", "row"], ascending=[False, True], kind="stable").reset_index(drop=True)


def expected(coverage: Coverage, availability: float) -> pd.DataFrame:
    """Coverage to be expected when every camera works with a given probability, failures being independent.

    Returns
    -------
    table
        One row a measure: ``measure``, ``of`` (denominator), ``all_working``, ``expected``.

    Raises
    ------
    FilterError
        The availability lies outside 0-1.
    """
    if not 0 <= availability <= 1:
        raise FilterError(
            zh=f"可用率应在 0 与 1 之间,而不是 {availability}。",
            en=f"Availability lies between 0 and 1, not {availability}.",
        )
    ground, gain = coverage.ground, _gain(availability, int(coverage.cameras.max(initial=0)))
    area, street = _by_depth(coverage)
    rows = [
        ("area_m2", shapely.area(ground.ground).sum(), area[:1].sum(), area @ gain),
        ("street_m", shapely.length(ground.streets).sum(), street[:1].sum(), street @ gain),
    ]
    for name, targets in ground.points.items():
        inside = ground.cell_of[name] >= 0
        weight, depth = targets.weight[inside], coverage.depth[name][inside]
        rows.append((name, weight.sum(), weight[depth > 0].sum(), (weight * (1 - (1 - availability) ** depth)).sum()))
    return pd.DataFrame(rows, columns=["measure", "of", "all_working", "expected"])


def simulated(
    coverage: Coverage, availability: float, *, runs: int = 1000, samples: int = 20_000, seed: int = 0
) -> pd.DataFrame:
    """Between which bounds coverage lies on nine days in ten, at a given availability.

    Cameras fail independently, ``runs`` times. Ground and streets are stood for by points: a square lattice over the
    seen ground with a random origin, and points at equal steps along the seen streets, weighted so that all working
    cameras give the exact sum. Targets are counted themselves.

    Returns
    -------
    table
        As :func:`expected`, with ``low`` and ``high``: the 5th and 95th percentile of the runs.

    Raises
    ------
    FilterError
        The availability lies outside 0-1, or a number is below one.
    """
    if runs < 1 or samples < 1:
        raise FilterError(zh="模拟次数与样点数至少为 1。", en="There is at least one run and one sample.")
    table = expected(coverage, availability)
    rng = np.random.default_rng(seed)
    working = (rng.random((runs, len(coverage.seen))) < availability).astype(np.float32)
    ground = coverage.ground
    bounds = []
    for measure, exact in zip(table["measure"], table["all_working"], strict=True):
        if measure in ground.points:
            inside = ground.cell_of[measure] >= 0
            xy, weight = ground.points[measure].xy[inside], ground.points[measure].weight[inside]
        else:
            xy = _on_ground(coverage, samples, rng) if measure == "area_m2" else _on_streets(coverage, samples)
            weight = np.full(len(xy), exact / max(len(xy), 1))
        bounds.append(_spread(coverage, xy, weight, working))
    return table.assign(low=[low for low, _ in bounds], high=[high for _, high in bounds])


def _spread(
    coverage: Coverage, xy: npt.NDArray[np.float64], weight: npt.NDArray[np.float64], working: npt.NDArray[np.float32]
) -> tuple[float, float]:
    """5th and 95th percentile of the weight that is seen, over runs of working cameras."""
    camera, point = shapely.STRtree(shapely.points(xy)).query(coverage.seen, predicate="intersects")
    sees = csr_array((np.ones(len(point), dtype=np.float32), (point, camera)), shape=(len(xy), len(coverage.seen)))
    parts = np.array_split(working, max(1, len(working) * len(xy) // 20_000_000))
    sums = np.concatenate([weight @ (sees @ part.T > 0) for part in parts])
    low, high = np.percentile(sums, [5, 95])
    return float(low), float(high)


def _on_ground(coverage: Coverage, samples: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Points of a square lattice that lie on seen ground, about so many."""
    seen = coverage.levels[:, 0][~shapely.is_empty(coverage.levels[:, 0])]
    if not len(seen):
        return np.zeros((0, 2))
    step = float(np.sqrt(shapely.area(seen).sum() / samples))
    origin = rng.random(2) * step
    found = []
    for shape in shapely.get_parts(seen):
        west, south, east, north = shapely.bounds(shape)
        xs = np.arange(np.ceil((west - origin[0]) / step), (east - origin[0]) / step) * step + origin[0]
        ys = np.arange(np.ceil((south - origin[1]) / step), (north - origin[1]) / step) * step + origin[1]
        x, y = (each.ravel() for each in np.meshgrid(xs, ys))
        shapely.prepare(shape)
        inside = shapely.contains_xy(shape, x, y)
        found.append(np.column_stack([x[inside], y[inside]]))
    return np.concatenate(found)


def _on_streets(coverage: Coverage, samples: int) -> npt.NDArray[np.float64]:
    """Points at equal steps along the seen streets, about so many."""
    seen = shapely.intersection(coverage.ground.streets, coverage.levels[:, 0])
    lines = shapely.get_parts(shapely.get_parts(seen))
    lines = lines[shapely.get_type_id(lines) == 1]
    length = shapely.length(lines)
    if not length.sum():
        return np.zeros((0, 2))
    step = length.sum() / samples
    ends = np.cumsum(length)
    at = (np.arange(samples) + 0.5) * step
    line = np.minimum(np.searchsorted(ends, at), len(lines) - 1)
    along = at - (ends[line] - length[line])
    return shapely.get_coordinates(shapely.line_interpolate_point(lines[line], along))


def without(coverage: Coverage, off: Iterable[int]) -> Coverage:
    """Coverage while some cameras, by row, are switched off."""
    return coverage.changed(dict.fromkeys(off, NOTHING))


def single_points(coverage: Coverage, name: str) -> npt.NDArray[np.int64]:
    """For each target, the only camera that sees it, by row; -1 where none or several do."""
    targets = coverage.ground.points[name]
    found = np.full(len(targets.xy), -1, dtype=np.int64)
    row, point = shapely.STRtree(shapely.points(targets.xy)).query(coverage.seen, predicate="intersects")
    single = coverage.depth[name][point] == 1
    found[point[single]] = row[single]
    return found


def _gain(p: float, most: int) -> npt.NDArray[np.float64]:
    """What one more camera adds to the chance of being seen: p (1 - p)^(k - 1) for k = 1 ... ``most``."""
    return np.asarray(p * (1 - p) ** np.arange(most), dtype=np.float64)


def _by_depth(coverage: Coverage) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Area and street length seen by at least 1, 2, ... cameras, down to the deepest."""
    ground, most = coverage.ground, int(coverage.cameras.max(initial=0))
    area, street = np.zeros(most), np.zeros(most)
    camera, cell = ground.tree.query(coverage.seen, predicate="intersects")
    for at in np.unique(cell).tolist():
        mine = solid(shapely.intersection(coverage.seen[camera[cell == at]], ground.ground[at]))
        depths = stacked(mine, len(mine))
        area[: len(mine)] += shapely.area(depths)
        street[: len(mine)] += shapely.length(shapely.intersection(ground.streets[at], depths))
    return area, street
