"""Answers of GeoReport v2 as XML and as JSON, one from the other by the Spark convention. It knows no case and no store.

XML: a list is a container of elements of one name. JSON: the list itself, without the container's name at the root.
"""

import json
import re
from typing import Any
from xml.sax.saxutils import escape

FORMATS = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
"""Suffix to content type, as the specification writes them."""

CHILDREN = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "notes": "note",
}
"""Container to the name of its elements."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def rendered(file_format: str, root: str, value: Any) -> bytes:
    """An answer as the bytes of a document.

    Parameters
    ----------
    file_format
        ``xml`` or ``json``.
    root
        Name of the outermost element, which JSON does not show.
    value
        Of dicts, lists of the names in ``CHILDREN``, texts, numbers, truth values and nothing.
    """
    if file_format == "json":
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return ('<?xml version="1.0" encoding="utf-8"?>\n' + _element(root, value) + "\n").encode()


def _element(name: str, value: Any) -> str:
    inside = _inside(name, value)
    return f"<{name}>{inside}</{name}>" if inside else f"<{name}/>"


def _inside(name: str, value: Any) -> str:
    if isinstance(value, dict):
        return "".join(_element(key, each) for key, each in value.items())
    if isinstance(value, list):
        return "".join(_element(CHILDREN[name], each) for each in value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    # A character that XML cannot hold would make the whole answer unreadable.
    return escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", str(value)))
