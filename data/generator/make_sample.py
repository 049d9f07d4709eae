"""Make the simulated layers of the sample district: streets, buildings, places, cameras and 60,000 incidents.

Usage: python data/generator/make_sample.py [--out FOLDER] [--seed N] [--incidents N]

Everything follows from data/layers/areas.geojson and the seed, so the same call writes the same bytes. The method is told
in docs/methods/sample.md. Nothing here is measured: no street, building, camera, place or incident of it exists.
"""

import argparse
from pathlib import Path

import numpy as np
from wuda.addresses import Addresses
from wuda.buildings import make_buildings
from wuda.cameras import make_cameras, make_register
from wuda.ground import Ground
from wuda.incidents import World, make_incidents, make_sites
from wuda.light import light_cameras, light_streets
from wuda.places import make_places
from wuda.streets import make_streets
from wuda.write import write_csv, write_geojson

LAYERS = Path(__file__).resolve().parent.parent / "layers"
SEED = 20231101


def build(out: Path, *, seed: int = SEED, incidents: int = 60_000) -> None:
    """Write every simulated layer into a folder.

    Each layer has its own generator of random numbers, so that more incidents leave streets and buildings as they were.
    """
    out.mkdir(parents=True, exist_ok=True)
    streams = np.random.default_rng(seed).spawn(7)
    for_streets, for_houses, for_places, for_cameras, for_incidents, for_register, for_light = streams
    ground = Ground.read(LAYERS / "areas.geojson")
    streets = make_streets(ground, for_streets)
    places, houses = make_places(ground, make_buildings(ground, streets, for_houses), streets, for_places)
    cameras = make_cameras(ground, streets, houses, places, for_cameras, wanted=800)
    places = places.assign(address=Addresses(streets).of(places.geometry.to_numpy()))
    world = World(ground, streets, houses, places, cameras, make_sites(ground, for_incidents))
    write_geojson(light_streets(streets, for_light), out / "streets.geojson")
    write_geojson(houses, out / "buildings.geojson")
    write_csv(places[["id", "name_zh", "name_en", "kind", "address", "geometry"]], out / "places.csv")
    write_csv(light_cameras(make_register(cameras, for_register), for_light), out / "cameras.csv")
    write_csv(make_incidents(world, for_incidents, wanted=incidents), out / "incidents.csv.gz")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=LAYERS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--incidents", type=int, default=60_000)
    asked = parser.parse_args()
    build(asked.out, seed=asked.seed, incidents=asked.incidents)
