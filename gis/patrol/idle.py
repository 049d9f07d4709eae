"""When teams are free in a plan, and the hours in which none is. It reads a plan and changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gis.patrol._standing import dwell_s, leaving
from gis.patrol.document import clock
from gis.patrol.shift import Shift
from gis.patrol.tours import Plan, Team, TeamTour

_MOST_SPANS = 3
_LEAST_SPAN_S = 300.0
"""Shorter spans without a free team are no news: a team that walks from stop to stop is never free to the minute."""


@dataclass(frozen=True)
class Gap:
    """A team without a stop, from leaving one place until it must begin at the next."""

    start_s: float
    end_s: float
    here: tuple[float, float]
    there: tuple[float, float]


def free_gaps(tour: TeamTour, shift: Shift, *, of_musts: bool = False) -> list[Gap]:
    """Where a team is between two stops, travel included; ``of_musts``: between two that it must not leave out."""
    out, here, now = [], tour.start_xy, tour.start_s
    for stop in tour.stops:
        if of_musts and not stop.must:
            continue
        out.append(Gap(now, stop.start_s, here, (stop.x, stop.y)))
        here, now = leaving(stop), stop.start_s + dwell_s(shift, stop)
    out.append(Gap(now, tour.end_s, here, tour.end_xy))
    return out


def window_of(row: Mapping[str, Any]) -> tuple[float, float]:
    """From the earliest start of a visit to the end of the latest."""
    return float(row["open_s"]), float(row["close_s"]) + float(row["dwell_s"])


def able_gaps(
    shift: Shift, row: Mapping[str, Any], free: Mapping[str, list[Gap]]
) -> Iterator[tuple[Team, Gap, float, float]]:
    """The gaps of the teams that may serve a visit, each with what is spare of it and what the visit would take."""
    for team in shift.teams:
        if team.name in free and shift.may_serve(team, row):
            for gap in free[team.name]:
                yield team, gap, *fits(shift, team, gap, row)


def nobody_free(shift: Shift, row: Mapping[str, Any], free: Mapping[str, list[Gap]]) -> list[tuple[float, float]]:
    """The parts of a visit's window in which no team that may serve it has as much as the stay to spare."""
    opens, closes = window_of(row)
    some = sorted(
        (min(max(gap.start_s, opens), closes), min(gap.end_s, closes))
        for _, gap, spare, _ in able_gaps(shift, row, free)
        if spare >= float(row["dwell_s"])
    )
    out, now = [], opens
    for begin, end in some:
        if begin > now:
            out.append((now, begin))
        now = max(now, end)
    return [*out, (now, closes)] if now < closes else out


def hours_in_words(plan: Plan, spans: Sequence[tuple[float, float]]) -> tuple[str, str] | None:
    """Spans by the clock, the longest ``_MOST_SPANS`` of them in order; None where nothing is left at whole minutes."""
    long = [span for span in spans if span[1] - span[0] >= _LEAST_SPAN_S]
    told = sorted(sorted(long, key=lambda span: span[0] - span[1])[:_MOST_SPANS])
    if not told:
        return None
    clocks = [(clock(plan, begin), clock(plan, end)) for begin, end in told]
    more_zh, more_en = (" 等", " ...") if len(long) > len(told) else ("", "")
    return (
        "、".join(f"{begin}–{end}" for begin, end in clocks) + more_zh,
        ", ".join(f"{begin}-{end}" for begin, end in clocks) + more_en,
    )


def fits(shift: Shift, team: Team, gap: Gap, row: Mapping[str, Any]) -> tuple[float, float]:
    """The part of a gap inside a visit's window, not needed for the way as it is, and what the visit would take of it."""
    place = (float(row["x"]), float(row["y"]))
    there, on = shift.way(team, gap.here, place)[0], shift.way(team, place, gap.there)[0]
    straight = shift.way(team, gap.here, gap.there)[0]
    dwell, opens, closes = (float(row[name]) for name in ("dwell_s", "open_s", "close_s"))
    begin, end = max(gap.start_s, opens - there), min(gap.end_s, closes + dwell + on)
    return end - begin - straight, there + dwell + on - straight
