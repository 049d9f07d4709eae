"""A running Koper plan mended after a team dropped out, an urgent stop, a late team, a slow street: wall time and changes.

The plan of case B (800 wanted visits, 12 teams) is 10 s of search; the news come at hours 1 to 6. Every answer passes the
part-done judge before it counts. As a peer stands planning the rest of the shift anew with the same search time: how much
more worth that brings, and how many more stops it changes.
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gis.errors import PlanError
from gis.patrol import Plan, Team, TravelTimes, plan_patrol
from gis.patrol.news import News, Urgent
from gis.patrol.options import PlanOptions
from gis.patrol.replan import Replanned, ReplanOptions, replan, warm
from gis.patrol.shift import Shift

CASE = Path(__file__).resolve().parents[2] / "shared" / "data" / "patrol" / "koper" / "case_B.json"
HOUR = 3600.0
BOUND_S = 2.0
LINE_M = 10.0
"""Places of the case have no coordinates: they stand on a line, and its number says which."""


def koper_shift(case: dict[str, Any]) -> Shift:
    """The case as a shift; a location's number stands for its place."""
    depots, seconds = case["depots"], np.array(case["travel_s"], dtype=float)
    visits = pd.DataFrame(case["visits"])
    stops = pd.DataFrame(
        {
            "id": [f"v{i}" for i in range(len(visits))],
            "stop": visits["stop"].astype(str),
            "x": (visits["stop"] + depots).astype(float) * LINE_M,
            "y": 0.0,
            "worth": visits["worth"].astype(float),
            "dwell_s": float(case["service_s"]),
            "open_s": visits["earliest_start_s"].astype(float),
            "close_s": visits["latest_start_s"].astype(float),
            "must": False,
        }
    )
    teams = [Team(f"T{i}", (float(depot) * LINE_M, 0.0)) for i, depot in enumerate(case["teams_depot"])]
    places = np.stack([np.arange(len(seconds), dtype=float) * LINE_M, np.zeros(len(seconds))], axis=1)
    return Shift(stops, teams, TravelTimes(places, seconds, seconds), float(case["shift_s"]), spacing_s=0.0)


def what_happens(shift: Shift, now_s: float, rng: np.random.Generator) -> dict[str, tuple[Shift, News]]:
    """The news of one moment, by name."""
    place = float(shift.stops["x"].iloc[int(rng.integers(len(shift.stops)))])
    urgent = Urgent(f"u{now_s:.0f}", place, 0.0, 900.0, now_s + 1800.0, worth=0.0)
    team = shift.teams[int(rng.integers(len(shift.teams)))].name
    times = shift.travel
    assert isinstance(times, TravelTimes)
    slow = times.seconds.copy()
    far = rng.choice(len(slow), len(slow) // 10, replace=False)
    slow[far, :] *= 1.5
    slow[:, far] *= 1.5
    return {
        "nothing": (shift, News(now_s)),
        "urgent stop": (shift, News(now_s, urgent=(urgent,))),
        "team dropped out": (shift, News(now_s, dropped=(team,))),
        "team 30 min late": (shift, News(now_s, late={team: now_s + 1800.0})),
        "streets slow": (replace(shift, travel=TravelTimes(times.xy, slow, slow)), News(now_s)),
    }


def anew(plan: Plan, shift: Shift, news: News, limit_s: float) -> tuple[float, int]:
    """Worth served in all, and stops changed, if the teams left planned everything still open anew from their places."""
    here, teams = news.now_s, []
    done = {stop.id: stop for tour in plan.teams for stop in tour.stops if stop.start_s <= here}
    for team, tour in zip(shift.teams, plan.teams, strict=True):
        if team.name in news.dropped:
            continue
        last = [stop for stop in tour.stops if stop.id in done]
        at = (last[-1].x, last[-1].y) if last else team.start_xy
        free = max(here, last[-1].leave_s if last else here, news.late.get(team.name, 0.0))
        teams.append(replace(team, start_xy=at, end_xy=team.start_xy, start_s=min(free, shift.shift_s - 1)))
    gone = {stop.id for stop in done.values()}
    stops = shift.stops[~shift.stops["id"].isin(gone) & (shift.stops["close_s"] >= here)]
    stops = stops.assign(open_s=np.maximum(stops["open_s"], here))
    options = PlanOptions(time_limit_s=limit_s, spacing_s=0.0)
    try:
        new = plan_patrol(stops, teams=teams, shift_s=shift.shift_s, travel=shift.travel, options=options)
    except PlanError as error:
        print(f"anew: {error}", file=sys.stderr)
        return float("nan"), 0
    was = {stop.id: tour.name for tour in plan.teams for stop in tour.stops if stop.id not in gone}
    now = {stop.id: tour.name for tour in new.teams for stop in tour.stops}
    changed = sum(was.get(visit) != now.get(visit) for visit in was.keys() | now.keys())
    return new.totals.worth_served + sum(stop.worth for stop in done.values()), changed


def figures(done: Replanned, seconds: float) -> dict[str, Any]:
    """One answer in numbers; a broken rule ends the run."""
    if any(item.rule != "shift" for item in done.broken):
        sys.exit(f"the judge found: {done.broken[0].en}")
    counts = done.changes.counts
    return {
        "ours": round(seconds, 3),
        "unit": "s",
        "worth": round(done.plan["totals"]["worth_served"], 1),
        "changed": counts["moved"] + counts["dropped"] + counts["added"],
        "retimed": counts["retimed"],
        "late_home": len(done.broken),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a plan of 3 s and two moments: under a minute")
    quick = parser.parse_args().quick
    if not CASE.is_file():
        sys.exit(f"the Koper cases are not at {CASE}")
    shift = koper_shift(json.loads(CASE.read_text(encoding="utf-8")))
    options = PlanOptions(time_limit_s=3.0 if quick else 10.0, spacing_s=0.0)
    plan = plan_patrol(shift.stops, teams=shift.teams, shift_s=shift.shift_s, travel=shift.travel, options=options)
    document = plan.to_dict()
    settings = ReplanOptions()
    # Compilation is not part of an answer.
    warm()
    rng, slowest = np.random.default_rng(1), 0.0
    for hour in (2, 4) if quick else (1, 2, 3, 4, 5, 6):
        for name, (ground, news) in what_happens(shift, hour * HOUR, rng).items():
            begun = time.perf_counter()
            done = replan(document, ground, news, options=settings)
            seconds = time.perf_counter() - begun
            slowest = max(slowest, seconds)
            row = {"name": f"replan koper B hour {hour}: {name}", "n": len(ground.stops), "bound_s": BOUND_S} | figures(
                done, seconds
            )
            if name in {"urgent stop", "team dropped out"}:
                worth, changed = anew(plan, done.shift, news, settings.time_limit_s)
                row |= {"worth_anew": round(worth, 1), "changed_anew": changed}
            print(json.dumps(row), flush=True)
    print(json.dumps({"name": "replan koper B slowest", "ours": round(slowest, 3), "unit": "s", "bound_s": BOUND_S}))


if __name__ == "__main__":
    main()
