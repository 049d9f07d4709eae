"""The brief of a hot spot as one page of A4. It lays out what it is given; the same contents give the same bytes."""

import io
from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

from gis.errors import Lang
from gis.hotspots.aoristic import WEEKDAYS
from webmap.hotspots.brief import FOUND_BY, Brief
from webmap.hotspots.hour_grid import hour_grid
from webmap.hotspots.sketch import sketch
from webmap.pdf_font import known_signs, pdf_font

_WORDS: dict[Lang, dict[str, str]] = {
    "zh": {
        "title": "热点简报", "rank": "第 {} 位(共 {} 个)", "place": "主要网格", "period": "时段", "status": "与上期相比", "count": "事件数",
        "count_of": "{} 起(计入 {} 起的 {})", "expected": "期望 / 之比", "p": "p 值", "area": "面积 / 密度", "pai": "PAI(事件占比÷面积占比)",
        "before": "上期({} 至 {})", "before_of": "同一地面 {} 起", "none": "未比较:{}", "cameras": "可见摄像机", "grids": "所含网格",
        "hours": "星期与时段", "hours_note": "一半集中在 {};时刻已知 {} 起,按区间分摊 {} 起,时刻不明未计 {} 起。格中数字为起数。",
        "top": "主要类别", "category": "类别", "share": "占本热点", "meaning": "说明", "means": "含义", "means_not": "不代表",
        "method": "方法", "parameters": "参数", "source": "出处", "aside": "数据", "made": "生成于 {},数据截至该时刻的库存。不含任何个人信息。",
        "north": "北", "days": "天", "unit": "起/km2", "data": "时段内{} {} 起,计入 {} 起;疑为默认定位 {} 起({}),{};另有 {} 起在区域外、无坐标或远离其他事件,未计入。", "dropped": "未计入", "kept": "仍计入",
        "map": "有色为本热点,灰色为其他热点,虚线为网格。",
    },
    "en": {
        "title": "Hot-spot brief", "rank": "no. {} of {}", "place": "Grid with most", "period": "Period", "status": "Against the period before",
        "count": "Incidents", "count_of": "{} of {} counted ({})", "expected": "Expected / ratio", "p": "p", "area": "Area / density",
        "pai": "PAI (share of incidents / of area)", "before": "Before ({} to {})", "before_of": "{} on the same ground", "none": "not compared: {}",
        "cameras": "Cameras that see it", "grids": "Grids", "hours": "Weekdays and hours",
        "hours_note": "Half lies in {}; {} of known hour, {} shared over their interval, {} of unknown hour left out. Numbers are incidents.",
        "top": "Top categories", "category": "Category", "share": "Of this hot spot", "meaning": "What it means", "means": "It means",
        "means_not": "It does not mean", "method": "Method", "parameters": "Parameters", "source": "Source", "aside": "Data",
        "made": "Made at {} from what the store held then. It holds nothing of any person.", "north": "N", "days": "days", "unit": "per km2",
        "data": "{} in the period: {}, counted {}; {} at default geocodes ({}), {}; {} more outside, without a place or far from all others, left out.", "dropped": "set aside", "kept": "counted all the same",
        "map": "Coloured: this hot spot; grey: others; dashed: grids.",
    },
}  # fmt: skip

_WIDTH_MM, _MAP_MM, _MAP_HIGH_MM = 180.0, 92.0, 82.0


def brief_pdf(brief: Brief, *, font: str = "") -> bytes:
    """The bytes of the page.

    Parameters
    ----------
    font
        File of a TrueType font to embed; the reader's own Song font without.

    Raises
    ------
    ConfigError
        The font cannot be used.
    """
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import KeepInFrame, SimpleDocTemplate

    page = _Page(brief, pdf_font(font))
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=15 * mm, rightMargin=15 * mm, topMargin=12 * mm, bottomMargin=14 * mm,
        title=f"{page.word['title']} {brief.told['id']}", author=brief.district, creator="Wangge", invariant=1,
    )  # fmt: skip
    # Long lists of cameras or sources make the page's letters smaller, never a second page.
    whole = KeepInFrame(document.width, document.height - 12, list(page.flow()), mode="shrink")

    def foot(canvas: Any, _document: Any) -> None:
        canvas.setFont(page.font, 7.5)
        canvas.drawString(15 * mm, 8 * mm, known_signs(page.word["made"].format(f"{brief.made_at:%Y-%m-%d %H:%M}")))
        canvas.drawRightString(A4[0] - 15 * mm, 8 * mm, f"{brief.told['id']} / {brief.told['key']}")

    document.build([whole], onFirstPage=foot)
    return out.getvalue()


class _Page:
    """The parts of the page, in order."""

    def __init__(self, brief: Brief, font: str) -> None:
        from reportlab.lib.styles import ParagraphStyle

        self.brief, self.font, self.word = brief, font, _WORDS[brief.lang]
        style = {"fontName": font, "wordWrap": "CJK"} if brief.lang == "zh" else {"fontName": font}
        self.body = ParagraphStyle("body", fontSize=8.2, leading=11, **style)
        self.head = ParagraphStyle("head", fontSize=10.5, leading=14, spaceBefore=5, spaceAfter=2, **style)
        self.title = ParagraphStyle("title", fontSize=16, leading=21, spaceAfter=3, **style)

    def flow(self) -> Iterator[Any]:
        """Everything from the title to the source."""
        from reportlab.lib.units import mm
        from reportlab.platypus import Spacer, Table, TableStyle

        brief, word = self.brief, self.word
        yield self.text(f"{brief.district} {word['title']}: {brief.told[f'place_{brief.lang}']}", self.title)
        yield self.text(brief.sentence, self.body)
        yield Spacer(1, 2 * mm)
        drawn = sketch(
            brief.ground, width=_MAP_MM * mm, height=_MAP_HIGH_MM * mm, font=self.font, colour=brief.colour,
            north=word["north"],
        )  # fmt: skip
        left = [drawn, self.text(word["map"], self.body)]
        right = self.table(list(self.facts()), (30.0, _WIDTH_MM - _MAP_MM - 34.0))
        beside = Table([[left, right]], colWidths=[(_MAP_MM + 4) * mm, (_WIDTH_MM - _MAP_MM - 4) * mm], hAlign="LEFT")
        beside.setStyle(
            TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *(
                (f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")
            )])
        )  # fmt: skip
        yield beside
        yield self.text(word["hours"], self.head)
        names = [pair[0 if brief.lang == "zh" else 1] for pair in WEEKDAYS]
        yield hour_grid(brief.profile.weight, names, width=_WIDTH_MM * mm, font=self.font)
        yield self.text(self.hours(), self.body)
        yield self.text(word["top"], self.head)
        yield self.table(
            [(word["category"], word["count"], word["share"]), *self.categories()], (90.0, 40.0, 50.0), titled=True
        )
        yield self.text(word["meaning"], self.head)
        yield self.table(list(self.meaning()), (26.0, _WIDTH_MM - 26.0))

    def facts(self) -> Iterator[tuple[str, str]]:
        """Name and value of the evidence."""
        brief, word, told, about = self.brief, self.word, self.brief.told, self.brief.about
        lang, counted, period = brief.lang, about["counted"], about["period"]
        share = int(told["count"]) / counted if counted else 0.0
        number = about["hot_spots"]
        yield "ID", f"{told['id']}, {word['rank'].format(told['rank'], number)}"
        days = f"{period['first_day']} - {period['last_day']} ({period['days']:g} {word['days']})"
        yield word["period"], " ".join(filter(None, (days, brief.slots)))
        yield word["status"], f"{_SIGNS[str(told['change'])]} {brief.change}"
        yield word["count"], word["count_of"].format(int(told["count"]), counted, f"{share:.1%}")
        yield word["expected"], f"{told['expected']:.1f} / {told['ratio']:.2f}"
        p = "<0.001" if told["p"] < 0.001 else f"{told['p']:.3f}"
        yield word["p"], f"{p} ({about[f'p_{lang}']})"
        yield word["area"], f"{told['area_km2']:.3f} km2 / {told['per_km2']:.1f} {word['unit']}"
        yield word["pai"], f"{told['pai']:.2f}"
        before = about["before"]
        if before:
            name = word["before"].format(before["first_day"], before["last_day"])
            yield name, word["before_of"].format(int(told["before"]))
        if about["before_note"]:
            yield word["status"], word["none"].format(about["before_note"][lang])
        if brief.cameras:
            yield word["cameras"], brief.cameras
        yield word["grids"], brief.grids

    def hours(self) -> str:
        """The hours of risk with what is not known of hours."""
        profile = self.brief.profile
        run = profile.hours_of_risk()
        when = f"{run[0]:02d}:00-{(run[-1] + 1) % 24:02d}:00" if run else "-"
        left_out = profile.too_long + profile.day_only
        return self.word["hours_note"].format(when, profile.exact, profile.spread, left_out)

    def categories(self) -> Iterator[tuple[str, str, str]]:
        """The most frequent categories with count and share."""
        count = max(int(self.brief.told["count"]), 1)
        for each in self.brief.told["top"]:
            name = f"{each['code']} {each[self.brief.lang]}"
            yield name, f"{each['count']} / {count}", f"{each['count'] / count:.1%}"

    def meaning(self) -> Iterator[tuple[str, str]]:
        """What it means and what not, method, parameters, source, and what was set aside."""
        brief, word, lang = self.brief, self.word, self.brief.lang
        told = brief.about["explanation"]
        yield word["means"], told[f"means_{lang}"]
        yield word["means_not"], told[f"means_not_{lang}"]
        yield word["method"], told[f"method_{lang}"]
        yield word["parameters"], brief.parameters
        yield word["source"], told["source"]
        yield word["aside"], self.data()

    def data(self) -> str:
        """How many incidents there were, counted and set aside."""
        about, word, lang = self.brief.about, self.word, self.brief.lang
        found = ("、" if lang == "zh" else ", ").join(FOUND_BY[lang].get(each, each) for each in about["found_by"])
        defaults = about["defaults"]
        apart = defaults["incidents"] if defaults["set_aside"] else 0
        rest = about["incidents"] - about["counted"] - apart
        said = word["dropped" if defaults["set_aside"] else "kept"]
        return word["data"].format(
            found,
            about["incidents"],
            about["counted"],
            defaults["incidents"],
            f"{defaults['share']:.1%}",
            said,
            max(rest, 0),
        )

    def table(self, rows: Sequence[Sequence[str]], widths_mm: Sequence[float], *, titled: bool = False) -> Any:
        """A ruled table."""
        from reportlab.lib import colors
        from reportlab.lib.units import mm
        from reportlab.platypus import Table, TableStyle

        cells = [[self.text(str(cell), self.body) for cell in row] for row in rows]
        made = Table(cells, colWidths=[width * mm for width in widths_mm], hAlign="LEFT")
        made.setStyle(
            TableStyle(
                [
                    ("GRID", (0, 0), (-1, -1), 0.4, colors.HexColor("#9a9a9a")),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ("BACKGROUND", (0, 0), (-1, 0) if titled else (0, -1), colors.HexColor("#eeeeee")),
                    ("TOPPADDING", (0, 0), (-1, -1), 1.2),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.8),
                    ("LEFTPADDING", (0, 0), (-1, -1), 3),
                    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
                ]
            )
        )
        return made

    def text(self, text: str, style: Any) -> Any:
        """A paragraph of plain text."""
        from reportlab.platypus import Paragraph

        return Paragraph(escape(known_signs(text)), style)


_SIGNS = {"new": "+", "persistent": "=", "dissolved": "-", "": ""}
"""Beside each word, as on the map: a print without colours tells the same."""
