"""The way of a tour as a line for the map: over the streets of the team's mode, or straight. It times nothing."""

from typing import Any

import numpy as np
import shapely

from gis.crs import unproject
from gis.errors import NotFoundError
from gis.roads import Network
from gis.roads.paths import route_lines


def drawn_line(network: Network | None, team: dict[str, Any], crs: Any) -> list[list[float]]:
    """The team's whole way as degrees: over streets where they are loaded, else straight."""
    # A task with two ends is entered at one and left at the other.
    exits = [[stop[f"exit_{axis}"] for axis in "xy"] for stop in team["stops"]]
    stops = [
        place
        for stop, out in zip(team["stops"], exits, strict=True)
        for place in ([stop["x"], stop["y"]], out)
        if place[0] is not None
    ]
    ends = [team["start_xy"], *stops, team["end_xy"]]
    xy = np.array(ends, dtype=np.float64)
    if network is not None and len(xy) > 1:
        try:
            legs = route_lines(network, xy)
        except NotFoundError:
            legs = []
        if legs:
            xy = np.vstack([shapely.get_coordinates(leg) for leg in legs])
    lon, lat = unproject(xy, crs)
    return np.round(np.column_stack([lon, lat]), 6).tolist()  # type: ignore[no-any-return]
