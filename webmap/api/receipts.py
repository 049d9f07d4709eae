"""Receipts: whoever holds one follows the case, rates it, and withdraws or reopens it. By POST, so that no receipt is in a log.

A route parses, calls one function, and renders.
"""

from typing import Any

from flask import Blueprint, Response, jsonify

from webmap.api import asking
from webmap.api.reports import told
from webmap.auth import gate
from webmap.reporting import following
from webmap.store.case_scope import CaseViewer

api = Blueprint("receipts", __name__)


@api.post("/api/receipts")
def follow() -> Response:
    """The case of a receipt."""
    return _fresh(following.follow(asking.services(), told().get("code")))


@api.post("/api/receipts/move")
def move() -> Response:
    """One move of whoever holds the receipt."""
    services = asking.services()
    # What is moved here is not what this request saw when it began.
    services.let_go()
    return _fresh(following.move(services, told()))


@api.post("/api/receipts/order")
def order() -> Response:
    """The case of a 12345 work order, for accounts that see cases there."""
    account = gate.account()
    viewer = CaseViewer(account.name, account.grants)
    return _fresh(following.follow_order(asking.services(), told().get("code"), viewer))


def _fresh(answer: dict[str, Any]) -> Response:
    response = jsonify(answer)
    response.headers["Cache-Control"] = "no-store"
    return response
