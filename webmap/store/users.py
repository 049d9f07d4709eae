"""Accounts and their grants, each change written with its row in the audit log.

An account is never deleted, since the log names it; it is disabled. Who may change accounts is decided by the caller's
permissions; here a limited viewer reaches only accounts whose grants all lie in their areas, and nobody reaches his
own. No method gives a hash out.
"""

import builtins
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, select, update

from gis.errors import CodeError, InputError, NotFoundError, ScopeError, StoreError
from webmap.auth import onetime
from webmap.auth.passwords import PasswordRules, hash_password, require_good
from webmap.auth.permissions import ADMINISTRATORS, Grant, require_role
from webmap.store.audit import AuditEntry, note_audit
from webmap.store.db import Database
from webmap.store.models import AREAS, GRANTS, SESSIONS, USERS
from webmap.store.moments import require_zone
from webmap.store.scoping import sees_code
from webmap.store.viewer import LOCAL_OPERATOR, Viewer

RESERVED = frozenset({"local", "operator", "system", "nobody", "anonymous", "public", "root"})
"""Names that no account may have; the command line acts as ``local``."""

_KEPT = 5
"""Hashes kept of earlier passwords; the rules say how many of them count."""

_NAME = re.compile(r"[\w][\w.@-]{1,63}")


@dataclass(frozen=True)
class User:
    """An account as an administrator sees it.

    Parameters
    ----------
    name, display
        What is typed at the sign-in, and what others read.
    grants
        Its roles and their areas.
    disabled
        It cannot sign in.
    must_change
        Its password was given by somebody else.
    locked_until
        No sign-in before this moment, after too many mistakes.
    has_password, has_totp, oidc
        How it signs in; ``oidc`` is its subject at the identity provider.
    """

    name: str
    display: str
    grants: tuple[Grant, ...]
    disabled: bool
    must_change: bool
    locked_until: datetime | None
    password_changed_at: datetime
    has_password: bool
    has_totp: bool
    oidc: str
    created_at: datetime


class Users:
    """The accounts of a store.

    Parameters
    ----------
    on_change
        Called after a change, so that this process sees it at once.
    """

    def __init__(self, database: Database, *, rules: PasswordRules, on_change: Callable[[], None]) -> None:
        self._database = database
        self._rules = rules
        self._on_change = on_change

    def add(
        self,
        name: str,
        *,
        password: str,
        viewer: Viewer,
        now: datetime,
        display: str = "",
        grants: Iterable[Grant] = (),
        must_change: bool = False,
    ) -> User:
        """Make an account, with its first grants, or nothing.

        Parameters
        ----------
        password
            In clear; empty for an account that signs in elsewhere.
        must_change
            The person changes it at the first sign-in.

        Raises
        ------
        InputError
            A name or password that will not do, or roles that exclude each other.
        StoreError
            There is such an account.
        ScopeError
            A limited viewer grants outside their areas, or nothing.
        """
        require_zone(now)
        name = _new_name(name)
        hashed = self._hashed(password, name) if password else ""
        held = sorted(set(grants))
        with self._changing() as connection:
            if connection.scalar(select(exists().where(USERS.c.name == name))):
                raise StoreError(zh=f"账号“{name}”已存在。", en=f"There is an account '{name}' already.")
            if not held:
                _require_unlimited(viewer)
            connection.execute(insert(USERS).values(_blank(name, display or name, hashed, must_change, now)))
            _note(connection, "user.add", viewer, now, name)
            for grant in held:
                _grant(connection, name, grant, viewer=viewer, now=now)
            return _user(connection, name)

    def get(self, name: str) -> User:
        """One account.

        Raises
        ------
        NotFoundError
            There is none of this name.
        """
        with self._database.reading() as connection:
            return _user(connection, normal_name(name))

    def list(self, *, viewer: Viewer = LOCAL_OPERATOR) -> builtins.list[User]:
        """The accounts that a viewer may change, by name."""
        with self._database.reading() as connection:
            held: dict[str, builtins.list[Grant]] = {}
            for row in connection.execute(select(GRANTS).order_by(*GRANTS.c)):
                held.setdefault(row.account, []).append(Grant(row.role, row.area))
            rows = connection.execute(select(USERS).order_by(USERS.c.name))
            users = [_as_user(row, tuple(held.get(row.name, ()))) for row in rows.all()]
            return [user for user in users if _is_over(connection, viewer, user.grants)]

    def set_password(
        self, name: str, password: str, *, viewer: Viewer, now: datetime, must_change: bool = True
    ) -> None:
        """Give an account another password and end its sessions; the lock is lifted.

        Raises
        ------
        InputError
            The password will not do.
        NotFoundError, ScopeError
            There is no such account within the viewer's reach.
        """
        require_zone(now)
        name = normal_name(name)
        with self._database.reading() as connection:
            row = _row(connection, name)
        hashed = self._hashed(password, name, earlier=earlier_hashes(row))
        with self._changing() as connection:
            _require_over(connection, viewer, name)
            put_password(connection, name, hashed, seen=row, now=now, must_change=must_change)
            end_sessions(connection, name, now=now)
            _note(connection, "user.password", viewer, now, name)

    def disable(self, name: str, *, viewer: Viewer, now: datetime) -> bool:
        """Close an account and end its sessions.

        Returns
        -------
        changed
            It was open before.
        """
        return self._set_disabled(name, viewer=viewer, now=now, disabled=True)

    def enable(self, name: str, *, viewer: Viewer, now: datetime) -> bool:
        """Open a disabled account and lift its lock.

        Returns
        -------
        changed
            It was disabled or locked before.
        """
        return self._set_disabled(name, viewer=viewer, now=now, disabled=False)

    def grant(self, name: str, role: str, area: str = "", *, viewer: Viewer, now: datetime) -> bool:
        """Give an account a role in an area.

        Parameters
        ----------
        area
            Code of an area of the store; empty for the whole district.

        Returns
        -------
        changed
            It did not have it.

        Raises
        ------
        InputError
            No such role, or one that excludes a role it has: of the three administrators nobody holds two.
        CodeError
            No such area.
        NotFoundError, ScopeError
            There is no such account, or it or the area is outside of the viewer's reach.
        """
        require_zone(now)
        name = normal_name(name)
        with self._changing() as connection:
            _require_over(connection, viewer, name)
            return _grant(connection, name, Grant(role, area), viewer=viewer, now=now)

    def revoke_grant(self, name: str, role: str, area: str = "", *, viewer: Viewer, now: datetime) -> None:
        """Take a role away.

        Raises
        ------
        NotFoundError
            It does not have it.
        ScopeError
            It is outside of the viewer's reach.
        """
        require_zone(now)
        name = normal_name(name)
        with self._changing() as connection:
            _require_over(connection, viewer, name)
            its = (GRANTS.c.account == name, GRANTS.c.role == role, GRANTS.c.area == area)
            if connection.execute(delete(GRANTS).where(*its)).rowcount == 0:
                where = area or "-"
                raise NotFoundError(
                    zh=f"账号“{name}”没有角色 {role}({where})。", en=f"'{name}' has no role {role} in {where}."
                )
            _note(connection, "grant.revoke", viewer, now, name, area=area, role=role)

    def set_totp(self, name: str, secret: str, code: str, *, now: datetime) -> None:
        """Ask for a one-time code at each sign-in from now on; done by the person himself.

        Parameters
        ----------
        secret
            From :func:`webmap.auth.onetime.new_secret`, shown to the person as a QR code.
        code
            What his device shows for it now.

        Raises
        ------
        InputError
            The code does not belong to the secret.
        """
        require_zone(now)
        name = normal_name(name)
        step = onetime.matching_step(secret, code, now=now, after=None)
        if step is None:
            raise InputError(zh="动态码不正确,请核对手机时间。", en="The code is wrong; check the clock of the device.")
        with self._changing() as connection:
            _row(connection, name)
            connection.execute(update(USERS).where(USERS.c.name == name).values(totp=secret, totp_used=step))
            _note(connection, "user.totp", Viewer(name, ""), now, name)

    def clear_totp(self, name: str, *, viewer: Viewer, now: datetime) -> None:
        """Ask for no code any more, for a device that was lost.

        Raises
        ------
        NotFoundError, ScopeError
            There is no such account within the viewer's reach.
        """
        require_zone(now)
        name = normal_name(name)
        with self._changing() as connection:
            _require_over(connection, viewer, name)
            connection.execute(update(USERS).where(USERS.c.name == name).values(totp=None, totp_used=None))
            _note(connection, "user.totp.clear", viewer, now, name)

    def set_oidc(self, name: str, subject: str, *, viewer: Viewer, now: datetime) -> None:
        """Let an account sign in through the identity provider; an empty subject ends it.

        Parameters
        ----------
        subject
            Issuer and ``sub`` of the provider, as one text; one account each.

        Raises
        ------
        StoreError
            Another account has this subject.
        """
        require_zone(now)
        name = normal_name(name)
        with self._changing() as connection:
            _require_over(connection, viewer, name)
            taken = exists().where(USERS.c.oidc == subject, USERS.c.name != name)
            if subject and connection.scalar(select(taken)):
                raise StoreError(zh="该身份已绑定其他账号。", en="Another account signs in with this identity already.")
            connection.execute(update(USERS).where(USERS.c.name == name).values(oidc=subject or None))
            _note(connection, "user.oidc", viewer, now, name, bound=bool(subject))

    def _set_disabled(self, name: str, *, viewer: Viewer, now: datetime, disabled: bool) -> bool:
        require_zone(now)
        name = normal_name(name)
        with self._changing() as connection:
            _require_over(connection, viewer, name)
            row = _row(connection, name)
            if row.disabled == disabled and (disabled or row.locked_until is None):
                return False
            values = {"disabled": disabled, "failures": "[]", "locked_until": None}
            connection.execute(update(USERS).where(USERS.c.name == name).values(values))
            if disabled:
                end_sessions(connection, name, now=now)
            _note(connection, "user.disable" if disabled else "user.enable", viewer, now, name)
        return True

    def _hashed(self, password: str, name: str, *, earlier: Iterable[str] = ()) -> str:
        # Before the transaction: a hash takes tens of milliseconds, and writers wait for each other.
        require_good(password, name, rules=self._rules, earlier=builtins.list(earlier))
        return hash_password(password, self._rules)

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        with self._database.writing() as connection:
            yield connection
        self._on_change()


def normal_name(name: str) -> str:
    """An account's name as it is kept: capitals and widths do not tell accounts apart."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def grants_of(connection: Connection, name: str) -> tuple[Grant, ...]:
    """Roles and areas of an account, in order."""
    rows = connection.execute(select(GRANTS.c.role, GRANTS.c.area).where(GRANTS.c.account == name))
    return tuple(sorted(Grant(row.role, row.area) for row in rows))


def earlier_hashes(row: Any) -> builtins.list[str]:
    """The present hash and those before it, latest first."""
    hashes = [row.password, *json.loads(row.earlier)]
    return [each for each in hashes if each]


def put_password(
    connection: Connection, name: str, hashed: str, *, seen: Any, now: datetime, must_change: bool
) -> None:
    """Keep a new hash inside the caller's transaction.

    Parameters
    ----------
    seen
        The row against which the new password was checked.

    Raises
    ------
    StoreError
        It was changed meanwhile.
    """
    if _row(connection, name).password != seen.password:
        raise StoreError(zh="密码刚被修改,请重试。", en="The password was changed a moment ago; try again.")
    values = {
        "password": hashed,
        "earlier": json.dumps(earlier_hashes(seen)[:_KEPT]),
        "password_changed_at": now,
        "must_change": must_change,
        "failures": "[]",
        "locked_until": None,
    }
    connection.execute(update(USERS).where(USERS.c.name == name).values(values))


def end_sessions(connection: Connection, name: str, *, now: datetime, but: str = "") -> int:
    """End the open sessions of an account inside the caller's transaction, all but one; returns how many."""
    its = (SESSIONS.c.account == name, SESSIONS.c.revoked_at.is_(None), SESSIONS.c.id != but)
    return connection.execute(update(SESSIONS).where(*its).values(revoked_at=now)).rowcount


def _blank(name: str, display: str, hashed: str, must_change: bool, now: datetime) -> dict[str, Any]:
    return {
        "name": name,
        "display": display,
        "password": hashed,
        "earlier": "[]",
        "failures": "[]",
        "password_changed_at": now,
        "must_change": must_change,
        "disabled": False,
        "created_at": now,
    }


def _new_name(given: str) -> str:
    name = normal_name(given)
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise InputError(
            zh="账号名应为 2 至 64 个字母、数字、汉字或 . _ - @,且不能是保留名称。",
            en="An account name has 2 to 64 letters, digits or . _ - @, and is not one of the reserved names.",
        )
    return name


def _row(connection: Connection, name: str) -> Any:
    row = connection.execute(select(USERS).where(USERS.c.name == name)).one_or_none()
    if row is None:
        raise NotFoundError(zh=f"没有账号“{name}”。", en=f"There is no account '{name}'.")
    return row


def _user(connection: Connection, name: str) -> User:
    return _as_user(_row(connection, name), grants_of(connection, name))


def _as_user(row: Any, grants: tuple[Grant, ...]) -> User:
    return User(
        name=row.name,
        display=row.display,
        grants=grants,
        disabled=row.disabled,
        must_change=row.must_change,
        locked_until=row.locked_until,
        password_changed_at=row.password_changed_at,
        has_password=bool(row.password),
        has_totp=row.totp is not None,
        oidc=row.oidc or "",
        created_at=row.created_at,
    )


def _grant(connection: Connection, name: str, grant: Grant, *, viewer: Viewer, now: datetime) -> bool:
    require_role(grant.role)
    _refuse_self(viewer, name)
    if not sees_code(connection, viewer, grant.area):
        raise ScopeError(
            zh=f"“{viewer.actor}”不能授予区域“{grant.area or '全区'}”的权限。",
            en=f"'{viewer.actor}' may not grant anything in '{grant.area or 'the whole district'}'.",
        )
    if grant.area and not connection.scalar(select(exists().where(AREAS.c.code == grant.area))):
        raise CodeError(zh=f"没有区域“{grant.area}”。", en=f"There is no area '{grant.area}'.")
    held = grants_of(connection, name)
    if grant in held:
        return False
    other = next((each.role for each in held if {each.role, grant.role} <= ADMINISTRATORS), grant.role)
    if other != grant.role:
        raise InputError(
            zh=f"账号“{name}”已是 {other},不能再授予 {grant.role}:系统管理员、安全管理员、审计员互斥。",
            en=f"'{name}' is {other} and cannot be {grant.role} too: the three administrators exclude each other.",
        )
    connection.execute(insert(GRANTS).values(account=name, role=grant.role, area=grant.area))
    _note(connection, "grant.add", viewer, now, name, area=grant.area, role=grant.role)
    return True


def _is_over(connection: Connection, viewer: Viewer, grants: tuple[Grant, ...]) -> bool:
    inside = (grant.area != "" and sees_code(connection, viewer, grant.area) for grant in grants)
    return viewer.is_unlimited or (bool(grants) and all(inside))


def _require_over(connection: Connection, viewer: Viewer, name: str) -> None:
    _refuse_self(viewer, name)
    if not _is_over(connection, viewer, _user(connection, name).grants):
        # An account out of reach is answered as one that is not there.
        raise NotFoundError(zh=f"没有账号“{name}”。", en=f"There is no account '{name}'.")


def _refuse_self(viewer: Viewer, name: str) -> None:
    if viewer.actor == name:
        raise ScopeError(
            zh="不能修改自己的账号和授权,请由另一位管理员办理。",
            en="Nobody changes his own account and grants; ask another administrator.",
        )


def _require_unlimited(viewer: Viewer) -> None:
    if not viewer.is_unlimited:
        raise ScopeError(
            zh=f"“{viewer.actor}”新建账号时必须同时授予其区域内的角色。",
            en=f"'{viewer.actor}' makes accounts only together with a grant in their own areas.",
        )


def _note(
    connection: Connection, action: str, viewer: Viewer, now: datetime, name: str, *, area: str = "", **detail: Any
) -> None:
    note_audit(connection, AuditEntry(action, viewer.actor, now, subject=name, area=area, detail=detail))
