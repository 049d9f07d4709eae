"""A map of one hot spot to print: its ground, the grids, streets with names, other hot spots, scale and north. It asks for nothing."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from webmap.pdf_font import known_signs

FloatArray = npt.NDArray[np.float64]

_NAMES = 6
_LEAST_M = 400.0
_MARGIN = 1.5


@dataclass(frozen=True, eq=False)
class Ground:
    """What is drawn, all in one metric CRS.

    Parameters
    ----------
    spot
        The hot spot.
    others
        Other hot spots.
    grids
        Outlines.
    streets
        Lines with ``kind`` and ``name``.
    """

    spot: shapely.Geometry
    others: npt.NDArray[np.object_]
    grids: npt.NDArray[np.object_]
    streets: gpd.GeoDataFrame


def view_box(spot: shapely.Geometry, width: float, height: float) -> tuple[float, float, float, float]:
    """What a map of these proportions shows: the hot spot with some ground around it; metres."""
    left, bottom, right, top = spot.bounds
    wide = max((right - left) * _MARGIN, _LEAST_M, (top - bottom) * _MARGIN * width / height)
    high = wide * height / width
    x, y = (left + right) / 2, (bottom + top) / 2
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def sketch(ground: Ground, *, width: float, height: float, font: str, colour: str, north: str) -> Any:
    """A drawing for a page of PDF, in points.

    Parameters
    ----------
    colour
        Of the hot spot.
    north
        The letter over the arrow.
    """
    from reportlab.graphics.shapes import Drawing, Rect
    from reportlab.lib.colors import HexColor

    box = view_box(ground.spot, width, height)
    pen = _Pen(Drawing(width, height), box, width / (box[2] - box[0]), font)
    pen.drawing.add(Rect(0, 0, width, height, fillColor=HexColor("#f7f5f1"), strokeColor=None))
    for main in (False, True):
        rows = ground.streets[ground.streets["kind"].isin(_MAIN) == main]
        pen.lines(rows.geometry.to_numpy(), "#c8b78f" if main else "#d9d9d9", 1.6 if main else 0.8)
    pen.outlines(ground.grids, "#8a99a8", 0.4, dashes=(3, 2))
    pen.areas(ground.others, "#9a9a9a", 0.25)
    pen.areas(np.array([ground.spot], dtype=object), colour, 0.35)
    pen.names(ground.streets)
    pen.furniture(width, height, north)
    pen.drawing.add(Rect(0, 0, width, height, fillColor=None, strokeColor=HexColor("#555555"), strokeWidth=0.6))
    return pen.drawing


_MAIN = frozenset({"motorway", "trunk", "primary", "secondary", "tertiary"})


class _Pen:
    """Draws shapes in metres on a drawing in points, cut at its edge."""

    def __init__(self, drawing: Any, box: tuple[float, float, float, float], scale: float, font: str) -> None:
        self.drawing, self.box, self.scale, self.font = drawing, box, scale, font

    def points(self, xy: FloatArray) -> list[float]:
        """Metres to points, as x, y, x, y ..."""
        return [float(value) for value in ((xy - np.array(self.box[:2])) * self.scale).ravel()]

    def cut(self, shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
        """The parts of shapes in view."""
        parts = shapely.get_parts(shapely.intersection(shapes, shapely.box(*self.box)))
        return np.asarray(parts[~shapely.is_empty(parts)], dtype=object)

    def lines(self, shapes: npt.NDArray[np.object_], colour: str, width: float, dashes: tuple[int, ...] = ()) -> None:
        """Lines of one look."""
        from reportlab.graphics.shapes import PolyLine
        from reportlab.lib.colors import HexColor

        for part in self.cut(shapes):
            xy = shapely.get_coordinates(part)
            if len(xy) > 1:
                look = {"strokeColor": HexColor(colour), "strokeWidth": width, "strokeDashArray": dashes or None}
                self.drawing.add(PolyLine(self.points(xy), **look))

    def outlines(self, shapes: npt.NDArray[np.object_], colour: str, width: float, dashes: tuple[int, ...]) -> None:
        """Boundaries of areas as lines: the edge of the view is no boundary."""
        self.lines(shapely.boundary(shapes), colour, width, dashes)

    def areas(self, shapes: npt.NDArray[np.object_], colour: str, opacity: float) -> None:
        """Filled areas with their outline; holes stay open."""
        from reportlab.graphics.shapes import FILL_EVEN_ODD, Path
        from reportlab.lib.colors import HexColor

        for part in self.cut(shapes):
            if shapely.get_type_id(part) != 3:
                continue
            # The code of reportlab's even-odd rule, so that a ring inside is a hole.
            path = Path(
                fillColor=HexColor(colour).clone(alpha=opacity), strokeColor=HexColor(colour), strokeWidth=1.1,
                fillMode=FILL_EVEN_ODD,
            )  # fmt: skip
            for ring in (part.exterior, *part.interiors):
                xy = self.points(shapely.get_coordinates(ring))
                path.moveTo(*xy[:2])
                for at in range(2, len(xy), 2):
                    path.lineTo(*xy[at : at + 2])
                path.closePath()
            self.drawing.add(path)

    def names(self, streets: gpd.GeoDataFrame) -> None:
        """Names of the streets that are longest in view, each once, none over another."""
        from reportlab.graphics.shapes import String
        from reportlab.lib.colors import HexColor
        from reportlab.pdfbase.pdfmetrics import stringWidth

        named = streets[streets["name"].astype(str) != ""]
        seen = shapely.intersection(named.geometry.to_numpy(), shapely.box(*self.box))
        length = named.assign(seen=seen, metres=shapely.length(seen)).query("metres > 0")
        total = length.groupby("name")["metres"].sum().sort_values(ascending=False, kind="stable")
        taken: list[tuple[float, float, float, float]] = []
        right, top = (self.box[2] - self.box[0]) * self.scale, (self.box[3] - self.box[1]) * self.scale
        for name in total.index[: 3 * _NAMES]:
            rows = length[length["name"] == name]
            longest = rows.loc[rows["metres"].idxmax(), "seen"]
            at = shapely.line_interpolate_point(shapely.get_parts(longest)[0], 0.5, normalized=True)
            x, y = self.points(shapely.get_coordinates(at))
            half = stringWidth(known_signs(name), self.font, 6.5) / 2
            x = min(max(x, half + 2), right - half - 2)
            mine = (x - half - 2, y - 5, x + half + 2, y + 7)
            apart = all(mine[2] < a or c < mine[0] or mine[3] < b or d < mine[1] for a, b, c, d in taken)
            if apart and 10 < y < top - 10 and len(taken) < _NAMES:
                taken.append(mine)
                look = {"fontName": self.font, "fontSize": 6.5, "textAnchor": "middle"}
                self.drawing.add(String(x, y - 2, known_signs(name), fillColor=HexColor("#333333"), **look))

    def furniture(self, width: float, height: float, north: str) -> None:
        """Scale bar and north arrow."""
        from reportlab.graphics.shapes import Polygon, PolyLine, Rect, String
        from reportlab.lib.colors import black, white

        target = width / self.scale / 4
        unit = 10 ** np.floor(np.log10(target))
        metres = float(max(step * unit for step in (1, 2, 5) if step * unit <= target))
        bar = metres * self.scale
        text = f"{metres:g} m" if metres < 1000 else f"{metres / 1000:g} km"
        self.drawing.add(Rect(4, 4, bar + 10, 16, fillColor=white, strokeColor=None, fillOpacity=0.8))
        self.drawing.add(PolyLine([8, 11, 8, 7, 8 + bar, 7, 8 + bar, 11], strokeColor=black, strokeWidth=0.9))
        self.drawing.add(String(10, 12, text, fontName=self.font, fontSize=6.5))
        x, y = width - 14, height - 26
        self.drawing.add(Polygon([x, y + 14, x - 4, y, x, y + 4, x + 4, y], fillColor=black, strokeColor=None))
        self.drawing.add(String(x, y + 15, north, fontName=self.font, fontSize=8, textAnchor="middle"))
