"""The API as an OpenAPI 3.1 document, from one table kept by hand beside the routes. It tells nothing of the district.

A test fails when a route below ``/api``, ``/export``, ``/tiles``, ``/plans`` or ``/live`` is missing here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify

from gis.calendar import SHIFTS
from gis.dispatch import TIERS, states
from gis.exports.files import FORMATS
from gis.hotspots import METHODS
from gis.patrol.comparison import RULES
from gis.patrol.demand import DEFAULT_MUSTS
from gis.patrol.done import KINDS
from gis.roads import MODES
from webmap.api.event_bodies import EVENT_BODY, MOVE_BODY, MOVES_BODY, PREVIEW_BODY, RULES_BODY
from webmap.api.hot_spot_asking import DEFAULTS
from webmap.api.plan_life import MOST_URGENT
from webmap.api.side_bodies import (
    CHECK_BODY,
    DISPUTE_BODY,
    DISPUTE_MOVE_BODY,
    KEY_AREA_BODY,
    KEY_AREA_CHECK_BODY,
    KEY_AREA_MEASURE_BODY,
    KEY_AREA_MOVE_BODY,
    ORDER_BODY,
    ORDER_MOVE_BODY,
    SCHEDULE_BODY,
)
from webmap.api.streaming import NDJSON
from webmap.cases.board import SPLITS
from webmap.cases.lists import PRESSURES
from webmap.forecasts import PERIODS
from webmap.hotspots.answers import MOST_GRIDS
from webmap.hotspots.question import CELL_M, REACH_M, STEP_DAYS, VERSUS
from webmap.patrol_sources import SOURCES
from webmap.plan_changes import MOST_EDITS
from webmap.recurring import MOST_TEAMS
from webmap.reporting.alarms import KINDS as ALARM_KINDS
from webmap.reporting.choices import SOURCES as REPORT_SOURCES
from webmap.reporting.following import OWN
from webmap.store.checkins import MOST, REASONS
from webmap.team_settings import LONGEST_WORD, MOST_BREAK_MIN, MOST_KM, MOST_SKILLS
from webmap.varied import MOST_PLANS

api = Blueprint("openapi", __name__)

ENDPOINT = "openapi.document"

_DAY = {"type": "string", "format": "date"}
_TEXT = {"type": "string", "maxLength": 200}
_WHOLE = {"type": "integer", "minimum": 0}
_NUMBER = {"type": "number"}


def _several(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of, "maxItems": 200}


def _within(bounds: tuple[float, float]) -> dict[str, Any]:
    return {"type": "number", "minimum": bounds[0], "maximum": bounds[1]}


QUERY: dict[str, tuple[str, dict[str, Any]]] = {
    "from": ("First day, local", _DAY),
    "to": ("Last day, local, included", _DAY),
    "from2": ("First day of the other period", _DAY),
    "to2": ("Last day of the other period", _DAY),
    "category": ("Category codes; again for each", _several(_TEXT)),
    "source": ("Sources; again for each", _several(_TEXT)),
    "found_by": ("Reported, or found on patrol", _several({"type": "string", "enum": ["report", "patrol"]})),
    "area": ("Code of an area of the tree", _TEXT),
    "hour": ("Local hours", _several({"type": "integer", "minimum": 0, "maximum": 23})),
    "weekday": ("Local weekdays, 0 is Monday", _several({"type": "integer", "minimum": 0, "maximum": 6})),
    "bandwidth": ("Bandwidth of the heat map, metres", {"type": "number", "minimum": 30, "maximum": 5000}),
    "bbox": ("west,south,east,north in degrees", {"type": "string", "examples": ["106.6,39.4,106.9,39.6"]}),
    "columns": ("Cells across the view", {"type": "integer", "minimum": 1, "maximum": 200}),
    "zoom": ("Zoom of the tiles", {"type": "integer", "minimum": 0, "maximum": 20}),
    "since": ("Number of the last change that is known", _WHOLE),
    "datum": ("Datum of the file", {"type": "string", "enum": ["wgs84", "cgcs2000", "gcj02", "bd09"]}),
    "plan": ("Id of a patrol plan; the newest without it", _TEXT),
    "id": ("Id that the client made, 16 to 64 letters, digits and hyphens", _TEXT),
    "hide": ("Area to black out: left,top,width,height as shares of the upright picture", _several(_TEXT)),
    "v": ("Stamp that lets a browser keep the tile", _TEXT),
    "band": ("Code of a pixel band of the table bands", _TEXT),
    "basis": ("Surely seen, or at most seen", {"type": "string", "enum": ["sure", "may"]}),
    "level": ("Level of areas", {"type": "string", "enum": ["district", "street", "community", "grid"]}),
    "start": ("The day on which patrols began", _DAY),
    "days": ("Days of either span", {"type": "integer", "minimum": 7, "maximum": 366}),
    "place": ("Code of a patrolled grid; again for each", {"type": "array", "items": _TEXT, "maxItems": 200}),
    "team": ("Number of a team, from 1; 0 for all", {"type": "integer", "minimum": 0, "maximum": 200}),
    "rule": ("How comparison grids are chosen", {"type": "string", "enum": sorted(RULES)}),
    "limit": ("At most so many", {"type": "integer", "minimum": 1, "maximum": 500}),
    "off": ("Ids of cameras switched off; again for each", _several(_TEXT)),
    "change": ("id,lon,lat[,azimuth,angle,range_m,height_m]; again for each", _several(_TEXT)),
    "count": ("How many new cameras", {"type": "integer", "minimum": 1, "maximum": 100}),
    "angle": ("Horizontal angle of a new camera, degrees", {"type": "number", "exclusiveMinimum": 0, "maximum": 360}),
    "range": ("Range of a new camera, metres", {"type": "number", "exclusiveMinimum": 0, "maximum": 300}),
    "height": ("Mount height of a new camera, metres", {"type": "number", "exclusiveMinimum": 0, "maximum": 300}),
    "backup": ("Worth of a second camera on the same ground", {"type": "number", "minimum": 0, "maximum": 1}),
    "goal": (
        "Most covered by a number or a budget; fewest or cheapest cameras for a share",
        {"type": "string", "enum": ["most", "fewest", "cheapest"]},
    ),
    "budget": ("Money for new cameras, in the unit of the costs", {"type": "number", "exclusiveMinimum": 0}),
    "cost_pole": ("Cost of a camera on a new pole", {"type": "number", "exclusiveMinimum": 0}),
    "cost_wall": ("Cost of a camera on a wall", {"type": "number", "exclusiveMinimum": 0}),
    "share": (
        "Share of what can be reached that is wanted",
        {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    ),
    "prove": ("1: let the solver prove the answer best", {"type": "string", "enum": ["0", "1"]}),
    "forbidden": (
        "Polygons as GeoJSON in which no camera may stand; again for each",
        {"type": "array", "items": {"type": "string", "maxLength": 4000}, "maxItems": 20},
    ),
    "name": ("What the file is called", _TEXT),
    "method": ("How hot spots are found", {"type": "string", "enum": list(METHODS)}),
    "cell": ("Side of the squares of optimized hot spots, metres; by rule without it", _within(CELL_M)),
    "reach": ("Distance band of optimized hot spots, metres; by rule without it", _within(REACH_M)),
    "step": ("Time step of emerging hot spots, days; by rule without it", _within(STEP_DAYS)),
    "defaults": ("Whether incidents at default geocodes are set aside", {"type": "string", "enum": list(DEFAULTS)}),
    "versus": ("Period to compare hot spots with", {"type": "string", "enum": list(VERSUS)}),
    "check": ("1: only tell what would be", {"type": "string", "enum": ["", "1"]}),
    "light": ("By day, or by night where lighting is known", {"type": "string", "enum": ["day", "night"]}),
    "weeks": ("Weeks before and after", {"type": "integer", "minimum": 1, "maximum": 52}),
    "state": ("States of cases; again for each", _several({"type": "string", "enum": sorted(states())})),
    "tier": ("Tiers; again for each", _several({"type": "string", "enum": list(TIERS)})),
    "unit": ("Codes of units; again for each", _several(_TEXT)),
    "after": ("Cursor of the page before", _TEXT),
    "pressure": ("How a case stands against its first deadline", {"type": "string", "enum": list(PRESSURES)}),
    "by": ("What figures are split by", {"type": "string", "enum": list(SPLITS)}),
    "all": ("1: every live case that is seen, whoever must act", {"type": "string", "enum": ["0", "1"]}),
    "overdue": ("1: only what is past its deadline", {"type": "string", "enum": ["0", "1"]}),
    "period": ("What is forecast", {"type": "string", "enum": list(PERIODS)}),
    "lang": ("Language of texts", {"type": "string", "enum": ["zh", "en"]}),
}
"""Parameters of queries: what they mean, and their schema."""

PATH: dict[str, dict[str, Any]] = {
    "level": {"type": "string", "enum": ["grid", "community", "street", "district"]},
    "name": {"type": "string", "minLength": 1},
    "layer": {"type": "string", "minLength": 1},
    "file_format": {"type": "string", "enum": sorted(FORMATS)},
    "camera": {"type": "string", "minLength": 1},
    "mask": {"type": "string", "minLength": 1},
    "plan_id": {"type": "string", "minLength": 1},
    **{key: {"type": "string", "minLength": 1} for key in ("template", "pattern", "area", "event_id", "photo_id")},
    **{
        key: {"type": "string", "minLength": 1}
        for key in ("dispute", "schedule", "order", "key_area", "spot", "forecast_id")
    },
    **dict.fromkeys(("zoom", "column", "row", "team"), _WHOLE),
}
"""Parameters of paths, by name."""

_WALL = {"type": "string", "pattern": "^([0-9]|[01][0-9]|2[0-3]):[0-5][0-9]$"}
_WORD = {"type": "string", "minLength": 1, "maxLength": LONGEST_WORD}
_SKILLS = {"type": "array", "maxItems": MOST_SKILLS, "items": _WORD}
_BASE = {
    "oneOf": [
        {"type": "string", "maxLength": 100},
        {
            "type": "object",
            "required": ["lon", "lat"],
            "additionalProperties": False,
            "properties": {"lon": _within((-180, 180)), "lat": _within((-90, 90))},
        },
    ],
}
TEAM_BODY: dict[str, Any] = {
    "type": "object",
    "description": "What one team has of its own; what is left out is as for the whole plan",
    "required": ["team"],
    "additionalProperties": False,
    "properties": {
        "team": {
            "description": "Name of the team, or its number from 1",
            "oneOf": [_WORD, {"type": "integer", "minimum": 1, "maximum": 999}],
        },
        "from": {"description": "On duty from, local, in the shift", **_WALL},
        "to": {"description": "On duty to, local, in the shift", **_WALL},
        "break_min": {"description": "Length of a break at its start, minutes", **_within((0, MOST_BREAK_MIN))},
        "break_from": {"description": "The break begins at the earliest", **_WALL},
        "break_to": {"description": "The break begins at the latest", **_WALL},
        "mode": {"type": "string", "enum": sorted(MODES)},
        "skills": _SKILLS,
        "most_km": {"description": "Longest way of the shift", **_within((0, MOST_KM))},
        "start": {"description": "Where it starts: the id of a place, or degrees", **_BASE},
        "end": {"description": "Where it ends; the start without", **_BASE},
    },
}
TEAMS_BODY: dict[str, Any] = {"type": "array", "maxItems": MOST_TEAMS, "items": TEAM_BODY}
MUST_SKILLS_BODY: dict[str, Any] = {
    "type": "object",
    "description": "Skills that must-visits of a kind of place need",
    "maxProperties": MOST_SKILLS,
    "properties": dict.fromkeys(sorted({rule.kind for rule in DEFAULT_MUSTS}), _SKILLS),
    "additionalProperties": False,
}
PLAN_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["day"],
    "properties": {
        "day": {"type": "string", "format": "date"},
        "shift": {"type": "string", "enum": sorted(SHIFTS)},
        "teams": {"type": "integer", "minimum": 1, "maximum": MOST_TEAMS},
        "mode": {"type": "string", "enum": sorted(MODES)},
        "seed": {"type": "integer", "minimum": 1, "maximum": 2**31},
        "demand_days": {"type": "integer", "minimum": 1, "maximum": 3660},
        "area": _TEXT,
        "sources": {"type": "array", "minItems": 1, "items": {"type": "string", "enum": sorted(SOURCES)}},
        "varied": {"type": "integer", "minimum": 2, "maximum": MOST_PLANS},
        "grids": {"type": "array", "maxItems": MOST_GRIDS, "items": {"type": "string", "maxLength": 40}},
        "team_settings": TEAMS_BODY,
        "must_skills": MUST_SKILLS_BODY,
    },
}
FORECAST_BODY: dict[str, Any] = {
    "type": "object",
    "properties": {"period": {"type": "string", "enum": list(PERIODS)}, "category": _TEXT, "area": _TEXT},
}
SPAN_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["from", "to"],
    "properties": {"from": _DAY, "to": _DAY},
}
TEMPLATE_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["shift", "first"],
    "properties": {
        "name": {"type": "string", "maxLength": 60},
        "shift": {"type": "string", "enum": sorted(SHIFTS)},
        "area": {"type": "string", "maxLength": 60},
        "teams": {"type": "integer", "minimum": 0, "maximum": MOST_TEAMS},
        "mode": {"type": "string", "enum": sorted(MODES)},
        "sources": PLAN_BODY["properties"]["sources"],
        "demand_days": {"type": "integer", "minimum": 1, "maximum": 3660},
        "varied": {"type": "integer", "enum": [0, *range(2, MOST_PLANS + 1)]},
        "first": _DAY,
        "last": {"type": "string"},
        "kind": {"type": "string", "enum": ["any", "working", "off"]},
        "weekdays": {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 6}},
        "every": {"type": "integer", "minimum": 1, "maximum": 366},
        "except_on": {"type": "array", "items": _DAY, "maxItems": 400},
        "team_settings": TEAMS_BODY,
        "must_skills": MUST_SKILLS_BODY,
    },
}
EDITS_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["edits"],
    "properties": {
        "keep": {"type": "boolean"},
        "edits": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_EDITS,
            "items": {
                "type": "object",
                "required": ["do", "stop"],
                "properties": {
                    "do": {"type": "string", "enum": ["move", "remove", "add", "lock", "unlock"]},
                    "stop": _TEXT,
                    "team": _TEXT,
                    "position": {"type": "integer", "minimum": 1, "maximum": 999},
                },
            },
        },
    },
}
EVENTS_BODY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "keep": {"type": "boolean"},
        "now": {"type": "string", "format": "date-time"},
        "shown": {"type": "string"},
        "out": {"type": "array", "items": _TEXT},
        "late": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1440}},
        "urgent": {
            "type": "array",
            "maxItems": MOST_URGENT,
            "items": {
                "type": "object",
                "required": ["lon", "lat"],
                "properties": {
                    "lon": {"type": "number", "minimum": -180, "maximum": 180},
                    "lat": {"type": "number", "minimum": -90, "maximum": 90},
                    "name": {"type": "string", "maxLength": 60},
                    "stay_min": {"type": "number", "minimum": 1, "maximum": 240},
                    "within_min": {"type": "number", "minimum": 1, "maximum": 1440},
                },
            },
        },
    },
}
CASE_PATROL_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["plan"],
    "properties": {
        "plan": _TEXT,
        "stay_min": {"type": "number", "minimum": 1, "maximum": 240},
        "within_min": {"type": "number", "minimum": 1, "maximum": 1440},
        **{name: EVENTS_BODY["properties"][name] for name in ("keep", "now", "shown")},
    },
}
PATTERN_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["cycle", "offsets"],
    "properties": {
        "name_zh": {"type": "string", "maxLength": 60},
        "name_en": {"type": "string", "maxLength": 60},
        "cycle": {"type": "array", "items": {"type": "string", "enum": ["", *SHIFTS]}, "minItems": 1, "maxItems": 366},
        "offsets": {
            "type": "array",
            "items": {"type": "integer", "minimum": 0, "maximum": 365},
            "minItems": 1,
            "maxItems": 60,
        },
        "keep": {"type": "boolean"},
    },
}
GROUPS_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["pattern", "start", "groups"],
    "properties": {
        "pattern": {"type": "string"},
        "start": {"type": "string", "format": "date"},
        "groups": {"type": "array", "items": {"type": "array", "items": {"type": "string", "maxLength": 40}}},
    },
}
HOLIDAYS_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["csv"],
    "properties": {"csv": {"type": "string"}, "name": {"type": "string"}, "keep": {"type": "boolean"}},
}
CHECKINS_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["checkins"],
    "properties": {
        "checkins": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST,
            "items": {
                "type": "object",
                "required": ["id", "plan", "team", "stop", "kind", "at"],
                "properties": {
                    "id": {"type": "string", "pattern": "^[0-9A-Za-z-]{16,64}$"},
                    "plan": _TEXT,
                    "team": {"type": "integer", "minimum": 0},
                    "stop": _TEXT,
                    "kind": {"type": "string", "enum": list(KINDS)},
                    "reason": {"type": "string", "enum": ["", *REASONS]},
                    "at": {"type": "string", "format": "date-time"},
                },
            },
        }
    },
}
"""Check-ins of a phone."""

REPORT_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["id", "lon", "lat", "category", "occurred_at"],
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"},
        "lon": {"type": "number", "minimum": -180, "maximum": 180},
        "lat": {"type": "number", "minimum": -90, "maximum": 90},
        "category": _TEXT,
        "occurred_at": {"type": "string", "format": "date-time"},
        "text": {"type": "string", "maxLength": 2000},
        "address": _TEXT,
        "source": {"type": "string", "enum": ["", *(source.code for source in REPORT_SOURCES)]},
        "work_order": {"type": "string", "maxLength": 40},
        "same_as": {"type": "string", "maxLength": 100},
    },
}
_CODE: dict[str, Any] = {
    "type": "object",
    "required": ["code"],
    "properties": {"code": {"type": "string", "maxLength": 60}},
}
RECEIPT_MOVE_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["code", "move", "version"],
    "properties": {
        **_CODE["properties"],
        "move": {"type": "string", "enum": list(OWN)},
        "version": {"type": "integer", "minimum": 1},
        "reason": {"type": "string", "maxLength": 500},
        "score": {"type": "integer", "minimum": 1, "maximum": 5},
    },
}
ALARM_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["device", "kind", "at"],
    "additionalProperties": False,
    "properties": {
        "device": {"type": "string", "maxLength": 100},
        "kind": {"type": "string", "enum": list(ALARM_KINDS)},
        "at": {"type": "string", "format": "date-time"},
    },
}
"""Schemas of what is sent."""

FILTER = ("from", "to", "category", "source", "found_by", "area", "hour", "weekday")
HOT_SPOTS = (*FILTER, "method", "cell", "reach", "step", "defaults", "versus")
JSON, GEOJSON, PROBLEM = "application/json", "application/geo+json", "application/problem+json"
PAGE = "text/html"

_MEANING = {
    200: "The answer",
    201: "Kept",
    204: "Gone",
    304: "The reader has it already (If-None-Match)",
    400: "A parameter makes no sense; the text says which",
    401: "Nobody is signed in",
    403: "Not granted to this account",
    404: "No such thing, or not in the reader's areas",
    409: "It cannot be made, and why",
    412: "Somebody changed it since it was seen",
    429: "Too many requests",
    503: "The store is busy or all places are taken; ask again",
}
_REFUSED = (400, 401, 403, 404, 429, 503)


@dataclass(frozen=True)
class Route:
    """One route as the document tells it.

    Parameters
    ----------
    rule
        As Flask knows it, below the server's root.
    summary
        What one gets.
    query
        Names of :data:`QUERY`.
    types
        Content types of the answer.
    method, done
        And the status of success.
    cached
        It has an entity tag and answers 304.
    body
        Schema of the request's JSON.
    sends
        Content types of a request that is no JSON.
    also
        Another status of success, with the same content.
    versioned
        It is refused with 412 where it names another version.
    """

    rule: str
    summary: str
    query: tuple[str, ...] = ()
    types: tuple[str, ...] = (JSON,)
    method: str = "get"
    done: int = 200
    cached: bool = True
    body: Mapping[str, Any] | None = None
    sends: tuple[str, ...] = ()
    also: int = 0
    versioned: bool = False


READ_BODY = {
    "type": "object",
    "properties": {
        "ids": {"type": "array", "items": {"type": "string"}, "maxItems": 100},
        "all": {"type": "boolean"},
    },
}
_QUERY = {"type": "object", "required": ["query"], "properties": {"query": _TEXT}}
_FEATURE = {
    "type": "object",
    "required": ["type", "properties", "geometry"],
    "properties": {
        "type": {"const": "Feature"},
        "properties": {
            "type": "object",
            "required": ["name"],
            "properties": dict.fromkeys(("name", "reason", "camera"), _TEXT),
        },
        "geometry": {"type": "object", "required": ["type", "coordinates"]},
    },
}

ROUTES = (
    Route("/api/openapi.json", "This document", cached=False),
    Route("/api/boot.json", "What a page must know before it can ask"),
    Route("/api/areas/<level>.geojson", "Areas of one level", types=(GEOJSON,)),
    Route("/api/layers/<name>.geojson", "Cameras, places, streets, rail or buildings", ("bbox",), (GEOJSON,)),
    Route("/api/cameras/views.geojson", "Visible areas of the working cameras", ("band", "light"), (GEOJSON,)),
    Route(
        "/api/cameras/depth.geojson", "Ground seen by one, two, three cameras", ("basis", "band", "light"), (GEOJSON,)
    ),
    Route(
        "/api/cameras/coverage.json",
        "Ground, streets, places, incidents seen, with denominators",
        (*FILTER, "band", "light"),
    ),
    Route("/api/cameras/tables.json", "Pixel bands, targets by point class, reach by kind of place, costs"),
    Route("/api/cameras/masks.geojson", "Ground that must not be watched", types=(GEOJSON,)),
    Route(
        "/api/cameras/masks/<mask>",
        "Keep a zone that must not be watched",
        method="put",
        done=201,
        cached=False,
        body=_FEATURE,
    ),
    Route("/api/cameras/masks/<mask>", "Drop a zone", method="delete", done=204, cached=False),
    Route("/api/cameras/areas.json", "The same of every area of a level", (*FILTER, "level", "basis", "band", "light")),
    Route("/api/cameras/blind-spots.geojson", "Ground nobody sees, by rank, and why", (*FILTER, "limit"), (GEOJSON,)),
    Route("/api/cameras/resilience.json", "What failures cost; availability; maintenance", (*FILTER, "off")),
    Route(
        "/api/cameras/what-if.json",
        "Coverage before and after changes that are not kept",
        (*FILTER, "change", "off", "band", "light"),
    ),
    Route(
        "/api/cameras/sites.geojson",
        "Where new cameras would see most, or the fewest for a share, with the bound of any choice",
        (
            *(*FILTER, "goal", "count", "budget", "share", "cost_pole", "cost_wall", "angle", "range", "height"),
            *("backup", "prove", "forbidden"),
        ),
        (GEOJSON,),
    ),
    Route("/api/cameras/register.json", "The register held against the rules"),
    Route("/api/cameras/<camera>/history.json", "Every status of a camera", cached=False),
    Route("/api/summary.json", "Grids by rank with counts and rates", FILTER),
    Route("/api/incidents.json", "Incidents in view, or counts per cell above the cap", (*FILTER, "bbox", "columns")),
    Route("/api/heat.json", "Legend of the heat tiles and their address", (*FILTER, "bandwidth", "zoom")),
    Route("/api/profile.json", "Trend, hours by weekdays, categories, sources", FILTER),
    Route("/api/compare.json", "Two periods compared, grid by grid", (*FILTER, "from2", "to2")),
    Route("/api/hotspots/areas.geojson", "Hot spots with evidence, against the period before", HOT_SPOTS, (GEOJSON,)),
    Route("/api/hotspots/areas.ndjson", "The same, a line for each step", HOT_SPOTS, (NDJSON,), cached=False),
    Route("/api/hotspots/cameras.json", "Which cameras see each hot spot", HOT_SPOTS),
    Route("/api/hotspots/trends.geojson", "The class of every grid among 17 trends", HOT_SPOTS, (GEOJSON,)),
    Route(
        "/api/hotspots/<spot>/brief.pdf",
        "A hot spot on one page to print",
        HOT_SPOTS,
        ("application/pdf",),
        cached=False,
    ),
    Route("/api/changes.json", "Changes after a number", ("since",), cached=False),
    Route("/live", "A stream of changes", ("since",), ("text/event-stream", JSON), cached=False),
    Route("/api/forecast.json", "The coming period by grid, with its score card", ("period", "category", "area")),
    Route("/api/forecasts.json", "Forecasts that were made, with what happened since"),
    Route("/api/forecasts/<forecast_id>.json", "One forecast"),
    Route(
        "/api/forecasts",
        "Make a forecast: a line for each step",
        (),
        (NDJSON,),
        "post",
        cached=False,
        body=FORECAST_BODY,
    ),
    Route("/api/plans.json", "Patrol plans, newest first"),
    Route("/api/plans/latest.json", "The newest plan, or null"),
    Route("/api/plans/<plan_id>.json", "One plan"),
    Route("/api/plans", "Make a plan: a line for each step", (), (NDJSON,), "post", cached=False, body=PLAN_BODY),
    Route("/api/plans/<plan_id>/life.json", "Status, versions, and what may be done now"),
    *(
        Route(f"/api/plans/<plan_id>/{step}", told, method="post", cached=False)
        for step, told in (
            ("publish", "Publish a draft that passes the independent check"),
            ("start", "A published plan runs"),
            ("close", "A running plan is over"),
            ("withdraw", "Take back what was published"),
            ("discard", "Drop a draft"),
        )
    ),
    Route(
        "/api/plans/<plan_id>/edits",
        "Changes by hand and what they do",
        method="post",
        cached=False,
        body=EDITS_BODY,
    ),
    Route(
        "/api/plans/<plan_id>/replan",
        "What happened, and the plan mended",
        method="post",
        cached=False,
        body=EVENTS_BODY,
    ),
    Route("/api/plans/<plan_id>/explain.json", "What a plan covers, what not and why"),
    Route("/api/plans/<plan_id>/one-more", "What one more team would bring", (), (NDJSON,), "post", cached=False),
    Route("/api/plans/<plan_id>/done.json", "Planned against done, by team and stop"),
    Route(
        "/api/plans/<plan_id>/teams/<int:team>/newer.json",
        "The version in force instead of a shown one, and how many stops of the team differ in it",
        cached=False,
    ),
    Route("/api/patrol/dosage.json", "Visits and minutes by place and week", ("from", "to")),
    Route(
        "/api/patrol/effect.json",
        "Reports at patrolled places before and after, against comparison places",
        ("start", "days", "place", "plan", "team", "rule"),
    ),
    Route("/api/patrol/roster.json", "Shifts to come, with teams, template and plan", ("from", "to")),
    Route(
        "/api/patrol/templates/<template>",
        "Keep a template of a recurring plan",
        method="put",
        done=201,
        cached=False,
        body=TEMPLATE_BODY,
    ),
    Route("/api/patrol/templates/<template>", "Drop a template", method="delete", done=204, cached=False),
    Route(
        "/api/patrol/patterns/<pattern>",
        "Keep a cycle of shifts, or tell what it means",
        method="put",
        done=201,
        also=200,
        cached=False,
        body=PATTERN_BODY,
    ),
    Route("/api/patrol/patterns/<pattern>", "Drop a cycle of shifts", method="delete", done=204, cached=False),
    Route(
        "/api/patrol/groups/<area>",
        "Say which teams stand in which group",
        method="put",
        done=201,
        cached=False,
        body=GROUPS_BODY,
    ),
    Route("/api/patrol/groups/<area>", "Drop the groups of an area", method="delete", done=204, cached=False),
    Route("/api/patrol/holidays", "Check or keep a table of holidays", method="put", cached=False, body=HOLIDAYS_BODY),
    Route("/api/patrol/holidays", "The shipped table of holidays again", method="delete", cached=False),
    Route("/api/patrol/due", "Make due plans: a line for each", (), (NDJSON,), "post", cached=False, body=SPAN_BODY),
    Route(
        "/api/patrol/copy", "Copy earlier plans: a line for each", (), (NDJSON,), "post", cached=False, body=SPAN_BODY
    ),
    Route("/api/patrol/session.json", "The token for what a phone sends", cached=False),
    Route("/api/checkins", "Check-ins, each kept once", method="post", cached=False, body=CHECKINS_BODY),
    Route("/api/reports/session.json", "The token for a report, and whose it is", cached=False),
    Route(
        "/api/reports/check",
        "What a report would be: its grid, its masked text, what may be the same; keeps nothing",
        method="post",
        cached=False,
        body=REPORT_BODY,
    ),
    Route("/api/reports", "A report, kept once", method="post", done=201, also=200, cached=False, body=REPORT_BODY),
    Route(
        "/api/reports/<event_id>/photos/<photo_id>",
        "A photo of a report (JPEG, PNG or WebP), by its receipt in X-Receipt",
        ("hide",),
        method="post",
        done=201,
        cached=False,
    ),
    Route("/api/receipts", "The case of a receipt", method="post", cached=False, body=_CODE),
    Route(
        "/api/receipts/move",
        "What whoever holds the receipt may do",
        method="post",
        cached=False,
        body=RECEIPT_MOVE_BODY,
    ),
    Route("/api/receipts/order", "The case of a 12345 work order", method="post", cached=False, body=_CODE),
    Route(
        "/api/workorders",
        "Cases of the 12345 work orders in a file (CSV, XLSX)",
        ("name", "check", "datum"),
        method="post",
        cached=False,
    ),
    Route(
        "/api/alarms",
        "An alarm, signed by its source",
        method="post",
        done=201,
        also=200,
        cached=False,
        body=ALARM_BODY,
    ),
    Route("/api/events/<event_id>/photos.json", "Photos of an event, without their files", cached=False),
    Route(
        "/api/events/<event_id>/photos",
        "Keep a photo: decoded, areas blacked out, encoded anew without metadata",
        ("id", "hide"),
        method="post",
        done=201,
        cached=False,
        sends=("image/jpeg", "image/png", "image/webp"),
    ),
    Route("/api/events/<event_id>/photos/<photo_id>.jpg", "One photo", types=("image/jpeg",), cached=False),
    Route("/api/events/<event_id>/case.zip", "The file of an event", types=("application/zip",), cached=False),
    Route("/api/events/<event_id>/case.pdf", "The same to print", ("lang",), ("application/pdf",), cached=False),
    Route("/api/notifications.json", "Own notifications, newest first", cached=False),
    Route("/api/notifications/read", "Mark own notifications as read", method="post", cached=False, body=READ_BODY),
    Route("/api/events", "Keep a new event", method="post", done=201, also=200, cached=False, body=EVENT_BODY),
    Route(
        "/api/events",
        "Cases, newest first",
        ("state", "tier", "unit", "category", "source", "found_by", "area", "from", "to", "limit", "after"),
        cached=False,
    ),
    Route(
        "/api/events/work",
        "Cases that wait for the reader, by urgency",
        ("state", "tier", "unit", "category", "source", "found_by", "area", "from", "to", "pressure", "limit", "all"),
        cached=False,
    ),
    Route(
        "/api/events/board",
        "Figures with numerators and denominators",
        ("from", "to", "by", "area", "category", "source", "unit", "tier", "lang"),
    ),
    Route("/api/events/<event_id>/nearby", "What lies around a case", ("lang",)),
    Route("/api/events/<event_id>/patrols", "Plans of now that cover the place of a case", cached=False),
    Route(
        "/api/events/<event_id>/patrols",
        "A plan of now mended for a case",
        method="post",
        cached=False,
        body=CASE_PATROL_BODY,
    ),
    Route(
        "/export/board.<file_format>",
        "The board of figures as a file",
        ("from", "to", "by", "area", "category", "source", "unit", "tier", "lang"),
        tuple(sorted(FORMATS[each][1].split(";")[0] for each in ("csv", "xlsx"))),
        cached=False,
    ),
    Route("/api/events/states", "The tables of states and moves"),
    Route("/api/events/<event_id>", "One case with its history and clocks", cached=False),
    Route("/api/events/<event_id>/moves", "What the reader may do with it now", cached=False),
    Route("/api/events/<event_id>/duplicates", "Cases that may be the same", cached=False),
    Route(
        "/api/events/<event_id>/transitions",
        "Make one move",
        method="post",
        cached=False,
        body=MOVE_BODY,
        versioned=True,
    ),
    Route("/api/events/transitions", "Make many moves, each by itself", method="post", cached=False, body=MOVES_BODY),
    Route("/api/committees", "The mediation committees"),
    Route("/api/disputes", "Register a dispute", method="post", done=201, also=200, cached=False, body=DISPUTE_BODY),
    Route(
        "/api/disputes",
        "Disputes that concern the reader; state is one of docs/side_desks.md",
        ("area", "limit", "after"),
        cached=False,
    ),
    Route("/api/disputes/<dispute>", "One dispute with history and moves", cached=False),
    Route(
        "/api/disputes/<dispute>/transitions",
        "Make one move",
        method="post",
        cached=False,
        body=DISPUTE_MOVE_BODY,
        versioned=True,
    ),
    Route("/api/inspections", "What falls due, with what became of it", ("from", "to", "area"), cached=False),
    Route("/api/inspections/checklists", "The questions for each kind of site"),
    Route("/api/inspections/schedules", "Schedules in force", ("area",), cached=False),
    Route(
        "/api/inspections/schedules",
        "Keep a schedule of a site",
        method="post",
        done=201,
        also=200,
        cached=False,
        body=SCHEDULE_BODY,
    ),
    Route("/api/inspections/schedules/<schedule>", "One schedule with its inspections", cached=False),
    Route("/api/inspections/schedules/<schedule>/end", "End a schedule", method="post", cached=False),
    Route(
        "/api/inspections/schedules/<schedule>/checks",
        "Answer a checklist; each failed item becomes an event",
        method="post",
        done=201,
        also=200,
        cached=False,
        body=CHECK_BODY,
    ),
    Route("/api/supervision", "Supervision orders by deadline", ("unit", "area", "overdue"), cached=False),
    Route("/api/supervision", "Give a unit an order", method="post", done=201, also=200, cached=False, body=ORDER_BODY),
    Route("/api/supervision/<order>", "One order with history and moves", cached=False),
    Route(
        "/api/supervision/<order>/transitions",
        "Make one move",
        method="post",
        cached=False,
        body=ORDER_MOVE_BODY,
        versioned=True,
    ),
    Route("/api/keyareas", "Key areas; state is one of docs/key_areas.md", ("area",), cached=False),
    Route("/api/keyareas", "Propose one", method="post", done=201, also=200, cached=False, body=KEY_AREA_BODY),
    Route("/api/keyareas.geojson", "Outlines of those proposed and in force", types=(GEOJSON,), cached=False),
    Route("/api/keyareas/<key_area>", "One key area with history and moves", cached=False),
    *(
        Route(f"/api/keyareas/<key_area>/{part}", what, method="post", cached=False, body=sent, versioned=True)
        for part, what, sent in (
            ("transitions", "Make one move", KEY_AREA_MOVE_BODY),
            ("measures", "Record a measure", KEY_AREA_MEASURE_BODY),
            ("checks", "Record a check", KEY_AREA_CHECK_BODY),
        )
    ),
    Route(
        "/api/keyareas/<key_area>/effect",
        "Reports before and after, against comparison areas",
        ("weeks",),
        cached=False,
    ),
    Route("/api/units", "The units, and one's own"),
    Route("/api/routing", "The routing rules in force"),
    Route("/api/routing", "Other rules in place of those", method="put", cached=False, body=RULES_BODY, versioned=True),
    Route("/api/routing/preview", "Where a report would go", method="post", cached=False, body=PREVIEW_BODY),
    Route("/api/views.json", "Own saved views", cached=False),
    Route("/api/views/<name>", "Keep a view", method="put", done=201, cached=False, body=_QUERY),
    Route("/api/views/<name>", "Forget a view", method="delete", done=204, cached=False),
    Route(
        "/export/<layer>.<file_format>",
        "A layer or result as a file",
        (*HOT_SPOTS, "datum", "plan", "period", "lang"),
        tuple(sorted({mimetype.split(";")[0] for _, mimetype in FORMATS.values()})),
        cached=False,
    ),
    Route(
        "/export/<layer>/style.qml",
        "Colours of a layer for QGIS",
        ("datum", "lang"),
        ("application/xml",),
        cached=False,
    ),
    Route(
        "/tiles/heat/<int:zoom>/<int:column>/<int:row>.png",
        "One heat tile",
        (*FILTER, "bandwidth", "v"),
        ("image/png",),
    ),
    Route(
        "/tiles/vector/<layer>/<int:zoom>/<int:column>/<int:row>.mvt",
        "One vector tile",
        (*FILTER, "v"),
        ("application/vnd.mapbox-vector-tile",),
    ),
    Route("/plans/<plan_id>/teams/<int:team>.gpx", "A team's tour", ("lang",), ("application/gpx+xml",), cached=False),
    Route("/plans/<plan_id>/teams/<int:team>.kml", "A team's tour", ("lang",), (FORMATS["kml"][1],), cached=False),
    Route("/plans/<plan_id>.xlsx", "A whole plan, one sheet a team", ("lang",), (FORMATS["xlsx"][1],), cached=False),
    Route("/plans/<plan_id>/teams/<int:team>.ics", "A team's stops", ("lang",), ("text/calendar",), cached=False),
    Route("/plans/<plan_id>/teams/<int:team>/sheet", "A team's sheet to print", ("lang",), (PAGE,), cached=False),
)
"""Every route for programs."""


@api.get("/api/openapi.json")
def document() -> Response:
    """The description of the API."""
    return jsonify(described())


def described() -> dict[str, Any]:
    """The OpenAPI document."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(path_of(route.rule), {})[route.method] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Wangge", "version": "1", "description": "Grid management map of a district"},
        "paths": paths,
        "components": {
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "wangge_session"}},
            "schemas": {"Problem": _PROBLEM},
        },
        "security": [{"session": []}],
    }


_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "zh", "en"],
    "properties": {name: {"type": "string"} for name in ("type", "title", "detail", "zh", "en")}
    | {"status": {"type": "integer"}},
}


def path_of(rule: str) -> str:
    """A rule of Flask as a path template of OpenAPI."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


def _operation(route: Route) -> dict[str, Any]:
    named = re.findall(r"{(\w+)}", path_of(route.rule))
    inside = [{"name": name, "in": "path", "required": True, "schema": PATH[name]} for name in named]
    asked = [
        {"name": name, "in": "query", "description": QUERY[name][0], "schema": QUERY[name][1]} for name in route.query
    ]
    content: dict[str, Any] = {"content": {kind: {} for kind in route.types}}
    answers: dict[int, dict[str, Any]] = {route.done: {} if route.done == 204 else content}
    if route.cached:
        answers[304] = {}
    # Pages tell an error as a page; both are told, since the language of the reader decides nothing here.
    refusal = {"content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}, PAGE: {}, JSON: {}}}
    answers |= dict.fromkeys((*_REFUSED, 409, 412) if route.versioned else (*_REFUSED, 409), refusal)
    if route.also:
        answers[route.also] = content
    found = {
        "summary": route.summary,
        "parameters": [*inside, *asked],
        "responses": {str(status): {"description": _MEANING[status]} | answers[status] for status in sorted(answers)},
    }
    if route.body is not None:
        found["requestBody"] = {"content": {JSON: {"schema": route.body}}}
    if route.sends:
        found["requestBody"] = {"required": True, "content": {kind: {} for kind in route.sends}}
    return found
