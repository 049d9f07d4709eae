"""1,000 cameras among the buildings of central Helsinki, exact, beside fans of rays and the union of shadows, in one run.

The fans cut rays at the first building, as PanoptiCity does with 63 rays; ``iou_min`` is their worst agreement with the
exact area. The union of shadows is shapely's disc without every wall's shadow; it answers for some cameras and its time
is extrapolated. ``gap`` is the largest share of area by which it and ours differ.

Reads ``../shared/data/patrol`` (OpenStreetMap contributors, ODbL).

Usage: python benchmarks/visibility.py [--quick]
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).parents[1]))

from gis.cameras.buildings import Occluders
from gis.cameras.views import Views
from gis.cameras.visible import visible_polygons
from tests.oracles.shadow_union import visible_disc

DATA = Path(__file__).parents[2] / "shared" / "data" / "patrol" / "buildings" / "helsinki_centre_buildings.gpkg"
CAMERAS = 1000


def fan(xy: np.ndarray, reach: float, rays: int, buildings: Occluders) -> np.ndarray:
    """Polygons through the first hit of every ray."""
    merged = buildings.walls(4.0).tree
    turn = np.arange(rays) * (2 * np.pi / rays)
    ends = xy[:, None, :] + reach * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    found = []
    for at, rim in zip(xy, ends, strict=True):
        near = merged.query(shapely.Point(at), predicate="dwithin", distance=reach)
        lines = shapely.linestrings(np.stack([np.broadcast_to(at, rim.shape), rim], axis=1))
        walls = shapely.union_all(merged.geometries[near]) if len(near) else shapely.Polygon()
        left = shapely.difference(lines, walls)
        first = shapely.get_geometry(left, 0)
        found.append(shapely.Polygon(shapely.get_coordinates(shapely.get_point(first, -1))))
    return np.array(found, dtype=object)


def timed(work: object, times: int) -> tuple[float, object]:
    best, answer = np.inf, None
    for _ in range(times):
        begun = time.perf_counter()
        answer = work()  # type: ignore[operator]
        best = min(best, time.perf_counter() - begun)
    return best, answer


def figures(xy: np.ndarray, buildings: Occluders, reach: float, *, quick: bool) -> None:
    one = np.ones(len(xy))
    views = Views(
        np.arange(len(xy)), xy[:, 0], xy[:, 1], 4 * one, 0 * one, reach * one, np.nan * one, 360 * one, one > 0
    )
    visible_polygons(views, buildings)  # compiles
    mine, exact = timed(lambda: visible_polygons(views, buildings), 3 if quick else 10)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    base = {"name": f"visible area {reach:g} m", "n": len(xy), "ours": round(mine, 4), "unit": "s", "peak_mb": peak}
    for rays in (63, 360):
        seconds, polygons = timed(lambda rays=rays: fan(xy, reach, rays, buildings), 1)
        polygons = shapely.make_valid(polygons)
        iou = shapely.area(shapely.intersection(exact, polygons)) / shapely.area(shapely.union(exact, polygons))
        told = {"iou_min": round(float(iou.min()), 3), "iou_median": round(float(np.median(iou)), 3)}
        row = {"peer_name": f"{rays}-ray fan", "peer": round(seconds, 3), "ratio": round(seconds / mine, 1)}
        print(json.dumps({**base, **row, **told}), flush=True)
    some = 100 if quick else 300
    merged = buildings.walls(4.0).tree.geometries
    seconds, wanted = timed(lambda: np.array([visible_disc(at, reach, merged) for at in xy[:some]], dtype=object), 1)
    gap = shapely.area(shapely.symmetric_difference(exact[:some], wanted)) / shapely.area(wanted)
    seconds *= len(xy) / some
    row = {"peer_name": f"shadow union (from {some})", "peer": round(seconds, 2), "ratio": round(seconds / mine, 1)}
    print(json.dumps({**base, **row, "gap": float(f"{gap.max():.2g}")}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    outlines = gpd.read_file(DATA).to_crs("EPSG:32635")
    buildings = Occluders.build(outlines.geometry)
    west, south, east, north = outlines.total_bounds
    spread = np.random.default_rng(1).uniform((west, south), (east, north), (4 * CAMERAS, 2))
    covered = np.unique(buildings.tree.query(shapely.points(spread), predicate="intersects")[0])
    xy = np.delete(spread, covered, axis=0)[:CAMERAS]
    for reach in (60.0, 150.0):
        figures(xy, buildings, reach, quick=quick)


if __name__ == "__main__":
    main()
