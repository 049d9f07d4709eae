"""Which cameras see a hot spot, for those who may know cameras; nothing for the others. It computes no view itself."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from webmap import cameras
from webmap.services import Services
from webmap.store import Viewer

LEAST_M2 = 1.0
"""A camera that sees less of a hot spot than this sees nothing of it."""


@dataclass(frozen=True)
class Watch:
    """Cameras that surely see some of a hot spot, by id, and the share of its ground that they see together."""

    ids: tuple[str, ...]
    share: float


def watched(services: Services, viewer: Viewer | None, spots: gpd.GeoDataFrame) -> list[Watch | None]:
    """What cameras see of each hot spot, in order.

    Parameters
    ----------
    viewer
        Limited to the areas in which the reader may see cameras; None for a reader who sees none anywhere.
    spots
        In the district's metric CRS.
    """
    if viewer is None:
        return [None] * len(spots)
    held = cameras.register(services, viewer)
    seen = held.seen("sure")
    tree = shapely.STRtree(seen)
    answer: list[Watch | None] = []
    for spot in spots.geometry.to_numpy():
        near = np.sort(tree.query(spot, predicate="intersects"))
        parts = shapely.intersection(seen[near], spot)
        some = shapely.area(parts) >= LEAST_M2
        ids = sorted(str(held.areas.ids[row]) for row in near[some])
        share = float(shapely.area(shapely.union_all(parts[some])) / spot.area) if some.any() else 0.0
        answer.append(Watch(tuple(ids), share))
    return answer
