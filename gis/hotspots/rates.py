"""Counts per grid set against its area and its households, and rates smoothed where few stand behind them.

It states every denominator it divides by.
"""

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.crs import to_metric
from gis.errors import InputError, ShapeError
from gis.grid.neighbours import Neighbours
from gis.hotspots.explain import Explanation
from gis.hotspots.weights import Weights, as_weights
from gis.schemas import require_columns

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class EmpiricalBayes:
    """Smoothed rates.

    Parameters
    ----------
    raw
        Shape (n,), count over population; NaN where there is no population.
    smoothed
        Shape (n,), between ``raw`` and ``mean``.
    weight
        Shape (n,), how much of the raw rate is kept, 0 to 1.
    mean
        Shape (n,), the rate it is shrunk towards.
    """

    raw: FloatArray
    smoothed: FloatArray
    weight: FloatArray
    mean: FloatArray
    parameters: dict[str, Any] = field(default_factory=dict)

    def explain(self) -> Explanation:
        """What smoothed rates mean and what they do not."""
        return Explanation(
            method=("经验贝叶斯平滑率", "empirical Bayes rates"),
            means=(
                f"人口少的单元的率向均值收缩,平均保留原率的 {self.weight.mean():.0%}。",
                f"Rates of areas with few people are drawn towards the mean; on average {self.weight.mean():.0%} of the raw rate is kept.",
            ),
            means_not=(
                "平滑率不是观测值,不能用来核对台账;人口数若有误,率也有误。",
                "A smoothed rate is not an observation and cannot be checked against the records; wrong populations give wrong rates.",
            ),
            source="Marshall 1991, Applied Statistics 40(2)",
            parameters=self.parameters,
        )


def grid_rates(areas: gpd.GeoDataFrame, counts: npt.ArrayLike, days: float) -> pd.DataFrame:
    """Counts, density and household rate of each area.

    Parameters
    ----------
    areas
        The ``areas`` table, EPSG:4326; areas are measured in the local metric CRS.
    counts
        Shape (n,), incidents of the period, in row order.
    days
        Length of the period; kept beside the figures, since they are totals of the period and not per day.

    Returns
    -------
    rates
        ``code``, ``count``, ``area_km2``, ``per_km2``, ``households``, ``per_1000_households`` (NaN where households are
        unknown or none), ``days``; row order of ``areas``.

    Raises
    ------
    ShapeError
        Not one count for each area, or a period without length.
    """
    require_columns(areas, ["code", "households"], layer="areas")
    counted = np.asarray(counts, dtype=np.int64)
    if counted.shape != (len(areas),) or days <= 0:
        raise ShapeError(
            zh=f"{len(areas)} 个区域配了 {counted.shape} 个计数,时段 {days:g} 天。",
            en=f"{len(areas)} areas with counts of shape {counted.shape} over {days:g} days.",
        )
    km2 = to_metric(areas).area.to_numpy() / 1e6 if len(areas) else np.zeros(0)
    households = areas["households"].to_numpy(dtype=np.float64, na_value=np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_km2 = np.where(km2 > 0, counted / km2, np.nan)
        per_1000 = np.where(households > 0, counted * 1000.0 / households, np.nan)
    return pd.DataFrame(
        {
            "code": areas["code"].to_numpy(),
            "count": counted,
            "area_km2": km2,
            "per_km2": per_km2,
            "households": areas["households"].to_numpy(),
            "per_1000_households": per_1000,
            "days": float(days),
        }
    )


def empirical_bayes(
    counts: npt.ArrayLike, population: npt.ArrayLike, near: Neighbours | Weights | None = None
) -> EmpiricalBayes:
    """Rates shrunk towards the mean rate, the more the fewer people stand behind them.

    Parameters
    ----------
    counts
        Shape (n,), incidents, not below zero.
    population
        Shape (n,), households, people or any exposure, not below zero.
    near
        With neighbours, each area is shrunk towards the mean of itself and its neighbours; without, towards the mean of
        all. An island is left as it is.

    Returns
    -------
    found
        Rates for one unit of exposure. An area without exposure has no rate of its own and takes the mean it would be
        shrunk to: never NaN. Where nobody around has exposure, the mean of all is taken.

    Raises
    ------
    ShapeError
        Arrays of different lengths, a value below zero or not finite.
    InputError
        No exposure at all.

    Notes
    -----
    Marshall (1991), Applied Statistics 40(2), by moments; equal to esda's ``Empirical_Bayes`` and
    ``Spatial_Empirical_Bayes`` where all areas have exposure.
    """
    count, people = np.asarray(counts, dtype=np.float64), np.asarray(population, dtype=np.float64)
    fits = count.ndim == 1 and count.shape == people.shape and (near is None or len(near) == len(count))
    if not fits or not np.isfinite([count, people]).all() or (count < 0).any() or (people < 0).any():
        raise ShapeError(
            zh=f"事件数 {count.shape} 与人口 {people.shape} 应一一对应、有限且不小于零。",
            en=f"Counts {count.shape} and population {people.shape} must fit, be finite and not below zero.",
        )
    if people.sum() <= 0:
        raise InputError(zh="人口合计为零,无法计算率。", en="The population is zero in total: there are no rates.")
    known = people > 0
    raw = np.zeros(len(count))
    raw[known] = count[known] / people[known]
    overall = float(count.sum() / people.sum())
    if near is None:
        spread = float((people * (raw - overall) ** 2).sum() / people.sum())
        excess = np.full(len(count), max(0.0, spread - overall / (people.sum() / known.sum())))
        mean = np.full(len(count), overall)
    else:
        mean, excess = _local_moments(count, people, raw, known, as_weights(near), overall)
    share = np.zeros(len(count))
    some = known & (excess > 0)
    share[some] = excess[some] / (excess[some] + mean[some] / people[some])
    if near is not None:
        share[(as_weights(near).degree == 0) & known] = 1.0
    return EmpiricalBayes(
        raw=np.where(known, raw, np.nan),
        smoothed=mean + share * (raw - mean),
        weight=share,
        mean=mean,
        parameters={"towards": "all areas" if near is None else as_weights(near).rule[1], "areas": len(count)},
    )


def standardised_rates(counts: npt.ArrayLike, population: npt.ArrayLike) -> FloatArray:
    """Rates less their mean, over the spread that so few people would bring: what Moran's I of rates should be taken of.

    Parameters
    ----------
    counts, population
        Shape (n,), as in ``empirical_bayes``; every area has a population.

    Raises
    ------
    ShapeError
        Arrays of different lengths, a value below zero or not finite, or an area without population.

    Notes
    -----
    Assuncao and Reis (1999), Statistics in Medicine 18(16); equal to ``esda.smoothing.assuncao_rate``. Where the variance
    by moments is not above zero, that of counting alone is taken. Constant rates give zeros.
    """
    count, people = np.asarray(counts, dtype=np.float64), np.asarray(population, dtype=np.float64)
    fits = count.ndim == 1 and count.shape == people.shape and len(count) > 0
    if not fits or not np.isfinite([count, people]).all() or (count < 0).any() or (people <= 0).any():
        raise ShapeError(
            zh=f"事件数 {count.shape} 与人口 {people.shape} 应一一对应,人口应大于零。",
            en=f"Counts {count.shape} and population {people.shape} must fit, and every population be above zero.",
        )
    mean = float(count.sum() / people.sum())
    rate = count / people
    spread = float((people * (rate - mean) ** 2).sum() / people.sum())
    variance = spread - mean / float(people.mean()) + mean / people
    variance = np.where(variance > 0, variance, mean / people)
    found = np.zeros(len(count))
    sound = variance > 0
    found[sound] = (rate - mean)[sound] / np.sqrt(variance[sound])
    return found


def _local_moments(
    count: FloatArray, people: FloatArray, raw: FloatArray, known: BoolArray, near: Weights, overall: float
) -> tuple[FloatArray, FloatArray]:
    """Mean rate around each area, itself included, and the variance beyond that of counting."""
    link = near.matrix()
    link = (link > 0).astype(np.float64)
    exposed, cases = people + link @ people, count + link @ count
    around = known + link @ known.astype(np.float64)
    mean = np.full(len(count), overall)
    sound = exposed > 0
    mean[sound] = cases[sound] / exposed[sound]
    # Sum of people * (rate - mean)^2 over the area and its neighbours, opened so that it needs sums only.
    first, second = people * raw, people * raw**2
    spread = np.zeros(len(count))
    total = second + link @ second - 2 * mean * (first + link @ first) + mean**2 * exposed
    spread[sound] = total[sound] / exposed[sound]
    excess = np.zeros(len(count))
    excess[sound] = np.maximum(0.0, spread[sound] - mean[sound] * around[sound] / exposed[sound])
    return mean, excess
