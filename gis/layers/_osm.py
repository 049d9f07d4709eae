"""OpenStreetMap files in the reading process: XML and PBF through GDAL, only the layer and the tags that are asked for.

Who mapped what and when (``user``, ``uid``, ``timestamp``, ``changeset``) is never read.
"""

from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import shapely

from gis.errors import FileFormatError
from gis.layers._child import GEOMETRY, Handed
from gis.layers._osm_whole import check_pbf, check_xml
from gis.layers._shapes import as_handed, check_drivers, damaged_file, read_layer_texts
from gis.layers.options import Limits
from gis.layers.sniff import Sniffed

_SORTED = b"Sort.Type_then_ID"
"""A PBF header says so when nodes come by rising number."""
_NAMES = "name,name:zh,name:en"
_STREET_TAGS = f"highway,railway,{_NAMES},oneway,junction,access,foot,bicycle,vehicle,motor_vehicle,motorcar,lit"
_CAMERA_TAGS = (
    "man_made,name,surveillance,surveillance:type,surveillance:zone,camera:type,camera:mount,camera:direction,"
    "camera:angle,direction,height"
)


class _Part(NamedTuple):
    """What to take of one of GDAL's OSM layers."""

    layer: str
    where: str
    as_outline: bool = False


_WANTED: dict[str, tuple[_Part, ...]] = {
    # A square mapped as an area is walked along its outline: without it the streets that end there would not meet.
    "streets": (
        _Part("lines", "highway IS NOT NULL OR railway IS NOT NULL"),
        _Part("multipolygons", "highway IN ('pedestrian', 'footway')", as_outline=True),
    ),
    "buildings": (_Part("multipolygons", "building IS NOT NULL"),),
    "cameras": (_Part("points", "man_made = 'surveillance'"),),
    "places": (_Part("points", "amenity IS NOT NULL OR shop IS NOT NULL"),),
}
_TAGS = {
    "streets": {"lines": _STREET_TAGS, "multipolygons": _STREET_TAGS},
    "buildings": {"multipolygons": "building,height,building:levels"},
    "cameras": {"points": _CAMERA_TAGS},
    "places": {"points": f"{_NAMES},amenity,shop"},
}


def read_osm(found: Sniffed, limits: Limits, work: Path, kind: str) -> Handed:  # noqa: ARG001
    """The objects of an OSM file that one layer of ours needs, one row each.

    Raises
    ------
    FileFormatError
        Damaged, not what it was told to be, or of no use for this layer.
    """
    if kind not in _WANTED:
        raise FileFormatError(
            zh=f"从 OSM 文件可读取:{'、'.join(_WANTED)};“{kind}”请用其他格式。",
            en=f"An OSM file gives {', '.join(_WANTED)}; bring '{kind}' in another format.",
        )
    check_whole = check_pbf if found.format == "OSM PBF" else check_xml
    check_whole(found.path)
    import pyogrio

    check_drivers(set(pyogrio.list_drivers()))
    # GDAL goes by the name here; ours is the one the content has earned.
    source = work / ("map.osm.pbf" if found.format == "OSM PBF" else "map.osm")
    source.symlink_to(found.path.resolve())
    options = {"CONFIG_FILE": str(_configured(kind, work)), "USE_CUSTOM_INDEXING": _quick_index(found)}
    try:
        if pyogrio.read_info(str(source), layer=_WANTED[kind][0].layer, **options)["driver"] != "OSM":
            raise damaged_file(found.format)
        parts = [_part(pyogrio, str(source), part, options) for part in _WANTED[kind]]
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        ValueError,
        RuntimeError,
        pa.ArrowException,
    ) as error:
        raise damaged_file(found.format) from error
    table = pa.concat_tables(parts, promote_options="default")
    if not table.num_rows:
        raise FileFormatError(zh=f"OSM 文件中没有“{kind}”。", en=f"The OSM file holds no {kind}.")
    names = [name for name in table.column_names if name != GEOMETRY and _says_something(table[name])]
    return as_handed(table, names, encoding="utf-8", crs="EPSG:4326", notes=[])


def _configured(kind: str, work: Path) -> Path:
    """GDAL's OSM settings: which tags become columns. Closed ways are lines unless a tag of an area says otherwise."""
    lines = ["closed_ways_are_polygons=building", "attribute_name_laundering=no"]
    for layer, tags in _TAGS[kind].items():
        lines += [f"[{layer}]", "osm_id=yes", f"attributes={tags}", "other_tags=no"]
    target = work / "osmconf.ini"
    target.write_text("\n".join(lines), encoding="ascii")
    return target


def _quick_index(found: Sniffed) -> str:
    """GDAL's quick node index loses every node out of order, without a word; only a file that promises the order gets it."""
    if found.format != "OSM PBF":
        return "NO"
    with found.path.open("rb") as file:
        return "YES" if _SORTED in file.read(4096) else "NO"


def _part(pyogrio: Any, source: str, part: _Part, options: dict[str, str]) -> pa.Table:
    _, table = read_layer_texts(pyogrio, source, part.layer, {"where": part.where, **options})
    if "osm_way_id" in table.column_names:
        # Areas made of one way carry its number here, those of a relation carry the relation's.
        of_way = table["osm_way_id"]
        relation = pc.binary_join_element_wise("r", table["osm_id"], "")
        ids = pc.if_else(pc.equal(of_way, ""), relation, of_way)
        table = table.drop_columns(["osm_way_id"]).set_column(table.column_names.index("osm_id"), "osm_id", ids)
    if part.as_outline and table.num_rows:
        outlines = shapely.to_wkb(shapely.boundary(shapely.from_wkb(table[GEOMETRY].to_pylist())))
        at = table.column_names.index(GEOMETRY)
        table = table.set_column(at, GEOMETRY, pa.chunked_array([pa.array(outlines, pa.binary())]))
    return table


def _says_something(column: pa.ChunkedArray) -> bool:
    return bool(pc.any(pc.not_equal(pc.fill_null(column, ""), "")).as_py())
