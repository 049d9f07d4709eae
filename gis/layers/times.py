"""Times as districts write them, to UTC: own ordered patterns over whole columns, and a refusal for what is not certain.

General parsers fail here (one reads 14 of 23 Chinese forms, another none and takes 12/01/2023 for 1 December). Text without a zone is
in the district's zone. It never guesses a year, never reads "yesterday", and never decides day against month by itself.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

BoolArray = npt.NDArray[np.bool_]
TimeArray = npt.NDArray[np.datetime64]

MINUTE, DAY, INTERVAL = "minute", "day", "interval"

_MORNING = ("上午", "早上", "早晨", "清晨", "凌晨", "半夜", "am", "a.m.")
_EVENING = ("下午", "傍晚", "晚上", "晚间", "夜间", "夜里", "晚", "pm", "p.m.")
_NOON = ("中午", "正午")
_WORDS = "|".join((*_MORNING[:6], *_EVENING[:7], *_NOON))
_CLOCK = (
    rf"(?:(?P<word>{_WORDS})\s*)?(?P<H>\d{{1,2}})\s*[:时点]\s*(?P<M>半|整|一刻|三刻|\d{{1,2}})?\s*[:分]?"
    r"\s*(?P<S>\d{1,2})?(?:[.,]\d{1,9})?\s*秒?\s*整?\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>[Zz]|UTC|[+-]\d{2}:?(?:\d{2})?)?"
)
_AFTER_DATE = rf"(?:[T,\s]*{_CLOCK})?"
_YMD = rf"^(?P<y>\d{{4}})\s*[年/.\-]\s*(?P<m>\d{{1,2}})\s*[月/.\-]\s*(?P<d>\d{{1,2}})\s*[日号]?{_AFTER_DATE}$"
_SHORT_YEAR = rf"^(?P<y>\d{{2}})\s*年\s*(?P<m>\d{{1,2}})\s*月\s*(?P<d>\d{{1,2}})\s*[日号]?{_AFTER_DATE}$"
_PACKED = (
    r"^(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:[T\s\-]?(?P<H>\d{2})(?::?(?P<M>\d{2})(?::?(?P<S>\d{2})(?:\.\d+)?)?)?)?"
    r"(?P<zone>[Zz]|[+-]\d{2}:?\d{2})?$"
)
_ABC = rf"^(?P<a>\d{{1,2}})[/.\-](?P<b>\d{{1,2}})[/.\-](?P<y>\d{{4}}){_AFTER_DATE}$"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_WORD = rf"(?P<mon>{'|'.join(_MONTHS)})[a-z]*\.?"
_MDY_WORD = rf"(?i)^{_MONTH_WORD}[\s\-]+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?[\s\-]+(?P<y>\d{{4}}){_AFTER_DATE}$"
_DMY_WORD = rf"(?i)^(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s\-]+{_MONTH_WORD},?[\s\-]+(?P<y>\d{{4}}){_AFTER_DATE}$"
_NUMBER = r"^\d{4,13}(?:\.\d+)?$"
_CLOCK_ONLY = rf"^{_CLOCK}$"
_DATE_ONLY = r"^\d{2,4}\s*[年/.\-]\s*\d{1,2}\s*[月/.\-]\s*\d{1,4}\s*[日号]?$|^\d{8}$|^\d{5}(?:\.0+)?$"
_MIDNIGHT = r"[T\s]+0{1,2}:00(?::00(?:\.0+)?)?$"
_NO_YEAR = r"^\d{1,2}\s*(?:月|[/\-])\s*\d{1,2}\s*[日号]?(?:[\s,]|\D|$)"
_RELATIVE = r"今天|昨天|前天|今日|昨日|今晨|昨晚|今晚|刚才|刚刚|小时前|分钟前|天前|上周|本周|yesterday|today|ago"
_SPLIT = r"^(?P<from>.*?\d.*?)\s*(?:至|到|~|—+|–|\s-{1,2}\s)\s*(?P<to>.*\d.*)$"
_NOISE = r"\s*(?:星期|礼拜|周)[一二三四五六日天]\s*|(?i:\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s)|[约許许]|左右|前后|\(.*?\)"
_CHINESE_DIGITS = str.maketrans("〇零○一二三四五六七八九两", "0001234567892")
_CHINESE_NUMBER = re.compile(r"[〇零○一二三四五六七八九十廿卅两]+")
_SERIAL_ZERO = np.datetime64("1899-12-30", "us")
_DECISIVE = 0.99

REASONS = {
    "time_missing": ("没有时间", "there is no time"),
    "time_unreadable": ("时间无法识别", "the time cannot be read"),
    "time_ambiguous": ("无法确定日在前还是月在前", "day and month cannot be told apart"),
    "time_no_year": ("时间没有年份", "the time has no year"),
    "time_relative": ("相对时间(如“昨天”)不能使用", "a relative time such as 'yesterday' cannot be used"),
    "time_invalid": ("没有这个日期或时刻", "there is no such date or time of day"),
    "time_out_of_range": ("时间超出 1900-2100 年", "the time lies outside 1900-2100"),
    "time_end_before_start": ("结束时间早于开始时间", "the end lies before the start"),
}


@dataclass(frozen=True)
class Times:
    """Times of a column.

    Parameters
    ----------
    start, end
        Shape (n,), ``datetime64[us]`` in UTC; NaT where there is none. ``end`` only for intervals.
    precision
        Shape (n,), ``minute``, ``day`` or ``interval``; empty where unread.
    reason
        Shape (n,), code of ``REASONS``; empty where read.
    """

    start: TimeArray
    end: TimeArray
    precision: npt.NDArray[np.object_]
    reason: npt.NDArray[np.object_]


def parse_times(texts: pa.Array, *, zone: str) -> Times:
    """Read a column of times.

    Parameters
    ----------
    texts
        Shape (n,), text; empty is missing.
    zone
        Zone of texts that state none. Of a clock hour that a change to winter time repeats, the first is taken; one that a change
        to summer time skips moves forward.
    """
    column = _Column(_normal(texts), ZoneInfo(zone))
    column.read()
    return column.result()


def join_clock(dates: pa.Array, clocks: pa.Array) -> tuple[pa.Array, BoolArray]:
    """Dates completed by a column of hours or clock times.

    Returns
    -------
    texts, hourly
        ``hourly`` marks rows completed by a bare hour: the event lies somewhere within it.
    """
    days = pc.replace_substring_regex(_normal(dates), _MIDNIGHT, "")
    clock = _normal(clocks)
    bare = pc.match_substring_regex(clock, r"^\d{1,2}(?:\.0+)?$")
    hour = pc.binary_join_element_wise(pc.replace_substring_regex(clock, r"\.0+$", ""), pa.scalar("00"), ":")
    tail = pc.if_else(bare, hour, pc.replace_substring_regex(clock, r"^.*[T\s](\d{1,2}:)", r"\1"))
    wanted = pc.and_(pc.match_substring_regex(days, _DATE_ONLY), pc.match_substring_regex(tail, _CLOCK_ONLY))
    day_text = _serial_days(days)
    joined = pc.if_else(wanted, pc.binary_join_element_wise(day_text, tail, " "), dates)
    return joined, _mask(pc.and_(wanted, bare))


def is_clock(texts: pa.Array) -> bool:
    """Whether a column holds times of day without dates."""
    filled = texts.filter(pc.not_equal(texts, ""))
    if len(filled) == 0:
        return False
    hits = pc.sum(pc.match_substring_regex(_normal(filled), _CLOCK_ONLY)).as_py() or 0
    return bool(hits * 2 > len(filled))


def _serial_days(days: pa.Array) -> pa.Array:
    """Excel day numbers as ISO dates, everything else as it is."""
    serial = pc.match_substring_regex(days, r"^\d{5}(?:\.0+)?$")
    if not pc.any(serial).as_py():
        return days
    count = pc.cast(pc.cast(pc.if_else(serial, days, "0"), pa.float64()), pa.int64())
    iso = (_SERIAL_ZERO.astype("M8[D]") + np.asarray(count).astype("m8[D]")).astype(str)
    return pc.if_else(serial, pa.array(iso, pa.string()), days)


def _normal(texts: pa.Array) -> pa.Array:
    """Full-width forms, Chinese numerals, weekdays and hedges taken out, blanks single."""
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        has_letters = pc.any(pc.match_substring_regex(texts, r"(?i)\b(?:mon|tue|wed|thu|fri|sat|sun)")).as_py()
        return pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, _NOISE, " ") if has_letters else texts)
    plain = pc.utf8_normalize(texts, form="NFKC")
    plain = pc.replace_substring_regex(plain, _NOISE, " ")
    plain = _by_unique(plain, r"[〇零○一二三四五六七八九十廿卅两]", _arabic)
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, r"\s+", " "))


def _arabic(text: str) -> str:
    text = text.replace("一刻", "15分").replace("三刻", "45分")
    return _CHINESE_NUMBER.sub(lambda match: _number(match.group()), text)


def _number(chinese: str) -> str:
    """二〇二三 to 2023 digit by digit; 三十一 to 31 by value."""
    chinese = chinese.replace("廿", "二十").replace("卅", "三十")
    if "十" not in chinese:
        return chinese.translate(_CHINESE_DIGITS)
    tens, _, ones = chinese.partition("十")
    value = int(tens.translate(_CHINESE_DIGITS) or 1) * 10
    rest = ones.replace("十", "").translate(_CHINESE_DIGITS)
    return str(value + int(rest or 0))


def _by_unique(texts: pa.Array, pattern: str, change: Callable[[str], str]) -> pa.Array:
    """Apply a Python function to the few cells that match, once for each distinct text."""
    hit = pc.match_substring_regex(texts, pattern)
    if not pc.any(hit).as_py():
        return texts
    found = texts.filter(hit)
    encoded = found.dictionary_encode()
    changed = pa.array([change(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return pc.replace_with_mask(texts, hit, changed.take(encoded.indices))


def _mask(array: pa.Array) -> BoolArray:
    return np.asarray(pc.fill_null(array, pa.scalar(value=False)).to_numpy(zero_copy_only=False), dtype=bool)


class _Column:
    """One column on its way: which rows are read, by which pattern."""

    def __init__(self, texts: pa.Array, zone: ZoneInfo) -> None:
        n = len(texts)
        self.texts = texts
        self.zone = zone
        self.start = np.full(n, np.datetime64("NaT", "us"))
        self.end = np.full(n, np.datetime64("NaT", "us"))
        self.precision = np.full(n, "", dtype=object)
        self.reason = np.full(n, "", dtype=object)
        self.open = np.ones(n, dtype=bool)

    def read(self) -> None:
        self._give_up(_mask(pc.equal(self.texts, "")), "time_missing")
        for pattern in (_YMD, _PACKED, _SHORT_YEAR):
            self._match(pattern)
        self._numbers()
        self._day_or_month()
        for pattern in (_MDY_WORD, _DMY_WORD):
            self._match(pattern)
        self._intervals()
        for pattern, reason in ((_RELATIVE, "time_relative"), (_NO_YEAR, "time_no_year"), (r"", "time_unreadable")):
            if self.open.any():
                self._give_up(self.open & _mask(pc.match_substring_regex(self.texts, pattern)), reason)

    def result(self) -> Times:
        read = self.reason == ""
        far = read & ~((self.start >= np.datetime64("1900-01-01")) & (self.start < np.datetime64("2101-01-01")))
        self._give_up(far, "time_out_of_range")
        self._give_up((self.reason == "") & (self.end < self.start), "time_end_before_start")
        return Times(self.start, self.end, self.precision, self.reason)

    def _give_up(self, rows: BoolArray, reason: str) -> None:
        self.reason[rows] = reason
        self.start[rows] = np.datetime64("NaT", "us")
        self.end[rows] = np.datetime64("NaT", "us")
        self.precision[rows] = ""
        self.open[rows] = False

    def _groups(self, pattern: str) -> tuple[npt.NDArray[np.int64], pa.StructArray] | None:
        """Positions of open rows that match, and their groups."""
        if not self.open.any():
            return None
        at = np.flatnonzero(self.open)
        struct = pc.extract_regex(self.texts.take(pa.array(at)) if len(at) < len(self.texts) else self.texts, pattern)
        hit = _mask(struct.is_valid())
        if not hit.any():
            return None
        return at[hit], struct.filter(pa.array(hit))

    def _match(self, pattern: str) -> None:
        found = self._groups(pattern)
        if found is None:
            return
        at, groups = found
        fields = {field.name: groups.field(i) for i, field in enumerate(groups.type)}
        year = _int(fields["y"])
        if pattern is _SHORT_YEAR:
            year += 2000
        month = _month_number(fields["mon"]) if "mon" in fields else _int(fields["m"])
        self._settle(at, year, month, _int(fields["d"]), fields)

    def _settle(
        self,
        at: npt.NDArray[np.int64],
        year: npt.NDArray[np.int64],
        month: npt.NDArray[np.int64],
        day: npt.NDArray[np.int64],
        fields: dict[str, pa.Array],
    ) -> None:
        """Take matched rows: date, clock, zone; what is no date is refused."""
        date, valid = _date(year, month, day)
        clock, has_clock, clock_valid = _clock(fields)
        valid &= clock_valid
        local = date.astype("M8[us]") + clock
        utc = self._to_utc(local)
        offset, stated = _offset(fields.get("zone"), len(at))
        utc = np.where(stated, local - offset, utc)
        self.start[at] = utc
        self.precision[at] = np.where(has_clock, MINUTE, DAY)
        self.open[at] = False
        self._give_up(_at(at[~valid], len(self.texts)), "time_invalid")

    def _to_utc(self, local: npt.NDArray[Any]) -> TimeArray:
        index = pd.DatetimeIndex(local)
        ambiguous = np.ones(len(index), dtype=bool)
        aware = index.tz_localize(self.zone, ambiguous=ambiguous, nonexistent="shift_forward")
        return aware.tz_convert("UTC").tz_localize(None).to_numpy().astype("M8[us]")

    def _numbers(self) -> None:
        """Excel day numbers, and seconds or milliseconds since 1970."""
        found = self._plain(_NUMBER)
        if found is None:
            return
        at, value = found
        whole = np.floor(value)
        serial = (value >= 20_000) & (value < 80_000)
        seconds = (whole >= 1e8) & (whole < 4.2e9)
        millis = (whole >= 1e11) & (whole < 4.2e12)
        known = serial | seconds | millis
        micros = np.where(
            serial, np.rint(value * 86_400) * 1e6, np.where(seconds, np.rint(value * 1e6), np.rint(value) * 1e3)
        )
        moment = np.where(known, micros, 0.0).astype(np.int64).astype("m8[us]")
        epoch = np.datetime64("1970-01-01", "us") + moment
        local = self._to_utc(_SERIAL_ZERO.astype("M8[us]") + np.where(serial, moment, np.timedelta64(0, "us")))
        self.start[at[known]] = np.where(serial, local, epoch)[known]
        self.precision[at[known]] = np.where(serial & (value == whole), DAY, MINUTE)[known]
        self.open[at[known]] = False

    def _plain(self, pattern: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]] | None:
        if not self.open.any():
            return None
        at = np.flatnonzero(self.open & _mask(pc.match_substring_regex(self.texts, pattern)))
        if len(at) == 0:
            return None
        return at, np.asarray(pc.cast(self.texts.take(pa.array(at)), pa.float64()))

    def _day_or_month(self) -> None:
        """12/01/2023: the column decides by the days beyond 12 that it holds, or the row is refused."""
        found = self._groups(_ABC)
        if found is None:
            return
        at, groups = found
        fields = {field.name: groups.field(i) for i, field in enumerate(groups.type)}
        first, second = _int(fields["a"]), _int(fields["b"])
        day_first = (first > 12) & (second <= 12)
        month_first = (second > 12) & (first <= 12)
        decisive = int(day_first.sum() + month_first.sum())
        if decisive and day_first.sum() >= _DECISIVE * decisive:
            open_rows = ~month_first
            day_first = open_rows
        elif decisive and month_first.sum() >= _DECISIVE * decisive:
            day_first = day_first.copy()
        else:
            unsure = ~day_first & ~month_first & (first != second)
            self._give_up(_at(at[unsure], len(self.texts)), "time_ambiguous")
        month, day = np.where(day_first, second, first), np.where(day_first, first, second)
        left = self.open[at]
        chosen = pa.array(left)
        self._settle(
            at[left], _int(fields["y"])[left], month[left], day[left], {n: f.filter(chosen) for n, f in fields.items()}
        )

    def _intervals(self) -> None:
        """From one time to another; the second may leave out its date."""
        found = self._groups(_SPLIT)
        if found is None:
            return
        at, groups = found
        first, second = groups.field(0), groups.field(1)
        begin = _Column(first, self.zone)
        begin.read()
        day = pc.replace_substring_regex(first, rf"[T,\s]*(?:{_WORDS})?\s*\d{{1,2}}\s*[:时点].*$", "")
        bare = pc.match_substring_regex(second, _CLOCK_ONLY)
        finish = _Column(pc.if_else(bare, pc.binary_join_element_wise(day, second, " "), second), self.zone)
        finish.read()
        both = (begin.reason == "") & (finish.reason == "")
        self.start[at[both]] = begin.start[both]
        last_day = (finish.precision == DAY) & both
        self.end[at[both]] = finish.start[both]
        self.end[at[last_day]] += np.timedelta64(1, "D")
        self.precision[at[both]] = INTERVAL
        self.open[at[both]] = False


def _at(positions: npt.NDArray[np.int64], n: int) -> BoolArray:
    mask = np.zeros(n, dtype=bool)
    mask[positions] = True
    return mask


def _int(texts: pa.Array) -> npt.NDArray[np.int64]:
    """Whole numbers; -1 where a group is empty."""
    filled = pc.if_else(pc.equal(texts, ""), "-1", texts)
    return np.array(pc.cast(filled, pa.int64()), dtype=np.int64)


def _month_number(words: pa.Array) -> npt.NDArray[np.int64]:
    lower = pc.utf8_lower(words)
    return np.array(pc.index_in(lower, value_set=pa.array(_MONTHS)), dtype=np.int64) + 1


def _date(
    year: npt.NDArray[np.int64], month: npt.NDArray[np.int64], day: npt.NDArray[np.int64]
) -> tuple[TimeArray, BoolArray]:
    months = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
    date = months.astype("M8[M]").astype("M8[D]") + (day - 1).astype("m8[D]")
    valid = (month >= 1) & (month <= 12) & (day >= 1) & (date.astype("M8[M]").astype(np.int64) == months)
    return date, valid


def _clock(fields: dict[str, pa.Array]) -> tuple[npt.NDArray[np.timedelta64], BoolArray, BoolArray]:
    """Time since midnight, whether there is one, and whether it is a time of day (24:00 is the next day's start)."""
    hour = _int(fields["H"])
    minute_text = fields["M"]
    half = _mask(pc.equal(minute_text, "半"))
    minute = _int(pc.if_else(pc.is_in(minute_text, value_set=pa.array(["半", "整"])), "", minute_text))
    minute = np.where(half, 30, np.maximum(minute, 0))
    second = np.maximum(_int(fields["S"]), 0)
    has = hour >= 0
    hour = _twelve_hours(np.maximum(hour, 0), fields)
    valid = (minute <= 59) & (second <= 59) & ((hour <= 23) | ((hour == 24) & (minute == 0) & (second == 0)))
    seconds = hour * 3600 + minute * 60 + second
    return seconds.astype("m8[s]").astype("m8[us]"), has, valid


def _twelve_hours(hour: npt.NDArray[np.int64], fields: dict[str, pa.Array]) -> npt.NDArray[np.int64]:
    """Hours with 上午, 下午, 晚上, AM, PM as hours of the day."""
    for name in ("word", "half"):
        if name not in fields or not pc.any(pc.not_equal(fields[name], "")).as_py():
            continue
        word = pc.utf8_lower(fields[name])
        morning = _mask(pc.is_in(word, value_set=pa.array(_MORNING)))
        evening = _mask(pc.is_in(word, value_set=pa.array(_EVENING)))
        late = _mask(pc.is_in(word, value_set=pa.array(["晚上", "晚间", "夜间", "夜里", "晚"])))
        noon = _mask(pc.is_in(word, value_set=pa.array(_NOON)))
        shifted = np.where(evening & (hour < 12), hour + 12, hour)
        shifted = np.where(late & (hour == 12), 24, shifted)
        shifted = np.where(noon & (hour < 3), hour + 12, shifted)
        hour = np.where(morning & (hour == 12), 0, shifted)
    return hour


def _offset(zone: pa.Array | None, n: int) -> tuple[npt.NDArray[np.timedelta64], BoolArray]:
    if zone is None or not pc.any(pc.not_equal(zone, "")).as_py():
        return np.zeros(n, dtype="m8[us]"), np.zeros(n, dtype=bool)
    minutes = {text: _offset_minutes(text) for text in pc.unique(zone).to_pylist()}
    texts = zone.to_pylist()
    return (
        np.array([minutes[text] for text in texts], dtype="m8[m]").astype("m8[us]"),
        np.array([text != "" for text in texts]),
    )


def _offset_minutes(text: str) -> int:
    if not text or text.upper() in ("Z", "UTC"):
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    return (-1 if text[0] == "-" else 1) * (int(digits[:2]) * 60 + int(digits[2:]))
