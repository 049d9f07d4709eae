"""The scan statistics as they are defined: every centre, every radius, every run of days, one by one."""

import numpy as np


def ratio(seen: float, wanted: float, total: float) -> float:
    """Kulldorff's log likelihood ratio, 0 where nothing is in excess."""
    if seen <= wanted:
        return 0.0
    outside = (total - seen) * np.log((total - seen) / (total - wanted)) if total > seen else 0.0
    return seen * np.log(seen / wanted) + outside


def best_circle(xy: np.ndarray, cases: np.ndarray, population: np.ndarray, most: float) -> tuple[float, set[int]]:
    """The strongest circle of areas with at most a share of the population."""
    expected, found = cases.sum() * population / population.sum(), (0.0, set[int]())
    for centre in xy:
        away = np.hypot(*(xy - centre).T)
        for radius in away:
            inside = away <= radius + 1e-9
            if population[inside].sum() > most * population.sum() + 1e-9:
                continue
            value = ratio(cases[inside].sum(), expected[inside].sum(), cases.sum())
            if value > found[0] + 1e-12:
                found = (value, set(np.flatnonzero(inside).tolist()))
    return found


def best_cylinder(xy: np.ndarray, days: np.ndarray, most: float, most_days: int) -> float:
    """The strongest circle and run of days by the permutation model."""
    found = 0.0
    for centre in xy:
        away = np.hypot(*(xy - centre).T)
        for radius in away:
            near = away <= radius + 1e-9
            if near.sum() > most * len(xy) + 1e-9:
                continue
            for first in range(days.min(), days.max() + 1):
                for last in range(first, min(first + most_days - 1, days.max()) + 1):
                    during = (days >= first) & (days <= last)
                    found = max(found, ratio((near & during).sum(), near.sum() * during.sum() / len(xy), len(xy)))
    return found
