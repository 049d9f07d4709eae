"""12345 work orders from a browser: the bytes of a file, answered with what became of each row.

A route parses, calls one function, and renders. The file is kept nowhere.
"""

import re
import tempfile
from pathlib import Path

from flask import Blueprint, Response, jsonify, request

from gis.errors import InputError
from gis.layers.options import MB
from webmap.api import asking
from webmap.auth import gate
from webmap.reporting import workorders
from webmap.store.case_scope import CaseViewer

api = Blueprint("workorders", __name__)

MOST_BYTES = 20 * MB
MOST_ROWS = 5000
"""Rows of one file from a browser; the command takes any number."""


@api.post("/api/workorders")
def receive() -> Response:
    """Make cases of the work orders in the body (CSV or XLSX); ``check`` makes none and tells what would be."""
    name = asking.text("name") or "workorders"
    if not re.fullmatch(r"[^/\\\x00-\x1f]{1,120}", name):
        raise InputError(zh="文件名不能含路径。", en="The name of the file has no path in it.")
    request.max_content_length = MOST_BYTES
    content = request.get_data(cache=False)
    account = gate.account()
    with tempfile.TemporaryDirectory(prefix="wangge-orders-") as folder:
        # The name is the sender's; on our disk the file has one of ours.
        path = Path(folder) / "orders"
        path.write_bytes(content)
        outcome = workorders.import_orders(
            asking.services(),
            path,
            name=name,
            viewer=asking.viewer(),
            case_viewer=CaseViewer(account.name, account.grants),
            datum=asking.text("datum") or "wgs84",
            lang=asking.lang(),
            most_rows=MOST_ROWS,
            dry_run=asking.text("check") == "1",
            keep_rejects=False,
        )
    return jsonify(outcome.as_dict())
