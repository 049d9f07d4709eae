"""A bandwidth chosen by how well the density foretells incidents held back, beside the one by rule."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gis.errors import InputError
from gis.hotspots._lattice import kernel_inside, least_bandwidth, make_lattice, mass_of, read_places, smoothed
from gis.hotspots.density import LEAST_MASS, bandwidth_rule, check_surface
from gis.hotspots.explain import Explanation
from gis.join.assign import CellIndex

FloatArray = npt.NDArray[np.float64]

_TRIED = 16
_FLOOR = 0.01
"""One in a hundred incidents may happen anywhere in the district: a single far-off one must not decide the bandwidth."""


@dataclass(frozen=True, eq=False)
class BandwidthChoice:
    """The bandwidth with the highest likelihood of incidents held back.

    Parameters
    ----------
    bandwidth_m
        The choice.
    tried, score
        Shape (k,), bandwidths tried, metres, and mean log density of a held-back incident for each, per km2 of the share
        of one incident.
    rule_m
        What the rule of thumb gives.
    at_end
        The best is the first or last tried: the true best may lie beyond, as where points are snapped to few places.
    """

    bandwidth_m: float
    tried: FloatArray
    score: FloatArray
    rule_m: float
    at_end: bool
    parameters: dict[str, Any] = field(default_factory=dict)

    def explain(self) -> Explanation:
        """What the choice means and what it does not."""
        return Explanation(
            method=("交叉验证似然选带宽", "bandwidth by likelihood cross-validation"),
            means=(
                f"带宽 {self.bandwidth_m:.0f} 米最能预示留出的事件;经验规则给出 {self.rule_m:.0f} 米。",
                f"A bandwidth of {self.bandwidth_m:.0f} m foretells held-back incidents best; the rule of thumb gives {self.rule_m:.0f} m.",
            ),
            means_not=(
                "点位被归并到少数地点时,带宽会偏小;预示最好不等于最便于看图。",
                "Points moved to few places make it too small, and what foretells best need not be the best to look at.",
            ),
            source="Habbema, Hermans and van den Broek 1974; Duin 1976; k-fold after Stone 1974",
            parameters=self.parameters,
        )


def likelihood_bandwidth(
    xy_m: npt.ArrayLike,
    *,
    window: shapely.Geometry,
    rng: np.random.Generator,
    folds: int = 5,
    tried: npt.ArrayLike | None = None,
) -> BandwidthChoice:
    """Choose a Gaussian bandwidth by cross-validated likelihood.

    Parameters
    ----------
    xy_m
        Shape (n, 2), metres; points outside the window are left out.
    window
        Polygon in the same CRS; densities are corrected at its edge.
    rng
        Deals the incidents into folds.
    folds
        Each part is foretold by the others; 2 at least.
    tried
        Bandwidths to try, ascending; sixteen from a sixteenth to twice the rule by default, no less than the window
        allows.

    Raises
    ------
    GeometryError
        The window is empty.
    InputError
        Fewer incidents than two to a fold, all at one place, fewer than two folds, or bandwidths that do not ascend.
    ShapeError
        A bandwidth too small for the window.

    Notes
    -----
    Folds instead of leaving one out: with the incident's own kernel never in the sum, the lattice serves all densities at
    once. A hundredth of the density is spread evenly over the window. Time: bandwidths times folds times that of a surface.
    """
    xy = np.asarray(xy_m, dtype=np.float64).reshape(-1, 2)
    check_surface(window, 1.0, 1.0)
    held = xy[CellIndex.build([window], [""]).assign(xy[:, 0], xy[:, 1]) == 0]
    if folds < 2 or len(held) < 2 * folds:
        raise InputError(
            zh=f"区域内有 {len(held)} 起事件、{folds} 份;至少两份,每份至少两起。",
            en=f"{len(held)} incidents in {folds} folds: two folds at least, two incidents to each.",
        )
    rule = bandwidth_rule(held)
    if rule <= 0 and tried is None:
        raise InputError(
            zh="所有事件都在同一地点,无法选定带宽。", en="All incidents lie at one place: no bandwidth can be chosen."
        )
    widths = _widths(rule, least_bandwidth(window), tried)
    fold = rng.permutation(len(held)) % folds
    score = np.array([_score(held, fold, folds, window, width) for width in widths])
    best = int(np.argmax(score))
    return BandwidthChoice(
        bandwidth_m=float(widths[best]),
        tried=widths,
        score=score,
        rule_m=rule,
        at_end=best in (0, len(widths) - 1),
        parameters={"folds": folds, "incidents": len(held), "tried": len(widths)},
    )


def _widths(rule: float, least: float, tried: npt.ArrayLike | None) -> FloatArray:
    if tried is None:
        return np.asarray(np.geomspace(max(rule / 16.0, least), max(2.0 * rule, 2.0 * least), _TRIED))
    widths = np.asarray(tried, dtype=np.float64)
    if widths.ndim != 1 or not len(widths) or not (widths > 0).all() or (np.diff(widths) <= 0).any():
        raise InputError(zh="待试带宽应为递增的正数。", en="Bandwidths to try must ascend from above zero.")
    return widths


def _score(held: FloatArray, fold: npt.NDArray[np.int64], folds: int, window: shapely.Geometry, width: float) -> float:
    """Mean log density of incidents foretold by the other folds."""
    lattice = make_lattice(window, width, width)
    inside = np.maximum(read_places(lattice, kernel_inside(lattice, window), held), LEAST_MASS)
    foretold = np.empty(len(held))
    for part in range(folds):
        out = fold == part
        mass = smoothed(lattice, mass_of(lattice, held[~out], np.ones(int((~out).sum()))))
        foretold[out] = np.maximum(read_places(lattice, mass, held[out]), 0.0) / (~out).sum()
    density = foretold / inside / (lattice.step / 1000.0) ** 2
    even = 1.0 / (window.area / 1e6)
    return float(np.log((1.0 - _FLOOR) * density + _FLOOR * even).mean())
