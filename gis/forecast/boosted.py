"""Gradient-boosted Poisson trees over recent and old counts, season, weekday, hour, and places nearby.

It learns from past rounds like the one that is forecast: a night shift from night shifts. scikit-learn is loaded when it is
first used, since that takes a second. No covariate describes a person or who lives somewhere.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from gis.forecast.counts import DecayModel, decayed_rate, positive
from gis.forecast.ground import Cells
from gis.forecast.history import History
from gis.forecast.model import Model
from gis.forecast.smoothing import neighbour_weights

FloatArray = npt.NDArray[np.float64]

_OWN = ((30.0, 0.0), (180.0, 0.0), (730.0, 0.0), (730.0, 100.0), (1460.0, 250.0))
_YEAR = 365.25
_LEAST_ROUNDS = 8
_LEAST_QUIET = 20
_NEAR_PLACES_M = 250.0


@dataclass(frozen=True)
class BoostedModel(Model):
    """Trees on decayed counts, season, weekday, hour, position and places.

    Parameters
    ----------
    trees, leaves, rate
        Of the boosting.
    learn_rounds
        Rounds before the first cutoff that it learns from, spread over two years.
    zeros
        Quiet cells taken for each one with incidents, weighted so that they stand for all of them.
    seed
        Draws the quiet cells.
    places
        Shape (m, 2), metres: schools, markets, stations; none by default.

    Raises
    ------
    InputError
        A setting that is not above zero.

    Notes
    -----
    Without eight rounds to learn from, or without an incident in them, it falls back on the decayed count.
    """

    key: ClassVar[str] = "boosted"
    name_zh: ClassVar[str] = "梯度提升泊松树"
    name_en: ClassVar[str] = "gradient-boosted Poisson trees"
    source: ClassVar[str] = "Friedman 2001, Annals of Statistics 29(5); scikit-learn HistGradientBoostingRegressor"

    trees: int = 80
    leaves: int = 15
    rate: float = 0.08
    learn_rounds: int = 52
    zeros: int = 6
    seed: int = 0
    places: FloatArray | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("trees", "leaves", "rate", "learn_rounds", "zeros"):
            positive(name, getattr(self, name))

    def panel(self, history: History, cells: Cells, cutoffs: FloatArray) -> FloatArray:
        """Incidents per day expected in each cell over the week after each cutoff; shape (cutoffs, cells)."""
        return self.in_rounds(history, cells, cutoffs, cutoffs, 7.0) / 7.0

    def in_rounds(
        self, history: History, cells: Cells, cutoffs: FloatArray, starts: FloatArray, days: float
    ) -> FloatArray:
        """Incidents expected in each cell in rounds of one length; shape (cutoffs, cells).

        It learns once, from rounds of that length and of the hours of ``starts``, all over before the first cutoff.
        """
        past = history.before(float(cutoffs[0]))
        lead = float(starts[0] - cutoffs[0])
        learnt = self._learn(past, cells, float(starts[0]), float(cutoffs[0]), lead, days)
        if learnt is None:
            return DecayModel().in_rounds(history, cells, cutoffs, starts, days)
        found = np.empty((len(cutoffs), len(cells)))
        still = _still(cells, self.places)
        for first in range(0, len(cutoffs), 32):
            some = slice(first, first + 32)
            lags = _lags(history, cells, cutoffs[some])
            rows = [
                np.hstack([lags[k], still, _clock(float(start), len(cells))]) for k, start in enumerate(starts[some])
            ]
            found[some] = learnt.predict(np.vstack(rows)).reshape(len(rows), len(cells))
        return np.maximum(found, 0.0)

    def _learn(self, past: History, cells: Cells, start: float, cutoff: float, lead: float, days: float) -> Any:
        """The trees, or None where there is too little to learn from."""
        from sklearn.ensemble import HistGradientBoostingRegressor

        begun = self._past_rounds(past, start, cutoff, lead, days)
        if len(begun) < _LEAST_ROUNDS:
            return None
        rows, counts, weights = self._examples(past, cells, begun, lead, days)
        if counts.sum() == 0:
            return None
        trees = HistGradientBoostingRegressor(
            loss="poisson",
            max_iter=self.trees,
            max_leaf_nodes=self.leaves,
            learning_rate=self.rate,
            min_samples_leaf=40,
            early_stopping=False,
            random_state=self.seed,
        )
        return trees.fit(rows, counts, sample_weight=weights)

    def _past_rounds(self, past: History, start: float, cutoff: float, lead: float, days: float) -> FloatArray:
        """Starts of rounds that end by the cutoff, at the same hour of the day, spread over two years."""
        step = 7.0 if days > 1.0 else 1.0
        first = float(past.day[past.mine][0]) + 56.0 + lead
        rounds = min(int((cutoff - days - first) // step), int(730.0 / step))
        if rounds < _LEAST_ROUNDS:
            return np.empty(0)
        back = np.unique(np.linspace(1, rounds, min(self.learn_rounds, rounds)).astype(np.int64))[::-1]
        return np.asarray(start - step * np.ceil((lead + days) / step) - step * (back - 1.0))

    def _examples(
        self, past: History, cells: Cells, starts: FloatArray, lead: float, days: float
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Features, counts and weights: every cell with incidents in a round, and some quiet ones that stand for the rest."""
        rng = np.random.default_rng(self.seed)
        still, lags = _still(cells, self.places), _lags(past, cells, starts - lead)
        cell = cells.assign(past.sites)[past.site]
        mine = past.mine & (cell >= 0)
        day, cell = past.day[mine], cell[mine]
        rows, counts, weights = [], [], []
        for k, begun in enumerate(starts):
            held = slice(*np.searchsorted(day, [begun, begun + days]))
            count = np.bincount(cell[held], minlength=len(cells))
            busy, quiet = np.flatnonzero(count), np.flatnonzero(count == 0)
            drawn = rng.choice(quiet, min(len(quiet), max(_LEAST_QUIET, self.zeros * len(busy))), replace=False)
            chosen = np.concatenate([busy, drawn])
            rows.append(np.hstack([lags[k][chosen], still[chosen], _clock(float(begun), len(chosen))]))
            counts.append(count[chosen].astype(np.float64))
            weights.append(np.r_[np.ones(len(busy)), np.full(len(drawn), len(quiet) / max(len(drawn), 1))])
        return np.vstack(rows), np.concatenate(counts), np.concatenate(weights)


def _lags(history: History, cells: Cells, cutoffs: FloatArray) -> FloatArray:
    """Decayed counts of the category and of all together, logarithms; shape (cutoffs, cells, features)."""
    own = [decayed_rate(history, cells, cutoffs, efold, bandwidth) for efold, bandwidth in _OWN]
    every = decayed_rate(history.of(""), cells, cutoffs, 365.0, 0.0)
    return np.log(np.stack([*own, every], axis=2) + 1e-5)


def _still(cells: Cells, places: FloatArray | None) -> FloatArray:
    """Position, area and places nearby of each cell; shape (cells, 4)."""
    near = np.zeros(len(cells))
    if places is not None and len(places):
        held = cells.assign(np.asarray(places, dtype=np.float64))
        near = neighbour_weights(cells, _NEAR_PLACES_M).T @ np.bincount(held[held >= 0], minlength=len(cells)).astype(
            float
        )
    return np.column_stack([cells.xy, cells.area_km2, near])


def _clock(start: float, n: int) -> FloatArray:
    """Season, weekday and hour of a round's start; shape (n, 4)."""
    season = 2.0 * np.pi * start / _YEAR
    return np.tile([np.sin(season), np.cos(season), np.floor(start) % 7, start % 1.0 * 24.0], (n, 1))
