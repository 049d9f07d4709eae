"""Rosters in both stores: kept whole, seen and changed inside one's areas alone, and every change is told and audited."""

from datetime import date, timedelta

import pytest

from gis.calendar import SpecialDay
from gis.errors import InputError, NotFoundError, ScopeError
from tests.webmap.store.conftest import NOW, STREET_A, STREET_B, SUPERVISOR_A
from webmap.store import LOCAL_OPERATOR, Store

BODY = {"shift": "night", "teams": 3, "sources": ["hot_spot", "must"], "name": "夜间常规"}


def put(store: Store, item: str, area: str, kind: str = "template", **more: object) -> None:
    store.rosters.put(kind, item, BODY | more, area=area, viewer=LOCAL_OPERATOR, now=NOW)


def test_an_item_comes_back_as_it_was_put_and_the_later_one_stands(wuda: Store) -> None:
    put(wuda, "t1", STREET_A)
    put(wuda, "t1", STREET_A, teams=4)
    (item,) = wuda.rosters.list(LOCAL_OPERATOR)
    assert (item.kind, item.id, item.area, item.body, item.since) == (
        "template",
        "t1",
        STREET_A,
        BODY | {"teams": 4},
        NOW,
    )


def test_a_limited_planner_sees_and_changes_the_own_area_alone(wuda: Store) -> None:
    put(wuda, "ours", STREET_A)
    put(wuda, "theirs", STREET_B)
    put(wuda, "whole", "")
    put(wuda, "turns", "", "pattern")
    assert [item.id for item in wuda.rosters.list(SUPERVISOR_A)] == ["turns", "ours"]
    for item, area in (("new", STREET_B), ("theirs", STREET_A), ("new", ""), ("whole", STREET_A)):
        with pytest.raises(ScopeError):
            wuda.rosters.put("template", item, BODY, area=area, viewer=SUPERVISOR_A, now=NOW)
    for item in ("theirs", "whole", "none"):
        with pytest.raises(NotFoundError):
            wuda.rosters.remove("template", item, viewer=SUPERVISOR_A, now=NOW)
    with pytest.raises(ScopeError):
        wuda.rosters.remove("pattern", "turns", viewer=SUPERVISOR_A, now=NOW)
    wuda.rosters.remove("template", "ours", viewer=SUPERVISOR_A, now=NOW)
    assert [item.id for item in wuda.rosters.list(LOCAL_OPERATOR)] == ["turns", "theirs", "whole"]


def test_every_change_is_in_the_sequence_and_in_the_audit_log(wuda: Store) -> None:
    before = wuda.change_seq()
    put(wuda, "t1", STREET_A)
    wuda.rosters.remove("template", "t1", viewer=LOCAL_OPERATOR, now=NOW)
    wuda.rosters.put_holidays([SpecialDay(date(2026, 10, 1), "holiday", "国庆节")], viewer=LOCAL_OPERATOR, now=NOW)
    told = [(change.layer, change.action, change.area) for change in wuda.changes.since(before)]
    assert told == [
        ("rosters", "put_template", STREET_A),
        ("rosters", "remove_template", STREET_A),
        ("holidays", "put", ""),
    ]
    actions = [row.action for row in wuda.audit.since(0)]
    assert actions[-3:] == ["rosters.put_template", "rosters.remove_template", "holidays.put"]


def test_a_new_table_of_holidays_replaces_the_old_one_and_none_brings_the_defaults_back(wuda: Store) -> None:
    first = [SpecialDay(date(2027, 1, 1) + timedelta(days=n), "holiday", "元旦", "New Year") for n in range(3)]
    second = [SpecialDay(date(2027, 2, 6), "makeup", "春节调休上班")]
    for table in (first, second, []):
        wuda.rosters.put_holidays(table, viewer=LOCAL_OPERATOR, now=NOW)
        assert wuda.rosters.holidays() == table
    with pytest.raises(ScopeError):
        wuda.rosters.put_holidays(first, viewer=SUPERVISOR_A, now=NOW)


def test_what_makes_no_sense_is_refused_and_nothing_is_kept(wuda: Store) -> None:
    for kind, item, body in (
        ("person", "x", BODY),
        ("template", "", BODY),
        ("template", "x" * 65, BODY),
        ("template", "x", {"a": {1}}),
    ):
        with pytest.raises(InputError):
            wuda.rosters.put(kind, item, body, area="", viewer=LOCAL_OPERATOR, now=NOW)
    assert wuda.rosters.list(LOCAL_OPERATOR) == []
