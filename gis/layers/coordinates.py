"""Numbers and coordinates as people write them, to floats: full-width, thousands, units, degrees-minutes-seconds, pairs in one cell.

Whole columns at once where cells are plain numbers; anything else is read once per distinct text. It never decides a datum.
"""

import math
import re
import unicodedata
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

FloatArray = npt.NDArray[np.float64]

_PLAIN = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$"
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_WITH_UNIT = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(?:m|米|公尺|km|千米|公里|户|层|度|°|deg|%)?", re.IGNORECASE)
_SIGNS = {
    "东经": 1,
    "西经": -1,
    "北纬": 1,
    "南纬": -1,
    "东": 1,
    "西": -1,
    "北": 1,
    "南": -1,
    "E": 1,
    "W": -1,
    "N": 1,
    "S": -1,
}
_SIGN = "|".join(_SIGNS)
_NUMBER = r"\d+(?:\.\d+)?"
_DMS = re.compile(
    rf"(?P<before>{_SIGN})?\s*(?P<minus>[+-])?\s*(?P<d>{_NUMBER})\s*(?:°|度|d|:|\s)\s*"
    rf"(?:(?P<m>{_NUMBER})\s*(?:'|′|分|m|:|\s)?\s*)?(?:(?P<s>{_NUMBER})\s*(?:\"|″|''|秒|s)?)?\s*(?P<after>{_SIGN})?",
    re.IGNORECASE,
)
_DOTTED = re.compile(
    rf"(?P<before>{_SIGN})?\s*(?P<d>\d{{1,3}})\.(?P<m>\d{{1,2}})\.(?P<s>\d{{1,2}}(?:\.\d+)?)(?P<after>{_SIGN})?", re.I
)
_SIGNED = re.compile(rf"(?P<before>{_SIGN})?\s*(?P<d>[+-]?{_NUMBER})\s*(?P<after>{_SIGN})?", re.IGNORECASE)
_PAIR = (
    r"(?i)^[\[(]?\s*(?:POINT\s*\(\s*)?(?P<x>[+-]?\d+(?:\.\d+)?)\s*[,;，；、\s/|]\s*(?P<y>[+-]?\d+(?:\.\d+)?)\s*[\])]*$"
)
_MARKED = re.compile(r"[°度分秒′″'\"]")
_LAT_MARK = re.compile(r"北纬|南纬|[NS北南]", re.IGNORECASE)
_LON_MARK = re.compile(r"东经|西经|[EW东西]", re.IGNORECASE)


def parse_numbers(texts: pa.Array) -> FloatArray:
    """Numbers of a column, NaN where there is none.

    Full-width digits, thousands separators and units of length, count or angle are understood; ``km`` becomes metres.
    """
    return _column(texts, number_of)


def parse_degrees(texts: pa.Array) -> FloatArray:
    """Coordinates of a column in degrees (or metres, as they stand), NaN where unreadable."""
    return _column(texts, degrees_of)


def parse_pairs(texts: pa.Array) -> tuple[FloatArray, FloatArray]:
    """Two coordinates from one cell (``106.71,39.50``, ``东经106°43′12″ 北纬39°30′``), x first.

    A pair that says which is which is put in order; one that does not keeps the order written.
    """
    struct = pc.extract_regex(texts, _PAIR)
    plain = np.asarray(struct.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    x, y = np.full(len(texts), np.nan), np.full(len(texts), np.nan)
    if plain.any():
        groups = struct.filter(pa.array(plain))
        x[plain] = np.asarray(pc.cast(groups.field(0), pa.float64()))
        y[plain] = np.asarray(pc.cast(groups.field(1), pa.float64()))
    rest = np.flatnonzero(~plain)
    for position, text in zip(rest, texts.take(pa.array(rest)).to_pylist(), strict=True):
        pair = pair_of(text)
        if pair is not None:
            x[position], y[position] = pair
    return x, y


def unpack_dms(values: FloatArray) -> FloatArray | None:
    """Packed ``dddmmss.s`` numbers as degrees; None when the column is not of that kind.

    A column is packed when at least 95 % of its values, read so, have minutes and seconds below 60 and degrees of a coordinate in
    China (3 to 136). Survey metres do not: northings of 437.81.52 have no such minutes or degrees.
    """
    known = values[np.isfinite(values)]
    if len(known) == 0 or np.median(np.abs(known)) < 30_000:
        return None
    degrees, minutes, seconds = _packed(known)
    fits = (degrees >= 3) & (degrees <= 136) & (minutes < 60) & (seconds < 60)
    if fits.mean() < 0.95:
        return None
    degrees, minutes, seconds = _packed(values)
    return np.sign(values) * (degrees + minutes / 60 + seconds / 3600)


def _packed(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    size = np.abs(values)
    return np.floor(size / 10_000), np.floor(size % 10_000 / 100), size % 100


def number_of(text: str) -> float:
    """One number, NaN if the text is none."""
    plain = _normal(text)
    if _THOUSANDS.fullmatch(plain):
        return float(plain.replace(",", ""))
    match = _WITH_UNIT.fullmatch(plain)
    if match is None:
        return math.nan
    scale = 1000.0 if plain.lower().endswith(("km", "千米", "公里")) else 1.0
    return float(match.group(1)) * scale


def degrees_of(text: str) -> float:
    """One coordinate in any of the forms districts use, in degrees; NaN if unreadable or out of shape (75 minutes)."""
    plain = _normal(text)
    for pattern in (_SIGNED, _DOTTED, _DMS):
        match = pattern.fullmatch(plain)
        if match:
            return _angle(match.groupdict())
    return number_of(plain)


def pair_of(text: str) -> tuple[float, float] | None:
    """Longitude-like and latitude-like from one cell; None if it does not hold two coordinates."""
    plain = re.sub(r"^(?:POINT)?\s*[(\[]|[)\]]$", "", _normal(text), flags=re.IGNORECASE).strip()
    plain = re.sub(r"(?:经度|纬度|lng|lon|lat)\s*[:=]?", "", plain, flags=re.IGNORECASE)
    halves = [half.strip() for half in re.split(r"[,;、/|]", plain) if half.strip()]
    if len(halves) != 2:
        halves = _halves_by_marks(plain)
    if len(halves) != 2:
        return None
    first, second = degrees_of(halves[0]), degrees_of(halves[1])
    if math.isnan(first) or math.isnan(second):
        return None
    if _LAT_MARK.search(halves[0]) and _LON_MARK.search(halves[1]):
        return second, first
    return first, second


def _halves_by_marks(plain: str) -> list[str]:
    """``东经106°43′12″北纬39°30′`` or ``106°43′12″E 39°30′18″N`` cut between the two coordinates."""
    before = re.fullmatch(rf"((?:{_SIGN})[^A-Za-z东西南北]+)((?:{_SIGN})[^A-Za-z东西南北]+)", plain, re.IGNORECASE)
    after = re.fullmatch(rf"([^A-Za-z东西南北]+(?:{_SIGN}))\s*([^A-Za-z东西南北]+(?:{_SIGN}))", plain, re.IGNORECASE)
    match = before or after
    if match:
        return [match.group(1).strip(), match.group(2).strip()]
    return plain.split() if len(plain.split()) == 2 else []


def _angle(groups: dict[str, str | None]) -> float:
    minutes, seconds = float(groups.get("m") or 0), float(groups.get("s") or 0)
    if minutes >= 60 or seconds >= 60:
        return math.nan
    degrees = float(groups["d"] or 0)
    value = abs(degrees) + minutes / 60 + seconds / 3600
    sign = -1 if degrees < 0 or groups.get("minus") == "-" else 1
    for name in ("before", "after"):
        mark = groups.get(name)
        if mark:
            sign *= _SIGNS[mark.upper()]
    return sign * value


def _normal(text: str) -> str:
    """NFKC, with the primes that it splits put together again."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return plain.replace("′′", "″").replace("''", "″").replace("’", "'").replace("”", "″").replace("“", "″")


def _column(texts: pa.Array, one: Callable[[str], float]) -> FloatArray:
    plain = pc.match_substring_regex(texts, _PLAIN)
    values = np.array(pc.fill_null(pc.cast(pc.if_else(plain, texts, None), pa.float64()), np.nan), dtype=np.float64)
    rest = pc.and_(pc.invert(plain), pc.not_equal(texts, ""))
    if pc.any(rest).as_py():
        found = texts.filter(rest).dictionary_encode()
        read = np.array([one(text) for text in found.dictionary.to_pylist()], dtype=np.float64)
        values[np.asarray(rest)] = read[np.asarray(found.indices)]
    return np.where(np.isfinite(values), values, np.nan)
