"""One file on its way to a table: columns by field, refusals, fixes, warnings. The working state that builders share."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from gis.layers._process import RawTable
from gis.layers._rejects import BoolArray, Rejects
from gis.layers.fields import HeaderMap
from gis.layers.options import ReadOptions

ObjectArray = npt.NDArray[np.object_]


@dataclass
class Sheet:
    """The guarded columns of a file and what has been found about them so far."""

    raw: RawTable
    columns: dict[str, pa.Array]
    heads: HeaderMap
    options: ReadOptions
    rejects: Rejects
    fixes: dict[str, int] = field(default_factory=dict)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    _codes: dict[str, tuple[pa.Array, BoolArray]] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    @property
    def n(self) -> int:
        """Rows of the file."""
        return len(self.raw.rows)

    def has(self, name: str) -> bool:
        """Whether the file has a column for a field (that the guard let pass)."""
        return self.heads.get(name) in self.columns

    def column(self, name: str) -> pa.Array:
        """Texts of a field, all empty if the file has no column for it."""
        header = self.heads.get(name)
        return self.columns[header] if header in self.columns else pa.repeat(pa.scalar(""), self.n)

    def texts(self, name: str) -> ObjectArray:
        """Texts of a field as Python strings, full-width letters and digits made plain."""
        return np.array(pc.utf8_normalize(self.column(name), form="NFKC").to_pylist(), dtype=object)

    def series(self, name: str) -> "pd.Series[str]":
        """Texts of a field as a pandas column."""
        return pd.Series(self.column(name).to_pandas(), dtype="str").fillna("")

    def codes(self, name: str) -> tuple[pa.Array, BoolArray]:
        """Codes of a field, plain digits, a spreadsheet's ``.0`` taken off; and which ones a spreadsheet has rounded."""
        if name not in self._codes:
            self._codes[name] = self._read_codes(name)
        return self._codes[name]

    def sound_codes(self, name: str) -> pa.Array:
        """Codes of a field without those that a spreadsheet has rounded; they are counted and told once, never repaired."""
        texts, damaged = self.codes(name)
        if not damaged.any():
            return texts
        header, count = self.heads.get(name), int(damaged.sum())
        if name not in self._told:
            self._told.add(name)
            self.fix("damaged_numbers", count)
            self.warn(
                f"“{header}”有 {count:,} 个超过 15 位的数字已被电子表格改坏,未采用;请以文本格式导出。",
                f"{count:,} numbers of over 15 digits in '{header}' were damaged by a spreadsheet and are not used; "
                "export them as text.",
            )
        return pc.if_else(pa.array(damaged), "", texts)

    def _read_codes(self, name: str) -> tuple[pa.Array, BoolArray]:
        texts = pc.utf8_normalize(self.column(name), form="NFKC")
        decimal = pc.match_substring_regex(texts, r"^\d{3,}\.0+$")
        count = pc.sum(decimal).as_py() or 0
        if count:
            texts = pc.if_else(decimal, pc.replace_substring_regex(texts, r"\.0+$", ""), texts)
            self.fix("code_decimal", count)
        rounded = np.asarray(
            pc.match_substring_regex(texts, r"^\d(?:\.\d+)?[eE]\+?\d{2}$").to_numpy(zero_copy_only=False)
        )
        marked = self.raw.damaged.get(self.heads.get(name))
        if marked is not None:
            rounded = rounded | np.asarray(marked.to_numpy(zero_copy_only=False), dtype=bool)
        return texts, rounded.astype(bool)

    def fix(self, what: str, count: int) -> None:
        """Count a correction."""
        if count:
            self.fixes[what] = self.fixes.get(what, 0) + int(count)

    def warn(self, zh: str, en: str) -> None:
        """Say something to the person who imports, once."""
        if (zh, en) not in self.warnings:
            self.warnings.append((zh, en))
