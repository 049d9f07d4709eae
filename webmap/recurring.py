"""Templates of plans that come again: what is asked for, and on which days. Made, checked, kept and told in words.

Which shift they fall due on is worked out in :mod:`webmap.rosters`, and the plans are made in :mod:`webmap.due`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from gis.calendar import SHIFTS
from gis.errors import InputError, NotFoundError, PlanError
from gis.patrol.demand import ShiftClock
from gis.patrol.roster import DayKind, RecurringPlan
from gis.roads import MODES
from webmap.crew import number_of, own_of
from webmap.holidays import calendar_of
from webmap.one_area import one_area
from webmap.patrol_sources import SOURCES, USUAL_SOURCES
from webmap.planning import PlanRequest, musts_of
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.rosters import RosterItem
from webmap.team_settings import TeamSettings, must_skills_of, settings_of, wrong
from webmap.varied import MOST_PLANS, fresh_seed

_WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_KINDS = {"any": ("每天", "every day"), "working": ("工作日", "working days"), "off": ("休息日和节假日", "days off")}


@dataclass(frozen=True)
class Template:
    """A plan that comes again: what is asked for, and on which days.

    Parameters
    ----------
    shift, mode, sources, demand_days, area
        As in ``PlanRequest``.
    teams
        0: as many as the roster has on duty, by their names.
    varied
        Above 1: drawn from so many plans, with a fresh seed each day.
    team_settings, must_skills
        As in ``PlanRequest``; what is said of a team that is not on duty on a day does not count on it, and what is said by
        number not for a team that is said by name too.
    first, last, kind, weekdays, every, except_on
        As in ``gis.patrol.roster.RecurringPlan``.
    """

    id: str
    name: str
    shift: str
    first: date
    area: str = ""
    teams: int = 0
    mode: str = "ebike"
    sources: tuple[str, ...] = USUAL_SOURCES
    demand_days: int = 90
    varied: int = 0
    last: date | None = None
    kind: DayKind = "any"
    weekdays: tuple[int, ...] = ()
    every: int = 1
    except_on: tuple[date, ...] = field(default=())
    team_settings: tuple[TeamSettings, ...] = ()
    must_skills: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def rule(self) -> RecurringPlan:
        """When it falls due."""
        return RecurringPlan(
            self.id, self.shift, self.first, self.last, self.kind, self.weekdays, self.every, frozenset(self.except_on)
        )

    def words(self, lang: str) -> str:
        """The rule as people say it."""
        zh = lang == "zh"
        parts = [_KINDS[self.kind][0 if zh else 1]]
        if self.weekdays:
            names = [_WEEKDAYS[lang][day] for day in self.weekdays]
            parts.append(f"周{'、'.join(names)}" if zh else ", ".join(names))
        if self.every > 1:
            parts.append(f"每 {self.every} 天" if zh else f"each {self.every} days")
        if self.except_on:
            parts.append(f"{len(self.except_on)} 天除外" if zh else f"{len(self.except_on)} days left out")
        until = "" if self.last is None else (f"至 {self.last}" if zh else f"to {self.last}")
        parts.append(f"自 {self.first}{until}" if zh else f"from {self.first} {until}".rstrip())
        return ("," if zh else ", ").join(parts)

    def body(self) -> dict[str, Any]:
        """What the store keeps; id and area stand beside it."""
        told = {name: value for name, value in vars(self).items() if name not in ("id", "area")}
        return told | {
            "first": self.first.isoformat(),
            "last": self.last.isoformat() if self.last else "",
            "sources": list(self.sources),
            "weekdays": list(self.weekdays),
            "except_on": [day.isoformat() for day in self.except_on],
            "team_settings": [each.body() for each in self.team_settings],
            "must_skills": {kind: list(words) for kind, words in self.must_skills},
        }

    def request(self, day: date, names: tuple[str, ...]) -> PlanRequest:
        """What a planner would ask for on a day."""
        count = self.teams or len(names)
        if not count:
            raise PlanError(
                zh=f"模板“{self.name}”没有写队数,当天也没有班组当班。",
                en=f"The template '{self.name}' says no number of teams, and no group has the shift on that day.",
            )
        asked = PlanRequest(
            day=day,
            shift=self.shift,
            teams=count,
            mode=self.mode,
            demand_days=self.demand_days,
            sources=self.sources,
            area=self.area,
            team_names=names if len(names) == count else (),
            varied=self.varied,
            draw_seed=fresh_seed() if self.varied else 0,
            must_skills=self.must_skills,
        )
        called = [each.team for each in self.team_settings if each.team in asked.names]
        # A name says more than a number, which means another team on another day.
        passed_over = {None, *(number_of(team, asked.names) for team in called)}
        there = tuple(
            each
            for each in self.team_settings
            if each.team in called or number_of(each.team, asked.names) not in passed_over
        )
        return replace(asked, team_settings=there)


def template_from(item_id: str, told: Mapping[str, Any]) -> Template:
    """A template from what a client or the store says.

    Raises
    ------
    InputError
        A field is missing, of a wrong kind, or makes no sense.
    """
    texts = {name: told.get(name, default) for name, default in _TEXTS.items()}
    lists = {name: told.get(name, default) for name, default in _LISTS.items()}
    numbers = {name: told.get(name, usual) for name, (usual, _, _) in _NUMBERS.items()}
    sound = all(isinstance(value, str) and len(value) <= 60 and "\x00" not in value for value in texts.values())
    sound = sound and all(isinstance(value, list | tuple) and len(value) <= 400 for value in lists.values())
    sound = sound and all(
        type(value) is int and _NUMBERS[name][1] <= value <= _NUMBERS[name][2] for name, value in numbers.items()
    )
    if not sound or numbers["varied"] == 1:
        raise _no_template("文本、列表与数字的形式", "texts, lists and numbers")
    for name, known in (("shift", SHIFTS), ("mode", MODES), ("kind", _KINDS)):
        if texts[name] not in known:
            raise _no_template(f"{name} 应为 {'、'.join(known)}", f"{name} is one of {', '.join(known)}")
    if not lists["sources"] or not all(each in SOURCES for each in lists["sources"]):
        raise _no_template(f"sources 应为 {'、'.join(SOURCES)}", f"sources are of {', '.join(SOURCES)}")
    if not all(type(each) is int and 0 <= each <= 6 for each in lists["weekdays"]):
        raise _no_template("weekdays 应为 0–6,0 为周一", "weekdays are 0-6, 0 is Monday")
    try:
        first, last = (date.fromisoformat(texts[name]) if texts[name] else None for name in ("first", "last"))
        except_on = tuple(sorted({date.fromisoformat(str(each)) for each in lists["except_on"]}))
    except ValueError:
        raise _no_template("日期应如 2026-11-23", "days are written like 2026-11-23") from None
    if first is None:
        raise _no_template("须有 first", "first is needed")
    made = Template(
        item_id,
        texts["name"].strip() or item_id,
        texts["shift"],
        first,
        area=texts["area"],
        mode=texts["mode"],
        sources=tuple(dict.fromkeys(lists["sources"])),
        last=last,
        kind=texts["kind"],
        weekdays=tuple(sorted(set(lists["weekdays"]))),
        except_on=except_on,
        team_settings=settings_of(told.get("team_settings"), most=MOST_TEAMS),
        must_skills=must_skills_of(told.get("must_skills")),
        **numbers,
    )
    # The rule checks itself.
    _ = made.rule
    return made


_TEXTS = {"name": "", "shift": "", "area": "", "mode": "ebike", "first": "", "last": "", "kind": "any"}
_LISTS: dict[str, Any] = {"sources": USUAL_SOURCES, "weekdays": (), "except_on": ()}
MOST_TEAMS = 60
_NUMBERS = {
    "teams": (0, 0, MOST_TEAMS),
    "demand_days": (90, 1, 3660),
    "varied": (0, 0, MOST_PLANS),
    "every": (1, 1, 366),
}
"""What is taken without a word, least and most."""


def _no_template(zh: str, en: str) -> InputError:
    return InputError(zh=f"模板不合规则:{zh}。", en=f"This is no template: {en}.")


def put_template(services: Services, item_id: str, told: Mapping[str, Any], *, viewer: Viewer) -> Template:
    """Keep a template.

    Raises
    ------
    InputError, NotFoundError, ScopeError
        It makes no sense, or its area is not the viewer's.
    """
    made = template_from(item_id, told)
    if not made.area and len(viewer.areas) == 1:
        made = replace(made, area=viewer.areas[0])
    require_area(services, viewer, made.area)
    if not 1900 <= made.first.year <= 2200:
        raise _no_template("first 应在 1900–2200 年之间", "first is a day of the years 1900-2200")
    _check_teams(services, viewer, made)
    services.store.rosters.put("template", item_id, made.body(), area=made.area, viewer=viewer, now=services.clock())
    return made


def _check_teams(services: Services, viewer: Viewer, made: Template) -> None:
    """Refuse now what would fail on each day: a team too many, hours outside the shift, a place or a skill that means nothing."""
    usual = PlanRequest(day=made.first, teams=made.teams or MOST_TEAMS, must_skills=made.must_skills)
    _ = musts_of(usual)
    in_groups = {
        name
        for item in services.store.rosters.list(viewer)
        if item.kind == "roster" and item.area == made.area
        for group in item.body["groups"]
        for name in group
    }
    # Where no number of teams is said, the groups alone give names.
    by_name = in_groups if not made.teams else in_groups.union(usual.names)
    for each in made.team_settings:
        if each.team in by_name or (each.team.isdecimal() and number_of(each.team, usual.names) is not None):
            continue
        if made.teams and each.team.isdecimal():
            raise wrong(each.team, "team", f"模板只有 {made.teams} 队", f"the template has {made.teams} teams")
        # A name that no group holds would be passed over on every day, and nobody would be told.
        raise wrong(
            each.team,
            "team",
            "班组里没有这个队;请先在班组里登记,或写队号",
            "no group holds a team of that name; add it to the groups first, or give its number",
        )
    called = [each.team for each in made.team_settings if number_of(each.team, usual.names) is None]
    clock = ShiftClock(made.first, SHIFTS[made.shift], services.zone, calendar_of(services))
    # Plans of one area know the places of that area alone.
    inside, _ = one_area(services, viewer, made.area)
    own_of(services, inside, made.team_settings, names=(*usual.names, *called), clock=clock)


def require_area(services: Services, viewer: Viewer, area: str) -> None:
    """Refuse an area that the viewer does not have.

    Raises
    ------
    NotFoundError
        There is none with this code.
    """
    if area and area not in set(services.areas(viewer)["code"]):
        raise NotFoundError(zh=f"没有编码为 {area} 的区域。", en=f"There is no area with code {area}.")


def templates(services: Services, viewer: Viewer) -> list[Template]:
    """The templates of the viewer's areas, in order of their ids."""
    return [template_of(item) for item in services.store.rosters.list(viewer) if item.kind == "template"]


def template_of(item: RosterItem) -> Template:
    """A template as the store keeps it."""
    return template_from(item.id, item.body | {"area": item.area})


def told_template(each: Template) -> dict[str, Any]:
    """A template as clients are told it, with its rule in words."""
    return {"id": each.id, "area": each.area, **each.body(), "zh": each.words("zh"), "en": each.words("en")}
