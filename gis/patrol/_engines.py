"""Two engines on one shift inside one limit, one core each: our own search and PyVRP; the better tours are kept.

Our loops release the interpreter's lock, so both run in one process. For the last part of the limit our search goes on
from whichever tours were better by then. With a fixed number of rounds the answer depends on input and seed alone.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event
from time import perf_counter
from typing import Any

import numpy as np

from gis.patrol._search import improve, measure, reset
from gis.patrol._state import PLAIN, WEIGHED, Problem, Tours, empty_tours, unserved
from gis.patrol._weighed import improve_weighed
from gis.patrol._wishes import Wishes
from gis.patrol.options import PlanOptions
from gis.random_stream import stream

Progress = Callable[[float], None]
ROUNDS_A_STEP = 8
"""Rounds of our own search for each of PyVRP's where the number of rounds is fixed; they take about equal time."""
LEG = 0.1
"""Of a mean leg: what a loss of travel is measured in once only travel is left to save."""
EASE, EASED = 0.5, 0.4
"""Where ways are weighed against worth: the part of their price at the start, and the part of the limit after which it is
full; tours get going while ways are cheap, and those that are not worth theirs are given up as the price rises."""
_ROUNDS_A_CALL = 20
_ALONE = 0.85
"""Part of the limit after which our search looks at what PyVRP has."""


def best_tours(wishes: Wishes, options: PlanOptions, progress: Progress | None) -> tuple[Tours, str]:
    """The best tours found and the engine they come from; with nothing to plan there is nothing to search."""
    own = _Own(wishes, options)
    if not len(wishes.problem.loc) or not wishes.problem.allowed.any() or options.iterations == 0:
        return own.best, own.method
    if options.engines == "lns":
        own.run(Clock(options), lambda: None, progress or _quiet)
        return own.best, own.method
    return _both(wishes, options, own, progress or _quiet)


def _quiet(_done: float) -> None:
    """Progress nobody asked for."""


class Clock:
    """How much of the limit is used: of the time, or of the rounds."""

    def __init__(self, options: PlanOptions) -> None:
        self.options = options
        self.begun = perf_counter()
        self.stopped = Event()

    def done(self, rounds: int) -> float:
        if self.stopped.is_set():
            return 1.0
        if self.options.iterations is None:
            return (perf_counter() - self.begun) / self.options.time_limit_s
        return rounds / self.options.iterations if self.options.iterations else 1.0


class _Own:
    """Our search: where it stands, a trial beside it, and the best so far."""

    def __init__(self, wishes: Wishes, options: PlanOptions) -> None:
        self.problem, self.options = wishes.problem, options
        self.now, self.trial, self.best = (rested(wishes) for _ in range(3))
        self.state = stream(options.seed)
        price = self.problem.travel_weight + self.problem.way_price
        self.mean = price * 600.0 / options.travel_worth
        self.rounds = 0
        self.method = "lns"
        self._improve(0, 1.0, 1.0)

    def run(self, clock: Clock, offer: Callable[[], Tours | None], progress: Progress) -> None:
        """Search until the limit; once, late, go on from what is offered if that is better."""
        most = self.options.iterations
        asked = False
        while (done := clock.done(self.rounds)) < 1.0:
            progress(done)
            if done >= _ALONE and not asked:
                asked = True
                self.adopt(offer())
            self._look_at_ways()
            heat = self._heat(done)
            steps = _ROUNDS_A_CALL if most is None else min(_ROUNDS_A_CALL, most - self.rounds)
            ease = min(1.0, EASE + (1.0 - EASE) * done / EASED)
            found = self._improve(steps, heat, ease)
            if found and self.method == "pyvrp":
                self.method = "pyvrp+lns"
            self.rounds += steps
        if not asked:
            self.adopt(offer())
        progress(1.0)

    def _improve(self, steps: int, heat: float, ease: float) -> int:
        tours = (self.now, self.trial, self.best)
        if self.problem.way_price > 0:
            return int(improve_weighed(self.problem, *tours, self.state, steps, heat, ease))
        return int(improve(self.problem, *tours, self.state, steps, heat))

    def _look_at_ways(self) -> None:
        """Once every task is served only travel is left to save: from then on it is what counts while putting in."""
        if self.problem.by_way or len(unserved(self.problem, self.best)):
            return
        self.problem = self.problem._replace(by_way=True)
        self.take(self.best)
        for tours in (self.now, self.trial):
            reset(self.problem, tours)

    def _heat(self, done: float) -> float:
        """How much loss is accepted, in worth: parts of a visit, or of a leg once only travel is left to save."""
        hot, cold, unit = self.options.hot, self.options.cold, self.mean
        if self.problem.by_way and self.problem.way_price == 0:
            legs = int(self.best.size.sum()) + len(self.best.size)
            unit = LEG * self.problem.travel_weight * float(self.best.gone_s.sum()) / legs
        return max(unit, 1e-12) * hot * (cold / hot) ** done

    def adopt(self, tours: Tours | None) -> bool:
        """Go on from these tours if they are better than the best."""
        if tours is None or not better(self.problem, tours, self.best):
            return False
        self.take(tours)
        self.method = "pyvrp"
        return True

    def take(self, tours: Tours) -> None:
        """Stand where these tours are."""
        for mine in (self.now, self.trial, self.best):
            for name in mine._fields:
                if name != "odds":
                    getattr(mine, name)[:] = getattr(tours, name)


def better(problem: Problem, one: Tours, other: Tours) -> bool:
    """More worth (less the price of unfairness and of weighed ways), or the same with less travel."""
    (worth, seconds), (least, most) = measure(problem, one), measure(problem, other)
    return bool(worth > least + 1e-9 or (worth > least - 1e-9 and seconds < most - 1e-6))


def rested(wishes: Wishes) -> Tours:
    """Tours with the breaks alone: they are owed, every search starts with them, and tours without one are never better."""
    odds = WEIGHED if wishes.problem.way_price > 0 else PLAIN
    tours = empty_tours(len(wishes.problem.loc), len(wishes.teams), odds)
    for visit in np.flatnonzero(wishes.row < 0):
        r = int(wishes.problem.allowed[:, visit].argmax())
        tours.visit[r, 0], tours.size[r] = visit, 1
    reset(wishes.problem, tours)
    return tours


def _both(wishes: Wishes, options: PlanOptions, own: _Own, progress: Progress) -> tuple[Tours, str]:
    # A heavy import that a process without a plan to make does not need.
    from gis.patrol import _pyvrp

    problem = wishes.problem
    model = _pyvrp.model_of(problem)
    clock = Clock(options)
    if model is None:
        own.run(clock, lambda: None, progress)
        return own.best, own.method
    found: list[Any] = []
    ended = Event()

    def offered() -> Tours | None:
        if options.iterations is not None:
            ended.wait()
        return taken_over() if found else None

    def taken_over() -> Tours:
        tours = empty_tours(len(problem.loc), len(wishes.teams))
        _pyvrp.take_over(problem, tours, model, found[-1])
        reset(problem, tours)
        return tours

    steps = -1

    def stop(_cost: float) -> bool:
        nonlocal steps
        steps += 1
        progress(min(clock.done(own.rounds), 0.99))
        return clock.done(steps * ROUNDS_A_STEP) >= 1.0

    def taken(solution: Any) -> None:
        found[:] = [solution]

    with ThreadPoolExecutor(1) as pool:
        ours = pool.submit(own.run, clock, offered, _quiet)
        try:
            _pyvrp.search(model, stop, taken, seed=options.seed)
            ended.set()
            while not ours.done():
                progress(min(clock.done(own.rounds), 0.99))
                wait([ours], timeout=0.1)
        finally:
            if not ended.is_set():
                clock.stopped.set()
                ended.set()
        ours.result()
    progress(1.0)
    theirs = taken_over() if found else None
    if theirs is not None and better(problem, theirs, own.best):
        return theirs, "pyvrp"
    return own.best, own.method
