"""A style file holds what QGIS documents: classes that name symbols, symbols with colours, titles of columns."""

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyogrio
import pytest
import shapely

from gis.exports import FORMATS, layer_style, write_layer
from gis.exports.qml import DOCTYPE, LayerStyle, StyleClass, qml
from gis.exports.styles import CHANGES, TREND_COLOURS, style_of
from gis.hotspots import CLASSES


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    """Three hot spots, one of each kind."""
    shapes = [shapely.box(106.7 + n / 100, 39.5, 106.705 + n / 100, 39.505) for n in range(3)]
    told = {"id": ["HS-a", "HS-b", "HS-c"], "rank": [1, 2, 3], "change": ["new", "persistent", "dissolved"]}
    return gpd.GeoDataFrame(told, geometry=shapes, crs="EPSG:4326")


def parsed(text: str) -> ET.Element:
    assert text.startswith(DOCTYPE)
    return ET.fromstring(text)


def check(root: ET.Element, column: str, labels: list[str]) -> None:
    """As QGIS reads it (qgsvectorlayer and qgscategorizedsymbolrenderer of its documentation)."""
    renderer = root.find("renderer-v2")
    assert root.tag == "qgis"
    assert renderer is not None
    assert (renderer.get("type"), renderer.get("attr")) == ("categorizedSymbol", column)
    categories = renderer.findall("categories/category")
    assert [each.get("label") for each in categories] == labels
    symbols = {each.get("name"): each for each in renderer.findall("symbols/symbol")}
    assert {each.get("symbol") for each in categories} == set(symbols)
    for symbol in symbols.values():
        assert (symbol.get("type"), symbol.find("layer").get("class")) == ("fill", "SimpleFill")
        options = {each.get("name"): each.get("value") for each in symbol.findall("layer/Option/Option")}
        props = {each.get("k"): each.get("v") for each in symbol.findall("layer/prop")}
        assert options == props
        for name in ("color", "outline_color"):
            assert [0 <= int(part) <= 255 for part in options[name].split(",")] == [True] * 4
        assert options["outline_style"] in ("solid", "dash")
    assert root.findtext("layerGeometryType") == "2"


@pytest.mark.parametrize(("lang", "at"), [("zh", 0), ("en", 1)])
def test_legend_classes_are_named_in_the_chosen_language(lang: str, at: int) -> None:
    root = parsed(layer_style(["id", "rank", "change"], layer="hotspot_areas", lang=lang))
    check(root, "change", [told[at] for told in CHANGES.values()])
    aliases = {each.get("field"): each.get("name") for each in root.findall("aliases/alias")}
    assert aliases["rank"] == ("名次", "rank")[at]
    assert root.find("labeling/settings/text-style").get("fieldName") == "rank"
    trends = parsed(layer_style(["code", "class"], layer="hotspot_trends", lang=lang))
    check(trends, "class", [names[at] for names in CLASSES])


def test_every_trend_has_a_colour_of_its_own_and_other_layers_have_no_style() -> None:
    assert len(set(TREND_COLOURS)) == len(CLASSES)
    assert style_of("areas", "zh") is None
    assert layer_style(["id"], layer="places", lang="zh") == ""


def test_labels_with_signs_of_markup_stay_text() -> None:
    style = LayerStyle("kind", (StyleClass("a<b", 'x & "y"', "#102030"),))
    category = parsed(qml(style, {"kind": "<kind>"})).find("renderer-v2/categories/category")
    assert (category.get("value"), category.get("label")) == ("a<b", 'x & "y"')


def test_a_geopackage_brings_its_style_and_stays_one_layer_of_shapes(areas: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = write_layer(areas, tmp_path / "a.gpkg", layer="hotspot_areas", format="gpkg", lang="en", title="Hot spots")
    with closing(sqlite3.connect(path)) as file:
        rows = file.execute(
            "SELECT f_table_name, f_geometry_column, styleName, useAsDefault, styleQML FROM layer_styles"
        )
        ((table, geometry, name, default, text),) = rows.fetchall()
    assert (table, geometry, name, default) == ("hotspot_areas", "geom", "Hot spots", 1)
    check(parsed(text), "change", [told[1] for told in CHANGES.values()])
    kinds = dict(pyogrio.list_layers(path))
    assert kinds == {"hotspot_areas": "Polygon", "layer_styles": None}
    assert len(gpd.read_file(path, layer="hotspot_areas")) == 3


def test_a_shapefile_has_its_style_beside_it_under_the_same_name(areas: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = write_layer(areas, tmp_path / "a.zip", layer="hotspot_areas", format="shp", lang="zh")
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        check(parsed(archive.read("hotspot_areas.qml").decode("utf-8")), "change", [t[0] for t in CHANGES.values()])
    assert {"hotspot_areas.shp", "hotspot_areas.qml", "legend.txt"} <= names
    plain = write_layer(areas[["id", "geometry"]], tmp_path / "b.zip", layer="areas", format="shp")
    with zipfile.ZipFile(plain) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".qml")]


def test_every_format_takes_the_layer(areas: gpd.GeoDataFrame, tmp_path: Path) -> None:
    for file_format, (suffix, _) in FORMATS.items():
        path = write_layer(areas, tmp_path / f"x{suffix}", layer="hotspot_areas", format=file_format)
        assert path.stat().st_size > 0
