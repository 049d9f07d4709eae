"""The generator: the same seed gives the same bytes, another seed another town, and the shipped files are its output."""

import gzip
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = ("streets.geojson", "buildings.geojson", "places.csv", "cameras.csv", "incidents.csv.gz")


def run(out: Path, *more: str) -> dict[str, str]:
    """Digest of each file that the generator writes; of the CSV within the gzip, whose frame depends on the zlib."""
    command = [sys.executable, str(ROOT / "data" / "generator" / "make_sample.py"), "--out", str(out), *more]
    subprocess.run(command, check=True, capture_output=True)
    return digests(out)


def digests(folder: Path) -> dict[str, str]:
    found = {}
    for name in FILES:
        data = (folder / name).read_bytes()
        found[name] = hashlib.sha256(gzip.decompress(data) if name.endswith(".gz") else data).hexdigest()
    return found


@pytest.mark.long
def test_same_seed_same_bytes(tmp_path: Path) -> None:
    first = run(tmp_path / "a", "--incidents", "800", "--seed", "7")
    second = run(tmp_path / "b", "--incidents", "800", "--seed", "7")
    assert first == second


def test_other_incidents_leave_the_town_as_it_is(tmp_path: Path, layers_folder: Path) -> None:
    """Also shows that streets, buildings, places and cameras of the shipped sample come from the shipped seed."""
    fewer, shipped = run(tmp_path, "--incidents", "500"), digests(layers_folder)
    assert {n: fewer[n] for n in FILES[:4]} == {n: shipped[n] for n in FILES[:4]}
    assert fewer[FILES[4]] != shipped[FILES[4]]


@pytest.mark.long
def test_shipped_files_are_the_generators_output(tmp_path: Path, layers_folder: Path) -> None:
    assert run(tmp_path) == digests(layers_folder)
