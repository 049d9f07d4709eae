"""What is sent to the routes of events, as schemas of the OpenAPI document. The routes check for themselves."""

from typing import Any

from gis.dispatch import TIERS
from gis.dispatch.rules import MATCHED, MOST_RULES, THEN
from gis.dispatch.states import names_of_moves
from webmap.cases.work import MOST_MOVES

_TEXT = {"type": "string", "maxLength": 200}
_WHOLE = {"type": "integer", "minimum": 0}

EVENT_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["id", "category"],
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9A-Za-z-]{16,64}$"},
        "scheme": {"type": "string", "maxLength": 40},
        "category": {"type": "string", "minLength": 1, "maxLength": 60},
        "occurred_at": {"type": "string", "format": "date-time"},
        "source": {"type": "string", "maxLength": 40},
        "found_by": {"type": "string", "enum": ["report", "patrol"]},
        "urgency": {"type": "string", "enum": ["", "emergency", "utility", "complex"]},
        "lon": {"type": "number", "minimum": -180, "maximum": 180},
        "lat": {"type": "number", "minimum": -90, "maximum": 90},
        "area": _TEXT,
        "text": {"type": "string", "maxLength": 4000},
        "address": _TEXT,
        "work_order": {"type": "string", "maxLength": 64},
        "attributes": {"type": "object", "maxProperties": 50, "additionalProperties": _TEXT},
        "draft": {"type": "boolean"},
    },
}
MOVE_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["move"],
    "properties": {
        "move": {"type": "string", "enum": sorted(names_of_moves())},
        "version": _WHOLE,
        "id": {"type": "string", "pattern": "^[0-9A-Za-z-]{16,64}$"},
        "reason": {"type": "string", "maxLength": 500},
        "unit": _TEXT,
        "until": {"type": "string", "format": "date-time"},
        "into": _TEXT,
        "tier": {"type": "string", "enum": list(TIERS)},
        "score": {"type": "integer", "minimum": 1, "maximum": 5},
    },
}
MOVES_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["moves"],
    "properties": {
        "moves": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_MOVES,
            "items": {
                "type": "object",
                "required": ["event", "move", "version"],
                "properties": {"event": _TEXT, **MOVE_BODY["properties"]},
            },
        }
    },
}
_RULES = {
    "type": "array",
    "maxItems": MOST_RULES,
    "items": {
        "type": "object",
        "required": ["order"],
        "properties": {
            "order": _WHOLE,
            **dict.fromkeys((*MATCHED, "unit", "tier"), _TEXT),
            "then": {"type": "string", "enum": list(THEN)},
        },
    },
}
RULES_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["version", "rows"],
    "properties": {"version": _WHOLE, "rows": _RULES, "note": {"type": "string", "maxLength": 500}},
}
PREVIEW_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["report"],
    "properties": {"report": EVENT_BODY | {"required": ["category"]}, "rows": _RULES},
}
