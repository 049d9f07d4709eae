"""What is sent to the routes of the side desks, as schemas of the OpenAPI document. The routes check for themselves."""

from typing import Any

from gis.dispatch import TIERS
from gis.dispatch._units import UNITS
from gis.dispatch.disputes import METHODS, WAYS, dispute_moves
from gis.dispatch.inspections import ANSWERS
from gis.dispatch.key_areas import AREA_LEVELS, MEASURE_KINDS, RESULTS, key_area_moves
from gis.dispatch.supervision import order_moves
from webmap.side_desks import disputes
from webmap.side_desks.inspections import KINDS
from webmap.side_desks.key_area_ground import MOST_GRIDS, RADIUS_M

_TEXT = {"type": "string", "maxLength": 200}
_WORDS = {"type": "string", "maxLength": 2000}
_ID = {"type": "string", "pattern": "^[0-9A-Za-z-]{16,64}$"}
_DAY = {"type": "string", "format": "date"}
_MOMENT = {"type": "string", "format": "date-time"}
_PLACE = {
    "lon": {"type": "number", "minimum": -180, "maximum": 180},
    "lat": {"type": "number", "minimum": -90, "maximum": 90},
}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        # Other fields are refused by name: nothing about persons is kept.
        "additionalProperties": False,
    }


DISPUTE_BODY = _object(
    ("id", "category"),
    id=_ID,
    category={"type": "string", "minLength": 1, "maxLength": 60},
    occurred_on=_DAY,
    due_on=_DAY,
    people={"type": ["integer", "string"], "description": "A count, of which the class is kept, or <5, 5-29, 30+"},
    area=_TEXT,
    **_PLACE,
    **dict.fromkeys(disputes.TEXTS, _WORDS),
)
DISPUTE_MOVE_BODY = _object(
    ("move",),
    move={"type": "string", "enum": sorted({step.name for step in dispute_moves()})},
    version={"type": "integer", "minimum": 0},
    reason=_WORDS,
    committee=_TEXT,
    method={"type": "string", "enum": ["", *METHODS]},
    way={"type": "string", "enum": ["", *WAYS]},
    kept={"type": "boolean"},
    result=_WORDS,
)
SCHEDULE_BODY = _object(
    ("id", "site"),
    id=_ID,
    site={"type": "string", "minLength": 1, "maxLength": 64},
    kind={"type": "string", "enum": list(KINDS)},
    name=_TEXT,
    name_en=_TEXT,
    **_PLACE,
    start=_DAY,
    end=_DAY,
    every_days={"type": "integer", "minimum": 1, "maximum": 3660},
    weekdays={"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 6}},
    opens={"type": "string", "maxLength": 8},
    closes={"type": "string", "maxLength": 8},
    working_days={"type": "boolean"},
)
CHECK_BODY = _object(
    ("id", "answers"),
    id=_ID,
    at=_MOMENT,
    answers={"type": "object", "additionalProperties": {"type": "string", "enum": list(ANSWERS)}},
    notes={"type": "object", "additionalProperties": {"type": "string", "maxLength": 500}},
)
ORDER_BODY = _object(
    ("id", "unit", "asks", "limit"),
    id=_ID,
    unit=_TEXT,
    tier={"type": "string", "enum": list(TIERS)},
    event=_TEXT,
    figure={"type": "string", "maxLength": 100},
    area=_TEXT,
    asks=_WORDS,
    limit={
        "type": "object",
        "required": ["amount", "unit"],
        "properties": {
            "amount": {"type": "number", "exclusiveMinimum": 0, "maximum": 10_000},
            "unit": {"type": "string", "enum": list(UNITS)},
        },
    },
    draft={"type": "boolean"},
)
ORDER_MOVE_BODY = _object(
    ("move",),
    move={"type": "string", "enum": sorted({step.name for step in order_moves()})},
    version={"type": "integer", "minimum": 0},
    asks=_WORDS,
    reply=_WORDS,
    reason=_WORDS,
    until=_MOMENT,
)
KEY_AREA_BODY = _object(
    ("id", "name", "why"),
    id=_ID,
    name={"type": "string", "minLength": 1, "maxLength": 60},
    why={"type": "string", "minLength": 1, "maxLength": 2000},
    outline={"type": "object", "description": "GeoJSON Polygon or MultiPolygon, WGS-84"},
    grids={"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MOST_GRIDS},
    **_PLACE,
    radius_m={"type": "number", "minimum": RADIUS_M[0], "maximum": RADIUS_M[1]},
    hot_spot={"type": "string", "maxLength": 64},
)
_MEASURE = {
    "kind": {"type": "string", "enum": ["", *MEASURE_KINDS]},
    "what": _WORDS,
    "unit": _TEXT,
    "day": _DAY,
}
_CHECK = {"finding": _WORDS, "result": {"type": "string", "enum": ["", *RESULTS]}}
_VERSION = {"type": "integer", "minimum": 0}
KEY_AREA_MOVE_BODY = _object(
    ("move",),
    move={"type": "string", "enum": sorted({step.name for step in key_area_moves()})},
    version=_VERSION,
    reason=_WORDS,
    level={"type": "string", "enum": ["", *AREA_LEVELS]},
    until=_DAY,
    **_MEASURE,
    **_CHECK,
)
KEY_AREA_MEASURE_BODY = _object(("kind", "what", "unit", "day"), version=_VERSION, **_MEASURE)
KEY_AREA_CHECK_BODY = _object(("finding", "result"), version=_VERSION, **_CHECK)
