"""Which datum unlabelled points are in, and how honest the confidence is."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.crs import from_wgs84
from gis.errors import ColumnError
from gis.join.datum import HYPOTHESES, PLACE_ONLY_SURE, propose_datum
from gis.layers.report import DatumChoice, RawPoints
from tests.strategies import areas_table, unhurried

FloatArray = npt.NDArray[np.float64]
Trial = tuple[FloatArray, FloatArray, npt.NDArray[np.object_]]

NOISE_M = 15.0
WRONG_LABELS = 0.05


def inside(areas: gpd.GeoDataFrame, level: str, count: int, rng: np.random.Generator) -> Trial:
    """Points spread evenly over the district, the code they lie in, 15 m noise, one label in twenty wrong."""
    cells = areas[(areas["level"] == level) & (areas["kind"] != "special")]
    west, south, east, north = cells.total_bounds
    tree = shapely.STRtree(cells.geometry.to_numpy())
    lon, lat = rng.uniform(west, east, 8 * count + 50), rng.uniform(south, north, 8 * count + 50)
    point, cell = tree.query(shapely.points(lon, lat), predicate="within")
    point, cell = point[:count], cell[:count]
    codes = cells["code"].to_numpy(dtype=object)
    wrong = rng.random(count) < WRONG_LABELS
    label = np.where(wrong, rng.choice(codes, count), codes[cell])
    noise = rng.normal(0, NOISE_M, (2, count)) / [[85_900], [111_000]]
    return lon[point] + noise[0], lat[point] + noise[1], label


def trials(areas: gpd.GeoDataFrame, level: str, rows: int, count: int, seed: int = 0) -> list[tuple[bool, DatumChoice]]:
    """Whether each choice was right, each datum in turn being the truth."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        truth = HYPOTHESES[number % len(HYPOTHESES)]
        lon, lat, label = inside(areas, level, rows, rng)
        choice = propose_datum(RawPoints(*from_wgs84(lon, lat, truth), label, declared_is_code=True), areas)
        found.append((choice.datum == truth, choice))
    return found


@pytest.mark.parametrize(
    ("level", "rows", "least"), [("grid", 20, 0.97), ("grid", 100, 1.0), ("community", 20, 0.97), ("street", 100, 0.97)]
)
def test_declared_areas_tell_the_datum(wuda_areas: gpd.GeoDataFrame, level: str, rows: int, least: float) -> None:
    """The research note's claim: 15 m noise, 5 % wrong labels, at least 97 % right from 20 rows on."""
    found = trials(wuda_areas, level, rows, 300)
    assert np.mean([right for right, _ in found]) >= least
    assert all(choice.rows <= rows for _, choice in found)


@pytest.mark.parametrize(("level", "rows"), [("grid", 5), ("grid", 20), ("street", 20), ("street", 50)])
def test_what_is_said_to_be_sure_is_right_at_least_as_often(
    wuda_areas: gpd.GeoDataFrame, level: str, rows: int
) -> None:
    """Calibration: within each band of ``sure`` the share of right choices is not below it (with room for chance)."""
    found = trials(wuda_areas, level, rows, 300, seed=1)
    sure, right = np.array([choice.sure for _, choice in found]), np.array([each for each, _ in found])
    for low, high in ((0.0, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 1.01)):
        band = (sure >= low) & (sure < high)
        if band.sum() >= 20:
            assert right[band].mean() >= sure[band].mean() - 2 * np.sqrt(0.25 / band.sum())
    assert right[sure > 0.95].all()


def test_five_rows_are_never_called_certain(wuda_areas: gpd.GeoDataFrame) -> None:
    assert max(choice.sure for _, choice in trials(wuda_areas, "grid", 5, 100)) < 0.99


def choose(
    areas: gpd.GeoDataFrame, truth: str, name: Callable[[str], str], rows: int = 60, **more: gpd.GeoDataFrame
) -> DatumChoice:
    """The choice for rows that declare their community under some name."""
    lon, lat, label = inside(areas, "community", rows, np.random.default_rng(5))
    return propose_datum(RawPoints(*from_wgs84(lon, lat, truth), [name(code) for code in label]), areas, **more)


@pytest.mark.parametrize("truth", HYPOTHESES)
def test_names_codes_short_names_and_paths_are_understood(wuda_areas: gpd.GeoDataFrame, truth: str) -> None:
    names = wuda_areas.set_index("code")["name_zh"]
    english = wuda_areas.set_index("code")["name_en"]
    writings: list[Callable[[str], str]] = [
        lambda code: code,
        lambda code: f"{code}777",
        lambda code: names[code],
        lambda code: names[code].removesuffix("社区"),
        lambda code: f"{names[code]}居委会",
        lambda code: f" {english[code].upper()} ",
        lambda code: f"乌达区/{names[code[:9] + '000']}/{names[code]}",
        lambda code: f"乌达区{names[code[:9] + '000']}{names[code]}",
    ]
    for write in writings:
        choice = choose(wuda_areas, truth, write)
        assert choice.datum == truth, write("150304009008")
        assert choice.sure > 0.9
        assert choice.rows == 60
        assert choice.agreement[truth] == max(choice.agreement.values())


def test_the_other_code_system_and_the_press_spelling_are_understood(wuda_areas: gpd.GeoDataFrame) -> None:
    rng = np.random.default_rng(2)
    lon, lat, label = inside(wuda_areas, "street", 200, rng)
    mca = wuda_areas.set_index("code")["code_mca"]
    texts = [mca[code] or code for code in label]
    spelled = ["巴彦寨街道" if code == "150304009000" else code for code in label]
    for declared in (texts, spelled):
        choice = propose_datum(RawPoints(*from_wgs84(lon, lat, "gcj02"), declared), wuda_areas)
        assert choice.datum == "gcj02"
        assert choice.rows == 200


def test_the_reason_names_rows_shares_and_doubt_in_both_languages(wuda_areas: gpd.GeoDataFrame) -> None:
    choice = choose(wuda_areas, "gcj02", str, rows=100)
    assert "100 行" in choice.why_zh
    assert "(100 rows)" in choice.why_en
    assert "GCJ-02 taken" in choice.why_en
    assert "check it" not in choice.why_en
    few = choose(wuda_areas, "gcj02", str, rows=3)
    assert few.sure < 0.9
    assert "请核对" in few.why_zh
    assert "check it" in few.why_en


def test_labels_that_fit_nowhere_make_nothing_sure(wuda_areas: gpd.GeoDataFrame) -> None:
    rng = np.random.default_rng(3)
    lon, lat, label = inside(wuda_areas, "grid", 200, rng)
    choice = propose_datum(RawPoints(lon, lat, rng.permutation(label)), wuda_areas)
    assert choice.sure < 0.01


def test_repeated_rows_are_one_piece_of_evidence(wuda_areas: gpd.GeoDataFrame) -> None:
    lon, lat, label = inside(wuda_areas, "grid", 3, np.random.default_rng(4))
    once = propose_datum(RawPoints(lon, lat, label), wuda_areas)
    often = propose_datum(RawPoints(np.tile(lon, 500), np.tile(lat, 500), np.tile(label, 500)), wuda_areas)
    assert once == often


def test_rows_without_coordinates_or_with_unknown_names_do_not_count(wuda_areas: gpd.GeoDataFrame) -> None:
    lon, lat, label = inside(wuda_areas, "grid", 40, np.random.default_rng(6))
    lon[:10] = np.nan
    label[10:20] = "月亮社区"
    label[20:25] = ""
    assert propose_datum(RawPoints(lon, lat, label), wuda_areas).rows == 15


@pytest.fixture(scope="module")
def streets() -> gpd.GeoDataFrame:
    """Crooked streets some 300 m apart over the middle of Wuda, and a railway."""
    rng = np.random.default_rng(7)
    lines = []
    for x in np.arange(106.67, 106.74, 0.0035):
        steps = np.arange(39.49, 39.56, 0.002)
        lines.append(shapely.LineString(np.column_stack([x + rng.normal(0, 3e-4, len(steps)), steps])))
    for y in np.arange(39.49, 39.56, 0.0027):
        steps = np.arange(106.67, 106.74, 0.002)
        lines.append(shapely.LineString(np.column_stack([steps, y + rng.normal(0, 3e-4, len(steps))])))
    frame = gpd.GeoDataFrame({"kind": "residential"}, index=range(len(lines)), geometry=lines, crs="EPSG:4326")
    rail = gpd.GeoDataFrame(
        {"kind": ["rail"]}, geometry=[shapely.LineString([(106.67, 39.49), (106.74, 39.56)])], crs=4326
    )
    return gpd.GeoDataFrame(pd.concat([frame, rail], ignore_index=True), crs="EPSG:4326")


def along(streets: gpd.GeoDataFrame, count: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Points within some 10 m of streets."""
    walked = streets[streets["kind"] != "rail"].geometry.to_numpy()
    points = shapely.line_interpolate_point(rng.choice(walked, count), rng.random(count), normalized=True)
    noise = rng.normal(0, 10, (2, count)) / [[85_900], [111_000]]
    return shapely.get_x(points) + noise[0], shapely.get_y(points) + noise[1]


@pytest.mark.parametrize(("rows", "least"), [(10, 0.93), (50, 1.0)])
def test_streets_tell_the_datum_where_nothing_is_declared(
    wuda_areas: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, rows: int, least: float
) -> None:
    rng = np.random.default_rng(8)
    found = []
    for number in range(60):
        truth = HYPOTHESES[number % 3]
        x, y = from_wgs84(*along(streets, rows, rng), truth)
        choice = propose_datum(RawPoints(x, y, [""] * rows), wuda_areas, streets)
        found.append(choice.datum == truth)
        assert "streets" in choice.why_en
    assert np.mean(found) >= least
    assert choice.sure > 0.9


def test_streets_decide_where_few_rows_declare_something(
    wuda_areas: gpd.GeoDataFrame, streets: gpd.GeoDataFrame
) -> None:
    x, y = from_wgs84(*along(streets, 100, np.random.default_rng(9)), "gcj02")
    declared = ["150304009008", *[""] * 99]
    choice = propose_datum(RawPoints(x, y, declared), wuda_areas, streets)
    assert choice.datum == "gcj02"
    assert "道路" in choice.why_zh


def test_a_railway_is_no_street(wuda_areas: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> None:
    x, y = along(streets, 50, np.random.default_rng(10))
    rail = streets[streets["kind"] == "rail"]
    assert "district" in propose_datum(RawPoints(x, y, [""] * 50), wuda_areas, rail).why_en


def test_the_outline_alone_never_makes_sure(wuda_areas: gpd.GeoDataFrame) -> None:
    """96 of 100 GCJ-02 points lie inside the district when read as WGS-84."""
    lon, lat, _ = inside(wuda_areas, "grid", 2000, np.random.default_rng(11))
    choice = propose_datum(RawPoints(*from_wgs84(lon, lat, "gcj02"), [""] * 2000), wuda_areas)
    assert choice.agreement["wgs84"] > 0.95
    assert choice.sure <= PLACE_ONLY_SURE
    assert "proves little" in choice.why_en


def test_outside_china_there_is_nothing_to_choose() -> None:
    square = shapely.box(-79.5, 43.6, -79.3, 43.8)
    areas = areas_table(square, [square]).assign(code=["D1", "1"], parent=["", "D1"])
    rng = np.random.default_rng(12)
    points = rng.uniform(-79.49, -79.31, 100), rng.uniform(43.61, 43.79, 100)
    choice = propose_datum(RawPoints(*points, [""] * 100), areas)
    assert list(choice.agreement) == ["wgs84"]
    assert choice.sure > 0.99


@pytest.mark.parametrize(("datum", "swapped"), [("EPSG:4545", False), ("EPSG:4545", True), ("EPSG:4524", True)])
def test_survey_metres_are_recognised_and_checked(wuda_areas: gpd.GeoDataFrame, datum: str, swapped: bool) -> None:
    lon, lat, label = inside(wuda_areas, "grid", 50, np.random.default_rng(13))
    x, y = from_wgs84(lon, lat, datum)
    choice = propose_datum(RawPoints(*((y, x) if swapped else (x, y)), label), wuda_areas)
    assert choice.datum == datum
    assert choice.agreement[datum] > 0.85
    assert choice.sure > 0.9
    assert "36" in choice.why_zh


def test_metres_of_another_district_make_nothing_sure(wuda_areas: gpd.GeoDataFrame) -> None:
    x, y = from_wgs84(np.linspace(116.3, 116.5, 50), np.linspace(39.8, 40.0, 50), "EPSG:4527")
    assert propose_datum(RawPoints(x, y, [""] * 50), wuda_areas).sure < 0.01


def test_without_areas_or_coordinates_nothing_is_sure(wuda_areas: gpd.GeoDataFrame) -> None:
    empty = np.zeros(0)
    for points, areas in (
        (RawPoints(empty, empty, []), wuda_areas),
        (RawPoints(np.array([np.nan]), np.array([39.5]), ["x"]), wuda_areas),
        (RawPoints(np.array([106.7]), np.array([39.5]), ["x"]), wuda_areas.iloc[:0]),
        (RawPoints(np.array([106.7]), np.array([39.5]), ["x"]), wuda_areas.assign(geometry=None).set_crs(4326)),
    ):
        choice = propose_datum(points, areas)
        assert (choice.datum, choice.sure, choice.rows) == ("wgs84", 0.0, 0)
        assert "check it" in choice.why_en
    with pytest.raises(ColumnError):
        propose_datum(RawPoints(empty, empty, []), wuda_areas.drop(columns="parent"))


@pytest.mark.real
@pytest.mark.parametrize("truth", HYPOTHESES)
def test_the_streets_of_lujiazui_tell_the_datum_of_points_beside_them(shared_data: Path, truth: str) -> None:
    """OpenStreetMap, Shanghai core, 25 m noise, 20 points at a time."""
    roads = gpd.read_file(shared_data / "china" / "osm_shanghai_roads.geojson")
    lines = (
        roads[roads.geometry.geom_type.isin(["LineString", "MultiLineString"])].explode()[["geometry"]].assign(kind="")
    )
    square = shapely.box(*lines.total_bounds)
    areas = areas_table(square, [square])
    rng = np.random.default_rng(14)
    right = []
    for _ in range(30):
        points = shapely.line_interpolate_point(
            rng.choice(lines.geometry.to_numpy(), 20), rng.random(20), normalized=True
        )
        noise = rng.normal(0, 25, (2, 20)) / [[95_200], [111_000]]
        x, y = from_wgs84(shapely.get_x(points) + noise[0], shapely.get_y(points) + noise[1], truth)
        right.append(propose_datum(RawPoints(x, y, [""] * 20), areas, lines).datum == truth)
    assert np.mean(right) >= 0.9


@unhurried
@given(st.integers(0, 2**32 - 1), st.sampled_from(HYPOTHESES), st.randoms())
def test_the_order_of_rows_does_not_matter(
    wuda_areas: gpd.GeoDataFrame, seed: int, truth: str, random: st.DrawFn
) -> None:
    lon, lat, label = inside(wuda_areas, "grid", 15, np.random.default_rng(seed))
    x, y = from_wgs84(lon, lat, truth)
    rows = list(range(15))
    random.shuffle(rows)
    one = propose_datum(RawPoints(x, y, label), wuda_areas)
    assert one == propose_datum(RawPoints(x[rows], y[rows], label[rows]), wuda_areas)
    assert 0 <= one.sure <= 1
