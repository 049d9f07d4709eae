"""Boosted trees learn what counts alone do not say: the season, the hour, a school nearby."""

import numpy as np
import pytest
import shapely

from gis.errors import InputError
from gis.forecast import lattice_cells, make_history
from gis.forecast.boosted import BoostedModel
from gis.forecast.counts import DecayModel

GROUND = lattice_cells(shapely.box(0, 0, 1000, 1000), 250.0)


def test_it_knows_where_the_evening_is_busy() -> None:
    """West by night, east by day: a share of hours for the whole district cannot tell them apart."""
    rng = np.random.default_rng(1)
    day = rng.integers(0, 300, 3000) + np.where(np.arange(3000) % 2, 10.0, 21.0) / 24
    x = np.where(np.arange(3000) % 2, 900.0, 100.0) + rng.uniform(-90, 90, 3000)
    history = make_history(np.column_stack([x, rng.uniform(0, 1000, 3000)]), day)
    night = np.array([300.0 + 20 / 24])
    found = BoostedModel(trees=20, learn_rounds=26).in_rounds(history, GROUND, night, night, 0.25)[0]
    west = GROUND.xy[:, 0] < 500
    assert found[west].sum() > 4 * found[~west].sum()
    assert found.sum() == pytest.approx(5.0, rel=0.3)


def test_the_same_seed_gives_the_same_forecast_and_little_history_the_decayed_count() -> None:
    rng = np.random.default_rng(1)
    history = make_history(rng.uniform(0, 1000, (600, 2)), rng.uniform(0, 300, 600))
    cutoff, early = np.array([300.0]), np.array([60.0])
    model = BoostedModel(trees=5, learn_rounds=10, places=np.array([[100.0, 100.0]]))
    assert (model.panel(history, GROUND, cutoff) == model.panel(history, GROUND, cutoff)).all()
    assert model.panel(history, GROUND, early) == pytest.approx(DecayModel().panel(history, GROUND, early))
    shift = DecayModel().in_rounds(history, GROUND, early, early + 0.5, 0.25)
    assert model.in_rounds(history, GROUND, early, early + 0.5, 0.25) == pytest.approx(shift)
    assert "places" not in model.settings


def test_settings_out_of_range_are_refused() -> None:
    for name in ("trees", "leaves", "rate", "learn_rounds", "zeros"):
        with pytest.raises(InputError, match=name):
            BoostedModel(**{name: 0})
