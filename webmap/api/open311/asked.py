"""What a client of GeoReport v2 asks for: the form of a new request and the query of a list, checked field by field.

What it tells of a person is named and left out here, so that nothing behind this module ever sees it. It knows no store.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gis.errors import InputError

PERSONAL = ("first_name", "last_name", "phone", "email", "device_id", "account_id")
"""Fields of the specification that tell who reports: never kept."""

MEDIA_URL, MEDIA = "media_url", "media"
"""A link to a picture, and a picture itself, as many clients send it: neither is kept, since nobody has blacked out on it who is seen."""

LONGEST_DESCRIPTION = 4000
SPAN = timedelta(days=90)
MOST = 1000
MOST_ROWS = 20_000
"""Rows that can be reached page by page; for more, a narrower span is asked for."""
STATUSES = ("open", "closed")

_ATTRIBUTE = re.compile(r"attribute\[([A-Za-z0-9_.-]{1,60})\](\[\])?")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")
_LONGEST_TEXT = 200


@dataclass(frozen=True)
class NewRequest:
    """A report without its reporter.

    Parameters
    ----------
    lon, lat
        Degrees, WGS-84; none where only an address was told.
    attributes
        Answers to the questions of the service, by code.
    left_out
        Fields that were sent and are not kept.
    """

    service_code: str
    lon: float | None
    lat: float | None
    address: str
    address_id: str
    description: str
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListQuery:
    """Which requests are asked for.

    Parameters
    ----------
    ids
        Only these, whatever else is asked for; all without.
    since, until
        Of the moment of the request, both included.
    page, page_size
        From 1; an extension.
    """

    ids: tuple[str, ...]
    service_codes: tuple[str, ...]
    statuses: tuple[str, ...]
    since: datetime
    until: datetime
    page: int = 1
    page_size: int = MOST


def parse_request(form: Iterable[tuple[str, str]], *, files: int = 0) -> NewRequest:
    """The report in a form; empty fields count as fields that were not sent.

    Parameters
    ----------
    form
        Names and values in order, names again for each value of a list.
    files
        How many files were sent beside them; none is kept, whatever its name.

    Raises
    ------
    InputError
        No service code, no place, a place by half, or a field that makes no sense.
    """
    sent = [(name, value.strip()) for name, value in form if value.strip()]
    fields = dict(reversed(sent))
    code = _text(fields, "service_code")
    if not code:
        raise _missing("service_code")
    lon, lat = _place(fields)
    address, address_id = _text(fields, "address_string"), _text(fields, "address_id", 60)
    if lon is None and not address and not address_id:
        raise InputError(
            zh="缺少位置:lat 与 long,或 address_string,或 address_id。",
            en="A location is missing: lat and long, or address_string, or address_id.",
        )
    description = _text(fields, "description", LONGEST_DESCRIPTION)
    left_out = tuple(name for name in (*PERSONAL, MEDIA_URL) if name in fields) + ((MEDIA,) if files else ())
    return NewRequest(code, lon, lat, address, address_id, description, _attributes(sent), left_out)


def parse_list(args: Mapping[str, str], *, now: datetime) -> ListQuery:
    """The query of a list.

    Parameters
    ----------
    args
        The first value of each parameter; empty ones count as not sent.
    now
        The end of the last 90 days, which are told without dates.

    Raises
    ------
    InputError
        A date that is none, a span of more than 90 days, or a status that is neither open nor closed.
    """
    sent = {name: value.strip() for name, value in args.items() if value.strip()}
    statuses = _listed(sent, "status")
    if set(statuses) - set(STATUSES):
        raise InputError(zh="status 只能是 open 或 closed。", en="status is open or closed.")
    since, until = _span(sent, now)
    size, page = _whole(sent, "page_size", MOST, most=MOST), _whole(sent, "page", 1, most=MOST_ROWS)
    if page * size > MOST_ROWS:
        raise InputError(zh="页码过大,请缩小时间范围。", en="There is no such page; ask for a shorter span.")
    ids = _listed(sent, "service_request_id")
    return ListQuery(ids, _listed(sent, "service_code"), statuses, since, until, page, size)


def is_true(args: Mapping[str, str], name: str) -> bool:
    """A parameter that says ``true``."""
    return args.get(name, "").strip().lower() == "true"


def w3c(moment: datetime) -> str:
    """A moment in its own zone as the W3C note writes it, to the second."""
    return moment.replace(microsecond=0).isoformat()


def _span(sent: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    start, end = (_moment(sent, name) for name in ("start_date", "end_date"))
    try:
        if start is not None:
            end = end or min(now, start + SPAN)
        else:
            end = end or now
            start = end - SPAN
    except OverflowError:
        raise InputError(zh="日期超出范围。", en="A date is out of range.") from None
    if end - start > SPAN:
        raise InputError(zh="start_date 至 end_date 不得超过 90 天。", en="start_date to end_date spans over 90 days.")
    return start, end


def _moment(sent: Mapping[str, str], name: str) -> datetime | None:
    if name not in sent:
        return None
    # A plus that was not encoded arrives as a blank.
    text = sent[name].replace(" ", "+")
    try:
        found = datetime.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year <= 2200:
        raise InputError(
            zh=f"{name} 应为 W3C 时刻,如 2026-01-01T00:00:00Z。",
            en=f"{name} is a W3C date with its zone, such as 2026-01-01T00:00:00Z.",
        )
    return found


def _place(fields: Mapping[str, str]) -> tuple[float | None, float | None]:
    told = [fields.get(name) for name in ("long", "lat")]
    if told == [None, None]:
        return None, None
    try:
        lon, lat = (float(value or "x") for value in told)
    except ValueError:
        lon = lat = math.nan
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise InputError(
            zh="lat 与 long 须同时给出,为 WGS-84 度。", en="lat and long go together, in degrees of WGS-84."
        )
    return lon, lat


def _attributes(sent: Sequence[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in sent:
        match = _ATTRIBUTE.fullmatch(name)
        if match is not None:
            if len(value) > _LONGEST_TEXT or len(found) > 50:
                raise InputError(zh="attribute 过长。", en="An attribute is too long, or there are too many.")
            found[match[1]] = (*found.get(match[1], ()), value)
    return found


def _text(fields: Mapping[str, str], name: str, most: int = _LONGEST_TEXT) -> str:
    value = fields.get(name, "")
    if len(value) > most or "\x00" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise InputError(
            zh=f"{name} 应为不超过 {most} 字的文本。", en=f"{name} is a text of at most {most} characters."
        )
    return value


def _listed(sent: Mapping[str, str], name: str) -> tuple[str, ...]:
    parts = tuple(dict.fromkeys(part.strip() for part in sent.get(name, "").split(",") if part.strip()))
    if len(parts) > MOST or any("\x00" in part for part in parts):
        raise InputError(zh=f"{name} 不对。", en=f"{name} makes no sense.")
    return parts


def _whole(sent: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    text = sent.get(name, str(default))
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text) or int(text) > most:
        raise InputError(zh=f"{name} 应为 1 至 {most}。", en=f"{name} is a number from 1 to {most}.")
    return int(text)


def _missing(name: str) -> InputError:
    return InputError(zh=f"缺少 {name}。", en=f"{name} was not provided.")
