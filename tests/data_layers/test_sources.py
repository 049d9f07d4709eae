"""What SOURCES says of the files is true: names, counts, size, both languages."""

import gzip
import json
import re
from pathlib import Path

import pytest

LIMIT = 10 * 1024 * 1024


def rows_of(path: Path) -> int:
    if path.suffix == ".geojson":
        return len(json.loads(path.read_text("utf-8"))["features"])
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return text.count(b"\n") - 1


@pytest.mark.parametrize("name", ["SOURCES.md", "SOURCES.zh.md"])
def test_sources_name_every_file_with_its_rows(name: str, layers_folder: Path) -> None:
    text = (layers_folder / name).read_text("utf-8")
    for path in layers_folder.iterdir():
        if path.suffix == ".md":
            continue
        (line,) = [line for line in text.splitlines() if line.startswith(f"| {path.name} ")]
        numbers = [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", line.split("|")[2])]
        count = rows_of(path)
        assert count in (numbers[0], sum(numbers), sum(numbers[:2])), (path.name, count)


def test_sample_is_small(layers_folder: Path) -> None:
    assert sum(path.stat().st_size for path in layers_folder.iterdir()) < LIMIT


def test_every_excerpt_has_a_source() -> None:
    folder = Path(__file__).resolve().parents[1] / "data"
    text = (folder / "SOURCES.md").read_text("utf-8")
    for path in folder.glob("*/*"):
        if path.parent.name in ("wuda", "toronto_like", "osm"):
            assert path.name in text, path.name
    for name in ("roads", "buildings"):
        assert "ODbL" in json.loads((folder / "osm" / f"{name}.geojson").read_text("utf-8"))["attribution"]
