"""A form gives a report without its reporter; dates, spans, places and lists are those of the specification."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError
from webmap.api.open311.asked import PERSONAL, SPAN, ListQuery, NewRequest, is_true, parse_list, parse_request, w3c

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
HERE = [("service_code", "06010"), ("lat", "39.5"), ("long", "106.7")]


def test_a_report_is_a_service_a_place_and_what_was_said() -> None:
    asked = parse_request([*HERE, ("description", " 井盖\n破损 "), ("address_string", "建设路"), ("media_url", "")])
    assert asked == NewRequest("06010", 106.7, 39.5, "建设路", "", "井盖\n破损")


def test_nothing_of_the_reporter_is_in_it() -> None:
    personal = [(name, f"secret-{name}") for name in PERSONAL]
    asked = parse_request([*HERE, *personal, ("media_url", "http://inner/secret-photo")])
    assert asked.left_out == (*PERSONAL, "media_url")
    assert "secret" not in str(asked)


def test_attributes_are_told_by_code_and_again_for_each_value_of_a_list() -> None:
    asked = parse_request(
        [*HERE, ("attribute[A-1]", "x"), ("attribute[B][]", "1"), ("attribute[B][]", "2"), ("attribute[C]", "")]
    )
    assert asked.attributes == {"A-1": ("x",), "B": ("1", "2")}


@pytest.mark.parametrize("place", [[("address_string", "建设路")], [("address_id", "150304009008001")], HERE[1:]])
def test_one_way_to_tell_the_place_is_enough(place: list[tuple[str, str]]) -> None:
    assert parse_request([HERE[0], *place])


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (HERE[1:], "service_code was not provided"),
        ([("service_code", ""), *HERE[1:]], "service_code was not provided"),
        (HERE[:1], "location is missing"),
        (HERE[:2], "go together"),
        ([*HERE[:2], ("long", "181")], "go together"),
        ([*HERE[:2], ("long", "nan")], "go together"),
        ([*HERE[:2], ("long", "x")], "go together"),
        ([*HERE, ("description", "x" * 4001)], "4000"),
        ([*HERE, ("description", "a\x00")], "4000"),
        ([*HERE, ("description", "\ud800")], "4000"),
        ([*HERE, ("address_string", "x" * 201)], "200"),
        ([*HERE, ("attribute[a]", "x" * 201)], "too long"),
    ],
)
def test_what_makes_no_sense_is_refused(form: list[tuple[str, str]], words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_request(form)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["lat", "long", "service_code", "description", "attribute[a]", "x"]), st.text(max_size=9)
        )
    )
)
def test_any_form_is_a_report_or_a_refusal(form: list[tuple[str, str]]) -> None:
    try:
        asked = parse_request(form)
    except InputError:
        return
    assert asked.service_code


def test_without_a_word_the_last_ninety_days_are_asked_for() -> None:
    assert parse_list({"status": "", "page": ""}, now=NOW) == ListQuery((), (), (), NOW - SPAN, NOW)


def test_one_date_gives_the_other_within_ninety_days() -> None:
    start = parse_list({"start_date": "2026-01-01T00:00:00Z"}, now=NOW)
    assert (start.since, start.until) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    late = parse_list({"start_date": "2026-11-01T00:00:00+08:00"}, now=NOW)
    assert (late.since.isoformat(), late.until) == ("2026-11-01T00:00:00+08:00", NOW)
    end = parse_list({"end_date": "2026-04-01T00:00:00Z"}, now=NOW)
    assert end.since == datetime(2026, 1, 1, tzinfo=UTC)


def test_lists_are_comma_delimited_and_pages_count_from_one() -> None:
    asked = parse_list(
        {
            "service_request_id": "a, b,,a",
            "service_code": "1,2",
            "status": "open,closed",
            "page": "3",
            "page_size": "50",
        },
        now=NOW,
    )
    assert (asked.ids, asked.service_codes, asked.statuses) == (("a", "b"), ("1", "2"), ("open", "closed"))
    assert (asked.page, asked.page_size) == (3, 50)


@pytest.mark.parametrize(
    "args",
    [
        {"status": "done"},
        {"start_date": "2026-01-01"},
        {"start_date": "2026-01-01T00:00:00"},
        {"start_date": "2026-13-01T00:00:00Z"},
        {"start_date": "0001-01-01T00:00:00Z"},
        {"end_date": "9999-12-31T23:59:59Z"},
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-01T00:00:01Z"},
        {"page": "0"},
        {"page": "x"},
        {"page_size": "1001"},
        {"page": "21", "page_size": "1000"},
        {"service_code": "a\x00"},
    ],
)
def test_a_query_that_makes_no_sense_is_refused(args: dict[str, str]) -> None:
    with pytest.raises(InputError):
        parse_list(args, now=NOW)


def test_a_plus_that_became_a_blank_is_still_a_zone() -> None:
    asked = parse_list({"start_date": "2026-11-01T00:00:00 08:00"}, now=NOW)
    assert asked.since.utcoffset() == timedelta(hours=8)


def test_moments_are_written_with_their_zone_to_the_second() -> None:
    assert w3c(datetime(2026, 1, 1, 0, 0, 0, 999, tzinfo=UTC)) == "2026-01-01T00:00:00+00:00"
    assert is_true({"extensions": " True "}, "extensions")
    assert not is_true({}, "extensions")
