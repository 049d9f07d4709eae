"""The colours of layers that leave with a style: hot spots by what became of them, grids by their trend. Words and colours only."""

from gis.errors import Lang
from gis.exports.qml import LayerStyle, StyleClass
from gis.hotspots.emerging import CLASSES

CHANGES: dict[str, tuple[str, str, str]] = {
    "new": ("新增", "new", "#b34700"),
    "persistent": ("持续", "persistent", "#9e2a6b"),
    "dissolved": ("消退", "dissolved", "#5c6670"),
    "": ("未比较", "not compared", "#b40426"),
}
"""What became of a hot spot: Chinese, English, colour; white letters can be read on each of them."""

TREND_COLOURS = (
    "#c9d0d8",
    "#7f0000", "#d7301f", "#e34a33", "#b30000", "#fc8d59", "#fdbb84", "#c27ba0", "#a6927e",
    "#08306b", "#2171b5", "#3182bd", "#08519c", "#6baed6", "#9ecae1", "#7f86c2", "#8a9aa8",
)  # fmt: skip
"""By number of the class; hot ones are reds, cold ones blues, what is over is grey."""


def style_of(layer: str, lang: Lang) -> LayerStyle | None:
    """The style of a layer, named in one language; None for layers that have none."""
    at = 0 if lang == "zh" else 1
    if layer == "hotspot_areas":
        shown = tuple(
            StyleClass(value, told[at], told[2], 0.12 if value == "dissolved" else 0.35, dashed=value == "dissolved")
            for value, told in CHANGES.items()
        )
        return LayerStyle("change", shown, written="rank")
    if layer == "hotspot_trends":
        classes = tuple(
            StyleClass(str(number), names[at], TREND_COLOURS[number], 0.0 if number == 0 else 0.6)
            for number, names in enumerate(CLASSES)
        )
        return LayerStyle("class", classes)
    return None
