"""Supervision orders: to a unit, by a deadline, replied, sent back, closed; overdue by the clock alone."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gis.calendar import china_calendar
from gis.dispatch.clocks import Limit
from gis.dispatch.supervision import (
    OPEN,
    ORDER_STATES,
    Order,
    OrderTold,
    due_list,
    is_overdue,
    move_order,
    order_level,
    order_moves,
)
from gis.dispatch.workflow import steps
from gis.dispatch.working_time import work_calendar
from gis.errors import DetailError, InputError, PowerError, StateError, VersionError

CHINA = ZoneInfo("Asia/Shanghai")
WORK = work_calendar(china_calendar())
MINE = frozenset({"water"})
DRAFT = Order("S1", "water", "district", Limit(2, "working_day"), case="E1")
ROLE = {"issue": "supervisor", "sign": "department_unit", "reply": "department_unit", "accept_reply": "desk", "send_back": "desk",
        "extend": "supervisor", "withdraw": "desk"}  # fmt: skip


def wall(text: str) -> datetime:
    """A wall time of the district."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


FULL = OrderTold("请于两日内修复", "已修复", "原因", wall("2026-03-20T18:00"))
MONDAY = wall("2026-03-02T10:00")


def moved(order: Order, move: str, now: datetime, told: OrderTold = FULL) -> Order:
    """The order after a move by whoever may make it."""
    return move_order(order, move, WORK, role=ROLE[move], now=now, units=MINE, told=told)[0]


def test_an_order_is_issued_signed_replied_and_closed() -> None:
    order = moved(DRAFT, "issue", MONDAY)
    assert order.due is not None
    assert order.due.at == wall("2026-03-04T18:00")
    assert order.due.calendar_version == WORK.version
    order = moved(moved(order, "sign", MONDAY), "reply", wall("2026-03-04T18:00"))
    assert not is_overdue(order, wall("2026-04-01T09:00"))
    assert moved(order, "accept_reply", wall("2026-03-05T09:00")).state == "closed"


def test_a_reply_after_the_deadline_was_overdue_and_stays_so() -> None:
    order = moved(moved(DRAFT, "issue", MONDAY), "reply", wall("2026-03-05T08:00"))
    assert is_overdue(order, wall("2026-03-05T09:00"))
    assert is_overdue(moved(order, "accept_reply", wall("2026-03-06T08:00")), wall("2026-03-06T09:00"))


def test_levels_follow_the_clock_while_the_unit_has_to_act() -> None:
    order = moved(DRAFT, "issue", MONDAY)
    assert [order_level(order, wall(t), WORK) for t in ("2026-03-03T18:00", "2026-03-04T15:00", "2026-03-04T18:00", "2026-03-07T09:00")] == [
        "", "warn", "escalate", "supervisor"]  # fmt: skip
    assert order_level(moved(order, "reply", MONDAY), wall("2026-03-20T10:00"), WORK) == ""
    assert order_level(DRAFT, MONDAY, WORK) == ""
    assert not is_overdue(DRAFT, MONDAY)


def test_sending_back_and_extending_set_a_new_deadline_and_are_counted() -> None:
    order = moved(moved(DRAFT, "issue", MONDAY), "reply", wall("2026-03-03T10:00"))
    back = moved(order, "send_back", wall("2026-03-03T11:00"), OrderTold(reason="不实", until=wall("2026-03-06T12:00")))
    assert (back.state, back.returns, back.due and back.due.at) == ("sent_back", 1, wall("2026-03-06T12:00"))
    longer = moved(back, "extend", wall("2026-03-06T09:00"), OrderTold(reason="雨天", until=wall("2026-03-10T18:00")))
    assert (longer.state, longer.extensions, longer.due and longer.due.at) == ("sent_back", 1, wall("2026-03-10T18:00"))


def test_the_due_list_has_open_orders_only_earliest_first() -> None:
    late = moved(replace(DRAFT, id="S2", limit=Limit(1, "working_day")), "issue", MONDAY)
    orders = [moved(DRAFT, "issue", MONDAY), late, DRAFT, moved(moved(DRAFT, "issue", MONDAY), "reply", MONDAY)]
    found = due_list(orders, wall("2026-03-04T09:00"), WORK)
    assert [(each.id, overdue) for each, _, overdue in found] == [("S2", True), ("S1", False)]


@pytest.mark.parametrize("state", ORDER_STATES)
@pytest.mark.parametrize("move", sorted({row.name for row in steps("supervision_moves")}))
@pytest.mark.parametrize("role", ["supervisor", "desk", "department_unit", "reporter"])
def test_every_move_that_the_table_lacks_is_refused_and_every_other_is_made(state: str, move: str, role: str) -> None:
    order = replace(moved(DRAFT, "issue", MONDAY), state=state, version=5)
    row = next((r for r in order_moves() if r.name == move and state in r.sources), None)

    def make() -> Order:
        return move_order(
            order, move, WORK, role=role, now=MONDAY + timedelta(hours=1), units=MINE, version=5, told=FULL
        )[0]

    if row is None:
        with pytest.raises(StateError):
            make()
    elif role not in row.roles:
        with pytest.raises(PowerError):
            make()
    else:
        after = make()
        assert (after.state, after.version) == (row.target, 6)


def test_the_clock_runs_exactly_where_the_unit_can_act() -> None:
    acts = {source for row in order_moves() if "department_unit" in row.roles for source in row.sources}
    assert acts == set(OPEN)


def test_another_units_order_a_past_end_a_stale_version_and_a_naive_time_are_refused() -> None:
    order = moved(DRAFT, "issue", MONDAY)
    with pytest.raises(PowerError, match="another unit"):
        move_order(order, "sign", WORK, role="department_unit", now=MONDAY, units=frozenset({"roads"}))
    with pytest.raises(DetailError, match="after now"):
        moved(order, "extend", MONDAY, OrderTold(reason="x", until=MONDAY))
    with pytest.raises(VersionError):
        move_order(order, "sign", WORK, role="department_unit", now=MONDAY, units=MINE, version=1)
    with pytest.raises(InputError, match="zone"):
        move_order(order, "sign", WORK, role="department_unit", now=datetime(2026, 3, 2), units=MINE)


def test_texts_are_masked_and_the_record_holds_a_role() -> None:
    order, record = move_order(
        DRAFT, "issue", WORK, role="desk", now=MONDAY, told=OrderTold(asks="请张先生处理,13812345678")
    )
    assert order.asks == "请[姓名]先生处理,[电话]"
    assert (record.role, record.unit, record.source, record.target) == ("desk", "water", "draft", "issued")
