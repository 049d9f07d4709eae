"""Density of incidents along streets: a kernel that spreads over the network and not over the blocks between.

Equal split at junctions, discontinuous (Okabe and Sugihara) or continuous (the heat kernel). Segments and points in, a
figure for each short piece of street out; it chooses no colours.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.sparse.linalg import expm_multiply
from shapely.ops import substring

from gis.errors import InputError, ShapeError
from gis.hotspots._network_kernels import equal_split
from gis.hotspots.explain import Explanation
from gis.hotspots.street_segments import MOST_AWAY_M, StreetSegments, snap_to_segments

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Split = Literal["discontinuous", "continuous"]

_MOST_STEPS = 200_000_000
_MOST_PIECES = 2_000_000


@dataclass(frozen=True, eq=False)
class NetworkDensity:
    """Density along streets.

    Parameters
    ----------
    segment
        Shape (n,), the segment of each piece.
    from_m, to_m
        Shape (n,), where it begins and ends along the segment.
    per_km
        Shape (n,), incidents per km of street over the period.
    n, left_out
        Incidents behind it, and those too far from every street.
    lost
        Share of the kernel's mass that ran out at dead ends; 0 for the continuous kernel, which turns back there.
    """

    segment: IntArray
    from_m: FloatArray
    to_m: FloatArray
    per_km: FloatArray
    n: int
    left_out: int
    lost: float
    parameters: dict[str, Any] = field(default_factory=dict)

    def frame(self, segments: StreetSegments, crs: object) -> gpd.GeoDataFrame:
        """Lines of the pieces with ``segment``, ``from_m``, ``to_m`` and ``per_km``, in the segments' CRS."""
        lines = [
            substring(segments.lines[at], start, stop)
            for at, start, stop in zip(self.segment, self.from_m, self.to_m, strict=True)
        ]
        columns = {"segment": self.segment, "from_m": self.from_m, "to_m": self.to_m, "per_km": self.per_km}
        return gpd.GeoDataFrame(columns, geometry=lines, crs=crs)

    def explain(self) -> Explanation:
        """What the figures mean and what they do not."""
        peak = float(self.per_km.max()) if len(self.per_km) else 0.0
        return Explanation(
            method=("沿路网核密度", "network kernel density"),
            means=(
                f"{self.n} 起事件沿道路分摊,最高处每公里 {peak:.1f} 起;{self.left_out} 起离道路过远,未计入。",
                f"{self.n} incidents are spread along streets, up to {peak:.1f} per km; {self.left_out} too far from a street are left out.",
            ),
            means_not=(
                "密度受带宽影响,且不考虑每条路上有多少人和车。",
                "The figure follows the bandwidth and knows nothing of how many people or vehicles use a street.",
            ),
            source="Okabe, Satoh and Sugihara 2009, IJGIS 23(1); McSwiggan, Baddeley and Nair 2017, Scandinavian Journal of Statistics 44(2)",
            parameters=self.parameters,
        )


def street_density(
    segments: StreetSegments,
    xy_m: npt.ArrayLike,
    *,
    bandwidth_m: float,
    piece_m: float = 10.0,
    split: Split = "discontinuous",
    most_away_m: float = MOST_AWAY_M,
) -> NetworkDensity:
    """Density of incidents along street segments.

    Parameters
    ----------
    segments
        Streets cut at junctions.
    xy_m
        Shape (n, 2), metres in the same CRS; each counts at its foot on the nearest segment.
    bandwidth_m
        ``discontinuous``: how far the quartic kernel reaches. ``continuous``: standard deviation of the Gaussian.
    piece_m
        Streets are cut into equal pieces of at most this length.
    split
        ``discontinuous``: at a junction of k streets each of the k - 1 others takes an equal part; nothing turns back, so
        dead ends lose mass and the figure may jump at a junction. ``continuous``: heat flow, the same at both sides of a
        junction, mass kept.
    most_away_m
        Incidents farther from every street are left out.

    Raises
    ------
    ShapeError
        Not two columns, or a length that is not above zero.
    InputError
        An unknown split, more than two million pieces, or a discontinuous kernel so wide that the ways through the network
        cannot be walked one by one.

    Notes
    -----
    Okabe, Satoh and Sugihara (2009); the continuous form with a Gaussian is the solution of the heat equation (McSwiggan et
    al. 2017), found on the pieces; its cost does not grow with incidents, that of the other with the ways within the
    bandwidth.
    """
    if not (0 < bandwidth_m < np.inf and 0 < piece_m < np.inf):
        raise ShapeError(
            zh=f"带宽 {bandwidth_m:g} 与分段 {piece_m:g} 米都应大于零。",
            en=f"Bandwidth {bandwidth_m:g} and piece {piece_m:g} m must both be above zero.",
        )
    if split not in ("discontinuous", "continuous"):
        raise InputError(
            zh=f"没有名为“{split}”的分摊方式;可选 discontinuous、continuous。",
            en=f"There is no split '{split}'; take discontinuous or continuous.",
        )
    pieces = np.maximum(1, np.ceil(segments.length_m / piece_m - 1e-9)).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(pieces)]).astype(np.int64)
    if first[-1] > _MOST_PIECES:
        raise InputError(
            zh=f"道路将分成 {first[-1]} 段,过多;请增大分段长度。",
            en=f"The streets would be cut into {first[-1]} pieces, too many; take longer ones.",
        )
    owner = np.repeat(np.arange(len(segments)), pieces)
    step = (segments.length_m / pieces)[owner]
    number = np.arange(first[-1]) - first[owner]
    segment, along, _ = snap_to_segments(segments, xy_m, most_m=most_away_m)
    kept = segment >= 0
    at, metres = segment[kept], np.clip(along[kept], 0.0, segments.length_m[segment[kept]])
    spread = _split_at_junctions if split == "discontinuous" else _as_heat
    mass = spread(segments, at, metres, first, float(bandwidth_m))
    n = int(kept.sum())
    return NetworkDensity(
        segment=owner,
        from_m=number * step,
        to_m=np.minimum((number + 1) * step, segments.length_m[owner]),
        per_km=np.maximum(mass, 0.0) / step * 1000.0,
        n=n,
        left_out=int((~kept).sum()),
        lost=max(0.0, 1.0 - float(mass.sum()) / n) if n else 0.0,
        parameters={"bandwidth_m": bandwidth_m, "piece_m": piece_m, "split": split},
    )


def _split_at_junctions(
    segments: StreetSegments, at: IntArray, metres: FloatArray, first: IntArray, bandwidth: float
) -> FloatArray:
    ends = np.column_stack([segments.tail, segments.head])
    # Half-edges leaving each node, numbered as the loop wants them.
    node, half = ends.ravel(), np.arange(2 * len(segments))
    order = np.lexsort((half, node))
    start = np.concatenate([[0], np.cumsum(np.bincount(node, minlength=len(segments.nodes)))]).astype(np.int64)
    # Incidents at one place walk once.
    places, place = np.unique(np.column_stack([at, np.round(metres, 3)]), axis=0, return_inverse=True)
    weight = np.bincount(place.reshape(-1), minlength=len(places)).astype(np.float64)
    mass, steps = equal_split(
        places[:, 0].astype(np.int64),
        np.ascontiguousarray(places[:, 1]),
        weight,
        ends,
        segments.length_m,
        start,
        half[order].astype(np.int64),
        first,
        bandwidth,
        _MOST_STEPS,
    )
    if steps > _MOST_STEPS:
        raise InputError(
            zh=f"带宽 {bandwidth:g} 米内的路径过多;请减小带宽,或改用 continuous。",
            en=f"There are too many ways within {bandwidth:g} m; take a smaller bandwidth, or the continuous split.",
        )
    return mass


def _as_heat(
    segments: StreetSegments, at: IntArray, metres: FloatArray, first: IntArray, bandwidth: float
) -> FloatArray:
    """Mass of each piece after heat has flowed as far as a Gaussian of the bandwidth."""
    step = np.repeat(segments.length_m / np.diff(first), np.diff(first))
    mass = np.zeros(len(step))
    # Shared by the two pieces whose middles it lies between, so that its place is kept; at an end it has one piece only.
    place = metres / step[first[at]] - 0.5
    last = np.diff(first)[at] - 1
    lower = np.floor(place)
    for piece, share in ((lower, 1.0 - (place - lower)), (lower + 1.0, place - lower)):
        np.add.at(mass, first[at] + np.clip(piece, 0, last).astype(np.int64), share)
    flow = _conductance(segments, first, step)
    out = flow.sum(axis=1)
    # d(mass)/dt = flow * density differences; a time of 1 with a coefficient of half the variance.
    rate = (flow - diags_array(out)) @ diags_array(1.0 / step) * (bandwidth**2 / 2.0)
    return np.asarray(expm_multiply(csr_array(rate), mass, traceA=float(rate.diagonal().sum())))


def _conductance(segments: StreetSegments, first: IntArray, step: FloatArray) -> csr_array:
    """How readily mass flows between pieces that touch, 1 / metres between their middles; symmetric.

    At a junction pieces meet in a point without room of its own: of what two of them pass, each takes its part among all.
    """
    n = len(step)
    inner = np.setdiff1d(np.arange(n - 1), first[1:-1] - 1)
    rows, columns, values = [inner], [inner + 1], [1.0 / step[inner]]
    node = np.concatenate([segments.tail, segments.head])
    end_piece = np.concatenate([first[:-1], first[1:] - 1])
    ease = 2.0 / step[end_piece]
    order = np.argsort(node, kind="stable")
    total = np.bincount(node, weights=ease, minlength=len(segments.nodes))
    bounds = np.concatenate([[0], np.cumsum(np.bincount(node, minlength=len(segments.nodes)))])
    for at in np.flatnonzero(np.diff(bounds) > 1):
        group = order[bounds[at] : bounds[at + 1]]
        i, j = np.triu_indices(len(group), 1)
        rows.append(end_piece[group[i]])
        columns.append(end_piece[group[j]])
        values.append(ease[group[i]] * ease[group[j]] / total[at])
    row, column, value = np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
    # A ring of one piece meets itself: nothing flows.
    apart = row != column
    half = coo_array((value[apart], (row[apart], column[apart])), shape=(n, n)).tocsr()
    return half + half.T
