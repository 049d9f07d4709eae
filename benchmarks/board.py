"""The board of figures over many cases: the first reading of the moves, one more after a few changes, and each split of the figures.

Cases are written past the table of moves (seven moves each), since a figure does not ask how its rows came. There is no peer: no open
product keeps figures of this kind (`docs/desk.md`).
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from sqlalchemy import insert

from gis.layers import ReadOptions
from webmap.cases.board import SPLITS, BoardQuestion, board
from webmap.config import Config
from webmap.demo import sample_folder
from webmap.imports import import_file
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Store, open_store
from webmap.store.case_models import EVENT_CLOCKS, EVENT_MOVES
from webmap.store.models import EVENTS

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
MOVES = (
    ("submit", "draft", "reported"),
    ("accept", "reported", "accepted"),
    ("dispatch", "accepted", "dispatched"),
    ("acknowledge", "dispatched", "acknowledged"),
    ("submit_result", "acknowledged", "handled"),
    ("ask_check", "handled", "checking"),
    ("check_pass", "checking", "resolved"),
)
UNITS = tuple(f"unit-{number}" for number in range(18))
DAYS = 120
_AT_ONCE = 10_000


def fill(store: Store, grids: gpd.GeoDataFrame, n: int, rng: np.random.Generator) -> None:
    """Cases of four months, each somewhere in its life."""
    codes, points = grids["code"].to_list(), shapely.get_coordinates(grids.geometry.representative_point())
    for start in range(0, n, _AT_ONCE):
        events, moves, clocks = [], [], []
        for number in range(start, min(start + _AT_ONCE, n)):
            place, began = int(rng.integers(len(codes))), NOW - timedelta(days=float(rng.uniform(0, DAYS)))
            steps, hours = int(rng.integers(1, len(MOVES) + 1)), float(rng.uniform(1, 60))
            unit, event, grid = UNITS[int(rng.integers(len(UNITS)))], f"case-{number:012d}", codes[place]
            events.append(
                {
                    "id": event, "state": MOVES[steps - 1][2], "version": steps + 1, "scheme": "wangge", "category": f"060{rng.integers(10, 30)}",
                    "source": ("web", "12345", "grid")[number % 3], "found_by": "report", "lon": points[place, 0], "lat": points[place, 1],
                    "grid": grid, "community": grid[:12], "street": grid[:9] + "000", "district": grid[:6] + "000000", "occurred_at": began,
                    "created_at": began, "updated_at": began, "incident": None, "body": "{}", "tier": "community", "unit": unit if steps > 2 else "",
                }
            )  # fmt: skip
            for version, (move, source, target) in enumerate(MOVES[:steps], start=2):
                moves.append(
                    {
                        "event": event, "version": version, "id": f"{event}:{version}", "move": move, "source": source, "target": target,
                        "tier_from": "community", "tier_to": "community", "unit_from": unit if version > 4 else "", "unit_to": unit if version > 3 else "",
                        "role": "desk", "area": "", "actor": "desk", "at": min(began + timedelta(hours=hours * (version - 2)), NOW), "reason": "", "detail": "{}",
                    }
                )  # fmt: skip
            if steps > 1:
                clocks.append(
                    {
                        "event": event, "stage": "case", "round": 1, "started_at": began, "stopped_at": None, "amount": 7.0, "unit": "day", "pauses": "[]",
                        "paused": False, "extended_until": None, "extended_at": None, "due_at": began + timedelta(days=7), "next_at": None, "told": 0,
                        "calendar": "", "is_sure": True,
                    }
                )  # fmt: skip
        with store._database.writing() as connection:  # noqa: SLF001 - rows of a benchmark, written past the moves
            connection.execute(insert(EVENTS), events)
            connection.execute(insert(EVENT_MOVES), moves)
            connection.execute(insert(EVENT_CLOCKS), clocks)


def timed(work: Callable[[], Any]) -> float:
    """CPU seconds of this process: the machine may be busy with others."""
    begun = time.process_time()
    work()
    return round(time.process_time() - begun, 3)


def figures(n: int, folder: Path) -> list[dict[str, Any]]:
    """The figures of one size."""
    url = f"sqlite:///{folder / 'board.db'}"
    store = open_store(url, create=True)
    services = Services(store, Config(db=url), clock=lambda: NOW)
    import_file(
        services, sample_folder() / "areas.geojson", "areas", viewer=LOCAL_OPERATOR, options=ReadOptions(datum="wgs84")
    )
    areas = store.areas.read(LOCAL_OPERATOR)
    fill(store, areas[areas["level"] == "grid"], n, np.random.default_rng(1))
    first, last = NOW.date() - timedelta(days=29), NOW.date()
    found = [{"name": "board, first reading", "n": n, "ours": timed(store.case_columns.current), "unit": "CPU s"}]
    for by in SPLITS:
        asked = BoardQuestion(first, last, by=by)
        seconds = timed(lambda asked=asked: board(services, asked, viewer=LOCAL_OPERATOR, sees_cases=True))  # type: ignore[misc]
        found.append({"name": f"board by {by}", "n": n, "ours": seconds, "unit": "CPU s"})
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    store.close()
    return [row | {"peak_mb": peak} for row in found]


def main() -> None:
    """Print one line of JSON a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for row in figures(10_000 if asked.quick else 100_000, Path(folder)):
            print(json.dumps(row))


if __name__ == "__main__":
    main()
