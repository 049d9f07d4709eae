"""The routing rules and the units as a district edits them: told, checked whole, tried before they hold."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gis.dispatch import RuleTable, parse_rules, read_rules
from gis.errors import InputError
from webmap.cases import told as said
from webmap.cases.intake import decide, event_of, placed
from webmap.cases.shown import iso
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.units import Routing, units_from_rows

_NO_ID = "0" * 16


def rules_told(routing: Routing) -> dict[str, Any]:
    """A version of the rules as programs are told it."""
    return {
        "version": routing.version,
        "at": iso(routing.at),
        "note": routing.note,
        "rows": routing.table.rows(),
        "never_reached": [{"order": one, "earlier": other} for one, other in routing.table.never_reached()],
    }


def put(services: Services, told: Mapping[str, Any], *, viewer: Viewer) -> dict[str, Any]:
    """Keep rules in place of those that were seen.

    Raises
    ------
    RuleError
        Every fault of every row.
    VersionError
        Somebody changed them meanwhile.
    """
    table = table_of(services, told.get("rows"))
    routing = services.store.routing.put(
        table,
        version=said.version_of(told),
        viewer=viewer,
        now=services.clock(),
        note=said.text(told, "note", most=500),
    )
    return rules_told(routing)


def table_of(services: Services, rows: object) -> RuleTable:
    """Rules from rows of JSON.

    Raises
    ------
    RuleError
        Every fault of every row.
    InputError
        They are no rows.
    """
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(zh="rows 应为规则的列表。", en="rows is a list of rules.")
    return parse_rules(rows, units=known_units(services))


def preview(services: Services, told: Mapping[str, Any]) -> dict[str, Any]:
    """Where a report would go, by the rules in force or by those that are sent along; nothing is kept.

    Raises
    ------
    InputError
        The report or the rules cannot be used.
    """
    report = told.get("report")
    if not isinstance(report, dict):
        raise InputError(zh="report 应为一个事件。", en="report is an event.")
    table = services.store.routing.current().table
    if told.get("rows") is not None:
        table = table_of(services, told["rows"])
    event = placed(services, event_of({"id": _NO_ID, **report}, now=services.clock()))
    return {"route": decide(services, event, table).to_dict()}


def known_units(services: Services) -> frozenset[str]:
    """Codes of the units."""
    return frozenset(unit.code for unit in services.store.units.list())


def check_file(services: Services, file: Path) -> RuleTable:
    """Rules from CSV, checked against the units of the store.

    Raises
    ------
    RuleError
        Every fault of every row.
    """
    return read_rules(file, units=known_units(services))


def load_file(services: Services, file: Path, *, viewer: Viewer, note: str = "") -> Routing:
    """Keep rules from CSV in place of those in force.

    Raises
    ------
    RuleError
        Every fault of every row.
    """
    table, current = check_file(services, file), services.store.routing.current()
    return services.store.routing.put(
        table, version=current.version, viewer=viewer, now=services.clock(), note=note or file.name
    )


def load_units(services: Services, file: Path, *, viewer: Viewer) -> int:
    """Keep units from CSV (``code``, ``zh``, ``en``, ``tier``, ``area``, ``accounts``) in place of those before.

    Returns
    -------
    count
        How many there are now.

    Raises
    ------
    InputError
        A unit that cannot be used; nothing is changed.
    """
    rows: Sequence[Mapping[str, Any]] = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    units = units_from_rows(rows)
    now = services.clock()
    services.store.units.replace([unit for unit, _ in units], viewer=viewer, now=now)
    for unit, accounts in units:
        if accounts:
            services.store.units.set_accounts(unit.code, accounts, viewer=viewer, now=now)
    return len(units)


def units_told(services: Services, account: str) -> list[dict[str, Any]]:
    """Every unit, and which the account belongs to."""
    mine = services.store.units.of_account(account)
    return [{**vars(unit), "mine": unit.code in mine} for unit in services.store.units.list()]
