"""Units that handle cases, the accounts that belong to them, and the versions of the routing rules.

A unit is an office and never a person; an account belongs to it by name alone. Rules are checked before they come here.
"""

import builtins
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from gis.dispatch import TIERS, RuleTable, parse_rules
from gis.errors import InputError, VersionError
from webmap.store.case_models import ROUTING_RULES, UNIT_ACCOUNTS, UNITS
from webmap.store.changes import note_change, require_zone
from webmap.store.db import Database
from webmap.store.documents import canonical
from webmap.store.models import EVENTS
from webmap.store.row_security import EVERYTHING, show_cases
from webmap.store.scoping import require_unlimited
from webmap.store.side_models import SIDE_CASES
from webmap.store.viewer import Viewer


@dataclass(frozen=True)
class Unit:
    """A unit that handles cases.

    Parameters
    ----------
    tier
        One of the tiers of the table of moves.
    area
        Code of the area it works in; empty for the whole district.
    """

    code: str
    zh: str
    en: str
    tier: str = "district"
    area: str = ""


@dataclass(frozen=True)
class Routing:
    """A version of the routing rules; version 0 without rules before the first."""

    version: int
    table: RuleTable
    at: datetime | None = None
    note: str = ""


class Units:
    """The units of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> builtins.list[Unit]:
        """Every unit, by code."""
        with self._database.reading() as connection:
            rows = connection.execute(select(UNITS).order_by(UNITS.c.code)).mappings()
            return [Unit(**row) for row in rows]

    def replace(self, units: Sequence[Unit], *, viewer: Viewer, now: datetime) -> None:
        """Keep these units instead of those before; accounts of units that stay are kept.

        Raises
        ------
        InputError
            A code twice, blank or too long, a tier that is none, or a unit that goes away has cases.
        ScopeError
            The viewer is limited to some areas.
        """
        require_zone(now)
        require_unlimited(viewer, "修改承办单位", "change the units")
        _check(units)
        codes = [unit.code for unit in units]
        with self._database.writing() as connection:
            show_cases(connection, EVERYTHING)
            _require_unused(connection, codes)
            kept = connection.execute(select(UNIT_ACCOUNTS)).mappings().all()
            connection.execute(delete(UNIT_ACCOUNTS))
            connection.execute(delete(UNITS))
            if units:
                connection.execute(insert(UNITS), [vars(unit) for unit in units])
            again = [dict(row) for row in kept if row["unit"] in codes]
            if again:
                connection.execute(insert(UNIT_ACCOUNTS), again)
            note_change(connection, "units", "replace", viewer=viewer, now=now, count=len(units))

    def set_accounts(self, unit: str, accounts: Iterable[str], *, viewer: Viewer, now: datetime) -> None:
        """Say which accounts belong to a unit.

        Raises
        ------
        InputError
            There is no such unit.
        ScopeError
            The viewer is limited to some areas.
        """
        require_zone(now)
        require_unlimited(viewer, "修改单位账号", "change the accounts of units")
        names = sorted(set(accounts))
        with self._database.writing() as connection:
            require_unit(connection, unit)
            connection.execute(delete(UNIT_ACCOUNTS).where(UNIT_ACCOUNTS.c.unit == unit))
            if names:
                connection.execute(insert(UNIT_ACCOUNTS), [{"unit": unit, "account": name} for name in names])
            detail = {"accounts": names}
            note_change(connection, "units", "accounts", viewer=viewer, now=now, ref=unit, detail=detail)

    def of_account(self, account: str) -> frozenset[str]:
        """Codes of the units that an account belongs to."""
        query = select(UNIT_ACCOUNTS.c.unit).where(UNIT_ACCOUNTS.c.account == account)
        with self._database.reading() as connection:
            return frozenset(connection.scalars(query))


class RoutingRules:
    """The routing rules of a store, all their versions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self) -> Routing:
        """The rules in force."""
        return self.version(None)

    def version(self, number: int | None) -> Routing:
        """A version of the rules, the latest by default; empty where there is none."""
        query = select(ROUTING_RULES).order_by(ROUTING_RULES.c.version.desc()).limit(1)
        if number is not None:
            query = query.where(ROUTING_RULES.c.version == number)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return Routing(0, RuleTable())
        return Routing(row["version"], parse_rules(json.loads(row["rows"])), row["at"], row["note"])

    def put(self, table: RuleTable, *, version: int, viewer: Viewer, now: datetime, note: str = "") -> Routing:
        """Keep rules as the next version.

        Parameters
        ----------
        version
            The version that was seen and is replaced; 0 for none.

        Raises
        ------
        VersionError
            Somebody changed the rules meanwhile.
        RuleError
            A rule names a unit that there is not.
        ScopeError
            The viewer is limited to some areas.
        """
        require_zone(now)
        require_unlimited(viewer, "修改派遣规则", "change the routing rules")
        rows = canonical(table.rows(), what_zh="派遣规则", what_en="the routing rules")
        with self._database.writing() as connection:
            latest = int(connection.scalar(select(func.coalesce(func.max(ROUTING_RULES.c.version), 0))) or 0)
            if latest != version:
                raise VersionError(
                    zh=f"派遣规则已被他人修改(当前第 {latest} 版,您看到的是第 {version} 版),请刷新后再试。",
                    en=f"The routing rules have changed (now version {latest}, you saw {version}); reload them.",
                    code="version",
                )
            parse_rules(table.rows(), units=set(connection.scalars(select(UNITS.c.code))))
            values = {"version": latest + 1, "rows": rows, "note": note[:500], "actor": viewer.actor, "at": now}
            connection.execute(insert(ROUTING_RULES).values(**values))
            note_change(connection, "routing", "put", viewer=viewer, now=now, count=len(table), ref=str(latest + 1))
        return Routing(latest + 1, table, now, note[:500])


def require_unit(connection: Connection, code: str) -> None:
    """Refuse a code that is no unit.

    Raises
    ------
    InputError
        There is none.
    """
    if connection.scalar(select(UNITS.c.code).where(UNITS.c.code == code)) is None:
        raise InputError(zh=f"没有承办单位“{code}”。", en=f"There is no unit '{code}'.")


def units_from_rows(rows: Iterable[Mapping[str, Any]]) -> builtins.list[tuple[Unit, tuple[str, ...]]]:
    """Units from rows of a table, each with its accounts: ``code``, ``zh``, ``en``, ``tier``, ``area``, ``accounts`` (parted by blanks)."""
    found = []
    for row in rows:
        told = {name: str(row.get(name) or "").strip() for name in ("code", "zh", "en", "tier", "area", "accounts")}
        accounts = tuple(told.pop("accounts").split())
        found.append((Unit(**(told | {"tier": told["tier"] or "district"})), accounts))
    return found


def _check(units: Sequence[Unit]) -> None:
    codes = [unit.code for unit in units]
    wrong = [
        unit.code
        for unit in units
        if not 0 < len(unit.code) <= 40 or unit.code != unit.code.strip() or not unit.zh or unit.tier not in TIERS
    ]
    wrong += sorted({code for code in codes if codes.count(code) > 1})
    if wrong:
        raise InputError(
            zh=f"承办单位有误:{'、'.join(map(repr, wrong[:10]))}(编号不超过 40 字且不重复,须有中文名称,层级为 {'、'.join(TIERS)})。",
            en=f"Units that cannot be used: {', '.join(map(repr, wrong[:10]))} (a code of at most 40 characters, once; a name; "
            f"a tier of {', '.join(TIERS)}).",
        )


def _require_unused(connection: Connection, codes: Sequence[str]) -> None:
    query = select(EVENTS.c.unit).where(EVENTS.c.unit != "", EVENTS.c.unit.not_in(codes), EVENTS.c.state != "archived")
    c = SIDE_CASES.c
    orders = select(c.unit).where(c.unit != "", c.unit.not_in(codes), c.state.not_in(("closed", "withdrawn")))
    used = sorted({*connection.scalars(query.distinct().limit(20)), *connection.scalars(orders.distinct().limit(20))})
    if used:
        raise InputError(
            zh=f"单位 {'、'.join(used)} 仍有未归档的事件或未办结的督办单,不能删除。",
            en=f"The units {', '.join(used)} still have cases that are not archived, or open orders.",
        )
