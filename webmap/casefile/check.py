"""Is a case file what it was when it was made? Checked offline, from the archive alone; every fault is told.

It opens hostile archives: nothing is unpacked to disk, and sizes are bounded before anything is read.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from gis.errors import FileFormatError
from webmap.casefile.archive import FORMAT, MANIFEST
from webmap.store.audit import ChainRow
from webmap.store.findings import Finding

MOST_BYTES = 1 << 30
MOST_FILES = 1000

_TYPES = {each.name: int if each.name in ("seq", "at_us") else str for each in fields(ChainRow)}


def check_case_file(content: bytes) -> list[Finding]:
    """Every fault of an archive; an empty list for a sound one.

    Raises
    ------
    FileFormatError
        It is no case file at all, or one of a later version.
    """
    members = _members(content)
    manifest = _json(members.get(MANIFEST, b""))
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise _no_case_file()
    if manifest.get("format") != FORMAT:
        raise FileFormatError(zh="案件档案由更新的版本生成。", en="The case file was made by a later version.")
    return [*_files(members, manifest["files"]), *_chain(members), *_moves(members, manifest)]


def _members(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
            stored = all(info.compress_type == zipfile.ZIP_STORED for info in infos)
            if len(infos) > MOST_FILES or sum(info.file_size for info in infos) > MOST_BYTES or not stored:
                raise _no_case_file()
            names = [info.filename for info in infos]
            if len(set(names)) < len(names):
                raise _no_case_file()
            return {info.filename: archive.read(info) for info in infos}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise _no_case_file() from error


def _files(members: dict[str, bytes], told: dict[str, Any]) -> Iterator[Finding]:
    for name in sorted(set(told) - set(members)):
        yield _finding(f"缺少文件 {name}。", f"The file {name} is missing.")
    for name in sorted(set(members) - set(told) - {MANIFEST}):
        yield _finding(f"多出文件 {name}。", f"The file {name} does not belong here.")
    for name in sorted(set(told) & set(members)):
        wanted = told[name].get("sha256") if isinstance(told[name], dict) else None
        if hashlib.sha256(members[name]).hexdigest() != wanted:
            yield _finding(f"文件 {name} 被改动。", f"The file {name} was altered.")


def _chain(members: dict[str, bytes]) -> Iterator[Finding]:
    rows = _rows(members)
    if rows is None:
        yield _finding("audit.json 无法读取。", "audit.json cannot be read.")
        return
    before: ChainRow | None = None
    for row in rows:
        if row.own_hash() != row.hash:
            yield _finding(f"审计日志第 {row.seq} 行被改动。", f"Row {row.seq} of the audit log was altered.")
        if before is not None and before.seq >= row.seq:
            yield _finding(f"第 {row.seq} 行次序不对。", f"Row {row.seq} is out of order.")
        joined = before is None or (before.hash, before.next) == (row.previous, row.hash)
        if before is not None and before.seq + 1 == row.seq and not joined:
            yield _finding(f"第 {row.seq} 行与前一行不衔接。", f"Row {row.seq} does not follow the row before it.")
        before = row


def _moves(members: dict[str, bytes], manifest: dict[str, Any]) -> Iterator[Finding]:
    case, rows = _json(members.get("case.json", b"")), _rows(members) or []
    try:
        history = [(move["move"], move["version"], move["from"], move["to"]) for move in case["history"]]
        event = case["event"]["id"]
    except (TypeError, KeyError):
        yield _finding("case.json 无法读取。", "case.json cannot be read.")
        return
    if event != manifest.get("event"):
        yield _finding("case.json 不是本案。", "case.json is of another event.")
    noted = set()
    for row in rows:
        detail = _json(row.detail.encode("utf-8", "surrogatepass"))
        if row.subject == event and row.action.startswith("events.") and isinstance(detail, dict):
            told = (detail.get(name) for name in ("version", "from", "to"))
            noted.add((row.action.removeprefix("events."), *told))
    for move in history:
        if move not in noted:
            zh = f"第 {move[1]} 版的操作 {move[0]} 不在审计日志中。"
            yield _finding(zh, f"The move {move[0]} of version {move[1]} is not in the audit log.")


def _rows(members: dict[str, bytes]) -> list[ChainRow] | None:
    told = _json(members.get("audit.json", b""))
    if not isinstance(told, list):
        return None
    rows = []
    for each in told:
        if not isinstance(each, dict) or {name: type(value) for name, value in each.items()} != _TYPES:
            return None
        rows.append(ChainRow(**each))
    return rows


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _no_case_file() -> FileFormatError:
    return FileFormatError(zh="这不是案件档案。", en="This is no case file.")


def _finding(zh: str, en: str) -> Finding:
    return Finding("casefile", "", 1, zh, en)
