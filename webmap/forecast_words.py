"""A forecast in plain words: what it learned from, what its score card says and does not say. Both languages, every figure with its N.

It never calls a model better while the interval covers zero. It reads no store.
"""

from collections.abc import Mapping
from typing import Any

from gis.incidents import taxonomy

SHOWN = (0.01, 0.05)
"""Shares of the area that the page tells."""

PERIOD_WORDS = {"shift": ("班次", "shift"), "day": ("日", "day"), "week": ("周", "week")}
_OWN = {"zh": "衰减计数(730 天、100 米)", "en": "decayed count (730 days, 100 m)"}


def unit(kind: str) -> dict[str, str]:
    """What the numbers on the map are."""
    zh, en = PERIOD_WORDS[kind]
    return {"zh": f"起上报/网格·{zh}", "en": f"reports per grid in the {en}"}


def category_name(category: str) -> dict[str, str]:
    """A category as people call it."""
    if not category:
        return {"zh": "全部类别", "en": "all categories"}
    known = taxonomy.categories()
    scheme = next(iter(known.loc[known["code"] == category, "scheme"]), "")
    return {"zh": taxonomy.name(scheme, category, "zh"), "en": taxonomy.name(scheme, category, "en")}


def exposure(document: Mapping[str, Any]) -> dict[str, str]:
    """How presence was kept out of what is learned."""
    n, of = document["left_out"]["n"], document["left_out"]["of"]
    return {
        "zh": f"仅从上报学习;巡逻与检查的发现 {n:,} 起(全部 {of:,} 起中)未计入,免得预测追着自己派出的巡逻走。",
        "en": f"Learned from reports only; {n:,} of {of:,} incidents, the findings of patrols and inspections, are left out, "
        "so that the forecast does not follow the patrols it sent.",
    }


def delay(document: Mapping[str, Any], until: str) -> dict[str, str]:
    """How far the reports reach, and what the card allows for; ``until`` as people write it."""
    days = document["delay_days"]
    return {
        "zh": f"上报数据截至 {until};预测与评分都只用开始前 {days:.1f} 天以前的上报。",
        "en": f"Reports are known up to {until}; the forecast and its score card both use only what was known {days:.1f} days before "
        "the start.",
    }


def card_lines(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """The score card sentence by sentence: ``about`` (``choice``, ``ground``, ``share``, ``calibration``, ``against`` or ``none``), ``zh``, ``en``.

    ``against`` lines carry ``verdict``: ``better``, ``worse`` or ``not_shown``.
    """
    card = document["card"]
    if card is None:
        note = document["card_note"]
        return [{"about": "none", "zh": f"没有评分:{note['zh']}", "en": f"No score card: {note['en']}"}]
    lines = [_choice(document["choice"])] if document["choice"] else []
    lines.append(_ground(card))
    lines += [_share(card, each) for each in card["areas"] if each["share"] in SHOWN]
    lines.append(_calibration(card))
    lines += [_against(each) for each in card["against"] if each["share"] in SHOWN]
    if card["model"] == "decay" and not any(each["against"].startswith("decayed") for each in card["against"]):
        lines.append(
            {
                "about": "against",
                "verdict": "own",
                "zh": f"所用模型就是{_OWN['zh']},无需与自身比较。",
                "en": f"The model is the {_OWN['en']} itself; there is nothing to compare it with.",
            }
        )
    return lines


def _choice(choice: Mapping[str, Any]) -> dict[str, str]:
    zh, en = (
        choice[f"means_{lang}"] + (" " if lang == "en" else "") + choice[f"means_not_{lang}"] for lang in ("zh", "en")
    )
    return {"about": "choice", "zh": zh, "en": en}


def _ground(card: Mapping[str, Any]) -> dict[str, str]:
    rounds, n, cells, size = card["rounds"], card["n"], card["cells"], card["size_m"]
    return {
        "about": "ground",
        "zh": f"回测 {rounds} 轮({card['since']} 至 {card['until']}),共 N={n} 起上报;{cells} 个网格,典型边长 {size:.0f} 米。",
        "en": f"Tested on {rounds} past rounds ({card['since']} to {card['until']}) with N={n} reports; {cells} grids with a typical "
        f"side of {size:.0f} m.",
    }


def _share(card: Mapping[str, Any], area: Mapping[str, Any]) -> dict[str, str]:
    share, rate, n = area["share"], area["hit_rate"], card["n"]
    band_zh = band_en = ""
    if area["interval"] is not None:
        low, high, level = (area["interval"][name] for name in ("low", "high", "level"))
        band_zh = f"({level:.0%} 区间 {low:.2f} 至 {high:.2f})"
        band_en = f" ({level:.0%} interval {low:.2f} to {high:.2f})"
    return {
        "about": "share",
        "zh": f"预测最高的 {share:.0%} 面积(约 {area['cells']} 个网格)命中 {rate:.1%}(N={n});PAI {area['pai']:.2f}{band_zh},"
        f"PEI {area['pei']:.2f}。",
        "en": f"The top {share:.0%} of the area (about {area['cells']} grids) held {rate:.1%} of them (N={n}); PAI {area['pai']:.2f}{band_en}, "
        f"PEI {area['pei']:.2f}.",
    }


def _calibration(card: Mapping[str, Any]) -> dict[str, str]:
    whole = card["calibration"]
    top = " / ".join(f"{each['calibration']:.2f}" for each in card["areas"] if each["share"] in SHOWN)
    return {
        "about": "calibration",
        "zh": f"校准:实际/预计 = {whole:.2f}(全区),{top}(前 1% / 5% 面积);1 为相符,小于 1 表示预计偏多。",
        "en": f"Calibration: happened over expected {whole:.2f} everywhere, {top} in the top 1% / 5%; 1 is right, below 1 too much was expected.",
    }


def _against(one: Mapping[str, Any]) -> dict[str, str]:
    share, gap, interval = one["share"], one["difference"], one["interval"]
    zh = f"前 {share:.0%} 面积,与{one['against_zh']}成对比较:PAI 差 {gap:+.2f}"
    en = f"Top {share:.0%}, paired with the {one['against']}: PAI difference {gap:+.2f}"
    if interval is None:
        return {
            "about": "against",
            "verdict": "not_shown",
            "zh": f"{zh};轮次太少,不给区间,未证明更好。",
            "en": f"{en}; too few rounds for an interval, not shown to be better.",
        }
    low, high, level = interval["low"], interval["high"], interval["level"]
    zh += f"({level:.0%} 区间 {low:+.2f} 至 {high:+.2f})"
    en += f" ({level:.0%} interval {low:+.2f} to {high:+.2f})"
    verdict = "better" if low > 0 else "worse" if high < 0 else "not_shown"
    ends = {
        "better": (",更好。", ", better."),
        "worse": (",更差。", ", worse."),
        "not_shown": (",区间含零,未证明更好。", ", the interval covers zero: not shown to be better."),
    }[verdict]
    return {"about": "against", "verdict": verdict, "zh": zh + ends[0], "en": en + ends[1]}
