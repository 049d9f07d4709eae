"""A case file as a ZIP: JSON, moves as CSV, photos, rows of the log with their neighbours' hashes, how to check, manifest.

The same contents give the same bytes: members are in order, stored as they are and dated with the beginning of ZIP.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any

from gis.exports.tables import safe_text
from webmap.casefile.contents import CaseContents

FORMAT = 1
MANIFEST = "manifest.json"

COLUMNS = (
    *(
        "version",
        "at",
        "move",
        "zh",
        "en",
        "from",
        "to",
        "tier_from",
        "tier_to",
        "unit_from",
        "unit_to",
        "role",
        "reason",
    ),
    *("until", "into", "score"),
)
"""Columns of ``moves.csv``."""

_BEGINNING = (1980, 1, 1, 0, 0, 0)

_README_ZH = """案件档案(一事一档)
编号:{id}
生成时间:{made_at}
数据库:{store}
生成时审计日志末行(序号:哈希):{head}

内容
case.json      案件、办理经过、时钟、并案
moves.csv      办理经过(UTF-8,带 BOM)
photos/        照片(已重新编码,不含拍摄信息,遮盖处不可恢复);已到期删除的照片只留记录
audit.json     审计日志中有关本案的各行
manifest.json  以上各文件的 SHA-256 与字节数

如何核验
1. 运行 wangge casefile verify 文件名(离线,不需要数据库)。
2. 不用本程序:逐一计算各文件的 SHA-256,与 manifest.json 比较。
3. audit.json 每行的 hash 应等于以下 JSON 列表(UTF-8,无空格,汉字不转义)的 SHA-256:
   [previous, seq, at_us, actor, action, subject, area, detail]
   previous 是日志中前一行的 hash,next 是后一行的 hash;序号相邻的两行应首尾相接。
4. 审计员手中的签名校验点或日志副本中,同一序号的行应有同一 hash;否则日志在生成本档后被改写。
"""

_README_EN = """Case file (one event, one file)
Event: {id}
Made at: {made_at}
Store: {store}
Last row of the audit log at that moment (number:hash): {head}

Contents
case.json      the case, its history, clocks and merged cases
moves.csv      the history (UTF-8 with BOM)
photos/        photos, encoded anew without metadata, hidden areas gone for good; of deleted photos only their record is left
audit.json     the rows of the audit log that concern this case
manifest.json  SHA-256 and size of every file above

How to check
1. Run wangge casefile verify FILE (offline, without a database).
2. Without this program: take the SHA-256 of each file and compare it with manifest.json.
3. The hash of each row of audit.json is the SHA-256 of this JSON list (UTF-8, no blanks, Chinese as it is):
   [previous, seq, at_us, actor, action, subject, area, detail]
   previous is the hash of the row before it in the log, next that of the row after; rows with neighbouring numbers join.
4. In the signed checkpoints or the copy of the log that the auditor holds, the row of the same number has the same hash;
   otherwise the log was rewritten after this file was made.
"""


def as_zip(contents: CaseContents) -> bytes:
    """The bytes of the archive."""
    members = dict(_members(contents))
    about = {name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for name, data in members.items()}
    manifest = {
        "format": FORMAT,
        "event": contents.id,
        "made_at": contents.made_at,
        "store": contents.store,
        "head": contents.head,
        "files": about,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted((members | {MANIFEST: as_json(manifest)}).items()):
            info = zipfile.ZipInfo(name, _BEGINNING)
            info.external_attr = 0o644 << 16
            info.create_system = 3
            archive.writestr(info, data)
    return out.getvalue()


def as_json(document: Any) -> bytes:
    """A document to be read by people and programs, written one way only."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False).encode() + b"\n"


def _members(contents: CaseContents) -> Iterable[tuple[str, bytes]]:
    photos = [photo.told for photo in contents.photos]
    yield "case.json", as_json(contents.case | {"photos": photos, "area": contents.district})
    yield "moves.csv", _moves(contents.case["history"])
    yield "audit.json", as_json([vars(row) for row in contents.chain])
    for photo in contents.photos:
        if photo.jpeg:
            yield f"photos/{photo.told['id']}.jpg", photo.jpeg
    told = {"id": contents.id, "made_at": contents.made_at, "store": contents.store, "head": contents.head}
    yield "README.zh.txt", _README_ZH.format(**told).encode()
    yield "README.en.txt", _README_EN.format(**told).encode()


def _moves(history: Iterable[dict[str, Any]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in history:
        values = (row.get(name) for name in COLUMNS)
        writer.writerow(["" if value is None else safe_text(str(value)) for value in values])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
