"""Weekdays by hours as a picture to print: a number and a shade in each hour. It counts nothing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_ROW_PT = 10.5
_NAME_PT = 26.0


def hour_grid(weight: npt.NDArray[np.float64], names: Sequence[str], *, width: float, font: str) -> Any:
    """A drawing for a page of PDF.

    Parameters
    ----------
    weight
        Shape (7, 24), row 0 is Monday.
    names
        Of the seven days.
    width
        Of the drawing, points.
    """
    from reportlab.graphics.shapes import Drawing, Rect, String
    from reportlab.lib.colors import HexColor, linearlyInterpolatedColor

    pale, dark = HexColor("#f6efe6"), HexColor("#b3450a")
    wide, high = (width - _NAME_PT) / 24, _ROW_PT
    drawing = Drawing(width, high * 8)
    most = max(float(weight.max()), 1e-9)
    for hour in range(24):
        x = _NAME_PT + wide * (hour + 0.5)
        drawing.add(String(x, high * 7 + 2.5, str(hour), fontName=font, fontSize=6.5, textAnchor="middle"))
    for day, name in enumerate(names):
        y = high * (6 - day)
        drawing.add(String(0, y + 2.5, name, fontName=font, fontSize=7))
        for hour in range(24):
            value = float(weight[day, hour])
            shade = linearlyInterpolatedColor(pale, dark, 0.0, 1.0, value / most)
            look = {"fillColor": shade, "strokeColor": HexColor("#ffffff"), "strokeWidth": 0.5}
            drawing.add(Rect(_NAME_PT + wide * hour, y, wide, high, **look))
            if value >= 0.5:
                ink = HexColor("#ffffff" if value > 0.6 * most else "#222222")
                drawing.add(
                    String(
                        _NAME_PT + wide * (hour + 0.5), y + 2.8, f"{value:.0f}", fontName=font, fontSize=6.2,
                        textAnchor="middle", fillColor=ink,
                    )
                )  # fmt: skip
    return drawing
