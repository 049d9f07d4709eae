"""What the scan statistics share: the circles and ellipses they look through, a cluster, a result, and its p."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.errors import InputError
from gis.hotspots.explain import Explanation

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

ELLIPSES: tuple[tuple[float, int], ...] = ((1.0, 1), (1.5, 4), (2.0, 6), (3.0, 9))
"""Shapes tried by the elliptic scan, as long over short axis and number of angles, as in SaTScan's short list."""


_MOST_ENTRIES = 50_000_000
"""Centres times shapes times areas that fit into memory: 7,071 areas with circles, 1,581 with ellipses."""


@dataclass(frozen=True, eq=False)
class Cluster:
    """A cluster of areas.

    Parameters
    ----------
    areas
        Positions of the areas in it, from the centre outwards.
    observed, expected
        Cases in it, and those expected if the risk were the same everywhere.
    relative_risk
        Risk inside over risk outside; infinite when there is no case outside.
    llr
        Log likelihood ratio.
    p
        Share of simulations with a cluster at least as strong, the observed one counted; secondary clusters are set
        against the strongest of each simulation too, which makes their p too large rather than too small.
    radius_m
        From the centre to the farthest area in it (of an ellipse: its long half axis).
    shape, angle_deg
        Long over short axis, and the angle of the long axis against east; 1 and 0 for circles.
    days
        First and last day, both included; None without time.
    """

    areas: IntArray
    observed: float
    expected: float
    relative_risk: float
    llr: float
    p: float
    radius_m: float
    shape: float = 1.0
    angle_deg: float = 0.0
    days: tuple[int, int] | None = None


@dataclass(frozen=True, eq=False)
class ScanResult:
    """Clusters, the strongest first, none overlapping another.

    Parameters
    ----------
    clusters
        Empty where nothing is above expectation.
    simulations
        How many stand behind p.
    simulated
        Shape (simulations,), the largest log likelihood ratio of each.
    parameters
        What was chosen.
    """

    clusters: tuple[Cluster, ...]
    simulations: int
    simulated: FloatArray
    parameters: dict[str, Any] = field(default_factory=dict)

    def explain(self) -> Explanation:
        """What the strongest cluster means and what it does not."""
        if self.clusters:
            best = self.clusters[0]
            zh = f"最强的聚集含 {len(best.areas)} 个单元,观测 {best.observed:.2f} 起,期望 {best.expected:.2f} 起,p={best.p:.3g}。"
            en = (
                f"The strongest cluster has {len(best.areas)} areas with {best.observed:.2f} cases observed and "
                f"{best.expected:.2f} expected, p {best.p:.3g}."
            )
        else:
            zh, en = "没有单元高于期望。", "No area is above expectation."
        timed = self.parameters.get("model") == "space-time permutation"
        return Explanation(
            method=(
                "时空置换扫描统计量" if timed else "Kulldorff 泊松扫描统计量",
                "space-time permutation scan" if timed else "Kulldorff's Poisson scan",
            ),
            means=(zh, en),
            means_not=(
                "聚集的边界是试过的圆或椭圆中最不像偶然的一个,不是真实边界;其中每个单元不一定都高。",
                "Its outline is the least likely of the circles or ellipses tried, not a true border, and not every area in it need be high.",
            ),
            source=(
                "Kulldorff et al. 2005, PLoS Medicine 2(3)"
                if timed
                else "Kulldorff 1997, Communications in Statistics 26(6)"
            ),
            parameters=self.parameters,
        )


@dataclass(frozen=True, eq=False)
class Zones:
    """For each centre (and ellipse) the areas by distance; ``size`` of them are within the largest share.

    ``ends`` marks where a zone may end: not between areas equally far from the centre.
    """

    order: npt.NDArray[np.int32]
    size: IntArray
    ends: npt.NDArray[np.bool_]
    metres: FloatArray
    shape: FloatArray
    angle_deg: FloatArray


def zones_of(xy: FloatArray, people: FloatArray, most_share: float, shape: str) -> Zones:
    if shape not in ("circle", "ellipse"):
        raise InputError(
            zh=f"没有名为“{shape}”的扫描窗口;可选 circle、ellipse。",
            en=f"There is no scanning window '{shape}'; take circle or ellipse.",
        )
    turns = sum(angles for _, angles in ELLIPSES) if shape == "ellipse" else 1
    if turns * len(xy) ** 2 > _MOST_ENTRIES:
        raise InputError(
            zh=f"{len(xy)} 个单元的扫描窗口过多;请先合并单元(圆形最多 {int(_MOST_ENTRIES**0.5)} 个)。",
            en=f"{len(xy)} areas make too many windows; merge areas first ({int(_MOST_ENTRIES**0.5)} at most with circles).",
        )
    parts = []
    for long, angles in ELLIPSES if shape == "ellipse" else ELLIPSES[:1]:
        for number in range(angles):
            turn = np.pi * number / angles
            along = xy @ np.array([np.cos(turn), np.sin(turn)])
            across = xy @ np.array([-np.sin(turn), np.cos(turn)]) * long
            parts.append((np.column_stack([along, across]), long, np.degrees(turn)))
    order, size, ends, metres = [], [], [], []
    limit = most_share * people.sum() * (1 + 1e-12)
    for placed, _, _ in parts:
        away = np.hypot(*(placed[:, None] - placed[None]).transpose(2, 0, 1))
        ranked = np.argsort(away, axis=1, kind="stable")
        sorted_away = np.take_along_axis(away, ranked, axis=1)
        last = np.ones(ranked.shape, dtype=bool)
        last[:, :-1] = sorted_away[:, 1:] > sorted_away[:, :-1] + 1e-9 * np.maximum(sorted_away[:, 1:], 1e-300)
        order.append(ranked)
        metres.append(sorted_away)
        ends.append(last)
        size.append((np.cumsum(people[ranked], axis=1) <= limit).sum(axis=1))
    n = len(xy)
    return Zones(
        order=np.concatenate(order).astype(np.int32),
        size=np.concatenate(size).astype(np.int64),
        ends=np.concatenate(ends),
        metres=np.concatenate(metres),
        shape=np.repeat([part[1] for part in parts], n),
        angle_deg=np.repeat([part[2] for part in parts], n),
    )


def relative_risk(seen: float, wanted: float, total: float) -> float:
    outside = total - seen
    return (seen / wanted) / (outside / (total - wanted)) if outside > 0 and wanted > 0 else float("inf")


def monte_carlo_p(llr: float, simulated: FloatArray) -> float:
    return float((1 + (simulated >= llr * (1 - 1e-12)).sum()) / (1 + len(simulated)))


def check_share(most_share: float, simulations: int) -> None:
    if not 0 < most_share <= 0.5 or simulations < 0:
        raise InputError(
            zh=f"聚集的最大人口比例 {most_share:g} 应大于 0 且不超过 0.5,模拟次数 {simulations} 不能为负。",
            en=f"The largest share {most_share:g} must be above 0 and at most 0.5, and simulations ({simulations}) not below 0.",
        )
