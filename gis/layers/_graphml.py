"""Street graphs in GraphML (osmnx, momepy) in the reading process: each edge a row, its line drawn or straight.

XML with a document type is refused before this; nothing outside the file is opened.
"""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pyarrow as pa
import shapely

from gis.errors import FileFormatError
from gis.layers._child import GEOMETRY, Handed
from gis.layers._shapes import as_handed, damaged_file
from gis.layers.options import Limits
from gis.layers.sniff import Sniffed

_NS = "{http://graphml.graphdrawing.org/xmlns}"
_FIRST_OF_LIST = re.compile(r"^\[\s*'?([^',\]]*)")


def read_graphml(found: Sniffed, limits: Limits, work: Path) -> Handed:  # noqa: ARG001
    """The edges of a street graph as lines.

    Raises
    ------
    FileFormatError
        Damaged, or nodes without ``x`` and ``y``.
    """
    keys: dict[str, str] = {}
    about: dict[str, str] = {}
    nodes: dict[str, tuple[float, float]] = {}
    rows: list[dict[str, str]] = []
    lines: list[bytes] = []
    try:
        for _, element in ElementTree.iterparse(found.path):  # noqa: S314 - no document type, limits of the process
            tag = element.tag.removeprefix(_NS)
            if tag == "key":
                keys[element.get("id", "")] = element.get("attr.name", "")
            elif tag in ("node", "edge"):
                row = _values(element, keys)
                if tag == "node":
                    nodes[element.get("id", "")] = (float(row["x"]), float(row["y"]))
                else:
                    lines.append(_line(row, nodes, element.get("source", ""), element.get("target", "")))
                    rows.append({name: _first(text) for name, text in row.items() if name != GEOMETRY})
                element.clear()
            elif tag == "graph":
                about = _values(element, keys)
    except (ElementTree.ParseError, KeyError, ValueError, shapely.errors.GEOSException) as error:
        raise damaged_file(found.format) from error
    if not rows:
        raise FileFormatError(zh="GraphML 文件中没有边。", en="The GraphML file holds no edge.")
    names = sorted({name for row in rows for name in row})
    columns = {name: pa.array([row.get(name, "") for row in rows], pa.string()) for name in names}
    table = pa.table(columns | {GEOMETRY: pa.array(lines, pa.binary())})
    return as_handed(table, names, encoding="utf-8", crs=about.get("crs", ""), notes=[])


def _values(element: ElementTree.Element, keys: dict[str, str]) -> dict[str, str]:
    found = element.findall(f"{_NS}data")
    return {keys.get(data.get("key", ""), data.get("key", "")): (data.text or "").strip() for data in found}


def _line(row: dict[str, str], nodes: dict[str, tuple[float, float]], source: str, target: str) -> bytes:
    drawn = row.get(GEOMETRY)
    line = shapely.from_wkt(drawn) if drawn else shapely.LineString([nodes[source], nodes[target]])
    return bytes(shapely.to_wkb(line))


def _first(text: str) -> str:
    """Osmnx writes lists where it has joined several ways of one street: the first one speaks."""
    listed = _FIRST_OF_LIST.match(text)
    return listed.group(1).strip() if listed else text
