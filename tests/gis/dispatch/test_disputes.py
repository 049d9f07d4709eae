"""Disputes move as their table says, go to the right committee, and hold no person."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.dispatch.disputes import (
    DISPUTE_STATES,
    PEOPLE_CLASSES,
    Dispute,
    DisputeTold,
    dispute_moves,
    move_dispute,
    new_dispute,
    people_class,
    read_dispute,
)
from gis.dispatch.workflow import steps
from gis.errors import DetailError, InputError, PowerError, StateError, VersionError

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
FULL = DisputeTold("原因", "A09", "mediation", "court", kept=True, result="已协商")
OPENED = Dispute("J1", "D01", ("150304002001",))
ROLES = ("desk", "mediator", "system", "reporter")


def lived(*moves: tuple[str, str]) -> Dispute:
    """A dispute after moves by roles."""
    dispute = OPENED
    for move, role in moves:
        dispute, _ = move_dispute(dispute, move, role=role, now=NOW, told=FULL)
    return dispute


TO_AGREED = (("accept", "desk"), ("assign", "desk"), ("start", "mediator"), ("agree", "mediator"))


def test_a_dispute_is_accepted_assigned_mediated_followed_up_and_archived() -> None:
    dispute = lived(*TO_AGREED, ("follow_up", "desk"), ("archive", "system"))
    assert (dispute.state, dispute.version, dispute.committee, dispute.method, dispute.kept) == (
        "archived",
        7,
        "A09",
        "mediation",
        True,
    )


def test_an_agreement_that_is_not_kept_is_mediated_again_from_the_start() -> None:
    dispute = lived(*TO_AGREED, ("follow_up", "desk"), ("reopen", "desk"))
    assert (dispute.state, dispute.committee, dispute.method, dispute.kept, dispute.rounds) == (
        "accepted",
        "",
        "",
        None,
        1,
    )


@pytest.mark.parametrize("state", DISPUTE_STATES)
@pytest.mark.parametrize("move", sorted({row.name for row in steps("dispute_moves")}))
@pytest.mark.parametrize("role", ROLES)
def test_every_move_that_the_table_lacks_is_refused_and_every_other_is_made(state: str, move: str, role: str) -> None:
    dispute = replace(OPENED, state=state)
    row = next((r for r in dispute_moves() if r.name == move and state in r.sources), None)
    if row is None:
        with pytest.raises(StateError):
            move_dispute(dispute, move, role=role, now=NOW, told=FULL)
    elif role not in row.roles:
        with pytest.raises(PowerError):
            move_dispute(dispute, move, role=role, now=NOW, told=FULL)
    else:
        after, record = move_dispute(dispute, move, role=role, now=NOW, version=1, told=FULL)
        assert (after.state, after.version, record.source, record.target) == (row.target, 2, state, row.target)


def test_every_state_is_reached_and_every_life_can_end_in_the_archive() -> None:
    reached, ends = {"reported"}, {"archived"}
    for _ in DISPUTE_STATES:
        reached |= {row.target for row in dispute_moves() if reached & set(row.sources)}
        ends |= {source for row in dispute_moves() if row.target in ends for source in row.sources}
    assert reached == ends == set(DISPUTE_STATES)


@pytest.mark.parametrize("row", [r for r in dispute_moves() if r.needs], ids=lambda r: r.name)
def test_what_a_move_needs_must_be_told(row: object) -> None:
    dispute = replace(OPENED, state=row.sources[0])
    with pytest.raises(DetailError, match=row.needs[0]):
        move_dispute(dispute, row.name, role=sorted(row.roles)[0], now=NOW)


def test_unknown_moves_stale_versions_unknown_methods_and_naive_times_are_refused() -> None:
    with pytest.raises(StateError, match="no move 'jump'"):
        move_dispute(OPENED, "jump", role="desk", now=NOW)
    with pytest.raises(VersionError):
        move_dispute(OPENED, "accept", role="desk", now=NOW, version=3)
    with pytest.raises(DetailError, match="method"):
        move_dispute(lived(*TO_AGREED[:3]), "agree", role="mediator", now=NOW, told=DisputeTold(method="duel"))
    with pytest.raises(DetailError, match="2000"):
        move_dispute(OPENED, "reject", role="desk", now=NOW, told=DisputeTold(reason="长" * 2001))
    with pytest.raises(InputError, match="zone"):
        move_dispute(OPENED, "accept", role="desk", now=datetime(2026, 3, 2))


def test_texts_told_with_a_move_are_masked() -> None:
    _, record = move_dispute(OPENED, "reject", role="desk", now=NOW, told=DisputeTold(reason="张先生13812345678已撤诉"))
    assert record.reason == "[姓名]先生[电话]已撤诉"
    told = DisputeTold(method="mediation", result="李女士同意")
    agreed, _ = move_dispute(lived(*TO_AGREED[:3]), "agree", role="mediator", now=NOW, told=told)
    assert agreed.result == "[姓名]女士同意"


def test_a_row_of_the_standards_fields_becomes_a_dispute_without_its_people() -> None:
    row = read_dispute(
        {"事件编号": "JF-1", "事件名称": "王女士与邻居漏水纠纷", "发生日期": "20260301", "发生地点": "泽园小区3号楼2单元501室", "事件类型": "D01",
         "涉及人数": "4", "事件简述": "电话13812345678", "主要当事人姓名": "王某", "证件号码": "11010519491231002X", "化解责任人联系方式": "13800000000",
         "化解是否成功": "1", "经度": "106.7", "纬度": "39.5", "所属网格": "150304002001001", "化解时限": "2026年4月1日", "监护人电话": "1", "备注三": "x"}
    )  # fmt: skip
    assert row.refused == ("主要当事人姓名", "证件号码", "化解责任人联系方式", "监护人电话")
    assert row.ignored == ("备注三",)
    assert row.masked == {"name": 1, "room": 1, "phone": 1}
    dispute = new_dispute(row, ("150304002001",))
    assert (dispute.people, dispute.occurred_on, dispute.due_on) == ("<5", date(2026, 3, 1), date(2026, 4, 1))
    assert (dispute.settled, dispute.lon, dispute.address) == (True, 106.7, "泽园小区3号楼2单元[门牌]室")
    assert not any(value in repr(dispute) for value in ("王", "13812345678", "11010519491231002X"))


def test_a_dispute_has_no_field_for_a_person() -> None:
    personal = ("party", "parties", "name", "phone", "gender", "id_card", "mediator")
    assert [f.name for f in fields(Dispute) if any(f.name.startswith(word) for word in personal)] == []


def test_cells_that_cannot_be_read_are_named_together() -> None:
    with pytest.raises(InputError, match="发生日期, 涉及人数, 化解是否成功, 经度"):
        read_dispute({"发生日期": "昨天", "涉及人数": "很多", "化解是否成功": "也许", "经度": "东"})
    with pytest.raises(DetailError, match="id, category"):
        new_dispute(read_dispute({}), ())


@given(st.integers(0, 10_000))
def test_the_number_of_people_is_kept_as_a_class_only(count: int) -> None:
    wanted = "<5" if count < 5 else "5-29" if count < 30 else "30+"
    assert people_class(count) == wanted
    assert wanted in PEOPLE_CLASSES
