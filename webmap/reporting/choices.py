"""What a report may be of and where it may come from, by who reports. Tables only: it asks no store and no request."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gis.errors import InputError, Lang
from gis.incidents import taxonomy
from gis.layers.codelists import OURS
from webmap.i18n import catalog

PUBLIC_ROLE = "reporter"
"""The role of whoever reports without an account."""

_NOT_REPORTED = frozenset("MA")
"""First letters of our list that nobody reports: names of classes, and notices that the system itself makes."""

_PUBLIC = frozenset("0123456789FPRS")
"""First characters of what residents report. Disputes go to a mediator and not onto a map; inspections are not theirs."""


@dataclass(frozen=True)
class Source:
    """A way by which a report came.

    Parameters
    ----------
    code
        As incidents carry it.
    found_by
        ``patrol`` where presence produced it, else ``report``; the analyses keep the two apart.
    roles
        Who may say so; the first that an account holds gives its usual source.
    """

    code: str
    found_by: str
    roles: frozenset[str]


SOURCES = (
    Source("inspection", "patrol", frozenset({"grid_worker"})),
    Source("grid", "report", frozenset({"grid_worker"})),
    Source("12345", "report", frozenset({"desk", "supervisor", "hotline", "operator"})),
    Source("resident", "report", frozenset({"desk", "supervisor", "operator", PUBLIC_ROLE})),
    Source("police", "report", frozenset({"desk", "supervisor", "operator"})),
    Source("department", "report", frozenset({"desk", "supervisor", "operator"})),
)
"""Sources that people choose from; work orders, alarms and Open311 bring their own."""


def sources_of(roles: Iterable[str]) -> tuple[Source, ...]:
    """The sources that somebody with these roles may name, the usual one first."""
    held = set(roles)
    return tuple(source for source in SOURCES if source.roles & held)


def source_of(code: str, roles: Iterable[str]) -> Source:
    """The source that was chosen, or the usual one where none was.

    Raises
    ------
    InputError
        It is not one that these roles may name.
    """
    open_to = sources_of(roles)
    chosen = next((source for source in open_to if source.code == code or not code), None)
    if chosen is None:
        names = "、".join(source.code for source in open_to)
        raise InputError(
            zh=f"来源“{code}”不能由您选择;可用:{names or '无'}。",
            en=f"The source '{code}' is not yours to name; there are {names or 'none'}.",
        )
    return chosen


def may_report(code: str, *, public: bool) -> bool:
    """Whether a category of our list can be reported, and by residents where ``public`` says so."""
    first = code[:1]
    return bool(first) and first not in _NOT_REPORTED and (not public or first in _PUBLIC)


def groups(lang: Lang, *, public: bool) -> list[dict[str, Any]]:
    """The categories that may be chosen, in their groups; both names are told, since people search in either.

    Returns
    -------
    groups
        ``key``, ``name`` and ``items`` of ``code``, ``zh``, ``en``; in the order of the list.
    """
    text = catalog(lang)
    found: dict[str, dict[str, Any]] = {}
    for row in taxonomy.categories().to_dict("records"):
        if row["scheme"] != OURS or not may_report(row["code"], public=public):
            continue
        key = group_of(row["code"])
        name = taxonomy.name(OURS, f"M{key}", lang) if key.isdigit() else text[f"report.group.{key}"]
        group = found.setdefault(key, {"key": key, "name": name, "items": []})
        group["items"].append({name: row[name] for name in ("code", "zh", "en")})
    return list(found.values())


def group_of(code: str) -> str:
    """The group of a category: the class of a numbered one, the letter of the others."""
    return code[:2] if code[:1].isdigit() else code[:1]
