"""Comparison spots are chosen by counts before alone, each once, and never among the patrolled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError
from gis.patrol.comparison import comparison_spots

BEFORE = {"a": 20, "b": 10, "c": 19, "d": 11, "e": 11, "f": 0}


def test_each_patrolled_spot_gets_the_one_as_busy_before_and_the_lower_code_of_equals() -> None:
    assert comparison_spots(BEFORE, ["a", "b"], ["c", "d", "e", "f"]) == ["c", "d"]


def test_the_busiest_chooses_first_and_nobody_is_chosen_twice() -> None:
    assert comparison_spots({"a": 10, "b": 9, "c": 9, "d": 0}, ["a", "b"], ["c", "d"]) == ["c", "d"]


def test_the_rest_is_everybody_else() -> None:
    assert comparison_spots(BEFORE, ["a"], ["f", "c"], rule="rest") == ["c", "f"]


def test_a_patrolled_spot_compares_with_nobody() -> None:
    with pytest.raises(InputError, match="no patrolled spot compares: a"):
        comparison_spots(BEFORE, ["a"], ["a", "b"])


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 50), min_size=2), st.data())
def test_the_choice_is_among_the_candidates_and_does_not_hang_on_their_order(
    before: dict[str, int], data: st.DataObject
) -> None:
    spots = data.draw(st.permutations(sorted(before)))
    cut = data.draw(st.integers(1, len(spots) - 1))
    treated, free = spots[:cut], spots[cut:]
    chosen = comparison_spots(before, treated, free)
    assert set(chosen) <= set(free)
    assert len(chosen) == min(len(treated), len(free))
    assert chosen == comparison_spots(before, treated[::-1], free[::-1])
