"""How QGIS is to draw a layer: a style file (QML) of classes with colours, names in the reader's language, titles of columns.

It writes the XML that QGIS 3 reads: symbols with ``Option`` maps, and ``prop`` elements beside them for versions before 3.26.
It draws nothing itself and knows no data.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
VERSION = "3.22.0"
"""The oldest QGIS whose reading of the file is followed; later ones read older files."""

_LINE_MM = 0.46


@dataclass(frozen=True)
class StyleClass:
    """One entry of the legend.

    Parameters
    ----------
    value
        Of the column, as text; the empty text stands for all other values.
    label
        What the legend calls it.
    colour
        ``#rrggbb``.
    opacity
        Of the area, 0 to 1; the outline is opaque.
    dashed
        The outline is dashed.
    """

    value: str
    label: str
    colour: str
    opacity: float = 0.35
    dashed: bool = False


@dataclass(frozen=True)
class LayerStyle:
    """Polygons coloured by one column.

    Parameters
    ----------
    column
        Whose values are classes.
    classes
        In order of the legend.
    written
        Column whose value is written on each polygon; empty for none.
    """

    column: str
    classes: tuple[StyleClass, ...]
    written: str = ""


def qml(style: LayerStyle, titles: Mapping[str, str]) -> str:
    """A style file as text.

    Parameters
    ----------
    titles
        Title of each column of the layer, by name and in order.
    """
    root = ET.Element(
        "qgis",
        version=VERSION,
        styleCategories="Symbology|Labeling|Fields",
        labelsEnabled="1" if style.written else "0",
    )
    renderer = ET.SubElement(
        root, "renderer-v2", type="categorizedSymbol", attr=style.column, symbollevels="0", enableorderby="0",
        forceraster="0",
    )  # fmt: skip
    categories, symbols = ET.SubElement(renderer, "categories"), ET.SubElement(renderer, "symbols")
    for number, each in enumerate(style.classes):
        ET.SubElement(categories, "category", value=each.value, label=each.label, symbol=str(number), render="true")
        _symbol(symbols, number, each)
    if style.written:
        _labels(root, style.written)
    _aliases(root, titles)
    ET.SubElement(root, "layerGeometryType").text = "2"
    ET.indent(root)
    return DOCTYPE + ET.tostring(root, encoding="unicode") + "\n"


def embed_in_geopackage(path: Path, layer: str, text: str, *, title: str) -> None:
    """Put a style into a GeoPackage's table ``layer_styles``, from which QGIS takes it by itself.

    Parameters
    ----------
    layer
        Table that it is of.
    title
        What the style is called, its first 30 letters.
    """
    with closing(sqlite3.connect(path)) as file, file:
        (geometry,) = file.execute(
            "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
        ).fetchone()
        file.execute(
            "CREATE TABLE IF NOT EXISTS layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,"
            " f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),"
            " styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30),"
            " ui TEXT(30), update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"
        )
        # A table that the contents do not name is no table of a GeoPackage.
        file.execute(
            "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier) VALUES"
            " ('layer_styles', 'attributes', 'layer_styles')"
        )
        file.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,"
            " styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '')",
            (layer, geometry, title[:30], text, title),
        )


def _symbol(symbols: ET.Element, number: int, style: StyleClass) -> None:
    symbol = ET.SubElement(
        symbols, "symbol", type="fill", name=str(number), alpha="1", clip_to_extent="1", force_rhr="0"
    )
    layer = ET.SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "locked": "0", "pass": "0"})
    options = {
        "color": _rgba(style.colour, style.opacity),
        "style": "solid" if style.opacity > 0 else "no",
        "joinstyle": "bevel",
        "offset": "0,0",
        "offset_unit": "MM",
        "outline_color": _rgba(style.colour, 1.0),
        "outline_style": "dash" if style.dashed else "solid",
        "outline_width": f"{_LINE_MM:g}",
        "outline_width_unit": "MM",
    }
    kept = ET.SubElement(layer, "Option", type="Map")
    for name, value in options.items():
        ET.SubElement(kept, "Option", type="QString", name=name, value=value)
    for name, value in options.items():
        ET.SubElement(layer, "prop", k=name, v=value)


def _rgba(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"


def _labels(root: ET.Element, column: str) -> None:
    labelling = ET.SubElement(root, "labeling", type="simple")
    settings = ET.SubElement(labelling, "settings", calloutType="simple")
    text = ET.SubElement(
        settings, "text-style", fieldName=column, isExpression="0", fontSize="10", fontSizeUnit="Point",
        textColor="30,30,30,255", textOpacity="1",
    )  # fmt: skip
    ET.SubElement(
        text, "text-buffer", bufferDraw="1", bufferSize="1", bufferSizeUnits="MM", bufferColor="255,255,255,255",
        bufferOpacity="1",
    )  # fmt: skip
    # 1 is over the polygon's middle.
    ET.SubElement(settings, "placement", placement="1", centroidInside="1", centroidWhole="1")


def _aliases(root: ET.Element, titles: Mapping[str, str]) -> None:
    fields = ET.SubElement(root, "fieldConfiguration")
    aliases = ET.SubElement(root, "aliases")
    for index, (name, title) in enumerate(titles.items()):
        ET.SubElement(fields, "field", name=name, configurationFlags="None")
        ET.SubElement(aliases, "alias", field=name, name=title, index=str(index))
