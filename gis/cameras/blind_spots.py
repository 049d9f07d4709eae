"""Blind spots: open ground that no camera sees, cut into pieces a person can visit, ranked by what happens there.

Each piece carries what it holds, with the district's sum as denominator, and why it is not seen. It proposes no cameras:
that is the work of :mod:`gis.cameras.siting`. It knows neither the register nor maps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.cameras.coverage import Coverage
from gis.cameras.polygons import solid
from gis.errors import InputError

Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]

REASONS = {
    "off": ("停用或维护中的摄像机原可覆盖", "cameras that are off would see it"),
    "direction": ("附近摄像机朝向不明", "a camera nearby may see it, its direction is not known"),
    "blocked": ("被建筑遮挡", "buildings stand in the way"),
    "turned": ("在可视距离内,但摄像机朝向他处", "within range, but cameras look elsewhere"),
    "far": ("超出所有摄像机的可视距离", "beyond the range of every camera"),
}
"""Why ground is not seen, in the order in which it is told; ``far`` is what no other reason explains."""


@dataclass(frozen=True)
class BlindWeights:
    """What a blind spot counts: the share of the district's incidents, hot-spot incidents, streets, and places in it.

    Parameters
    ----------
    measures
        Weight of each measure: a name of the ground's targets, ``street`` (length), or ``area``.
    """

    measures: Mapping[str, float] = field(
        default_factory=lambda: {"incidents": 0.4, "hotspot": 0.15, "places": 0.25, "street": 0.2}
    )

    def __post_init__(self) -> None:
        values = list(self.measures.values())
        if not values or min(values) < 0 or not np.isfinite(values).all() or sum(values) <= 0:
            raise InputError(
                zh="盲区权重应为非负数,且至少一项大于零。",
                en="Weights of blind spots are 0 or more, at least one above 0.",
            )


def blind_spots(
    coverage: Coverage,
    *,
    weights: BlindWeights | None = None,
    seen_anyway: Mapping[str, Shapes] | None = None,
    size_m: float = 100.0,
    least_width_m: float = 4.0,
    limit: int = 200,
) -> pd.DataFrame:
    """The blind pieces that count most.

    Unseen ground of every cell is cut by a fixed square lattice, so that a piece keeps its place from week to week and
    is about as large as one camera's view. Parts without room for a disc of ``least_width_m`` are dropped. The score is the weighted
    mean of the piece's shares of the whole district, in parts per ten thousand; pieces that hold nothing are left out.

    Parameters
    ----------
    weights
        Measures that the ground does not have count nothing.
    seen_anyway
        Ground by reason of :data:`REASONS` (all but ``far``) that explains why it is not seen.
    size_m
        Side of a lattice square, m.
    limit
        At most so many pieces.

    Returns
    -------
    table
        ``rank`` from 1, ``cell`` (code), ``geometry`` (m), ``area_m2``, ``street_m``, one column a target by weight, one
        ``<measure>_share`` of the district's sum each, ``score``, ``reason``, and ``reason_share``: the part of the
        piece that the reason explains.

    Raises
    ------
    InputError
        The square or the limit makes no sense.
    """
    if not (np.isfinite(size_m) and size_m > least_width_m >= 0) or limit < 1:
        raise InputError(
            zh=f"盲区方格边长 {size_m} 米或数量上限 {limit} 不合理。",
            en=f"A square of {size_m} m or a limit of {limit} makes no sense.",
        )
    chosen = weights or BlindWeights()
    cell, shape = _pieces(coverage, size_m, least_width_m)
    table = pd.DataFrame({"cell": coverage.ground.codes[cell], "area_m2": shapely.area(shape)})
    sums = _measures(coverage, table, cell, shape)
    score = np.zeros(len(table))
    for measure, weight in chosen.measures.items():
        if measure in sums:
            score += weight * table[f"{measure}_share"].to_numpy()
    table["score"] = 1e4 * score / sum(chosen.measures.values())
    table["geometry"] = shape
    kept = table[table["score"] > 0].sort_values(["score", "cell"], ascending=[False, True], kind="stable").head(limit)
    kept = kept.reset_index(drop=True)
    kept.insert(0, "rank", np.arange(1, len(kept) + 1))
    reasons = _reasons(kept["geometry"].to_numpy(dtype=object), seen_anyway or {})
    return kept.assign(reason=reasons[0], reason_share=reasons[1])


def _pieces(coverage: Coverage, size_m: float, least_width_m: float) -> tuple[npt.NDArray[np.int64], Shapes]:
    """Unseen ground cut by the lattice: cell and polygon of each piece, slivers left out."""
    unseen = coverage.unseen
    some = np.flatnonzero(~shapely.is_empty(unseen))
    squares, owner = [], []
    for at in some.tolist():
        west, south, east, north = shapely.bounds(unseen[at])
        xs = np.arange(np.floor(west / size_m), np.ceil(east / size_m)) * size_m
        ys = np.arange(np.floor(south / size_m), np.ceil(north / size_m)) * size_m
        x, y = (each.ravel() for each in np.meshgrid(xs, ys))
        squares.append(shapely.box(x, y, x + size_m, y + size_m))
        owner.append(np.full(len(x), at))
    if not squares:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=object)
    cell = np.concatenate(owner)
    square = np.concatenate(squares)
    near = np.zeros(len(square), dtype=bool)
    for at in some.tolist():
        mine = cell == at
        shapely.prepare(unseen[at])
        near[mine] = shapely.intersects(unseen[at], square[mine])
    cell, square = cell[near], square[near]
    cut = solid(shapely.intersection(unseen[cell], square))
    part, piece = shapely.get_parts(cut, return_index=True)
    # What has no room for a disc of that width is a sliver between overlays or a strip along a wall.
    wide = ~shapely.is_empty(shapely.buffer(part, -least_width_m / 2)) if least_width_m else shapely.area(part) > 0
    cut = shapely.multipolygons(
        part[wide], indices=piece[wide], out=np.full(len(cut), shapely.MultiPolygon(), dtype=object)
    )
    kept = shapely.area(cut) > 0
    return cell[kept].astype(np.int64), cut[kept]


def _measures(coverage: Coverage, table: pd.DataFrame, cell: npt.NDArray[np.int64], shape: Shapes) -> set[str]:
    """Add the sums of every piece and their shares of the whole to the table; the names of the measures."""
    ground = coverage.ground
    length = shapely.length(shapely.intersection(ground.streets[cell], shape))
    table["street_m"] = length
    wholes = {"area": shapely.area(ground.ground).sum(), "street": shapely.length(ground.streets).sum()}
    found = {"area": table["area_m2"].to_numpy(), "street": length}
    tree = shapely.STRtree(shape)
    for name, targets in ground.points.items():
        blind = np.flatnonzero((coverage.depth[name] == 0) & (ground.cell_of[name] >= 0))
        point, piece = tree.query(shapely.points(targets.xy[blind]), predicate="intersects")
        # A point on the line between two squares belongs to the first of them.
        first = np.unique(point, return_index=True)[1]
        held = np.bincount(piece[first], targets.weight[blind[point[first]]], minlength=len(shape))
        table[name] = held
        found[name] = held
        wholes[name] = targets.weight[ground.cell_of[name] >= 0].sum()
    for name, held in found.items():
        table[f"{name}_share"] = held / wholes[name] if wholes[name] > 0 else 0.0
    return set(found)


def _reasons(shape: Shapes, seen_anyway: Mapping[str, Shapes]) -> tuple[list[str], Floats]:
    """The reason that explains most of each piece, and its part; ground with several reasons has the first of them."""
    left = shape.copy()
    whole = np.maximum(shapely.area(shape), 1e-9)
    part = np.zeros((len(REASONS), len(shape)))
    for at, reason in enumerate(REASONS):
        if reason in seen_anyway and len(shape):
            tree = shapely.STRtree(seen_anyway[reason])
            piece, other = tree.query(shape, predicate="intersects")
            for one in np.unique(piece).tolist():
                told = shapely.union_all(seen_anyway[reason][other[piece == one]])
                part[at, one] = shapely.area(shapely.intersection(left[one], told))
                left[one] = shapely.difference(left[one], told)
    part[-1] = shapely.area(left)
    best = part.argmax(axis=0) if len(shape) else np.zeros(0, dtype=np.int64)
    names = list(REASONS)
    return [names[at] for at in best], part[best, np.arange(len(shape))] / whole
