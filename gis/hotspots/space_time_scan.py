"""The space-time permutation scan: where and when incidents come together more than place and day each explain.

It needs no population: places in metres and days as numbers come in, clusters with Monte-Carlo p go out.
"""

import numpy as np
import numpy.typing as npt

from gis.errors import InputError, ShapeError
from gis.hotspots import _scan_kernels as kernels
from gis.hotspots._zones import Cluster, ScanResult, Zones, check_share, monte_carlo_p, relative_risk, zones_of

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def space_time_permutation_scan(
    xy_m: npt.ArrayLike,
    days: npt.ArrayLike,
    *,
    most_share: float = 0.5,
    most_days: int = 30,
    simulations: int = 999,
    rng: np.random.Generator,
    most_radius_m: float = np.inf,
    prospective: bool = False,
    most_clusters: int = 10,
) -> ScanResult:
    """Places and days that together have more incidents than the place and the days do each; no population is needed.

    Parameters
    ----------
    xy_m
        Shape (n, 2), metres, one row for each incident; incidents at equal places are one area.
    days
        Shape (n,), whole days.
    most_share
        The circle holds at most this share of the incidents, above 0 and at most 0.5.
    most_days
        Longest cluster in days.
    simulations
        Shuffles of the days over the incidents.
    rng
        Shuffles the days.
    most_radius_m
        Widest circle.
    prospective
        Look only for clusters that are still alive on the last day.
    most_clusters
        At most so many; each secondary cluster shares no area with a stronger one.

    Returns
    -------
    found
        ``areas`` of a cluster are rows of the incidents that lie in its circle and its days.

    Raises
    ------
    ShapeError
        Arrays that do not fit, or fewer than two incidents.
    InputError
        Fewer than two places or days, a share or a length out of range.

    Notes
    -----
    Kulldorff et al. (2005), PLoS Medicine 2(3): expected are incidents of the place times incidents of the days over all.
    Time grows with places squared times days times ``most_days`` times simulations: thin the places first (a lattice)
    where there are more than a few hundred.
    """
    xy, day = np.asarray(xy_m, dtype=np.float64), np.asarray(days)
    if xy.ndim != 2 or xy.shape[1] != 2 or day.shape != (len(xy),) or len(xy) < 2 or not np.isfinite(xy).all():
        raise ShapeError(
            zh=f"事件位置 {xy.shape} 与日期 {day.shape} 不符,或不足两起。",
            en=f"Places {xy.shape} and days {day.shape} do not fit, or are fewer than two incidents.",
        )
    check_share(most_share, simulations)
    day = np.floor(day).astype(np.int64)
    first, length = int(day.min()), int(day.max() - day.min() + 1)
    place_xy, place = np.unique(xy, axis=0, return_inverse=True)
    if len(place_xy) < 2 or length < 2 or most_days < 1 or most_radius_m <= 0:
        raise InputError(
            zh=f"时空扫描至少需要两个地点和两天(现有 {len(place_xy)} 个地点、{length} 天),时长与半径须大于零。",
            en=f"A space-time scan needs two places and two days at least ({len(place_xy)} places, {length} days), and a "
            "length and radius above zero.",
        )
    place = place.reshape(-1).astype(np.int64)
    at_place = np.bincount(place).astype(np.float64)
    zones = zones_of(place_xy, at_place, most_share, "circle")
    size = np.minimum(zones.size, (zones.metres <= most_radius_m).sum(axis=1))
    longest = min(most_days, length)
    offset = day - first
    seen = kernels.space_time_best(zones.order, size, zones.ends, place, offset, length, longest, prospective)
    seeds = rng.integers(1, 2**62, size=simulations)
    simulated = kernels.space_time_strongest(
        zones.order, size, zones.ends, place, offset, length, longest, prospective, seeds
    )
    clusters = _timed(zones, seen, place, offset, first, simulated, most_clusters)
    return ScanResult(
        clusters=clusters,
        simulations=simulations,
        simulated=simulated,
        parameters={
            "model": "space-time permutation",
            "most_share": most_share,
            "most_days": most_days,
            "simulations": simulations,
            "prospective": prospective,
            "incidents": len(xy),
            "places": len(place_xy),
        },
    )


def _timed(
    zones: Zones,
    found: tuple[FloatArray, IntArray, IntArray, IntArray],
    place: IntArray,
    offset: IntArray,
    first: int,
    simulated: FloatArray,
    most: int,
) -> tuple[Cluster, ...]:
    llr, width, start, stop = found
    total = len(place)
    taken = np.zeros(int(place.max()) + 1, dtype=bool)
    clusters: list[Cluster] = []
    for centre in np.argsort(-llr, kind="stable"):
        if llr[centre] <= 1e-9 or len(clusters) == most:
            break
        places = zones.order[centre, : width[centre]]
        if taken[places].any():
            continue
        taken[places] = True
        near = np.isin(place, places)
        during = (offset >= start[centre]) & (offset <= stop[centre])
        seen, wanted = float((near & during).sum()), float(near.sum()) * float(during.sum()) / total
        clusters.append(
            Cluster(
                areas=np.flatnonzero(near & during),
                observed=seen,
                expected=wanted,
                relative_risk=relative_risk(seen, wanted, float(total)),
                llr=float(llr[centre]),
                p=monte_carlo_p(llr[centre], simulated),
                radius_m=float(zones.metres[centre, width[centre] - 1]),
                days=(first + int(start[centre]), first + int(stop[centre])),
            )
        )
    return tuple(clusters)
