"""Intervals: the same stream gives the same, a copy differs by nothing, and better is said only above zero."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from gis.errors import InputError, ShapeError
from gis.forecast import Hits, compare, lattice_cells, score
from gis.forecast.compare import block_sums, pai_interval

ROW = lattice_cells(shapely.box(0, 0, 1000, 10), 10.0)


def hits(seed: int, rounds: int = 52, sharp: float = 1.0) -> Hits:
    """Scores of a forecast that knows the truth to some degree, over the same incidents whatever the sharpness."""
    rate = np.random.default_rng(1).gamma(0.3, 1.0, len(ROW))
    counts = np.random.default_rng(2).poisson(rate, (rounds, len(ROW))).astype(float)
    noise = np.random.default_rng(seed).gamma(0.3, 1.0, (rounds, len(ROW)))
    return score(sharp * rate + (1 - sharp) * noise, counts, counts, ROW, [0.05, 0.1])


def test_draws_hold_as_many_rounds_and_whole_blocks() -> None:
    values = np.column_stack([np.ones(30), np.arange(30.0)])
    found = block_sums(values, block=7, draws=500, rng=np.random.default_rng(1))
    assert (found[:, 0] == 30).all()
    assert found[:, 1].mean() == pytest.approx(435, rel=0.02)


def test_blocks_are_rounds_in_a_row() -> None:
    """One block of all rounds is the sample itself, wherever it starts."""
    values = np.arange(10.0)[:, None] ** 2
    assert block_sums(values, block=10, draws=50, rng=np.random.default_rng(1)) == pytest.approx(
        np.full((50, 1), 285.0)
    )


def test_the_same_stream_gives_the_same_interval() -> None:
    one, two = (pai_interval(hits(3), block=13, rng=np.random.default_rng(8)) for _ in range(2))
    assert one == two
    assert one[0].low < hits(3).pai()[0] < one[0].high


def test_a_copy_differs_by_nothing_and_is_not_better() -> None:
    for each in compare(hits(3), hits(3), against=("同", "same"), block=13, rng=np.random.default_rng(1)):
        assert (each.difference, each.interval.low, each.interval.high) == (0, 0, 0)  # type: ignore[union-attr]
        assert not each.better
        assert not each.worse


def test_the_sharper_forecast_is_better_and_the_other_worse() -> None:
    sharp, dull = hits(3, sharp=0.9), hits(3, sharp=0.2)
    rng = np.random.default_rng
    assert all(each.better for each in compare(sharp, dull, against=("钝", "dull"), block=13, rng=rng(1)))
    assert all(each.worse for each in compare(dull, sharp, against=("锐", "sharp"), block=13, rng=rng(1)))


def test_more_comparisons_widen_the_interval() -> None:
    a, b = hits(3, sharp=0.8), hits(4, sharp=0.75)
    one, ten = (
        compare(a, b, against=("乙", "b"), block=13, rng=np.random.default_rng(1), comparisons=k)[0].interval
        for k in (1, 10)
    )
    assert one is not None
    assert ten is not None
    assert ten.low < one.low
    assert ten.high > one.high
    assert ten.level == pytest.approx(0.995)


def test_fewer_than_two_blocks_give_no_interval_and_no_verdict() -> None:
    few = hits(3, rounds=25, sharp=0.9)
    assert pai_interval(few, block=13, rng=np.random.default_rng(1)) == []
    found = compare(few, hits(3, rounds=25, sharp=0.1), against=("乙", "b"), block=13, rng=np.random.default_rng(1))
    assert [(each.interval, each.better) for each in found] == [(None, False)] * 2


def test_scores_over_other_rounds_and_odd_levels_are_refused() -> None:
    with pytest.raises(ShapeError, match="same rounds"):
        compare(hits(3), hits(3, rounds=40), against=("乙", "b"), block=13, rng=np.random.default_rng(1))
    with pytest.raises(ShapeError, match="same rounds"):
        compare(hits(3), replace(hits(3), n=hits(3).n + 1), against=("乙", "b"), block=13, rng=np.random.default_rng(1))
    for odd in ({"level": 1.0}, {"comparisons": 0}):
        with pytest.raises(InputError, match="level"):
            compare(hits(3), hits(3), against=("乙", "b"), block=13, rng=np.random.default_rng(1), **odd)  # type: ignore[arg-type]
