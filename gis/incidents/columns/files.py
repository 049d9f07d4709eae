"""The files of the columns: a manifest that names its segments, written last and swapped in one step.

A reader sees one manifest whole or the one before it; a half-written segment has no name in any manifest. One writer at a
time, kept apart by a lock on the folder. It knows nothing of the store: rows come in as tables.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd

from gis.errors import StoreError
from gis.incidents.columns.segment import Coded, Codes, encode, open_segment, split_months, write_segment
from gis.incidents.columns.table import IncidentColumns

FORMAT = 1
MANIFEST = "manifest.json"
_TRIES = 20


@dataclass(frozen=True)
class Mark:
    """Up to where the columns follow the store.

    Parameters
    ----------
    origin
        Names the store and its generation; columns of another origin are built anew.
    seq
        Number of the latest change the columns hold.
    zone
        Zone of the hours and months; another zone needs another build.
    """

    origin: str
    seq: int
    zone: str


def build(
    folder: Path, batches: Iterable[pd.DataFrame], mark: Mark, *, progress: Callable[[int], None] | None = None
) -> None:
    """Write the columns anew.

    Parameters
    ----------
    batches
        Parts of the ``incidents`` table with a column ``row`` (int64, one number a row for good), in any order.
    progress
        Told the rows done.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    with _writing(folder):
        codes, parts, done = Codes(), [], 0
        for batch in batches:
            parts.append(encode(batch, codes, mark.zone))
            done += len(batch)
            if progress is not None:
                progress(done)
        segments = [_write(folder, month, coded) for month, coded in split_months(Coded.join(parts)) if len(coded)]
        _publish(folder, mark, codes, segments)


def extend(folder: Path, changed: pd.DataFrame, mark: Mark) -> None:
    """Put changed rows in the place of their older selves; only their months are written again.

    Parameters
    ----------
    changed
        As in :func:`build`: rows that are new or not as they were.

    Raises
    ------
    StoreError
        There are no columns yet, or the folder cannot be written.
    """
    with _writing(folder):
        manifest = _read(folder)
        codes = Codes.from_lists(manifest["codes"])
        fresh = dict(split_months(encode(changed, codes, mark.zone)))
        gone = np.sort(changed["row"].to_numpy(dtype=np.int64))
        segments: list[dict[str, Any]] = []
        for entry in manifest["segments"]:
            segment = open_segment(folder / entry["file"])
            month = int(entry["month"])
            stays = ~np.isin(segment.row, gone) if len(gone) else np.ones(len(segment.row), dtype=bool)
            if month not in fresh and stays.all():
                segments.append(entry)
                continue
            coded = Coded.join([segment.coded(stays), fresh.pop(month, Coded.empty())])
            if len(coded):
                segments.append(_write(folder, month, coded))
        segments += [_write(folder, month, coded) for month, coded in fresh.items() if len(coded)]
        _publish(folder, mark, codes, sorted(segments, key=lambda entry: int(entry["month"])))


def open_columns(folder: Path) -> IncidentColumns:
    """The columns as they are now; they stay as they are while others write.

    Raises
    ------
    StoreError
        There are none, or a segment is damaged.
    """
    for attempt in range(_TRIES):
        manifest = _read(folder)
        try:
            segments = [open_segment(folder / entry["file"]) for entry in manifest["segments"]]
        except FileNotFoundError as error:
            # A writer swapped the manifest between our two looks; the next look sees the new one.
            if attempt + 1 == _TRIES:
                raise _damaged(folder, str(error)) from error
            continue
        return IncidentColumns(segments, Codes.from_lists(manifest["codes"]), Mark(**manifest["mark"]).zone)
    raise _damaged(folder, "manifest")


def read_mark(folder: Path) -> Mark | None:
    """Up to where the columns follow the store; None without columns or with those of another format."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        return Mark(**manifest["mark"]) if manifest["format"] == FORMAT else None
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """The one writer of a folder; files that no manifest names are cleared at the end."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                yield
            finally:
                _clear(folder)
    except OSError as error:
        raise StoreError(
            zh=f"无法写入事件索引 {folder}:{error.strerror}。请检查磁盘空间和权限。",
            en=f"Cannot write the incident columns in {folder}: {error.strerror}. Look at disk space and permissions.",
        ) from error


def _clear(folder: Path) -> None:
    try:
        named = {entry["file"] for entry in _read(folder)["segments"]}
    except StoreError:
        named = set()
    for path in [*folder.glob("*.seg"), *folder.glob("*.part")]:
        if path.name not in named:
            path.unlink(missing_ok=True)


def _write(folder: Path, month: int, coded: Coded) -> dict[str, Any]:
    name = f"{month}-{uuid4().hex[:12]}.seg"
    write_segment(folder / name, month, coded)
    return {"month": month, "file": name, "rows": len(coded)}


def _publish(folder: Path, mark: Mark, codes: Codes, segments: list[dict[str, Any]]) -> None:
    manifest = {"format": FORMAT, "mark": asdict(mark), "codes": codes.to_lists(), "segments": segments}
    part = folder / f"{MANIFEST}.{uuid4().hex[:8]}.part"
    with part.open("w", encoding="utf-8") as file:
        json.dump(manifest, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / MANIFEST)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(folder, str(error)) from error
    if manifest.get("format") != FORMAT:
        raise _damaged(folder, "format")
    return manifest


def _damaged(folder: Path, why: str) -> StoreError:
    return StoreError(
        zh=f"事件索引 {folder} 缺失或损坏({why});删除该文件夹后会自动重建。",
        en=f"The incident columns in {folder} are missing or damaged ({why}); remove the folder and they are built anew.",
    )
