"""The board of figures as one long table, a row a group and figure, for files. It counts nothing."""

from typing import Any

import pandas as pd

from gis.errors import Lang

STAGES = {
    "accept": ("立案", "filing"),
    "dispatch": ("派遣", "dispatch"),
    "acknowledge": ("签收", "acknowledging"),
    "handle": ("处置", "handling"),
    "check": ("核查", "checking"),
    "case": ("全程", "whole case"),
}
BACKLOG = {
    "open": ("在办", "open"),
    "overdue": ("在办超时", "open and overdue"),
    "paused": ("在办暂停", "open and paused"),
    "up_to_1d": ("在办不超过 1 天", "open up to 1 day"),
    "up_to_7d": ("在办 1-7 天", "open 1-7 days"),
    "up_to_30d": ("在办 7-30 天", "open 7-30 days"),
    "older": ("在办超过 30 天", "open over 30 days"),
}


def board_rows(told: dict[str, Any], lang: Lang) -> tuple[pd.DataFrame, list[str]]:
    """The board as one long table, a row a group and figure, with its titles."""
    zh = lang == "zh"
    rows = []
    for group in [told["whole"], *told["groups"]]:
        name = ("全部" if zh else "all") if group["code"] == "" and group is told["whole"] else group[lang]
        head = [told["period"]["from"], told["period"]["to"], told["by"], group["code"], name]
        rows += [
            [*head, each[lang], each["numerator"], each["denominator"], _rounded(each["share"])]
            for each in group["rates"]
        ]
        for each in group["stages"]:
            label = f"{'环节时长(小时)' if zh else 'stage, hours'}: {STAGES[each['stage']][0 if zh else 1]}"
            rows += [
                [*head, f"{label} {name_of}", each["completed"], each["entered"], each[key]]
                for key, name_of in (("median_h", "中位数" if zh else "median"), ("p90_h", "P90"))
            ]
        held = group["backlog"]
        rows += [[*head, BACKLOG[key][0 if zh else 1], held[key], held["open"], None] for key in BACKLOG if key in held]
    titles = (
        ["开始", "结束", "分组", "编码", "名称", "指标", "分子", "分母", "值"]
        if zh
        else ["from", "to", "by", "code", "name", "figure", "numerator", "denominator", "value"]
    )
    return pd.DataFrame(rows, columns=range(len(titles))), titles


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
