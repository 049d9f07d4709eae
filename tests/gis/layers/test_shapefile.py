"""Zipped shapefiles as Chinese systems write them: with and without .cpg, GBK or UTF-8, mixed cells, cut names."""

import struct
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

from gis.layers import ReadOptions, read_layer


def dbf(fields: list[tuple[bytes, int]], rows: list[list[bytes]], language: int = 0) -> bytes:
    """A dBase III table, byte by byte: what GDAL would never write."""
    size = 1 + sum(width for _, width in fields)
    head = struct.pack("<BBBBIHH16xBB2x", 3, 123, 1, 1, len(rows), 33 + 32 * len(fields), size, 0, language)
    for name, width in fields:
        head += struct.pack("<11sc4xBB14x", name[:10], b"C", width, 0)
    body = b"".join(
        b" " + b"".join(cell[:w].ljust(w) for cell, (_, w) in zip(row, fields, strict=True)) for row in rows
    )
    return head + b"\r" + body + b"\x1a"


def shapefile(folder: Path, table: bytes, *, count: int, cpg: str | None = None, prefix: str = "") -> Path:
    shapes = gpd.GeoDataFrame(
        {"a": range(count)},
        geometry=[box(106.7 + i / 100, 39.5, 106.709 + i / 100, 39.51) for i in range(count)],
        crs=4326,
    )
    shapes.to_file(folder / "x.shp")
    (folder / "x.dbf").write_bytes(table)
    (folder / "x.cpg").unlink(missing_ok=True)
    if cpg is not None:
        (folder / "x.cpg").write_text(cpg)
    with zipfile.ZipFile(folder / "upload.zip", "w") as archive:
        for part in sorted(folder.glob("x.*")):
            archive.write(part, f"{prefix}{part.name}")
    return folder / "upload.zip"


FIELDS = ("网格编码", "网格名称")


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
@pytest.mark.parametrize("cpg", [None, "GBK", "936", "ANSI 936", "OEM", "UTF-8"])
@pytest.mark.parametrize("language", [0, 0x4D])
def test_names_and_cells_are_read_whatever_the_sidecar_claims(
    tmp_path: Path, encoding: str, cpg: str | None, language: int
) -> None:
    table = dbf(
        [("编码".encode(encoding), 20), ("名称".encode(encoding), 30)],
        [[b"150304002001001", "富强社区第1网格".encode(encoding)]],
        language,
    )
    result = read_layer(shapefile(tmp_path, table, count=1, cpg=cpg), "areas")
    assert result.frame["name_zh"].tolist() == ["富强社区第1网格"]
    assert result.frame["code"].tolist() == ["150304002001001"]
    assert result.report.encoding == ("gb18030" if encoding == "gbk" else "utf-8")


def test_name_cut_inside_a_character_keeps_its_whole_part(tmp_path: Path) -> None:
    table = dbf([("网格编码".encode(), 20), ("名称".encode("gbk"), 20)], [[b"150304002001001", "富强".encode("gbk")]])
    result = read_layer(shapefile(tmp_path, table, count=1), "areas", options=ReadOptions(mapping={"code": "网格编"}))
    assert result.report.mapped["code"] == "网格编"
    assert result.frame["name_zh"].tolist() == ["富强"]


def test_cells_of_two_encodings_in_one_file(tmp_path: Path) -> None:
    rows = [[b"150304002001001", "富强网格".encode("gbk")], [b"150304002001002", "先锋网格".encode()]]
    table = dbf([(b"CODE", 20), (b"NAME", 30)], rows)
    result = read_layer(shapefile(tmp_path, table, count=2), "areas")
    assert result.frame["name_zh"].tolist() == ["富强网格", "先锋网格"]
    assert result.report.encoding == "mixed"


def test_shapefile_in_a_folder_with_a_chinese_name(tmp_path: Path) -> None:
    table = dbf([(b"CODE", 20), (b"NAME", 20)], [[b"150304002001001", "富强".encode("gbk")]])
    path = shapefile(tmp_path, table, count=1, prefix="网格数据/")
    assert read_layer(path, "areas").report.rows_ok == 1


def test_projected_shapefile_brings_its_own_datum(tmp_path: Path) -> None:
    portland = Path(__file__).resolve().parents[2] / "data" / "layers" / "portland_districts.zip"
    result = read_layer(portland, "areas", options=ReadOptions(level="street"))
    assert result.report.datum.datum == "EPSG:2913"
    west, south, east, north = result.frame.total_bounds
    assert -123 < west < east < -122
    assert 45 < south < north < 46
