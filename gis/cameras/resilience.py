"""What is lost when cameras fail: one at a time, at a given availability, or switched off for maintenance.

Losses are exact: the ground that one camera alone sees. Expected coverage takes failures as independent, each camera
working with the same probability, and is exact, too: ground seen by k cameras is seen with probability 1 - (1 - p)^k.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.cameras.coverage import NOTHING, Coverage, stacked
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
    mine = shapely.intersection(coverage.seen[camera], ground.ground[cell])
    alone = shapely.difference(mine, coverage.levels[cell, 1])
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
        mine = shapely.intersection(coverage.seen[camera[cell == at]], ground.ground[at])
        depths = stacked(mine, len(mine))
        area[: len(mine)] += shapely.area(depths)
        street[: len(mine)] += shapely.length(shapely.intersection(ground.streets[at], depths))
    return area, street
