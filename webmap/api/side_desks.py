"""Disputes, inspections and supervision orders over HTTP. A route parses, calls one function, and renders. See docs/side_desks.md."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gis.errors import FilterError
from webmap.api import asking
from webmap.api.plan_life import body
from webmap.auth import gate
from webmap.cases.who import viewer_of
from webmap.side_desks import disputes, inspections, supervision
from webmap.store.case_scope import CaseViewer

api = Blueprint("side", __name__)

SHOWN_DAYS = 14
"""Days of the due list without a word, from today."""


def who() -> CaseViewer:
    """Who asks, with all grants: a record is moved by whichever reaches."""
    return viewer_of(gate.account())


@api.get("/api/committees")
def committees() -> Response:
    """The mediation committees."""
    return asking.cached(lambda: jsonify({"committees": disputes.committees(asking.services())}))


@api.post("/api/disputes")
def register() -> tuple[Response, int]:
    """Keep a new dispute; the same one again is kept once."""
    return kept(disputes.register(asking.services(), body(), viewer=who()))


@api.get("/api/disputes")
def dispute_page() -> Response:
    """Disputes that concern the reader, by id."""
    told = disputes.page(
        asking.services(),
        viewer=who(),
        states=asking.texts("state"),
        area=plain_text("area"),
        limit=asking.whole("limit", 100, low=1, high=500),
        after=plain_text("after"),
    )
    return private(told)


@api.get("/api/disputes/<dispute>")
def dispute(dispute: str) -> Response:
    """One dispute with its history, the moves that are open to the reader, and the committee that is for it."""
    told = disputes.one(asking.services(), dispute, viewer=who())
    return private(told, told["dispute"]["version"])


@api.post("/api/disputes/<dispute>/transitions")
def move_dispute(dispute: str) -> Response:
    """Make one move."""
    if_match = request.headers.get("If-Match", "")
    told = disputes.move(asking.services(), dispute, body(), viewer=who(), if_match=if_match)
    return private(told, told["dispute"]["version"])


@api.get("/api/inspections")
def due() -> Response:
    """What falls due from one day to another, with what became of it."""
    first, last = span()
    told = inspections.due(asking.services(), viewer=who(), first=first, last=last, area=plain_text("area"))
    return private(told)


@api.get("/api/inspections/checklists")
def checklists() -> Response:
    """The questions for each kind of site."""
    return asking.cached(lambda: jsonify({"checklists": inspections.checklists()}))


@api.get("/api/inspections/schedules")
def schedules() -> Response:
    """The schedules in force in the reader's areas."""
    return private({"schedules": inspections.schedules(asking.services(), viewer=who(), area=plain_text("area"))})


@api.post("/api/inspections/schedules")
def plan() -> tuple[Response, int]:
    """Keep a new schedule of a site; the same one again is kept once."""
    return kept(inspections.plan(asking.services(), body(), viewer=who()))


@api.get("/api/inspections/schedules/<schedule>")
def schedule(schedule: str) -> Response:
    """One schedule with its checklist and the inspections made of it."""
    return private(inspections.checks(asking.services(), schedule, viewer=who()))


@api.post("/api/inspections/schedules/<schedule>/end")
def end(schedule: str) -> Response:
    """End a schedule."""
    return private(inspections.end(asking.services(), schedule, viewer=who()))


@api.post("/api/inspections/schedules/<schedule>/checks")
def check(schedule: str) -> tuple[Response, int]:
    """Keep the answers to a checklist; each failed item becomes an event."""
    return kept(inspections.check(asking.services(), schedule, body(), viewer=who()))


@api.get("/api/supervision")
def orders() -> Response:
    """Supervision orders that concern the reader, by deadline."""
    told = supervision.listed(
        asking.services(),
        viewer=who(),
        states=asking.texts("state"),
        unit=plain_text("unit"),
        area=plain_text("area"),
        overdue=asking.text("overdue") == "1",
    )
    return private(told)


@api.post("/api/supervision")
def give() -> tuple[Response, int]:
    """Keep a new order and issue it; the same one again is kept once."""
    return kept(supervision.give(asking.services(), body(), viewer=who()))


@api.get("/api/supervision/<order>")
def order(order: str) -> Response:
    """One order with its history and the moves that are open to the reader."""
    told = supervision.one(asking.services(), order, viewer=who())
    return private(told, told["order"]["version"])


@api.post("/api/supervision/<order>/transitions")
def move_order(order: str) -> Response:
    """Make one move."""
    if_match = request.headers.get("If-Match", "")
    told = supervision.move(asking.services(), order, body(), viewer=who(), if_match=if_match)
    return private(told, told["order"]["version"])


def span() -> tuple[date, date]:
    """The days ``from`` and ``to`` of the query; two weeks from today without them.

    Raises
    ------
    FilterError
        One of them is no day.
    """
    first, last = asking.text("from"), asking.text("to")
    try:
        since = date.fromisoformat(first) if first else asking.services().today()
        until = date.fromisoformat(last) if last else since + timedelta(days=SHOWN_DAYS - 1)
        ok = all(1900 <= each.year <= 2200 for each in (since, until))
    except (ValueError, OverflowError):
        ok = False
    if not ok:
        raise FilterError(zh="from 和 to 应为日期,如 2026-11-23。", en="from and to are days such as 2026-11-23.")
    return since, until


def plain_text(name: str) -> str:
    """A text in the query that a store can be asked with.

    Raises
    ------
    FilterError
        It holds what no text may hold.
    """
    value = asking.text(name)
    if "\x00" in value:
        raise FilterError(zh=f"{name} 有误。", en=f"{name} makes no sense.")
    return value


def kept(told: dict[str, Any]) -> tuple[Response, int]:
    """What was kept: 201 where it is new, else 200."""
    is_new = told.pop("is_new")
    return private(told), 201 if is_new else 200


def private(told: dict[str, Any], version: int | None = None) -> Response:
    """An answer that no cache keeps, with the version of what it tells."""
    answer = jsonify(told)
    answer.headers["Cache-Control"] = "private, no-store"
    if version is not None:
        answer.set_etag(str(version))
    return answer
