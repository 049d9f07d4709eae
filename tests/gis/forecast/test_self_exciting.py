"""Background and trigger told apart: a process with children finds them, one without finds next to none."""

import numpy as np
import pytest
import shapely

from gis.errors import InputError
from gis.forecast import Cells, _kernels, lattice_cells, make_history
from gis.forecast.counts import DecayModel
from gis.forecast.self_exciting import SelfExcitingModel
from tests.oracles.forecast import triggered

PLACES, DAYS = 400, 800.0


def process(brings: float, decay: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Parents evenly in time, places of unlike rates, children after an exponential time at the place of their parent."""
    rate = rng.gamma(0.5, 2.0, PLACES)
    place = rng.choice(PLACES, 6000, p=rate / rate.sum())
    day = rng.uniform(0, DAYS, 6000)
    places, days = [place], [day]
    while len(place):
        children = rng.poisson(brings, len(place))
        place, day = np.repeat(place, children), np.repeat(day, children)
        day = day + rng.exponential(decay, len(day))
        place, day = place[day < DAYS], day[day < DAYS]
        places.append(place)
        days.append(day)
    return np.concatenate(places), np.concatenate(days)


@pytest.fixture(scope="module")
def ground() -> Cells:
    return lattice_cells(shapely.box(0, 0, 2000, 2000), 100.0)


@pytest.mark.parametrize("brings", [0.0, 0.4])
def test_the_trigger_that_made_the_incidents_is_found(brings: float, ground: Cells) -> None:
    rng = np.random.default_rng(9)
    place, day = process(brings, 6.0, rng)
    history = make_history(ground.xy[place] + rng.uniform(-40, 40, (len(place), 2)), day)
    level, found, decay = SelfExcitingModel(background_days=5000, bandwidth_m=0).fit(history, ground, DAYS).learnt
    assert found == pytest.approx(brings, abs=0.08)
    if brings:
        assert decay == pytest.approx(6.0, rel=0.35)
        assert level == pytest.approx(1 - brings, abs=0.1)


def test_sums_over_earlier_incidents_equal_the_slow_ones() -> None:
    rng = np.random.default_rng(2)
    day, place = np.sort(rng.integers(0, 30, 60) + 0.0), rng.integers(0, 5, 60)
    found = _kernels.trigger_sums(day, place, 5, 4.0)
    for mine, slow in zip(found, triggered(day.tolist(), place.tolist(), 4.0), strict=True):
        assert mine == pytest.approx(slow, abs=1e-12)


def test_few_incidents_leave_the_background_alone(ground: Cells) -> None:
    history = make_history(np.arange(40.0).reshape(-1, 2) * 40, np.arange(20.0) * 10)
    cutoff = np.array([300.0])
    assert SelfExcitingModel().panel(history, ground, cutoff) == pytest.approx(
        DecayModel().panel(history, ground, cutoff)
    )


def test_settings_out_of_range_are_refused() -> None:
    for settings in ({"background_days": 0.0}, {"bandwidth_m": -1.0}, {"learn_weeks": 0}):
        with pytest.raises(InputError):
            SelfExcitingModel(**settings)  # type: ignore[arg-type]
