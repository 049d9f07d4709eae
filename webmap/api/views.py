"""Saved views of the person who is signed in: names and queries, nobody else's."""

from flask import Blueprint, Response, jsonify, request

from gis.errors import InputError
from webmap.api import asking
from webmap.auth import gate

api = Blueprint("views", __name__)


@api.get("/api/views.json")
def saved() -> Response:
    """The views, by name."""
    kept = asking.services().store.views.list(gate.account().name)
    response = jsonify([{"name": view.name, "query": view.query} for view in kept])
    response.headers["Cache-Control"] = "no-store"
    return response


@api.put("/api/views/<name>")
def save(name: str) -> tuple[Response, int]:
    """Keep the query of the body under a name."""
    body = request.get_json(silent=True)
    query = body.get("query") if isinstance(body, dict) else None
    if not isinstance(query, str):
        raise InputError(zh='请求内容应为 {"query": "..."}。', en='The body is {"query": "..."}.')
    services = asking.services()
    view = services.store.views.save(gate.account().name, name, query, now=services.clock())
    return jsonify({"name": view.name, "query": view.query}), 201


@api.delete("/api/views/<name>")
def delete(name: str) -> tuple[str, int]:
    """Forget a view."""
    asking.services().store.views.delete(gate.account().name, name)
    return "", 204
