"""Coverage when one camera moves, beside everything worked out anew and a plain overlay by geopandas, in one run.

Ours works out the cells that the old and the new visible area touch; the visible area itself is part of its time. Anew
is the whole coverage of the same cameras. The overlay is what a person would write: dissolve the areas, overlay them on
the open ground, clip the streets, join the points; it tells apart no depth. ``gap`` is the largest difference of a sum
between ours and anew, and ``peer_gap`` of ground and streets to the overlay, as shares.

Reads data/layers (simulated) and ``../shared/data/patrol`` (OpenStreetMap contributors, ODbL).

Usage: python benchmarks/coverage.py [--quick]
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

sys.path.insert(0, str(Path(__file__).parents[1]))

from gis.cameras.buildings import Occluders
from gis.cameras.coverage import Coverage, Ground, PointTargets
from gis.cameras.facade import snap_to_facade
from gis.cameras.visible import camera_areas

ROOT = Path(__file__).parents[1]
LAYERS, SHARED = ROOT / "data" / "layers", ROOT.parent / "shared" / "data" / "patrol"


@dataclass(frozen=True, eq=False)
class Town:
    """Cameras, walls and ground, m."""

    name: str
    frame: pd.DataFrame
    xy: np.ndarray
    walls: Occluders
    ground: Ground
    streets: np.ndarray


def wuda() -> Town:
    """The sample district with its 60,000 incidents."""
    crs = "EPSG:4545"
    areas = gpd.read_file(LAYERS / "areas.geojson").to_crs(crs)
    cells = areas[(areas["level"] == "grid") & (areas["kind"] != "special")]
    houses = gpd.read_file(LAYERS / "buildings.geojson").to_crs(crs)
    streets = gpd.read_file(LAYERS / "streets.geojson").to_crs(crs)
    frame = pd.read_csv(LAYERS / "cameras.csv", dtype={"presets": "str"})
    incidents = pd.read_csv(LAYERS / "incidents.csv.gz", usecols=["lon", "lat"])
    walls = Occluders.build(houses.geometry, houses["height_m"])
    lines = streets.loc[streets["kind"] != "rail"].geometry.to_numpy()
    points = {"incidents": PointTargets.of(_metres(incidents, crs))}
    ground = Ground.build(
        cells.geometry.to_numpy(), cells["code"].tolist(), buildings=walls.shapes, streets=lines, points=points
    )
    return Town("sample", frame, _metres(frame, crs), walls, ground, lines)


def helsinki() -> Town:
    """The centre of Helsinki: real cameras and buildings, squares of 250 m as cells, and lines 2 m before the walls as streets."""
    crs = "EPSG:32635"
    houses = gpd.read_file(SHARED / "buildings" / "helsinki_centre_buildings.gpkg").to_crs(crs)
    walls = Occluders.build(houses.geometry)
    west, south, east, north = houses.total_bounds
    squares = [
        shapely.box(x, y, min(x + 250, east), min(y + 250, north))
        for x in np.arange(west, east, 250) for y in np.arange(south, north, 250)
    ]  # fmt: skip
    found = gpd.read_file(SHARED / "cameras" / "helsinki_centre_osm_surveillance.geojson").to_crs(crs)
    found = found[shapely.within(shapely.centroid(found.geometry.to_numpy()), shapely.box(west, south, east, north))]
    xy = shapely.get_coordinates(shapely.centroid(found.geometry.to_numpy()))
    frame = pd.DataFrame(
        {"id": [f"c{number}" for number in range(len(xy))], "camera_type": "dome", "range_m": 60.0, "height_m": 4.0}
    )
    lines = shapely.get_exterior_ring(shapely.get_parts(shapely.buffer(shapely.union_all(walls.shapes), 2.0)))
    points = {"incidents": PointTargets.of(np.random.default_rng(1).uniform((west, south), (east, north), (60_000, 2)))}
    cells = np.array(squares, dtype=object)
    ground = Ground.build(
        cells, [str(number) for number in range(len(cells))], buildings=walls.shapes, streets=lines, points=points
    )
    return Town("Helsinki", frame, xy, walls, ground, lines)


def figures(town: Town, *, quick: bool) -> None:
    """Print one line a peer."""
    xy = snap_to_facade(town.xy, town.walls.shapes, on_wall_m=0.05).xy
    seen = camera_areas(town.frame, xy, town.walls, bands=()).may
    coverage = Coverage.of(town.ground, seen)
    rng = np.random.default_rng(1)
    moves = []
    for row in rng.permutation(np.flatnonzero(~shapely.is_empty(seen)))[: 5 if quick else 50].tolist():
        seconds, after = timed(lambda row=row: moved(town, coverage, xy, row))
        moves.append((seconds, row, after))
    took = np.array([seconds for seconds, _, _ in moves])
    _, row, after = moves[-1]
    anew_s, anew = timed(lambda: Coverage.of(town.ground, after.seen))
    mine, wanted = (each.table("all").drop(columns="code").iloc[0] for each in (after, anew))
    gap = float((np.abs(mine - wanted) / np.maximum(wanted, 1)).max())
    overlay_s, (area, street) = timed(lambda: overlay(town, after.seen))
    peer_gap = max(abs(area / mine["area1_m2"] - 1), abs(street / mine["street1_m"] - 1))
    base = {
        "name": f"coverage, one camera moves, {town.name}",
        "n": len(seen),
        "ours": round(float(np.median(took)), 4),
        "unit": "s",
    }
    more = {
        "worst_s": round(float(took.max()), 4),
        "cells": len(town.ground.codes),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    for peer, seconds, told in (
        ("all anew", anew_s, {"gap": float(f"{gap:.1g}")}),
        ("geopandas overlay", overlay_s, {"peer_gap": float(f"{peer_gap:.1g}")}),
    ):
        ratio = round(seconds / float(np.median(took)), 1)
        print(
            json.dumps(base | {"peer_name": peer, "peer": round(seconds, 3), "ratio": ratio} | told | more), flush=True
        )


def moved(town: Town, coverage: Coverage, xy: np.ndarray, row: int) -> Coverage:
    """Coverage after one camera went ten metres north-east, its visible area included."""
    at = snap_to_facade(xy[row : row + 1] + 7.0, town.walls.shapes, on_wall_m=0.05).xy
    sees = camera_areas(town.frame.iloc[row : row + 1], at, town.walls, bands=()).may[0]
    return coverage.changed({row: sees})


def overlay(town: Town, seen: np.ndarray) -> tuple[float, float]:
    """Ground and street length seen, by geopandas alone."""
    ground = gpd.GeoDataFrame({"code": town.ground.codes}, geometry=town.ground.ground, crs="EPSG:3857")
    areas = gpd.GeoDataFrame(geometry=seen[~shapely.is_empty(seen)], crs="EPSG:3857").dissolve()
    part = gpd.overlay(ground, areas, how="intersection", keep_geom_type=True)
    streets = gpd.GeoDataFrame(geometry=town.ground.streets, crs="EPSG:3857").clip(areas)
    points = gpd.GeoDataFrame(geometry=shapely.points(town.ground.points["incidents"].xy), crs="EPSG:3857")
    gpd.sjoin(points, areas, predicate="intersects")
    return float(part.area.sum()), float(streets.length.sum())


def timed(work: Callable[[], object]) -> tuple[float, object]:
    begun = time.perf_counter()
    answer = work()
    return time.perf_counter() - begun, answer


def _metres(frame: pd.DataFrame, crs: str) -> np.ndarray:
    return shapely.get_coordinates(
        gpd.GeoSeries.from_xy(frame["lon"], frame["lat"], crs="EPSG:4326").to_crs(crs).to_numpy()
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    for town in (wuda, helsinki):
        figures(town(), quick=quick)


if __name__ == "__main__":
    main()
