"""OpenStreetMap files and street graphs: what becomes a street, which way it runs, whom it shuts out, and what means harm."""

import bz2
import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest

import gis.layers._process as process
from gis.errors import FileFormatError, HostileFileError
from gis.layers import DatumChoice, Limits, ReadOptions, read_layer
from gis.layers._graphml import read_graphml
from gis.layers._osm_whole import check_pbf, check_xml
from gis.layers.sniff import Sniffed, sniff
from gis.roads import build_network, travel_matrix
from tests.gis.layers import osm_maker
from tests.gis.layers.osm_maker import Node, Tags, Way

WEST, SOUTH = 106.70, 39.50


def nodes_at(*places: tuple[int, float, float]) -> list[Node]:
    return [(number, WEST + x / 1000, SOUTH + y / 1000, {}) for number, x, y in places]


TOWN_NODES: list[Node] = [
    *nodes_at((1, 0, 0), (2, 1, 0), (3, 2, 0), (4, 1, 1), (5, 2, 1), (6, 2, 2), (7, 1, 2), (8, 0, 3), (9, 1, 3)),
    (20, WEST, SOUTH, {"man_made": "surveillance", "surveillance:type": "camera", "camera:direction": "90"}),
    (21, WEST + 0.001, SOUTH, {"amenity": "school", "name": "第一小学"}),
]
TOWN_WAYS: list[Way] = [
    (101, [1, 2, 3], {"highway": "primary", "name": "团结街", "name:en": "Tuanjie Street", "lit": "yes"}),
    (102, [2, 4], {"highway": "residential", "oneway": "-1"}),
    (103, [4, 5, 6, 7, 4], {"highway": "pedestrian", "area": "yes", "name": "人民广场"}),
    (104, [8, 9], {"railway": "rail"}),
    (105, [5, 6, 7, 5], {"building": "yes", "building:levels": "4"}),
    (106, [3, 5, 6, 3], {"highway": "tertiary", "junction": "roundabout"}),
    (107, [7, 9], {"highway": "service", "access": "private", "foot": "yes"}),
    (108, [1, 8], {"waterway": "ditch"}),
]


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["town.osm.bz2", "town.osm.pbf", "town.zip"])
def test_the_town_is_the_same_in_every_kind_of_osm_file(tmp_path: Path, name: str) -> None:
    """Also under a misleading name: the content decides."""
    plain = osm_maker.xml(TOWN_NODES, TOWN_WAYS)
    packed = {
        ".bz2": bz2.compress(plain),
        ".pbf": osm_maker.pbf(TOWN_NODES, TOWN_WAYS),
        ".zip": osm_maker.pbf(TOWN_NODES, TOWN_WAYS, sorted_nodes=False),
    }
    result = read_layer(written(tmp_path / name, packed[Path(name).suffix]), "streets")
    frame = result.frame.set_index("id")
    assert sorted(frame.index) == ["101", "102", "103", "104", "106", "107"]
    assert frame["kind"].to_dict() == {
        "101": "primary", "102": "residential", "103": "pedestrian", "104": "rail", "106": "tertiary", "107": "service",
    }  # fmt: skip
    assert (frame.loc["101", "name_zh"], frame.loc["101", "name_en"]) == ("团结街", "Tuanjie Street")
    assert frame["oneway"].to_dict() == dict.fromkeys(frame.index, False) | {"102": True, "106": True}
    assert frame.loc["102", "geometry"].coords[0] == pytest.approx((WEST + 0.001, SOUTH + 0.001))
    assert frame["closed_to"].to_dict() == dict.fromkeys(frame.index, "") | {"107": "ebike car"}
    assert (result.report.datum.datum, result.report.datum.sure) == ("wgs84", 1.0)


def test_a_square_is_walked_along_its_outline(tmp_path: Path) -> None:
    """102 ends at the square and 107 leaves it on the other side."""
    frame = read_layer(written(tmp_path / "a.osm", osm_maker.xml(TOWN_NODES, TOWN_WAYS)), "streets").frame
    network = build_network(frame[frame["id"] != "106"], mode="foot", crs="EPSG:32648")
    ends = network.xy[[np.argmin(network.xy[:, 1]), np.argmax(network.xy[:, 1])]]
    seconds, _ = travel_matrix(network, ends)
    assert np.isfinite(seconds).all()


def test_nodes_out_of_order_lose_no_street(tmp_path: Path) -> None:
    """Editors and the OSM server write nodes in any order; GDAL's quick index would drop their ways in silence."""
    order = np.random.default_rng(5).permutation(300)
    nodes = nodes_at(*((int(i) + 1, float(i), float(i % 7)) for i in order))
    ways: list[Way] = [(1000 + i, [i, i + 1], {"highway": "residential"}) for i in range(1, 300)]
    for name, content in (("a.osm", osm_maker.xml(nodes, ways)), ("b", osm_maker.pbf(nodes, ways, sorted_nodes=False))):
        assert len(read_layer(written(tmp_path / name, content), "streets").frame) == 299


ONE_WAY: list[tuple[Tags, bool, bool]] = [
    ({"oneway": "yes"}, True, False),
    ({"oneway": "1"}, True, False),
    ({"oneway": "-1"}, True, True),
    ({"oneway": "reverse"}, True, True),
    ({"oneway": "no", "junction": "roundabout"}, False, False),
    ({"junction": "roundabout"}, True, False),
    ({"junction": "circular"}, True, False),
    ({"junction": "approach"}, False, False),
    ({"highway": "motorway"}, True, False),
    ({"highway": "motorway", "oneway": "no"}, False, False),
    ({"highway": "motorway_link"}, False, False),
    ({"oneway": "alternating"}, False, False),
    ({"oneway": "reversible"}, False, False),
    ({"oneway": "yes; no"}, False, False),
]
SHUT: list[tuple[Tags, str]] = [
    ({}, ""),
    ({"access": "private"}, "foot ebike car"),
    ({"access": "no", "foot": "yes"}, "ebike car"),
    ({"access": "private", "motor_vehicle": "permissive"}, "foot ebike"),
    ({"vehicle": "no"}, "ebike car"),
    ({"vehicle": "no", "bicycle": "designated"}, "car"),
    ({"motor_vehicle": "no"}, "car"),
    ({"motor_vehicle": "no", "motorcar": "yes"}, ""),
    ({"foot": "use_sidepath"}, "foot"),
    ({"bicycle": "dismount"}, ""),
    ({"access": "destination"}, ""),
    ({"access": "private;no"}, "foot ebike car"),
    ({"access": "private;yes"}, ""),
    ({"oneway": "reversible"}, "car"),
    ({"motor_vehicle": "forestry"}, "car"),
]


def test_direction_and_closure_follow_the_tags(tmp_path: Path) -> None:
    """Each case is a street of its own; the rule of each stands beside it."""
    cases = [*(tags for tags, *_ in ONE_WAY), *(tags for tags, _ in SHUT)]
    ways: list[Way] = [(100 + i, [1, 2], {"highway": "residential"} | tags) for i, tags in enumerate(cases)]
    nodes = nodes_at((1, 0, 0), (2, 1, 0))
    frame = read_layer(written(tmp_path / "a.osm", osm_maker.xml(nodes, ways)), "streets").frame
    turned = frame.geometry.map(lambda line: line.coords[0][0] > line.coords[-1][0])
    runs = list(zip(frame["oneway"], turned, strict=True))[: len(ONE_WAY)]
    assert runs == [(oneway, backward) for _, oneway, backward in ONE_WAY]
    assert frame["closed_to"].tolist()[len(ONE_WAY) :] == [shut for _, shut in SHUT]


def test_closures_come_in_chinese_and_come_back_from_our_own_export(tmp_path: Path) -> None:
    frame = read_layer(written(tmp_path / "a.osm", osm_maker.xml(TOWN_NODES, TOWN_WAYS)), "streets").frame
    frame.to_file(tmp_path / "own.geojson")
    again = read_layer(tmp_path / "own.geojson", "streets").frame
    assert again.set_index("id")["closed_to"].to_dict() == frame.set_index("id")["closed_to"].to_dict()
    words = ["机动车", "非机动车、行人", "全部", "禁行", "步行", ""]
    chinese = frame.assign(closed_to=words).rename(columns={"closed_to": "禁止通行"})
    chinese.to_file(tmp_path / "chinese.geojson")
    stated = read_layer(tmp_path / "chinese.geojson", "streets").frame["closed_to"].tolist()
    assert stated == ["car", "foot ebike", "foot ebike car", "foot ebike car", "foot", ""]


def test_buildings_cameras_and_places_come_from_the_same_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.osm", osm_maker.xml(TOWN_NODES, TOWN_WAYS))
    houses, cameras, places = (read_layer(path, kind).frame for kind in ("buildings", "cameras", "places"))
    assert houses[["id", "height_m"]].to_numpy().tolist() == [["105", 12.0]]
    assert cameras[["id", "azimuth"]].to_numpy().tolist() == [["20", 90.0]]
    assert places[["name_zh", "kind"]].to_numpy().tolist() == [["第一小学", "school"]]
    with pytest.raises(FileFormatError, match="streets, buildings, cameras, places"):
        read_layer(path, "areas")


def test_who_mapped_it_does_not_leave_the_reading_process(tmp_path: Path) -> None:
    path = written(tmp_path / "a.osm", osm_maker.xml(TOWN_NODES, TOWN_WAYS))
    for kind in ("streets", "cameras"):
        raw = process.read_raw(path, Limits(), kind)
        assert not {"user", "uid", "osm_user", "osm_uid", "osm_timestamp", "osm_changeset"} & set(raw.headers)
        assert "Zhang San" not in str([column.to_pylist() for column in raw.columns.values()])


def test_an_osm_file_is_not_asked_for_its_datum(tmp_path: Path) -> None:
    def propose(points: object) -> DatumChoice:
        raise AssertionError(points)

    path = written(tmp_path / "a.osm", osm_maker.xml(TOWN_NODES, TOWN_WAYS))
    assert read_layer(path, "cameras", options=ReadOptions(propose=propose)).report.datum.sure == 1.0


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE osm [<!ENTITY x SYSTEM "file:///etc/passwd">]><osm version="0.6"/>',
        '<?xml version="1.0"?><!DOCTYPE graphml [<!ENTITY a "b">]><graphml/>',
    ],
)
def test_xml_with_a_document_type_is_hostile(tmp_path: Path, text: str) -> None:
    with pytest.raises(HostileFileError):
        sniff(written(tmp_path / "a.osm", text.encode()), tmp_path, Limits())


@pytest.mark.parametrize(
    "text",
    [
        "<!--" + "x" * 70_000 + '--><!DOCTYPE osm [<!ENTITY x "y">]><osm version="0.6"/>',
        '<gpx creator="<osm "/>',
        "<osmose/>",
        '<html><osm version="0.6"/></html>',
    ],
)
def test_only_xml_whose_root_is_osm_within_sight_is_taken(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileFormatError):
        sniff(written(tmp_path / "a.osm", text.encode()), tmp_path, Limits())


def test_bombs_in_bzip2_and_packings_in_packings_are_refused(tmp_path: Path) -> None:
    bomb = bz2.compress(b"<osm>" + b" " * (40 << 20))
    twice = bz2.compress(gzip.compress(osm_maker.xml(TOWN_NODES, TOWN_WAYS)))
    for name, content in (("bomb", bomb), ("twice", twice)):
        with pytest.raises(HostileFileError):
            sniff(written(tmp_path / name, content), tmp_path, Limits())
    with pytest.raises(FileFormatError, match="damaged"):
        sniff(written(tmp_path / "cut", bz2.compress(b"<osm/>")[:-8]), tmp_path, Limits())


PBF = osm_maker.pbf(TOWN_NODES, TOWN_WAYS)
HEAD = osm_maker.blob("OSMHeader", b"")
DAMAGED = {
    "cut": (PBF[:-20], FileFormatError, "Block 2"),
    "cut in its header": (HEAD + b"\0\0", FileFormatError, "Block 2"),
    "one bit turned": (PBF[:-30] + bytes([PBF[-30] ^ 4]) + PBF[-29:], FileFormatError, "Block 2"),
    "noise": (HEAD + b"\0\0\0\x20" + bytes(range(200)), FileFormatError, "Block 2"),
    "longer than promised": (HEAD + osm_maker.blob("OSMData", b"x" * 1000, promised=10), FileFormatError, "Block 2"),
    "shorter than promised": (HEAD + osm_maker.blob("OSMData", b"x", promised=1000), FileFormatError, "Block 2"),
    "a promise of gigabytes": (HEAD + osm_maker.blob("OSMData", b"x", promised=1 << 31), HostileFileError, "32 MB"),
    "packed by lzma": (HEAD + osm_maker.framed("OSMData", b"\x10\x01\x22\x01x"), FileFormatError, "zlib"),
}


@pytest.mark.parametrize("name", list(DAMAGED))
def test_a_pbf_file_is_whole_or_refused(tmp_path: Path, name: str) -> None:
    content, error, words = DAMAGED[name]
    with pytest.raises(error, match=words):
        check_pbf(written(tmp_path / "a.pbf", content))


def test_a_whole_pbf_file_passes(tmp_path: Path) -> None:
    check_pbf(written(tmp_path / "a.pbf", PBF))


@pytest.mark.parametrize("share", [0.2, 0.9, 0.99])
def test_an_xml_file_cut_off_is_refused_and_not_read_in_part(tmp_path: Path, share: float) -> None:
    whole = osm_maker.xml(TOWN_NODES, TOWN_WAYS)
    with pytest.raises(FileFormatError, match="cut off at line"):
        check_xml(written(tmp_path / "cut.osm", whole[: int(len(whole) * share)]))


def test_faults_come_out_of_the_reading_process_in_words(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="Block 2"):
        read_layer(written(tmp_path / "a.pbf", PBF[:-20]), "streets")
    with pytest.raises(FileFormatError, match="holds no streets"):
        read_layer(written(tmp_path / "none.osm", osm_maker.xml(TOWN_NODES, [])), "streets")


GRAPH = """<?xml version='1.0' encoding='utf-8'?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d0" for="graph" attr.name="crs" attr.type="string"/><key id="d1" for="node" attr.name="x" attr.type="string"/>
<key id="d2" for="node" attr.name="y" attr.type="string"/><key id="d3" for="edge" attr.name="osmid" attr.type="string"/>
<key id="d4" for="edge" attr.name="highway" attr.type="string"/><key id="d5" for="edge" attr.name="oneway" attr.type="string"/>
<key id="d6" for="edge" attr.name="geometry" attr.type="string"/>
<graph edgedefault="directed"><data key="d0">EPSG:4545</data>
<node id="1"><data key="d1">500000</data><data key="d2">4370000</data></node>
<node id="2"><data key="d1">500100</data><data key="d2">4370000</data></node>
<edge source="1" target="2"><data key="d3">[7001, 7002]</data><data key="d4">['residential', 'tertiary']</data>
<data key="d5">True</data></edge>
<edge source="2" target="1"><data key="d3">7003</data><data key="d4">primary</data>
<data key="d6">LINESTRING (500100 4370000, 500050 4370050, 500000 4370000)</data></edge>
</graph></graphml>"""


def test_a_street_graph_in_graphml_gives_its_edges(tmp_path: Path) -> None:
    frame = read_layer(written(tmp_path / "a.graphml", GRAPH.encode()), "streets").frame.to_crs(4545)
    assert frame[["id", "kind", "oneway"]].to_numpy().tolist() == [
        ["7001", "residential", True],
        ["7003", "primary", False],
    ]
    assert frame.length.tolist() == pytest.approx([100.0, 2 * np.hypot(50, 50)], abs=1e-3)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [('<data key="d1">500100</data>', "", "damaged"), ("LINESTRING", "LINE", "damaged"), ("<edge", "<!--", "damaged")],
)
def test_a_graph_without_places_or_with_broken_lines_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = written(tmp_path / "a.graphml", GRAPH.replace(old, new, 1).encode())
    with pytest.raises(FileFormatError, match=words):
        read_graphml(Sniffed("GraphML", path), Limits(), tmp_path)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "ways", "main_share"),
    [
        ("andorra.osm.gz", 1617, 0.8),
        ("andorra.osm.pbf", 1618, 0.8),
        ("campo-grande.osm.gz", 4095, 0.94),
        ("monaco.osm.gz", 869, 0.98),
        ("moscow.osm.gz", 669, 0.92),
        ("West-Oakland.osm.bz2", 33, 0.95),
        ("nyc_graph.graphml", 73, 0.99),
    ],
)
def test_real_street_files_become_connected_graphs(
    shared_data: Path, tmp_path: Path, name: str, ways: int, main_share: float
) -> None:
    path = shutil.copyfile(shared_data / "patrol/streets" / name, tmp_path / "upload.bin")
    result = read_layer(path, "streets")
    network = build_network(result.frame, mode="foot", crs=result.frame.estimate_utm_crs())
    assert (len(result.frame), result.report.rows_rejected) == (ways, 0)
    assert network.report.main_share > main_share
