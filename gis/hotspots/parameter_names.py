"""What the parameters of explanations are called towards people. It knows names and never values."""

from gis.errors import Lang

_NAMES: dict[str, tuple[str, str]] = {
    "cell_m": ("方格边长(米)", "side of a square, m"),
    "band_m": ("距离带宽(米)", "distance band, m"),
    "alpha": ("显著性水平", "level"),
    "incidents": ("计入事件", "incidents counted"),
    "cells": ("格数", "cells"),
    "star": ("含本格", "counts the cell itself"),
    "weights": ("邻接", "neighbours"),
    "correction": ("多重比较校正", "correction"),
    "permutations": ("置换次数", "permutations"),
    "reference": ("参照", "reference"),
    "back_steps": ("向前步数", "earlier steps"),
    "wording": ("定义版本", "wording"),
    "trend_alpha": ("趋势水平", "level of the trend"),
    "share": ("贯穿比例", "share that counts as throughout"),
    "steps": ("时间步数", "time steps"),
    "model": ("模型", "model"),
    "shape": ("窗口形状", "shape"),
    "most_share": ("最大占比", "largest share"),
    "simulations": ("模拟次数", "simulations"),
    "areas": ("单元数", "areas"),
}


def parameter_name(name: str, lang: Lang) -> str:
    """The name of a parameter with its unit; the key itself where none is known."""
    zh, en = _NAMES.get(name, (name, name))
    return zh if lang == "zh" else en
