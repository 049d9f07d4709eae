"""Counts come in the caller's order, and every point is counted once or not at all."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from gis.join import count_by

CODES = st.lists(st.sampled_from(["", "a", "b", "c", "d"]), max_size=30)


def test_counts_follow_the_order_asked_for() -> None:
    codes = pd.Series(["a", "b", "a", "", "z"])
    assert count_by(codes, ["b", "c", "a"]).tolist() == [1, 0, 2]


def test_no_points_count_nothing() -> None:
    counts = count_by(np.array([], dtype=object), ["a", "b"])
    assert counts.tolist() == [0, 0]
    assert counts.dtype == np.int64


def test_no_areas_give_no_counts() -> None:
    assert count_by(["a"], []).shape == (0,)


@given(CODES, CODES)
def test_parts_add_up(first: list[str], second: list[str]) -> None:
    order = ["d", "b", "a"]
    np.testing.assert_array_equal(count_by(first + second, order), count_by(first, order) + count_by(second, order))


@given(CODES)
def test_each_point_is_counted_once(codes: list[str]) -> None:
    assert count_by(codes, ["a", "b", "c", "d"]).sum() == sum(code != "" for code in codes)
