"""Tours on published and on our own instances, in fixed rounds: the bars hold on every machine, whatever its speed."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gis.patrol import Plan, Team, TravelTimes, judge_plan, plan_patrol
from gis.patrol.options import PlanOptions

DATA = Path(__file__).parents[4] / "shared" / "data" / "patrol"
pytestmark = pytest.mark.real
Shift = tuple[pd.DataFrame, list[Team], TravelTimes, float]


def between(seconds: np.ndarray) -> TravelTimes:
    """A location's number stands for its place."""
    places = np.stack([np.arange(len(seconds), dtype=float), np.zeros(len(seconds))], axis=1)
    return TravelTimes(places, seconds, seconds)


def koper(name: str) -> Shift:
    case = json.loads((DATA / "koper" / f"case_{name}.json").read_text(encoding="utf-8"))
    visits = pd.DataFrame(case["visits"])
    stops = pd.DataFrame(
        {
            "id": [f"v{i}" for i in range(len(visits))], "stop": visits["stop"].astype(str),
            "x": (visits["stop"] + case["depots"]).astype(float), "y": 0.0, "worth": visits["worth"].astype(float),
            "dwell_s": float(case["service_s"]), "open_s": visits["earliest_start_s"].astype(float),
            "close_s": visits["latest_start_s"].astype(float), "must": False,
        }
    )  # fmt: skip
    teams = [Team(f"T{i}", (float(depot), 0.0)) for i, depot in enumerate(case["teams_depot"])]
    return stops, teams, between(np.array(case["travel_s"], dtype=float)), float(case["shift_s"])


def windows(name: str, teams: int, unit: int) -> Shift:
    """Team orienteering with time windows; distances cut to whole ``1/unit``, as the published results do."""
    lines = (DATA / "toptw" / f"{name}.txt").read_text(encoding="utf-8").splitlines()[2:]
    rows = np.array([[line.split()[at] for at in (1, 2, 3, 4, -2, -1)] for line in lines if line.strip()], float)
    xy = rows[:, :2]
    way = np.floor(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) * unit + 1e-9)
    stops = pd.DataFrame(
        {
            "id": [f"v{i}" for i in range(1, len(rows))], "x": np.arange(1.0, len(rows)), "y": 0.0,
            "worth": rows[1:, 3], "dwell_s": rows[1:, 2] * unit, "open_s": rows[1:, 4] * unit,
            "close_s": rows[1:, 5] * unit, "must": False,
        }
    )  # fmt: skip
    crew = [Team(f"T{i}", (0.0, 0.0)) for i in range(teams)]
    return stops, crew, between(way), rows[0, 5] * unit


def prizes(name: str) -> tuple[Shift, int]:
    """Prize collecting with windows; a visit's demand is the length of every way to it, the hold a team's longest way.

    With it the best known cost: ways, in tenths and cut, and prizes left out.
    """
    folder = DATA / "pyvrp_instances" / "PCVRPTW"
    parts = (folder / f"{name}.vrp").read_text(encoding="utf-8").split("_SECTION")
    facts = dict(line.split(" : ") for line in parts[0].splitlines() if " : " in line)
    nodes, demand, window, prize = (
        np.array([line.split()[1:] for line in part.splitlines() if len(line.split()) > 1], dtype=float)
        for part in parts[1:5]
    )
    way = np.floor(np.hypot(*(nodes[:, None] - nodes[None]).transpose(2, 0, 1)) * 10 + 1e-9)
    stops = pd.DataFrame(
        {
            "id": [f"v{i}" for i in range(1, len(nodes))], "x": np.arange(1.0, len(nodes)), "y": 0.0,
            "worth": prize[1:, 0] * 10, "dwell_s": float(facts["SERVICE_TIME"]) * 10, "open_s": window[1:, 0] * 10,
            "close_s": window[1:, 1] * 10, "must": False,
        }
    )  # fmt: skip
    crew = [Team(f"T{i}", (0.0, 0.0), max_travel_m=float(facts["CAPACITY"])) for i in range(int(facts["VEHICLES"]))]
    places = between(way).xy
    known = (folder / f"{name}.sol").read_text(encoding="utf-8").split("Cost:")[1]
    metres = np.tile(demand[:, 0], (len(nodes), 1))
    return (stops, crew, TravelTimes(places, way, metres), window[0, 1] * 10), int(known)


def solved(shift: Shift, *, iterations: int, seeds: Sequence[int] = (1,)) -> list[Plan]:
    """Plans that the judge accepts; the instances know no spacing."""
    stops, teams, travel, shift_s = shift
    plans = []
    for seed in seeds:
        options = PlanOptions(iterations=iterations, seed=seed, spacing_s=0.0)
        plans.append(plan_patrol(stops, teams=teams, shift_s=shift_s, travel=travel, options=options))
        assert judge_plan(plans[-1], stops, teams, travel, spacing_s=0.0) == []
    return plans


@pytest.mark.parametrize(("name", "iterations", "bar"), [("B", 4000, 5740.0), ("C", 12_000, 1925.0)])
def test_koper_cases_reach_the_worth_of_the_research_note(name: str, iterations: int, bar: float) -> None:
    """About three seconds of one core a seed. The note's figures for five: 5,793 and 1,937."""
    worth = [plan.totals.worth_served for plan in solved(koper(name), iterations=iterations, seeds=(1, 2))]
    assert np.mean(worth) >= bar


def test_where_all_stops_fit_the_ways_are_short() -> None:
    """Case A: PyVRP's 41,441 s of travel in three seconds, 39,660 the best seen; our own search alone stayed at 45,120."""
    (plan,) = solved(koper("A"), iterations=16_000)
    assert plan.totals.visits_served == 200
    assert plan.totals.travel_s <= 43_500.0


@pytest.mark.parametrize(
    ("name", "unit", "published"), [("c104", 10, 420.0), ("r104", 10, 303.0), ("rc104", 10, 301.0), ("r101", 10, 198.0)]
)
def test_one_team_reaches_the_published_best_and_never_passes_it(name: str, unit: int, published: float) -> None:
    """The values shipped with the instances (ils_results); passing one would mean that the rounding is wrong."""
    (plan,) = solved(windows(name, 1, unit), iterations=20_000)
    assert plan.totals.worth_served == published


@pytest.mark.parametrize(
    ("name", "teams", "published"), [("r101", 4, 611.0), ("c101", 4, 1020.0), ("rc104", 4, 1021.0)]
)
def test_four_teams_come_within_a_hundredth_of_the_published_best(name: str, teams: int, published: float) -> None:
    (plan,) = solved(windows(name, teams, 10), iterations=8000)
    assert plan.totals.worth_served >= 0.99 * published


@pytest.mark.parametrize(("name", "iterations"), [("C1_10_3", 8000), ("R1_10_5", 12_000)])
def test_prizes_and_ways_come_within_a_hundredth_of_the_best_known_cost(name: str, iterations: int) -> None:
    """1,000 places with windows, of which under a fifth is worth a way; serving nobody costs 7.1 and 3.2 % more."""
    (stops, teams, travel, shift_s), known = prizes(name)
    price = 600.0 / stops["worth"].mean()
    options = PlanOptions(iterations=iterations, spacing_s=0.0, engines="lns", weigh_ways=True, travel_worth=price)
    plan = plan_patrol(stops, teams=teams, shift_s=shift_s, travel=travel, options=options)
    assert judge_plan(plan, stops, teams, travel, spacing_s=0.0) == []
    cost = stops["worth"].sum() - plan.totals.worth_served + plan.totals.travel_s
    assert known <= cost <= 1.01 * known
