"""Simulated addresses: the nearest named street and a house number that grows along it. No real address is meant."""

import geopandas as gpd
import numpy as np
import shapely

NUMBER_M = 9.0
"""Length of street for each house number of one side."""


class Addresses:
    """House numbers along the named streets of a network in metres."""

    def __init__(self, streets: gpd.GeoDataFrame) -> None:
        self._named = streets[(streets["name_zh"] != "") & (streets["kind"] != "rail")].reset_index(drop=True)
        self._tree = shapely.STRtree(self._named.geometry.to_numpy())
        # Numbers run on from segment to segment of one name, from west to east or south to north.
        middle = self._named.geometry.interpolate(0.5, normalized=True)
        order = np.lexsort((middle.x + middle.y, self._named["name_zh"]))
        length = self._named.length.to_numpy()[order]
        before = np.concatenate([[0.0], np.cumsum(length)[:-1]])
        name = self._named["name_zh"].to_numpy()[order]
        first = np.concatenate([[True], name[1:] != name[:-1]])
        start = before - np.maximum.accumulate(np.where(first, before, 0.0))
        self._start = np.empty(len(order))
        self._start[order] = start

    def of(self, points: np.ndarray) -> np.ndarray:
        """Street and number of points, such as 朝阳路36号."""
        at = self._tree.nearest(points)
        lines = self._named.geometry.to_numpy()[at]
        along = shapely.line_locate_point(lines, points)
        number = 1 + ((self._start[at] + along) / NUMBER_M).astype(int)
        names = self._named["name_zh"].to_numpy()[at]
        return np.array([f"{name}{value}号" for name, value in zip(names, number, strict=True)], dtype=object)
