"""Beats: grids divided among the teams into contiguous parts of equal workload. It assigns grids, never persons.

Weighted recursive bisection gives the first division; annealed boundary moves, each checked for contiguity, level the
load. Formula, unit and weights of the workload stand in docs/methods/patrol.md.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from gis.errors import InputError, PlanError, ShapeError
from gis.patrol._partition import balance, pieces
from gis.patrol.handover import grown, keep_numbers
from gis.random_stream import stream
from gis.schemas import require_columns

_EASE = (1.0, 0.5, 0.25, 0.1)
"""Shape counts in full at first, and less in each further try while the loads differ by more than twice the goal."""
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class Adjacency(Protocol):
    """Who borders whom: ``gis.grid.neighbours.Neighbours``, or anything of that shape."""

    @property
    def indptr(self) -> IntArray:
        """Shape (n + 1,)."""

    @property
    def indices(self) -> IntArray:
        """Shape (m,), positions of the neighbours."""


@dataclass(frozen=True)
class WorkloadWeights:
    """What a shift's work in one grid is made of. Minutes, unless said otherwise.

    Parameters
    ----------
    case_min
        Handling one reported case.
    stop_min
        One must-visit, for example a school at opening.
    rounds
        How often the grid's streets are gone through in a shift.
    speed_mps
        Speed of that round, metres per second.
    street_km_per_km2
        Street length where the layer is missing: 8 km/km2, the mean density that China's towns aim at.
    round_max_min
        Upper end of the round in one grid, for grids that are mostly open land.
    household_min
        Regular visits, per household and shift.
    floor_min
        Least minutes of a grid: someone looks in everywhere.
    """

    case_min: float = 20.0
    stop_min: float = 15.0
    rounds: float = 1.0
    speed_mps: float = 1.3
    street_km_per_km2: float = 8.0
    round_max_min: float = 60.0
    household_min: float = 0.01
    floor_min: float = 1.0

    def __post_init__(self) -> None:
        bad = [name for name, value in vars(self).items() if not np.isfinite(value) or value < 0]
        if bad or self.speed_mps <= 0 or self.floor_min <= 0:
            raise InputError(
                zh=f"工作量权重须为非负数,速度与下限须大于 0:{'、'.join(bad) or 'speed_mps, floor_min'}。",
                en=f"Workload weights must not be negative, speed and floor must be above 0: "
                f"{', '.join(bad) or 'speed_mps, floor_min'}.",
            )


def workload(cells: pd.DataFrame, *, days: float, shift_s: float, weights: WorkloadWeights | None = None) -> FloatArray:
    """Minutes of work per grid and shift.

    Parameters
    ----------
    cells
        One row a grid: ``count`` (reports of the period) and ``area_km2``; where known ``street_m`` (street length),
        ``households`` and ``must`` (must-visits of the shift). A missing number counts as 0, a missing
        ``street_m`` as the usual density times the area.
    days
        Length of the period behind ``count``.
    shift_s
        Length of the shift in seconds.

    Returns
    -------
    minutes
        Shape (n,), in the order of ``cells``.

    Raises
    ------
    InputError
        A negative number, or a period or shift that is not above 0.
    """
    weights = weights or WorkloadWeights()
    require_columns(cells, ["count", "area_km2"], layer="cells")
    if not days > 0 or not shift_s > 0:
        raise InputError(
            zh=f"统计天数与班次时长须大于 0,得到 {days} 天、{shift_s} 秒。",
            en=f"The period and the shift must be longer than 0, got {days} days and {shift_s} s.",
        )
    count, area = _numbers(cells, "count"), _numbers(cells, "area_km2")
    street = _numbers(cells, "street_m", missing=np.nan)
    street = np.where(np.isnan(street), weights.street_km_per_km2 * 1000 * area, street)
    walk = np.minimum(weights.rounds * street / weights.speed_mps / 60, weights.round_max_min)
    cases = weights.case_min * count / days * (shift_s / 86400)
    return np.maximum(
        cases
        + walk
        + weights.stop_min * _numbers(cells, "must")
        + weights.household_min * _numbers(cells, "households"),
        weights.floor_min,
    )


def make_beats(
    workload: FloatArray,
    neighbours: Adjacency,
    xy: FloatArray,
    beats: int,
    *,
    rng: np.random.Generator,
    communities: npt.ArrayLike | None = None,
    community_weight: float = 2.0,
    cut_weight: float = 2.0,
    last: npt.ArrayLike | None = None,
    stay_weight: float = 6.0,
    goal_cv: float = 0.005,
    steps: int | None = None,
) -> IntArray:
    """Divide grids into beats of equal workload, each in one piece.

    Parameters
    ----------
    workload
        Shape (n,), minutes; not negative, with a positive sum.
    neighbours
        Which grids border; positions as in ``workload``. Leave out pairs that a river or a railway parts. Islands
        are tied to the nearest grid of the rest.
    xy
        Shape (n, 2), metres: a point of each grid.
    beats
        How many; at most n.
    rng
        Draws the moves; the same state gives the same beats.
    communities
        Shape (n,), codes; where given, beats avoid splitting a community.
    community_weight, cut_weight
        How much a split community, and a pair of neighbours in two beats, count against level loads.
    last
        Shape (n,), last week's beats, -1 for a grid that had none. The new beats grow out of them: few grids change
        hands, and a beat keeps its number. With another number of beats they are drawn anew, and each beat takes the
        number of the old one with which it shares most minutes.
    stay_weight
        How much a grid that changes hands counts, in the measure of ``cut_weight``.
    goal_cv
        Coefficient of variation of the load below which only the shape is improved; beyond twice this the search goes on
        with less regard to shape.
    steps
        Boundary moves tried; by default 2,000 a grid, between 1 and 8 million.

    Returns
    -------
    beat
        Shape (n,), 0 to ``beats`` - 1, numbered from north to south, then west to east, or as ``last`` is. No beat is
        empty.

    Raises
    ------
    PlanError
        Fewer grids than beats, or no beat asked for.
    ShapeError
        Arrays of different length, negative or missing workload.
    """
    load, points = _checked(workload, xy, neighbours, beats)
    graph = _tied_together(neighbours, points)
    old = _labels(last, len(load))
    home = grown(old, beats, load, graph)
    if home is None:
        label = np.zeros(len(load), dtype=np.int64)
        _bisect(np.arange(len(load)), beats, 0, label=label, load=load, points=points, graph=graph)
        old_home, stay = np.full(len(load), -1, dtype=np.int64), 0.0
    else:
        label, old_home, stay = home, np.where(old < beats, old, -1), stay_weight
    if 1 < beats < len(load):
        group = _groups(communities, len(load))
        weight = community_weight if communities is not None else 0.0
        tries = steps if steps is not None else int(np.clip(2000 * len(load), 1_000_000, 8_000_000))
        state = stream(int(rng.integers(2**31)))
        for ease in _EASE:
            shape, keep, hold = cut_weight * ease, weight * ease, stay * ease
            label = balance(*graph, label, load, beats, group, shape, keep, old_home, hold, goal_cv, tries, state)
            if workload_cv(label, load) <= 2 * goal_cv:
                break
    if home is not None:
        return label
    numbered = _renumber(label, points, beats)
    return numbered if last is None else keep_numbers(numbered, old, load)


def describe_beats(beat: IntArray, minutes: FloatArray) -> pd.DataFrame:
    """Grids and minutes of each beat, and the minutes over the mean.

    Returns
    -------
    beats
        ``beat``, ``grids``, ``minutes``, ``to_mean``, one row a beat.
    """
    count = int(beat.max()) + 1 if len(beat) else 0
    load = np.bincount(beat, weights=minutes, minlength=count)
    return pd.DataFrame(
        {
            "beat": np.arange(count),
            "grids": np.bincount(beat, minlength=count),
            "minutes": load,
            "to_mean": load / load.mean() if count else load,
        }
    )


def workload_cv(beat: IntArray, minutes: FloatArray) -> float:
    """Coefficient of variation of the beats' minutes: 0.01 means that they differ by about one in a hundred."""
    load = describe_beats(beat, minutes)["minutes"].to_numpy()
    return float(load.std() / load.mean())


def _numbers(cells: pd.DataFrame, name: str, *, missing: float = 0.0) -> FloatArray:
    if name not in cells:
        return np.full(len(cells), missing)
    values = pd.to_numeric(cells[name]).to_numpy(dtype=np.float64, na_value=np.nan)
    values = np.where(np.isnan(values), missing, values)
    bad = np.flatnonzero((values < 0) | np.isinf(values))
    if len(bad):
        raise InputError(
            zh=f"列“{name}”有 {len(bad)} 个负数或无穷大,首个在第 {bad[0] + 1} 行。",
            en=f"Column '{name}' has {len(bad)} negative or infinite numbers, the first in row {bad[0] + 1}.",
        )
    return values


def _checked(load: FloatArray, xy: FloatArray, neighbours: Adjacency, beats: int) -> tuple[FloatArray, FloatArray]:
    values, points = np.asarray(load, dtype=np.float64), np.asarray(xy, dtype=np.float64)
    if values.ndim != 1 or points.shape != (len(values), 2) or len(neighbours.indptr) != len(values) + 1:
        raise ShapeError(
            zh=f"网格数不一致:工作量 {values.shape}、坐标 {points.shape}、邻接 {len(neighbours.indptr) - 1}。",
            en=f"Numbers of grids differ: workload {values.shape}, points {points.shape}, "
            f"neighbours {len(neighbours.indptr) - 1}.",
        )
    if beats < 1 or beats > len(values):
        raise PlanError(
            zh=f"无法把 {len(values)} 个网格划成 {beats} 个责任区:须至少 1 个,且不多于网格数。请减少队数。",
            en=f"{len(values)} grids cannot make {beats} beats: at least 1 and at most one a grid. Take fewer teams.",
        )
    bad = np.flatnonzero(~np.isfinite(values) | (values < 0) | ~np.isfinite(points).all(axis=1))
    if len(bad) or values.sum() <= 0:
        raise ShapeError(
            zh=f"{len(bad)} 个网格的工作量或坐标缺失或为负(位置 {bad[:10].tolist()}),工作量合计 {values.sum()}。",
            en=f"{len(bad)} grids have a missing or negative workload or point (positions {bad[:10].tolist()}); "
            f"the workload adds up to {values.sum()}.",
        )
    return values, points


def _tied_together(neighbours: Adjacency, points: FloatArray) -> tuple[IntArray, IntArray]:
    """The adjacency made symmetric, every island tied to the nearest grid of the main part."""
    indptr = np.asarray(neighbours.indptr, dtype=np.int64)
    heads = np.asarray(neighbours.indices, dtype=np.int64)
    n = len(points)
    tails = np.repeat(np.arange(n), np.diff(indptr))
    indptr, indices = _compressed(np.concatenate([tails, heads]), np.concatenate([heads, tails]), n)
    part = pieces(indptr, indices, np.ones(n, dtype=np.uint8))
    while part.max() > 0:
        main = part == np.bincount(part).argmax()
        away, near = cKDTree(points[main]).query(points[~main])
        island = np.flatnonzero(~main)[np.argmin(away)]
        shore = np.flatnonzero(main)[near[np.argmin(away)]]
        tails = np.concatenate([np.repeat(np.arange(n), np.diff(indptr)), [island, shore]])
        heads = np.concatenate([indices, [shore, island]])
        indptr, indices = _compressed(tails, heads, n)
        part = pieces(indptr, indices, np.ones(n, dtype=np.uint8))
    return indptr, indices


def _compressed(tails: IntArray, heads: IntArray, n: int) -> tuple[IntArray, IntArray]:
    keys = np.unique(tails * n + heads)
    keys = keys[keys // n != keys % n]
    return np.concatenate([[0], np.cumsum(np.bincount(keys // n, minlength=n))]), keys % n


def _labels(last: npt.ArrayLike | None, n: int) -> IntArray:
    if last is None:
        return np.full(n, -1, dtype=np.int64)
    old = np.asarray(last, dtype=np.int64)
    if old.shape != (n,):
        raise ShapeError(
            zh=f"上周责任区有 {old.shape} 个,网格有 {n} 个。",
            en=f"There are {old.shape} beats of last week for {n} grids.",
        )
    return old


def _groups(communities: npt.ArrayLike | None, n: int) -> IntArray:
    if communities is None:
        return np.zeros(n, dtype=np.int64)
    codes = np.asarray(communities)
    if codes.shape != (n,):
        raise ShapeError(
            zh=f"社区编码有 {codes.shape} 个,网格有 {n} 个。",
            en=f"There are {codes.shape} community codes for {n} grids.",
        )
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def _bisect(
    cells: IntArray,
    beats: int,
    first: int,
    *,
    label: IntArray,
    load: FloatArray,
    points: FloatArray,
    graph: tuple[IntArray, IntArray],
) -> None:
    """Write beats ``first`` ... ``first + beats - 1`` into ``label`` for a connected set of cells."""
    if beats == 1:
        label[cells] = first
        return
    near, far = _best_split(cells, beats, load=load, points=points, graph=graph)
    total = load[cells].sum()
    share = load[near].sum() / total if total > 0 else len(near) / len(cells)
    some = int(np.clip(round(beats * share), max(1, beats - len(far)), min(beats - 1, len(near))))
    _bisect(near, some, first, label=label, load=load, points=points, graph=graph)
    _bisect(far, beats - some, first + some, label=label, load=load, points=points, graph=graph)


def _best_split(
    cells: IntArray, beats: int, *, load: FloatArray, points: FloatArray, graph: tuple[IntArray, IntArray]
) -> tuple[IntArray, IntArray]:
    """Of eight directions, the cut in two connected parts whose loads come nearest to the wanted shares."""
    target = (beats // 2) / beats
    total = load[cells].sum()
    best: tuple[tuple[float, float], IntArray, IntArray] | None = None
    for angle in np.arange(8) * np.pi / 8:
        along = points[cells] @ np.array([np.cos(angle), np.sin(angle)])
        order = cells[np.lexsort((cells, along))]
        reached = np.cumsum(load[order])
        place = int(np.clip(np.searchsorted(reached, target * total) + 1, 1, len(order) - 1))
        near, far = _both_connected(order[:place], order[place:], load, graph)
        miss = abs(load[near].sum() - target * total) / total if total > 0 else 0.0
        short = max(0, beats // 2 - len(near)) + max(0, beats - beats // 2 - len(far))
        key = (short + round(miss, 2), float(np.ptp(along)) * -1.0)
        if best is None or key < best[0]:
            best = (key, near, far)
    assert best is not None  # noqa: S101 - eight directions were tried
    return best[1], best[2]


def _both_connected(
    near: IntArray, far: IntArray, load: FloatArray, graph: tuple[IntArray, IntArray]
) -> tuple[IntArray, IntArray]:
    """Give loose pieces of either side to the other; the whole being connected, both sides come out connected."""
    near, loose = _main_piece(near, load, graph)
    far, back = _main_piece(np.concatenate([far, loose]), load, graph)
    return np.concatenate([near, back]), far


def _main_piece(cells: IntArray, load: FloatArray, graph: tuple[IntArray, IntArray]) -> tuple[IntArray, IntArray]:
    inside = np.zeros(len(load), dtype=np.uint8)
    inside[cells] = 1
    part = pieces(*graph, inside)[cells]
    # Cells count a little, so that a piece without load is not preferred by chance.
    weight = np.bincount(part, weights=load[cells] + 1e-9)
    main = part == weight.argmax()
    return cells[main], cells[~main]


def _renumber(label: IntArray, points: FloatArray, beats: int) -> IntArray:
    size = np.bincount(label, minlength=beats)
    centre = [np.bincount(label, weights=points[:, axis], minlength=beats) / size for axis in (0, 1)]
    rank = np.empty(beats, dtype=np.int64)
    rank[np.lexsort((centre[0], -centre[1]))] = np.arange(beats)
    return rank[label]
