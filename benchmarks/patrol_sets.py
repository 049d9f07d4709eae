"""Instances of the tours benchmark in one shape, and an exact count of what routes on them earn; it solves nothing.

All times are whole numbers. Koper cases: seconds. Team orienteering with windows: Solomon's places with distances cut to
one decimal (unit 0.1), Cordeau's to two (unit 0.01). Verified where optima for one team are published: c104 420, r104
303, rc104 301, pr03 394 are reached and not passed; uncut distances allow more or less. Team orienteering (Chao):
Euclidean distances, rounded up at 10,000ths, so that no tour is longer than allowed. Prize collecting: see ``prizes``.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from patrol_known import best_known

from gis.patrol import Team, TravelTimes

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "patrol"
KOPER = DATA / "koper"
PRIZES = DATA / "pyvrp_instances" / "PCVRPTW"
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Case:
    """One instance: ``travel`` between all nodes; ``node`` of each visit; windows are for the start of the visit."""

    name: str
    travel: IntArray
    node: IntArray
    worth: IntArray
    dwell: IntArray
    opens: IntArray
    closes: IntArray
    begins: tuple[int, ...]
    ends: tuple[int, ...]
    shift: int
    best_known: int | None = None
    demand: IntArray | None = None
    capacity: int = 0

    def shift_plan(self) -> tuple[pd.DataFrame, list[Team], TravelTimes, float]:
        """The instance as stops, teams and times; a node's number stands for its place, a day holds any shift."""
        unit = min(1.0, 80_000 / self.shift)
        stops = pd.DataFrame(
            {
                "id": [str(i) for i in range(len(self.node))],
                "stop": self.node.astype(str),
                "x": self.node.astype(float),
                "y": 0.0,
                "worth": self.worth.astype(float),
                "dwell_s": self.dwell * unit,
                "open_s": self.opens * unit,
                "close_s": self.closes * unit,
                "must": False,
            }
        )
        ends = zip(self.begins, self.ends, strict=True)
        teams = [
            Team(f"T{i}", (float(begin), 0.0), end_xy=(float(end), 0.0), max_travel_m=float(self.capacity) or None)
            for i, (begin, end) in enumerate(ends)
        ]
        places = np.stack([np.arange(len(self.travel), dtype=float), np.zeros(len(self.travel))], axis=1)
        seconds = self.travel * unit
        metres = seconds
        if self.demand is not None:
            # A team has no hold, but a longest way: every way to a place is as long as what is asked for there.
            metres = np.zeros_like(seconds)
            metres[:, self.node] = self.demand
        return stops, teams, TravelTimes(places, seconds, metres), self.shift * unit

    @property
    def weighed(self) -> bool:
        """Whether the instance weighs ways against worth, instead of putting worth first."""
        return self.demand is not None

    def cost(self, worth: int, travel: int) -> int:
        """What an instance that weighs both counts: the prizes left out and the ways."""
        return int(self.worth.sum()) - worth + travel

    def earned(self, routes: Sequence[Sequence[int]]) -> tuple[int, int]:
        """Worth and travel of routes (visits in order, one route a team), counted in whole numbers; stops if one is broken."""
        seen = [visit for route in routes for visit in route]
        if len(set(seen)) < len(seen) or len(routes) > len(self.begins):
            raise SystemExit(f"{self.name}: a visit twice, or more routes than teams")
        gone = 0
        for team, route in enumerate(routes):
            if self.demand is not None and self.demand[list(route)].sum() > self.capacity:
                raise SystemExit(f"{self.name}: team {team} carries too much")
            now, here = 0, self.begins[team]
            for visit in route:
                leg = int(self.travel[here, self.node[visit]])
                now, gone = max(now + leg, int(self.opens[visit])), gone + leg
                if now > self.closes[visit]:
                    raise SystemExit(f"{self.name}: visit {visit} comes late")
                now, here = now + int(self.dwell[visit]), int(self.node[visit])
            leg = int(self.travel[here, self.ends[team]])
            now, gone = now + leg, gone + leg
            if now > self.shift:
                raise SystemExit(f"{self.name}: team {team} comes home late")
        return int(self.worth[seen].sum()), gone


def koper(name: str) -> Case:
    """A, B or C of the research note."""
    case = json.loads((KOPER / f"case_{name}.json").read_text(encoding="utf-8"))
    visits = pd.DataFrame(case["visits"])
    depots = tuple(case["teams_depot"])
    return Case(
        name=f"koper {name}",
        travel=np.array(case["travel_s"], dtype=np.int64),
        node=visits["stop"].to_numpy(np.int64) + case["depots"],
        worth=visits["worth"].to_numpy(np.int64),
        dwell=np.full(len(visits), case["service_s"], dtype=np.int64),
        opens=visits["earliest_start_s"].to_numpy(np.int64),
        closes=visits["latest_start_s"].to_numpy(np.int64),
        begins=depots,
        ends=depots,
        shift=case["shift_s"],
    )


def windows(name: str, teams: int) -> Case:
    """Team orienteering with time windows (toptw); lines ``i x y service score ... open close``, row 0 the depot."""
    lines = (DATA / "toptw" / f"{name}.txt").read_text(encoding="utf-8").splitlines()[2:]
    rows = np.array([[line.split()[place] for place in (1, 2, 3, 4, -2, -1)] for line in lines if line.strip()], float)
    unit = 100 if name.startswith("pr") else 10
    travel = np.floor(_euclid(rows[:, :2]) * unit + 1e-9).astype(np.int64)
    times = np.round(rows[:, [2, 4, 5]] * unit).astype(np.int64)
    return Case(
        name=f"toptw {name} x{teams}",
        travel=travel,
        node=np.arange(1, len(rows)),
        worth=rows[1:, 3].astype(np.int64),
        dwell=times[1:, 0],
        opens=times[1:, 1],
        closes=times[1:, 2],
        begins=(0,) * teams,
        ends=(0,) * teams,
        shift=int(times[0, 2]),
        best_known=best_known(name, teams),
    )


def lengths(name: str) -> Case:
    """Team orienteering (Chao): only the length of each tour is bounded; first node the start, last node the end."""
    lines = (DATA / "top" / f"Set{name[1]}" / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    teams, longest = int(lines[1].split()[1]), float(lines[2].split()[1])
    rows = np.array([line.split() for line in lines[3:] if line.strip()], float)
    shift = int(np.floor(longest * 10_000 + 1e-6))
    travel = np.ceil(_euclid(rows[:, :2]) * 10_000 - 1e-6).astype(np.int64)
    inner = np.arange(1, len(rows) - 1)
    free = np.zeros(len(inner), dtype=np.int64)
    return Case(
        name=f"top {name}",
        travel=travel,
        node=inner,
        worth=rows[1:-1, 2].astype(np.int64),
        dwell=free,
        opens=free,
        closes=np.full(len(inner), shift, dtype=np.int64),
        begins=(0,) * teams,
        ends=(len(rows) - 1,) * teams,
        shift=shift,
    )


def prizes(name: str) -> Case:
    """Prize collecting with windows and capacity (PyVRP's instances): ways in tenths, cut, as their best known costs are.

    A node's prize is worth as much as so many units of way; the aim is the least sum of ways and prizes left out.
    """
    text = (PRIZES / f"{name}.vrp").read_text(encoding="utf-8")
    head, *sections = re.split(r"^(\w+_SECTION)\s*$", text, flags=re.MULTILINE)
    facts = dict(line.split(" : ") for line in head.splitlines() if " : " in line)
    rows = {
        title: np.array([line.split()[1:] for line in body.splitlines() if len(line.split()) > 1], dtype=float)
        for title, body in zip(sections[::2], sections[1::2], strict=True)
    }
    travel = np.floor(_euclid(rows["NODE_COORD_SECTION"]) * 10 + 1e-9).astype(np.int64)
    opens, closes = (rows["TIME_WINDOW_SECTION"] * 10).astype(np.int64).T
    inner, teams = np.arange(1, len(travel)), int(facts["VEHICLES"])
    solution = (PRIZES / f"{name}.sol").read_text(encoding="utf-8").splitlines()
    case = Case(
        name=f"pcvrptw {name}",
        travel=travel,
        node=inner,
        worth=(rows["PRIZE_SECTION"][1:, 0] * 10).astype(np.int64),
        dwell=np.full(len(inner), int(facts["SERVICE_TIME"]) * 10, dtype=np.int64),
        opens=opens[1:],
        closes=closes[1:],
        begins=(0,) * teams,
        ends=(0,) * teams,
        shift=int(closes[0]),
        best_known=next(int(line.split()[1]) for line in solution if line.startswith("Cost")),
        demand=rows["DEMAND_SECTION"][1:, 0].astype(np.int64),
        capacity=int(facts["CAPACITY"]),
    )
    routes = [[int(node) - 1 for node in line.split(":")[1].split()] for line in solution if line.startswith("Route")]
    if case.cost(*case.earned(routes)) != case.best_known:
        raise SystemExit(f"{name}: the solution that comes with it does not cost what it says")
    return case


def _euclid(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
