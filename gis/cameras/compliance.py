"""The camera register held against the rules for public-safety video: what is in order, what is not, what nobody wrote down.

Source: Regulation on the Administration of Public Security Video Image Information Systems (State Council Order 799, in
force since 2025-04-01), articles as told in docs/methods/cameras.md; the district edits limits and kinds of place.
It is a check of a register and no legal advice. A missing value is ``unknown``: never in order, and never wrong.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.cameras.device_code import check_codes
from gis.cameras.private_ground import PrivateGround, watched_m2
from gis.cameras.views import ALL_ROUND
from gis.errors import ShapeError

Shapes = npt.NDArray[np.object_]

_LEAST_M2 = 1.0
"""Less than this is an edge of the drawing."""

IN_ORDER, WRONG, UNKNOWN = "in_order", "wrong", "unknown"

PLACES = {
    "road": ("道路", "road"), "square": ("广场", "square"), "station": ("车站", "station"), "bridge": ("桥梁", "bridge"),
    "underpass": ("地下通道", "underpass"), "school_gate": ("校门", "school gate"), "school": ("学校公共区域", "school"),
    "market": ("市场", "market"), "park": ("公园", "park"), "hospital": ("医院公共区域", "hospital"),
    "residential_entrance": ("小区出入口", "residential entrance"), "courier_outlet": ("寄递网点", "courier outlet"),
    "railway": ("铁路沿线", "railway"), "hotel_room": ("客房或包间", "hotel or private room"), "bathhouse": ("公共浴室", "bathhouse"),
    "toilet": ("卫生间", "toilet"), "changing_room": ("更衣室、试衣间", "changing room"), "nursing_room": ("母婴室", "nursing room"),
    "dormitory": ("宿舍", "dormitory"), "ward": ("病房、诊室", "ward"), "residential_interior": ("住宅内部", "inside a home"),
}  # fmt: skip
"""Kinds of place with their names."""

EXCLUDED = (
    "hotel_room",
    "bathhouse",
    "toilet",
    "changing_room",
    "nursing_room",
    "dormitory",
    "ward",
    "residential_interior",
)
"""Where no such camera may be (Art. 8: rooms and areas where private life can be seen or heard)."""

RULES = {
    "place": ("2, 7", "安装场所为公共场所", "stands in a public place"),
    "excluded": ("8", "不安装在禁止场所,也不拍摄禁止区域", "neither stands in nor watches an excluded place"),
    "homes": ("13", "住宅门窗和院落占画面不过多", "not too much of what it sees lies before homes"),
    "reach": ("13", "角度和距离不超过该类场所所需", "angle and range no more than such a place needs"),
    "notice": ("13", "设有提示标识", "there is a visible notice"),
    "filing": ("14", "有备案号和备案日期", "a filing number and date are on record"),
    "filed_in_time": ("14", "在期限内备案", "filed in time"),
    "retention": ("17", "保存天数不少于规定", "kept for the prescribed days"),
    "owner": ("15, 19", "有责任单位", "a unit is responsible"),
    "code": ("GB/T 28181", "国标编码有效", "the device code is valid"),
}
"""Rule to article and name."""

_PERSON = re.compile(
    r"[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹潘葛范彭鲁马苗方任袁柳史唐费薛雷贺罗毕郝安常于傅齐康伍余元顾孟黄萧尹姚邵汪毛米贝戴宋庞熊纪舒项祝董梁杜阮蓝贾江郭梅林徐邱高夏蔡田樊胡霍虞万柯卢莫房丁邓石崔程陆段侯武刘龙叶白乔谭][\u4e00-\u9fff]{1,2}"
)
_UNIT = re.compile(
    r"局|所|队|站|中心|委|办|公司|学校|小学|中学|医院|处|部|院|街道|社区|村|厂|店|馆|集团|银行|物业|政府|镇|乡"
)
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)")


DEFAULT_REACH: Mapping[str, tuple[float, float]] = {
    "residential_entrance": (120.0, 60.0),
    "school_gate": (180.0, 120.0),
    "": (360.0, 300.0),
}
"""Widest angle (deg) and longest range (m) by kind of place. Our own choice: the regulation tells no numbers."""


@dataclass(frozen=True)
class RegisterRules:
    """What the check wants; the district edits it.

    Parameters
    ----------
    filing_days
        Days after first use within which a system is filed (Art. 14).
    in_force, old_until
        Systems used before ``in_force`` are filed by ``old_until``, that day included (Art. 14).
    retention_days, retention_most
        Days that footage is kept (Art. 17); above ``retention_most`` somebody should say why.
    excluded
        Kinds of place without cameras.
    reach
        Kind of place to the widest angle (deg) and longest range (m) it needs; ``""`` for every other kind.
    homes_share
        Of the visible area before homes, above which a camera is to be turned or masked. Our own choice.
    district
        First digits that the device code must have; empty for any.
    """

    filing_days: int = 30
    in_force: date = date(2025, 4, 1)
    old_until: date = date(2025, 7, 1)
    retention_days: float = 30.0
    retention_most: float = 365.0
    excluded: tuple[str, ...] = EXCLUDED
    reach: Mapping[str, tuple[float, float]] = field(default_factory=lambda: dict(DEFAULT_REACH))
    homes_share: float = 0.15
    district: str = ""


@dataclass(frozen=True, eq=False)
class Sight:
    """What cameras see, and the ground that they must not, or hardly, watch; one metric CRS, rows of the register.

    Parameters
    ----------
    sure, may
        Visible areas: surely seen, and seen at most.
    ground
        Before excluded places, and before homes.
    """

    sure: Shapes
    may: Shapes
    ground: PrivateGround


@dataclass(frozen=True, eq=False)
class RegisterCheck:
    """What the check found.

    Parameters
    ----------
    findings
        One row a camera and rule that is not in order: ``row``, ``camera``, ``rule``, ``article``, ``state`` (``wrong`` or
        ``unknown``), ``value``, ``zh``, ``en``.
    summary
        One row a rule: ``rule``, ``article``, ``zh``, ``en``, ``cameras``, ``in_order``, ``wrong``, ``unknown``.
    on
        Day of the check.
    """

    findings: pd.DataFrame
    summary: pd.DataFrame
    on: date


def check_register(
    cameras: pd.DataFrame,
    *,
    on: date,
    rules: RegisterRules | None = None,
    sight: Sight | None = None,
) -> RegisterCheck:
    """Hold every camera against every rule.

    Parameters
    ----------
    cameras
        ``cameras`` table; missing columns count as not written down.
    on
        Day of the check: a filing that is not due yet is in order.
    sight
        What each camera sees and must not watch; without it only the kind of place is checked.

    Raises
    ------
    ShapeError
        ``sight`` has not one shape a camera.
    """
    wanted = rules or RegisterRules()
    if sight is not None and not len(sight.sure) == len(sight.may) == len(cameras):
        raise ShapeError(
            zh=f"摄像机 {len(cameras)} 台,可视范围 {len(sight.sure)} 个,数目不符。",
            en=f"There are {len(cameras)} cameras and {len(sight.sure)} visible areas.",
        )
    told = _Told(cameras)
    checks: dict[str, Callable[[], list[_Verdict]]] = {
        "place": lambda: [_place(kind, wanted) for kind in told.text("place")],
        "excluded": lambda: _excluded(told, sight, wanted),
        "homes": lambda: _homes(sight, len(cameras), wanted),
        "reach": lambda: _reach(told, wanted),
        "notice": lambda: [_notice(text) for text in told.text("notice")],
        "filing": lambda: _filing(told, on, wanted),
        "filed_in_time": lambda: _filed_in_time(told, on, wanted),
        "retention": lambda: [_retention(days, wanted) for days in told.number("retention_days")],
        "owner": lambda: [_owner(text) for text in told.text("owner")],
        "code": lambda: _codes(told, wanted),
    }
    rows, sums = [], []
    for rule, check in checks.items():
        verdicts = check()
        article, zh, en = RULES[rule]
        count = {state: sum(each.state == state for each in verdicts) for state in (IN_ORDER, WRONG, UNKNOWN)}
        sums.append({"rule": rule, "article": article, "zh": zh, "en": en, "cameras": len(cameras), **count})
        rows += [
            {"row": row, "camera": told.ids[row], "rule": rule, "article": article, **vars(each)}
            for row, each in enumerate(verdicts)
            if each.state != IN_ORDER
        ]
    names = ["row", "camera", "rule", "article", "state", "value", "zh", "en"]
    findings = pd.DataFrame(rows, columns=names)
    order = findings["state"].map({WRONG: 0, UNKNOWN: 1})
    findings = findings.assign(order=order).sort_values(["order", "row"], kind="stable").drop(columns="order")
    return RegisterCheck(findings.reset_index(drop=True), pd.DataFrame(sums), on)


@dataclass(frozen=True)
class _Verdict:
    state: str
    value: str = ""
    zh: str = ""
    en: str = ""


_GOOD = _Verdict(IN_ORDER)


class _Told:
    """The register's columns, absent ones as missing."""

    def __init__(self, cameras: pd.DataFrame) -> None:
        self._frame = cameras
        self.ids = self.text("id")

    def text(self, name: str) -> list[str]:
        if name not in self._frame:
            return [""] * len(self._frame)
        return [str(each).strip() for each in self._frame[name].fillna("")]

    def number(self, name: str) -> list[float]:
        if name not in self._frame:
            return [float("nan")] * len(self._frame)
        return [float(each) for each in pd.to_numeric(self._frame[name], errors="coerce").astype(float)]

    def day(self, name: str) -> list[date | None]:
        return [_day(text) for text in self.text(name)]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _unknown(zh: str, en: str) -> _Verdict:
    return _Verdict(UNKNOWN, "", zh, en)


def _place(kind: str, rules: RegisterRules) -> _Verdict:
    if not kind:
        return _unknown("未填场所类型。", "The kind of place is not written down.")
    if kind in rules.excluded:
        return _Verdict(
            WRONG,
            kind,
            f"“{PLACES.get(kind, (kind,))[0]}”不是公共场所。",
            f"{PLACES.get(kind, (kind, kind))[1].capitalize()} is no public place.",
        )
    if kind not in PLACES:
        return _Verdict(
            UNKNOWN, kind, f"场所类型“{kind}”不在表中,请核对。", f"'{kind}' is no kind of place of the table."
        )
    return _GOOD


def _excluded(told: _Told, sight: Sight | None, rules: RegisterRules) -> list[_Verdict]:
    kinds = told.text("place")
    if sight is None:
        none = _unknown("场所类型和可视范围均未知。", "Neither kind of place nor visible area is known.")
        return [_stands(kind) if kind in rules.excluded else none if not kind else _GOOD for kind in kinds]
    watched = [
        _watched(*each, "禁止区域", "excluded ground", least=0.0) for each in _watches(sight, sight.ground.excluded)
    ]
    # A clear view does not tell in what room the camera hangs.
    none = _unknown(
        "未填场所类型,不能判断是否位于禁止场所。",
        "Without the kind of place nobody can tell whether it stands in an excluded one.",
    )
    return [
        _stands(kind) if kind in rules.excluded else none if not kind and found.state == IN_ORDER else found
        for kind, found in zip(kinds, watched, strict=True)
    ]


def _stands(kind: str) -> _Verdict:
    name = PLACES.get(kind, (kind, kind))
    return _Verdict(
        WRONG,
        kind,
        f"位于禁止安装的场所({name[0]}),应拆除。",
        f"It stands in an excluded place ({name[1]}): take it down.",
    )


def _homes(sight: Sight | None, count: int, rules: RegisterRules) -> list[_Verdict]:
    if sight is None:
        return [_unknown("可视范围未知。", "The visible area is not known.")] * count
    watched = _watches(sight, sight.ground.homes)
    return [_watched(*each, "住宅门窗和院落", "ground before homes", least=rules.homes_share) for each in watched]


def _watches(sight: Sight, ground: Shapes) -> list[tuple[float, float, float]]:
    """For each camera: ground surely watched in m2 and as a share of what it sees, and the share of what it may see."""
    sure, may = watched_m2(sight.sure, ground), watched_m2(sight.may, ground)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = [np.nan_to_num(part / shapely.area(whole)) for part, whole in ((sure, sight.sure), (may, sight.may))]
    return list(zip(sure.tolist(), shares[0].tolist(), shares[1].tolist(), strict=True))


def _watched(area_m2: float, share: float, may_share: float, zh: str, en: str, *, least: float) -> _Verdict:
    """Wrong where more than a share, and a square metre, is surely watched; unknown where it may be."""
    if area_m2 >= _LEAST_M2 and share > least:
        value = f"{area_m2:.0f} m2, {share:.1%}"
        return _Verdict(
            WRONG, value, f"可视范围内{zh} {area_m2:.0f} 平方米,占 {share:.1%};请调整角度或设置遮挡区。",
            f"It watches {area_m2:.0f} m2 of {en}, {share:.1%} of what it sees: turn or mask it.",
        )  # fmt: skip
    if area_m2 < _LEAST_M2 and may_share > least:
        value = f"{may_share:.1%}"
        return _Verdict(
            UNKNOWN, value, f"方向不定:可能看到的范围内{zh}占 {value}。",
            f"Its direction is not fixed: {en} is {value} of what it may see.",
        )  # fmt: skip
    return _GOOD


def _reach(told: _Told, rules: RegisterRules) -> list[_Verdict]:
    found = []
    columns = (
        told.text("place"),
        told.text("camera_type"),
        told.number("azimuth"),
        told.number("angle"),
        told.number("range_m"),
    )
    for kind, type_, azimuth, angle, range_m in zip(*columns, strict=True):
        widest, longest = rules.reach.get(kind, rules.reach.get("", (360.0, np.inf)))
        all_round = type_.lower() in ALL_ROUND
        if angle > widest or range_m > longest:
            value = f"{angle:g} deg, {range_m:g} m"
            found.append(
                _Verdict(
                    WRONG, value, f"视角 {angle:g} 度、距离 {range_m:g} 米,该类场所至多 {widest:g} 度、{longest:g} 米。",
                    f"{angle:g} degrees and {range_m:g} m; such a place needs at most {widest:g} degrees and {longest:g} m.",
                )
            )  # fmt: skip
        elif np.isnan(angle) or np.isnan(range_m) or (np.isnan(azimuth) and not all_round):
            found.append(
                _unknown("方位角、视角或距离未填,无法判断。", "Direction, angle or range is not written down.")
            )
        else:
            found.append(_GOOD)
    return found


def _notice(text: str) -> _Verdict:
    if text == "no":
        return _Verdict(WRONG, text, "未设提示标识,请补设。", "There is no visible notice: put one up.")
    return (
        _GOOD if text == "yes" else _unknown("未填是否设有提示标识。", "Whether there is a notice is not written down.")
    )


def _filing(told: _Told, on: date, rules: RegisterRules) -> list[_Verdict]:
    numbers, days, used = told.text("filing_no"), told.day("filed_on"), told.day("used_since")
    if not any(numbers):
        # A register without this column says nothing about filing.
        return [_unknown("登记表没有备案号。", "The register holds no filing numbers.")] * len(numbers)
    found = []
    for number, day, since in zip(numbers, days, used, strict=True):
        if number and day:
            found.append(_GOOD)
        elif number:
            found.append(_unknown("有备案号,无备案日期。", "There is a filing number and no date."))
        elif since and on <= _due(since, rules):
            found.append(_GOOD)
        else:
            found.append(
                _Verdict(
                    WRONG, "", "没有备案号,请向县级公安机关备案。", "No filing number: file it with the county police."
                )
            )
    return found


def _due(since: date, rules: RegisterRules) -> date:
    """Last day on which a system in use since a day is filed in time."""
    return rules.old_until if since < rules.in_force else since + timedelta(days=rules.filing_days)


def _filed_in_time(told: _Told, on: date, rules: RegisterRules) -> list[_Verdict]:
    found = []
    for since, filed in zip(told.day("used_since"), told.day("filed_on"), strict=True):
        if since is None:
            found.append(_unknown("未填启用日期。", "The first day of use is not written down."))
            continue
        due = _due(since, rules)
        if filed is None:
            late = on > due
            zh, en = f"应于 {due} 前备案,登记表中没有备案日期。", f"Due on {due}; no date of filing is on record."
            found.append(_Verdict(UNKNOWN, str(since), zh, en) if late else _GOOD)
        elif filed > due:
            days = (filed - due).days
            found.append(
                _Verdict(
                    WRONG, str(filed), f"备案晚了 {days} 天(应于 {due} 前)。", f"Filed {days} days late (due on {due})."
                )
            )
        else:
            found.append(_GOOD)
    return found


def _retention(days: float, rules: RegisterRules) -> _Verdict:
    if np.isnan(days):
        return _unknown("未填保存天数。", "The days of retention are not written down.")
    if days < rules.retention_days:
        least = rules.retention_days
        return _Verdict(
            WRONG,
            f"{days:g}",
            f"保存 {days:g} 天,应不少于 {least:g} 天。",
            f"Kept {days:g} days, at least {least:g} are wanted.",
        )
    if days > rules.retention_most:
        return _Verdict(
            WRONG,
            f"{days:g}",
            f"保存 {days:g} 天过长,目的实现后应删除。",
            f"Kept {days:g} days: too long, delete when the purpose is met.",
        )
    return _GOOD


def _owner(text: str) -> _Verdict:
    if not text:
        return _unknown("未填责任单位。", "No responsible unit is written down.")
    if _PHONE.search(text) or (_PERSON.fullmatch(text) and not _UNIT.search(text)):
        return _Verdict(
            WRONG,
            "***",
            "责任单位像是个人信息,应填单位名称。",
            "The responsible unit looks like a person; write the unit.",
        )
    return _GOOD


def _codes(told: _Told, rules: RegisterRules) -> list[_Verdict]:
    codes, _ = check_codes(told.text("device_id"), district=rules.district)
    found = []
    for code in codes:
        if not code.text:
            found.append(_unknown("没有国标编码。", "There is no device code."))
        elif code.ok:
            found.append(_GOOD)
        else:
            found.append(
                _Verdict(
                    WRONG,
                    code.text,
                    "".join(each.zh for each in code.problems),
                    " ".join(each.en for each in code.problems),
                )
            )
    return found
