"""Collects what cannot be used, every reason of every row, with values masked. Never raises for a row."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from gis.layers import times
from gis.layers.persons import mask_text
from gis.layers.report import REJECT_COLUMNS

BoolArray = npt.NDArray[np.bool_]

_LONGEST = 80

REASONS: dict[str, tuple[str, str]] = times.REASONS | {
    "coordinate_missing": ("没有坐标", "there is no coordinate"),
    "coordinate_unreadable": ("坐标无法识别", "the coordinate cannot be read"),
    "coordinate_zero": ("坐标为 (0, 0)", "the coordinate is (0, 0)"),
    "coordinate_out_of_range": ("坐标超出范围", "the coordinate is out of range"),
    "outside_district": ("位置远在本区之外", "the place lies far outside the district"),
    "datum_unknown": ("坐标系未知或不能使用", "the datum is unknown or refused"),
    "category_missing": ("没有类别", "there is no category"),
    "category_bare_code": (
        "类别代码没有说明体系(01-02、01-10、06010 在三个体系中都是暴露垃圾);请用 --scheme 指明",
        "a category code without its list (01-02, 01-10 and 06010 mean the same in three lists); name it with --scheme",
    ),
    "scheme_unknown": ("类别代码体系未知", "the code list is unknown"),
    "not_a_camera": (
        "不是摄像机(警卫、车牌识别等不导入)",
        "no camera: guards and readers of number plates are not imported",
    ),
    "indoor_camera": ("拍摄室内,不属于公共区域", "it watches the inside of a building, which is no public place"),
    "name_missing": ("没有名称", "there is no name"),
    "kind_missing": ("没有类型", "there is no kind"),
    "code_missing": ("没有编码", "there is no code"),
    "code_damaged": ("编码超过 15 位,已被电子表格改坏", "the code has over 15 digits and was damaged by a spreadsheet"),
    "code_duplicate": ("编码重复且内容不同", "the code occurs again with other content"),
    "level_unknown": ("层级未知", "the level is unknown"),
    "geometry_missing": ("没有几何图形", "there is no geometry"),
    "geometry_wrong_type": ("几何类型不对", "the geometry is of another type"),
    "geometry_unusable": ("几何图形无法修复", "the geometry cannot be repaired"),
}
"""Reason code to its Chinese and English text."""


class Rejects:
    """The refused rows of one file.

    Parameters
    ----------
    rows
        Row numbers for people, shape (n,).
    """

    def __init__(self, rows: npt.NDArray[np.int64]) -> None:
        self.rows = rows
        self.bad = np.zeros(len(rows), dtype=bool)
        self._parts: list[pd.DataFrame] = []

    def add(self, mask: BoolArray, code: str, field: str, values: pa.Array | None = None) -> None:
        """Refuse the rows of a mask for one reason, showing the cell that caused it."""
        at = np.flatnonzero(mask)
        if len(at) == 0:
            return
        self.bad[at] = True
        texts = values.take(pa.array(at)).to_pylist() if values is not None else [""] * len(at)
        shown = {text: mask_text(text)[:_LONGEST] for text in set(texts)}
        zh, en = REASONS[code]
        part = pd.DataFrame(
            {"row": self.rows[at], "reason_code": code, "field": field, "value": [shown[t] for t in texts]}
        )
        self._parts.append(part.assign(reason_zh=zh, reason_en=en))

    def add_codes(self, codes: npt.NDArray[np.object_], field: str, values: pa.Array | None = None) -> None:
        """Refuse rows by an array of reason codes; empty text is no reason."""
        for code in sorted(set(codes[codes != ""])):
            self.add(codes == code, code, field, values)

    def add_ragged(self, bad: list[tuple[int, str, str, str, str]]) -> None:
        """Records that are no rows; their text is not shown, since it cannot be told which part of it is personal."""
        if bad:
            part = pd.DataFrame(
                [(row, code, "", "", zh, en) for row, code, zh, en, _ in bad], columns=list(REJECT_COLUMNS)
            )
            self._parts.append(part)

    def frame(self) -> pd.DataFrame:
        """All refusals, by row and then in the order of the checks."""
        if not self._parts:
            empty = pd.DataFrame(columns=list(REJECT_COLUMNS), dtype="str")
            return empty.astype({"row": "int64"})
        table = pd.concat(self._parts, ignore_index=True)[list(REJECT_COLUMNS)]
        table = table.sort_values("row", kind="stable", ignore_index=True)
        return table.astype({name: "str" for name in REJECT_COLUMNS if name != "row"})
