"""Records of the side desks on both stores: kept once, moved with their audit row, seen by whom they concern, checked."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update

from gis.dispatch.committees import Committee
from gis.errors import InputError, NotFoundError, PowerError, ScopeError, StoreError
from tests.webmap.store.case_life import ANALYST, BOSS, DESK_A, DESK_B, GREEN, WATER, WORKER, later, with_units
from tests.webmap.store.conftest import DISTRICT, GRIDS, NOW, STREET_A, STREET_B, SUPERVISOR_A
from webmap.auth.permissions import Grant
from webmap.store import LOCAL_OPERATOR, Store, open_store, restore_store
from webmap.store.case_scope import CASE_OPERATOR, CLOCK, CaseViewer
from webmap.store.models import AUDIT
from webmap.store.row_security import EVERYTHING, show_cases
from webmap.store.side_cases import Made, SideCase
from webmap.store.side_models import SIDE_CASES, SIDE_MOVES
from webmap.store.side_scope import sees_side, show_sides

MEDIATOR = CaseViewer("mia", (Grant("mediator", STREET_A),))
OTHER = CaseViewer("max", (Grant("mediator", STREET_A),))
COMMITTEES = (
    Committee("A1", "area", "甲街道调委会", "Street A", STREET_A),
    Committee("T1", "trade", "物业调委会", "Property", DISTRICT, frozenset({"D03"})),
)
ACTIONS = {
    "dispute": "register_disputes",
    "schedule": "plan_inspections",
    "inspection": "report_events",
    "order": "supervise_units",
    "key_area": "propose_key_areas",
}


def record(kind: str = "dispute", name: str = "d1", grid: str = GRIDS[0], **more: object) -> SideCase:
    """A record that lies in a grid of the town."""
    made = SideCase(kind, name, "reported", grid=grid, community=grid[:12], street=grid[:9] + "000", district=DISTRICT)
    return replace(made, **more)  # type: ignore[arg-type]


def create(store: Store, case: SideCase, viewer: CaseViewer = CASE_OPERATOR) -> tuple[SideCase, bool]:
    sent = {"body": dict(case.body), "area": case.area}
    return store.side_cases.create(case, move="register", action=ACTIONS[case.kind], sent=sent, viewer=viewer, now=NOW)


def to(state: str, **more: object) -> object:
    return lambda case, roles: Made(replace(case, state=state, **more), ",".join(roles), "because")


@pytest.fixture
def town(wuda: Store) -> Store:
    store = with_units(wuda)
    store.committees.replace(COMMITTEES, viewer=LOCAL_OPERATOR, now=NOW)
    store.committees.set_accounts("A1", ["mia"], viewer=LOCAL_OPERATOR, now=NOW)
    return store


def test_a_record_is_kept_once_with_its_first_move(town: Store) -> None:
    kept, is_new = create(town, record(body={"title": "噪声"}), DESK_A)
    assert (kept.version, kept.created_at, kept.area, is_new) == (1, NOW, GRIDS[0], True)
    before = town.change_seq()
    assert create(town, record(body={"title": "噪声"}), DESK_A) == (kept, False)
    assert town.change_seq() == before
    with pytest.raises(StoreError, match="another record"):
        create(town, record(body={"title": "漏水"}), DESK_A)
    with pytest.raises(StoreError, match="another record"):
        create(town, record(body={"title": "噪声"}), CASE_OPERATOR)
    (first,) = town.side_cases.history("dispute", "d1", DESK_A)
    assert (first.move, first.source, first.target, first.role, first.actor) == (
        "register",
        "",
        "reported",
        "desk",
        "desk",
    )


def test_nobody_makes_a_record_where_he_may_not(town: Store) -> None:
    for viewer in (DESK_B, WORKER, ANALYST, MEDIATOR):
        with pytest.raises(ScopeError, match="outside"):
            create(town, record(), viewer)
    with pytest.raises(InputError, match="kind"):
        create(town, replace(record(), id=""))


def test_a_move_is_one_row_with_its_audit_row_or_nothing(town: Store) -> None:
    create(town, record())
    after = town.side_cases.move("dispute", "d1", "accept", to("accepted"), viewer=DESK_A, now=later(1))  # type: ignore[arg-type]
    assert (after.state, after.version, after.created_at, after.updated_at) == ("accepted", 2, NOW, later(1))
    assert [m.role for m in town.side_cases.history("dispute", "d1", DESK_A)] == ["operator", "desk"]

    def refuse(_case: SideCase, _roles: tuple[str, ...]) -> Made:
        raise PowerError(zh="不行", en="no", code="role")

    before = town.change_seq()
    with pytest.raises(PowerError):
        town.side_cases.move("dispute", "d1", "reject", refuse, viewer=DESK_A, now=later(2))
    assert (town.change_seq(), town.side_cases.get("dispute", "d1", DESK_A)) == (before, after)
    with town._database.reading() as connection:
        told = list(connection.scalars(select(AUDIT.c.action).where(AUDIT.c.subject == "d1").order_by(AUDIT.c.seq)))
    assert told == ["disputes.dispute_register", "disputes.dispute_accept"]
    assert {each.area for each in town.changes.since(0) if each.layer == "disputes"} == {STREET_A}, "and no grid"
    assert town.verify() == []


def test_who_replied_does_not_accept_it(town: Store) -> None:
    both = CaseViewer("pipe", (Grant("department_unit", DISTRICT), Grant("supervisor", "")))
    create(town, record("order", "o1", unit="water", state="issued"))
    move = {"now": later(1), "not_after": ()}
    town.side_cases.move("order", "o1", "reply", to("replied"), viewer=both, **move)  # type: ignore[arg-type]
    with pytest.raises(PowerError) as refused:
        town.side_cases.move(
            "order",
            "o1",
            "accept_reply",
            to("closed"),
            viewer=both,
            now=later(2),
            not_after=("reply",),  # type: ignore[arg-type]
        )
    assert refused.value.code == "same_person"
    done = town.side_cases.move(
        "order",
        "o1",
        "accept_reply",
        to("closed"),
        viewer=BOSS,
        now=later(2),
        not_after=("reply",),  # type: ignore[arg-type]
    )
    assert done.state == "closed"


def fill(store: Store) -> None:
    """Records of each kind in both streets."""
    create(store, record("dispute", "mine", committee="A1"))
    create(store, record("dispute", "foreign", committee="T1"))
    create(store, record("dispute", "b", GRIDS[2]))
    create(store, record("order", "water", unit="water", state="issued"))
    create(store, record("order", "draft", unit="water", state="draft"))
    create(store, record("order", "green", GRIDS[2], unit="green", state="issued"))
    create(store, record("schedule", "site"))
    create(store, record("inspection", "check", ref="site"))
    create(store, record("key_area", "here"))
    create(store, record("key_area", "there", GRIDS[2]))


SEEN = {
    CASE_OPERATOR: "b check draft foreign green here mine site there water",
    BOSS: "b check draft foreign green here mine site there water",
    DESK_A: "check draft foreign here mine site water",
    DESK_B: "b green there",
    WORKER: "check site",
    WATER: "water",
    GREEN: "green",
    MEDIATOR: "mine",
    OTHER: "",
    ANALYST: "here there",
    CLOCK: "",
}


def test_everybody_sees_and_moves_what_concerns_him_in_his_areas(town: Store) -> None:
    fill(town)
    for viewer, names in SEEN.items():
        seen = [case.id for kind in ACTIONS for case in town.side_cases.list(kind, viewer)]
        assert sorted(seen) == names.split(), viewer
        for name in {"mine", "b"} - set(seen):
            with pytest.raises(NotFoundError):
                town.side_cases.get("dispute", name, viewer)
            with pytest.raises(NotFoundError):
                town.side_cases.move("dispute", name, "accept", to("accepted"), viewer=viewer, now=NOW)  # type: ignore[arg-type]


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_query_without_conditions_sees_what_the_conditions_allow(town: Store) -> None:
    fill(town)
    for viewer, names in SEEN.items():
        with town._database.reading() as connection:
            show_sides(connection, viewer)
            seen = set(connection.scalars(select(SIDE_CASES.c.id)))
            asked = {
                name
                for kind in ACTIONS
                for name in connection.scalars(select(SIDE_CASES.c.id).where(sees_side(connection, viewer, kind)))
            }
            assert seen == asked == set(names.split())
            assert set(connection.scalars(select(SIDE_MOVES.c.id))) == seen
    with town._database.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM side_cases")) == 0, "untold, nothing is seen"


def test_lists_go_by_state_area_subject_and_page(town: Store) -> None:
    fill(town)
    names = lambda **told: [case.id for case in town.side_cases.list("dispute", BOSS, **told)]  # noqa: E731
    assert names(area=STREET_B) == ["b"]
    assert names(states=["accepted"]) == []
    assert names(limit=2) == ["b", "foreign"]
    assert names(after="foreign") == ["mine"]
    assert [case.id for case in town.side_cases.list("inspection", BOSS, ref="site")] == ["check"]


def test_committees_keep_their_accounts_and_do_not_go_while_they_mediate(town: Store) -> None:
    assert town.committees.list() == list(COMMITTEES)
    create(town, record(committee="A1"))
    with pytest.raises(InputError, match="A1"):
        town.committees.replace(COMMITTEES[1:], viewer=LOCAL_OPERATOR, now=NOW)
    with pytest.raises(InputError, match="twice"):
        town.committees.replace([*COMMITTEES, COMMITTEES[0]], viewer=LOCAL_OPERATOR, now=NOW)
    with pytest.raises(InputError, match="no committee"):
        town.committees.set_accounts("none", ["mia"], viewer=LOCAL_OPERATOR, now=NOW)
    with pytest.raises(ScopeError):
        town.committees.replace(COMMITTEES, viewer=SUPERVISOR_A, now=NOW)
    town.committees.replace(COMMITTEES[:1], viewer=LOCAL_OPERATOR, now=NOW)
    assert [case.id for case in town.side_cases.list("dispute", MEDIATOR)] == ["d1"]


def test_tampering_is_found(town: Store) -> None:
    fill(town)
    town.side_cases.move("dispute", "mine", "accept", to("accepted"), viewer=BOSS, now=later(1))  # type: ignore[arg-type]
    create(town, record("inspection", "lost", ref="site", body={"events": ["no-such-event"]}))
    with town._database.writing() as connection:
        show_cases(connection, EVERYTHING)
        mine = (SIDE_MOVES.c.id == "mine") & (SIDE_MOVES.c.version == 1)
        connection.execute(delete(SIDE_MOVES).where(mine))
        connection.execute(update(SIDE_CASES).where(SIDE_CASES.c.id == "b").values(state="archived"))
        connection.execute(update(SIDE_CASES).where(SIDE_CASES.c.id == "green").values(unit="nobody"))
    found = [(each.table, each.count) for each in town.verify() if each.kind == "side"]
    assert found == [("side_moves", 1), ("side_cases", 1), ("side_cases", 1), ("side_cases", 1)]


def test_side_records_are_in_a_backup_and_not_in_a_copy_for_others(town: Store, tmp_path: Path) -> None:
    fill(town)
    archive, copy = f"{tmp_path}/all.zip", f"{tmp_path}/copy.db"
    town.backup(archive)
    assert town.verify(archive=archive) == []
    restore_store(f"sqlite:///{tmp_path}/other.db", archive)
    with closing(open_store(f"sqlite:///{tmp_path}/other.db")) as other:
        assert [case.id for case in other.side_cases.list("dispute", MEDIATOR)] == ["mine"]
        assert other.side_cases.history("order", "water", BOSS) == town.side_cases.history("order", "water", BOSS)
        assert other.side_cases.list("key_area", BOSS) == town.side_cases.list("key_area", BOSS)
        assert other.verify() == []
    town.snapshot(copy)
    with closing(open_store(f"sqlite:///{copy}")) as given:
        assert given.side_cases.list("dispute", BOSS) == given.side_cases.list("key_area", BOSS) == []


def test_moves_of_a_key_area_stand_in_the_audit_log_under_their_names(town: Store) -> None:
    create(town, record("key_area", "k1"))
    town.side_cases.move("key_area", "k1", "designate", to("designated"), viewer=BOSS, now=later(1))  # type: ignore[arg-type]
    with town._database.reading() as connection:
        told = list(connection.scalars(select(AUDIT.c.action).where(AUDIT.c.subject == "k1").order_by(AUDIT.c.seq)))
    assert told == ["key_areas.key_area_register", "key_areas.key_area_designate"]
    assert town.verify() == []
