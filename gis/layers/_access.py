"""Which way a street runs and whom it shuts out, from OSM tags, Geofabrik codes or Chinese words.

A street that is shut to all stays in the table and on the map; only the street graph leaves it out.
"""

import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.layers._sheet import Sheet

BoolArray = npt.NDArray[np.bool_]

MODES = ("foot", "ebike", "car")
_FORWARD = ("yes", "true", "1", "是", "单行", "ft", "f", "y")
_BACKWARD = ("-1", "reverse", "tf", "t")
_BY_THE_HOUR = "reversible"
_ROUND = ("roundabout", "circular")
_SHUT = frozenset({"no", "private", "agricultural", "forestry", "military", "use_sidepath"})
_TAGS = {
    "foot": ("foot", "access"),
    "ebike": ("bicycle", "vehicle", "access"),
    "car": ("motorcar", "motor_vehicle", "vehicle", "access"),
}
"""The most telling tag first: ``access=private`` with ``foot=yes`` is open on foot."""
_WORDS = (
    ("foot", re.compile(r"(?i)foot|pedestrian|步行|行人")),
    ("ebike", re.compile(r"(?i)bike|bicycle|电动|非机动|自行车")),
    ("car", re.compile(r"(?i)\bcar\b|motor|汽车|(?<!非)机动车")),
)
_ALL = re.compile(r"(?i)^(all|everyone|全部|所有|禁止通行|禁行)$")


def directions(sheet: Sheet, highway: "pd.Series[str]") -> tuple[BoolArray, BoolArray]:
    """Which streets are one-way, and which of them run against their line.

    Notes
    -----
    Roundabouts and motorways are one-way unless they say otherwise, as OSM implies.
    """
    stated = sheet.series("oneway").str.strip().str.lower()
    implied = sheet.series("junction").isin(_ROUND) | (highway == "motorway")
    backward = stated.isin(_BACKWARD)
    oneway = stated.isin(_FORWARD) | backward | ((stated == "") & implied)
    return oneway.to_numpy(dtype=bool), backward.to_numpy(dtype=bool)


def closures(sheet: Sheet) -> "pd.Series[str]":
    """The modes a street is shut to, as ``foot ebike car``; empty for none.

    Notes
    -----
    A street whose direction changes by the hour is shut to cars: a wrong direction is worse than a way round.
    """
    stated = sheet.series("closed_to")
    result = pd.Series("", index=range(sheet.n), dtype="str")
    for mode in MODES:
        named = stated.map({text: _names(text, mode) for text in stated.unique()}).astype(bool)
        decided = _decided(sheet, _TAGS[mode])
        shut = named | decided.map({text: _is_shut(text) for text in decided.unique()}).astype(bool)
        if mode == "car":
            shut = shut | (sheet.series("oneway").str.strip().str.lower() == _BY_THE_HOUR)
        result = result.where(~shut, result + f" {mode}")
    return result.str.strip().astype("str")


def _decided(sheet: Sheet, tags: tuple[str, ...]) -> "pd.Series[str]":
    first = sheet.series(tags[0])
    for tag in tags[1:]:
        first = first.where(first != "", sheet.series(tag))
    return first


def _is_shut(text: str) -> bool:
    """Shut if every one of the values (``private;no``) shuts."""
    values = {part.strip().lower() for part in text.split(";") if part.strip()}
    return bool(values) and values <= _SHUT


def _names(text: str, mode: str) -> bool:
    plain = text.strip()
    return bool(_ALL.match(plain)) or bool(dict(_WORDS)[mode].search(plain))
