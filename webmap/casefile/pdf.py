"""A case file to print: facts, history, clocks, photos, and what ties the page to the archive and to the audit log.

Chinese is set in the Song font that readers of PDF have by themselves (Adobe-GB1), or in a font that the operator names,
which is then embedded. No account is named. The same contents give the same bytes.
"""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from gis.dispatch import states
from gis.errors import Lang
from webmap.auth.permissions import ROLES
from webmap.casefile.contents import CaseContents, CasePhoto
from webmap.i18n import catalog
from webmap.pdf_font import known_signs, pdf_font

_WORDS = {
    "zh": {
        "title": "案件档案", "facts": "基本情况", "history": "办理经过", "clocks": "时限", "photos": "照片", "proof": "核验",
        "id": "编号", "state": "状态", "category": "类别", "source": "来源", "area": "区域", "place": "地点", "unit": "承办单位",
        "tier": "层级", "occurred": "发生时间", "created": "上报时间", "text": "内容", "work_order": "工单号", "at": "时间",
        "move": "操作", "from_to": "状态变化", "role": "角色", "reason": "理由", "stage": "阶段", "due": "截止", "stopped": "完成",
        "in_time": "按时", "yes": "是", "no": "否", "made": "生成时间", "head": "审计日志末行", "archive": "压缩包 SHA-256",
        "rows": "审计日志行", "deleted": "照片已到期删除", "page": "第 {} 页", "merged": "并入的案件",
    },
    "en": {
        "title": "Case file", "facts": "Facts", "history": "History", "clocks": "Limits", "photos": "Photos", "proof": "Proof",
        "id": "Event", "state": "State", "category": "Category", "source": "Source", "area": "Area", "place": "Place", "unit": "Unit",
        "tier": "Tier", "occurred": "Happened", "created": "Reported", "text": "Report", "work_order": "Work order", "at": "Moment",
        "move": "Move", "from_to": "State", "role": "Role", "reason": "Reason", "stage": "Stage", "due": "Due", "stopped": "Done",
        "in_time": "In time", "yes": "yes", "no": "no", "made": "Made at", "head": "End of the audit log", "archive": "SHA-256 of the ZIP",
        "rows": "Rows of the audit log", "deleted": "The photo was deleted in time", "page": "Page {}", "merged": "Merged cases",
    },
}  # fmt: skip

_NAMES: dict[Lang, dict[str, str]] = {
    "zh": {
        "community": "社区", "street": "街道", "district": "区", "city": "市", "accept": "受理", "dispatch": "派遣",
        "acknowledge": "签收", "handle": "处置", "check": "核查", "case": "全程", "reporter": "上报人", "system": "系统",
        "operator": "本机操作员",
    },
    "en": {},
}  # fmt: skip
"""Names of tiers, stages and roles that nobody is granted; in English their codes are words."""

_WIDTH_MM = 174.0
_MOST_REASON = 2000


def as_pdf(contents: CaseContents, *, archive_sha256: str, lang: Lang = "zh", font: str = "") -> bytes:
    """The bytes of an A4 document.

    Parameters
    ----------
    archive_sha256
        Of the ZIP of the same contents, printed on the last page.
    font
        File of a TrueType font to embed; the reader's own Song font without.

    Raises
    ------
    ConfigError
        The font cannot be used.
    """
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    word = _WORDS[lang]
    page = _Page(contents, lang, pdf_font(font))
    out = io.BytesIO()
    title = f"{word['title']} {contents.id}"
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm, topMargin=16 * mm, bottomMargin=16 * mm,
        title=title, author=contents.district.get(f"name_{lang}", ""), creator="Wangge", invariant=1,
    )  # fmt: skip

    def foot(canvas: Any, _document: Any) -> None:
        canvas.setFont(page.font, 8)
        canvas.drawString(18 * mm, 9 * mm, known_signs(title))
        canvas.drawRightString(A4[0] - 18 * mm, 9 * mm, word["page"].format(canvas.getPageNumber()))

    document.build(list(page.flow(archive_sha256)), onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


class _Page:
    """The parts of the document, in order."""

    def __init__(self, contents: CaseContents, lang: Lang, font: str) -> None:
        from reportlab.lib.styles import ParagraphStyle

        self.contents, self.lang, self.font = contents, lang, font
        self.word = _WORDS[lang]
        self.zone = ZoneInfo(contents.district.get("zone") or "Asia/Shanghai")
        style = {"fontName": font, "wordWrap": "CJK"}
        self.body = ParagraphStyle("body", fontSize=9, leading=12.5, **style)
        self.head = ParagraphStyle("head", fontSize=12, leading=16, spaceBefore=8, spaceAfter=3, **style)
        self.title = ParagraphStyle("title", fontSize=17, leading=23, spaceAfter=4, **style)

    def flow(self, archive_sha256: str) -> Iterator[Any]:
        """Everything from the title to the proof."""
        event, word = self.contents.case["event"], self.word
        name = self.contents.district.get(f"name_{self.lang}", "")
        yield self.text(f"{name} {word['title']}".strip(), self.title)
        yield self.text(word["facts"], self.head)
        yield self.table(self.facts(event), (30.0, _WIDTH_MM - 30.0))
        yield self.text(word["history"], self.head)
        titles = [word[key] for key in ("at", "move", "from_to", "role", "reason")]
        yield self.table([titles, *self.moves()], (32.0, 26.0, 46.0, 26.0, 44.0), titled=True)
        if clocks := [self.clock(each) for each in self.contents.case["clocks"]]:
            yield self.text(word["clocks"], self.head)
            titles = [word[key] for key in ("stage", "due", "stopped", "in_time")]
            yield self.table([titles, *clocks], (40.0, 50.0, 50.0, 34.0), titled=True)
        if self.contents.photos:
            yield self.text(word["photos"], self.head)
            for photo in self.contents.photos:
                yield from self.photo(photo)
        yield self.text(word["proof"], self.head)
        rows = ", ".join(f"{row.seq}:{row.hash[:12]}" for row in self.contents.chain)
        proof = [
            (word["made"], self.moment(self.contents.made_at)),
            (word["archive"], archive_sha256),
            (word["head"], self.contents.head),
            (word["rows"], rows),
        ]
        yield self.table(proof, (38.0, _WIDTH_MM - 38.0))

    def facts(self, event: dict[str, Any]) -> list[tuple[str, str]]:
        """Name and value of what is known of the event, without what is empty."""
        lang, word = self.lang, self.word
        place = "" if event["lon"] is None else f"{event['lon']:.6f}, {event['lat']:.6f}"
        areas = " / ".join(event[name] for name in ("district", "street", "community", "grid") if event[name])
        told = (
            (word["id"], event["id"]),
            (word["work_order"], self.contents.case.get("work_order") or ""),
            (word["state"], event[f"state_{lang}"]),
            (word["category"], f"{event['category']} {event[f'category_{lang}']}".strip()),
            (word["source"], catalog(lang).get(f"source.{event['source']}", event["source"])),
            (word["unit"], event[f"unit_{lang}"] or event["unit"]),
            (word["tier"], self.name(event["tier"])),
            (word["area"], areas),
            (word["place"], " ".join(part for part in (event["address"], place) if part)),
            (word["occurred"], self.moment(event["occurred_at"])),
            (word["created"], self.moment(event["created_at"])),
            (word["text"], event["text"]),
            (word["merged"], ", ".join(self.contents.case.get("merged") or ())),
        )
        return [(name, value) for name, value in told if value]

    def moves(self) -> Iterator[tuple[str, ...]]:
        """A row for each move."""
        for move in self.contents.case["history"]:
            known = [states()[each].text(self.lang) for each in (move["from"], move["to"]) if each in states()]
            change = " → ".join(dict.fromkeys(known))
            tier = f" ({self.name(move['tier_to'])})" if move["tier_from"] != move["tier_to"] else ""
            unit = f" [{move['unit_to']}]" if move["unit_to"] and move["unit_to"] != move["unit_from"] else ""
            role = self.name(move["role"])
            yield self.moment(move["at"]), move[self.lang], f"{change}{tier}{unit}", role, move[f"reason_{self.lang}"]

    def clock(self, clock: dict[str, Any]) -> tuple[str, ...]:
        """The row of a clock."""
        in_time = {True: self.word["yes"], False: self.word["no"], None: ""}[clock["in_time"]]
        return (
            f"{self.name(clock['stage'])} {clock['round']}",
            self.moment(clock["due_at"]),
            self.moment(clock["stopped_at"]),
            in_time,
        )

    def photo(self, photo: CasePhoto) -> Iterator[Any]:
        """A photo with the moment at which it came, or that it is deleted."""
        from reportlab.lib.units import mm
        from reportlab.platypus import Image, KeepTogether, Spacer

        line = f"{photo.told['id']} · {self.moment(photo.told['added_at'])} · SHA-256 {photo.told['sha256'][:16]}"
        if not photo.jpeg:
            yield self.text(f"{line} · {self.word['deleted']}", self.body)
            return
        width, height = photo.told["width"], photo.told["height"]
        scale = min(110 * mm / width, 90 * mm / height)
        picture = Image(io.BytesIO(photo.jpeg), width * scale, height * scale, hAlign="LEFT")
        yield KeepTogether([picture, self.text(line, self.body), Spacer(1, 2 * mm)])

    def name(self, code: str) -> str:
        """The name of a tier, a stage or a role."""
        role = ROLES.get(code)
        return (role.zh if self.lang == "zh" else role.en) if role else _NAMES[self.lang].get(code, code)

    def moment(self, text: str | None) -> str:
        """A moment in the zone of the district."""
        return f"{datetime.fromisoformat(text).astimezone(self.zone):%Y-%m-%d %H:%M:%S}" if text else ""

    def table(self, rows: Sequence[Sequence[str]], widths_mm: Sequence[float], *, titled: bool = False) -> Any:
        """A ruled table whose long rows may run over the page."""
        from reportlab.lib import colors
        from reportlab.lib.units import mm
        from reportlab.platypus import LongTable, TableStyle

        style = [
            ("GRID", (0, 0), (-1, -1), 0.4, colors.HexColor("#888888")),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, 0) if titled else (0, -1), colors.HexColor("#eeeeee")),
        ]
        cells = [[self.text(str(cell)[:_MOST_REASON], self.body) for cell in row] for row in rows]
        made = LongTable(
            cells, colWidths=[w * mm for w in widths_mm], repeatRows=int(titled), hAlign="LEFT", splitInRow=1
        )
        made.setStyle(TableStyle(style))
        return made

    def text(self, text: str, style: Any) -> Any:
        """A paragraph of plain text."""
        from reportlab.platypus import Paragraph

        return Paragraph(escape(known_signs(text)).replace("\n", "<br/>"), style)
