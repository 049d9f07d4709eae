"""What those who see aggregates alone are told: no small count, none that follows from the others, and no age of a single case."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from webmap.cases.withheld import BoardPart, withhold

K = 5


def part(code: str, received: int, filed: int, *, open_now: int = 0, completed: int = 0) -> BoardPart:
    """A group with two counts and the rate of them."""
    backlog: dict[str, Any] = dict.fromkeys(("overdue", "paused", "up_to_7d", "up_to_30d", "older"), 0)
    backlog |= {"open": open_now, "up_to_1d": open_now, "median_age_d": 0.5, "p90_age_d": 0.9, "oldest_d": 1.0}
    rate = {"figure": "filed", "zh": "立案率", "en": "filed", "top": "filed", "of": "received", "numerator": filed}
    rate |= {"denominator": received, "share": filed / received if received else None}
    stage = {"stage": "handle", "entered": completed, "completed": completed, "open": 0, "median_h": 2.0, "p90_h": 9.0}
    return BoardPart(code, code, code, {"received": received, "filed": filed}, [rate], [stage], backlog)


def test_a_count_of_four_is_withheld_and_another_group_with_it() -> None:
    whole, groups = withhold(part("", 104, 100), [part("a", 60, 60), part("b", 40, 40), part("c", 4, 0)], k=K)
    assert whole.counts["received"] == 104
    told = [group.counts["received"] for group in groups]
    assert told == [60, None, None], "one alone would follow from the whole"


def test_a_numerator_near_its_denominator_tells_of_the_rest_and_is_withheld() -> None:
    whole, groups = withhold(part("", 157, 155), [part("a", 97, 95), part("b", 60, 60)], k=K)
    assert groups[0].rates[0]["numerator"] is None
    assert groups[0].rates[0]["share"] is None
    assert groups[0].counts["filed"] is None
    assert whole.counts["filed"] is None, "the same holds of 155 of 157"
    assert groups[1].counts["filed"] == 60


def test_where_no_other_group_can_hide_it_the_whole_is_withheld() -> None:
    whole, groups = withhold(part("", 107, 95), [part("a", 97, 95), part("b", 10, 0)], k=K)
    assert (whole.counts["filed"], groups[0].counts["filed"]) == (None, None)


def test_zero_and_large_counts_are_told_as_they_are() -> None:
    whole, groups = withhold(part("", 90, 30), [part("a", 60, 20), part("b", 30, 10), part("c", 0, 0)], k=K)
    assert [group.counts["received"] for group in groups] == [60, 30, 0]
    assert whole.rates[0]["share"] == 30 / 90
    assert groups[2].rates[0]["share"] is None


def test_times_of_few_cases_and_the_age_of_the_oldest_are_withheld() -> None:
    whole, groups = withhold(
        part("", 80, 40, open_now=20, completed=40),
        [part("a", 50, 20, open_now=3, completed=3), part("b", 30, 20, open_now=17, completed=37)],
        k=K,
    )
    assert groups[0].stages[0]["median_h"] is None
    assert groups[0].backlog["open"] is None
    assert groups[0].backlog["median_age_d"] is None
    assert groups[1].stages[0]["median_h"] == 2.0
    assert groups[1].backlog["median_age_d"] == 0.5
    assert {whole.backlog["oldest_d"], groups[1].backlog["oldest_d"]} == {None}, "the oldest case is one case"


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=8))
def test_no_small_count_is_told_and_none_follows_from_the_whole(pairs: list[tuple[int, int]]) -> None:
    groups = [part(str(at), max(pair), min(pair)) for at, pair in enumerate(pairs)]
    whole = part("", sum(max(pair) for pair in pairs), sum(min(pair) for pair in pairs))
    told_whole, told = withhold(whole, groups, k=K)
    for name in ("received", "filed"):
        values = [group.counts[name] for group in told]
        assert not any(value is not None and 0 < value < K for value in values)
        hidden = [at for at, value in enumerate(values) if value is None]
        if told_whole.counts[name] is not None:
            # A single withheld group would be the whole less the others.
            assert len(hidden) != 1
    for group in told:
        received, filed = group.counts["received"], group.counts["filed"]
        if received is not None and filed is not None:
            assert received == filed or received - filed >= K
