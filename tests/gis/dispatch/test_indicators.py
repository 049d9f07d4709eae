"""Indicators: printed figures, the seed district's shape, and random lives against a clerk."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from gis.dispatch.indicators import (
    RATES,
    Period,
    backlog,
    by_case,
    by_move,
    counts,
    rates,
    stage_times,
)
from gis.dispatch.lives import STAGE_MARKS, read_lives
from gis.errors import ColumnError, FilterError, InputError
from tests.gis.dispatch.life_maker import COLUMNS, FOLLOWS, random_lives
from tests.oracles import case_lives as clerk

FIRST = 1_750_000_000
H, D = 3600, 86_400


def moment(seconds: int) -> datetime:
    """An instant."""
    return datetime.fromtimestamp(seconds, UTC)


def life(
    case: str, *moves: tuple[int, str], due: int | None = None, unit: str = "water", score: float | None = None
) -> pd.DataFrame:
    """Moves of one case; the deadline is set when it is accepted."""
    rows = [
        (case, at, move, due if move == "accept" else None, "" if move in ("submit", "accept", "dispatch") else unit, unit,
         "street", score if move == "rate" else None)
        for at, move in moves
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def share(table: pd.DataFrame, figure: str, group: str = "all") -> tuple[int, int, float]:
    """Numerator, denominator and share of one figure."""
    row = table[(table["figure"] == figure) & (table["group"] == group)].iloc[0]
    return int(row["numerator"]), int(row["denominator"]), round(100 * float(row["share"]), 2)


def tianmen() -> pd.DataFrame:
    """Tianmen, December 2016, as the city published it: 1,054 received, 996 filed, 972 due, 911 closed, 737 of them on time."""
    start = int(datetime(2016, 12, 1, tzinfo=UTC).timestamp())
    case = np.arange(1054)
    came = start + case * 600
    due = np.where(case < 972, came + 5 * D, start + 40 * D)
    closed = np.where(case < 737, came + 3 * D, came + 8 * D)
    parts = [
        pd.DataFrame({"case": case, "at": came, "move": "submit"}),
        pd.DataFrame({"case": case[:996], "at": came[:996] + H, "move": "accept", "due_at": due[:996]}),
        pd.DataFrame({"case": case[996:], "at": came[996:] + H, "move": "reject"}),
        pd.DataFrame({"case": case[:911], "at": closed[:911], "move": "check_pass"}),
    ]
    return pd.concat(parts, ignore_index=True)


def test_the_published_figures_of_tianmen_are_reproduced() -> None:
    month = Period(datetime(2016, 12, 1, tzinfo=UTC), datetime(2017, 1, 1, tzinfo=UTC))
    table = rates(read_lives(tianmen(), month.end), month)
    assert share(table, "closed") == (911, 972, 93.72)
    assert share(table, "on_time") == (737, 972, 75.82)
    assert share(table, "filed") == (996, 1054, 94.50)


def test_the_seed_districts_shape_is_completed_of_received() -> None:
    """73,400 requests and 99.84 %: the share is that of completed of received, 73,283 cases."""
    case = np.arange(73_400)
    came = FIRST + case * 60
    moves = pd.concat(
        [pd.DataFrame({"case": case, "at": came, "move": "submit"}),
         pd.DataFrame({"case": case, "at": came + H, "move": "accept", "due_at": came + 7 * D}),
         pd.DataFrame({"case": case[:73_283], "at": came[:73_283] + D, "move": "accept_result"})], ignore_index=True)  # fmt: skip
    end = moment(FIRST + 73_400 * 60 + 30 * D)
    table = rates(read_lives(moves, end), Period(moment(FIRST), end))
    assert share(table, "completed") == (73_283, 73_400, 99.84)


@pytest.mark.parametrize("seed", range(6))
def test_counts_of_random_lives_are_what_a_clerk_counts(seed: int) -> None:
    moves = random_lives(120, np.random.default_rng(seed))
    for start, end, as_of in ((5, 20, 20), (0, 40, 15), (10, 30, 60)):
        start, end, as_of = (FIRST + days * D for days in (start, end, as_of))
        table = counts(read_lives(moves, moment(as_of)), Period(moment(start), moment(end)))
        assert table.loc["all"].to_dict() == clerk.counts(moves, start, end, as_of)


@pytest.mark.parametrize("seed", range(4))
def test_stage_times_of_random_lives_are_those_of_the_definition(seed: int) -> None:
    moves = random_lives(80, np.random.default_rng(seed))
    start, end, as_of = (FIRST + days * D for days in (3, 25, 28))
    table = stage_times(read_lives(moves, moment(as_of)), Period(moment(start), moment(end))).set_index("stage")
    for stage, marks in STAGE_MARKS.items():
        stays = [each for each in clerk.stays(moves, as_of, *map(set, marks)) if start <= each[0] < end]
        assert table.loc[stage, ["entered", "completed"]].tolist() == [len(stays), sum(each[2] for each in stays)]
        hours = [(lasted / H, done) for _, lasted, done in stays]
        assert table.loc[stage, "median_h"] == pytest.approx(clerk.kaplan_meier(hours, 0.5), nan_ok=True)
        assert table.loc[stage, "p90_h"] == pytest.approx(clerk.kaplan_meier(hours, 0.9), nan_ok=True)


@pytest.mark.parametrize("seed", range(3))
def test_the_backlog_of_random_lives_is_what_a_clerk_finds_open(seed: int) -> None:
    moves, as_of = random_lives(150, np.random.default_rng(seed)), FIRST + 25 * D
    found = backlog(read_lives(moves, moment(as_of))).iloc[0]
    lives = [each for each in clerk.lives(moves, as_of).values() if clerk.last_end(each) == "live"]
    ages = sorted((as_of - each[0]["at"]) / D for each in lives)
    assert found["open"] == len(lives) == found[["up_to_1d", "up_to_7d", "up_to_30d", "older"]].sum()
    assert found["oldest_d"] == ages[-1]
    assert found["median_age_d"] == ages[(len(ages) + 1) // 2 - 1]
    assert found["up_to_7d"] == sum(1 < age <= 7 for age in ages)
    late = [each for each in lives if clerk.due_of(each) < as_of and not clerk.paused_since(each) <= clerk.due_of(each)]
    assert found["overdue"] == len(late)


def test_the_order_of_rows_does_not_matter_and_parts_add_up() -> None:
    rng = np.random.default_rng(9)
    moves = random_lives(200, rng)
    month = Period(moment(FIRST), moment(FIRST + 30 * D))
    lives = read_lives(moves, month.end)
    table = counts(lives, month)
    pd.testing.assert_frame_equal(table, counts(read_lives(moves.sort_values("case"), month.end), month))
    area = pd.Series({case: f"A{int(case[1:]) % 3}" for case in lives.cases}, name="area")
    assert counts(lives, month, by_case(lives, area)).sum().tolist() == table.loc["all"].tolist()
    tiers = counts(lives, month, by_move(lives, "tier"))
    assert tiers.sum().tolist() == table.loc["all"].tolist()


def test_a_unit_answers_for_what_it_did_and_not_for_where_the_case_went() -> None:
    moves = life("E1", (FIRST, "submit"), (FIRST + H, "accept"), (FIRST + 2 * H, "dispatch"), due=FIRST + D)
    later = pd.DataFrame(
        [("E1", FIRST + 3 * H, "grant_return", None, "water", "", "street", None),
         ("E1", FIRST + 4 * H, "dispatch", None, "", "roads", "street", None),
         ("E1", FIRST + 9 * H, "submit_result", None, "roads", "roads", "street", None),
         ("E1", FIRST + 10 * H, "check_fail", None, "roads", "roads", "street", None)], columns=COLUMNS)  # fmt: skip
    lives = read_lives(
        pd.concat([moves, later.astype(moves.dtypes.to_dict())], ignore_index=True), moment(FIRST + 2 * D)
    )
    week = Period(moment(FIRST), moment(FIRST + 7 * D))
    table = counts(lives, week, by_move(lives, "unit"))
    assert table.loc["water", ["dispatches", "returns", "failed", "due"]].tolist() == [1, 1, 0, 0]
    assert table.loc["roads", ["dispatches", "returns", "failed", "due"]].tolist() == [1, 0, 1, 1]
    times = stage_times(lives, week, by_move(lives, "unit")).set_index(["group", "stage"])
    assert times.loc[("roads", "handle"), ["entered", "completed", "median_h"]].tolist() == [2, 1, 5]
    assert times.loc[("water", "handle"), ["entered", "completed", "open"]].tolist() == [1, 0, 1]


def test_a_reopened_case_stays_closed_but_is_no_longer_on_time() -> None:
    moves = life("E1", (FIRST, "submit"), (FIRST + H, "accept"), (FIRST + 5 * H, "accept_result"), due=FIRST + D)
    week = Period(moment(FIRST), moment(FIRST + 7 * D))
    assert counts(read_lives(moves, week.end), week).loc["all", ["due", "closed", "on_time"]].tolist() == [1, 1, 1]
    again = pd.concat([moves, life("E1", (FIRST + 2 * D, "reopen"))], ignore_index=True)
    assert counts(read_lives(again, week.end), week).loc["all", ["due", "closed", "on_time"]].tolist() == [1, 1, 0]


def test_what_is_closed_at_the_deadline_is_on_time_and_a_second_later_is_not() -> None:
    week = Period(moment(FIRST), moment(FIRST + 7 * D))
    for late, on_time in ((0, 1), (1, 0)):
        moves = life("E1", (FIRST, "submit"), (FIRST + H, "accept"), (FIRST + D + late, "check_pass"), due=FIRST + D)
        assert counts(read_lives(moves, week.end), week).loc["all", "on_time"] == on_time


def test_a_pause_before_the_deadline_takes_a_case_out_of_due_and_one_after_it_does_not() -> None:
    week = Period(moment(FIRST), moment(FIRST + 7 * D))
    for when, due, paused in ((10 * H, 0, 1), (2 * D, 1, 0)):
        moves = life("E1", (FIRST, "submit"), (FIRST + H, "accept"), (FIRST + when, "suspend"), due=FIRST + D)
        assert counts(read_lives(moves, week.end), week).loc["all", ["due", "paused"]].tolist() == [due, paused]


def test_satisfaction_is_of_those_who_rated_and_rating_is_of_those_who_could() -> None:
    base = ((FIRST, "submit"), (FIRST + H, "accept"), (FIRST + 2 * H, "check_pass"))
    parts = [life("E1", *base, (FIRST + D, "rate"), score=5), life("E2", *base, (FIRST + D, "rate"), score=3),
             life("E3", *base, (FIRST + D, "rate"), score=1), life("E4", *base)]  # fmt: skip
    week = Period(moment(FIRST), moment(FIRST + 7 * D))
    table = rates(read_lives(pd.concat(parts, ignore_index=True), week.end), week)
    assert share(table, "rated") == (3, 4, 75.0)
    assert share(table, "satisfied") == (1, 3, 33.33)
    assert share(table, "content") == (2, 3, 66.67)


def test_every_figure_has_its_denominator_period_and_day_of_the_books() -> None:
    week = Period(moment(FIRST), moment(FIRST + 7 * D))
    table = rates(read_lives(random_lives(30, np.random.default_rng(1)), week.end), week)
    assert list(table["figure"].unique()) == list(RATES)
    assert table[["numerator", "denominator", "of", "from", "to", "as_of"]].notna().all(axis=None)
    assert (table["share"].isna() == (table["denominator"] == 0)).all()
    assert (table["as_of"] == pd.Timestamp(week.end)).all()


def test_instants_may_be_timestamps() -> None:
    moves = random_lives(40, np.random.default_rng(3))
    stamped = moves.assign(
        at=pd.to_datetime(moves["at"], unit="s", utc=True), due_at=pd.to_datetime(moves["due_at"], unit="s", utc=True)
    )
    week = Period(moment(FIRST), moment(FIRST + 20 * D))
    pd.testing.assert_frame_equal(
        counts(read_lives(moves, week.end), week), counts(read_lives(stamped, week.end), week)
    )


def test_no_moves_give_zeros_and_no_shares() -> None:
    week = Period(moment(FIRST), moment(FIRST + 7 * D))
    lives = read_lives(pd.DataFrame({"case": [], "at": pd.Series([], dtype="int64"), "move": []}), week.end)
    assert (counts(lives, week) == 0).all(axis=None)
    assert rates(lives, week)["share"].isna().all()
    assert backlog(lives)["open"].tolist() == [0]
    assert stage_times(lives, week)["median_h"].isna().all()


def test_the_doors_say_what_is_wrong() -> None:
    moves = random_lives(5, np.random.default_rng(1))
    with pytest.raises(ColumnError, match="move"):
        read_lives(moves.drop(columns="move"), moment(FIRST))
    with pytest.raises(InputError, match="no zone"):
        read_lives(moves, datetime(2026, 1, 1))
    with pytest.raises(FilterError, match="does not end"):
        Period(moment(FIRST), moment(FIRST))
    lives = read_lives(moves, moment(FIRST + 90 * D))
    with pytest.raises(ColumnError, match="area"):
        by_case(lives, pd.Series({"E0": "x"}, name="area"))


def test_the_maker_of_lives_knows_every_move_that_figures_are_made_of() -> None:
    made = {move for following in FOLLOWS.values() for move in following}
    wanted = {move for marks in STAGE_MARKS.values() for group in marks for move in group}
    assert wanted <= made
