"""Ground before the walls behind which private life goes on: excluded places, and homes with their yards and windows.

No picture is looked at and no window is known: a strip before the wall stands for both. What counts as excluded or as a
home is told by the kind of building or place alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from gis.cameras.buildings import Occluders

Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]

STRIP_M = 2.0
"""Width of the strip before a wall. Our own choice: no rule tells one."""
ALONE_M = 5.0
"""Around an excluded place that lies in no building."""

EXCLUDED_KINDS = frozenset(
    {"toilet", "toilets", "bathhouse", "public_bath", "sauna", "changing_room", "nursing_room", "dormitory", "hotel_room", "ward",
     "公共厕所", "公厕", "卫生间", "公共浴室", "浴室", "宿舍", "母婴室"}
)  # fmt: skip
"""Kinds of building or place, OpenStreetMap's or ours, whose rooms must not be watched (Art. 8)."""
HOME_KINDS = frozenset(
    {"apartments", "house", "residential", "detached", "semidetached_house", "terrace", "bungalow", "farm", "residential_interior",
     "住宅", "居住", "居民楼", "民居"}
)  # fmt: skip
"""Kinds of building in which people live."""


@dataclass(frozen=True, eq=False)
class PrivateGround:
    """Strips of ground, m, one a building or place; they may overlap.

    Parameters
    ----------
    excluded
        Before places where no such camera may be.
    homes
        Before homes.
    """

    excluded: Shapes
    homes: Shapes

    @classmethod
    def of(
        cls,
        footprints: Shapes,
        kinds: Sequence[str],
        *,
        places: Floats,
        place_kinds: Sequence[str],
        strip_m: float = STRIP_M,
    ) -> "PrivateGround":
        """From buildings and key places with their kinds.

        Parameters
        ----------
        footprints
            m; crossing outlines are repaired, missing ones bear nothing.
        places
            m, shape (n, 2). An excluded one makes its building excluded, or stands for a disc of 5 m where it has none.
        """
        kind = np.array([each.strip().lower() for each in kinds], dtype=object)
        barred, home = np.isin(kind, list(EXCLUDED_KINDS)), np.isin(kind, list(HOME_KINDS))
        at = shapely.points(places[np.isin([each.strip().lower() for each in place_kinds], list(EXCLUDED_KINDS))])
        of_place, building = shapely.STRtree(footprints).query(at, predicate="intersects")
        barred[building] = True
        alone = np.delete(at, np.unique(of_place))
        excluded = np.concatenate([_strips(footprints[barred], strip_m), shapely.buffer(alone, ALONE_M)])
        return cls(excluded, _strips(footprints[home & ~barred], strip_m))


def watched_m2(seen: Shapes, ground: Shapes) -> Floats:
    """How much of some ground, overlaps counted once, lies in each visible area, m2."""
    found = np.zeros(len(seen))
    area, piece = shapely.STRtree(ground).query(seen, predicate="intersects")
    order = np.argsort(area, kind="stable")
    area, piece = area[order], piece[order]
    for part in np.split(np.arange(len(area)), np.flatnonzero(np.diff(area)) + 1) if len(area) else ():
        row = area[part[0]]
        found[row] = shapely.area(shapely.intersection(seen[row], shapely.union_all(ground[piece[part]])))
    return found


def _strips(footprints: Shapes, strip_m: float) -> Shapes:
    sound = Occluders.build(footprints).shapes
    return np.asarray(shapely.difference(shapely.buffer(sound, strip_m, quad_segs=4), sound), dtype=object)
