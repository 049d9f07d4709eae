"""The audit log: who did or read what, each row carrying the hash of the one before it.

A row about a change is written in the transaction of that change; rows about reads are gathered and written within
0.2 s by one thread of each process; a row about an export is kept before its first byte leaves. Numbers have no gaps,
and writers take turns, so the chain is one for all processes. It never holds a password, a token or the position of a
report, and nothing changes a row once it is written.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from gis.errors import InputError
from webmap.store._columns import micros
from webmap.store.db import Database
from webmap.store.documents import canonical, parsed
from webmap.store.findings import Finding
from webmap.store.group import GroupWriter
from webmap.store.models import AUDIT, META
from webmap.store.moments import require_zone

BEGINNING = "0" * 64
"""What stands in the first row for the hash of the row before it."""

HEAD = "store.audit.head"
"""Mark of the latest row: its number and hash, so that rows cut off the end are missed."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TEXTS = ("actor", "action", "subject", "area", "detail")
_CHECKPOINT = re.compile(r"(\d{1,18}):([0-9a-f]{64})")
_BATCH = 5_000
_SHOWN = 20


@dataclass(frozen=True)
class AuditEntry:
    """Something that somebody did or read.

    Parameters
    ----------
    action
        What, such as ``sign_in``, ``grant.add`` or ``points.read``.
    actor
        Account name; empty for nobody who is known.
    at
        When, with its zone.
    subject
        Whom or what it concerns: an account, a layer, a plan.
    area
        Code of the area it concerns; empty for the whole district.
    detail
        Anything else, as JSON: numbers of rows, filters, reasons.
    """

    action: str
    actor: str
    at: datetime
    subject: str = ""
    area: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditRow(AuditEntry):
    """A row of the log: what was noted, with its number and hash."""

    seq: int = 0
    hash: str = ""


@dataclass(frozen=True)
class ChainRow:
    """A row of the log as its hash covers it.

    Parameters
    ----------
    at_us
        Microseconds since 1970.
    detail
        JSON text.
    previous, hash
        Of the row before it, and its own.
    next
        Hash of the row after it; empty for the last of the log.
    """

    seq: int
    at_us: int
    actor: str
    action: str
    subject: str
    area: str
    detail: str
    previous: str
    hash: str
    next: str

    def own_hash(self) -> str:
        """The hash that the row must have."""
        return _hash(self.previous, self.seq, self.at_us, *(getattr(self, name) for name in _TEXTS))


def note_audit(connection: Connection, *entries: AuditEntry) -> int:
    """Add rows to the chain, inside the transaction of the change they describe.

    Returns
    -------
    seq
        Number of the last row.

    Raises
    ------
    InputError
        A moment without a zone, a detail that is not JSON, or a text that no database keeps.
    """
    seq, previous = _last(connection)
    rows = []
    for entry in entries:
        seq += 1
        row = _values(entry) | {"seq": seq, "previous": previous}
        previous = row["hash"] = _hash(previous, seq, _micros(entry.at), *(row[name] for name in _TEXTS))
        rows.append(row)
    if rows:
        connection.execute(insert(AUDIT), rows)
        _put_head(connection, f"{seq}:{previous}")
    return seq


class Audit:
    """The audit log of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._soon = GroupWriter[AuditEntry](self._keep)

    def note(self, entry: AuditEntry) -> None:
        """Write a row about a read soon, without waiting for the store.

        Notes
        -----
        Kept within 0.2 s, or as soon as 200 rows wait; later while another writes. A kill loses what is not kept yet.

        Raises
        ------
        InputError
            As :func:`note_audit`.
        StoreError
            The store cannot be written for so long that no more rows can wait: then nothing may be shown.
        """
        # What the caller does to the detail afterwards is not in the row.
        kept = parsed(_values(entry)["detail"])
        self._soon.put(replace(entry, detail=kept))

    def note_now(self, *entries: AuditEntry) -> int:
        """Write rows and return when they are kept, as an export does before its first byte leaves.

        Returns
        -------
        seq
            Number of the last row.

        Raises
        ------
        StoreError
            They could not be kept: then nothing may be shown or sent.
        """
        with self._database.writing() as connection:
            return note_audit(connection, *entries)

    def flush(self) -> None:
        """Return when every row of :meth:`note` in this process is kept.

        Raises
        ------
        StoreError
            They cannot be kept now; they go on waiting.
        """
        self._soon.flush()

    def close(self) -> None:
        """Keep what waits and end the background thread.

        Raises
        ------
        StoreError
            As :meth:`flush`.
        """
        self._soon.close()

    def _keep(self, entries: Sequence[AuditEntry]) -> None:
        self.note_now(*entries)

    def since(self, seq: int, limit: int = 1000, *, actor: str = "", action: str = "") -> list[AuditRow]:
        """Rows after a number, oldest first.

        Parameters
        ----------
        actor, action
            Only rows of this account, of this action; empty for all.
        """
        tests = [AUDIT.c.seq > seq]
        tests += [AUDIT.c.actor == actor] if actor else []
        tests += [AUDIT.c.action == action] if action else []
        names = [AUDIT.c[name] for name in ("seq", "at", "hash", *_TEXTS)]
        query = select(*names).where(and_(*tests)).order_by(AUDIT.c.seq).limit(limit)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings()
            return [AuditRow(**(dict(row) | {"detail": parsed(row["detail"])})) for row in rows]

    def about(self, subjects: Sequence[str]) -> list[ChainRow]:
        """Rows that concern some subjects, oldest first, each between the hashes of its neighbours."""
        later = AUDIT.alias()
        kept = [AUDIT.c[name] for name in ("seq", *_TEXTS, "previous", "hash")]
        query = select(*kept, AUDIT.c.at.label("moment"), later.c.hash.label("next"))
        query = query.join(later, later.c.seq == AUDIT.c.seq + 1, isouter=True)
        query = query.where(AUDIT.c.subject.in_(list(subjects))).order_by(AUDIT.c.seq)
        with self._database.reading() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return [ChainRow(at_us=_micros(row.pop("moment")), **(row | {"next": row["next"] or ""})) for row in rows]

    def checkpoint(self) -> str:
        """Number and hash of the latest row, ``SEQ:HASH``, to be kept outside of this machine."""
        with self._database.reading() as connection:
            seq, latest = _last(connection)
        return f"{seq}:{latest}"

    def verify(self, *, checkpoint: str = "") -> list[Finding]:
        """Every break of the chain; an empty list for a whole one.

        Parameters
        ----------
        checkpoint
            ``SEQ:HASH`` as :meth:`checkpoint` gave it once.

        Raises
        ------
        InputError
            The checkpoint is not one.
        """
        wanted = _checkpoint(checkpoint) if checkpoint else None
        with self._database.reading() as connection:
            return chain_findings(connection, wanted)


def chain_findings(connection: Connection, wanted: tuple[int, str] | None = None) -> list[Finding]:
    """Every break of the chain of a store.

    Parameters
    ----------
    wanted
        Number and hash that a row must have.

    Notes
    -----
    At most 20 findings are spelled out; the chain is read once, in batches.
    """
    breaks = _breaks(connection, wanted)
    found = list(islice(breaks, _SHOWN))
    rest = sum(1 for _ in breaks)
    return [*found, _finding(rest, f"另有 {rest} 处异常。", f"There are {rest} more breaks.")] if rest else found


def _values(entry: AuditEntry) -> dict[str, Any]:
    require_zone(entry.at)
    detail = canonical(dict(entry.detail), what_zh="审计内容", what_en="the detail of an audit row")
    texts = {"actor": entry.actor, "action": entry.action, "subject": entry.subject, "area": entry.area}
    if any("\x00" in text or _has_surrogates(text) for text in (*texts.values(), detail)):
        raise InputError(
            zh="审计内容含无法保存的字符。", en="An audit row holds characters that a database cannot keep."
        )
    return texts | {"at": entry.at, "detail": detail}


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _last(connection: Connection) -> tuple[int, str]:
    row = connection.execute(select(AUDIT.c.seq, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1)).one_or_none()
    return (row.seq, row.hash) if row is not None else (0, BEGINNING)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _hash(previous: Any, *values: Any) -> str:
    # A list of JSON: no two different rows give the same bytes, whatever commas and quotes they hold.
    line = json.dumps([previous, *values], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(line.encode("utf-8", "surrogatepass")).hexdigest()


def _put_head(connection: Connection, head: str) -> None:
    if connection.execute(update(META).where(META.c.key == HEAD).values(value=head)).rowcount == 0:
        connection.execute(insert(META).values(key=HEAD, value=head))


def _checkpoint(text: str) -> tuple[int, str]:
    match = _CHECKPOINT.fullmatch(text.strip())
    if match is None:
        raise InputError(
            zh="校验点应为 序号:64位十六进制,例如 wangge audit verify 输出的那一行。",
            en="A checkpoint is SEQ:HASH with 64 hexadecimal digits, as wangge audit verify prints it.",
        )
    return int(match[1]), match[2]


def _breaks(connection: Connection, wanted: tuple[int, str] | None) -> Iterator[Finding]:
    stored = select(AUDIT.c.seq, micros(AUDIT.c.at), *(AUDIT.c[name] for name in (*_TEXTS, "previous", "hash")))
    rows = connection.execute(stored.order_by(AUDIT.c.seq), execution_options={"yield_per": _BATCH})
    last, previous = 0, BEGINNING
    met = wanted is None or wanted == (0, BEGINNING)
    for seq, *values, stored_previous, stored_hash in rows:
        if seq != last + 1:
            yield from _gap(last, seq)
        if stored_previous != previous:
            zh, en = f"第 {seq} 行与前一行不衔接。", f"Row {seq} does not follow the row before it."
            yield _finding(1, zh, en)
        if not _is_own_hash(stored_hash, stored_previous, seq, values):
            yield _finding(1, f"第 {seq} 行被改动。", f"Row {seq} was altered.")
        met = met or (seq, stored_hash) == wanted
        last, previous = seq if isinstance(seq, int) else last + 1, stored_hash
    yield from _cut(connection, last, previous)
    if wanted is not None and not met:
        zh = f"第 {wanted[0]} 行与校验点不符:日志在其之前被改写、截断或恢复。"
        en = f"Row {wanted[0]} is not what the checkpoint says: the log was rewritten, cut or restored before it."
        yield _finding(1, zh, en)


def _is_own_hash(stored: Any, previous: Any, seq: Any, values: list[Any]) -> bool:
    try:
        return bool(stored == _hash(previous, seq, *values))
    except TypeError:
        # SQLite keeps bytes in a column of text if somebody puts them there.
        return False


def _gap(last: int, seq: Any) -> Iterator[Finding]:
    if isinstance(seq, int) and seq > last + 1:
        lost = seq - last - 1
        yield _finding(lost, f"缺第 {last + 1} 至 {seq - 1} 行。", f"Rows {last + 1} to {seq - 1} are gone.")
    else:
        yield _finding(1, f"行号 {seq} 不应存在。", f"There should be no row {seq}.")


def _cut(connection: Connection, last: int, latest: Any) -> Iterator[Finding]:
    head = connection.scalar(select(META.c.value).where(META.c.key == HEAD))
    if head is None and not last:
        return
    if head != f"{last}:{latest}":
        zh = f"日志末行为第 {last} 行,而库中标记为 {head or '无'}:末尾被截断或改写。"
        en = f"The log ends with row {last}, the store's mark says {head or 'nothing'}: its end was cut or rewritten."
        yield _finding(1, zh, en)


def _finding(count: int, zh: str, en: str) -> Finding:
    return Finding("audit", "audit", count, zh, en)
