"""A small drawing of a key area among its grids, and the way to it on the map. Lines alone: nothing of what happened there."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from webmap.services import Services
from webmap.store import Viewer

WIDE, HIGH = 240, 160
"""Pixels of the drawing."""
_AROUND = 0.6
"""Room around the area, in parts of its longer side."""


def drawing(services: Services, viewer: Viewer, outline: Mapping[str, Any]) -> str:
    """The outline over the borders of the grids that the viewer sees, as SVG; for eyes alone, so it is hidden from screen readers."""
    ground = shape(outline)
    west, south, east, north = ground.bounds
    stretch = float(np.cos(np.radians((south + north) / 2)))
    # Half the width and height that are shown, in degrees of latitude.
    half = max((east - west) * stretch, north - south) * (0.5 + _AROUND)
    scale = HIGH / (2 * half)
    middle = ((west + east) / 2, (south + north) / 2)
    reach = half * WIDE / HIGH / stretch
    window = shapely.box(middle[0] - reach, middle[1] - half, middle[0] + reach, middle[1] + half)

    def path(part: shapely.Geometry) -> str:
        moved = shapely.transform(part, lambda xy: (xy - middle) * (scale * stretch, -scale) + (WIDE / 2, HIGH / 2))
        rings = shapely.get_parts(shapely.boundary(moved)) if shapely.get_dimensions(moved) == 2 else []
        return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)) for ring in rings)

    cells = services.cells(viewer).geometry.to_numpy()
    near = cells[shapely.intersects(cells, window)]
    borders = "".join(path(each) for each in shapely.intersection(near, window))
    return (
        f'<svg class="area-map" viewBox="0 0 {WIDE} {HIGH}" aria-hidden="true" focusable="false">'
        f'<path class="grid" d="{borders}"/><path class="key" d="{path(ground)}"/></svg>'
    )


def map_link(outline: Mapping[str, Any]) -> str:
    """The part of an address of the map that shows the area with its layer."""
    west, south, east, north = shape(outline).bounds
    span = max(east - west, north - south, 1e-4)
    zoom = int(np.clip(np.floor(np.log2(360 / span)) - 1, 10, 17))
    layers = "district.street.community.grid.streets.rail.labels.key_areas"
    return f"#l={layers}&at={zoom}/{(south + north) / 2:.5f}/{(west + east) / 2:.5f}"
