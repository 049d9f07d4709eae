"""Cut and write the small files of tests/data/wuda, tests/data/toronto_like and tests/data/osm.

Usage: python data/generator/make_excerpts.py FOLDER, where FOLDER holds osm_shanghai_roads.geojson and
osm_shanghai_buildings.geojson. Run once; the written files are kept, the OSM inputs are not.
"""

import io
import json
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

import geopandas as gpd
import numpy as np
import pandas as pd
import shapefile
import shapely
import xlsxwriter

ROOT = Path(__file__).resolve().parents[2]
LAYERS, TESTS = ROOT / "data" / "layers", ROOT / "tests" / "data"
MADE = datetime(2026, 11, 1)
OSM_BOX = (121.497, 31.232, 121.509, 31.2425)
OSM_NOTICE = "Contains information from OpenStreetMap (https://www.openstreetmap.org/copyright), (c) OpenStreetMap contributors, available under the Open Database License (ODbL) 1.0."
SOURCES_ZH = {
    "12345": "12345热线",
    "grid": "网格员上报",
    "inspection": "巡查发现",
    "police": "公安",
    "camera": "视频巡查",
    "department": "部门移交",
}


def excel_of_incidents(folder: Path) -> None:
    """100 incidents as an office would send them: Chinese headers, real Excel dates, codes as text."""
    frame = pd.read_csv(LAYERS / "incidents.csv.gz", dtype=str, keep_default_na=False)
    frame = frame.iloc[np.linspace(0, len(frame) - 1, 100).astype(int)]
    headers = [
        "事件编号",
        "发生时间",
        "类别编码",
        "事件来源",
        "发现方式",
        "承办单位",
        "办理状态",
        "网格编码",
        "事发地址",
        "经度",
        "纬度",
    ]
    book = xlsxwriter.Workbook(folder / "incidents_cn.xlsx")
    book.set_properties({"created": MADE, "author": ""})
    sheet = book.add_worksheet("事件")
    day = book.add_format({"num_format": "yyyy/m/d h:mm"})
    sheet.write_row(0, 0, headers)
    for number, row in enumerate(frame.itertuples(), start=1):
        found = "巡查" if row.found_by == "patrol" else "上报"
        state = "已办结" if row.status == "closed" else "办理中"
        values = [SOURCES_ZH[row.source], found, row.department, state, row.grid_code, row.address]
        sheet.write_string(number, 0, row.id)
        sheet.write_datetime(number, 1, datetime.fromisoformat(row.occurred_at).replace(tzinfo=None), day)
        sheet.write_string(number, 2, row.category)
        for column, value in enumerate(values, start=3):
            sheet.write_string(number, column, value)
        sheet.write_number(number, 9, float(row.lon))
        sheet.write_number(number, 10, float(row.lat))
    book.close()


def shapefile_of_streets(folder: Path) -> None:
    """The nine subdistricts and towns as a zipped Shapefile: field names and texts in GBK, and no .cpg that says so."""
    areas = gpd.read_file(LAYERS / "areas.geojson")
    streets = areas[areas["level"] == "street"]
    parts = {suffix: io.BytesIO() for suffix in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, encoding="gbk", shapeType=shapefile.POLYGON) as writer:
        for name, size in (("代码", 12), ("名称", 40), ("民政代码", 12), ("上级代码", 12)):
            writer.field(name, "C", size)
        for row in streets.itertuples():
            writer.poly([[list(point) for point in ring] for ring in _rings(row.geometry)])
            writer.record(row.code, row.name_zh, row.code_mca, row.parent)
    parts["prj"] = io.BytesIO(streets.crs.to_wkt("WKT1_ESRI").encode())
    with zipfile.ZipFile(folder / "streets_gbk.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix, data in parts.items():
            archive.writestr(
                zipfile.ZipInfo(f"街道.{suffix}", MADE.timetuple()[:6]), data.getvalue(), zipfile.ZIP_DEFLATED
            )


def _rings(shape: shapely.Polygon) -> list[list[tuple[float, float]]]:
    # A Shapefile's outer rings run clockwise.
    return [list(ring.coords) for ring in (shapely.orient_polygons(shape, exterior_cw=True).exterior,)]


def kml_of_places(folder: Path) -> None:
    """Forty places as KML with ExtendedData."""
    places = pd.read_csv(LAYERS / "places.csv", keep_default_na=False)
    marks = [
        f"<Placemark><name>{escape(row.name_zh)}</name><ExtendedData>"
        f'<Data name="id"><value>{row.id}</value></Data><Data name="kind"><value>{row.kind}</value></Data>'
        f'<Data name="address"><value>{escape(row.address)}</value></Data></ExtendedData>'
        f"<Point><coordinates>{row.lon},{row.lat},0</coordinates></Point></Placemark>"
        for row in places.iloc[np.linspace(0, len(places) - 1, 40).astype(int)].itertuples()
    ]
    text = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>场所</name>\n'
    (folder / "places.kml").write_text(text + "\n".join(marks) + "\n</Document></kml>\n", "utf-8")


def toronto_like(folder: Path, rng: np.random.Generator) -> None:
    """A made-up town in the columns of a police data portal: 1,200 incidents, 4 divisions, 12 neighbourhoods in them."""
    corner, step = np.array([-61.40, 46.10]), 0.02
    names = [
        f"{first} {second}"
        for first in ("Maple", "Harbour", "Mill", "Stone")
        for second in ("Heights", "Green", "Park")
    ]
    cells = [(i % 4, i // 4) for i in range(12)]
    boxes = [shapely.box(*(corner + step * np.array(at)), *(corner + step * (np.array(at) + 1))) for at in cells]
    hoods = gpd.GeoDataFrame(
        {"AREA_SHORT_CODE": range(101, 113), "AREA_NAME": [f"{name} ({i})" for i, name in enumerate(names, start=101)]},
        geometry=boxes,
        crs=4326,
    )
    division = hoods.assign(DIV=[f"D{91 + i % 4}" for i in range(12)]).dissolve("DIV").reset_index()
    division["UNIT_NAME"] = division["DIV"].str[1:] + " Division"
    count = 1200
    centre = corner + step * rng.uniform(0.2, (3.8, 2.8), (40, 2))
    xy = centre[rng.choice(40, count, p=rng.dirichlet(np.full(40, 0.4)))] + rng.normal(0, 0.0025, (count, 2))
    xy = np.round(np.clip(xy, corner + 1e-4, corner + step * np.array([4, 3]) - 1e-4), 4)
    held = gpd.sjoin(gpd.GeoDataFrame(geometry=shapely.points(xy), crs=4326), hoods, predicate="intersects")
    name = held.groupby(level=0)["AREA_NAME"].first().str.replace(r" \(\d+\)", "", regex=True)
    day = np.datetime64("2019-01-01") + rng.integers(0, 730, count)
    kinds, shares = ["Assault", "Break and Enter", "Auto Theft", "Robbery", "Theft Over"], [0.52, 0.2, 0.15, 0.1, 0.03]
    frame = pd.DataFrame(
        {
            "date": day.astype(str),
            "hour": rng.integers(0, 24, count),
            "category": rng.choice(kinds, count, p=shares),
            "premises_type": rng.choice(["Apartment", "House", "Outside", "Commercial", "Transit"], count),
            "neighbourhood": name.to_numpy(),
            "lon": xy[:, 0],
            "lat": xy[:, 1],
        }
    ).sort_values(["date", "hour"], kind="stable")
    frame.to_csv(folder / "incidents.csv", index=False, lineterminator="\n")
    for table, file in (
        (hoods, "neighbourhoods.geojson"),
        (division[["DIV", "UNIT_NAME", "geometry"]], "police_divisions.geojson"),
    ):
        table.to_file(folder / file, driver="GeoJSON", engine="pyogrio", COORDINATE_PRECISION="6", WRITE_NAME="NO")


def osm(folder: Path, source: Path) -> None:
    """Lines of roads and outlines of buildings within a small box of Shanghai, whole features, with the notice in each file."""
    window = shapely.box(*OSM_BOX)
    for name in ("roads", "buildings"):
        data = json.loads((source / f"osm_shanghai_{name}.geojson").read_text("utf-8"))
        wanted = ("LineString", "MultiLineString") if name == "roads" else ("Polygon", "MultiPolygon")
        lines = [feature for feature in data["features"] if feature["geometry"]["type"] in wanted]
        kept = [feature for feature in lines if window.contains(shapely.geometry.shape(feature["geometry"]))]
        rows = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in kept)
        head = json.dumps({"type": "FeatureCollection", "attribution": OSM_NOTICE}, ensure_ascii=False)[:-1]
        (folder / f"{name}.geojson").write_text(f'{head},"features":[\n{rows}\n]}}\n', "utf-8")


if __name__ == "__main__":
    for each in ("wuda", "toronto_like", "osm"):
        (TESTS / each).mkdir(parents=True, exist_ok=True)
    excel_of_incidents(TESTS / "wuda")
    shapefile_of_streets(TESTS / "wuda")
    kml_of_places(TESTS / "wuda")
    toronto_like(TESTS / "toronto_like", np.random.default_rng(1867))
    osm(TESTS / "osm", Path(sys.argv[1]))
