"""What an alarm may say: three words, or it is refused with a reason, whatever comes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError
from webmap.reporting.alarms import KINDS, Alarm, event_ids, read_alarm

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20) | st.sampled_from([*KINDS]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["device", "kind", "at", "picture"]) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)
MOMENTS = st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat()) | st.text(max_size=30)


@given(told=JSON)
def test_any_json_is_an_alarm_or_is_refused_in_words(told: Any) -> None:
    try:
        alarm = read_alarm("smoke", told, NOW)
    except InputError:
        return
    assert set(told) == {"device", "kind", "at"}
    assert alarm.kind in KINDS


@given(at=MOMENTS)
def test_a_moment_lies_within_a_day_or_is_refused(at: str) -> None:
    try:
        alarm = read_alarm("smoke", {"device": "c0", "kind": "smoke", "at": at}, NOW)
    except InputError:
        return
    assert NOW - timedelta(days=1) <= alarm.at <= NOW + timedelta(minutes=10)


@given(first=st.integers(0, 10**6), apart=st.integers(0, 3600), minutes=st.integers(1, 60))
def test_alarms_of_one_burst_have_the_id_of_the_span_or_of_the_one_before(first: int, apart: int, minutes: int) -> None:
    one, other = (Alarm("s", "c0", "smoke", NOW + timedelta(seconds=at)) for at in (first, first + apart))
    if apart < minutes * 60:
        assert event_ids(one, minutes)[0] in event_ids(other, minutes)
    if apart >= 2 * minutes * 60:
        assert event_ids(one, minutes)[0] not in event_ids(other, minutes)
