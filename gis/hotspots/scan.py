"""Kulldorff's Poisson scan: the cluster of areas that their population explains least, with Monte-Carlo p.

Areas are points in metres; no map is drawn here. Incidents in space and time: ``gis.hotspots.space_time_scan``.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from gis.errors import InputError, ShapeError
from gis.hotspots import _scan_kernels as kernels
from gis.hotspots._zones import Cluster, ScanResult, Zones, check_share, monte_carlo_p, relative_risk, zones_of

__all__ = ["Cluster", "ScanResult", "poisson_scan"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def poisson_scan(
    xy_m: npt.ArrayLike,
    cases: npt.ArrayLike,
    population: npt.ArrayLike,
    *,
    most_share: float = 0.5,
    simulations: int = 999,
    rng: np.random.Generator,
    shape: Literal["circle", "ellipse"] = "circle",
    alpha: float = 0.05,
    most_clusters: int = 10,
) -> ScanResult:
    """Areas that together have more cases than their population explains.

    Parameters
    ----------
    xy_m
        Shape (n, 2), one point for each area, metres. Areas at the same point go together.
    cases
        Shape (n,), not below zero; fractions are allowed, as for cases of uncertain place.
    population
        Shape (n,), not below zero: people, households, or any number the cases should be proportional to.
    most_share
        A cluster holds at most this share of the population, above 0 and at most 0.5.
    simulations
        Deals of the total of cases (to the next whole number) over the areas by population; 0 for none, then p is 1.
    rng
        Deals the cases.
    shape
        ``circle``, or ``ellipse`` for longer shapes as well.
    alpha
        Kept with the parameters: clusters are given whether significant or not.
    most_clusters
        At most so many; each secondary cluster shares no area with a stronger one.

    Raises
    ------
    ShapeError
        Arrays that do not fit, or fewer than two areas.
    InputError
        No cases or no population, a value below zero or not finite, a share out of range.

    Notes
    -----
    Kulldorff (1997), Communications in Statistics 26(6); ellipses without a penalty (Kulldorff et al. 2006, Statistics in
    Medicine 25). Only excess is looked for. The statistic of every centre and size is computed, so that time grows with areas
    squared times simulations, over both cores.
    """
    xy, count, people = _areas(xy_m, cases, population)
    check_share(most_share, simulations)
    expected = count.sum() * people / people.sum()
    zones = zones_of(xy, people, most_share, shape)
    total = float(count.sum())
    found = kernels.best_everywhere(zones.order, zones.size, zones.ends, count, expected, total)
    drawn = rng.multinomial(round(total), people / people.sum(), size=simulations).astype(np.float64)
    simulated = kernels.strongest(
        zones.order, zones.size, zones.ends, drawn, expected * round(total) / total, float(round(total))
    )
    clusters = _apart(zones, found, count, expected, simulated, most_clusters)
    return ScanResult(
        clusters=clusters,
        simulations=simulations,
        simulated=simulated,
        parameters={
            "model": "Poisson",
            "shape": shape,
            "most_share": most_share,
            "simulations": simulations,
            "alpha": alpha,
            "areas": len(xy),
        },
    )


def _apart(
    zones: Zones,
    found: tuple[FloatArray, IntArray],
    cases: FloatArray,
    expected: FloatArray,
    simulated: FloatArray,
    most: int,
) -> tuple[Cluster, ...]:
    """The best zone of each centre, strongest first, those left out that share an area with a stronger one."""
    llr, length = found
    taken = np.zeros(len(cases), dtype=bool)
    clusters: list[Cluster] = []
    for centre in np.argsort(-llr, kind="stable"):
        if llr[centre] <= 1e-9 or len(clusters) == most:
            break
        areas = zones.order[centre, : length[centre]].astype(np.int64)
        if taken[areas].any():
            continue
        taken[areas] = True
        seen, wanted = float(cases[areas].sum()), float(expected[areas].sum())
        clusters.append(
            Cluster(
                areas=areas,
                observed=seen,
                expected=wanted,
                relative_risk=relative_risk(seen, wanted, float(cases.sum())),
                llr=float(llr[centre]),
                p=monte_carlo_p(llr[centre], simulated),
                radius_m=float(zones.metres[centre, length[centre] - 1]),
                shape=float(zones.shape[centre]),
                angle_deg=float(zones.angle_deg[centre]),
            )
        )
    return tuple(clusters)


def _areas(
    xy_m: npt.ArrayLike, cases: npt.ArrayLike, population: npt.ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    # Copies: a column of a table may be read-only, and the loops would be compiled anew for it.
    xy = np.array(xy_m, dtype=np.float64)
    count, people = np.array(cases, dtype=np.float64), np.array(population, dtype=np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2 or len(xy) < 2 or not len(xy) == len(count) == len(people):
        raise ShapeError(
            zh=f"位置 {xy.shape}、案件 {count.shape}、人口 {people.shape} 不符,或不足两个单元。",
            en=f"Points {xy.shape}, cases {count.shape} and population {people.shape} do not fit, or are fewer than two.",
        )
    sound = all(np.isfinite(part).all() for part in (xy, count, people)) and (count >= 0).all() and (people >= 0).all()
    if not sound or count.sum() <= 0 or people.sum() <= 0:
        raise InputError(
            zh="案件数与人口应为有限且不小于零的数,合计应大于零。",
            en="Cases and population must be finite, not below zero, and above zero in total.",
        )
    if (count[people == 0] > 0).any():
        raise InputError(
            zh="有案件的单元人口为零,期望无法计算;请补人口或排除该单元。",
            en="An area with cases has no population: nothing can be expected there; add its population or leave it out.",
        )
    return xy, count, people
