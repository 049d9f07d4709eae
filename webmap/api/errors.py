"""One table from error class to HTTP status, as problem+json for programs and as a page for people.

It decides how an error is told and never what is one.
"""

import logging
from collections.abc import Mapping

from flask import Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from gis import errors
from gis.errors import Lang, WanggeError
from webmap.i18n import TAGS, asked_lang

STATUS: dict[type[WanggeError], int] = {
    errors.AuthError: 401,
    errors.TooManyError: 429,
    errors.ScopeError: 403,
    errors.NotFoundError: 404,
    errors.PlanError: 409,
    errors.TakenError: 409,
    errors.StateError: 409,
    errors.VersionError: 412,
    errors.PowerError: 403,
    errors.DetailError: 400,
    errors.CaseError: 409,
    errors.ConflictError: 409,
    errors.StoreError: 503,
    errors.ConfigError: 500,
    errors.ShapeError: 400,
    errors.InputError: 400,
}
"""The first class that matches decides; classes below ``InputError`` are all the caller's to mend."""

UNEXPECTED = ("服务器内部出错,已记录。请稍后再试。", "Something went wrong here and was logged. Please try again.")
"""What people are told of a fault of ours: zh, en."""

_log = logging.getLogger(__name__)

_HTTP = {
    404: ("没有这个页面。", "There is no such page."),
    405: ("不支持这种请求方式。", "This way of asking is not supported."),
    413: ("内容过大。", "That is too large."),
}


def status_of(error: WanggeError) -> int:
    """HTTP status of an error."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


def install_errors(app: Flask) -> None:
    """Answer every error in one manner, and none with a traceback."""

    @app.errorhandler(WanggeError)
    def known(error: WanggeError) -> Response:
        return reply(status_of(error), error.zh, error.en, more_of(error))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        code = error.code or 500
        zh, en = _HTTP.get(code, (f"请求无法处理({code})。", f"The request cannot be handled ({code})."))
        return reply(code, zh, en)

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> Response:
        _log.error("unexpected error at %s", request.path, exc_info=error)
        return reply(500, *UNEXPECTED)


def more_of(error: WanggeError) -> dict[str, object]:
    """What an error says to programs beside its text: the code of a refused move, every fault of a table of rules."""
    if isinstance(error, errors.CaseError | errors.ReportError):
        return {"code": error.code}
    return {"faults": list(error.faults)} if isinstance(error, errors.RuleError) else {}


def reply(status: int, zh: str, en: str, more: Mapping[str, object] | None = None) -> Response:
    """The error in the reader's language: problem+json (RFC 9457) below ``/api``, ``/export`` and ``/tiles``, else a page.

    Parameters
    ----------
    more
        Further members of the problem.
    """
    lang: Lang = asked_lang(request, "zh")
    text = zh if lang == "zh" else en
    if request.path.startswith(("/api/", "/export/", "/tiles/", "/live")):
        told = {"type": "about:blank", "title": text, "status": status, "detail": text, "zh": zh, "en": en}
        response = jsonify(told | dict(more or {}))
        response.content_type = "application/problem+json"
    else:
        response = make_response(render_template("error.html", lang=lang, tag=TAGS[lang], text=text, status=status))
    response.status_code = status
    response.headers["Content-Language"] = TAGS[lang]
    return response
