"""One function moves a case: every state, move, role, area, rank and unit against the page, then the rules one by one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from gis.dispatch import TIERS, Actor, Ask, Case, Counts, Detail, Post, allowed, moves, states, transition
from gis.errors import CaseError, DetailError, InputError, PowerError, StateError, VersionError
from tests.oracles import case_table

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
SOON = NOW + timedelta(days=3)
GRID, COMMUNITY, STREET, DISTRICT = "150304009008001", "150304009008", "150304009000", "150304000000"
AREAS = (GRID, COMMUNITY, STREET, DISTRICT)
ELSEWHERE = "150304010000"
ROLES = (
    *("reporter", "grid_worker", "desk", "department_unit", "checker", "supervisor", "system", "operator"),
    *("analyst", "system_admin"),
)
HANDS = (("", False, False), ("", False, True), ("water", True, False), ("water", False, False), ("water", False, True))
"""Unit of the case, whether the account belongs to it, and whether the account handled the case."""
EVERYTHING = Detail("because", unit="other", until=SOON, into="e2", score=5)


def case(state: str = "reported", **more: object) -> Case:
    return replace(Case("e1", state, 3, areas=AREAS), **more)  # type: ignore[arg-type]


def actor(role: str, area: str = "", tier: str = "city", *, account: str = "li", units: tuple[str, ...] = ()) -> Actor:
    return Actor(account, (Post(role, area, tier),), frozenset(units))


DESK = actor("desk", STREET, "street", account="desk1")
UNIT = actor("department_unit", DISTRICT, "district", account="unit1", units=("water",))
ABOVE = actor("supervisor", "", "city", account="boss")


def outcome(here: Case, name: str, who: Actor) -> tuple[str, Case | None]:
    """The code of the refusal, which has a text in both languages, or the case after the move."""
    try:
        after, record = transition(here, name, who, NOW, version=3, detail=EVERYTHING)
    except CaseError as refusal:
        return refusal.code if refusal.zh and refusal.en else "mute", None
    told = (record.move, record.version, record.source, record.target, record.tier_to, record.unit_to)
    return "" if told == (name, 4, here.state, after.state, after.tier, after.unit) else "wrong record", after


def test_every_state_move_role_area_rank_and_unit_is_answered_as_the_page_says() -> None:
    """All combinations: what is refused is refused with the code of the page, what is allowed leads where it says."""
    page = {(row.source, row.move): row for row in case_table.rows()}
    names = sorted({move.name for move in moves()})
    tried = made = 0
    for state, tier, (unit, own, handled) in product(states(), TIERS, HANDS):
        here = case(
            state, tier=tier, unit=unit, handlers=("li",) if handled else (), handled_by=(unit,) if unit else ()
        )
        for role, area, rank in product(ROLES, (STREET, ELSEWHERE), TIERS):
            who = actor(role, area, rank, units=("water",) if own else ())
            may = {move.name for move in allowed(here, who)}
            for name in names:
                row = page.get((state, name))
                wanted = case_table.code(
                    row, role, inside=area == STREET, rank=rank, tier=tier, unit=unit, own=own, handled=handled
                )
                if role == "operator" and row and row.other == "than handled" and own and unit:
                    wanted = wanted or "same_person"
                assert (name in may) == (wanted == ""), (state, tier, unit, handled, role, area, rank, own, name)
                tried += 1
                if wanted and tried % 5:
                    # What is refused is refused by the same checks; every fifth is tried to the end.
                    continue
                made += not wanted
                code, after = outcome(here, name, who)
                assert code == wanted, (state, tier, unit, role, area, rank, own, name)
                assert after is None or (after.state, after.version) == ((row.target if row else "") or state, 4)
    assert tried == 18 * 4 * 5 * 10 * 2 * 4 * 36
    assert made > 10_000


def test_a_whole_life_from_draft_to_archive() -> None:
    here = case("draft", version=1, reporter="worker")
    life = [
        ("submit", actor("grid_worker", GRID, "community", account="worker"), Detail()),
        ("accept", DESK, Detail()),
        ("dispatch", DESK, Detail(unit="water")),
        ("acknowledge", UNIT, Detail()),
        ("start", UNIT, Detail()),
        ("submit_result", UNIT, Detail("cover replaced")),
        ("ask_check", DESK, Detail()),
        ("check_pass", actor("checker", DISTRICT, "district", account="other"), Detail()),
        ("rate", actor("reporter", account=""), Detail(score=5)),
        ("archive", actor("system", account=""), Detail()),
    ]
    for version, (move, who, detail) in enumerate(life, start=1):
        here, record = transition(here, move, who, NOW, version=version, detail=detail)
        assert record.version == version + 1
    assert (here.state, here.score, here.unit) == ("archived", 5, "water")
    assert here.handlers == ("unit1",)
    assert here.handled_by == ("water",)


def test_an_old_version_is_refused_before_anything_else() -> None:
    with pytest.raises(VersionError, match="now version 3, you saw 2") as refusal:
        transition(case(), "accept", DESK, NOW, version=2)
    assert refusal.value.code == "version"


def test_a_move_that_does_not_exist_and_one_that_does_not_start_here() -> None:
    with pytest.raises(StateError, match="no move 'fly'") as refusal:
        transition(case(), "fly", DESK, NOW)
    assert refusal.value.code == "unknown_move"
    with pytest.raises(StateError, match="is reported; the move 'sign for'"):
        transition(case(), "acknowledge", DESK, NOW)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(InputError, match="time zone"):
        transition(case(), "accept", DESK, datetime(2026, 11, 23))


def test_a_desk_below_the_tier_of_the_case_is_refused_by_rank() -> None:
    with pytest.raises(PowerError, match="for the street and above"):
        transition(case(tier="street"), "accept", actor("desk", COMMUNITY, "community"), NOW)
    assert transition(case(tier="street"), "accept", DESK, NOW)[0].state == "accepted"


def test_whoever_handled_never_checks_not_even_as_operator_or_colleague() -> None:
    handled = case("handled", unit="water", handlers=("unit1",), handled_by=("water",))
    for who in (
        actor("desk", "", account="unit1"),
        actor("operator", account="unit1"),
        actor("checker", "", account="new", units=("water",)),
    ):
        for state, move in (("handled", "accept_result"), ("checking", "check_pass"), ("checking", "check_fail")):
            if who.posts[0].role == "checker" and state == "handled":
                continue
            if who.posts[0].role == "desk" or state == "checking" or who.posts[0].role == "operator":
                with pytest.raises(PowerError, match="whoever handled it does not check it") as refusal:
                    transition(replace(handled, state=state), move, who, NOW, detail=Detail("bad"))
                assert refusal.value.code == "same_person"


def test_who_handled_before_a_rework_does_not_check_after_it() -> None:
    here = case("checking", unit="water", handlers=("unit1",), handled_by=("water",))
    here, _ = transition(here, "check_fail", actor("checker", account="c"), NOW, detail=Detail("still there"))
    assert (here.state, here.unit, here.counts.reworks) == ("dispatched", "water", 1)
    assert here.handlers == ("unit1",)


def test_a_request_is_answered_by_somebody_else_of_rank() -> None:
    here = case("acknowledged", unit="water")
    asked, _ = transition(here, "ask_delay", UNIT, NOW, detail=Detail("parts are late", until=SOON))
    assert asked.ask == Ask("delay", "unit1", "parts are late", NOW, SOON)
    assert asked.state == "acknowledged"
    with pytest.raises(StateError, match="another request"):
        transition(asked, "ask_suspend", UNIT, NOW, detail=Detail("x", until=SOON))
    both = Actor("unit1", (Post("supervisor"),), frozenset({"water"}))
    with pytest.raises(PowerError, match="whoever asked"):
        transition(asked, "extend", both, NOW, detail=Detail("yes", until=SOON))
    granted, record = transition(asked, "extend", DESK, NOW, detail=Detail("yes", until=SOON))
    assert (granted.ask, granted.counts.delays, record.until) == (None, 1, SOON)
    refused, _ = transition(asked, "refuse", DESK, NOW, detail=Detail("no"))
    assert (refused.ask, refused.counts.delays) == (None, 0)
    with pytest.raises(StateError, match="no open request"):
        transition(refused, "refuse", DESK, NOW, detail=Detail("no"))


def test_a_request_survives_the_start_of_work_and_no_other_change_of_state() -> None:
    asked = case("acknowledged", unit="water", ask=Ask("delay", "unit1", "late", NOW, SOON))
    started, _ = transition(asked, "start", UNIT, NOW)
    assert started.ask == asked.ask
    assert transition(started, "submit_result", UNIT, NOW, detail=Detail("done"))[0].ask is None


@pytest.mark.parametrize(
    ("delays", "lowest"), [(0, "community"), (1, "street"), (2, "district"), (3, "city"), (9, "city")]
)
def test_each_further_delay_is_granted_a_rank_higher(delays: int, lowest: str) -> None:
    here = case("in_progress", unit="water", counts=Counts(delays=delays))
    for tier in TIERS:
        may = "extend" in {move.name for move in allowed(here, actor("desk", "", tier))}
        assert may == (TIERS.index(tier) >= TIERS.index(lowest))


def test_a_suspension_is_granted_one_rank_above_and_ends_at_its_date() -> None:
    here = case("in_progress", unit="water", tier="street")
    with pytest.raises(PowerError, match="for the district and above"):
        transition(here, "suspend", DESK, NOW, detail=Detail("winter", until=SOON))
    away, record = transition(here, "suspend", ABOVE, NOW, detail=Detail("winter", until=SOON))
    assert (away.until, away.counts.suspensions) == (SOON, 1)
    assert record.clock == (("~", "handle"), ("~", "case"))
    clock = actor("system", account="")
    with pytest.raises(DetailError, match="has not come"):
        transition(away, "resume", clock, NOW)
    assert transition(away, "resume", clock, SOON)[0].until is None


@pytest.mark.parametrize(
    ("state", "move", "detail", "said"),
    [
        ("reported", "reject", Detail("  "), "needs a reason"),
        ("reported", "reject", Detail("x" * 501), "at most 500"),
        ("reported", "merge", Detail(), "needs the case"),
        ("reported", "merge", Detail(into="e1"), "into itself"),
        ("accepted", "dispatch", Detail(), "needs a unit"),
        ("in_progress", "transfer", Detail("x", unit="water"), "with that unit already"),
        ("in_progress", "suspend", Detail("x"), "needs an end date"),
        ("in_progress", "suspend", Detail("x", until=NOW), "after now"),
        ("in_progress", "suspend", Detail("x", until=NOW + timedelta(days=367)), "within 366 days"),
        ("in_progress", "suspend", Detail("x", until=datetime(2026, 12, 1)), "time zone"),
        ("in_progress", "escalate", Detail("x", tier="community"), "a higher one"),
        ("in_progress", "escalate", Detail("x", tier="planet"), "a higher one"),
        ("resolved", "rate", Detail(), "needs a score"),
        ("resolved", "rate", Detail(score=6), "1 to 5"),
    ],
)
def test_what_must_be_told_is_told_and_makes_sense(state: str, move: str, detail: Detail, said: str) -> None:
    with pytest.raises(DetailError, match=said) as refusal:
        transition(case(state, unit="water"), move, actor("operator", account="op"), NOW, detail=detail)
    assert refusal.value.code == "detail"


def test_a_case_of_the_desk_rises_to_the_desk_above() -> None:
    here = case("dispatched", unit="")
    up, record = transition(here, "escalate", actor("system", account=""), NOW, detail=Detail("overdue"))
    assert (up.tier, up.unit, up.counts.escalations, up.state) == ("street", "", 1, "dispatched")
    assert (record.tier_from, record.tier_to, record.target) == ("community", "street", "dispatched")
    below = actor("desk", COMMUNITY, "community")
    assert {m.name for m in allowed(here, below)} >= {"acknowledge"}
    assert "acknowledge" not in {m.name for m in allowed(up, below)}
    down, _ = transition(up, "deescalate", DESK, NOW, detail=Detail("a matter of the community"))
    assert down.tier == "community"


def test_merging_keeps_the_back_reference_and_unmerging_takes_it_away() -> None:
    merged, record = transition(case(), "merge", DESK, NOW, detail=Detail(into="e7"))
    assert (merged.state, merged.merged_into, record.into) == ("merged", "e7", "e7")
    assert transition(merged, "unmerge", DESK, NOW, detail=Detail("another hole"))[0].merged_into == ""


def test_the_account_that_reported_may_withdraw_without_any_post() -> None:
    mine = case(reporter="li")
    assert transition(mine, "withdraw", Actor("li", ()), NOW, detail=Detail("gone"))[0].state == "withdrawn"
    with pytest.raises(PowerError, match="none of your roles"):
        transition(mine, "withdraw", Actor("wu", ()), NOW, detail=Detail("gone"))


def test_what_was_handed_in_is_not_changed() -> None:
    here = case()
    before = replace(here)
    transition(here, "accept", DESK, NOW)
    assert here == before
