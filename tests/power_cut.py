"""What the files of a folder would hold after the power went out, from a record of what a process did to them.

``power_cut.c`` writes the record. A disk keeps what was synced; of later writes it may keep any, in any order, and parts of
them (sectors of 512 bytes). It never loses a file's name, and a disk that lies about syncs is not modelled.
"""

import os
import random
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SECTOR = 512
_HEAD = struct.Struct("<cHQQ")
_MEMORY = "-shm"
"""SQLite's shared memory: mapped, never synced, made anew after a crash."""


@dataclass(frozen=True)
class Act:
    """One thing done to a file.

    Parameters
    ----------
    kind
        ``w`` write, ``t`` truncate to ``length``, ``s`` sync, ``u`` unlink.
    """

    kind: str
    name: str
    offset: int
    length: int
    data: bytes


def recorder(folder: Path) -> Path:
    """The compiled recorder, to be loaded with ``LD_PRELOAD``; without a C compiler the test is left out, but not in CI."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        assert os.environ.get("CI") != "true", "a C compiler is needed: apt-get install gcc libc6-dev"
        pytest.skip("no C compiler")
    library = folder / "power_cut.so"
    source = Path(__file__).with_suffix(".c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
    return library


def recorded(program: str, *arguments: str, folder: Path, log: Path, library: Path) -> list[Act]:
    """Run Python code and return what it did to the files of ``folder``."""
    told = os.environ | {"LD_PRELOAD": str(library), "POWER_CUT_FOLDER": str(folder), "POWER_CUT_LOG": str(log)}
    subprocess.run([sys.executable, "-c", program, *arguments], env=told, check=True, timeout=240)
    return list(_acts(log.read_bytes()))


def _acts(record: bytes) -> Iterable[Act]:
    at = 0
    while at < len(record):
        kind, size, offset, length = _HEAD.unpack_from(record, at)
        at += _HEAD.size
        name = record[at : at + size].decode()
        at += size
        data = record[at : at + length] if kind == b"w" else b""
        at += len(data)
        yield Act(kind.decode(), name, offset, length, data)


@dataclass
class _File:
    kept: bytearray = field(default_factory=bytearray)
    pending: list[Act] = field(default_factory=list)


def left_on_disk(acts: Iterable[Act], before: dict[str, bytes], rng: random.Random, *, drop: bool) -> dict[str, bytes]:
    """The files after the power went out behind these acts.

    Parameters
    ----------
    before
        What the folder held before, all of it synced.
    drop
        Nothing unsynced is kept; otherwise any part of it may be.
    """
    files = {name: _File(bytearray(data)) for name, data in before.items()}
    for act in acts:
        if act.name.endswith(_MEMORY):
            continue
        file = files.setdefault(act.name, _File())
        if act.kind == "s":
            for each in file.pending:
                _apply(file.kept, each)
            file.pending.clear()
        else:
            file.pending.append(act)
    return {name: bytes(file.kept) for name, file in files.items() if _settle(file, rng, drop)}


def _settle(file: _File, rng: random.Random, drop: bool) -> bool:
    """Apply some of what was not synced; false if the file is gone."""
    for act in file.pending:
        if drop or rng.random() < 0.5:
            continue
        if act.kind == "u":
            return False
        for part in _torn(act, rng):
            _apply(file.kept, part)
    return True


def _torn(act: Act, rng: random.Random) -> Iterable[Act]:
    if act.kind != "w" or len(act.data) <= SECTOR or rng.random() < 0.5:
        yield act
        return
    for at in range(0, len(act.data), SECTOR):
        if rng.random() < 0.5:
            part = act.data[at : at + SECTOR]
            yield Act("w", act.name, act.offset + at, len(part), part)


def _apply(kept: bytearray, act: Act) -> None:
    if act.kind == "t":
        del kept[act.length :]
        kept.extend(bytes(act.length - len(kept)))
    elif act.kind == "w":
        kept.extend(bytes(max(0, act.offset + act.length - len(kept))))
        kept[act.offset : act.offset + act.length] = act.data
