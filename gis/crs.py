"""Datums and projections: WGS-84, CGCS2000, GCJ-02, BD-09, Gauss-Kruger zones, and metres for a district.

GCJ-02 and BD-09 follow the published reverse-engineered formulas (the official plug-in is secret), so results are exact
to the formula, not to survey accuracy. Datums whose parameters are not public (Xian 80, Beijing 54) are refused rather
than passed through unchanged, which is what a general library does with them. It never changes what it is given.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
from pyproj.exceptions import CRSError

from gis.errors import CrsError, GeometryError

FloatArray = npt.NDArray[np.float64]

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
"""Geographic datums by name; every ``EPSG:n`` is understood as well."""

_A = 6378245.0
_EE = 0.00669342162296594323
_X_PI = np.pi * 3000.0 / 180.0
_INVERSE_STEPS = 6

_NAMES = {
    "wgs84": ("wgs84", "wgs1984", "gps", "epsg4326", "4326", "地球坐标", "地球坐标系", "世界大地坐标系"),
    "cgcs2000": (
        "cgcs2000", "cgcs", "epsg4490", "4490", "2000国家大地坐标系", "国家2000", "国家大地2000", "大地2000", "天地图",
        "tianditu", "国家2000坐标系", "2000坐标系", "国家大地坐标系2000",
    ),
    "gcj02": ("gcj02", "gcj", "火星坐标", "火星坐标系", "国测局坐标", "国测局", "高德", "高德坐标", "amap", "腾讯", "腾讯地图"),
    "bd09": ("bd09", "bd09ll", "百度", "百度坐标", "百度坐标系", "百度经纬度", "baidu"),
}  # fmt: skip
_REFUSED_EPSG = frozenset(
    {4610, 4214, *range(2327, 2391), *range(2401, 2443), *range(21413, 21424), *range(21453, 21464)}
)
_REFUSED_NAMES = ("西安80", "西安1980", "xian80", "xian1980", "北京54", "北京1954", "beijing54", "beijing1954")


def parse_datum(text: str) -> str:
    """The canonical name of a datum as people write it: ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or ``EPSG:n``.

    Raises
    ------
    CrsError
        The name is unknown, or of a datum that is refused.
    """
    plain = re.sub(r"[\s\-_()坐标系:]*", "", unicodedata.normalize("NFKC", text).strip().lower())
    for datum, names in _NAMES.items():
        if plain in {re.sub(r"[坐标系]", "", name) for name in names} or plain in names:
            return datum
    if any(name in plain or name in text for name in _REFUSED_NAMES):
        raise _refused(text)
    match = re.fullmatch(r"(?:epsg)?(\d{4,6})", plain)
    if match is None:
        raise _unknown(text)
    return _checked_epsg(int(match[1]), text)


def _checked_epsg(number: int, text: str) -> str:
    if number in _REFUSED_EPSG:
        raise _refused(text)
    try:
        pyproj.CRS.from_epsg(number)
    except CRSError:
        raise _unknown(text) from None
    return {4326: "wgs84", 4490: "cgcs2000"}.get(number, f"EPSG:{number}")


def _refused(text: str) -> CrsError:
    return CrsError(
        zh=f"坐标系“{text}”没有公开的转换参数,不能换算(不能当作 CGCS2000 使用)。请先由测绘部门转换到 CGCS2000。",
        en=f"'{text}' has no public parameters and is refused (it is not CGCS2000). Have it converted to CGCS2000 first.",
    )


def _unknown(text: str) -> CrsError:
    return CrsError(
        zh=f"不认识坐标系“{text}”;可用 wgs84、cgcs2000、gcj02、bd09 或 EPSG:编号。",
        en=f"Unknown datum '{text}'; use wgs84, cgcs2000, gcj02, bd09 or EPSG:n.",
    )


def _offset(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """GCJ-02 minus WGS-84, degrees, shape (n,) each."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    dlat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    dlat += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    dlat += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    dlon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    dlon += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    dlon += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    sine = np.sin(np.radians(lat))
    magic = 1.0 - _EE * sine * sine
    dlat = dlat * 180.0 / ((_A * (1.0 - _EE)) / (magic * np.sqrt(magic)) * np.pi)
    dlon = dlon * 180.0 / (_A / np.sqrt(magic) * np.cos(np.radians(lat)) * np.pi)
    inside = (lon > 72.004) & (lon < 137.8347) & (lat > 0.8293) & (lat < 55.8271)
    return np.where(inside, dlon, 0.0), np.where(inside, dlat, 0.0)


def _pair(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


def wgs84_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """GCJ-02 degrees of WGS-84 degrees; outside China the two are the same."""
    lon, lat = _pair(lon, lat)
    dlon, dlat = _offset(lon, lat)
    return lon + dlon, lat + dlat


def gcj02_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """WGS-84 degrees of GCJ-02 degrees, exact to below a millimetre by fixed-point steps."""
    lon, lat = _pair(lon, lat)
    guess_lon, guess_lat = lon, lat
    for _ in range(_INVERSE_STEPS):
        dlon, dlat = _offset(guess_lon, guess_lat)
        guess_lon, guess_lat = lon - dlon, lat - dlat
    return guess_lon, guess_lat


def gcj02_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """BD-09 degrees of GCJ-02 degrees."""
    lon, lat = _pair(lon, lat)
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _X_PI)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _X_PI)
    return radius * np.cos(theta) + 0.0065, radius * np.sin(theta) + 0.006


def bd09_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """GCJ-02 degrees of BD-09 degrees, by fixed-point steps on the forward formula."""
    lon, lat = _pair(lon, lat)
    guess_lon, guess_lat = lon - 0.0065, lat - 0.006
    for _ in range(_INVERSE_STEPS):
        there_lon, there_lat = gcj02_to_bd09(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + (lon - there_lon), guess_lat + (lat - there_lat)
    return guess_lon, guess_lat


def wgs84_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """BD-09 degrees of WGS-84 degrees."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """WGS-84 degrees of BD-09 degrees."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def to_wgs84(x: npt.ArrayLike, y: npt.ArrayLike, datum: str) -> tuple[FloatArray, FloatArray]:
    """WGS-84 longitude and latitude of coordinates in a datum; x is longitude or easting.

    CGCS2000 differs from WGS-84 by centimetres and is taken as equal.

    Raises
    ------
    CrsError
        The datum is unknown or refused.
    """
    return _convert(*_pair(x, y), parse_datum(datum), inward=True)


def from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, datum: str) -> tuple[FloatArray, FloatArray]:
    """Coordinates in a datum of WGS-84 longitude and latitude; x is longitude or easting.

    Raises
    ------
    CrsError
        The datum is unknown or refused.
    """
    return _convert(*_pair(lon, lat), parse_datum(datum), inward=False)


def _convert(x: FloatArray, y: FloatArray, datum: str, *, inward: bool) -> tuple[FloatArray, FloatArray]:
    if datum in ("wgs84", "cgcs2000"):
        return x.copy(), y.copy()
    if datum == "gcj02":
        return gcj02_to_wgs84(x, y) if inward else wgs84_to_gcj02(x, y)
    if datum == "bd09":
        return bd09_to_wgs84(x, y) if inward else wgs84_to_bd09(x, y)
    source, target = (datum, "EPSG:4326") if inward else ("EPSG:4326", datum)
    east, north = _transformer(source, target).transform(x, y)
    return np.asarray(east, dtype=np.float64), np.asarray(north, dtype=np.float64)


def metric_crs(lon: float, lat: float) -> pyproj.CRS:
    """The CRS in metres for work around a point.

    Inside China the CGCS2000 3-degree Gauss-Kruger zone without prefix (EPSG:4534-4554, Wuda EPSG:4545), elsewhere WGS-84 UTM.

    Raises
    ------
    CrsError
        The point is not on Earth.
    """
    if not (-180 <= lon <= 180 and -80 <= lat <= 84):
        raise CrsError(zh=f"坐标 ({lon}, {lat}) 无法确定投影带。", en=f"No metric zone covers ({lon}, {lat}).")
    if 73.5 <= lon <= 136.5 and 3 <= lat <= 54:
        return pyproj.CRS.from_epsg(4534 + round(lon / 3) - 25)
    zone = min(int((lon + 180) // 6) + 1, 60)
    return pyproj.CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def project(lon: npt.ArrayLike, lat: npt.ArrayLike, crs: pyproj.CRS | str) -> FloatArray:
    """Metres in a projected CRS, shape (n, 2), of WGS-84 degrees."""
    east, north = _transformer("EPSG:4326", _text(crs)).transform(*_pair(lon, lat))
    return np.column_stack([np.atleast_1d(east), np.atleast_1d(north)]).astype(np.float64)


def unproject(xy_m: FloatArray, crs: pyproj.CRS | str) -> tuple[FloatArray, FloatArray]:
    """WGS-84 degrees of metres, shape (n, 2), in a projected CRS."""
    lon, lat = _transformer(_text(crs), "EPSG:4326").transform(xy_m[:, 0], xy_m[:, 1])
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _text(crs: pyproj.CRS | str) -> str:
    return crs if isinstance(crs, str) else crs.to_string()


def to_metric(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The same table in the metric CRS of its place.

    Raises
    ------
    CrsError
        The table states no CRS.
    GeometryError
        The table has no geometry to tell its place.
    """
    if frame.crs is None:
        raise CrsError(zh="图层没有声明坐标系。", en="The layer states no CRS.")
    west, south, east, north = frame.to_crs("EPSG:4326").total_bounds
    if not np.isfinite([west, south, east, north]).all():
        raise GeometryError(zh="图层没有几何要素,无法确定投影带。", en="The layer has no geometry to tell its place.")
    return frame.to_crs(metric_crs((west + east) / 2, (south + north) / 2))


@dataclass(frozen=True)
class ProjectedGuess:
    """What the magnitude of survey coordinates says.

    Parameters
    ----------
    datum
        ``EPSG:n`` of the CGCS2000 3-degree zone.
    swapped
        The first column held northings (survey X) and the second eastings.
    zone
        Number of the 3-degree zone.
    """

    datum: str
    swapped: bool
    zone: int
    why_zh: str
    why_en: str


def recognise_projected(
    x: npt.ArrayLike, y: npt.ArrayLike, *, near: tuple[float, float] | None = None
) -> ProjectedGuess | None:
    """Recognise Gauss-Kruger metres by magnitude: axis order, and the zone by prefix or by place.

    Parameters
    ----------
    x, y
        Shape (n,); the columns as headed. Chinese survey files call northings X.
    near
        Longitude and latitude of the district: it decides the zone where eastings carry no prefix, and is held against the
        prefix where they do, since a zone read wrong is three degrees off.

    Returns
    -------
    guess
        None where the numbers are degrees, or no such metres.
    """
    x, y = _pair(x, y)
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return None
    first, second = float(np.median(x[known])), float(np.median(y[known]))
    swapped = _is_northing(first) and _is_easting(second)
    if not swapped and not (_is_easting(first) and _is_northing(second)):
        return None
    easting = second if swapped else first
    zone = _zone(easting, near)
    if zone is None or not 25 <= zone <= 45:
        return None
    prefixed = easting >= 25_000_000
    number = (4513 if prefixed else 4534) + zone - 25
    order = ("X 为北坐标、Y 为东坐标", "x is northing, y easting") if swapped else ("X 为东坐标", "x is easting")
    return ProjectedGuess(
        datum=f"EPSG:{number}",
        swapped=swapped,
        zone=zone,
        why_zh=f"数值为 3 度带第 {zone} 带高斯投影米制坐标,{order[0]}",
        why_en=f"metres of 3-degree Gauss-Kruger zone {zone}, {order[1]}",
    )


def _is_northing(value: float) -> bool:
    return 1_000_000 <= value < 6_000_000


def _is_easting(value: float) -> bool:
    return 100_000 < value < 900_000 or 25_000_000 <= value < 46_000_000


def _zone(easting: float, near: tuple[float, float] | None) -> int | None:
    by_place = round(near[0] / 3) if near is not None else None
    if easting < 25_000_000:
        return by_place
    prefix = int(easting // 1_000_000)
    return prefix if by_place is None or abs(prefix - by_place) <= 1 else None
