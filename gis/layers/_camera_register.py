"""What a camera register tells beside the position: mount, optics, owner, filing. Each value read to one plain form.

A value that cannot be read is dropped and counted, and the camera stays. It decides nothing about right or wrong: that
is :mod:`gis.cameras.compliance`.
"""

import re
from collections.abc import Callable
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.layers import coordinates
from gis.layers._sheet import ObjectArray, Sheet

Floats = npt.NDArray[np.float64]

_PIXELS = {
    "4k": 3840, "8k": 7680, "2k": 2560, "uhd": 3840, "fhd": 1920, "fullhd": 1920, "全高清": 1920, "超高清": 3840, "高清": 1280, "hd": 1280,
    "1080p": 1920, "720p": 1280, "1440p": 2560, "2160p": 3840, "960p": 1280, "d1": 704, "cif": 352,
}  # fmt: skip
_BY_SIZE = re.compile(r"(\d{3,5})\s*[x*×X]\s*(\d{3,5})")
_MILLIONS = re.compile(r"(\d{2,4})\s*万(?:像素)?")
_MEGA = re.compile(r"(\d{1,2}(?:\.\d)?)\s*(?:mp|megapixels?)")
_WIDTH_OF_MILLIONS = ((90, 1024), (130, 1280), (200, 1920), (300, 2048), (400, 2560), (500, 2592), (600, 3072), (800, 3840), (1200, 4000))  # fmt: skip
"""Usual width of a picture of so many ten thousand pixels."""
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YES = re.compile(r"(?i)是|有|已设置?|已安装|yes|true|y|1")
_NO = re.compile(r"(?i)否|无|没有|未设置?|未安装|no|false|n|0")
_CLASSES = {
    "一": "1",
    "二": "2",
    "三": "3",
    "1": "1",
    "2": "2",
    "3": "3",
    "i": "1",
    "ii": "2",
    "iii": "3",
    "ⅰ": "1",
    "ⅱ": "2",
    "ⅲ": "3",
}
_CLASS = re.compile(r"(?i)第?([一二三123]|ⅰ|ⅱ|ⅲ|iii|ii|i)(?:类|级)?(?:视频监控)?点?")
_DAYS = re.compile(r"(?:不少于|不低于|≥|>=)?\s*(\d+(?:\.\d+)?)\s*(个月|天|日|days?|months?|d)?")
_MOUNTS = (
    ("pole", re.compile(r"(?i)立杆|灯杆|杆|pole|street_?lamp")),
    ("wall", re.compile(r"(?i)壁|墙|wall|facade")),
    ("ceiling", re.compile(r"(?i)吸顶|吊|ceiling")),
)
_LIGHTS = (
    ("none", re.compile(r"(?i)^(?:1|无.*|没有|否|no|none)$")),
    ("white", re.compile(r"(?i)白光|暖光|双光|混合|white|hybrid|^3$")),
    ("infrared", re.compile(r"(?i)红外|激光|infra-?red|laser|^ir\b|^[24]$")),
)
"""Words, and the codes of ``SupplyLightType`` of GB/T 28181: 1 none, 2 infrared, 3 white, 4 laser (2022)."""
PLACES = (
    ("toilet", re.compile(r"(?i)厕所|卫生间|洗手间|toilet|restroom")),
    ("changing_room", re.compile(r"(?i)更衣|试衣|changing|fitting")),
    ("bathhouse", re.compile(r"(?i)浴室|澡堂|洗浴|bath|sauna")),
    ("nursing_room", re.compile(r"(?i)母婴|哺乳|nursing")),
    ("hotel_room", re.compile(r"(?i)客房|包间|包厢|hotel.?room|private.?room")),
    ("dormitory", re.compile(r"(?i)宿舍|寝室|dorm")),
    ("ward", re.compile(r"(?i)病房|诊室|手术室|^ward$|consulting.?room")),
    ("residential_interior", re.compile(r"(?i)住宅内|户内|家中|residential_interior|home.?inside")),
    ("school_gate", re.compile(r"(?i)学校门|校门|school_gate")),
    ("school", re.compile(r"(?i)学校|school")),
    ("residential_entrance", re.compile(r"(?i)小区(?:出入口|大?门)|residential_entrance")),
    ("underpass", re.compile(r"(?i)地下通道|underpass|隧道|tunnel")),
    ("bridge", re.compile(r"(?i)桥|bridge")),
    ("railway", re.compile(r"(?i)铁路|railway")),
    ("station", re.compile(r"(?i)车站|地铁站|客运站|station|枢纽")),
    ("square", re.compile(r"(?i)广场|square|plaza")),
    ("market", re.compile(r"(?i)市场|商场|超市|market|mall")),
    ("park", re.compile(r"(?i)公园|绿地|^park$")),
    ("hospital", re.compile(r"(?i)医院|hospital")),
    ("courier_outlet", re.compile(r"(?i)快递|寄递|courier")),
    ("road", re.compile(r"(?i)道路|路口|路段|街|road|street|crossing")),
)
"""Kinds of place, the excluded ones first: what is a toilet in a market is a toilet."""


def register_columns(sheet: Sheet, tags: dict[str, "pd.Series[str]"]) -> dict[str, object]:
    """The columns of :data:`gis.schemas.CAMERAS` that say more than where and which way."""
    mount = _filled(sheet.series("mount"), tags.get("camera:mount"))
    tilt = _filled(sheet.series("tilt"), tags.get("camera:angle"))
    return {
        "mount": mount.map(lambda text: _first(text, _MOUNTS)),
        "tilt": _numbers(sheet, "tilt", tilt, 0, 90),
        "presets": sheet.series("presets").str.replace("；", ";").str.replace("：", ":").str.replace(" ", ""),
        "resolution_px": _read(sheet, "resolution_px", sheet.series("resolution_px"), pixels_of, np.nan),
        "sensor_mm": _numbers(sheet, "sensor_mm", sheet.series("sensor_mm"), 0.5, 60),
        "focal_mm": _numbers(sheet, "focal_mm", sheet.series("focal_mm"), 0.5, 2000),
        "owner": sheet.series("owner"),
        "point_class": _read(sheet, "point_class", sheet.series("point_class"), class_of, ""),
        "place": sheet.series("place").map(lambda text: _first(text, PLACES)),
        "used_since": _read(sheet, "used_since", sheet.series("used_since"), day_of, ""),
        "filing_no": sheet.series("filing_no"),
        "filed_on": _read(sheet, "filed_on", sheet.series("filed_on"), day_of, ""),
        "notice": _read(sheet, "notice", sheet.series("notice"), answer_of, ""),
        "retention_days": _read(sheet, "retention_days", sheet.series("retention_days"), days_of, np.nan),
        "light": _read(sheet, "light", sheet.series("light"), light_of, ""),
        "light_m": _numbers(
            sheet, "light_m", sheet.series("light_m").str.removesuffix("米").str.removesuffix("m"), 1, 1000
        ),
        "snap": _read(sheet, "snap", sheet.series("snap"), answer_of, ""),
    }


def pixels_of(text: str) -> float:
    """Horizontal pixels of ``1080P``, ``1920x1080``, ``400万``, ``4K`` or a bare number; NaN for none."""
    plain = text.strip().lower()
    size = _BY_SIZE.search(plain)
    if size:
        return float(max(int(each) for each in size.groups()))
    if plain in _PIXELS:
        return float(_PIXELS[plain])
    millions, mega = _MILLIONS.fullmatch(plain), _MEGA.fullmatch(plain)
    if millions or mega:
        many = float(millions.group(1)) if millions else 100 * float(mega.group(1))  # type: ignore[union-attr]
        return float(min(_WIDTH_OF_MILLIONS, key=lambda row: abs(row[0] - many))[1])
    value = coordinates.number_of(plain.removesuffix("px"))
    return value if 160 <= value <= 20_000 else float("nan")


def day_of(text: str) -> str:
    """An ISO day of ``2025-03-01``, ``2025/3/1``, ``20250301``, ``2025年3月1日``; empty for none."""
    found = _DAY.fullmatch(text.strip()) or _PACKED.fullmatch(text.strip())
    if not found:
        return ""
    try:
        return date(*(int(part) for part in found.groups())).isoformat()
    except ValueError:
        return ""


def answer_of(text: str) -> str:
    """``yes``, ``no`` or empty."""
    plain = text.strip()
    return "yes" if _YES.fullmatch(plain) else "no" if _NO.fullmatch(plain) else ""


def light_of(text: str) -> str:
    """``none``, ``infrared`` or ``white`` of 红外补光, IR, 无, or the code of GB/T 28181; empty for none of them."""
    plain = text.strip()
    return next((kind for kind, pattern in _LIGHTS if pattern.search(plain)), "")


def class_of(text: str) -> str:
    """``1``, ``2``, ``3`` of 一类点, 二类, III ...; empty for none."""
    found = _CLASS.fullmatch(text.strip())
    return _CLASSES[found.group(1).lower()] if found else ""


def days_of(text: str) -> float:
    """Days of ``90``, ``30天``, ``不少于30日``, ``3个月`` (30 days each); NaN for none."""
    found = _DAYS.fullmatch(text.strip().lower())
    if not found:
        return float("nan")
    return float(found.group(1)) * (30 if (found.group(2) or "").startswith(("个月", "month")) else 1)


def _read(
    sheet: Sheet, field: str, texts: "pd.Series[str]", read: Callable[[str], object], none: object
) -> ObjectArray:
    known = {text: read(text) for text in texts.unique()}
    values = np.array([known[text] for text in texts], dtype=object)
    unread = np.array([bool(text) and (known[text] in ("", none) or known[text] != known[text]) for text in texts])
    _tell(sheet, field, texts, unread)
    return values


def _numbers(sheet: Sheet, field: str, texts: "pd.Series[str]", low: float, high: float) -> Floats:
    known = {
        text: coordinates.number_of(text.lower().removesuffix("mm")) if text else np.nan for text in texts.unique()
    }
    values = np.array([known[text] for text in texts], dtype=float)
    with np.errstate(invalid="ignore"):
        wrong = (texts != "").to_numpy() & ~((values >= low) & (values <= high))
    _tell(sheet, field, texts, wrong)
    return np.where(wrong, np.nan, values)


def _tell(sheet: Sheet, field: str, texts: "pd.Series[str]", wrong: npt.NDArray[np.bool_]) -> None:
    """Say which values of an optional column were dropped; the cameras stay."""
    if not wrong.any():
        return
    rows = np.flatnonzero(wrong)
    header, example = sheet.heads.get(field) or field, texts.iloc[int(rows[0])][:20]
    sheet.fix("values_not_read", len(rows))
    sheet.warn(
        f"“{header}”有 {len(rows):,} 个值无法识别(如第 {rows[0] + 1} 条“{example}”),该项留空,摄像机已导入。",
        f"{len(rows):,} values in '{header}' could not be read (record {rows[0] + 1}: '{example}'); they are left empty, "
        "the cameras are in.",
    )


def _first(text: str, kinds: tuple[tuple[str, re.Pattern[str]], ...]) -> str:
    return next((name for name, pattern in kinds if pattern.search(text)), text.strip())


def _filled(column: "pd.Series[str]", other: "pd.Series[str] | None") -> "pd.Series[str]":
    return column if other is None else column.where(column != "", other)
