"""The street graph for a plan, or in words why there is none: a plan goes on by straight lines rather than not at all."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from gis.errors import InputError
from gis.patrol.tours import Team
from gis.patrol.travel import TravelTimes
from gis.roads.modes import mode_named
from gis.roads.network import Network, build_network
from gis.roads.paths import DETOUR, MAX_ACCESS_M

Note = tuple[str, str]
"""What the planner should know, in Chinese and in English."""


def street_graph(
    streets: gpd.GeoDataFrame, *, mode: str, crs: object, ground_xy: npt.NDArray[np.float64]
) -> tuple[Network | None, list[Note]]:
    """The graph that a plan can use, None where straight lines must do, and what to say of it.

    Parameters
    ----------
    streets
        Table ``streets``; may be empty.
    ground_xy
        Shape (k, 2), metres in ``crs``: where the plan takes place. Streets that lead to none of it are of no use.
    """
    by_line = (f"行程按直线 × {DETOUR:g} 估算。", f"Travel is estimated by straight lines x {DETOUR:g}.")
    if streets.empty:
        return None, [("还没有导入道路;" + by_line[0], "There are no streets yet. " + by_line[1])]
    try:
        network = build_network(streets, mode=mode, crs=crs)
    except InputError as error:
        return None, [(error.zh + by_line[0], f"{error.en} {by_line[1]}")]
    # A long street may have its vertices far apart: what lies beyond the access distance of all vertices needs a closer look.
    away = cKDTree(network.xy[network.component == 0]).query(ground_xy)[0]
    beyond = int((away > MAX_ACCESS_M + float(network.metres.data.max())).sum())
    if beyond == len(ground_xy):
        return None, [
            (
                f"道路都在本区之外(最近 {away.min() / 1000:.1f} 公里),请核对道路文件及其坐标系;{by_line[0]}",
                f"All streets lie outside the district (the nearest {away.min() / 1000:.1f} km away): check their file and its "
                f"datum. {by_line[1]}",
            )
        ]
    return network, []


def lost_bases(travel: TravelTimes, stops: pd.DataFrame, teams: Sequence[Team]) -> list[Note]:
    """Teams from whose base no stop can be reached and come back from; the others go on without them."""
    if stops.empty:
        return []
    places = np.unique(travel.rows(stops[["x", "y"]].to_numpy(dtype=np.float64)))
    notes = []
    for team in teams:
        start, end = travel.rows(np.array(team.places()[:2], dtype=np.float64))
        ways = np.isfinite(travel.seconds[start, places]) & np.isfinite(travel.seconds[places, end])
        if not ways.any():
            means = mode_named(team.mode)
            notes.append(
                (
                    f"队伍“{team.name}”的驻地{means.name_zh}到不了任何停留点(离路网太远或不相连);其余队伍照常排班。",
                    f"From the base of team '{team.name}' no stop can be reached {means.name_en} (too far from the streets, or cut "
                    "off); the other teams are planned as usual.",
                )
            )
    return notes
