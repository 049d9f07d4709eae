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
from pyproj.exceptions import CRSError, ProjError

from gis.errors import CrsError, GeometryError

FloatArray = npt.NDArray[np.float64]

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
"""Geographic datums by name; every ``EPSG:n`` is understood as well."""

_A = 6378245.0
_EE = 0.00669342162296594323
_X_PI = np.pi * 3000.0 / 180.0
_INVERSE_STEPS = 6

_NAMES = {
    "wgs84": ("wgs84", "wgs1984", "gps", "crs84", "地球", "世界大地"),
    "cgcs2000": ("cgcs2000", "cgcs", "china2000", "2000国家大地", "国家2000", "国家大地2000", "大地2000", "2000", "天地图", "tianditu"),
    "gcj02": ("gcj02", "gcj", "火星", "国测局", "国测局02", "高德", "amap", "腾讯", "soso"),
    "bd09": ("bd09", "bd09ll", "百度", "baidu"),
}  # fmt: skip
_REFUSED_DATUMS = ("Xian 1980", "Beijing 1954", "New Beijing")
_REFUSED_EPSG = frozenset(
    {4610, 4214, 4555, *range(2327, 2391), *range(2401, 2443), *range(21413, 21424), *range(21453, 21464)}
    | {*range(21473, 21484), *range(4568, 4590), *range(4652, 4657), *range(4766, 4801)}
)
_REFUSED_NAMES: tuple[str, ...] = (
    "西安80",
    "西安1980",
    "80西安",
    "1980西安",
    "北京54",
    "北京1954",
    "54北京",
    "1954北京",
    "新北京",
)
_REFUSED_NAMES += ("xian80", "xian1980", "beijing54", "beijing1954", "newbeijing", "pulkovo1942beijing")

_ZONES_3 = range(25, 46)
_ZONES_6 = range(13, 24)
_UNPREFIXED_FROM = 100_000.0
_PREFIXED_FROM = 13_000_000.0
_FAR_DEG = 1.0


def parse_datum(text: str) -> str:
    """The canonical name of a datum as people write it: ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or ``EPSG:n``.

    Names in Chinese and English, of map services, ``EPSG:n``, ``urn:ogc:def:crs:EPSG::n``, bare EPSG numbers, and the names
    of Gauss-Kruger zones (``CGCS2000_3_Degree_GK_CM_108E``).

    Raises
    ------
    CrsError
        The name is unknown, or of a datum that is refused.

    Examples
    --------
    >>> parse_datum("GCJ-02"), parse_datum("百度坐标系"), parse_datum("2000国家大地坐标系"), parse_datum("EPSG:4545")
    ('gcj02', 'bd09', 'cgcs2000', 'EPSG:4545')
    """
    lowered = unicodedata.normalize("NFKC", text).strip().lower()
    plain = re.sub(r"[\W_]+", "", lowered)
    short = re.sub(r"(坐标系统?|坐标|经纬度|地图|坐标系经纬度)+$", "", plain)
    for datum, names in _NAMES.items():
        if plain in names or short in names:
            return datum
    if any(name in plain for name in _REFUSED_NAMES):
        raise _refused(text)
    number = re.fullmatch(r"(?:\w*epsg)?0*(\d{4,6})", plain)
    if number is not None:
        return _checked_epsg(int(number[1]), text)
    return _gauss_kruger(plain, text)


def _gauss_kruger(plain: str, text: str) -> str:
    """EPSG code of a zone's name: CGCS2000, 3 or 6 degrees, by zone number (with prefix) or central meridian."""
    named = re.fullmatch(r"cgcs2000(3degree)?(?:gk|gausskruger)(zone|cm)(\d{2,3})e?", plain)
    if named is None:
        raise _unknown(text)
    is_narrow, by_zone, number = bool(named[1]), named[2] == "zone", int(named[3])
    zones, width, middle = (_ZONES_3, 3, 0) if is_narrow else (_ZONES_6, 6, 3)
    zone = number if by_zone else (number + middle) // width
    if zone not in zones or (not by_zone and zone * width - middle != number):
        raise _unknown(text)
    return f"EPSG:{_zone_code(zone, six=not is_narrow, prefixed=by_zone)}"


def _zone_code(zone: int, *, six: bool, prefixed: bool) -> int:
    """EPSG code of a CGCS2000 Gauss-Kruger zone."""
    if six:
        return (4491 if prefixed else 4502) + zone - 13
    return (4513 if prefixed else 4534) + zone - 25


@lru_cache(maxsize=256)
def _checked_epsg(number: int, text: str) -> str:
    if number in _REFUSED_EPSG:
        raise _refused(text)
    try:
        found = pyproj.CRS.from_epsg(number)
    except CRSError:
        raise _unknown(text) from None
    datum = found.geodetic_crs.datum.name if found.geodetic_crs and found.geodetic_crs.datum else ""
    if datum in _REFUSED_DATUMS:
        raise _refused(text)
    if not (found.is_geographic or found.is_projected) or len(found.axis_info) != 2:
        raise CrsError(
            zh=f"“{text}”不是平面或经纬度坐标系。", en=f"'{text}' is no system of plane or geographic coordinates."
        )
    try:
        _transformer(f"EPSG:{number}", "EPSG:4326")
    except ProjError:
        raise _refused(text) from None
    return {4326: "wgs84", 4490: "cgcs2000"}.get(number, f"EPSG:{number}")


def _refused(text: str) -> CrsError:
    return CrsError(
        zh=f"坐标系“{text}”没有公开的转换参数,不予换算(不能当作 CGCS2000 使用)。请先由测绘部门转换到 CGCS2000。",
        en=f"'{text}' is refused: no public parameters (it is not CGCS2000). Have it converted to CGCS2000 first.",
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
    """GCJ-02 degrees of WGS-84 degrees.

    Outside China the two are the same. "China" is the published formula's box (72.004-137.8347 E, 0.8293-55.8271 N), which
    takes in neighbours; on the box's edge the shift jumps.
    """
    lon, lat = _pair(lon, lat)
    dlon, dlat = _offset(lon, lat)
    return lon + dlon, lat + dlat


def gcj02_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """WGS-84 degrees of GCJ-02 degrees, by fixed-point steps: within a micrometre of the formula, the one-step way 4 m off.

    Within a kilometre of the box's edge (:func:`wgs84_to_gcj02`), far from China, the inverse is not unique.
    """
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
    """A transformation that is known; the null one stands in for CGCS2000 and WGS-84 alone, which differ by centimetres."""
    ends = (pyproj.CRS(source), pyproj.CRS(target))
    equal = any(
        end.geodetic_crs.datum.name == "China 2000" for end in ends if end.geodetic_crs and end.geodetic_crs.datum
    )
    return pyproj.Transformer.from_crs(*ends, always_xy=True, allow_ballpark=equal)


def to_wgs84(x: npt.ArrayLike, y: npt.ArrayLike, datum: str) -> tuple[FloatArray, FloatArray]:
    """WGS-84 longitude and latitude of coordinates in a datum; x is longitude or easting.

    CGCS2000 differs from WGS-84 by centimetres and is taken as equal. NaN stays NaN, and is what a projection cannot place.

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
    return _finite(*_transformer(source, target).transform(x, y))


def _finite(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Coordinates with NaN for what the transformation cannot place."""
    x, y = _pair(x, y)
    placed = np.isfinite(x) & np.isfinite(y)
    return np.where(placed, x, np.nan), np.where(placed, y, np.nan)


def metric_crs(lon: float, lat: float) -> pyproj.CRS:
    """The CRS in metres for work around a point.

    Between 73.5-136.5 E and 3-54 N the CGCS2000 3-degree Gauss-Kruger zone without prefix (EPSG:4534-4554, Wuda
    EPSG:4545), elsewhere WGS-84 UTM.

    Raises
    ------
    CrsError
        The point is not on Earth.
    """
    if not (-180 <= lon <= 180 and -80 <= lat <= 84):
        raise CrsError(zh=f"坐标 ({lon}, {lat}) 无法确定投影带。", en=f"No metric zone covers ({lon}, {lat}).")
    if 73.5 <= lon <= 136.5 and 3 <= lat <= 54:
        zone = min(max(int((lon + 1.5) // 3), _ZONES_3[0]), _ZONES_3[-1])
        return pyproj.CRS.from_epsg(_zone_code(zone, six=False, prefixed=False))
    zone = min(int((lon + 180) // 6) + 1, 60)
    return pyproj.CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def project(lon: npt.ArrayLike, lat: npt.ArrayLike, crs: pyproj.CRS | str) -> FloatArray:
    """Metres in a projected CRS, shape (n, 2), of WGS-84 degrees; NaN for what the projection cannot place."""
    east, north = _finite(*_transformer("EPSG:4326", _text(crs)).transform(*_pair(lon, lat)))
    return np.column_stack([np.atleast_1d(east), np.atleast_1d(north)])


def unproject(xy_m: FloatArray, crs: pyproj.CRS | str) -> tuple[FloatArray, FloatArray]:
    """WGS-84 degrees of metres, shape (n, 2), in a projected CRS."""
    return _finite(*_transformer(_text(crs), "EPSG:4326").transform(xy_m[:, 0], xy_m[:, 1]))


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
        ``EPSG:n`` of a CGCS2000 Gauss-Kruger zone, outside China of a WGS-84 UTM zone.
    swapped
        The first column held northings (survey X) and the second eastings.
    zone
        Number of the zone: 25-45 of 3 degrees, 13-23 of 6 degrees, or the UTM zone.
    why_zh, why_en
        What it rests on, and whether it lies far from where it was expected.
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
        Shape (n,); the columns as headed. Chinese survey files call northings X. The medians decide, so a few wrong rows
        do not matter.
    near
        Longitude and latitude of the district. Where eastings carry no prefix it alone decides the zone: of the 3-degree
        zones around it (every 6-degree zone is one of them) the one that puts the points nearest, since a zone read wrong
        is three degrees off. A prefix is believed. Where the points then still lie more than a degree off, it is said.

    Returns
    -------
    guess
        None where the numbers are degrees or no such metres, or where nothing tells the zone.
    """
    x, y = _pair(x, y)
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return None
    first, second = float(np.median(x[known])), float(np.median(y[known]))
    if _is_easting(first) and _is_northing(second):
        return _with_zone(first, second, near, swapped=False)
    if _is_northing(first) and _is_easting(second):
        return _with_zone(second, first, near, swapped=True)
    return None


def _is_northing(value: float) -> bool:
    return 1_000_000 <= value < 6_200_000


def _is_easting(value: float) -> bool:
    return _UNPREFIXED_FROM <= value < 1_000_000 - _UNPREFIXED_FROM or (
        _PREFIXED_FROM <= value < 46_000_000 and int(value // 1_000_000) in {*_ZONES_3, *_ZONES_6}
    )


def _with_zone(
    easting: float, northing: float, near: tuple[float, float] | None, *, swapped: bool
) -> ProjectedGuess | None:
    if easting >= _PREFIXED_FROM:
        zone = int(easting // 1_000_000)
        code = _zone_code(zone, six=zone in _ZONES_6, prefixed=True)
        return _guess(code, zone, _degrees_off(code, easting, northing, near), swapped=swapped)
    if near is None:
        return None
    found = [(_degrees_off(code, easting, northing, near), code, zone) for code, zone in _zones_around(near)]
    off, code, zone = min(found)
    return _guess(code, zone, off, swapped=swapped)


def _zones_around(near: tuple[float, float]) -> list[tuple[int, int]]:
    """EPSG code and number of the zones that a district may be surveyed in, without prefix."""
    lon, lat = near
    if not (73.5 <= lon <= 136.5 and 3 <= lat <= 54):
        code = metric_crs(lon, lat).to_epsg() or 0
        return [(code, code % 100)]
    own = int((lon + 1.5) // 3)
    return [(_zone_code(zone, six=False, prefixed=False), zone) for zone in (own - 1, own, own + 1) if zone in _ZONES_3]


def _degrees_off(code: int, easting: float, northing: float, near: tuple[float, float] | None) -> float:
    if near is None:
        return 0.0
    lon, lat = to_wgs84(easting, northing, f"EPSG:{code}")
    off = float(np.hypot(lon - near[0], lat - near[1]))
    return off if np.isfinite(off) else float("inf")


def _guess(code: int, zone: int, off: float, *, swapped: bool) -> ProjectedGuess:
    order_zh, order_en = (
        ("X 为北坐标、Y 为东坐标", "x is northing, y easting") if swapped else ("X 为东坐标", "x is easting")
    )
    far_zh, far_en = (
        (f",但距辖区约 {off:.0f} 度", f", but some {off:.0f} degrees from the district") if off > _FAR_DEG else ("", "")
    )
    if zone in _ZONES_3 and 4513 <= code <= 4554:
        kind_zh, kind_en = f"CGCS2000 3 度带第 {zone} 带高斯投影", f"CGCS2000 3-degree Gauss-Kruger zone {zone}"
    elif 4491 <= code <= 4512:
        kind_zh, kind_en = f"CGCS2000 6 度带第 {zone} 带高斯投影", f"CGCS2000 6-degree Gauss-Kruger zone {zone}"
    else:
        kind_zh, kind_en = f"WGS-84 UTM 第 {zone} 带", f"WGS-84 UTM zone {zone}"
    return ProjectedGuess(
        datum=f"EPSG:{code}",
        swapped=swapped,
        zone=zone,
        why_zh=f"数值为{kind_zh}的米制坐标,{order_zh}{far_zh}",
        why_en=f"metres of {kind_en}, {order_en}{far_en}",
    )
