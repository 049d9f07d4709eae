"""What was done of a plan, from what teams said at their stops: visits with their length, and planned against done.

It knows stops, teams and times, never persons or ways between stops, and hands on no moment at which anybody was anywhere.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from gis.errors import ColumnError

KINDS = ("arrived", "left", "skipped")
"""What a team says at a stop."""

_COLUMNS = ("team", "stop", "kind", "at")


def visits_from(said: pd.DataFrame) -> pd.DataFrame:
    """One row for each visit that a team spoke of.

    Parameters
    ----------
    said
        ``team`` (number), ``stop`` (id of the visit in the plan), ``kind`` (one of ``KINDS``), ``at`` (aware moment), in
        any order. Said twice counts once: the first arrival and the last leaving after it.

    Returns
    -------
    visits
        ``team``, ``stop``, ``state`` (``there``, ``done`` or ``skipped``), ``minutes`` (NaN where one end is unknown),
        sorted by team and stop. Who left without having said that they came was there all the same: ``done``, length unknown.

    Raises
    ------
    ColumnError
        A column is missing.
    """
    lost = [name for name in _COLUMNS if name not in said.columns]
    if lost:
        raise ColumnError(zh=f"签到表缺少列:{'、'.join(lost)}。", en=f"Check-ins lack the columns {', '.join(lost)}.")
    keys = ["team", "stop"]
    at = pd.to_datetime(said["at"], utc=True)
    ends = {kind: at.where(said["kind"] == kind) for kind in KINDS}
    table = said[keys].assign(**ends)
    grouped = table.groupby(keys, sort=True)
    first = grouped["arrived"].min()
    left, skipped = grouped["left"].max(), grouped["skipped"].count() > 0
    # A leaving before the arrival belongs to a tap by mistake; it says nothing about the length.
    left = left.where(first.isna() | (left >= first))
    minutes = (left - first).dt.total_seconds() / 60
    state = np.select([left.notna(), first.notna(), skipped], ["done", "there", "skipped"], default="")
    found = pd.DataFrame({"state": state.astype("U"), "minutes": minutes.to_numpy(dtype=float)}, index=first.index)
    return found[found["state"] != ""].reset_index()


def by_stop(visits: pd.DataFrame) -> pd.DataFrame:
    """One row a stop, whichever team spoke of it: that it was done counts for more than that another team passed it over.

    Parameters
    ----------
    visits
        As :func:`visits_from` gives them.

    Returns
    -------
    stops
        ``state`` and ``minutes`` by stop, sorted.
    """
    order = pd.Categorical(visits["state"], ["skipped", "there", "done"], ordered=True)
    ranked = visits.assign(rank=order.codes).sort_values("rank", kind="stable")
    return ranked.groupby("stop", sort=True)[["state", "minutes"]].last()


def planned_against_done(plan: Mapping[str, Any], visits: pd.DataFrame, *, elapsed_s: float) -> dict[str, Any]:
    """A plan beside what was done of it, team by team and stop by stop.

    Parameters
    ----------
    plan
        A plan document (``Plan.to_dict``).
    visits
        As :func:`visits_from` gives them. A visit counts for the stop whichever team came: teams help each other.
    elapsed_s
        Seconds since shift start; a planned leaving before it is due.

    Returns
    -------
    progress
        ``teams``, in the plan's order: ``planned``, ``due``, ``done``, ``there``, ``skipped``, ``late`` (due, and nothing
        said), ``minutes`` (stayed) of ``minutes_planned``, and ``stops`` with ``id``, ``state`` (``waiting``, ``late``,
        ``there``, ``done`` or ``skipped``). The sums over all teams stand beside them. ``extra`` counts visits to stops
        that are in no tour of this version. No clock time is in it.
    """
    best = by_stop(visits)
    known = set()
    teams = []
    for tour in plan["teams"]:
        stops = [stop for stop in tour["stops"] if stop["kind"] != "break"]
        known |= {stop["id"] for stop in stops}
        teams.append(_team(tour, stops, best, elapsed_s))
    names = ("planned", "due", "done", "there", "skipped", "late", "minutes", "minutes_planned")
    sums = {name: round(sum(team[name] for team in teams), 1) for name in names}
    return {"teams": teams, **sums, "extra": int((~best.index.isin(list(known))).sum())}


def _team(tour: Mapping[str, Any], stops: list[Any], best: pd.DataFrame, elapsed_s: float) -> dict[str, Any]:
    told = []
    minutes = 0.0
    for stop in stops:
        said = best.loc[stop["id"]] if stop["id"] in best.index else None
        due = bool(stop["leave_s"] <= elapsed_s)
        told.append((str(said["state"]) if said is not None else "late" if due else "waiting", due))
        minutes += 0.0 if said is None or np.isnan(said["minutes"]) else float(said["minutes"])
    counts = {state: sum(each == state for each, _ in told) for state in ("done", "there", "skipped", "late")}
    return {
        "name": tour["name"],
        "planned": len(stops),
        "due": sum(due for _, due in told),
        **counts,
        "minutes": round(minutes, 1),
        "minutes_planned": round(sum(stop["leave_s"] - stop["start_s"] for stop in stops) / 60, 1),
        "stops": [{"id": stop["id"], "state": state} for stop, (state, _) in zip(stops, told, strict=True)],
    }


def visits_by_place(plan: Mapping[str, Any], visits: pd.DataFrame) -> pd.DataFrame:
    """Visits summed by the place of the stop: all that is kept of a shift once its check-ins are deleted.

    Returns
    -------
    sums
        ``stop`` (the place), ``grid``, ``visits``, ``timed`` (visits whose length is known), ``minutes`` (of those),
        ``skipped``; sorted. A stop that the plan does not hold is left out.
    """
    place = {stop["id"]: (stop["stop"], stop["grid"]) for tour in plan["teams"] for stop in tour["stops"]}
    seen = visits[visits["stop"].isin(list(place))]
    came = (seen["state"] != "skipped").to_numpy()
    table = pd.DataFrame(
        {
            "stop": [place[stop][0] for stop in seen["stop"]],
            "grid": [place[stop][1] for stop in seen["stop"]],
            "visits": came.astype(np.int64),
            "timed": (came & seen["minutes"].notna().to_numpy()).astype(np.int64),
            "minutes": seen["minutes"].fillna(0.0).to_numpy(dtype=float) * came,
            "skipped": (~came).astype(np.int64),
        }
    )
    return table.groupby(["stop", "grid"], sort=True, as_index=False).sum()
