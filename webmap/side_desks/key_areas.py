"""Key areas as they are asked for: proposed, moved, listed, as a layer of the map. Ground and deeds, never a person."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import geopandas as gpd
from shapely.geometry import shape

from gis.dispatch.free_text import mask
from gis.dispatch.key_areas import (
    AREA_LEVELS,
    IN_FORCE,
    KEY_AREA_STATES,
    MEASURE_KINDS,
    RESULTS,
    AreaCheck,
    KeyArea,
    KeyAreaTold,
    Measure,
    is_expired,
    key_area_moves,
    move_key_area,
)
from gis.errors import DetailError, InputError
from webmap.auth.permissions import Grant
from webmap.cases import told as said
from webmap.cases.routing import known_units
from webmap.cases.shown import iso
from webmap.services import Services
from webmap.side_desks.asked import day_of, offered, require_taken, role_of
from webmap.side_desks.key_area_ground import areas_of, as_geojson, outline_of
from webmap.store import Viewer
from webmap.store.case_scope import CaseViewer
from webmap.store.models import LOCATED
from webmap.store.side_cases import Made, SideCase

TAKEN = ("id", "name", "why", "outline", "grids", "lon", "lat", "radius_m", "hot_spot")
"""Fields of a proposal; every other one is refused."""
_TEXTS = ("reason", "level", "kind", "what", "unit", "finding", "result")
MOVE_TAKEN = ("move", "version", "until", "day", *_TEXTS)
LIVE = ("proposed", *IN_FORCE)
"""States in which somebody still has to do something."""
MOST = 500


def propose(services: Services, told: Mapping[str, Any], *, viewer: CaseViewer) -> dict[str, Any]:
    """Keep a proposal.

    Parameters
    ----------
    told
        As the body of ``POST /api/keyareas`` in docs/key_areas.md.

    Returns
    -------
    answer
        ``area`` and ``is_new``.

    Raises
    ------
    InputError
        A field that is not taken or makes no sense, or no ground.
    DetailError
        Its name or the reason is missing.
    ScopeError
        It lies outside the areas in which the viewer may propose.
    """
    require_taken(told, TAKEN)
    name, why = mask(said.text(told, "name", most=60)).text, mask(said.text(told, "why", most=2000)).text
    if not name or not why:
        raise DetailError(
            zh="提出重点地区须写明名称 name 和理由 why。", en="A proposal has a name and says why.", code="detail"
        )
    outline = outline_of(services, told)
    body = _body(KeyArea(said.own_id(told))) | {"name": name, "why": why, "outline": as_geojson(outline)}
    codes: dict[str, Any] = areas_of(services, outline)
    spot = said.text(told, "hot_spot", most=64)
    case = SideCase("key_area", said.own_id(told), "proposed", ref=spot, body=body, **codes)
    kept, is_new = services.store.side_cases.create(
        case, move="propose", action="propose_key_areas", sent=told, viewer=viewer, now=services.clock()
    )
    return {"area": shown(services, kept), "is_new": is_new}


def move(
    services: Services, area_id: str, told: Mapping[str, Any], *, viewer: CaseViewer, if_match: str = ""
) -> dict[str, Any]:
    """Make one move by the table of docs/key_areas.md; the area after it.

    Raises
    ------
    NotFoundError
        There is no such key area that the viewer may see.
    CaseError
        The move is refused; whoever recorded a measure does not check.
    InputError
        A field that is not taken, or makes no sense.
    """
    require_taken(told, MOVE_TAKEN)
    name, version = said.text(told, "move", most=40), said.version_of(told, if_match)
    texts = {key: said.text(told, key, most=2000) for key in _TEXTS}
    detail = KeyAreaTold(until=day_of(told, "until"), day=day_of(told, "day"), **texts)
    now, today, units = services.clock(), services.today(), known_units(services)

    def decide(case: SideCase, roles: tuple[str, ...]) -> Made:
        role = role_of(key_area_moves(), name, case.state, roles)
        after, record = move_key_area(
            area_of(case), name, role=role, now=now, today=today, units=units, version=version, told=detail
        )
        body = {**case.body, **_body(after)}
        until = {"until": after.until.isoformat()} if after.until and name in ("designate", "prolong") else {}
        return Made(replace(case, state=after.state, body=body), role, record.reason, until)

    moved = services.store.side_cases.move(
        "key_area",
        area_id,
        name,
        decide,
        viewer=viewer,
        now=now,
        not_after=("measure",) if name == "check" else (),
    )
    return {"area": shown(services, moved)}


def one(services: Services, area_id: str, *, viewer: CaseViewer) -> dict[str, Any]:
    """One key area with its history and the moves that the viewer may make now.

    Raises
    ------
    NotFoundError
        There is no such key area that the viewer may see.
    """
    case = services.store.side_cases.get("key_area", area_id, viewer)
    history = services.store.side_cases.history("key_area", area_id, viewer)
    return {
        "area": shown(services, case),
        "history": [
            {"version": m.version, "move": m.move, "from": m.source, "to": m.target, "role": m.role, "at": iso(m.at)}
            | {"reason": m.reason, "until": m.detail.get("until")}
            for m in history
        ],
        "moves": offered(key_area_moves(), case.state, services.store.side_cases.roles(case, viewer)),
    }


def listed(
    services: Services,
    *,
    viewer: CaseViewer,
    states: tuple[str, ...] = (),
    area: str = "",
    moves: bool = False,
) -> dict[str, Any]:
    """Key areas that the viewer may see, those in force first, with how many there are of each state and how many are past their period.

    Raises
    ------
    InputError
        A state that is none.
    """
    if set(states) - set(KEY_AREA_STATES):
        names = ", ".join(KEY_AREA_STATES)
        raise InputError(zh=f"state 应为 {names}。", en=f"state is one of {names}.")
    found = services.store.side_cases.list("key_area", viewer, states=states, area=area, limit=MOST)
    order = [*IN_FORCE, "proposed", "accepted", "declined", "withdrawn"]
    found.sort(key=lambda case: (order.index(case.state), case.id))
    areas = [shown(services, case) for case in found]
    if moves:
        for each, case in zip(areas, found, strict=True):
            each["moves"] = offered(key_area_moves(), case.state, services.store.side_cases.roles(case, viewer))
    counts = {state: sum(case.state == state for case in found) for state in KEY_AREA_STATES}
    in_force = sum(counts[state] for state in IN_FORCE)
    return {
        "areas": areas,
        "counts": counts,
        "in_force": in_force,
        "expired": sum(bool(each["expired"]) for each in areas),
    }


def layer(services: Services, viewer: CaseViewer) -> gpd.GeoDataFrame:
    """The key areas in force and proposed as a layer: name, state, level, period, number of measures, outline in EPSG:4326."""
    found = services.store.side_cases.list("key_area", viewer, states=LIVE, limit=MOST)
    rows = [
        {
            "id": case.id,
            "name": case.body["name"],
            "stage": case.state,
            "stage_zh": KEY_AREA_STATES[case.state][0],
            "stage_en": KEY_AREA_STATES[case.state][1],
            "area_level": case.body["level"],
            "valid_from": case.body["since"],
            "valid_to": case.body["until"],
            "measures": len(case.body["measures"]),
            "expired": is_expired(area_of(case), services.today()),
        }
        for case in found
    ]
    names = (
        "id",
        "name",
        "stage",
        "stage_zh",
        "stage_en",
        "area_level",
        "valid_from",
        "valid_to",
        "measures",
        "expired",
    )
    table = {name: [row[name] for row in rows] for name in names}
    return gpd.GeoDataFrame(table, geometry=[shape(case.body["outline"]) for case in found], crs="EPSG:4326")


def as_case_viewer(viewer: Viewer) -> CaseViewer:
    """A viewer of layers as the store of the side desks knows it: his role where he sees."""
    return CaseViewer(viewer.actor, tuple(Grant(viewer.role, area) for area in viewer.areas or ("",)))


def area_of(case: SideCase) -> KeyArea:
    """The key area of a record."""
    body = case.body
    return KeyArea(
        case.id,
        case.state,
        case.version,
        reason=body["reason"],
        level=body["level"],
        since=_day(body["since"]),
        until=_day(body["until"]),
        measures=tuple(Measure(**(each | {"day": date.fromisoformat(each["day"])})) for each in body["measures"]),
        checks=tuple(AreaCheck(**(each | {"day": date.fromisoformat(each["day"])})) for each in body["checks"]),
        prolonged=body["prolonged"],
    )


def shown(services: Services, case: SideCase) -> dict[str, Any]:
    """A key area as programs are told it."""
    body, (zh, en) = case.body, KEY_AREA_STATES[case.state]
    level_zh, level_en = AREA_LEVELS.get(body["level"], ("", ""))
    return {
        "id": case.id,
        "name": body["name"],
        "state": case.state,
        "state_zh": zh,
        "state_en": en,
        "version": case.version,
        "why": body["why"],
        "reason": body["reason"],
        "level": body["level"],
        "level_zh": level_zh,
        "level_en": level_en,
        "since": body["since"],
        "until": body["until"],
        "expired": is_expired(area_of(case), services.today()),
        "prolonged": body["prolonged"],
        "hot_spot": case.ref,
        "measures": [each | _names(MEASURE_KINDS, each["kind"]) for each in body["measures"]],
        "checks": [each | _names(RESULTS, each["result"]) for each in body["checks"]],
        **{name: getattr(case, name) for name in LOCATED},
        "outline": body["outline"],
        "created_at": iso(case.created_at),
        "updated_at": iso(case.updated_at),
    }


def _names(table: Mapping[str, tuple[str, str]], code: str) -> dict[str, str]:
    zh, en = table[code]
    return {"zh": zh, "en": en}


def _body(area: KeyArea) -> dict[str, Any]:
    return {
        "reason": area.reason,
        "level": area.level,
        "since": area.since.isoformat() if area.since else None,
        "until": area.until.isoformat() if area.until else None,
        "measures": [vars(each) | {"day": each.day.isoformat()} for each in area.measures],
        "checks": [vars(each) | {"day": each.day.isoformat()} for each in area.checks],
        "prolonged": area.prolonged,
    }


def _day(told: str | None) -> date | None:
    return date.fromisoformat(told) if told else None
