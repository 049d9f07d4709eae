"""Events over HTTP: report, list, one case, moves. A route parses, calls one function, and renders. See docs/events.md."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from gis.dispatch import moves as table_of_moves
from gis.dispatch import states as table_of_states
from gis.errors import InputError
from webmap.api import asking
from webmap.api.errors import status_of
from webmap.api.open311.requests import SOURCE as OPEN311
from webmap.api.plan_life import body
from webmap.auth import gate
from webmap.cases import casefile, intake, lists, work
from webmap.cases.who import viewer_of
from webmap.filters import day_filter
from webmap.store.case_scope import CaseViewer
from webmap.store.cases import CaseQuery

api = Blueprint("events", __name__)


def case_viewer() -> CaseViewer:
    """Who asks, with all grants: a case is moved by whichever reaches."""
    return viewer_of(gate.account())


@api.post("/api/events")
def create() -> tuple[Response, int]:
    """Keep a new event; the same one again is kept once."""
    told = body()
    if told.get("source") == OPEN311:
        # Cases of this source are told to anybody; only what came by it is.
        raise InputError(
            zh="source 不能是 open311:该来源只由 Open311 接口写入。",
            en="source is not open311, which is for Open311 alone.",
        )
    made = intake.create(asking.services(), told, viewer=case_viewer())
    is_new = made.pop("is_new")
    return _tagged(made, made["event"]["version"]), 201 if is_new else 200


@api.get("/api/events")
def page() -> Response:
    """Cases by filter, newest first."""
    return _private(jsonify(lists.page(asking.services(), query(), viewer=case_viewer())))


@api.get("/api/events/work")
def work_list() -> Response:
    """Live cases that wait for the reader, most urgent first."""
    told = lists.work_list(
        asking.services(),
        query(),
        viewer=case_viewer(),
        limit=asking.whole("limit", 100, low=1, high=lists.MOST),
        everything=asking.text("all") == "1",
        pressing=asking.text("pressure"),
    )
    return _private(jsonify(told))


@api.get("/api/events/states")
def states() -> Response:
    """The tables of states and moves, with names in both languages."""
    told = {
        "states": [vars(state) for state in table_of_states().values()],
        "moves": [
            {**work.offered(move), "from": list(move.sources), "roles": sorted(move.roles), "rank": move.rank}
            for move in table_of_moves()
        ],
    }
    return asking.cached(lambda: jsonify(told))


@api.get("/api/events/<event_id>")
def one(event_id: str) -> Response:
    """One case with history, clocks, merged cases and the decision of the rules."""
    told = casefile.one(asking.services(), event_id, viewer=case_viewer())
    return _tagged(told, told["event"]["version"])


@api.get("/api/events/<event_id>/moves")
def moves(event_id: str) -> Response:
    """What the reader may do with a case now."""
    told = work.moves(asking.services(), event_id, viewer=case_viewer())
    return _tagged(told, told["version"])


@api.get("/api/events/<event_id>/duplicates")
def duplicates(event_id: str) -> Response:
    """Cases that may be the same, best first."""
    services, viewer = asking.services(), case_viewer()
    event = services.store.cases.get(event_id, viewer)
    return _private(jsonify({"duplicates": intake.duplicates(services, event, viewer=viewer)}))


@api.post("/api/events/<event_id>/transitions")
def transition(event_id: str) -> Response:
    """Make one move."""
    told = body()
    if_match = request.headers.get("If-Match", "")
    made = work.move(asking.services(), event_id, told, viewer=case_viewer(), if_match=if_match)
    return _tagged(made, made["event"]["version"])


@api.post("/api/events/transitions")
def transitions() -> Response:
    """Make many moves, each by itself."""
    wanted = body().get("moves")
    results = work.move_many(asking.services(), wanted if isinstance(wanted, list) else [], viewer=case_viewer())
    told = [
        done
        if error is None
        else done | {"status": status_of(error), "code": getattr(error, "code", ""), "zh": error.zh, "en": error.en}
        for done, error in results
    ]
    return _private(jsonify({"results": told}))


def query() -> CaseQuery:
    """The filter in the query: states, tiers, units, categories, sources, found_by, area, days of creation, page.

    Raises
    ------
    FilterError
        Something of it makes no sense.
    """
    days = day_filter(asking.text("from"), asking.text("to"), zone=asking.services().zone)
    return CaseQuery(
        states=asking.texts("state"),
        tiers=asking.texts("tier"),
        units=asking.texts("unit"),
        categories=asking.texts("category"),
        sources=asking.texts("source"),
        found_by=asking.texts("found_by"),
        area=asking.text("area"),
        since=days.since,
        until=days.until,
        after=lists.after(asking.text("after")),
        limit=asking.whole("limit", 50, low=1, high=lists.MOST),
    )


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _tagged(told: dict[str, Any], version: int) -> Response:
    answer = _private(jsonify(told))
    answer.set_etag(str(version))
    return answer
