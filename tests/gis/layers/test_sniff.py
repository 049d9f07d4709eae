"""Formats by content, and files that mean harm."""

import contextlib
import gzip
import os
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from gis.errors import FileFormatError, HostileFileError, InputError
from gis.layers import Limits, ReadOptions, read_layer
from gis.layers.sniff import sniff

KML = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document></Document></kml>'


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("content", "format_name"),
    [
        (b"a,b\n1,2\n", "CSV"),
        ("编号,经度\n".encode("gbk"), "CSV"),
        ("a,b\n".encode("utf-16"), "CSV"),
        (b'{"type": "FeatureCollection", "features": []}', "GeoJSON"),
        (
            b'{"type":"Feature","geometry":null,"properties":{}}\n{"type":"Feature","geometry":null,"properties":{}}\n',
            "GeoJSONSeq",
        ),
        (KML.encode(), "KML"),
        (b"PAR1....PAR1", "GeoParquet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "XLS"),
    ],
)
def test_format_is_told_by_content_and_not_by_name(tmp_path: Path, content: bytes, format_name: str) -> None:
    path = tmp_path / "upload.shp"
    path.write_bytes(content)
    assert sniff(path, tmp_path, Limits()).format == format_name


def test_vrt_renamed_geojson_reads_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("lon,lat,time,category\n1,2,3,4\n")
    path = tmp_path / "a.geojson"
    path.write_text(
        f"<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>{tmp_path}/secret.csv</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    with pytest.raises(HostileFileError):
        read_layer(path, "incidents")


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml xmlns="http://www.opengis.net/kml/2.2"/>',
        '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline read /etc/passwd"}',
        "<OGRVRTDataSource/>",
    ],
)
def test_formats_that_reach_outside_are_hostile(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.kml").write_text(text)
    with pytest.raises(HostileFileError):
        sniff(tmp_path / "a.kml", tmp_path, Limits())


def test_entity_beyond_the_head_of_a_kml_is_refused_too(tmp_path: Path) -> None:
    text = KML.replace("<Document>", f"<!--{'x' * 70_000}--><!ENTITY a 'b'><Document>")
    (tmp_path / "a.kml").write_text(text)
    with pytest.raises(HostileFileError):
        read_layer(tmp_path / "a.kml", "areas", options=ReadOptions(level="street"))


@pytest.mark.parametrize("name", ["../x.shp", "/etc/x.shp", "a/../../x.shp", "C:\\x.shp", "..\\x.shp"])
def test_path_out_of_an_archive_is_hostile(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "a.zip", {name: b"x"})
    with pytest.raises(HostileFileError):
        sniff(path, tmp_path, Limits())


def test_symbolic_link_in_an_archive_is_hostile(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("x.shp")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(HostileFileError):
        sniff(tmp_path / "a.zip", tmp_path, Limits())


def test_bombs_by_ratio_total_and_count_are_refused(tmp_path: Path) -> None:
    ratio = zipped(tmp_path / "ratio.zip", {"x.shp": b"\0" * (8 << 20)})
    total = zipped(tmp_path / "total.zip", {f"{i}.shp": os.urandom(5000) for i in range(5)})
    count = zipped(tmp_path / "count.zip", {f"{i}.shp": b"x" for i in range(20)})
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * (8 << 20)))
    for path, limits in (
        (ratio, Limits()),
        (total, Limits(unpacked_bytes=20_000)),
        (count, Limits(members=10)),
        (packed, Limits()),
    ):
        with pytest.raises(HostileFileError):
            sniff(path, tmp_path, limits)


def test_workbook_that_is_a_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "a.xlsx",
        {"[Content_Types].xml": b"x", "xl/workbook.xml": b"x", "xl/worksheets/sheet1.xml": b" " * (30 << 20)},
    )
    with pytest.raises(HostileFileError):
        read_layer(path, "incidents")


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b"SQLite format 3\x00" + b"\0" * 100, b"PK\x03\x04broken", b'{"a": 1}', b"<html></html>",
     b"PAR1broken", b"\x1f\x8bbroken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1broken", b'{"type": "FeatureCollection", "features": [{'],
)  # fmt: skip
def test_broken_or_foreign_file_is_a_format_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.bin").write_bytes(content)
    with pytest.raises(FileFormatError) as caught:
        read_layer(tmp_path / "a.bin", "areas", options=ReadOptions(level="street"))
    assert caught.value.zh
    assert caught.value.en


def test_gzip_in_gzip_is_hostile(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(gzip.compress(b"a,b\n")))
    with pytest.raises(HostileFileError):
        sniff(tmp_path / "a.gz", tmp_path, Limits())


def test_kml_with_network_link_asks_nobody(tmp_path: Path) -> None:
    asked = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    link = f"<NetworkLink><Link><href>http://127.0.0.1:{server.server_port}/x.kml</href></Link></NetworkLink>"
    areas = gpd.GeoDataFrame({"Name": ["一"]}, geometry=[box(0, 0, 1, 1)], crs=4326)
    areas.to_file(tmp_path / "a.kml", driver="LIBKML")
    text = (tmp_path / "a.kml").read_text(encoding="utf-8")
    (tmp_path / "a.kml").write_text(text.replace("<Placemark", f"{link}<Placemark", 1), encoding="utf-8")
    read = read_layer(tmp_path / "a.kml", "areas", options=ReadOptions(level="street"))
    server.shutdown()
    server.server_close()
    thread.join()
    assert read.report.rows_ok == 1
    assert asked == []


def test_time_limit_stops_the_reader(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n")
    with pytest.raises(FileFormatError, match="stopped"):
        read_layer(tmp_path / "a.csv", "incidents", options=ReadOptions(limits=Limits(wall_s=0.01)))


def test_memory_limit_stops_the_reader(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n" + b"1,2\n" * 20_000_00)
    with pytest.raises(FileFormatError):
        read_layer(tmp_path / "a.csv", "incidents", options=ReadOptions(limits=Limits(memory_bytes=300 << 20)))


def test_row_limit_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n" + b"1,2\n" * 50)
    with pytest.raises(FileFormatError, match="50 rows"):
        read_layer(tmp_path / "a.csv", "incidents", options=ReadOptions(limits=Limits(rows=10)))


STARTS = [b"", b"PK\x03\x04", b"SQLite format 3\x00", b"PAR1", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b\x08", b"<kml>",
          b'{"type":"FeatureCollection","features":[', b"\xff\xfe", b"lon,lat,time,category\n", "经度,纬度,时间,类别\n".encode("gbk")]  # fmt: skip


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=400))
def test_random_bytes_give_a_result_or_an_input_error(tmp_path: Path, start: bytes, rest: bytes) -> None:
    path = tmp_path / "fuzz.bin"
    path.write_bytes(start + rest)
    with contextlib.suppress(InputError):
        read_layer(path, "incidents")
