"""Duplicates are proposed by place, time and kind, with the parts of the score, in one order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gis.dispatch import Known, nearby

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
REPORT = Known("new", 0.0, 0.0, NOW, "wangge", "06010")


def test_the_score_is_the_weighted_sum_of_its_parts() -> None:
    known = [replace(REPORT, id="a", x=30.0, y=40.0, at=NOW - timedelta(hours=42), category="06011")]
    (found,) = nearby(REPORT, known, radius_m=200, days=7)
    assert found.distance_m == 50.0
    assert found.hours == 42.0
    assert found.parts == {"place": 0.75, "time": 0.75, "category": 0.5}
    assert found.score == 0.5 * 0.75 + 0.2 * 0.75 + 0.3 * 0.5


def test_other_classes_other_lists_too_far_and_too_old_are_never_proposed() -> None:
    others = [
        replace(REPORT, id="class", category="01002"),
        replace(REPORT, id="list", scheme="text"),
        replace(REPORT, id="far", x=200.1),
        replace(REPORT, id="old", at=NOW - timedelta(days=7, seconds=1)),
        replace(REPORT, id="nowhere", x=np.nan),
        REPORT,
    ]
    assert nearby(REPORT, others) == []
    edge = [replace(REPORT, id="edge", x=200.0, at=NOW + timedelta(days=7))]
    assert [each.score for each in nearby(REPORT, edge)] == [0.3]


def test_a_category_that_is_only_text_has_no_class() -> None:
    text = replace(REPORT, scheme="text", category="井盖")
    known = [replace(text, id="same"), replace(text, id="other", category="井盖坏")]
    assert [each.id for each in nearby(text, known)] == ["same"]


@given(st.lists(st.tuples(st.integers(-150, 150), st.integers(0, 100)), max_size=12, unique=True), st.randoms())
def test_neither_the_order_of_the_cases_nor_a_shift_of_origin_matters(places: list[tuple[int, int]], random) -> None:  # type: ignore[no-untyped-def]
    known = [
        replace(REPORT, id=f"k{i:02d}", x=float(x), at=NOW + timedelta(hours=h)) for i, (x, h) in enumerate(places)
    ]
    found = nearby(REPORT, known)
    shuffled = [*known]
    random.shuffle(shuffled)
    moved = [replace(each, x=each.x + 1024.0, y=512.0) for each in shuffled]
    assert nearby(replace(REPORT, x=1024.0, y=512.0), moved) == found
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
