"""Signing in and being signed in: who sends a request, for how long, and how it ends.

The token is known to the browser alone; the store keeps its SHA-256. To the outside every failed sign-in reads the same
and takes the same work; the audit log tells them apart. The name of an unknown account is kept nowhere, since people
type passwords into that field.
"""

import builtins
import hashlib
import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from gis.errors import AuthError, NotFoundError, StoreError
from webmap.auth import onetime
from webmap.auth.passwords import PasswordRules, hash_password, is_outdated, matches, require_good
from webmap.auth.permissions import Grant, actions_of, require_action
from webmap.store.audit import AuditEntry, note_audit
from webmap.store.db import Database
from webmap.store.group import GroupWriter
from webmap.store.models import SESSIONS, USERS
from webmap.store.moments import require_zone
from webmap.store.settings import RENEWAL_DAYS, read_mark
from webmap.store.users import earlier_hashes, end_sessions, grants_of, normal_name, put_password
from webmap.store.viewer import Viewer

MISTAKES = 5
"""So many wrong passwords or codes within ``WINDOW`` lock an account for ``LOCK``."""
WINDOW = timedelta(minutes=15)
LOCK = timedelta(minutes=15)

IDLE = timedelta(minutes=30)
"""A session without a request for so long is over; requests are remembered to the minute."""
LONGEST = timedelta(hours=12)
"""A session ends after this, however busy."""

_FRESH = timedelta(seconds=2)
_TOUCH = timedelta(minutes=1)
_KEPT = timedelta(days=7)
_HELD = 4096


@dataclass(frozen=True)
class Account:
    """Who sends a request.

    Parameters
    ----------
    name, display
        Of the account.
    grants
        Its roles and their areas.
    must_change
        The password is expired or was given by somebody else: nothing but changing it.
    session
        Id of the session, which is no secret.
    """

    name: str
    display: str
    grants: tuple[Grant, ...]
    must_change: bool
    session: str

    @property
    def actions(self) -> frozenset[str]:
        """Everything it may do somewhere."""
        return actions_of(self.grants)

    def viewer(self, action: str) -> Viewer:
        """The account as the store knows it, for one action.

        Raises
        ------
        ScopeError
            The account may not do it anywhere.
        """
        areas, role = require_action(self.name, self.grants, action)
        return Viewer(self.name, role, areas)


@dataclass(frozen=True)
class Session:
    """An open session of an account."""

    id: str
    created_at: datetime
    last_seen: datetime
    expires_at: datetime


@dataclass(frozen=True)
class _Held:
    account: Account
    last_seen: datetime
    expires_at: datetime
    checked_at: datetime


class Sessions:
    """The sessions of a store."""

    def __init__(self, database: Database, *, rules: PasswordRules) -> None:
        self._database = database
        self._rules = rules
        self._held: dict[str, _Held] = {}
        self._touches = GroupWriter[tuple[str, datetime]](self._touch, wait_s=1.0)

    def sign_in(self, name: str, password: str, totp: str = "", *, now: datetime, address: str = "") -> str:
        """A token for whoever knows the password, and the code where the account asks for one.

        Parameters
        ----------
        totp
            The one-time code; ignored by accounts without one.
        address
            Where the request came from, for the audit log.

        Returns
        -------
        token
            256 bits as text, to be kept by the browser alone.

        Raises
        ------
        AuthError
            One text for a wrong name, password or code, and for a disabled or locked account.
        """
        require_zone(now)
        name = normal_name(name)
        with self._database.reading() as connection:
            seen = _row(connection, name)
        right = matches(seen.password if seen is not None else "", password, self._rules)
        fresh = hash_password(password, self._rules) if right and is_outdated(seen.password, self._rules) else ""
        with self._database.writing() as connection:
            row = _row(connection, name)
            right = right and row is not None and row.password == seen.password
            step = _step(row, totp, now) if right else None
            reason = _refusal(row, right=right, step=step, now=now)
            if not reason:
                values = {"failures": "[]", "locked_until": None, "totp_used": step}
                values |= {"password": fresh} if fresh else {}
                connection.execute(update(USERS).where(USERS.c.name == name).values(values))
                return _open(connection, name, now=now, address=address, by="password")
            _refuse(connection, row, reason, now=now, address=address)
        raise _refused()

    def sign_in_as(self, subject: str, *, now: datetime, address: str = "") -> str:
        """A token for whoever the identity provider vouches for.

        Parameters
        ----------
        subject
            As ``users.set_oidc`` keeps it.

        Raises
        ------
        AuthError
            No open account has this subject.
        """
        require_zone(now)
        with self._database.writing() as connection:
            query = select(USERS).where(USERS.c.oidc == subject)
            row = connection.execute(query).one_or_none() if subject else None
            if row is not None and not row.disabled:
                return _open(connection, row.name, now=now, address=address, by="oidc")
            _refuse(connection, row, "unknown" if row is None else "disabled", now=now, address=address)
        raise _refused()

    def who(self, token: str, *, now: datetime) -> Account | None:
        """The account behind a token; none when it is unknown, over or revoked.

        Notes
        -----
        An answer is kept for 2 s in this process, so a revocation elsewhere is seen within them.
        """
        session = _digest(token)
        held = self._held.get(session)
        if held is not None and timedelta(0) <= now - held.checked_at < _FRESH and _is_open(held, now):
            return held.account
        with self._database.reading() as connection:
            found = self._find(connection, session, now)
        if found is not None and held is not None:
            found = replace(found, last_seen=max(found.last_seen, held.last_seen))
        if found is None or not _is_open(found, now):
            self._held.pop(session, None)
            return None
        if now - found.last_seen >= _TOUCH:
            self._touches.put((session, now))
            found = replace(found, last_seen=now)
        if len(self._held) >= _HELD:
            self._held.clear()
        self._held[session] = found
        return found.account

    def change_password(self, token: str, old: str, new: str, *, now: datetime, address: str = "") -> None:
        """Change one's own password; the other sessions end, this one stays.

        Raises
        ------
        AuthError
            Not signed in, or the old password is wrong, which counts as a failed sign-in.
        InputError
            The new password will not do.
        """
        account = self.who(token, now=now)
        if account is None:
            raise _refused()
        with self._database.reading() as connection:
            seen = _row(connection, account.name)
        right = matches(seen.password, old, self._rules)
        if right and not _is_locked(seen, now):
            require_good(new, account.name, rules=self._rules, earlier=earlier_hashes(seen))
            hashed = hash_password(new, self._rules)
        with self._database.writing() as connection:
            row = _row(connection, account.name)
            reason = _refusal(row, right=right, step=0, now=now)
            if reason:
                _refuse(connection, row, reason, now=now, address=address)
            else:
                put_password(connection, account.name, hashed, seen=seen, now=now, must_change=False)
                end_sessions(connection, account.name, now=now, but=account.session)
                _note(connection, "user.password", account.name, now, account.name)
        self.forget()
        if reason:
            raise _refused()

    def list(self, name: str, *, now: datetime) -> builtins.list[Session]:
        """The open sessions of an account, latest first."""
        query = select(SESSIONS).where(SESSIONS.c.account == normal_name(name), SESSIONS.c.revoked_at.is_(None))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(SESSIONS.c.created_at.desc(), SESSIONS.c.id)).all()
        found = [Session(row.id, row.created_at, row.last_seen, row.expires_at) for row in rows]
        return [each for each in found if _is_open(each, now)]

    def is_open(self, account: Account, *, now: datetime) -> bool:
        """The session of an account is not over; asking does not count as a request."""
        return any(each.id == account.session for each in self.list(account.name, now=now))

    def sign_out(self, token: str, *, now: datetime) -> None:
        """End the session of a token; nothing happens when it is over already."""
        self._revoke(_digest(token), actor="", action="sign_out", now=now)

    def revoke(self, session: str, *, viewer: Viewer, now: datetime) -> None:
        """End one session by its id.

        Raises
        ------
        NotFoundError
            It is not open.
        """
        if not self._revoke(session, actor=viewer.actor, action="session.revoke", now=now):
            raise NotFoundError(zh="没有这个会话,或已结束。", en="There is no such session, or it is over.")

    def revoke_all(self, name: str, *, viewer: Viewer, now: datetime) -> int:
        """End every session of an account; returns how many were open."""
        require_zone(now)
        name = normal_name(name)
        with self._database.writing() as connection:
            ended = end_sessions(connection, name, now=now)
            if ended:
                _note(connection, "session.revoke", viewer.actor, now, name, count=ended)
        self.forget()
        return ended

    def forget(self) -> None:
        """Look every session up again at its next request."""
        self._held.clear()

    def flush(self) -> None:
        """Keep the moments of the latest requests now.

        Raises
        ------
        StoreError
            The store cannot be written.
        """
        self._touches.flush()

    def close(self) -> None:
        """End the background thread; the moments of the latest requests may be lost."""
        with suppress(StoreError):
            self._touches.close()

    def _revoke(self, session: str, *, actor: str, action: str, now: datetime) -> bool:
        require_zone(now)
        with self._database.writing() as connection:
            its = (SESSIONS.c.id == session, SESSIONS.c.revoked_at.is_(None))
            name = connection.scalar(select(SESSIONS.c.account).where(*its))
            if name is not None:
                connection.execute(update(SESSIONS).where(*its).values(revoked_at=now))
                _note(connection, action, actor or name, now, name)
        self._held.pop(session, None)
        return name is not None

    def _find(self, connection: Connection, session: str, now: datetime) -> _Held | None:
        query = (
            select(SESSIONS, USERS.c.display, USERS.c.must_change, USERS.c.password_changed_at, USERS.c.password)
            .join(USERS, USERS.c.name == SESSIONS.c.account)
            .where(SESSIONS.c.id == session, SESSIONS.c.revoked_at.is_(None), USERS.c.disabled.is_(False))
        )
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        days = read_mark(connection, RENEWAL_DAYS)
        rules = replace(self._rules, max_age=timedelta(days=int(days))) if days else self._rules
        expired = bool(row.password) and rules.is_expired(row.password_changed_at, now)
        grants = grants_of(connection, row.account)
        account = Account(row.account, row.display, grants, row.must_change or expired, session)
        return _Held(account, row.last_seen, row.expires_at, now)

    def _touch(self, touches: Sequence[tuple[str, datetime]]) -> None:
        latest = dict(sorted(touches, key=lambda touch: touch[1]))
        statement = update(SESSIONS).where(
            SESSIONS.c.id == bindparam("session"), SESSIONS.c.last_seen < bindparam("seen")
        )
        with self._database.writing() as connection:
            values = [{"session": session, "seen": seen} for session, seen in latest.items()]
            connection.execute(statement.values(last_seen=bindparam("seen")), values)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _row(connection: Connection, name: str) -> Any:
    return connection.execute(select(USERS).where(USERS.c.name == name)).one_or_none()


def _is_open(session: _Held | Session, now: datetime) -> bool:
    return now - session.last_seen < IDLE and now < session.expires_at


def _is_locked(row: Any, now: datetime) -> bool:
    return row.locked_until is not None and now < row.locked_until


def _step(row: Any, code: str, now: datetime) -> int | None:
    if row.totp is None:
        return 0
    return onetime.matching_step(row.totp, code, now=now, after=row.totp_used)


def _refusal(row: Any, *, right: bool, step: int | None, now: datetime) -> str:
    if row is None:
        return "unknown"
    if row.disabled:
        return "disabled"
    if _is_locked(row, now):
        return "locked"
    if not right:
        return "password"
    return "code" if step is None else ""


def _refuse(connection: Connection, row: Any, reason: str, *, now: datetime, address: str) -> None:
    detail: dict[str, Any] = {"reason": reason, "address": address}
    if reason in ("password", "code"):
        since = _micros(now - WINDOW)
        mistakes = [moment for moment in json.loads(row.failures) if moment > since] + [_micros(now)]
        locked = len(mistakes) >= MISTAKES
        values = {
            "failures": json.dumps([] if locked else mistakes),
            "locked_until": now + LOCK if locked else None,
        }
        connection.execute(update(USERS).where(USERS.c.name == row.name).values(values))
        detail["locked"] = locked
    _note(connection, "sign_in.refused", "", now, row.name if row is not None else "", **detail)


def _open(connection: Connection, name: str, *, now: datetime, address: str, by: str) -> str:
    token = secrets.token_urlsafe(32)
    values = {"id": _digest(token), "account": name, "created_at": now, "last_seen": now, "expires_at": now + LONGEST}
    connection.execute(insert(SESSIONS).values(values))
    connection.execute(delete(SESSIONS).where(SESSIONS.c.account == name, SESSIONS.c.expires_at < now - _KEPT))
    _note(connection, "sign_in", name, now, name, address=address, by=by)
    return token


def _note(connection: Connection, action: str, actor: str, now: datetime, name: str, **detail: Any) -> None:
    note_audit(connection, AuditEntry(action, actor, now, subject=name, detail=detail))


def _micros(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _refused() -> AuthError:
    return AuthError(
        zh="账号、密码或动态码不正确,或账号已停用、锁定。",
        en="The name, password or code is wrong, or the account is disabled or locked.",
    )
