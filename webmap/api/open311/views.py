"""The routes of Open311 GeoReport v2 below ``/open311/v2/`` and its discovery document. A route parses, calls, renders.

Errors are told in the format of the specification, whatever happened. Where the setting ``open311`` is off, there is nothing.
"""

import hmac
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from gis.errors import NotFoundError, ScopeError, TooManyError, WanggeError
from webmap.api import asking
from webmap.api.open311 import requests
from webmap.api.open311.asked import is_true, parse_list, parse_request
from webmap.api.open311.render import FORMATS, rendered
from webmap.auth import gate
from webmap.cases.who import viewer_of

api = Blueprint("open311", __name__, url_prefix="/open311")

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGESET = "2026-11-28 00:00"
"""When services or their questions last changed, as the discovery document tells it."""


@api.get("/discovery.<file_format>")
def discovery(file_format: str) -> Response:
    """Where the service is and in which formats it answers."""
    _enter(file_format)
    settings = asking.services().settings()
    name = settings.get("name_zh" if asking.lang() == "zh" else "name_en") or settings.get("name_zh", "")
    told = {
        "changeset": CHANGESET,
        "contact": name,
        "key_service": name,
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": f"{request.url_root.rstrip('/')}/open311/v2",
                "changeset": CHANGESET,
                "type": "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }
    return _answer(file_format, "discovery", told)


@api.get("/v2/services.<file_format>")
def services(file_format: str) -> Response:
    """The list of services."""
    _enter(file_format)
    return _answer(file_format, "services", requests.services_told(asking.lang()))


@api.get("/v2/services/<service_code>.<file_format>")
def definition(service_code: str, file_format: str) -> Response:
    """What a service asks besides the place."""
    _enter(file_format)
    return _answer(file_format, "service_definition", requests.definition_told(service_code, asking.lang()))


@api.post("/v2/requests.<file_format>")
def create(file_format: str) -> Response:
    """A new request; needs an ``api_key``."""
    _enter(file_format, request.form.get("jurisdiction_id", ""))
    _require_key(request.form.get("api_key", ""))
    asked = parse_request(list(request.form.items(multi=True)), files=len(request.files))
    made = requests.create(asking.services(), asked, lang=asking.lang())
    return _answer(file_format, "service_requests", [made], 201)


@api.get("/v2/tokens/<token>.<file_format>")
def token(token: str, file_format: str) -> Response:
    """The id of a request by its receipt."""
    _enter(file_format)
    return _answer(file_format, "service_requests", [requests.of_token(asking.services(), token)])


@api.get("/v2/requests.<file_format>")
def several(file_format: str) -> Response:
    """Requests by query: the last 90 days or 1,000 without one."""
    _enter(file_format)
    asked = parse_list(request.args.to_dict(), now=asking.services().clock())
    extended = is_true(request.args, "extensions")
    found = requests.several(asking.services(), asked, lang=asking.lang(), extended=extended, reader=_reader())
    return _answer(file_format, "service_requests", found)


@api.get("/v2/requests/<request_id>.<file_format>")
def one(request_id: str, file_format: str) -> Response:
    """One request."""
    _enter(file_format)
    extended = is_true(request.args, "extensions")
    found = requests.one(asking.services(), request_id, lang=asking.lang(), extended=extended, reader=_reader())
    return _answer(file_format, "service_requests", found)


@api.errorhandler(WanggeError)
def known(error: WanggeError) -> Response:
    """An error of ours: 403 and 404 as they are, 429 for haste, and 400 for everything else, as the specification has it."""
    kinds = {NotFoundError: 404, ScopeError: 403, TooManyError: 429}
    status = next((code for kind, code in kinds.items() if isinstance(error, kind)), 400)
    return _error(status, error.zh if asking.lang() == "zh" else error.en)


@api.errorhandler(HTTPException)
def http(error: HTTPException) -> Response:
    """An error of the server library."""
    return _error(error.code or 400, error.name)


def _enter(file_format: str, jurisdiction: str = "") -> None:
    config = asking.services().config
    if config.open311 != "on" or file_format not in FORMATS:
        raise NotFoundError(zh="没有这个地址。", en="There is no such address.")
    told = jurisdiction or request.args.get("jurisdiction_id", "")
    if told and config.open311_jurisdiction and told != config.open311_jurisdiction:
        raise NotFoundError(zh="没有这个 jurisdiction_id。", en="jurisdiction_id was not found.")


def _reader() -> requests.Reader | None:
    """Who is signed in; these routes are open to others, too, who are told less."""
    services = asking.services()
    mine = services.store.sessions.who(gate.token(), now=services.clock()) if gate.token() else None
    if mine is None or mine.must_change or "see_own_events" not in mine.actions:
        return None
    return requests.Reader(viewer_of(mine), request.url_root.rstrip("/"))


def _require_key(sent: str) -> None:
    keys = asking.services().config.open311_key_list
    # Every key is compared, whichever is right.
    right = [hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), key.encode()) for key in keys]
    if not any(right):
        raise ScopeError(zh="缺少 api_key 或 api_key 无效。", en="api_key is missing or invalid.")


def _error(status: int, description: str) -> Response:
    told = request.path.rpartition(".")[2]
    return _answer(told if told in FORMATS else "xml", "errors", [{"code": status, "description": description}], status)


def _answer(file_format: str, root: str, value: Any, status: int = 200) -> Response:
    response = Response(rendered(file_format, root, value), status=status, content_type=FORMATS[file_format])
    response.headers["Cache-Control"] = "no-store"
    return response
