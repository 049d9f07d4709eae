"""Times: every Chinese form seen, what is refused, and laws."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.layers.times import is_clock, join_clock, parse_times

ZONE = "Asia/Shanghai"
T = "2023-01-10T09:30:00"

READ = [
    ("2023年1月10日 9时30分", T, "minute"),
    ("2023年01月10日09时30分00秒", T, "minute"),
    ("2023年1月10日 上午9时30分", T, "minute"),
    ("2023年1月10日 9点半", T, "minute"),
    ("2023年1月10日9时30分许", T, "minute"),
    ("2023年1月10日星期二 9:30", T, "minute"),
    ("2023-01-10 周二 09:30", T, "minute"),
    ("２０２３年１月１０日　９时３０分", T, "minute"),
    ("二〇二三年一月十日九时三十分", T, "minute"),
    ("23年1月10日 9:30", T, "minute"),
    ("2023/1/10 09:30", T, "minute"),
    ("2023-01-10 09:30:00.000", T, "minute"),
    ("2023.1.10 9:30", T, "minute"),
    ("202301100930", T, "minute"),
    ("20230110093000", T, "minute"),
    ("20230110 093000", T, "minute"),
    ("2023-01-10T09:30:00+08:00", T, "minute"),
    ("2023-01-10T01:30:00Z", T, "minute"),
    ("2023-01-10 01:30:00+00", T, "minute"),
    ("1673314200", T, "minute"),
    ("1673314200000", T, "minute"),
    ("44936.3958333333", T, "minute"),
    ("Jan 10, 2023 9:30 AM", T, "minute"),
    ("10 January 2023 09:30", T, "minute"),
    ("2023年1月10日 下午3时5分", "2023-01-10T15:05:00", "minute"),
    ("2023年1月10日 8点半", "2023-01-10T08:30:00", "minute"),
    ("2023年1月10日8点一刻", "2023-01-10T08:15:00", "minute"),
    ("2023年1月10日凌晨1时", "2023-01-10T01:00:00", "minute"),
    ("2023年1月10日晚上8点", "2023-01-10T20:00:00", "minute"),
    ("2023年1月10日中午12时", "2023-01-10T12:00:00", "minute"),
    ("2023年1月10日晚12点", "2023-01-11T00:00:00", "minute"),
    ("2023年1月10日24时00分", "2023-01-11T00:00:00", "minute"),
    ("2023011008", "2023-01-10T08:00:00", "minute"),
    ("2023年1月10日", "2023-01-10T00:00:00", "day"),
    ("二〇二三年一月十日", "2023-01-10T00:00:00", "day"),
    ("20230110", "2023-01-10T00:00:00", "day"),
    ("44936", "2023-01-10T00:00:00", "day"),
    ("13/01/2023", "2023-01-13T00:00:00", "day"),
]
REFUSED = [
    ("", "time_missing"),
    ("1月10日 9时30分", "time_no_year"),
    ("昨天下午3点", "time_relative"),
    ("3小时前", "time_relative"),
    ("2023-02-30", "time_invalid"),
    ("2023年1月10日25时", "time_invalid"),
    ("2023-13-01", "time_invalid"),
    ("12/01/2023", "time_ambiguous"),
    ("2023年1月", "time_unreadable"),
    ("不详", "time_unreadable"),
    ("0001-01-01", "time_out_of_range"),
    ("2023-01-10 11:00~2023-01-10 09:00", "time_end_before_start"),
]


def local(text: str) -> np.datetime64:
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    return np.datetime64(moment.replace(tzinfo=None), "us")


@pytest.mark.parametrize(("text", "expected", "precision"), READ)
def test_form_is_read(text: str, expected: str, precision: str) -> None:
    read = parse_times(pa.array([text]), zone=ZONE)
    assert read.reason[0] == ""
    assert read.start[0] == local(expected)
    assert read.precision[0] == precision


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_is_not_certain_is_refused_with_its_reason(text: str, reason: str) -> None:
    read = parse_times(pa.array([text]), zone=ZONE)
    assert read.reason[0] == reason
    assert np.isnat(read.start[0])


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2023年1月10日9时至11时", "2023-01-10T09:00:00", "2023-01-10T11:00:00"),
        ("2023-01-10 09:30~10:15", T, "2023-01-10T10:15:00"),
        ("2023-01-10 09:30 - 2023-01-11 10:15", T, "2023-01-11T10:15:00"),
        ("2023-01-10 至 2023-01-12", "2023-01-10T00:00:00", "2023-01-13T00:00:00"),
    ],
)
def test_interval_keeps_both_ends(text: str, start: str, end: str) -> None:
    read = parse_times(pa.array([text]), zone=ZONE)
    assert (read.start[0], read.end[0], read.precision[0]) == (local(start), local(end), "interval")


def test_column_decides_day_and_month() -> None:
    read = parse_times(pa.array(["01/05/2015 12:40:41 PM", "01/31/2015 12:00:00 AM"]), zone=ZONE)
    assert read.start.tolist() == [local("2015-01-05T12:40:41").item(), local("2015-01-31T00:00:00").item()]
    european = parse_times(pa.array(["01/05/2015", "31/01/2015"]), zone=ZONE)
    assert european.start[0] == local("2015-05-01T00:00:00")


def test_column_of_both_kinds_refuses_the_ambiguous_rows_only() -> None:
    read = parse_times(pa.array(["31/01/2015", "01/31/2015", "01/05/2015", "05/05/2015"]), zone=ZONE)
    assert read.reason.tolist() == ["", "", "time_ambiguous", ""]


def test_clock_repeated_in_autumn_takes_the_first_and_skipped_in_spring_moves_on() -> None:
    read = parse_times(pa.array(["2023-11-05 01:30", "2023-03-12 02:30"]), zone="America/Toronto")
    assert read.start.astype("M8[m]").astype(str).tolist() == ["2023-11-05T05:30", "2023-03-12T07:00"]


def test_date_and_hour_make_an_interval_of_an_hour() -> None:
    texts, hourly = join_clock(pa.array(["2021-05-06", "44936", "x"]), pa.array(["7", "09:30", "3"]))
    assert texts.to_pylist() == ["2021-05-06 7:00", "2023-01-10 09:30", "x"]
    assert hourly.tolist() == [True, False, False]


def test_clock_column_is_told_from_a_time_column() -> None:
    assert is_clock(pa.array(["09:30", "", "下午3点"]))
    assert not is_clock(pa.array(["2023-01-10 09:30"]))


WRITTEN = [
    "%Y年%m月%d日 %H时%M分%S秒",
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%Y.%m.%d %H:%M:%S",
    "%Y年%m月%d日 %p%I:%M:%S",
]


@given(st.datetimes(datetime(1992, 1, 1), datetime(2099, 12, 31)), st.sampled_from(WRITTEN))
def test_what_is_written_is_read_back(moment: datetime, form: str) -> None:
    moment = moment.replace(microsecond=0)
    text = moment.strftime(form).replace("AM", "上午").replace("PM", "下午")
    read = parse_times(pa.array([text]), zone=ZONE)
    assert read.start[0] == np.datetime64(moment - timedelta(hours=8), "us")


@given(
    st.lists(st.text(max_size=30) | st.from_regex(r"[0-9年月日时分:/\-. 至~半点]{1,20}", fullmatch=True), max_size=8)
)
def test_any_text_gets_a_time_or_a_reason_and_never_an_exception(texts: list[str]) -> None:
    read = parse_times(pa.array(texts, pa.string()), zone=ZONE)
    assert ((read.reason == "") != np.isnat(read.start)).all()


@given(st.permutations(["2023-01-10", "2023年1月10日 8点半", "", "x", "12/01/2023", "20230112083000"]))
def test_order_of_rows_does_not_matter(texts: list[str]) -> None:
    together = parse_times(pa.array(texts), zone=ZONE)
    alone = [parse_times(pa.array([text]), zone=ZONE) for text in texts]
    assert together.reason.tolist() == [one.reason[0] for one in alone]
