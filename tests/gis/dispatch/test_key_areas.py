"""The life of a key area: every move from every state, what it needs, and what no move lets in."""

from datetime import UTC, date, datetime, timedelta

import pytest

from gis.dispatch.key_areas import (
    IN_FORCE,
    KEY_AREA_STATES,
    KeyArea,
    KeyAreaTold,
    effect_start,
    is_expired,
    key_area_moves,
    move_key_area,
)
from gis.errors import DetailError, InputError, PowerError, StateError, VersionError

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
TODAY = date(2026, 11, 23)
LATER = TODAY + timedelta(days=90)
UNITS = frozenset({"police", "water"})
TOLD = {
    "designate": KeyAreaTold(reason="入室盗窃集中", level="district", until=LATER),
    "decline": KeyAreaTold(reason="数量不足"),
    "measure": KeyAreaTold(kind="lighting", what="装灯 12 盏", unit="police", day=TODAY),
    "check": KeyAreaTold(finding="夜间照明到位", result="met"),
    "accept": KeyAreaTold(reason="连续两月下降"),
    "prolong": KeyAreaTold(reason="仍偏高", until=LATER + timedelta(days=60)),
    "withdraw": KeyAreaTold(reason="重复"),
}
ROLES = {"check": "checker"}


def go(area: KeyArea, *moves: str) -> KeyArea:
    for move in moves:
        told = {"now": NOW, "today": TODAY, "units": UNITS, "told": TOLD[move]}
        area, _ = move_key_area(area, move, role=ROLES.get(move, "supervisor"), **told)  # type: ignore[arg-type]
    return area


WAYS = {
    "proposed": (),
    "designated": ("designate",),
    "under_measures": ("designate", "measure"),
    "checked": ("designate", "measure", "check"),
    "prolonged": ("designate", "measure", "check", "prolong"),
    "accepted": ("designate", "measure", "check", "accept"),
    "declined": ("decline",),
    "withdrawn": ("designate", "withdraw"),
}
"""How each state is reached."""


def test_a_life_from_proposal_to_acceptance_keeps_what_was_told() -> None:
    area = go(KeyArea("a"), "designate", "measure", "measure", "check", "prolong", "measure", "check", "accept")
    assert (area.state, area.version, area.prolonged) == ("accepted", 9, 1)
    assert (area.reason, area.level, area.since, area.until) == (
        "入室盗窃集中",
        "district",
        TODAY,
        LATER + timedelta(days=60),
    )
    assert [m.what for m in area.measures] == ["装灯 12 盏"] * 3
    assert [c.result for c in area.checks] == ["met", "met"]


@pytest.mark.parametrize("state", KEY_AREA_STATES)
@pytest.mark.parametrize("move", sorted(TOLD))
def test_every_move_is_taken_where_the_table_says_and_refused_elsewhere(state: str, move: str) -> None:
    area = go(KeyArea("a"), *WAYS[state])
    assert area.state == state
    rows = [row for row in key_area_moves() if row.name == move and state in row.sources]
    if rows:
        after = go(area, move)
        assert (after.state, after.version) == (rows[0].target, area.version + 1)
    else:
        with pytest.raises(StateError):
            go(area, move)


@pytest.mark.parametrize("move", sorted(TOLD))
@pytest.mark.parametrize("role", ["supervisor", "desk", "checker", "analyst", ""])
def test_roles_that_are_not_in_the_table_are_refused(move: str, role: str) -> None:
    row = next(row for row in key_area_moves() if row.name == move)
    area = go(KeyArea("a"), *WAYS[row.sources[0]])
    told = {"role": role, "now": NOW, "today": TODAY, "units": UNITS, "told": TOLD[move]}
    if role in row.roles:
        _, record = move_key_area(area, move, **told)  # type: ignore[arg-type]
        assert record.role == role
    else:
        with pytest.raises(PowerError):
            move_key_area(area, move, **told)  # type: ignore[arg-type]


def test_every_move_without_its_details_is_refused_by_name() -> None:
    for row in key_area_moves():
        area = go(KeyArea("a"), *WAYS[row.sources[0]])
        with pytest.raises(DetailError, match=row.needs[0]):
            move_key_area(area, row.name, role=min(row.roles), now=NOW, today=TODAY, units=UNITS)


@pytest.mark.parametrize(
    ("move", "told", "words"),
    [
        ("designate", KeyAreaTold(reason="x", level="world", until=LATER), "level is one of"),
        ("designate", KeyAreaTold(reason="x", level="city", until=TODAY), "last day lies after"),
        ("designate", KeyAreaTold(reason="x", level="city", until=date(2040, 1, 1)), "within 5 years"),
        ("prolong", KeyAreaTold(reason="x", until=LATER), "last day lies after"),
        ("measure", KeyAreaTold(kind="magic", what="x", unit="police", day=TODAY), "kind is one of"),
        ("measure", KeyAreaTold(kind="patrol", what="x", unit="navy", day=TODAY), "unit is one of"),
        ("measure", KeyAreaTold(kind="patrol", what="x", unit="police", day=LATER), "not lie after today"),
        ("check", KeyAreaTold(finding="x", result="good"), "result is one of"),
    ],
)
def test_details_that_make_no_sense_are_refused(move: str, told: KeyAreaTold, words: str) -> None:
    row = next(row for row in key_area_moves() if row.name == move)
    area = go(KeyArea("a"), *WAYS[row.sources[0]])
    with pytest.raises(DetailError, match=words):
        move_key_area(area, move, role=min(row.roles), now=NOW, today=TODAY, units=UNITS, told=told)


def test_an_area_whose_last_check_fell_short_is_not_accepted() -> None:
    area = go(KeyArea("a"), "designate", "measure")
    short = KeyAreaTold(finding="仍无照明", result="partly")
    area, _ = move_key_area(area, "check", role="checker", now=NOW, today=TODAY, told=short)
    with pytest.raises(DetailError, match="did not find the aim met"):
        go(area, "accept")
    assert go(area, "prolong").state == "prolonged"


def test_names_and_numbers_of_people_do_not_get_into_texts() -> None:
    told = KeyAreaTold(kind="other", what="联系 13800138000 张三先生", unit="police", day=TODAY)
    area, _ = move_key_area(
        go(KeyArea("a"), "designate"), "measure", role="desk", now=NOW, today=TODAY, units=UNITS, told=told
    )
    assert "13800138000" not in area.measures[0].what
    told = KeyAreaTold(reason="电话 13800138000", level="city", until=LATER)
    area, record = move_key_area(KeyArea("a"), "designate", role="supervisor", now=NOW, today=TODAY, told=told)
    assert "13800138000" not in area.reason + record.reason


def test_another_version_and_a_moment_without_zone_are_refused() -> None:
    with pytest.raises(VersionError):
        move_key_area(KeyArea("a"), "decline", role="supervisor", now=NOW, today=TODAY, version=7, told=TOLD["decline"])
    with pytest.raises(InputError, match="time zone"):
        move_key_area(KeyArea("a"), "decline", role="supervisor", now=NOW.replace(tzinfo=None), today=TODAY)


def test_an_area_in_force_past_its_last_day_is_expired_and_one_that_is_over_is_not() -> None:
    area = go(KeyArea("a"), "designate", "measure")
    assert not is_expired(area, LATER)
    assert is_expired(area, LATER + timedelta(days=1))
    assert not is_expired(go(area, "withdraw"), LATER + timedelta(days=1))
    assert area.state in IN_FORCE


def test_figures_start_with_the_first_measure_and_before_one_with_the_period() -> None:
    assert effect_start(KeyArea("a")) is None
    designated = go(KeyArea("a"), "designate")
    assert effect_start(designated) == TODAY
    early = KeyAreaTold(kind="patrol", what="x", unit="water", day=TODAY - timedelta(days=5))
    area, _ = move_key_area(designated, "measure", role="desk", now=NOW, today=TODAY, units=UNITS, told=early)
    assert effect_start(area) == TODAY - timedelta(days=5)
