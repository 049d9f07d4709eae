"""What an import says of itself: which datum was taken and why, what was mapped, dropped, masked, fixed, rejected.

It carries counts, headers and masked values only; never a personal value, never a whole row of the file.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gis.errors import Lang

if TYPE_CHECKING:
    # The reading process imports this module and must not pay for pandas.
    import pandas as pd

REJECT_COLUMNS = ("row", "reason_code", "field", "value", "reason_zh", "reason_en")
"""Columns of every rejects table. ``row`` is the row as a spreadsheet shows it (the header counts); for files without
rows (GeoJSON, KML, GeoPackage ...) the number of the feature, from 1."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class RawPoints:
    """Coordinates as a file states them, before anyone has decided their datum.

    Parameters
    ----------
    x, y
        Shape (n,), degrees: longitude-like and latitude-like; NaN where a row has none.
    declared
        Shape (n,), the grid or community that each row states, by name or code; empty text where it states none.
    declared_is_code
        Whether ``declared`` holds codes.
    """

    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    declared: Sequence[str] | npt.NDArray[np.str_]
    declared_is_code: bool = False


@dataclass(frozen=True)
class DatumChoice:
    """The datum taken for a file, and how far that can be trusted.

    Parameters
    ----------
    datum
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or ``EPSG:n``.
    sure
        0 (nothing speaks for it) to 1 (stated or proven).
    agreement
        Share of rows that fit what they declare, under each datum tried.
    rows
        Rows the decision rests on.
    why_zh, why_en
        What decided.
    """

    datum: str
    sure: float = 0.0
    agreement: dict[str, float] = field(default_factory=dict)
    rows: int = 0
    why_zh: str = ""
    why_en: str = ""


@dataclass(frozen=True)
class ImportReport:
    """What one file became.

    Parameters
    ----------
    rows_in, rows_ok, rows_rejected
        Data rows found, taken, and refused; ``rows_in`` exceeds their sum by rows that
        repeat another or are part of one area (``fixes``: ``duplicate_rows``, ``parts_joined``).
    mapped
        Our field to the file's header.
    dropped_personal
        Headers dropped as personal, by their name or by what they hold.
    masked
        Header to the number of cells in which personal text was masked.
    ignored
        Headers that nobody reads.
    fixes
        What was corrected, and how often.
    warnings
        Pairs of a Chinese and an English sentence.
    """

    file: str
    kind: str
    format: str
    encoding: str
    rows_in: int
    rows_ok: int
    rows_rejected: int
    datum: DatumChoice
    mapped: dict[str, str] = field(default_factory=dict)
    dropped_personal: list[str] = field(default_factory=list)
    masked: dict[str, int] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    fixes: dict[str, int] = field(default_factory=dict)
    warnings: list[tuple[str, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe content."""
        return {
            "file": self.file,
            "kind": self.kind,
            "format": self.format,
            "encoding": self.encoding,
            "rows_in": self.rows_in,
            "rows_ok": self.rows_ok,
            "rows_rejected": self.rows_rejected,
            "mapped": dict(self.mapped),
            "dropped_personal": list(self.dropped_personal),
            "masked": dict(self.masked),
            "ignored": list(self.ignored),
            "datum": {
                "datum": self.datum.datum,
                "sure": round(self.datum.sure, 4),
                "agreement": {name: round(float(share), 4) for name, share in self.datum.agreement.items()},
                "rows": self.datum.rows,
                "why_zh": self.datum.why_zh,
                "why_en": self.datum.why_en,
            },
            "fixes": dict(self.fixes),
            "warnings": [{"zh": zh, "en": en} for zh, en in self.warnings],
        }

    def text(self, lang: Lang) -> str:
        """The report as lines for a person."""
        lines = _chinese(self) if lang == "zh" else _english(self)
        return "\n".join(line for line in lines if line)


@dataclass(frozen=True)
class LayerResult:
    """A file as a table of ``gis.schemas``, with what could not be used.

    Parameters
    ----------
    frame
        The table; shapes as a GeoDataFrame in EPSG:4326.
    rejects
        Columns ``REJECT_COLUMNS``; one line for each row and reason, values masked.
    """

    frame: "pd.DataFrame"
    rejects: "pd.DataFrame"
    report: ImportReport


def write_rejects(rejects: "pd.DataFrame", path: Path, lang: Lang = "zh") -> Path:
    """Write refused rows as CSV that Excel opens: UTF-8 with BOM, values never a formula.

    Parameters
    ----------
    rejects
        Table of ``LayerResult.rejects``.
    """
    heads = {
        "zh": ("行号", "原因代码", "字段", "值(已脱敏)", "原因"),
        "en": ("row", "code", "field", "value (masked)", "reason"),
    }
    reasons = rejects["reason_zh" if lang == "zh" else "reason_en"]
    with Path(path).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads["zh" if lang == "zh" else "en"])
        columns = (rejects["row"], rejects["reason_code"], rejects["field"], rejects["value"], reasons)
        for row, *texts in zip(*columns, strict=True):
            writer.writerow([row, *map(_harmless, texts)])
    return Path(path)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _pairs(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in counts.items())


def _chinese(report: ImportReport) -> list[str]:
    datum = report.datum
    return [
        f"文件 {report.file}:{report.format},编码 {report.encoding or '无'}",
        f"共 {report.rows_in:,} 行,导入 {report.rows_ok:,} 行,退回 {report.rows_rejected:,} 行",
        f"坐标系:{datum.datum},把握 {datum.sure:.0%};{datum.why_zh}",
        f"字段:{', '.join(f'{name}={header}' for name, header in report.mapped.items())}" if report.mapped else "",
        f"已删除的个人信息列:{', '.join(report.dropped_personal)}" if report.dropped_personal else "",
        f"已脱敏的单元格:{_pairs(report.masked)}" if report.masked else "",
        f"已修正:{_pairs(report.fixes)}" if report.fixes else "",
        f"未使用的列:{', '.join(report.ignored)}" if report.ignored else "",
        *(f"注意:{zh}" for zh, _ in report.warnings),
    ]


def _english(report: ImportReport) -> list[str]:
    datum = report.datum
    return [
        f"File {report.file}: {report.format}, encoding {report.encoding or 'none'}",
        f"{report.rows_in:,} rows: {report.rows_ok:,} taken, {report.rows_rejected:,} rejected",
        f"Datum: {datum.datum}, sure {datum.sure:.0%}; {datum.why_en}",
        f"Fields: {', '.join(f'{name}={header}' for name, header in report.mapped.items())}" if report.mapped else "",
        f"Personal columns dropped: {', '.join(report.dropped_personal)}" if report.dropped_personal else "",
        f"Cells masked: {_pairs(report.masked)}" if report.masked else "",
        f"Fixed: {_pairs(report.fixes)}" if report.fixes else "",
        f"Columns not used: {', '.join(report.ignored)}" if report.ignored else "",
        *(f"Note: {en}" for _, en in report.warnings),
    ]
