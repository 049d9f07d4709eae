"""Live cases of the sample district: simulated events in every state, made through the table of moves like real ones.

The same seed and moment give the same cases. They stand where simulated incidents stand; no person is in any of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np

from gis.dispatch import Detail
from webmap.auth.permissions import Grant
from webmap.cases.clockwork import clockwork_of
from webmap.cases.intake import decide, new_receipt
from webmap.cases.routing import load_file, load_units
from webmap.demo import sample_folder
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR
from webmap.store.case_scope import CASE_OPERATOR, CaseViewer
from webmap.store.cases import CaseQuery, Life, Step
from webmap.store.events import Event
from webmap.store.units import Routing

COUNT = 300
DAYS = 12
"""Cases are of the last days."""

_WORKER = CaseViewer("sample-worker", (Grant("grid_worker"),))
_DESK = CaseViewer("sample-desk", (Grant("desk"),))
_CHECKER = CaseViewer("sample-checker", (Grant("checker"),))
_BOSS = CaseViewer("sample-supervisor", (Grant("supervisor"),))

_TAKEN = ("accept", "dispatch")
_IN_HAND = (*_TAKEN, "acknowledge", "start")
_DONE = (*_IN_HAND, "submit_result")
_SOLVED = (*_DONE, "ask_check", "check_pass")
LIVES: tuple[tuple[int, tuple[str, ...]], ...] = (
    (6, ()),
    (3, ("ask_verify",)),
    (5, ("accept",)),
    (10, _TAKEN),
    (2, (*_TAKEN, "request_return")),
    (8, (*_TAKEN, "acknowledge")),
    (14, _IN_HAND),
    (3, (*_IN_HAND, "ask_delay")),
    (3, (*_IN_HAND, "request_info")),
    (3, (*_IN_HAND, "suspend")),
    (3, (*_IN_HAND, "transfer")),
    (6, _DONE),
    (4, (*_DONE, "ask_check")),
    (4, (*_DONE, "ask_check", "check_fail")),
    (10, _SOLVED),
    (6, (*_SOLVED, "rate")),
    (2, (*_SOLVED, "reopen")),
    (8, (*_SOLVED, "rate", "archive")),
    (3, ("reject",)),
    (2, ("withdraw",)),
    (2, (*_TAKEN, "escalate")),
)
"""How a case came to where it is, and how many of a hundred did."""

_BY = {
    **dict.fromkeys(("submit", "withdraw"), _WORKER),
    **dict.fromkeys(("check_pass", "check_fail"), _CHECKER),
    **dict.fromkeys(("suspend", "transfer", "escalate", "reopen"), _BOSS),
}
_OF_UNIT = frozenset({"acknowledge", "start", "submit_result", "request_return", "ask_delay", "request_info"})
_REASONS = {
    "request_return": "不属本单位职责 / not our duty",
    "ask_delay": "等待配件 / parts are awaited",
    "request_info": "位置不清 / the place is not clear",
    "suspend": "季节性停工 / seasonal stop of works",
    "transfer": "由主管单位处置 / for the unit in charge",
    "submit_result": "已处置 / done",
    "check_fail": "现场仍有问题 / still there",
    "reopen": "再次出现 / it is there again",
    "reject": "不在受理范围 / not within the scope",
    "withdraw": "误报 / reported by mistake",
    "escalate": "需上级协调 / the level above must arrange it",
}


@dataclass(frozen=True)
class _Draw:
    """What is drawn for one case."""

    event: Event
    moves: tuple[str, ...]
    hours: tuple[float, ...]
    score: int


def load_cases(services: Services, *, count: int = COUNT, seed: int = 7, folder: Path | None = None) -> int:
    """Load units, routing rules and live cases, once.

    Returns
    -------
    made
        Cases that are new; 0 where the store holds any case already.
    """
    where, now = folder or sample_folder(), services.clock()
    if not services.store.units.list():
        load_units(services, where / "units.csv", viewer=LOCAL_OPERATOR)
    if not services.store.routing.current().version:
        load_file(services, where / "routing.csv", viewer=LOCAL_OPERATOR)
    if services.store.cases.page(CaseQuery(limit=1), CASE_OPERATOR):
        return 0
    routing = services.store.routing.current()
    draws = _draws(services, count, np.random.default_rng(seed), now)
    lives = [_life(services, draw, routing, now) for draw in draws]
    return services.store.cases.replay(lives, clockwork=clockwork_of(services))


def _draws(services: Services, count: int, rng: np.random.Generator, now: datetime) -> Iterator[_Draw]:
    known = services.store.incidents.read(LOCAL_OPERATOR)
    known = known[known["grid"] != ""].sort_values("id").reset_index(drop=True)
    if known.empty:
        return
    rows = known.iloc[rng.choice(len(known), size=min(count, len(known)), replace=False)]
    weights = np.array([weight for weight, _ in LIVES], dtype=float)
    ways = rng.choice(len(LIVES), size=len(rows), p=weights / weights.sum())
    for way, row in zip(ways, rows.to_dict("records"), strict=True):
        moves = LIVES[int(way)][1]
        # A case that is over is older than one that has just come in.
        age = timedelta(hours=float(rng.uniform(0.2, 24 * DAYS * (0.15 + 0.85 * len(moves) / 9))))
        hours = tuple(float(hour) for hour in rng.exponential(6.0, size=len(moves) + 1))
        event = Event(
            str(UUID(bytes=rng.bytes(16), version=4)),
            str(row["scheme"]),
            str(row["category"]),
            now - age,
            source=str(row["source"]),
            found_by=str(row["found_by"]),
            lon=float(row["lon"]),
            lat=float(row["lat"]),
            grid=str(row["grid"]),
            community=str(row["community"]),
            street=str(row["street"]),
            district=str(row["district"]),
            body={"text": "模拟事件 / simulated", "address": "", "attributes": {}},
        )
        yield _Draw(event, moves, hours, int(rng.integers(1, 6)))


def _life(services: Services, draw: _Draw, routing: Routing, now: datetime) -> Life:
    decision = decide(services, draw.event, routing.table)
    told = {"route": {"version": routing.version, "rule": decision.rule, "unit": decision.unit}}
    event = replace(draw.event, tier=decision.tier, progress=told)
    steps, unit = [], ""
    times = _times(draw, now)
    for name, at in zip(("submit", *draw.moves), times, strict=True):
        if name == "dispatch":
            unit = decision.unit
        by = _unit_viewer(unit) if name in _OF_UNIT else _BY.get(name, _DESK)
        steps.append(Step(name, by, at, _detail(name, unit, draw, at)))
        if name == "transfer":
            unit = _other(unit)
    return Life(event, new_receipt(), tuple(steps))


def _times(draw: _Draw, now: datetime) -> list[datetime]:
    """When each step was, from the report to at most now, to the whole second."""
    begin = draw.event.occurred_at.replace(microsecond=0)
    waits = np.cumsum((0.1, *draw.hours[1:]))
    room = (now - begin) / timedelta(hours=1)
    scale = min(1.0, 0.98 * room / waits[-1])
    return [begin + timedelta(seconds=int(wait * scale * 3600)) for wait in waits]


def _detail(name: str, unit: str, draw: _Draw, at: datetime) -> Detail:
    days = {"ask_delay": 5, "request_info": 20, "suspend": 60}.get(name)
    sent = {"dispatch": unit, "transfer": _other(unit)}.get(name)
    return Detail(
        reason=_REASONS.get(name, ""),
        unit=sent,
        until=at + timedelta(days=days) if days else None,
        score=draw.score if name == "rate" else None,
    )


def _other(unit: str) -> str:
    return "housing" if unit != "housing" else "city_appearance"


def _unit_viewer(unit: str) -> CaseViewer:
    return (
        CaseViewer(f"unit-{unit}", (Grant("department_unit"),))
        if unit
        else CaseViewer("sample-desk-2", (Grant("desk"),))
    )
