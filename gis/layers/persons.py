"""The guard at the door: places go in, people stay out.

Personal columns are dropped by their header, or by what they hold under an innocent header; ID-card numbers, telephone numbers,
plates, e-mail addresses and names with a title are masked inside free text. It runs before anything is stored or reported. It can miss a
bare name in a sentence, and it may mask a shop named after a person; both are said in the docs.
"""

import re
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gis.layers.fields import HeaderMap

MASK = "***"

CODE_FIELDS = frozenset(
    {"id", "device_id", "grid_code", "community_code", "street_code", "district_code", "category_code", "code", "parent",
     "code_nbs", "code_mca", "scheme", "crs"}
)  # fmt: skip
"""Fields of codes: single cells are never masked here, only a column that is personal as a whole is dropped."""

VALUE_FIELDS = frozenset(
    {"lon", "lat", "lonlat", "time", "date", "clock", "hour", "time_to", "azimuth", "angle", "range_m", "height_m", "levels",
     "tilt", "presets", "resolution_px", "sensor_mm", "focal_mm", "used_since", "filed_on", "retention_days", "light_m",
     "households", "oneway", "synthetic", "valid_from", "valid_to"}
)  # fmt: skip
"""Fields parsed to numbers and times: what does not parse is refused and masked in the rejects."""

_MOSTLY = 0.6
_SAMPLE = 5000
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈姚卢傅钟姜崔谭廖范汪陆金石戴"
    "贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷龙黎史陶贺毛郝顾龚邵万覃武钱严莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁房屈饶解牟艾尤时穆司古吉缪简车项连芦麦"
)
_TITLES = "先生|女士|小姐|太太|同志|阿姨|大爷|大妈|师傅"
_ROLES = "姓名|联系人|报警人|报案人|诉求人|来电人|投诉人|举报人|当事人|反映人|户主|业主|负责人|机主"
_NOT_NAMES = re.compile(
    r"[街路村镇乡区县市旗院店所局校园站桥楼社网格场司心厂队矿山河湖里巷类物水门户号栋座层道库馆苑庭城中东西南北某未无其他]|问题|违|占|乱"
)
_NAME = re.compile(rf"(?:[{SURNAMES}][\u4e00-\u9fa5]{{1,2}}|(?:欧阳|上官|司马|诸葛|东方|皇甫)[\u4e00-\u9fa5]{{1,2}})")
PLATE = r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-HJ-NP-Z][·•. -]?(?=[A-HJ-NP-Z0-9]*\d)[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳](?![A-Z0-9])"
_MOBILE = r"(?<![\d.])(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?![\d.]\d|\d)"
_LANDLINE = r"(?<![\d.])(?:\(0\d{2,3}\)|0(?:10|2\d|[3-9]\d{2})[- ]?)\d{7,8}(?!\d)"
_LONG_ID = r"(?<!\d)[1-9]\d{16}[\dXx](?![\dA-Za-z])"
_OLD_ID = r"(?<!\d)[1-9]\d{14}(?!\d)"
_MAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+"
_LABELLED = rf"(?P<label>(?:{_ROLES})(?:姓名)?\s*(?:[:：为是]\s*|\s+|(?=[{SURNAMES}])))(?P<name>[\u4e00-\u9fa5·]{{2,4}}?)(?=$|[^\u4e00-\u9fa5·]|{_TITLES}|电话|手机|身份|住|称|反映|报|来电|于|在)"
_TITLED = rf"[{SURNAMES}][\u4e00-\u9fa5某*]{{0,2}}?(?P<title>{_TITLES})(?!面|馆|餐|饭|店|牛|拉|修)"
_SUSPECT = rf"\d[\d\- ]{{6,}}|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-HJ-NP-Z]|{_ROLES}|{_TITLES}|@"
"""What RE2 finds fast; only cells with it are looked at closely."""


@dataclass(frozen=True)
class Guarded:
    """Columns without people.

    Parameters
    ----------
    columns
        Header to text array; personal columns are gone.
    dropped
        Headers of personal columns, in file order.
    masked
        Header to the number of cells in which something was masked.
    """

    columns: dict[str, pa.Array]
    dropped: list[str] = field(default_factory=list)
    masked: dict[str, int] = field(default_factory=dict)


def guard(columns: dict[str, pa.Array], heads: HeaderMap) -> Guarded:
    """Drop personal columns and mask personal text in all columns that will be read.

    Parameters
    ----------
    columns
        Header to text array, as read.
    heads
        What the headers mean; its refused headers go first.
    """
    field_of = {header: name for name, header in heads.fields.items()}
    kept: dict[str, pa.Array] = {}
    dropped = []
    masked = {}
    for header, texts in columns.items():
        name = field_of.get(header, "")
        if header in heads.refused or (name not in VALUE_FIELDS and is_personal(texts, code=name in CODE_FIELDS)):
            dropped.append(header)
            continue
        if name and name not in VALUE_FIELDS and name not in CODE_FIELDS:
            texts, count = mask_column(texts)
            if count:
                masked[header] = count
        kept[header] = texts
    return Guarded(kept, dropped, masked)


def is_personal(texts: pa.Array, *, code: bool = False) -> bool:
    """Whether a column as a whole is of ID numbers, telephone numbers, plates or names, judged by its first 5,000 filled cells.

    Parameters
    ----------
    code
        The column holds codes: eleven digits that share their district prefix are codes, not telephones, and a
        single chance hit of the checksum (1 in 11) means nothing.
    """
    filled = texts.filter(pc.not_equal(texts, "")).slice(0, _SAMPLE).to_pylist()
    if not filled:
        return False
    cells = [cell.strip() for cell in filled]
    due = _MOSTLY * len(cells)
    if sum(is_id_card(cell, old=not code) for cell in cells) >= due:
        return True
    if sum(re.fullmatch(PLATE, cell) is not None for cell in cells) >= due:
        return True
    phones = [cell for cell in cells if re.fullmatch(rf"{_MOBILE}|{_LANDLINE}", cell)]
    if len(phones) >= due and not (code and _share_prefix(phones)):
        return True
    return not code and _is_names(cells)


def mask_column(texts: pa.Array) -> tuple[pa.Array, int]:
    """A text column with personal text masked, and how many cells that touched."""
    suspect = pc.match_substring_regex(texts, _SUSPECT)
    if not pc.any(suspect).as_py():
        return texts, 0
    found = texts.filter(suspect).dictionary_encode()
    before = found.dictionary.to_pylist()
    after = [mask_text(text) for text in before]
    changed = np.array([a != b for a, b in zip(after, before, strict=True)])
    if not changed.any():
        return texts, 0
    replaced = pa.array(after, pa.string()).take(found.indices)
    return pc.replace_with_mask(texts, suspect, replaced), int(changed[np.asarray(found.indices)].sum())


def mask_text(text: str) -> str:
    """One text with ID numbers, telephones, plates, mail addresses and titled or labelled names replaced by ``***``."""
    text = re.sub(_LONG_ID, lambda m: MASK if is_id_card(m.group()) else m.group(), text)
    text = re.sub(
        _OLD_ID, lambda m: MASK if is_id_card(m.group()) and not _is_called_code(text, m.start()) else m.group(), text
    )
    text = re.sub(_MAIL, MASK, text)
    text = re.sub(_MOBILE, MASK, text)
    text = re.sub(_LANDLINE, MASK, text)
    text = re.sub(PLATE, MASK, text)
    text = re.sub(_LABELLED, lambda m: m.group("label") + MASK, text)
    return re.sub(_TITLED, lambda m: MASK + m.group("title"), text)


def _is_called_code(text: str, at: int) -> bool:
    return re.search(r"(?:编码|编号|网格|代码|单号|工单)\D{0,3}$", text[:at]) is not None


def is_id_card(text: str, *, old: bool = True) -> bool:
    """18 digits with the right checksum, or 15 of the form before 1999; both with a province and a date of birth."""
    if re.fullmatch(_LONG_ID, text):
        total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
        return _CHECKS[total % 11] == text[17].upper() and text[:2] in _PROVINCES and _is_birth(text[6:14])
    if old and re.fullmatch(_OLD_ID, text):
        return text[:2] in _PROVINCES and _is_birth("19" + text[6:12])
    return False


def _is_birth(digits: str) -> bool:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    return (
        1900 <= year <= 2099
        and 1 <= month <= 12
        and 1 <= day <= (31 if month in (1, 3, 5, 7, 8, 10, 12) else 29 if month == 2 else 30)
    )


def _share_prefix(cells: list[str]) -> bool:
    """Codes of one district begin alike; telephone numbers of a district's people do not."""
    prefixes = {cell[:7] for cell in cells}
    return len(prefixes) <= max(1, len(cells) // 5)


def _is_names(cells: list[str]) -> bool:
    """Two to four hanzi that begin with a surname and hold no word of places, matters or units, in most distinct cells."""
    distinct = set(cells)
    names = [cell for cell in distinct if _NAME.fullmatch(cell) and not _NOT_NAMES.search(cell)]
    return len(distinct) >= 3 and len(names) >= 0.8 * len(distinct)
