"""What cameras see by night: within the reach of their own light, and on ground that street lamps light.

What nobody wrote down is not taken for dark or bright: it counts in what may be seen and not in what surely is. It knows
no moon, no snow, no shop windows, and no sensitivity of a sensor.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.cameras.polygons import solid
from gis.cameras.visible import EMPTY, CameraAreas

Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]

OWN_LIGHT = ("infrared", "white")
"""Kinds of light that a camera brings along; ``none`` is none, and empty is not known."""

LIT_M = 12.0
"""How far from the middle line of a lit street its ground is lit. Our own choice, not a finding."""


@dataclass(frozen=True, eq=False)
class LitGround:
    """Ground along streets, m.

    Parameters
    ----------
    lit, perhaps
        Ground of streets that are lit; of those of which nobody wrote it down.
    """

    lit: shapely.STRtree
    perhaps: shapely.STRtree

    @classmethod
    def of(cls, streets: Shapes, lit: npt.ArrayLike, *, width_m: float = LIT_M) -> "LitGround":
        """From middle lines (m) and ``yes``, ``no`` or empty for each; ``width_m`` to either side counts."""
        told = np.asarray(lit).astype(str)
        ground = shapely.buffer(np.asarray(streets, dtype=object), width_m, quad_segs=4)
        return cls(shapely.STRtree(ground[told == "yes"]), shapely.STRtree(ground[(told != "yes") & (told != "no")]))


def by_night(areas: CameraAreas, cameras: pd.DataFrame, xy: Floats, ground: LitGround) -> CameraAreas:
    """What is left of visible areas when it is dark.

    Parameters
    ----------
    areas
        By day, in order of the rows of ``cameras``.
    cameras
        ``cameras`` table: ``light`` and ``light_m``; missing columns count as not known.
    xy
        Positions, m, shape (n, 2).

    Returns
    -------
    areas
        ``sure``: within the known reach of the camera's own light, or on lit ground. ``may``: that, and ground along
        streets of unknown lighting, and all that may be seen by day where the light or its reach is not known. Bands are
        those of the day and are left out.
    """
    count = len(areas.ids)
    kind = cameras["light"].fillna("").to_numpy().astype(str) if "light" in cameras else np.full(count, "")
    told = cameras.get("light_m", pd.Series(np.nan, index=cameras.index))
    reach = pd.to_numeric(told, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    own = np.isin(kind, OWN_LIGHT)
    # A light of unknown reach, and a light that nobody wrote down, may light all of it.
    open_end = (own & ~(reach > 0)) | ~(own | (kind == "none"))
    discs = np.full(count, EMPTY, dtype=object)
    rows = np.flatnonzero(own & (reach > 0))
    discs[rows] = shapely.buffer(shapely.points(xy[rows]), reach[rows], quad_segs=16)
    lamps = _near(areas.may, ground.lit)
    perhaps = _near(areas.may, ground.perhaps)
    bright = shapely.union(discs, lamps)
    sure = solid(shapely.intersection(areas.sure, bright))
    may = np.where(open_end, areas.may, solid(shapely.intersection(areas.may, shapely.union(bright, perhaps))))
    return replace(areas, sure=sure, may=may, bands={}, may_bands={})


def _near(areas: Shapes, ground: shapely.STRtree) -> Shapes:
    """The part of some ground that meets each area."""
    found = np.full(len(areas), EMPTY, dtype=object)
    area, piece = ground.query(areas, predicate="intersects")
    order = np.argsort(area, kind="stable")
    area, piece = area[order], piece[order]
    for part in np.split(np.arange(len(area)), np.flatnonzero(np.diff(area)) + 1) if len(area) else ():
        found[area[part[0]]] = shapely.union_all(ground.geometries[piece[part]])
    return found
