"""Messages to the outside, written in the transaction of the change they tell of, and how far each receiver has got.

A message is whole in the store before anybody sends it, and a receiver is marked only after it took it: at least once,
never lost. One process at a time delivers to a receiver, in the order of commits. It sends nothing itself, never reads
the clock, and keeps no text of people: a payload holds the fields of ``FIELDS`` and nothing else.
"""

import builtins
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from gis.errors import InputError, NotFoundError
from webmap.store.audit import AuditEntry, note_audit
from webmap.store.db import Database
from webmap.store.documents import canonical, named_by_content, parsed
from webmap.store.moments import require_zone
from webmap.store.outbox_models import OUTBOX, OUTBOX_DEAD, OUTBOX_RECEIVERS
from webmap.store.viewer import Viewer

FIELDS = frozenset(
    {
        *(
            "version",
            "move",
            "state",
            "from",
            "to",
            "tier",
            "tier_from",
            "tier_to",
            "unit",
            "unit_from",
            "unit_to",
            "role",
        ),
        *(
            "scheme",
            "category",
            "source",
            "found_by",
            "grid",
            "community",
            "street",
            "district",
            "stage",
            "due_at",
            "told",
        ),
        *("until", "score", "outcome", "into", "work_order", "count", "plan", "day", "shift", "order", "reply"),
    }
)
"""What a payload may say: codes, numbers and moments. No free text, no position, nobody's name."""

LONGEST = 200
"""Characters of one value."""

_TOPIC = re.compile(r"[a-z][a-z_]{0,39}(\.[a-z][a-z_]{0,39}){1,3}")
_ERROR_LENGTH = 200


@dataclass(frozen=True)
class Message:
    """A message as the store keeps it.

    Parameters
    ----------
    seq
        Its number in the order of commits.
    id
        The same at every delivery of it, and of no other message.
    topic
        What happened, such as ``event.dispatch``.
    ref
        Id of the record it is about.
    area
        Code of the area it concerns; empty for the whole district.
    at
        When it happened, UTC.
    payload
        Fields of ``FIELDS``.
    """

    seq: int
    id: str
    topic: str
    ref: str
    area: str
    at: datetime
    payload: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """What a receiver gets: type, moment and data as Standard Webhooks has them, with id, record and area."""
        told = {"id": self.id, "type": self.topic, "timestamp": self.at.isoformat(), "ref": self.ref, "area": self.area}
        return told | {"data": dict(self.payload)}


@dataclass(frozen=True)
class ReceiverState:
    """How far a receiver has got; see ``OUTBOX_RECEIVERS``."""

    name: str
    reached: int
    tries: int
    next_at: datetime | None
    error: str
    holder: str
    held_until: datetime | None
    waiting: int = 0
    dead: int = 0


@dataclass(frozen=True)
class DeadLetter:
    """A message that was given up for a receiver."""

    receiver: str
    seq: int
    tries: int
    error: str
    at: datetime
    again: bool
    id: str
    topic: str
    ref: str


def note_outbox(
    connection: Connection,
    topic: str,
    *,
    ref: str,
    now: datetime,
    area: str = "",
    payload: Mapping[str, Any] | None = None,
) -> Message:
    """Add a message, inside the transaction of the change it tells of.

    Parameters
    ----------
    topic
        Two to four words joined by dots, such as ``event.dispatch``.
    ref
        Id of the record it is about.
    area
        Decides which receivers get it.
    payload
        Fields of ``FIELDS``: short texts, numbers, truth values or nothing.

    Raises
    ------
    InputError
        A moment without a zone, a topic that is none, or a payload that says more than it may.
    """
    require_zone(now)
    told = dict(payload or {})
    _check(topic, told | {"ref": ref, "area": area})
    seq = _last(connection) + 1
    text = canonical(told, what_zh="消息", what_en="the message")
    unique = canonical([seq, topic, ref, area, now.isoformat(), text], what_zh="消息", what_en="the message")
    message = Message(seq, named_by_content("msg", unique), topic, ref, area, now, parsed(text))
    connection.execute(insert(OUTBOX).values(**(vars(message) | {"payload": text})))
    return message


class Outbox:
    """The messages of a store and their receivers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enrol(self, names: Iterable[str]) -> None:
        """Make receivers known; one that is new gets what is noted from now on."""
        with self._database.reading() as connection:
            known = set(connection.scalars(select(OUTBOX_RECEIVERS.c.name)))
        if fresh := [name for name in dict.fromkeys(names) if name not in known]:
            with self._database.writing() as connection:
                known = set(connection.scalars(select(OUTBOX_RECEIVERS.c.name)))
                reached = _last(connection)
                rows = [
                    {"name": name, "reached": reached, "tries": 0, "error": "", "holder": ""}
                    for name in fresh
                    if name not in known
                ]
                if rows:
                    connection.execute(insert(OUTBOX_RECEIVERS), rows)

    def due(self, name: str, *, now: datetime) -> bool:
        """Something may be sent to a receiver now, and nobody else is at it."""
        with self._database.reading() as connection:
            state = _state(connection, name)
            return state is not None and not _is_held(state, "", now) and _is_due(connection, state, now)

    def claim(self, name: str, holder: str, *, now: datetime, lease: timedelta) -> bool:
        """Become the one who delivers to a receiver until ``now + lease``; False while another is.

        Notes
        -----
        Whoever dies in between is followed by another when the lease is over.
        """
        with self._database.writing() as connection:
            state = _state(connection, name)
            if state is None or _is_held(state, holder, now):
                return False
            _set(connection, name, holder=holder, held_until=now + lease)
            return True

    def next(self, name: str, *, now: datetime, limit: int = 100) -> builtins.list[tuple[Message, bool]]:
        """What is to be sent now, in order; True beside a dead letter that gets another try, which come first."""
        with self._database.reading() as connection:
            state = _state(connection, name)
            if state is None:
                return []
            again = select(OUTBOX_DEAD.c.seq).where(OUTBOX_DEAD.c.receiver == name, OUTBOX_DEAD.c.again)
            dead = _messages(connection, OUTBOX.c.seq.in_(again), limit)
            ready = state.next_at is None or state.next_at <= now
            fresh = _messages(connection, OUTBOX.c.seq > state.reached, limit) if ready else []
            return [*((each, True) for each in dead), *((each, False) for each in fresh)][:limit]

    def delivered(self, name: str, holder: str, message: Message, *, now: datetime, lease: timedelta) -> bool:
        """Mark what a receiver took, or what is not for it; False when the lease was lost meanwhile.

        Notes
        -----
        A mark never goes back, so a mark that comes too late does no harm.
        """
        with self._database.writing() as connection:
            state = _state(connection, name)
            if state is None:
                return False
            dead = and_(OUTBOX_DEAD.c.receiver == name, OUTBOX_DEAD.c.seq == message.seq)
            if connection.execute(delete(OUTBOX_DEAD).where(dead)).rowcount == 0 and message.seq > state.reached:
                _set(connection, name, reached=message.seq, tries=0, next_at=None, error="")
            return _renewed(connection, state, holder, now, lease)

    def failed(
        self, name: str, holder: str, message: Message, error: str, *, now: datetime, next_at: datetime | None
    ) -> None:
        """Note that a receiver did not take a message.

        Parameters
        ----------
        error
            Why, without anything that the receiver sent.
        next_at
            When to try again; none to give it up, so that the next ones get their turn.
        """
        error = error[:_ERROR_LENGTH]
        with self._database.writing() as connection:
            state = _state(connection, name)
            if state is None or state.holder != holder:
                return
            dead = and_(OUTBOX_DEAD.c.receiver == name, OUTBOX_DEAD.c.seq == message.seq)
            once_more = update(OUTBOX_DEAD).where(dead).values(tries=OUTBOX_DEAD.c.tries + 1, error=error, again=False)
            if connection.execute(once_more).rowcount or message.seq <= state.reached:
                return
            if next_at is not None:
                _set(connection, name, tries=state.tries + 1, next_at=next_at, error=error)
                return
            row = {"receiver": name, "seq": message.seq, "tries": state.tries + 1, "error": error, "at": now}
            connection.execute(insert(OUTBOX_DEAD).values(**row, again=False))
            _set(connection, name, reached=message.seq, tries=0, next_at=None, error="")

    def tries(self, name: str) -> int:
        """How often the first waiting message of a receiver was tried in vain."""
        with self._database.reading() as connection:
            state = _state(connection, name)
            return 0 if state is None else state.tries

    def release(self, name: str, holder: str) -> None:
        """Give a receiver free."""
        with self._database.writing() as connection:
            mine = and_(OUTBOX_RECEIVERS.c.name == name, OUTBOX_RECEIVERS.c.holder == holder)
            connection.execute(update(OUTBOX_RECEIVERS).where(mine).values(holder="", held_until=None))

    def receivers(self) -> builtins.list[ReceiverState]:
        """How far each receiver has got, in order of name, with what waits and what is dead."""
        with self._database.reading() as connection:
            found = []
            for row in connection.execute(select(OUTBOX_RECEIVERS).order_by(OUTBOX_RECEIVERS.c.name)).mappings():
                waiting = select(func.count()).where(OUTBOX.c.seq > row["reached"])
                dead = select(func.count()).where(OUTBOX_DEAD.c.receiver == row["name"])
                counts = [int(connection.scalar(query) or 0) for query in (waiting, dead)]
                found.append(replace(ReceiverState(**row), waiting=counts[0], dead=counts[1]))
            return found

    def list(self, *, after: int = 0, limit: int = 100) -> builtins.list[Message]:
        """Messages after a number, oldest first."""
        with self._database.reading() as connection:
            return _messages(connection, OUTBOX.c.seq > after, limit)

    def dead(self, name: str = "") -> builtins.list[DeadLetter]:
        """What was given up, for one receiver or for all, in order."""
        query = (
            select(OUTBOX_DEAD, OUTBOX.c.id, OUTBOX.c.topic, OUTBOX.c.ref)
            .join(OUTBOX, OUTBOX.c.seq == OUTBOX_DEAD.c.seq)
            .order_by(OUTBOX_DEAD.c.receiver, OUTBOX_DEAD.c.seq)
        )
        if name:
            query = query.where(OUTBOX_DEAD.c.receiver == name)
        with self._database.reading() as connection:
            return [DeadLetter(**row) for row in connection.execute(query).mappings()]

    def retry(self, name: str, *, viewer: Viewer, now: datetime, seqs: Sequence[int] = ()) -> int:
        """Send what was given up once more, and what waits without waiting longer.

        Parameters
        ----------
        seqs
            Only these; all of the receiver's without.

        Returns
        -------
        count
            Dead letters that get another try.

        Raises
        ------
        NotFoundError
            There is no such receiver, or one of the numbers is not dead.
        """
        require_zone(now)
        with self._database.writing() as connection:
            if _state(connection, name) is None:
                raise NotFoundError(zh=f"没有接收方“{name}”。", en=f"There is no receiver '{name}'.")
            chosen = OUTBOX_DEAD.c.receiver == name
            if seqs:
                chosen = and_(chosen, OUTBOX_DEAD.c.seq.in_(list(seqs)))
            count = connection.execute(update(OUTBOX_DEAD).where(chosen).values(again=True)).rowcount
            if count < len(set(seqs)):
                raise NotFoundError(
                    zh="所给序号不都在死信中。", en="Not all of these numbers are dead letters of the receiver."
                )
            _set(connection, name, next_at=None)
            entry = AuditEntry("outbox.retry", viewer.actor, now, subject=name, detail={"count": count})
            note_audit(connection, entry)
            return count

    def purge(self, names: Iterable[str], *, before: datetime) -> int:
        """Delete messages older than ``before`` that every receiver in ``names`` has settled; how many.

        Notes
        -----
        Dead letters keep their message, and the last message stays, so that no number is given twice.
        """
        with self._database.writing() as connection:
            wanted = list(names)
            reached = connection.scalars(
                select(OUTBOX_RECEIVERS.c.reached).where(OUTBOX_RECEIVERS.c.name.in_(wanted))
            ).all()
            if len(reached) < len(set(wanted)):
                return 0
            settled = min([*reached, _last(connection) - 1])
            old = and_(OUTBOX.c.seq <= settled, OUTBOX.c.at < before)
            kept = select(OUTBOX_DEAD.c.seq)
            return connection.execute(delete(OUTBOX).where(old, OUTBOX.c.seq.not_in(kept))).rowcount


def _check(topic: str, payload: Mapping[str, Any]) -> None:
    if not _TOPIC.fullmatch(topic):
        raise InputError(zh=f"“{topic}”不是消息主题。", en=f"'{topic}' is no topic of a message.")
    more = sorted(set(payload) - FIELDS - {"ref", "area"})
    if more:
        raise InputError(
            zh=f"消息只含代码和编号,不含 {'、'.join(more)}。",
            en=f"A message holds codes and numbers only, not {', '.join(more)}.",
        )
    for name, value in payload.items():
        plain = value is None or isinstance(value, bool | int | float | str)
        if not plain or (isinstance(value, str) and (len(value) > LONGEST or "\x00" in value)):
            raise InputError(
                zh=f"消息字段 {name} 应为不超过 {LONGEST} 字的文本或数值。",
                en=f"{name} of a message is a number or a text of at most {LONGEST} characters.",
            )


def _last(connection: Connection) -> int:
    return int(connection.scalar(select(func.coalesce(func.max(OUTBOX.c.seq), 0))) or 0)


def _messages(connection: Connection, condition: Any, limit: int) -> list[Message]:
    rows = connection.execute(select(OUTBOX).where(condition).order_by(OUTBOX.c.seq).limit(limit)).mappings()
    return [Message(**(dict(row) | {"payload": parsed(row["payload"])})) for row in rows]


def _state(connection: Connection, name: str) -> ReceiverState | None:
    query = select(OUTBOX_RECEIVERS).where(OUTBOX_RECEIVERS.c.name == name)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else ReceiverState(**row)


def _is_held(state: ReceiverState, holder: str, now: datetime) -> bool:
    return bool(state.holder) and state.holder != holder and state.held_until is not None and state.held_until > now


def _is_due(connection: Connection, state: ReceiverState, now: datetime) -> bool:
    ready = state.next_at is None or state.next_at <= now
    fresh = ready and _last(connection) > state.reached
    again = select(OUTBOX_DEAD.c.seq).where(OUTBOX_DEAD.c.receiver == state.name, OUTBOX_DEAD.c.again).limit(1)
    return fresh or connection.scalar(again) is not None


def _renewed(connection: Connection, state: ReceiverState, holder: str, now: datetime, lease: timedelta) -> bool:
    if state.holder != holder:
        return False
    _set(connection, state.name, held_until=now + lease)
    return True


def _set(connection: Connection, name: str, **values: Any) -> None:
    connection.execute(update(OUTBOX_RECEIVERS).where(OUTBOX_RECEIVERS.c.name == name).values(**values))
