"""Processor seconds of the clocks and indicators of the closed loop: 100,000 mixed deadlines, 3 million moves of 430,000 cases."""

import time
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from gis.calendar import china_calendar
from gis.dispatch import deadlines, elapsed_of, work_calendar
from gis.dispatch.indicators import Period, backlog, by_move, rates, stage_times
from gis.dispatch.lives import read_lives

CLOCKS, CASES, UNITS = 100_000, 430_000, 18
START = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp())
DAY_S = 86_400
LIFE = ("submit", "accept", "dispatch", "acknowledge", "submit_result", "check_pass", "rate")


class Stopwatch:
    """Prints the processor seconds since it was last asked."""

    def __init__(self) -> None:
        self.last = time.process_time()

    def tell(self, what: str) -> None:
        """One line."""
        now = time.process_time()
        print(f"{now - self.last:7.3f} s  {what}")
        self.last = time.process_time()


def random_moves(rng: np.random.Generator) -> pd.DataFrame:
    """Moves of plain lives over a year, rows shuffled."""
    steps = np.cumsum(rng.integers(60, DAY_S, (CASES, len(LIFE))), axis=1)
    at = (START + rng.integers(0, 365 * DAY_S, CASES)[:, None] + steps).ravel()
    move = np.tile(np.array(LIFE), CASES)
    units = np.array([f"unit {n}" for n in range(UNITS)])
    table = pd.DataFrame(
        {
            "case": np.repeat(np.arange(CASES), len(LIFE)),
            "at": at,
            "move": move,
            "due_at": np.where(move == "accept", at + 5.0 * DAY_S, np.nan),
            "unit_from": rng.choice(units, len(at)),
            "unit_to": rng.choice(units, len(at)),
            "tier_to": "street",
            "score": np.where(move == "rate", 4.0, np.nan),
        }
    )
    return table.sample(frac=1, random_state=1)


def main() -> None:
    """Print the seconds of each step."""
    rng = np.random.default_rng(1)
    watch = Stopwatch()
    work = work_calendar(china_calendar())
    watch.tell("a calendar of 51 years")
    starts, amounts = START + rng.integers(0, 700 * DAY_S, CLOCKS), rng.integers(1, 30, CLOCKS).astype(float)
    units = rng.choice(["hour", "day", "working_hour", "urgent_hour", "working_day"], CLOCKS)
    watch.last = time.process_time()
    deadlines(starts, amounts, units, work)
    watch.tell(f"{CLOCKS:,} deadlines")
    elapsed_of(starts, units, datetime(2026, 6, 1, tzinfo=UTC), work)
    watch.tell(f"{CLOCKS:,} elapsed times")
    moves = random_moves(rng)
    watch.last = time.process_time()
    year = Period(datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    lives = read_lives(moves, year.end)
    watch.tell(f"{len(moves):,} moves read")
    rates(lives, year)
    watch.tell("all rates")
    rates(lives, year, by_move(lives, "unit"))
    watch.tell(f"all rates by {UNITS} units")
    stage_times(lives, year, by_move(lives, "unit"))
    watch.tell(f"stage times by {UNITS} units")
    backlog(lives, by_move(lives, "unit"))
    watch.tell("backlog by unit")


if __name__ == "__main__":
    main()
