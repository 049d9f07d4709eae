"""Travel times between all points of a plan: a matrix that knows which point stands in which row. It searches no way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import InputError, PlanError, ShapeError
from gis.patrol.tours import Team
from gis.roads.modes import mode_named
from gis.roads.network import Network
from gis.roads.paths import DETOUR, straight_matrix, travel_matrix

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TravelTimes:
    """Seconds and metres between points.

    Parameters
    ----------
    xy
        Shape (k, 2), metres; each point once (``patrol_points`` gives them).
    seconds, metres
        Shape (k, k), row is from, column is to; inf where there is no way.
    method
        How it was measured, shown on the plan: ``streets``, or ``straight`` with its detour factor.
    """

    xy: FloatArray
    seconds: FloatArray
    metres: FloatArray
    method: str = "streets"
    _row: Mapping[tuple[float, float], int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        size = len(self.xy)
        if self.seconds.shape != (size, size) or self.metres.shape != (size, size):
            raise ShapeError(
                zh=f"{size} 个点需要 {size}×{size} 的行程矩阵,得到 {self.seconds.shape} 与 {self.metres.shape}。",
                en=f"{size} points need matrices of {size} x {size}, got {self.seconds.shape} and {self.metres.shape}.",
            )
        bad = int((np.isnan(self.seconds) | (self.seconds < 0) | np.isnan(self.metres)).sum())
        if bad:
            raise ShapeError(
                zh=f"行程矩阵有 {bad} 个缺失或负的值;不可达请用无穷大。",
                en=f"The travel matrix has {bad} missing or negative values; use inf where there is no way.",
            )
        rows = {(float(x), float(y)): row for row, (x, y) in enumerate(self.xy)}
        object.__setattr__(self, "_row", rows)

    @classmethod
    def by_streets(
        cls, network: Network, stops: pd.DataFrame, teams: Sequence[Team], **options: float
    ) -> "TravelTimes":
        """Over a street graph; ``options`` go to ``gis.roads.travel_matrix``."""
        xy = patrol_points(stops, teams)
        return cls(xy, *travel_matrix(network, xy, **options), method="streets")  # type: ignore[arg-type]

    @classmethod
    def straight(
        cls, stops: pd.DataFrame, teams: Sequence[Team], *, mode: str = "foot", detour: float = DETOUR
    ) -> "TravelTimes":
        """Where no streets are loaded: straight line times the detour factor."""
        xy = patrol_points(stops, teams)
        seconds, metres = straight_matrix(xy, speed_mps=mode_named(mode).default_mps, detour=detour)
        return cls(xy, seconds, metres, method=f"straight x {detour:g}")

    def rows(self, xy: FloatArray) -> IntArray:
        """The matrix row of each point.

        Raises
        ------
        PlanError
            A point that the matrix does not hold.
        """
        found = [self._row.get((float(x), float(y)), -1) for x, y in np.asarray(xy, dtype=np.float64)]
        lost = [place for place, row in enumerate(found) if row < 0]
        if lost:
            raise PlanError(
                zh=f"行程矩阵缺少 {len(lost)} 个点(首个为第 {lost[0] + 1} 个);请对同一批停留点和队伍调用 patrol_points。",
                en=f"The travel matrix lacks {len(lost)} points (first: number {lost[0] + 1}); "
                "call patrol_points with the same stops and teams.",
            )
        return np.array(found, dtype=np.int64)


def patrol_points(stops: pd.DataFrame, teams: Sequence[Team]) -> FloatArray:
    """Every place of a plan once: stops with both ends, and where teams start, end and rest.

    Returns
    -------
    xy
        Shape (k, 2), metres, sorted.

    Raises
    ------
    InputError, PlanError
        A stop, or the base of a team, without coordinates.
    """
    wanted = stops[["x", "y"]].to_numpy(dtype=np.float64).reshape(-1, 2)
    exits = np.empty((0, 2))
    if {"exit_x", "exit_y"} <= set(stops.columns):
        exits = stops[["exit_x", "exit_y"]].to_numpy(dtype=np.float64, na_value=np.nan)
    lost = stops.loc[~np.isfinite(wanted).all(axis=1), "id"].astype(str).tolist()
    if lost:
        raise InputError(
            zh=f"{len(lost)} 个停留点没有坐标:{'、'.join(lost[:10])}。请更正后重排,其余数据未改动。",
            en=f"{len(lost)} stops have no coordinates: {', '.join(lost[:10])}. "
            "Correct them and plan again; nothing was changed.",
        )
    bases = [np.array(team.places(), dtype=np.float64) for team in teams]
    for team, places in zip(teams, bases, strict=True):
        if not np.isfinite(places).all():
            raise PlanError(
                zh=f"队伍“{team.name}”的起点、终点或休息点缺坐标。",
                en=f"Team '{team.name}' lacks a coordinate of its start, end or break.",
            )
    return np.unique(np.concatenate([wanted, exits[np.isfinite(exits).all(axis=1)], *bases]), axis=0)
