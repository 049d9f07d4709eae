"""Stable ids: the file's own where it has real ones, else a digest of what the row says. The same file twice gives the same ids."""

import hashlib

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from gis.layers._rejects import BoolArray
from gis.layers._sheet import Sheet

ObjectArray = npt.NDArray[np.object_]


def make_ids(
    sheet: Sheet, kind: str, content: pa.Array, good: BoolArray, *, field: str = "id"
) -> tuple[pa.Array, BoolArray]:
    """An id for each row, and which rows stay.

    Parameters
    ----------
    content
        Shape (n,), what a row says, as text: place, time, category ...
    good
        Rows that are taken; others get no say in what is a duplicate.

    Notes
    -----
    Rows with one id and one content are one row, counted once (``fixes["duplicate_rows"]``). Rows with one id and different content
    get a digest of both. Without ids, equal rows are different incidents of one place and hour, and the second gets a number of its
    own. Running numbers (1, 2, 3 ...) are no ids: the next file has them again.
    """
    given = _given(sheet, field)
    if given is None:
        return _from_content(sheet, kind, content, good), good
    base = pd.Series(given.to_pandas(), dtype="str")
    texts = pd.Series(content.to_pandas(), dtype="str")
    live = good & (base != "").to_numpy()
    table = pd.DataFrame({"id": base[live], "content": texts[live]})
    same = table.duplicated()
    sheet.fix("duplicate_rows", int(same.sum()))
    stays = good.copy()
    stays[np.flatnonzero(live)[same.to_numpy()]] = False
    clash = table[~same].duplicated("id", keep=False)
    sheet.fix("duplicate_ids", int(clash.sum()))
    ids = base.to_numpy(dtype=object).copy()
    for position in clash.index[clash]:
        ids[position] = _digest(f"{kind}|{base[position]}|{texts[position]}")
    blank = stays & (base == "").to_numpy()
    if blank.any():
        made = _from_content(sheet, kind, content, blank).to_pylist()
        ids = np.where(blank, np.array(made, dtype=object), ids)
    return pa.array(ids, pa.string()), stays


def _given(sheet: Sheet, field: str) -> pa.Array | None:
    """The id column, None if there is none worth the name."""
    if not sheet.has(field):
        return None
    texts = sheet.sound_codes(field)
    if _is_running(texts):
        sheet.warn(
            f"“{sheet.heads.get(field)}”只是流水序号,不作为编号。",
            f"'{sheet.heads.get(field)}' is a running number and is not used as an id.",
        )
        return None
    return None if pc.all(pc.equal(texts, "")).as_py() else texts


def _is_running(texts: pa.Array) -> bool:
    """Whether ids are 0, 1, 2 ... or 1, 2, 3 ... in the order of the rows."""
    filled = texts.filter(pc.not_equal(texts, ""))
    if len(filled) < 2 or not pc.all(pc.match_substring_regex(filled, r"^\d{1,8}$")).as_py():
        return False
    numbers = np.asarray(pc.cast(filled, pa.int64()))
    return bool(numbers[0] <= 1 and (np.diff(numbers) == 1).mean() > 0.95)


def _from_content(sheet: Sheet, kind: str, content: pa.Array, rows: BoolArray) -> pa.Array:
    at = np.flatnonzero(rows)
    texts = pd.Series(content.take(pa.array(at)).to_pandas(), dtype="str")
    turn = texts.groupby(texts).cumcount().to_numpy()
    repeated = int((turn > 0).sum())
    if repeated:
        sheet.warn(
            f"{repeated:,} 行与其他行内容相同,文件没有编号,按不同记录导入。",
            f"{repeated:,} rows repeat others; the file has no ids, so they are taken as records of their own.",
        )
    prefix = f"{kind}|"
    made = np.full(sheet.n, "", dtype=object)
    made[at] = [_digest(f"{prefix}{text}|{k}" if k else prefix + text) for text, k in zip(texts, turn, strict=True)]
    return pa.array(made, pa.string())


def _digest(text: str) -> str:
    # Not a secret: a short name for content. 64 bits make a clash among 10 M rows a matter of one in 370,000.
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:16]


def content_of(*parts: pa.Array) -> pa.Array:
    """What rows say, joined to one text each."""
    # pandas hands back 64-bit offsets, the reader 32-bit ones; one kernel joins only one kind.
    return pc.binary_join_element_wise(*(pc.cast(part, pa.string()) for part in parts), "|")


def rounded(values: npt.NDArray[np.float64], digits: int) -> pa.Array:
    """Numbers as texts of fixed digits, for content that must not change with the last bits of a float."""
    # Whole steps: -0.0 and 0.0, 1e-7 and 0.0000001 would be different texts.
    steps = np.where(np.isfinite(values), np.rint(np.nan_to_num(values) * 10**digits), 0).astype(np.int64)
    return pc.cast(pa.array(steps), pa.string())
