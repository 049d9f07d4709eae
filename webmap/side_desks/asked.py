"""What the side desks have in common: fields that are taken, where a record lies, the role of a move. It decides no move."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from gis.dispatch.workflow import Step
from gis.errors import InputError
from webmap.auth.permissions import OPERATOR
from webmap.cases import told as said
from webmap.cases.intake import placed
from webmap.services import Services
from webmap.store.events import Event
from webmap.store.models import LOCATED


def require_taken(told: Mapping[str, Any], taken: Iterable[str]) -> None:
    """Refuse, by their names, fields that are not taken: whatever is told of a person is among them.

    Raises
    ------
    InputError
        Fields that are not taken, all of them named.
    """
    other = sorted(plain(name) for name in told if name not in set(taken))
    if other:
        raise InputError(
            zh=f"不接收字段:{'、'.join(other)}。不得填写当事人等个人信息。",
            en=f"These fields are not taken: {', '.join(other)}. Nothing about persons is kept.",
        )


def plain(name: object) -> str:
    """A name that a client made up, short and without what no text may hold."""
    return re.sub(r"[\s\x00-\x1f]+", " ", str(name))[:60].encode("utf-8", "replace").decode()


def where(services: Services, told: Mapping[str, Any]) -> dict[str, Any]:
    """Codes of the areas that are told by ``lon`` and ``lat``, or by ``area``; the district where neither is told.

    Raises
    ------
    InputError
        There is no such area, or no such place on Earth.
    """
    place, area = said.place(told), said.text(told, "area")
    if place is None and not area:
        return dict.fromkeys(LOCATED, "") | {"district": services.settings().get("code", "")}
    lon, lat = place or (None, None)
    found = placed(services, Event("", "", "", services.clock(), lon=lon, lat=lat, grid="" if place else area))
    return {name: str(getattr(found, name)) for name in LOCATED}


def day_of(told: Mapping[str, Any], name: str) -> date | None:
    """A day; None where nothing is said.

    Raises
    ------
    InputError
        It is none.
    """
    value = said.text(told, name, most=10)
    try:
        found = date.fromisoformat(value) if value else None
    except ValueError:
        found = date.min
    if found is not None and not 1900 <= found.year <= 2200:
        raise InputError(zh=f"{name} 应为日期,如 2026-11-23。", en=f"{name} is a day such as 2026-11-23.")
    return found


def role_of(table: Iterable[Step], move: str, state: str, roles: tuple[str, ...]) -> str:
    """The role in which somebody makes a move: one that may, of those that reach the record; else one that will be refused."""
    able = sorted(set().union(*(step.roles for step in table if step.name == move and state in step.sources)))
    if OPERATOR in roles and able:
        return able[0]
    return next((role for role in able if role in roles), next(iter(roles), ""))


def offered(table: Iterable[Step], state: str, roles: tuple[str, ...]) -> list[dict[str, Any]]:
    """The moves that start at a state and that one of the roles may make."""
    return [
        {"move": step.name, "to": step.target, "zh": step.zh, "en": step.en, "needs": list(step.needs)}
        for step in table
        if state in step.sources and (OPERATOR in roles or step.roles & set(roles))
    ]
