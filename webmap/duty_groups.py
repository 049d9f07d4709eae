"""Who has which shift: patterns by which groups take turns, and the teams that stand in the groups. Teams, never persons."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from gis.calendar import SHIFTS
from gis.errors import InputError, NotFoundError
from gis.patrol.roster import PATTERNS, Roster, ShiftPattern
from webmap.recurring import require_area
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Viewer
from webmap.store.rosters import RosterItem


def pattern_from(told: Mapping[str, Any]) -> ShiftPattern:
    """A district's own cycle from ``name_zh``, ``name_en``, ``cycle`` (keys of the shifts, empty for rest) and ``offsets``.

    Raises
    ------
    InputError
        It makes no sense.
    """
    cycle, offsets = told.get("cycle", ()), told.get("offsets", ())
    names = [told.get(name, "") for name in ("name_zh", "name_en")]
    sound = all(isinstance(each, list | tuple) for each in (cycle, offsets))
    sound = sound and all(isinstance(each, str) and len(each) <= 60 and "\x00" not in each for each in (*names, *cycle))
    sound = sound and all(type(each) is int and 0 <= each <= 366 for each in offsets)
    if not sound or not 0 < len(cycle) <= 366 or not 0 < len(offsets) <= 60:
        raise InputError(
            zh="班制应含名称、cycle(班次代码,空为休息)和 offsets(各班组的起点)。",
            en="A pattern has names, a cycle of shift keys (empty for rest) and offsets, one a group.",
        )
    used = {key: SHIFTS[key] for key in SHIFTS if key in cycle}
    return ShiftPattern(names[0], names[1] or names[0], used, tuple(cycle), tuple(offsets))


def patterns(services: Services, viewer: Viewer) -> dict[str, ShiftPattern]:
    """The shipped patterns and the district's own, which may replace a shipped one."""
    own = {item.id: pattern_from(item.body) for item in services.store.rosters.list(viewer) if item.kind == "pattern"}
    return PATTERNS | own


def put_pattern(services: Services, item_id: str, told: Mapping[str, Any], *, viewer: Viewer) -> ShiftPattern:
    """Keep a cycle of the district.

    Raises
    ------
    InputError
        It makes no sense, or groups take turns by the one of this name and are not as many.
    """
    made = pattern_from(told)
    _require_fits(services, item_id, made)
    body = {"name_zh": made.name_zh, "name_en": made.name_en, "cycle": list(made.cycle), "offsets": list(made.offsets)}
    services.store.rosters.put("pattern", item_id, body, area="", viewer=viewer, now=services.clock())
    return made


def put_roster(
    services: Services, area: str, *, pattern: str, start: date, groups: Sequence[Sequence[str]], viewer: Viewer
) -> Roster:
    """Say which teams stand in the groups of a pattern, in an area or (empty) in the whole district.

    Raises
    ------
    NotFoundError
        No such pattern or area.
    InputError
        Not as many groups as the pattern has, or a team in two of them.
    """
    known = patterns(services, viewer)
    if pattern not in known:
        raise NotFoundError(
            zh=f"没有班制“{pattern}”;可用:{'、'.join(known)}。",
            en=f"There is no pattern '{pattern}'; there are {', '.join(known)}.",
        )
    require_area(services, viewer, area)
    made = Roster(known[pattern], tuple(tuple(group) for group in groups), start)
    body = {"pattern": pattern, "start": start.isoformat(), "groups": [list(group) for group in made.groups]}
    services.store.rosters.put("roster", area or "district", body, area=area, viewer=viewer, now=services.clock())
    return made


def remove_pattern(services: Services, item_id: str, *, viewer: Viewer) -> None:
    """Drop a cycle of the district.

    Raises
    ------
    InputError
        Groups of an area still take turns by it, and no shipped pattern of as many groups stands behind it.
    NotFoundError
        The district has none of this name.
    """
    _require_fits(services, item_id, PATTERNS.get(item_id))
    services.store.rosters.remove("pattern", item_id, viewer=viewer, now=services.clock())


def _require_fits(services: Services, item_id: str, pattern: ShiftPattern | None) -> None:
    """Refuse what leaves groups without a pattern, or one of another number of groups: no calendar would open with them."""
    groups = len(pattern.offsets) if pattern is not None else -1
    for item in services.store.rosters.list(LOCAL_OPERATOR):
        if item.kind == "roster" and item.body["pattern"] == item_id and len(item.body["groups"]) != groups:
            raise InputError(
                zh=f"班制“{item_id}”正被 {len(item.body['groups'])} 个班组使用,请先改班组。",
                en=f"{len(item.body['groups'])} groups take turns by the pattern '{item_id}'; change the groups first.",
            )


def told_pattern(made: ShiftPattern) -> dict[str, Any]:
    """What a pattern means for people: the shifts that no group has, and the shortest rest between two shifts, hours."""
    rest = made.least_rest_h()
    return {
        "zh": made.name_zh,
        "en": made.name_en,
        "groups": len(made.offsets),
        "cycle": list(made.cycle),
        "uncovered": [{"day": day + 1, "shift": shift} for day, shift in made.uncovered()],
        "least_rest_h": rest if math.isfinite(rest) else None,
    }


def roster_of(services: Services, viewer: Viewer, item: RosterItem) -> Roster:
    """The groups that the store keeps for an area, with their pattern.

    Raises
    ------
    InputError
        The pattern is gone.
    """
    known = patterns(services, viewer)
    pattern = known.get(item.body["pattern"])
    if pattern is None:
        raise InputError(
            zh=f"班组表所用的班制“{item.body['pattern']}”已不存在。",
            en=f"The roster uses the pattern '{item.body['pattern']}', which is no longer there.",
        )
    groups = tuple(tuple(group) for group in item.body["groups"])
    return Roster(pattern, groups, date.fromisoformat(item.body["start"]))
