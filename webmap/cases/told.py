"""What a client tells of an event or a move, checked field by field. It knows no store."""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gis.dispatch import Detail
from gis.dispatch.free_text import mask
from gis.errors import DetailError, InputError

LONGEST_TEXT = 4000
ID = re.compile(r"[0-9A-Za-z-]{16,64}")
FOUND_BY = ("report", "patrol")
URGENCIES = ("", "emergency", "utility", "complex")


def text(told: Mapping[str, Any], name: str, *, most: int = 200, default: str = "") -> str:
    """A text field.

    Raises
    ------
    InputError
        It is none, or too long.
    """
    value = told.get(name, default)
    value = default if value is None else value
    if (
        not isinstance(value, str)
        or len(value) > most
        or "\x00" in value
        or any("\ud800" <= c <= "\udfff" for c in value)
    ):
        raise InputError(
            zh=f"{name} 应为不超过 {most} 字的文本。", en=f"{name} is a text of at most {most} characters."
        )
    return value.strip()


def code(
    told: Mapping[str, Any], name: str, *, most: int = 200, default: str = "", apart_from: tuple[str, ...] = ()
) -> str:
    """A field that holds a code or the name of a category, which is kept, counted and sent on as it is, without a mask.

    Parameters
    ----------
    apart_from
        Kinds of masks that say nothing here.

    Raises
    ------
    InputError
        It is no text, too long, or tells of a person.
    """
    value = text(told, name, most=most, default=default)
    if set(mask(value).counts) - set(apart_from):
        raise InputError(
            zh=f"{name} 应为代码或类别名称,不能含姓名、电话等个人信息。",
            en=f"{name} is a code or the name of a category; it holds what leads to a person, such as a name or a telephone.",
        )
    return value


def own_id(told: Mapping[str, Any], name: str = "id", *, required: bool = True) -> str:
    """An id that a client made.

    Raises
    ------
    InputError
        It is none.
    """
    value = text(told, name)
    if (value or required) and not ID.fullmatch(value):
        raise InputError(
            zh=f"{name} 应为 16-64 位字母、数字或连字符,由客户端生成(UUIDv7)。",
            en=f"{name} has 16 to 64 letters, digits and hyphens, made by the client (UUIDv7).",
        )
    return value


def moment(told: Mapping[str, Any], name: str) -> datetime | None:
    """A moment with its zone; None where nothing is said.

    Raises
    ------
    InputError
        It is none.
    """
    value = told.get(name)
    if value in (None, ""):
        return None
    try:
        found = datetime.fromisoformat(str(value))
        # A moment at the edge of the calendar has no UTC.
        ok = isinstance(value, str) and found.tzinfo is not None and 1900 <= found.year <= 2200
    except ValueError:
        ok = False
    if not ok:
        raise InputError(
            zh=f"{name} 应为带时区的时刻,如 2026-11-23T12:00:00+08:00。",
            en=f"{name} is a moment with its zone, such as 2026-11-23T12:00:00+08:00.",
        )
    return found


def place(told: Mapping[str, Any]) -> tuple[float, float] | None:
    """Longitude and latitude, degrees; None where neither is told.

    Raises
    ------
    InputError
        Only one of them, or no place on Earth.
    """
    values = [told.get(name) for name in ("lon", "lat")]
    if values == [None, None]:
        return None
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    inside = len(numbers) == 2 and all(map(math.isfinite, numbers)) and abs(numbers[0]) <= 180 and abs(numbers[1]) <= 90
    if not inside:
        raise InputError(zh="lon、lat 应为经纬度(度)。", en="lon and lat are degrees, both of them.")
    return float(numbers[0]), float(numbers[1])


def choice(told: Mapping[str, Any], name: str, among: tuple[str, ...], default: str) -> str:
    """One word of a list.

    Raises
    ------
    InputError
        It is another.
    """
    value = text(told, name, default=default)
    if value not in among:
        raise InputError(
            zh=f"{name} 应为 {'、'.join(filter(None, among))}。",
            en=f"{name} is one of {', '.join(filter(None, among))}.",
        )
    return value


def detail_of(told: Mapping[str, Any]) -> Detail:
    """What is told with a move, its reason without people.

    Raises
    ------
    InputError, DetailError
        A field of a wrong kind.
    """
    score = told.get("score")
    if score is not None and type(score) is not int:
        raise DetailError(zh="评分为 1-5。", en="A score is 1 to 5.", code="detail")
    return Detail(
        reason=mask(text(told, "reason", most=1000)).text,
        unit=text(told, "unit") if told.get("unit") is not None else None,
        until=moment(told, "until"),
        into=text(told, "into"),
        tier=text(told, "tier"),
        score=score,
    )


def version_of(told: Mapping[str, Any], header: str = "") -> int:
    """The version that was seen, from ``If-Match`` or the body.

    Raises
    ------
    InputError
        Neither tells one, or both differ.
    """
    plain = header.strip().removeprefix("W/").strip('"')
    values = {plain} - {""} | ({str(told["version"])} if told.get("version") is not None else set())
    if len(values) != 1 or not re.fullmatch(r"\d{1,12}", next(iter(values))):
        raise InputError(
            zh="请用 If-Match 或 version 说明所见的版本。", en="Say the version that you saw, by If-Match or version."
        )
    return int(next(iter(values)))
