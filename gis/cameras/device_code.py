"""GB/T 28181 device codes, 20 digits, read and checked field by field; what a spreadsheet did to them is recognised.

It never mends a code: digits that a spreadsheet rounded away are gone, and only the source knows them. Editions of the
standard differ on the industry and on some types; such values are named where they are known and never called wrong.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from gis.errors import CodeError

Damage = Literal["", "exponent", "decimal", "rounded", "maybe_rounded"]
"""``exponent``: 1.5E+19. ``decimal``: a number with a point, or a float. ``rounded``: the last digits are surely gone.
``maybe_rounded``: they look as a float64 would leave them, which one true code in about 700 does, too."""

LENGTH = 20
CAMERA_TYPES = ("131", "132")

TYPES = {
    "111": ("数字视频录像机", "DVR"), "112": ("视频服务器", "video server"), "113": ("编码器", "encoder"),
    "114": ("解码器", "decoder"), "117": ("报警控制器", "alarm controller"), "118": ("网络视频录像机", "NVR"),
    "131": ("摄像机", "camera"), "132": ("网络摄像机", "IP camera"), "133": ("显示器", "monitor"),
    "134": ("报警输入设备", "alarm input"), "135": ("报警输出设备", "alarm output"),
    "136": ("语音输入设备", "voice input"), "137": ("语音输出设备", "voice output"),
    "200": ("中心信令控制服务器", "signalling server"), "215": ("业务分组", "business group"),
    "216": ("虚拟组织", "virtual organisation"),
}  # fmt: skip
"""Digits 11-13 on which the editions read agree."""

INDUSTRIES = {
    "00": ("社会治安路面接入", "public security, roads"), "01": ("社会治安社区接入", "public security, communities"),
    "02": ("社会治安内部接入", "public security, premises"), "03": ("社会治安其他接入", "public security, other"),
    "04": ("交通路面接入", "traffic, roads"), "05": ("交通卡口接入", "traffic, checkpoints"),
    "06": ("交通内部接入", "traffic, premises"), "07": ("交通其他接入", "traffic, other"),
    "08": ("城市管理接入", "urban management"), "09": ("卫生环保接入", "health and environment"),
    "10": ("商检海关接入", "customs"), "11": ("教育部门接入", "education"),
}  # fmt: skip
"""Digits 9-10 on which the editions read agree; others are accepted without a name."""

_PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
    for code in range(first, last + 1)
)
_EXPONENT = re.compile(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+")
_DECIMAL = re.compile(r"\d+[.,]0*")
_EXCEL_DIGITS = 15
_LEAST_CODES, _LEAST_SHARE = 3, 0.05


@dataclass(frozen=True)
class FieldProblem:
    """A field of a code that is not as the standard has it.

    Parameters
    ----------
    field
        ``code``, ``length``, ``digits``, ``centre``, ``type``, ``network`` or ``serial``.
    value
        What stands there.
    expected
        What should stand there, in short, the same in both languages.
    """

    field: str
    value: str
    expected: str
    zh: str
    en: str


@dataclass(frozen=True)
class DeviceCode:
    """A code taken apart; the fields are empty where there are not 20 digits.

    Parameters
    ----------
    text
        The code as read: full-width digits made plain, blanks and a leading apostrophe taken off.
    centre, industry, kind, network, serial
        Digits 1-8, 9-10, 11-13, 14 and 15-20.
    damage
        What a spreadsheet did to it.
    problems
        Every wrong field. A code that is only ``maybe_rounded`` has none for that.
    """

    text: str
    centre: str
    industry: str
    kind: str
    network: str
    serial: str
    damage: Damage
    problems: tuple[FieldProblem, ...]

    @property
    def ok(self) -> bool:
        """Whether no field is wrong."""
        return not self.problems


def read_code(value: object, *, district: str = "", types: Sequence[str] = CAMERA_TYPES) -> DeviceCode:
    """Take a code apart and name every wrong field.

    Parameters
    ----------
    value
        Text, or an int, which is exact; a float never is. Missing (None, NaN, "") is the problem ``code``.
    district
        First digits that the code must have, such as ``150304``; empty for any of the country.
    types
        Digits 11-13 that count as a camera.

    Raises
    ------
    CodeError
        ``district`` is not up to eight digits.
    """
    if not re.fullmatch(r"[0-9]{0,8}", district):
        raise CodeError(
            zh=f"行政区划前缀“{district}”应为至多 8 位数字。", en=f"The prefix '{district}' is not up to eight digits."
        )
    text = _plain(value)
    damage = "decimal" if isinstance(value, float) and text and "e" not in text.lower() else damage_of(text)
    if damage in ("exponent", "decimal"):
        return DeviceCode(text, "", "", "", "", "", damage, (_spoilt(text),))
    wrong = _whole(text)
    if wrong:
        return DeviceCode(text, "", "", "", "", "", damage, wrong)
    fields = text[:8], text[8:10], text[10:13], text[13], text[14:]
    problems = (
        *_centre(text[:8], district),
        *_kind(text[10:13], tuple(types)),
        *_network(text[13]),
        *_serial(text[14:], damage),
    )
    return DeviceCode(text, *fields, damage, problems)


def damage_of(text: str) -> Damage:
    """What a spreadsheet did to one code, as far as one code tells.

    Excel keeps 15 digits and writes zeros after them: surely damaged. A float64 of 20 digits is a multiple of its
    spacing (2,048 at 1.5e19), or is printed with 17 digits and zeros: true codes may look so by chance.
    """
    if _EXPONENT.fullmatch(text):
        return "exponent"
    if _DECIMAL.fullmatch(text):
        return "decimal"
    if not re.fullmatch(r"[0-9]{20}", text) or text == "0" * LENGTH:
        return ""
    if text.endswith("0" * (LENGTH - _EXCEL_DIGITS)):
        return "rounded"
    number = int(text)
    as_float = float(number)
    shortest = f"{as_float!r}".split("e")[0].replace(".", "").ljust(LENGTH, "0")
    return "maybe_rounded" if int(as_float) == number or shortest == text else ""


def check_codes(
    values: Iterable[object], *, district: str = "", types: Sequence[str] = CAMERA_TYPES
) -> tuple[list[DeviceCode], pd.DataFrame]:
    """Check a column of codes, with what only the whole column tells.

    Where at least 3 codes and 5 % of those with 20 digits are ``maybe_rounded``, a hundred times what chance gives, they
    all count as ``rounded``. A code that stands twice is a problem of every row that has it: rounding makes such pairs.

    Returns
    -------
    codes, problems
        One code per value, in order; and a table ``row`` (from 0), ``code``, ``field``, ``value``, ``expected``,
        ``message_zh``, ``message_en``, in order of the rows.
    """
    codes = [read_code(value, district=district, types=types) for value in values]
    whole = sum(bool(code.centre) for code in codes)
    doubtful = sum(code.damage == "maybe_rounded" for code in codes)
    if doubtful >= max(_LEAST_CODES, _LEAST_SHARE * whole):
        codes = [_surely(code) if code.damage == "maybe_rounded" else code for code in codes]
    counts = pd.Series([code.text for code in codes if code.centre], dtype="str").value_counts().to_dict()
    codes = [_twice(code, int(counts[code.text])) if counts.get(code.text, 0) > 1 else code for code in codes]
    rows = [
        (row, code.text, problem.field, problem.value, problem.expected, problem.zh, problem.en)
        for row, code in enumerate(codes)
        for problem in code.problems
    ]
    names = ["row", "code", "field", "value", "expected", "message_zh", "message_en"]
    return codes, pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[1:], "str") | {"row": "int64"})


def _plain(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    return unicodedata.normalize("NFKC", str(value)).strip().lstrip("'").strip()


def _spoilt(text: str) -> FieldProblem:
    return FieldProblem(
        "code",
        text,
        "20 digits as text",
        zh=f"国标编码“{text}”已被电子表格改成数字,末尾几位已丢失;请从原系统以文本格式重新导出。",
        en=f"The code '{text}' was made a number by a spreadsheet and its last digits are lost; export it again as text.",
    )


def _whole(text: str) -> tuple[FieldProblem, ...]:
    if not text:
        return (FieldProblem("code", "", "20 digits", zh="国标编码为空。", en="There is no device code."),)
    found = []
    strange = [(place, sign) for place, sign in enumerate(text, start=1) if sign not in "0123456789"]
    if strange:
        place, sign = strange[0]
        found.append(
            FieldProblem(
                "digits",
                sign,
                "0-9",
                zh=f"国标编码第 {place} 位为“{sign}”,应为数字(共 {len(strange)} 处)。",
                en=f"Character {place} of the code is '{sign}', not a digit ({len(strange)} such).",
            )
        )
    if len(text) != LENGTH:
        found.append(
            FieldProblem(
                "length",
                str(len(text)),
                str(LENGTH),
                zh=f"国标编码有 {len(text)} 位,应为 {LENGTH} 位。",
                en=f"The code has {len(text)} characters, not {LENGTH}.",
            )
        )
    return tuple(found)


def _centre(centre: str, district: str) -> tuple[FieldProblem, ...]:
    if district and not centre.startswith(district):
        place = f"1-{len(district)}"
        return (_wrong("centre", "中心编码", "centre", place, centre[: len(district)], district),)
    if centre[:2] not in _PROVINCES:
        return (_wrong("centre", "中心编码(省级)", "centre (province)", "1-2", centre[:2], "GB/T 2260"),)
    return ()


def _kind(kind: str, types: tuple[str, ...]) -> tuple[FieldProblem, ...]:
    if kind in types:
        return ()
    zh, en = TYPES.get(kind, ("", ""))
    value = f"{kind} {zh} {en}" if zh else kind
    return (_wrong("type", "设备类型", "type", "11-13", value, " / ".join(types)),)


def _network(network: str) -> tuple[FieldProblem, ...]:
    return (_wrong("network", "网络标识", "network", "14", network, "0-8"),) if network == "9" else ()


def _serial(serial: str, damage: Damage) -> tuple[FieldProblem, ...]:
    if damage == "rounded":
        return (_rounded(serial),)
    return (_wrong("serial", "序号", "serial", "15-20", serial, "000001-999999"),) if serial == "000000" else ()


def _rounded(serial: str) -> FieldProblem:
    return FieldProblem(
        "serial",
        serial,
        "000001-999999",
        zh=f"国标编码第 15-20 位(序号)为“{serial}”,像是电子表格取整后的结果;请从原系统以文本格式重新导出。",
        en=f"Digits 15-20 (serial) are '{serial}', as a spreadsheet leaves them after rounding; export them as text.",
    )


def _wrong(field: str, name_zh: str, name_en: str, place: str, value: str, expected: str) -> FieldProblem:
    return FieldProblem(
        field,
        value,
        expected,
        zh=f"国标编码第 {place} 位({name_zh})为“{value}”,应为 {expected}。",
        en=f"Digits {place} of the code ({name_en}) are '{value}', expected {expected}.",
    )


def _with(code: DeviceCode, damage: Damage, problem: FieldProblem) -> DeviceCode:
    fields = code.text, code.centre, code.industry, code.kind, code.network, code.serial
    return DeviceCode(*fields, damage, (*code.problems, problem))


def _surely(code: DeviceCode) -> DeviceCode:
    return _with(code, "rounded", _rounded(code.serial))


def _twice(code: DeviceCode, count: int) -> DeviceCode:
    problem = FieldProblem(
        "code",
        code.text,
        "unique",
        zh=f"国标编码“{code.text}”在表中出现 {count} 次,应唯一。",
        en=f"The code '{code.text}' stands {count} times in the table; it should be unique.",
    )
    return _with(code, code.damage, problem)
