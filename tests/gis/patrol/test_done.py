"""What teams said, as visits and as planned against done."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import ColumnError
from gis.patrol.done import by_stop, planned_against_done, visits_by_place, visits_from

START = pd.Timestamp("2026-11-23T14:00Z")


def said(*rows: tuple[int, str, str, int]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["team", "stop", "kind", "minute"])
    table["at"] = START + pd.to_timedelta(table["minute"], unit="min")
    return table


def stop(name: str, place: str, begin: int, kind: str = "grid") -> dict[str, object]:
    return {
        "id": name,
        "stop": place,
        "grid": "g" + place,
        "kind": kind,
        "start_s": begin * 60,
        "leave_s": begin * 60 + 900,
    }


PLAN = {
    "teams": [
        {"name": "1队", "stops": [stop("a1", "a", 0), stop("break:1队", "", 30, "break"), stop("a2", "a", 120)]},
        {"name": "2队", "stops": [stop("b1", "b", 10)]},
    ]
}


def test_a_visit_lasts_from_the_first_arrival_to_the_last_leaving() -> None:
    table = visits_from(
        said((0, "a1", "arrived", 5), (0, "a1", "arrived", 2), (0, "a1", "left", 20), (0, "a1", "left", 17))
    )
    assert table.to_dict("records") == [{"team": 0, "stop": "a1", "state": "done", "minutes": 18.0}]


def test_half_a_visit_is_a_visit_of_unknown_length() -> None:
    table = visits_from(said((0, "a", "arrived", 5), (0, "b", "left", 9), (0, "c", "arrived", 9), (0, "c", "left", 4)))
    assert list(table["state"]) == ["there", "done", "there"]
    assert table["minutes"].isna().all()


def test_who_came_after_all_did_not_skip() -> None:
    table = visits_from(said((0, "a", "skipped", 5), (0, "a", "arrived", 30), (0, "b", "skipped", 5)))
    assert list(table["state"]) == ["there", "skipped"]


@pytest.mark.parametrize("doer", [0, 1])
def test_what_one_team_did_counts_for_more_than_that_another_passed_it_over(doer: int) -> None:
    """A stop that changes hands is spoken of by two teams; the number of a team decides nothing."""
    other = 1 - doer
    table = visits_from(
        said(
            (doer, "a", "arrived", 5), (doer, "a", "left", 20), (other, "a", "skipped", 30), (other, "b", "skipped", 31)
        )
    )
    assert by_stop(table)["state"].to_dict() == {"a": "done", "b": "skipped"}
    assert by_stop(table).loc["a", "minutes"] == 15.0
    assert by_stop(table.head(0)).empty


def test_nothing_said_is_no_visit_and_a_missing_column_is_told() -> None:
    assert visits_from(said()).empty
    with pytest.raises(ColumnError, match="kind, at"):
        visits_from(pd.DataFrame({"team": [0], "stop": ["a"]}))


ROWS = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from("abc"), st.sampled_from(["arrived", "left", "skipped"]), st.integers(0, 90)
    )
)


@given(rows=ROWS, seed=st.integers(0, 9))
def test_neither_order_nor_repeats_change_the_visits(rows: list[tuple[int, str, str, int]], seed: int) -> None:
    mixed = [*rows, *rows[: len(rows) // 2]]
    np.random.default_rng(seed).shuffle(mixed)
    pd.testing.assert_frame_equal(visits_from(said(*rows)), visits_from(said(*mixed)))


@given(rows=ROWS)
def test_a_visit_is_never_of_negative_length(rows: list[tuple[int, str, str, int]]) -> None:
    assert not (visits_from(said(*rows))["minutes"] < 0).any()


def test_planned_stands_beside_done_and_late_is_what_is_due_and_silent() -> None:
    visits = visits_from(said((0, "a1", "arrived", 1), (0, "a1", "left", 15)))
    told = planned_against_done(PLAN, visits, elapsed_s=60 * 60)
    assert {name: told[name] for name in ("planned", "due", "done", "late", "skipped", "extra")} == {
        "planned": 3, "due": 2, "done": 1, "late": 1, "skipped": 0, "extra": 0,
    }  # fmt: skip
    assert [each["state"] for team in told["teams"] for each in team["stops"]] == ["done", "waiting", "late"]
    assert (told["minutes"], told["minutes_planned"]) == (14.0, 45.0)
    json.dumps(told)


def test_a_stop_that_another_team_visited_is_done_and_a_foreign_one_is_extra() -> None:
    told = planned_against_done(PLAN, visits_from(said((1, "a1", "left", 15), (1, "z9", "left", 15))), elapsed_s=0)
    assert (told["done"], told["extra"]) == (1, 1)


def test_the_progress_names_no_moment() -> None:
    visits = visits_from(said((0, "a1", "arrived", 3), (0, "a1", "left", 15)))
    keys = {
        key
        for team in planned_against_done(PLAN, visits, elapsed_s=0)["teams"]
        for each in team["stops"]
        for key in each
    }
    assert keys == {"id", "state"}


def test_visits_are_summed_by_place_and_skips_are_no_visits() -> None:
    visits = visits_from(
        said((0, "a1", "arrived", 1), (0, "a1", "left", 11), (0, "a2", "arrived", 130), (1, "b1", "skipped", 9))
    )
    assert visits_by_place(PLAN, visits).to_dict("records") == [
        {"stop": "a", "grid": "ga", "visits": 2, "timed": 1, "minutes": 10.0, "skipped": 0},
        {"stop": "b", "grid": "gb", "visits": 0, "timed": 0, "minutes": 0.0, "skipped": 1},
    ]
