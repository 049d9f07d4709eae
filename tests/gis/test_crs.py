"""Datums and projections: exact to the published formulas, refused where no parameters are public."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis import crs
from gis.errors import CrsError, GeometryError
from tests.strategies import CHINA, WUDA, lonlats, unhurried

FloatArray = npt.NDArray[np.float64]

METRES_PER_DEGREE = 111_320.0
PAIRS = Path(__file__).resolve().parent.parent / "data" / "coord_test_pairs.csv"


@pytest.fixture(scope="module")
def pairs() -> pd.DataFrame:
    return pd.read_csv(PAIRS)


def apart_m(one: tuple[FloatArray, FloatArray], other: tuple[FloatArray, FloatArray]) -> float:
    """The greatest distance between two lists of points, by the longest degree."""
    return float(np.max(np.hypot(one[0] - other[0], one[1] - other[1]))) * METRES_PER_DEGREE


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_pairs_agree_both_ways_to_a_millimetre(pairs: pd.DataFrame, datum: str) -> None:
    """The file has nine decimals, 0.1 mm."""
    wgs = pairs["wgs84_lon"].to_numpy(), pairs["wgs84_lat"].to_numpy()
    there = pairs[f"{datum}_lon"].to_numpy(), pairs[f"{datum}_lat"].to_numpy()
    assert apart_m(crs.from_wgs84(*wgs, datum), there) < 1e-3
    assert apart_m(crs.to_wgs84(*there, datum), wgs) < 1e-3


def test_pairs_agree_in_the_zone_with_and_without_prefix(pairs: pd.DataFrame) -> None:
    known = pairs.dropna()
    wgs = known["wgs84_lon"].to_numpy(), known["wgs84_lat"].to_numpy()
    north = known["epsg4545_north"].to_numpy()
    for datum, east in (("EPSG:4545", known["epsg4545_east"]), ("EPSG:4524", known["epsg4524_east_zone36"])):
        x, y = crs.from_wgs84(*wgs, datum)
        assert np.abs(x - east).max() < 2e-3
        assert np.abs(y - north).max() < 2e-3
        assert apart_m(crs.to_wgs84(east, north, datum), wgs) < 2e-3


@unhurried
@given(lonlats(CHINA))
def test_every_datum_returns_to_a_micrometre_all_over_china(points: tuple[FloatArray, FloatArray]) -> None:
    for datum in ("gcj02", "bd09"):
        there = crs.from_wgs84(*points, datum)
        assert apart_m(crs.to_wgs84(*there, datum), points) < 1e-6
        back = crs.from_wgs84(*crs.to_wgs84(*points, datum), datum)
        assert apart_m(back, points) < 1e-6


@unhurried
@given(lonlats(WUDA))
def test_the_shift_is_hundreds_of_metres_in_wuda(points: tuple[FloatArray, FloatArray]) -> None:
    """388-424 m (GCJ-02), as measured against an independent producer's boundary."""
    lon, lat = crs.wgs84_to_gcj02(*points)
    metres = np.hypot((lon - points[0]) * 85_900, (lat - points[1]) * 111_000)
    assert metres.min() > 370
    assert metres.max() < 440


def test_outside_china_gcj02_is_wgs84() -> None:
    lon, lat = np.array([139.6917, -79.38]), np.array([35.6895, 43.65])
    for convert in (crs.wgs84_to_gcj02, crs.gcj02_to_wgs84):
        x, y = convert(lon, lat)
        assert np.array_equal(x, lon)
        assert np.array_equal(y, lat)


@unhurried
@given(lonlats(CHINA), st.sampled_from(["wgs84", "cgcs2000", "gcj02", "bd09", "EPSG:4545"]))
def test_points_are_converted_one_by_one_and_left_unchanged(points: tuple[FloatArray, FloatArray], datum: str) -> None:
    lon, lat = points[0].copy(), points[1].copy()
    x, y = crs.from_wgs84(lon, lat, datum)
    assert np.array_equal(lon, points[0])
    assert np.array_equal(lat, points[1])
    assert x is not lon
    first = crs.from_wgs84(lon[0], lat[0], datum)
    assert np.allclose([first[0], first[1]], [x[0], y[0]], rtol=1e-13, atol=0, equal_nan=True)


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09", "EPSG:4545"])
def test_missing_coordinates_stay_missing(datum: str) -> None:
    for convert in (crs.to_wgs84, crs.from_wgs84):
        x, y = convert(np.array([np.nan, 106.7]), np.array([39.5, np.nan]), datum)
        assert np.isnan(x).any()
        assert np.isnan(y).any()
    assert np.isnan(crs.project([np.nan], [39.5], "EPSG:4545")).all()


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("WGS-84", "wgs84"), ("wgs 1984", "wgs84"), ("GPS坐标", "wgs84"), ("EPSG:4326", "wgs84"), ("CRS84", "wgs84"),
        ("CGCS2000", "cgcs2000"), ("2000国家大地坐标系", "cgcs2000"), ("国家2000坐标系", "cgcs2000"), ("4490", "cgcs2000"),
        ("天地图", "cgcs2000"), ("GCJ-02", "gcj02"), ("火星坐标系", "gcj02"), ("高德地图", "gcj02"), ("国测局坐标", "gcj02"),
        ("BD-09", "bd09"), ("BD09LL", "bd09"), ("百度", "bd09"), ("百度坐标系(BD09)", ""), ("ＢＤ－０９", "bd09"),
        ("EPSG:4545", "EPSG:4545"), ("epsg 4524", "EPSG:4524"), ("urn:ogc:def:crs:EPSG::4545", "EPSG:4545"), ("32617", "EPSG:32617"),
        ("CGCS2000_3_Degree_GK_CM_108E", "EPSG:4545"), ("CGCS2000_3_Degree_GK_Zone_36", "EPSG:4524"),
        ("CGCS2000 / 3-degree Gauss-Kruger CM 108E", "EPSG:4545"), ("CGCS2000_GK_CM_105E", "EPSG:4507"),
        ("CGCS2000_GK_Zone_18", "EPSG:4496"),
    ],
)  # fmt: skip
def test_a_datum_is_known_by_the_names_people_write(text: str, datum: str) -> None:
    if datum:
        assert crs.parse_datum(text) == datum
    else:
        with pytest.raises(CrsError, match="Unknown"):
            crs.parse_datum(text)


@pytest.mark.parametrize(
    "text",
    [
        "西安80", "西安80坐标系", "1980西安坐标系", "Xian_1980", "北京54", "1954北京坐标系", "Beijing 1954", "新北京54",
        "EPSG:4610", "2343", "EPSG:2390", "EPSG:4214", "EPSG:2401", "EPSG:2442", "EPSG:21418", "EPSG:21460", "EPSG:4555",
        "EPSG:4568", "EPSG:4780",
    ],
)  # fmt: skip
def test_datums_without_public_parameters_are_refused(text: str) -> None:
    """PROJ passes Xian 80 through unchanged, without a word."""
    with pytest.raises(CrsError, match="refused") as caught:
        crs.parse_datum(text)
    assert "不予换算" in caught.value.zh
    with pytest.raises(CrsError):
        crs.to_wgs84([106.7], [39.5], text)


def test_no_chinese_datum_but_cgcs2000_passes_by_its_number() -> None:
    """Every EPSG code that names Xian 80, Beijing 54 or New Beijing, from PROJ's own list."""
    found = [
        info
        for kind in ("GEOGRAPHIC_2D_CRS", "PROJECTED_CRS")
        for info in pyproj.database.query_crs_info(auth_name="EPSG", pj_types=[pyproj.enums.PJType[kind]], allow_deprecated=True)
        if any(name in info.name for name in ("Xian 1980", "Beijing 1954", "New Beijing"))
    ]  # fmt: skip
    assert len(found) > 150
    for info in found:
        with pytest.raises(CrsError):
            crs.parse_datum(f"EPSG:{info.code}")


@pytest.mark.parametrize("text", ["", "Mars", "EPSG:999999", "EPSG:5703", "EPSG:4978", "CGCS2000_3_Degree_GK_CM_107E"])
def test_unknown_names_and_systems_without_a_plane_are_refused(text: str) -> None:
    with pytest.raises(CrsError):
        crs.parse_datum(text)


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [(106.7, 39.5, 4545), (73.5, 39.0, 4534), (136.5, 48.0, 4554), (106.5, 39.5, 4545), (106.49, 39.5, 4544),
     (-79.4, 43.7, 32617), (151.2, -33.9, 32756), (180.0, 0.0, 32660)],
)  # fmt: skip
def test_metres_are_the_local_zones(lon: float, lat: float, code: int) -> None:
    assert crs.metric_crs(lon, lat).to_epsg() == code


def test_there_are_no_metres_at_the_poles() -> None:
    with pytest.raises(CrsError):
        crs.metric_crs(0, 89)
    with pytest.raises(CrsError):
        crs.metric_crs(float("nan"), 39)


@unhurried
@given(lonlats(WUDA))
def test_projecting_returns_and_keeps_distances(points: tuple[FloatArray, FloatArray]) -> None:
    """Scale at Wuda is 1.00015."""
    metric = crs.metric_crs(*[float(axis.mean()) for axis in points])
    xy = crs.project(*points, metric)
    assert xy.shape == (len(points[0]), 2)
    assert apart_m(crs.unproject(xy, metric), points) < 1e-4
    length = np.hypot(*(xy - xy[0]).T)
    true = np.array([_haversine(points[0][0], points[1][0], lon, lat) for lon, lat in zip(*points, strict=True)])
    assert np.abs(length - true).max() <= 0.006 * true.max() + 1e-3


def _haversine(lon: float, lat: float, lon2: float, lat2: float) -> float:
    rise, turn = np.radians(lat2 - lat), np.radians(lon2 - lon)
    half = np.sin(rise / 2) ** 2 + np.cos(np.radians(lat)) * np.cos(np.radians(lat2)) * np.sin(turn / 2) ** 2
    return float(2 * 6371008.8 * np.arcsin(np.sqrt(half)))


def test_a_table_goes_to_the_metres_of_its_place() -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.box(106.70, 39.50, 106.71, 39.51)], crs="EPSG:4326")
    metric = crs.to_metric(frame)
    assert metric.crs.to_epsg() == 4545
    assert metric.area[0] == pytest.approx(859.7 * 1110.3, rel=2e-3)
    with pytest.raises(CrsError, match="no CRS"):
        crs.to_metric(frame.set_crs(None, allow_override=True))
    with pytest.raises(GeometryError):
        crs.to_metric(frame.iloc[:0])


NEAR = (106.7, 39.53)


@pytest.mark.parametrize(("code", "zone"), [(4545, 36), (4524, 36), (4544, 35), (4546, 37), (4496, 18)])
@pytest.mark.parametrize("swapped", [False, True])
def test_survey_metres_are_recognised_in_either_order(code: int, zone: int, swapped: bool) -> None:
    east, north = crs.from_wgs84(np.array([106.69, 106.70, 106.72]), np.array([39.5, 39.53, 39.6]), f"EPSG:{code}")
    guess = crs.recognise_projected(*((north, east) if swapped else (east, north)), near=NEAR)
    assert guess is not None
    assert (guess.datum, guess.zone, guess.swapped) == (f"EPSG:{code}", zone, swapped)
    assert "北坐标" in guess.why_zh or not swapped


@unhurried
@given(lonlats((75.5, 18.0, 134.0, 53.0), most=5), st.booleans(), st.booleans())
def test_the_own_zone_is_found_all_over_china(
    points: tuple[FloatArray, FloatArray], prefixed: bool, swap: bool
) -> None:
    near = (float(np.median(points[0])), float(np.median(points[1])))
    one = points[0][:1], points[1][:1]
    zone = int((one[0][0] + 1.5) // 3)
    datum = f"EPSG:{(4513 if prefixed else 4534) + zone - 25}"
    east, north = crs.from_wgs84(*one, datum)
    near = (float(one[0][0]), float(one[1][0])) if not prefixed else near
    guess = crs.recognise_projected(*((north, east) if swap else (east, north)), near=near)
    assert guess is not None
    there = crs.to_wgs84(*((north, east) if swap and not guess.swapped else (east, north)), guess.datum)
    assert apart_m(there, one) < 1e-2
    assert guess.swapped == swap


def test_six_degree_zones_without_prefix_are_three_degree_zones() -> None:
    for zone in range(13, 24):
        place = np.array([zone * 6.0 - 2.9]), np.array([39.5])
        assert np.array_equal(
            crs.from_wgs84(*place, f"EPSG:{4502 + zone - 13}"), crs.from_wgs84(*place, f"EPSG:{4534 + 2 * zone - 26}")
        )


def test_without_a_prefix_or_a_place_the_zone_stays_unknown() -> None:
    assert crs.recognise_projected([388_000.0], [4_378_000.0]) is None
    assert crs.recognise_projected([36_388_000.0], [4_378_000.0]) is not None


def test_a_prefix_far_from_the_district_is_said() -> None:
    guess = crs.recognise_projected([4_378_000.0], [39_388_000.0], near=NEAR)
    assert guess is not None
    assert (guess.datum, guess.swapped) == ("EPSG:4527", True)
    assert "degrees from the district" in guess.why_en


def test_a_northing_far_from_the_district_is_said() -> None:
    guess = crs.recognise_projected([2_378_000.0], [388_000.0], near=NEAR)
    assert guess is not None
    assert guess.swapped
    assert "18 degrees from the district" in guess.why_en


def test_degrees_and_other_numbers_are_no_survey_metres() -> None:
    for x, y in (([106.7], [39.5]), ([np.nan], [np.nan]), ([0.0], [0.0]), ([11_877_000.0], [4_795_000.0])):
        assert crs.recognise_projected(x, y, near=NEAR) is None
    assert crs.recognise_projected([], [], near=NEAR) is None


def test_utm_is_recognised_outside_china() -> None:
    east, north = crs.from_wgs84([-79.38], [43.65], "EPSG:32617")
    guess = crs.recognise_projected(east, north, near=(-79.4, 43.7))
    assert guess is not None
    assert (guess.datum, guess.zone) == ("EPSG:32617", 17)


def test_a_few_wrong_rows_do_not_matter() -> None:
    east, north = crs.from_wgs84(np.full(9, 106.7), np.full(9, 39.5), "EPSG:4545")
    east[:3], north[:3] = 0.0, 106.7
    guess = crs.recognise_projected(east, north, near=NEAR)
    assert guess is not None
    assert guess.datum == "EPSG:4545"
