"""Code lists of what happened: our own, two older national ones, and the way from them to ours.

01-02, 01-10 and 06010 all mean exposed rubbish in three lists, so a code without its list is refused unless the column itself decides.
Which edition the older lists belong to is inferred from public systems (``cjt214``: CJ/T 214-2007, ``gbt30428``: GB/T 30428.2-2013); our
own list holds the matters of GB/T 47678.5-2026, not checked against the official text. It has no category for persons.
"""

import csv
import functools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from gis.errors import CodeError

OURS = "wangge"
TEXT = "text"
SCHEMES = (OURS, "gbt30428", "cjt214", TEXT)
"""Names of code lists; ``text`` is for categories that no list knows."""

_PAIR_CODE = re.compile(r"(\d{2})-?(\d{2})")
_LOOKS_LIKE_CODE = re.compile(r"[A-Z]?\d{2}|\d{2}-?\d{2}|\d{5}|M\d{2}|\d{1,12}", re.IGNORECASE)
_SCHEME_NAMES = {
    "wangge": OURS,
    "gbt47678": OURS,
    "gbt4767852026": OURS,
    "gbt47678.5": OURS,
    "gbt30428": "gbt30428",
    "gbt304282": "gbt30428",
    "gbt3042822013": "gbt30428",
    "cjt214": "cjt214",
    "cjt2142007": "cjt214",
    "text": TEXT,
}


@dataclass(frozen=True)
class Entry:
    """One category of a code list; ``wangge`` is its code in our list."""

    scheme: str
    code: str
    zh: str
    en: str
    module: str
    wangge: str


@dataclass(frozen=True)
class Category:
    """What a row's category became; ``reason`` says why not, empty when it did."""

    scheme: str
    code: str
    reason: str = ""


@functools.cache
def entries() -> dict[tuple[str, str], Entry]:
    """All categories of all lists, by scheme and code."""
    found: dict[tuple[str, str], Entry] = {}
    for row in _rows("categories.csv"):
        found[OURS, row["code"]] = Entry(OURS, row["code"], row["zh"], row["en"], row["module"], row["code"])
    for row in _rows("crosswalk.csv"):
        ours = found[OURS, row["wangge"]]
        key = (row["scheme"], row["code"])
        found[key] = Entry(row["scheme"], row["code"], row["zh"], ours.en, ours.module, ours.code)
    return found


def parse_scheme(text: str) -> str:
    """The code list that people mean by a name; empty for none stated.

    Raises
    ------
    CodeError
        The name is of no list we have.
    """
    plain = re.sub(r"[\s/\-_.]", "", unicodedata.normalize("NFKC", text)).lower()
    if not plain:
        return ""
    if plain not in _SCHEME_NAMES:
        raise CodeError(
            zh=f"没有类别代码体系“{text}”;可用:{', '.join(SCHEMES)}。",
            en=f"No code list '{text}'; there are {', '.join(SCHEMES)}.",
        )
    return _SCHEME_NAMES[plain]


def is_code(text: str) -> bool:
    """Whether a category is written as a code rather than in words."""
    return _LOOKS_LIKE_CODE.fullmatch(text) is not None


def in_scheme(scheme: str, code: str) -> Entry | None:
    """A code in a list, however it is joined (0102, 01-02); None if the list has none such."""
    plain = code.upper()
    match = _PAIR_CODE.fullmatch(plain)
    if match and scheme != OURS:
        plain = f"{match.group(1)}-{match.group(2)}"
    return entries().get((scheme, plain))


def by_name(text: str) -> Entry | None:
    """The category of this name, ours first; None if no list has it."""
    return _names().get(_plain(text))


def decide_scheme(pairs: Sequence[tuple[str, str]]) -> str:
    """The one older list under which a column's codes make sense; empty when two do, or none.

    Parameters
    ----------
    pairs
        Distinct (code, name) of the rows; the name may be empty.

    Notes
    -----
    Names beside codes decide by agreement; without names a list is decided only if it has every code and the other lacks one.
    """
    coded = [(code, name) for code, name in pairs if _PAIR_CODE.fullmatch(code)]
    if not coded:
        return ""
    agree, has_all = {}, {}
    for scheme in ("gbt30428", "cjt214"):
        found = [(in_scheme(scheme, code), name) for code, name in coded]
        agree[scheme] = sum(1 for entry, name in found if entry and name and _same(entry.zh, name))
        has_all[scheme] = all(entry is not None for entry, _ in found)
    best = max(agree, key=lambda scheme: agree[scheme])
    if agree[best] and sum(count == agree[best] for count in agree.values()) == 1:
        return best
    fitting = [scheme for scheme, whole in has_all.items() if whole]
    return fitting[0] if len(fitting) == 1 else ""


def resolve(code: str, text: str, scheme: str, decided: str) -> Category:
    """The category of a row, in our list wherever one leads there.

    Parameters
    ----------
    code, text
        What the row states; either may be empty.
    scheme
        The list that the row or the user names; empty for none.
    decided
        What ``decide_scheme`` said of the column.
    """
    if not code and is_code(text):
        code, text = text, ""
    if code:
        found = _by_code(code, text, scheme, decided)
        if found:
            return found
    if text:
        named = by_name(text) if scheme != TEXT else None
        return Category(OURS, named.wangge) if named else Category(TEXT, text)
    return Category("", "", "category_bare_code" if code else "category_missing")


def _by_code(code: str, text: str, scheme: str, decided: str) -> Category | None:
    if scheme == TEXT:
        return Category(TEXT, text or code)
    if scheme:
        entry = in_scheme(scheme, code)
        return Category(OURS, entry.wangge) if entry else None if text else Category(scheme, code)
    ours = in_scheme(OURS, code)
    if ours:
        return Category(OURS, ours.code)
    entry = in_scheme(decided, code) if decided else None
    return Category(OURS, entry.wangge) if entry else None


@functools.cache
def _names() -> dict[str, Entry]:
    names: dict[str, Entry] = {}
    for entry in entries().values():
        for name in (entry.zh, entry.en if entry.scheme == OURS else ""):
            if name:
                names.setdefault(_plain(name), entry)
    return names


def _same(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    bare = re.sub(r"[(（].*?[)）]", "", unicodedata.normalize("NFKC", name))
    return re.sub(r"[\s、,，/类]", "", bare).casefold()


def _rows(name: str) -> list[dict[str, str]]:
    with (files("gis.layers") / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
