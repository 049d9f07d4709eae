"""The life of a plan: only the table's transitions, one plan in force, two leaders at once, and check-ins that name nobody."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from gis.errors import InputError, NotFoundError, PlanError, ScopeError
from tests.webmap.store.conftest import GRIDS, NOW, SETTINGS, STREET_A, SUPERVISOR_A
from tests.webmap.store.test_records import sound
from webmap.auth.permissions import ROLES
from webmap.store import LOCAL_OPERATOR, Store, Viewer, init_store
from webmap.store.checkins import MOST, CheckIn
from webmap.store.plans import IN_FORCE, STATUSES, TRANSITIONS, StoredPlan

DAY = "2026-11-23"
BEGIN = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
LEADER = Viewer("zhangwei", "supervisor")
PLANNER = Viewer("li", "planner")
WORKER_A = Viewer("wang", "grid_worker", (STREET_A,))


def stop(number: int, grid: str, visit: int = 1) -> dict[str, Any]:
    begin = (number * 2 + visit) * 1800.0
    return {
        "id": f"s{number}@{visit}", "stop": f"s{number}", "grid": grid, "kind": "grid", "name_zh": f"点{number}",
        "start_s": begin, "leave_s": begin + 900.0,
    }  # fmt: skip


def document(**more: Any) -> dict[str, Any]:
    """Two teams: one in street A, one in street B."""
    teams = [
        {"name": "1队", "stops": [stop(0, GRIDS[0]), stop(1, GRIDS[1]), stop(0, GRIDS[0], 2)]},
        {"name": "2队", "stops": [stop(2, GRIDS[2]), stop(3, GRIDS[3])]},
    ]
    return {"date": DAY, "shift": "day", "shift_start": BEGIN.isoformat(), "teams": teams, **more}


def published(store: Store, **more: Any) -> str:
    plan = store.plans.save(document(**more), viewer=LEADER, now=NOW)
    store.plans.move(plan, "published", viewer=LEADER, now=NOW, check=sound)
    return plan


class Rule:
    zh, en = "第一站太早", "the first stop is too early"


def test_a_plan_that_fails_the_check_is_not_published(wuda: Store) -> None:
    plan = wuda.plans.save(document(), viewer=LEADER, now=NOW)
    with pytest.raises(PlanError, match="the first stop is too early"):
        wuda.plans.move(plan, "published", viewer=LEADER, now=NOW, check=lambda _document: [Rule()])
    with pytest.raises(PlanError, match="not published"):
        wuda.plans.move(plan, "published", viewer=LEADER, now=NOW)
    assert wuda.plans.get(plan, LEADER).status == "draft"


def test_a_plan_without_a_day_cannot_be_published(wuda: Store) -> None:
    plan = wuda.plans.save({"teams": []}, viewer=LEADER, now=NOW)
    with pytest.raises(PlanError, match="without a day"):
        wuda.plans.move(plan, "published", viewer=LEADER, now=NOW, check=sound)


def test_every_change_of_status_is_in_the_sequence_and_in_the_log(wuda: Store) -> None:
    plan = published(wuda)
    for to in ("running", "closed"):
        wuda.plans.move(plan, to, viewer=LEADER, now=NOW, note="班次结束")
    told = [change.action for change in wuda.changes.since(0) if change.layer == "plans"]
    assert told == ["save", "published", "running", "closed"]
    rows = wuda.audit.since(0, action="plans.closed")
    assert [(row.actor, row.subject) for row in rows] == [("zhangwei", plan)]
    assert rows[0].detail["from"] == "running"
    assert rows[0].detail["note"] == "班次结束"


def test_a_planner_makes_and_drops_drafts_but_publishes_nothing(wuda: Store) -> None:
    plan = wuda.plans.save(document(), viewer=PLANNER, now=NOW)
    with pytest.raises(ScopeError, match="publish_plans"):
        wuda.plans.move(plan, "published", viewer=PLANNER, now=NOW, check=sound)
    assert wuda.plans.move(plan, "withdrawn", viewer=PLANNER, now=NOW).status == "withdrawn"


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all the examples of a law; each example takes a day of its own."""
    store = init_store(f"sqlite:///{Path(tmp_path_factory.mktemp('life')) / 'life.db'}", SETTINGS)
    yield store
    store.close()


DAYS = count()
MOVES = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(STATUSES), st.sampled_from(["supervisor", "planner", "viewer"])),
    max_size=12,
)


@given(moves=MOVES)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_row_of_moves_leaves_the_table_or_puts_two_plans_in_force(lasting: Store, moves: list[Any]) -> None:
    day = (date(2000, 1, 1) + timedelta(days=next(DAYS))).isoformat()
    made = [lasting.plans.save(document(date=day, n=n), viewer=LEADER, now=NOW) for n in range(3)]
    for number, to, role in moves:
        viewer = Viewer("x", role)
        before = {plan: lasting.plans.get(plan, LEADER).status for plan in made}
        old = before[made[number]]
        seq = lasting.change_seq()
        action = TRANSITIONS.get((old, to))
        allowed = old == to or (action is not None and action in ROLES[role].actions)
        if not allowed:
            with pytest.raises((PlanError, ScopeError)) as refused:
                lasting.plans.move(made[number], to, viewer=viewer, now=NOW, check=sound)
            assert refused.value.zh
            assert refused.value.en
            assert {plan: lasting.plans.get(plan, LEADER).status for plan in made} == before
            assert lasting.change_seq() == seq, "what is refused leaves no trace in the sequence"
            continue
        now = lasting.plans.move(made[number], to, viewer=viewer, now=NOW, check=sound)
        ran = to == "published" and old == "draft" and "running" in before.values()
        assert now.status == ("running" if ran else to)
        after = [lasting.plans.get(plan, LEADER) for plan in made]
        assert sum(plan.status in IN_FORCE for plan in after) <= 1
        assert all((plan.published_at is None) == (plan.id not in _ever(lasting, made)) for plan in after)


def _ever(store: Store, made: list[str]) -> set[str]:
    actions = ("published", "running")
    return {change.ref for change in store.changes.since(0, 10**6) if change.action in actions and change.ref in made}


def test_a_newer_version_takes_the_place_of_the_one_in_force(wuda: Store) -> None:
    first = published(wuda)
    second = wuda.plans.save(document(n=2), viewer=LEADER, now=NOW, base=first)
    assert wuda.plans.move(second, "published", viewer=LEADER, now=NOW, check=sound).status == "published"
    assert wuda.plans.get(first, LEADER).status == "withdrawn"
    wuda.plans.move(second, "running", viewer=LEADER, now=NOW)
    third = wuda.plans.save(document(n=3), viewer=LEADER, now=NOW, base=second)
    assert wuda.plans.move(third, "published", viewer=LEADER, now=NOW, check=sound).status == "running"
    assert wuda.plans.get(second, LEADER).status == "closed"
    in_force = wuda.plans.in_force(wuda.plans.get(first, LEADER))
    assert in_force is not None
    assert (in_force.id, in_force.version, in_force.base) == (third, 3, second)


def test_of_two_leaders_who_edit_one_version_the_second_is_told_who_was_first(wuda: Store) -> None:
    base = wuda.plans.save(document(), viewer=LEADER, now=NOW)
    first = wuda.plans.save(document(n=1), viewer=LEADER, now=NOW, base=base)
    assert wuda.plans.save(document(n=1), viewer=LEADER, now=NOW, base=base) == first, "a double click is one version"
    with pytest.raises(PlanError, match="zhangwei saved version 2"):
        wuda.plans.save(document(n=2), viewer=PLANNER, now=NOW, base=base)
    with pytest.raises(PlanError, match="zhangwei saved version 2"):
        wuda.plans.move(base, "published", viewer=LEADER, now=NOW, check=sound)
    wuda.plans.move(first, "withdrawn", viewer=LEADER, now=NOW)
    assert wuda.plans.save(document(n=2), viewer=PLANNER, now=NOW, base=base)


def test_a_closed_plan_takes_no_more_edits_and_a_version_keeps_its_shift(wuda: Store) -> None:
    plan = published(wuda)
    with pytest.raises(InputError, match="keeps the day"):
        wuda.plans.save(document(shift="night"), viewer=LEADER, now=NOW, base=plan)
    for to in ("running", "closed"):
        wuda.plans.move(plan, to, viewer=LEADER, now=NOW)
    with pytest.raises(PlanError, match="takes no more edits"):
        wuda.plans.save(document(n=1), viewer=LEADER, now=NOW, base=plan)


def test_an_assignment_is_seen_where_all_its_stops_lie_in_ones_area(wuda: Store) -> None:
    plan = published(wuda)
    with pytest.raises(NotFoundError):
        wuda.plans.get(plan, WORKER_A)
    assert wuda.plans.assignment(plan, 0, WORKER_A)[1]["name"] == "1队"
    with pytest.raises(NotFoundError):
        wuda.plans.assignment(plan, 1, WORKER_A)
    assert [number for _, number, _ in wuda.plans.assignments(WORKER_A, days=[DAY])] == [0]
    assert [number for _, number, _ in wuda.plans.assignments(LEADER, days=[DAY])] == [0, 1]
    draft = wuda.plans.save(document(n=9), viewer=LEADER, now=NOW)
    with pytest.raises(NotFoundError):
        wuda.plans.assignment(draft, 0, LEADER)


def said(
    plan: str, number: int, *, team: int = 0, stop: str = "s0@1", kind: str = "arrived", minute: int = 60
) -> CheckIn:
    reason = "blocked" if kind == "skipped" else ""
    return CheckIn(f"phone-check-in-{number:04d}", plan, team, stop, kind, BEGIN + timedelta(minutes=minute), reason)


def states(store: Store, *batch: CheckIn, viewer: Viewer = WORKER_A, now: datetime = NOW) -> list[str]:
    return [receipt.state for receipt in store.checkins.add(batch, viewer=viewer, now=now)]


def test_a_batch_sent_again_is_kept_once(wuda: Store) -> None:
    plan = published(wuda)
    batch = [said(plan, 1), said(plan, 2, kind="left", minute=74), said(plan, 3, stop="s1@1", kind="skipped")]
    assert states(wuda, *batch) == ["kept"] * 3
    before = wuda.change_seq()
    assert states(wuda, *batch) == ["known"] * 3
    assert states(wuda, batch[0], replace(batch[0], at=NOW)) == ["known", "known"]
    assert (wuda.checkins.count(), wuda.change_seq()) == (3, before)
    assert states(wuda, replace(batch[0], kind="left")) == ["refused"], "the id belongs to another"


@given(order=st.permutations(range(6)), again=st.lists(st.integers(0, 5), max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_the_order_and_the_repeats_each_check_in_is_there_once(
    lasting: Store, order: list[int], again: list[int]
) -> None:
    day = date(2026, 11, 23)
    plan = published(lasting, date=day.isoformat(), shift=f"shift {next(DAYS)}")
    mine = [replace(said(plan, n), id=f"{plan}-{n}", kind=("arrived", "left")[n % 2]) for n in range(6)]
    before = lasting.checkins.count()
    for number in [*order, *again]:
        lasting.checkins.add([mine[number]], viewer=LEADER, now=NOW)
    assert lasting.checkins.count() == before + 6
    table = lasting.checkins.of_plan(lasting.plans.get(plan, LEADER), now=NOW)
    assert sorted(table["kind"]) == ["arrived"] * 3 + ["left"] * 3


def test_each_bad_check_in_is_refused_with_its_reason_and_keeps_no_other_out(wuda: Store) -> None:
    plan = published(wuda)
    draft = wuda.plans.save(document(n=1), viewer=LEADER, now=NOW)
    good = said(plan, 0)
    bad = [
        replace(good, plan="nowhere"),
        replace(good, plan=draft),
        replace(good, team=7),
        replace(good, stop="s9@1"),
        replace(good, id="short"),
        replace(good, kind="slept"),
        replace(good, reason="blocked"),
        replace(good, kind="skipped"),
        replace(good, kind="skipped", reason="张三不在"),
        replace(good, at=NOW + timedelta(hours=2)),
        replace(good, at=BEGIN - timedelta(days=2)),
    ]
    receipts = wuda.checkins.add([*bad, good], viewer=LEADER, now=NOW)
    assert [receipt.state for receipt in receipts] == ["refused"] * len(bad) + ["kept"]
    assert all(receipt.zh and receipt.en for receipt in receipts[:-1])
    with pytest.raises(InputError, match=f"{MOST}"):
        wuda.checkins.add([good] * (MOST + 1), viewer=LEADER, now=NOW)


def test_nobody_checks_in_at_a_break(wuda: Store) -> None:
    """Its id holds the name of the team, which no sum by place may bear."""
    rest = stop(1, "") | {"id": "break:1队", "stop": "break:1队", "kind": "break"}
    plan = published(wuda, teams=[{"name": "1队", "stops": [stop(0, GRIDS[0]), rest]}])
    assert states(wuda, said(plan, 1, stop="break:1队"), said(plan, 2), viewer=LEADER) == ["refused", "kept"]


def test_a_worker_of_street_a_checks_in_at_stops_of_street_a_only(wuda: Store) -> None:
    plan = published(wuda)
    assert states(wuda, said(plan, 1), said(plan, 2, team=1, stop="s2@1")) == ["kept", "refused"]
    assert states(wuda, said(plan, 3), viewer=SUPERVISOR_A) == ["kept"]


def test_nothing_that_is_kept_tells_who_checked_in_or_where_anybody_went(wuda: Store) -> None:
    plan = published(wuda)
    seq, last = wuda.change_seq(), int(wuda.audit.checkpoint().split(":")[0])
    states(wuda, said(plan, 1), said(plan, 2, kind="left"))
    changes, rows = wuda.changes.since(seq), wuda.audit.since(last)
    assert [(change.layer, change.count, change.actor) for change in changes] == [("checkins", 2, "")]
    assert [row.actor for row in rows] == [""]
    assert "s0" not in repr((changes, rows))
    with wuda._database.reading() as connection:
        names = set(connection.execute(text("SELECT * FROM checkins")).keys())
    assert names == {"id", "plan", "team", "stop", "kind", "reason", "at"}


def test_a_plan_that_was_replaced_or_withdrawn_still_takes_what_was_done(wuda: Store) -> None:
    first = published(wuda)
    second = wuda.plans.save(document(n=2), viewer=LEADER, now=NOW, base=first)
    wuda.plans.move(second, "published", viewer=LEADER, now=NOW, check=sound)
    assert states(wuda, said(first, 1), said(second, 2, kind="left")) == ["kept", "kept"]
    table = wuda.checkins.of_plan(wuda.plans.get(second, LEADER), now=NOW)
    assert sorted(table["kind"]) == ["arrived", "left"], "both versions are one shift"


def test_after_their_period_check_ins_are_sums_by_place_and_shift(wuda: Store) -> None:
    plan = published(wuda)
    batch = [
        said(plan, 1, minute=30), said(plan, 2, kind="left", minute=45),
        said(plan, 3, stop="s0@2", minute=90), said(plan, 4, stop="s1@1", kind="skipped"),
    ]  # fmt: skip
    states(wuda, *batch)
    fresh = wuda.checkins.visits(LEADER, since=date(2026, 11, 1), until=date(2026, 12, 1), now=NOW)
    assert wuda.checkins.retire(now=NOW + timedelta(days=30)) == 0
    later = NOW + timedelta(days=31)
    unsummed = wuda.plans.get(plan, LEADER)
    assert wuda.checkins.of_plan(unsummed, now=later).empty, "past its period it is not shown, deleted or not"
    assert wuda.checkins.retire(now=later) == 4
    assert wuda.checkins.retire(now=later) == 0
    assert wuda.checkins.count() == 0
    sums = wuda.checkins.visits(LEADER, since=date(2026, 11, 1), until=date(2026, 12, 1), now=later)
    assert sums.to_dict("list") == fresh.to_dict("list")
    assert sums.to_dict("records") == [
        {"stop": "s0", "grid": GRIDS[0], "day": DAY, "shift": "day", "visits": 2, "timed": 1, "minutes": 15.0, "skipped": 0},
        {"stop": "s1", "grid": GRIDS[1], "day": DAY, "shift": "day", "visits": 0, "timed": 0, "minutes": 0.0, "skipped": 1},
    ]  # fmt: skip
    refused = wuda.checkins.add([batch[0]], viewer=LEADER, now=later)[0]
    assert (refused.state, "over" in refused.en) == ("refused", True), "else it would count twice"
    assert wuda.verify() == []


def test_sums_are_seen_by_those_whose_area_the_place_lies_in(wuda: Store) -> None:
    plan = published(wuda)
    states(wuda, said(plan, 1), said(plan, 2, team=1, stop="s2@1"), viewer=LEADER)
    month = {"since": date(2026, 11, 1), "until": date(2026, 12, 1)}
    for now in (NOW, NOW + timedelta(days=40)):
        assert list(wuda.checkins.visits(SUPERVISOR_A, **month, now=now)["stop"]) == ["s0"]
        assert list(wuda.checkins.visits(LEADER, **month, now=now)["stop"]) == ["s0", "s2"]
        wuda.checkins.retire(now=NOW + timedelta(days=40))


def test_check_ins_are_in_a_backup_and_in_no_copy_for_other_programs(wuda: Store, tmp_path: Path) -> None:
    plan = published(wuda)
    states(wuda, said(plan, 1))
    assert wuda.backup(tmp_path / "b")["counts"]["checkins"] == 1
    wuda.snapshot(tmp_path / "copy.db")
    copy = init_or_open(tmp_path / "copy.db")
    assert copy.checkins.count() == 0
    copy.close()
    assert b"phone-check-in" not in (tmp_path / "copy.db").read_bytes()


def init_or_open(path: Path) -> Store:
    from webmap.store import open_store

    return open_store(f"sqlite:///{path}")


def test_verify_finds_two_plans_in_force_and_check_ins_of_a_draft(wuda: Store) -> None:
    first = published(wuda)
    states(wuda, said(first, 1))
    second = wuda.plans.save(document(n=2), viewer=LEADER, now=NOW)
    with wuda._database.writing() as connection:
        connection.execute(text("UPDATE plans SET status = 'running' WHERE id = :id"), {"id": second})
    assert [finding.kind for finding in wuda.verify()] == ["plan"]
    with wuda._database.writing() as connection:
        connection.execute(text("UPDATE plans SET status = 'draft', published_at = NULL"))
    assert [finding.table for finding in wuda.verify()] == ["checkins"]


def test_a_stored_plan_says_what_it_was_edited_from(wuda: Store) -> None:
    base = wuda.plans.save(document(), viewer=LEADER, now=NOW)
    edited = wuda.plans.save(document(n=1), viewer=LEADER, now=NOW, base=base)
    versions: list[StoredPlan] = wuda.plans.versions(wuda.plans.get(base, LOCAL_OPERATOR))
    assert [(plan.id, plan.version, plan.base) for plan in versions] == [(edited, 2, base), (base, 1, "")]
