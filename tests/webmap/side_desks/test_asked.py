"""What the side desks have in common: the moves that are offered are those that are made, and other fields are named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gis.calendar import Calendar
from gis.dispatch import Clock, Limit, deadline, work_calendar
from gis.dispatch.disputes import DISPUTE_STATES, Dispute, DisputeTold, dispute_moves, move_dispute
from gis.dispatch.supervision import ORDER_STATES, Order, OrderTold, move_order, order_moves
from gis.errors import CaseError, InputError
from webmap.auth.permissions import OPERATOR, ROLES
from webmap.side_desks.asked import offered, require_taken, role_of

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
WORK = work_calendar(Calendar(), tz="Asia/Shanghai")
CLOCK = Clock(NOW, Limit(24, "hour"))


def mediate(state: str, move: str, role: str) -> None:
    told = DisputeTold(reason="r", committee="A1", method="court", way="court", kept=True)
    move_dispute(Dispute("d", "D01", ("1",), state), move, role=role, now=NOW, told=told)


def supervise(state: str, move: str, role: str) -> None:
    order = Order("o", "water", "district", CLOCK.limit, state=state, clock=CLOCK, due=deadline(CLOCK, WORK))
    told = OrderTold(asks="a", reply="b", reason="c", until=NOW + timedelta(days=2))
    move_order(replace(order), move, WORK, role=role, now=NOW, units=frozenset({"water"}), told=told)


@pytest.mark.parametrize(
    ("table", "states", "make"),
    [(dispute_moves(), DISPUTE_STATES, mediate), (order_moves(), ORDER_STATES, supervise)],
    ids=["disputes", "orders"],
)
def test_of_every_state_move_and_role_what_is_offered_is_made_and_nothing_else(
    table: Any, states: Any, make: Any
) -> None:
    names = {step.name for step in table}
    for state in states:
        for role in (OPERATOR, *ROLES):
            open_to = {each["move"] for each in offered(table, state, (role,))}
            for move in names:
                asked = role_of(table, move, state, (role,))
                if move in open_to:
                    make(state, move, asked)
                else:
                    with pytest.raises(CaseError):
                        make(state, move, asked)


def test_who_is_reached_by_several_roles_moves_in_the_one_that_may() -> None:
    assert role_of(dispute_moves(), "start", "assigned", ("desk", "mediator")) == "mediator"
    assert role_of(dispute_moves(), "accept", "reported", ("desk", "mediator")) == "desk"
    assert role_of(dispute_moves(), "start", "assigned", ("desk",)) == "desk", "and is refused in it"
    assert role_of(dispute_moves(), "start", "assigned", ()) == ""


def test_every_field_that_is_not_taken_is_named_and_its_value_is_not() -> None:
    with pytest.raises(InputError) as refused:
        require_taken({"id": 1, "姓名": "李四", "phone": "138", "\ud800": 1}, ("id",))
    for name in ("姓名", "phone"):
        assert name in refused.value.zh
        assert name in refused.value.en
    assert "李四" not in refused.value.zh + refused.value.en
    refused.value.zh.encode()
    require_taken({"id": 1}, ("id", "more"))
