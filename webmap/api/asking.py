"""What a request asks for: viewer, filter, numbers, box. Every parameter is checked; what makes no sense is refused.

It reads the request and never the store.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, current_app, make_response, request

from gis.divisions import is_within
from gis.errors import FilterError, Lang
from gis.incidents import IncidentFilter
from gis.patrol.discreet import discreet
from webmap.auth import gate
from webmap.auth.permissions import effective
from webmap.filters import day_filter, whole_numbers
from webmap.i18n import TAGS, asked_lang
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.audit import AuditEntry

T = TypeVar("T")
FOUND_BY = ("report", "patrol")
_MOST = 200
_MOST_DOCUMENTS, _LONGEST_DOCUMENT = 20, 4000


def services() -> Services:
    """The services of this application."""
    held: Services = current_app.extensions["wangge"]
    return held


def viewer() -> Viewer:
    """Who asks, limited to the areas in which they may do what this route does."""
    return gate.viewer()


def lang() -> Lang:
    """The language this request asked for."""
    return asked_lang(request, services().config.lang)


def camera_areas() -> tuple[str, ...]:
    """Areas in which the reader sees cameras: ``("",)`` for the whole district, ``()`` for nowhere."""
    return effective(gate.account().grants, "see_cameras")


def for_reader(document: dict[str, Any]) -> dict[str, Any]:
    """A plan document as the reader may know it: without blind spots where they see no cameras."""
    areas = camera_areas()
    return discreet(document, lambda grid: any(is_within(grid, area) for area in areas))


def sees_drafts() -> bool:
    """Plans that are not published, or were taken back, are shown to those who make plans."""
    return "make_plans" in gate.account().actions


def sane_day(day: date) -> date:
    """A day from which one can count backwards and forwards.

    Raises
    ------
    FilterError
        It is none.
    """
    if not 1900 <= day.year <= 2200:
        raise FilterError(zh=f"日期 {day} 超出 1900–2200 年。", en=f"The day {day} is outside the years 1900-2200.")
    return day


def incident_filter() -> IncidentFilter:
    """The filter in the query: ``from``, ``to`` (days, both included), ``category``, ``source``, ``found_by``, ``area``,
    ``hour`` (0-23) and ``weekday`` (0-6, 0 is Monday).

    Raises
    ------
    FilterError
        Something of it makes no sense.
    """
    found_by = texts("found_by")
    if set(found_by) - set(FOUND_BY):
        raise FilterError(zh="found_by 只能是 report 或 patrol。", en="found_by is report or patrol.")
    return day_filter(
        text("from"),
        text("to"),
        zone=services().zone,
        categories=texts("category"),
        sources=texts("source"),
        found_by=found_by,
        area=text("area"),
        hours=whole_numbers(texts("hour"), name="hour", high=23),
        weekdays=whole_numbers(texts("weekday"), name="weekday", high=6),
    )


def number(name: str, default: float | None = None) -> float | None:
    """A finite number in the query.

    Raises
    ------
    FilterError
        It is none.
    """
    told = text(name)
    if not told:
        return default
    try:
        value = float(told)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise FilterError(zh=f"{name} 应为数字,而不是“{told}”。", en=f"{name} is a number, not '{told}'.")
    return value


def required(name: str, default: float) -> float:
    """A finite number in the query, or what is taken without one.

    Raises
    ------
    FilterError
        It is none.
    """
    value = number(name)
    return default if value is None else value


def documents(name: str) -> list[Any]:
    """Every JSON document of a name in the query.

    Raises
    ------
    FilterError
        One is no JSON or too long, or there are too many.
    """
    told = request.args.getlist(name)
    if len(told) > _MOST_DOCUMENTS or any(len(each) > _LONGEST_DOCUMENT for each in told):
        raise FilterError(zh=f"{name} 太多或过长。", en=f"There are too many, or too long, {name}.")
    try:
        return [json.loads(each) for each in told if each.strip()]
    except (ValueError, RecursionError):
        raise FilterError(zh=f"{name} 不是有效的 JSON。", en=f"{name} is no valid JSON.") from None


def whole(name: str, default: int, *, low: int, high: int) -> int:
    """A whole number in the query, within bounds.

    Raises
    ------
    FilterError
        It is none, or outside.
    """
    value = number(name, float(default))
    if value is None or value != int(value) or not low <= value <= high:
        raise FilterError(zh=f"{name} 应为 {low}-{high} 的整数。", en=f"{name} is a whole number from {low} to {high}.")
    return int(value)


def box() -> tuple[float, float, float, float] | None:
    """The box ``bbox=west,south,east,north`` in degrees, if asked for.

    Raises
    ------
    FilterError
        It is no box on Earth.
    """
    told = text("bbox")
    if not told:
        return None
    try:
        west, south, east, north = (float(part) for part in told.split(","))
    except ValueError:
        raise _no_box(told) from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise _no_box(told)
    return west, south, east, north


def _no_box(told: str) -> FilterError:
    return FilterError(
        zh=f"bbox 应为 西,南,东,北(度),而不是“{told}”。", en=f"bbox is west,south,east,north in degrees, not '{told}'."
    )


def text(name: str) -> str:
    """A text in the query, empty without one.

    Raises
    ------
    FilterError
        It is too long, or holds what no text of the store holds.
    """
    value = request.args.get(name, "").strip()
    if len(value) > _MOST:
        raise FilterError(zh=f"{name} 过长。", en=f"{name} is too long.")
    _require_plain(name, value)
    return value


def texts(name: str) -> tuple[str, ...]:
    """Every text of a name in the query.

    Raises
    ------
    FilterError
        There are too many, or one is too long, or holds what no text of the store holds.
    """
    values = tuple(value.strip() for value in request.args.getlist(name) if value.strip())
    if len(values) > _MOST or any(len(value) > _MOST for value in values):
        raise FilterError(zh=f"{name} 太多或过长。", en=f"There are too many, or too long, {name}.")
    _require_plain(name, "".join(values))
    return values


def _require_plain(name: str, value: str) -> None:
    # PostgreSQL keeps no NUL, and would answer as if it were out of reach, which asks for another try.
    if "\x00" in value:
        raise FilterError(zh=f"{name} 含有无效字符。", en=f"{name} holds a character that no text has.")


def cached(make: Callable[[], Response], *, parts: Iterable[object] = ()) -> Response:
    """An answer with a strong entity tag of the store's version and the whole question; 304 where it is known.

    Parameters
    ----------
    make
        Renders the answer; not called when the reader has it already.
    parts
        What the answer depends on beside path, query, language and version.
    """
    who = viewer()
    asked = (services().version(), services().today(), request.full_path, lang(), who.areas, who.role, *parts)
    tag = hashlib.sha256(repr(asked).encode()).hexdigest()[:24]
    if request.if_none_match.contains(tag):
        response = make_response("", 304)
    else:
        response = make()
        response.headers["Content-Language"] = TAGS[lang()]
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    return response


def note_export(layer: str, file_format: str) -> None:
    """Write an export into the audit log before the file leaves; without the row nothing leaves."""
    entry = AuditEntry(
        "export",
        viewer().actor,
        services().clock(),
        subject=f"{layer}.{file_format}",
        area=text("area"),
        detail={"query": request.query_string.decode("ascii", "replace")[:500]},
    )
    services().store.audit.note_now(entry)


def stamp() -> str:
    """Changes with the data and with what the reader may see; a URL that carries it may be kept for good."""
    seen = (services().version(), services().today(), viewer().areas, viewer().role)
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def query_text(pairs: Iterable[tuple[str, str]]) -> str:
    """Parameters as the text of a query."""
    return urlencode(list(pairs))


def tile(make: Callable[[], Response]) -> Response:
    """A tile: kept by the browser for good where its URL carries the current :func:`stamp`, else asked for again."""
    response = cached(make)
    if request.args.get("v") == stamp():
        response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response
