"""What a client says of teams is read or refused with the team and the field, in both languages."""

import json
from contextlib import suppress
from datetime import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError
from webmap.team_settings import FIELDS, TeamSettings, must_skills_of, settings_of

FULL = {
    "team": 2, "from": "8:00", "to": "12:30", "break_min": 30, "break_from": "10:00", "break_to": "11:00", "mode": "foot",
    "skills": ["急救", "drone "], "most_km": 8, "start": "XF005", "end": {"lon": 106.7, "lat": 39.5},
}  # fmt: skip


def test_all_that_may_be_said_is_read_and_said_again() -> None:
    (read,) = settings_of([FULL], most=3)
    assert read == TeamSettings(
        "2", time(8), time(12, 30), 30.0, time(10), time(11), "foot", ("急救", "drone"), 8.0, "XF005", (106.7, 39.5)
    )
    assert settings_of(json.loads(json.dumps([read.body()])), most=3) == (read,)
    assert hash(read) == hash(settings_of([FULL], most=3)[0])


def test_what_is_left_empty_is_as_if_it_were_not_there() -> None:
    empty = dict.fromkeys(FIELDS, "") | {"team": "甲队", "skills": [], "break_min": 0, "most_km": None}
    (read,) = settings_of([empty], most=1)
    assert read == TeamSettings("甲队")
    assert read.body() == {"team": "甲队"}
    assert settings_of(None, most=1) == settings_of([], most=1) == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("from", "25:00"), ("to", "8"), ("from", 8), ("break_from", "08:60"), ("break_to", ["9:00"]), ("break_min", -1),
        ("break_min", 241), ("break_min", True), ("break_min", "30"), ("mode", "horse"), ("mode", 1), ("skills", "drone"),
        ("skills", ["a,b"]), ("skills", [3]), ("skills", ["x"] * 11), ("most_km", 10**400), ("most_km", float("nan")),
        ("start", {"lon": 106.7}), ("start", 5), ("end", {"lon": True, "lat": 39.5}), ("end", {"lon": 10**400, "lat": 0}),
    ],
)  # fmt: skip
def test_a_field_that_makes_no_sense_is_named_with_its_team_in_both_languages(field: str, value: Any) -> None:
    with pytest.raises(InputError) as told:
        settings_of([FULL | {field: value}], most=3)
    zh, en = FIELDS[field]
    assert told.value.zh.startswith(f"第 2 队的{zh}:")
    assert told.value.en.startswith(f"Team 2, {en}: ")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"team": 1}, "a list of at most 2"),
        ([1], "a list of at most 2"),
        ([{"team": 1}, {"team": 2}, {"team": 3}], "a list of at most 2"),
        ([{}], "has team"),
        ([{"team": True}], "has team"),
        ([{"team": "  "}], "has team"),
        ([{"team": 1}, {"team": "1"}], "Team 1: said twice"),
        ([{"team": "甲队", "speed": 3}], "Team '甲队': there is no setting 'speed'"),
        ([{"team": 1, "\ud800\n": 3}], "there is no setting '??'"),
    ],
)
def test_what_is_no_list_of_settings_is_refused(told: Any, words: str) -> None:
    with pytest.raises(InputError) as found:
        settings_of(told, most=2)
    assert words in found.value.en


def test_skills_of_must_visits_are_read_by_kind() -> None:
    assert must_skills_of({"station": ["drone"], "school": ["急救", "急救"], "courier": []}) == (
        ("school", ("急救",)),
        ("station", ("drone",)),
    )
    assert must_skills_of(None) == ()
    for wrong in ([], "school", {"school": "drone"}, {"school": [1]}, {"": ["drone"]}, {"x" * 41: ["a"]}):
        with pytest.raises(InputError, match="kinds of places"):
            must_skills_of(wrong)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from([*FIELDS, "x"]), _JSON), _JSON)
def test_whatever_is_sent_is_read_or_refused_in_words(row: dict[str, Any], skills: Any) -> None:
    with suppress(InputError):
        settings_of([{"team": 1} | row], most=2)
    with suppress(InputError):
        must_skills_of(skills)
