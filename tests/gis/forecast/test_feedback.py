"""The learner that takes its patrols' findings at their word drifts; ours stays at the truth; weights take exposure out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError, ShapeError
from gis.forecast.feedback import (
    LEARNERS,
    FloatArray,
    Learner,
    Town,
    exposure_statement,
    exposure_weights,
    learned_shares,
    reweighted,
)

RUNS, ROUNDS = 200, 1000
TRUE = np.array([0.55, 0.45])
TWO_YEARS = Town(history_rounds=104)
"""500 reports and some 500 findings a week, after two years of weekly reports. The learned share of the busier place then has a standard
error of sqrt(0.55 * 0.45 / 52,000) = 0.0022 before the first patrol goes out: chance alone leaves 0.01 once in 200,000 runs."""
OURS: tuple[Learner, ...] = ("reports", "reweighted", "rejection")


def run(town: Town, learner: Learner, *, seed: int = 1, runs: int = RUNS) -> FloatArray:
    return learned_shares(town, learner, rounds=ROUNDS, runs=runs, rng=np.random.default_rng(seed))


@pytest.mark.parametrize("learner", OURS)
def test_ours_stays_within_a_hundredth_of_the_truth_in_every_round_of_every_run(learner: Learner) -> None:
    away = np.abs(run(TWO_YEARS, learner) - TRUE).max(axis=(0, 2))
    assert away.shape == (RUNS,)
    assert away.max() < 0.01


def test_the_naive_learner_drifts_away_in_every_run_and_goes_on_drifting() -> None:
    shares = run(TWO_YEARS, "naive")[:, :, 0]
    assert (shares[-1] > 0.57).all()
    # The same way all the time: by round 100, by 300, by 1,000.
    steps = shares[[0, 100, 300, 999]].mean(axis=1)
    assert (np.diff(steps) > 0.004).all()


@pytest.mark.parametrize("learner", OURS)
def test_without_two_years_behind_it_ours_is_unbiased_and_there_in_a_hundred_rounds(learner: Learner) -> None:
    shares = run(Town(), learner)[:, :, 0]
    assert np.abs(shares[100:] - 0.55).max() < 0.01
    last = shares[-1]
    # Four standard errors of the mean of the runs: nothing systematic is left over.
    assert abs(last.mean() - 0.55) < 4 * last.std() / np.sqrt(RUNS)


@pytest.mark.parametrize("shares", [(0.4, 0.3, 0.2, 0.1), (0.9, 0.1), (0.2,) * 5, (0.28, 0.24, 0.2, 0.16, 0.12)])
def test_towns_of_any_number_of_places_are_learned_and_the_busiest_is_overstated_by_the_naive(
    shares: tuple[float, ...],
) -> None:
    town, true = Town(shares=shares, history_rounds=104), np.array(shares)
    for learner in OURS:
        assert np.abs(run(town, learner, runs=20)[-1] - true).max() < 0.01
    naive = run(town, "naive", runs=20)[-1].mean(axis=0)
    if len(set(shares)) > 1:
        assert naive[0] - shares[0] > 0.01
        assert naive[-1] < shares[-1]


def test_two_equal_places_are_told_apart_by_the_naive_learner_alone() -> None:
    """Where nobody reports, chance of the first rounds decides which of two equal places is called the worse (Ensign et al. 2018)."""
    town = Town(shares=(0.5, 0.5), reports=0, findings=20, patrols=10, history_rounds=0)
    naive, ours = run(town, "naive")[-1, :, 0], run(town, "reweighted")[-1, :, 0]
    assert naive.std() > 0.1
    assert abs(naive.mean() - 0.5) < 4 * naive.std() / np.sqrt(RUNS)
    assert ours.std() < 0.01


def test_the_urn_of_the_paper_leaves_all_patrols_at_one_place() -> None:
    """One patrol a day, no reports, findings taken at their word: the share of the place that got ahead goes on growing."""
    town = Town(shares=(0.7, 0.3), reports=0, findings=5, patrols=1, history_rounds=0)
    shares = run(town, "naive")
    assert np.median(shares[-1].max(axis=1)) > 0.95
    assert np.median(shares[-1].max(axis=1)) > np.median(shares[99].max(axis=1))


def test_the_same_state_of_the_generator_gives_the_same_run() -> None:
    assert (run(Town(), "naive", seed=7, runs=2) == run(Town(), "naive", seed=7, runs=2)).all()


@pytest.mark.parametrize("learner", LEARNERS)
def test_shares_sum_to_one_and_never_reach_nought(learner: Learner) -> None:
    shares = learned_shares(
        Town(patrols=1, reports=1, findings=1), learner, rounds=50, runs=10, rng=np.random.default_rng(3)
    )
    assert shares.shape == (50, 10, 2)
    assert np.allclose(shares.sum(axis=2), 1)
    assert (shares > 0).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"shares": (1.0,)},
        {"shares": (0.6, 0.6)},
        {"shares": (1.0, 0.0)},
        {"patrols": 0},
        {"reports": -1.0},
        {"findings": float("nan")},
        {"history_rounds": -1},
    ],
)
def test_a_town_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match="town makes no sense"):
        Town(**wrong)  # type: ignore[arg-type]


def test_a_learner_that_is_none_and_a_run_of_no_rounds_are_refused() -> None:
    for told in ({"learner": "wise"}, {"learner": "naive", "rounds": 0}, {"learner": "naive", "runs": 0}):
        with pytest.raises(InputError, match="A learner is one of"):
            learned_shares(Town(), rng=np.random.default_rng(1), **told)  # type: ignore[arg-type]


def test_twice_the_patrol_halves_what_a_finding_counts_for() -> None:
    told = reweighted([20, 10, 0], [120, 60, 60])
    # Mean of 80 minutes: two thirds, four thirds, four thirds.
    assert told.findings == pytest.approx([40 / 3, 40 / 3, 0])
    assert exposure_weights([120, 60, 60]).weights == pytest.approx([2 / 3, 4 / 3, 4 / 3])


def test_an_unvisited_place_is_unknown_and_its_findings_are_set_aside_and_told() -> None:
    told = reweighted([3, 2, 1], [60, 29.9, 0])
    assert told.unvisited.tolist() == [False, True, True]
    assert told.findings[0] == 3
    assert np.isnan(told.findings[1:]).all()
    assert told.set_aside == 3


def test_weights_of_what_was_not_visited_are_nought_and_never_missing() -> None:
    assert exposure_weights([60, 0]).weights.tolist() == [1.0, 0.0]


def test_nobody_anywhere_is_refused_with_the_minutes_that_were_wanted() -> None:
    with pytest.raises(InputError, match="30 minutes"):
        exposure_weights([0, 12.0])


@pytest.mark.parametrize("minutes", [[-1, 60], [float("nan"), 60], [float("inf"), 60]])
def test_minutes_that_are_none_are_refused(minutes: list[float]) -> None:
    with pytest.raises(InputError, match="minutes holds"):
        exposure_weights(minutes)


def test_arrays_that_do_not_fit_and_a_least_time_of_nought_are_refused() -> None:
    for found, minutes in (([1, 2], [60]), ([[1]], [60]), ([], [])):
        with pytest.raises(ShapeError):
            reweighted(found, minutes)
    with pytest.raises(InputError, match="least_minutes"):
        exposure_weights([60], least_minutes=0)


minutes_of_places = st.lists(st.floats(30, 1e6), min_size=1, max_size=20)


@given(minutes_of_places, st.floats(0.5, 1000))
def test_the_unit_of_time_does_not_matter(minutes: list[float], factor: float) -> None:
    one = exposure_weights(minutes).weights
    other = exposure_weights(np.array(minutes) * factor, least_minutes=30 * factor * 0.999).weights
    assert one == pytest.approx(other)


@given(minutes_of_places)
def test_findings_in_proportion_to_minutes_come_out_equal_and_keep_their_sum(minutes: list[float]) -> None:
    told = reweighted(np.array(minutes) / 7, minutes).findings
    assert told == pytest.approx(np.full(len(minutes), told[0]))
    assert told.sum() == pytest.approx(np.sum(minutes) / 7)


@given(minutes_of_places, st.randoms(use_true_random=False))
def test_the_order_of_places_does_not_matter(minutes: list[float], random: object) -> None:
    order = np.arange(len(minutes))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert exposure_weights(np.array(minutes)[order]).weights == pytest.approx(exposure_weights(minutes).weights[order])


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_treatment_is_told_with_the_number_of_findings(learner: Learner, lang: str) -> None:
    told = exposure_statement(learner, lang, findings=1234)  # type: ignore[arg-type]
    assert "1,234" in told
    assert told.endswith("。" if lang == "zh" else ".")


def test_the_naive_treatment_warns_and_ours_names_the_places_where_nobody_was() -> None:
    assert exposure_statement("naive", "en").startswith("Warning")
    assert exposure_statement("naive", "zh").startswith("注意")
    assert "3 places were not visited" in exposure_statement("reweighted", "en", unvisited=3)
    assert "3 处没有巡逻到" in exposure_statement("rejection", "zh", unvisited=3)
    assert "not visited" not in exposure_statement("reports", "en", unvisited=3)
    with pytest.raises(InputError, match="no treatment"):
        exposure_statement("wise", "en")  # type: ignore[arg-type]
