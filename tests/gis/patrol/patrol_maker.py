"""Small shifts to plan: stops on paper, straight-line travel, teams at a base."""

from typing import Any

import numpy as np
import pandas as pd

from gis.patrol import Plan, Team, TravelTimes, plan_patrol
from gis.patrol.options import PlanOptions

HOUR = 3600.0
SHIFT_S = 8 * HOUR


def visit(name: str, x: float, y: float, **values: Any) -> dict[str, Any]:
    """One wanted visit; a stop of its own, fifteen minutes, any time of the shift, unless said otherwise."""
    return {
        "id": name, "stop": name, "x": x, "y": y, "worth": 1.0, "dwell_s": 900.0, "open_s": 0.0,
        "close_s": SHIFT_S - 900.0, "must": False, "beat": -1, "name_zh": f"点{name}", "name_en": f"stop {name}",
        "why_zh": "热点", "why_en": "hot spot", "kind": "hot_grid", "grid": "", "lon": 106.7, "lat": 39.5,
    } | values  # fmt: skip


def repeated(name: str, x: float, y: float, worth: float, *, parts: int = 4, **values: Any) -> list[dict[str, Any]]:
    """One stop wanted in each two-hour part, worth less each time."""
    return [
        visit(
            f"{name}#{part + 1}", x, y, stop=name, worth=worth * 0.8**part, open_s=part * 2 * HOUR,
            close_s=(part + 1) * 2 * HOUR - 900, **values,
        )
        for part in range(parts)
    ]  # fmt: skip


def town(rng: np.random.Generator, *, stops: int = 14, beats: int = 2) -> pd.DataFrame:
    """A town of 5 km: repeated stops in some beats, and a few must-visits with narrow windows."""
    rows = []
    for place in range(stops):
        x, y = rng.uniform(0, 5000, 2)
        rows += repeated(f"g{place}", float(x), float(y), float(rng.gamma(1, 5)), beat=place % beats)
    for place in range(3):
        x, y = rng.uniform(0, 5000, 2)
        opens = float(rng.uniform(0, 6 * HOUR))
        rows.append(visit(f"p{place}", float(x), float(y), must=True, open_s=opens, close_s=opens + HOUR, kind="place"))
    return pd.DataFrame(rows)


def crew(count: int = 2, **values: Any) -> list[Team]:
    """Teams by e-bike from the middle of town, one a beat."""
    return [Team(f"T{beat}", (2500.0, 2500.0), mode="ebike", beat=beat, **values) for beat in range(count)]


def planned(
    stops: pd.DataFrame, teams: list[Team], *, iterations: int = 60, shift_s: float = SHIFT_S, **options: Any
) -> tuple[Plan, TravelTimes]:
    """A plan over straight lines, the same on every run."""
    travel = TravelTimes.straight(stops, teams, mode="ebike")
    settings = PlanOptions(iterations=iterations, **options)
    return plan_patrol(stops, teams=teams, shift_s=shift_s, travel=travel, options=settings), travel
