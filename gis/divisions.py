"""Codes and names of areas: which level a code is of, what lies inside what, and which official list a name agrees with.

Twelve digits (6 district + 3 street + 3 community) end in zeros above their level; a grid adds its own digits to its
community's twelve (15 with GB/T 34300 practice). Codes of other cities have no such logic: there only equality holds.
Two official lists, of the statistics bureau and of civil affairs, give the same code to different streets, so a code is
always held against a name. It never guesses a code from a name without saying which list agrees.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

import pandas as pd

from gis.errors import CodeError, ColumnError

Agreement = Literal["nbs", "mca", "both", "neither"]

_STATISTICAL = re.compile(r"[1-9]\d{11}")
_GRID = re.compile(r"[1-9]\d{11}\d{1,8}")
_DIGITS = {"province": 2, "city": 4, "district": 6, "street": 9, "community": 12}

_DATA = Path(__file__).resolve().parent / "data"
_COLUMNS = (
    "code_nbs",
    "code_mca",
    "level",
    "kind",
    "name_zh",
    "name_official",
    "name_en",
    "parent",
    "valid_from",
    "valid_to",
)
_ALIAS_COLUMNS = ("alias", "code_nbs", "valid_from", "valid_to", "note_zh", "note_en")
_OFFICES = (
    (re.compile(r"街道?(办事处|办)$"), "街道"),
    (re.compile(r"(镇|乡|苏木)(人民)?政府$"), r"\1"),
    (re.compile(r"村(民委员|委)会$"), "村"),
    (re.compile(r"(社区)?居(民委员|委)会$"), "社区"),
)
_KINDS = re.compile(r"(街道|镇|乡|苏木|社区|嘎查|村|自治旗|旗|自治县|县|区|市| (sub)?district| town| community| city)$")


def level_of_code(code: str) -> str:
    """The level a code speaks of: ``province``, ``city``, ``district``, ``street``, ``community``, ``grid``; empty if it is none."""
    if _STATISTICAL.fullmatch(code):
        for level, digits in _DIGITS.items():
            if code.endswith("0" * (12 - digits)):
                return level
    return "grid" if _GRID.fullmatch(code) else ""


def parent_code(code: str) -> str:
    """The code one level up; empty at the top and for codes without this logic.

    A grid's is its community's twelve digits, also for parts of a grid: theirs is told by the ``parent`` column alone.
    """
    level = level_of_code(code)
    if level == "grid":
        return code[:12]
    levels = list(_DIGITS)
    if level not in levels[1:]:
        return ""
    return code[: _DIGITS[levels[levels.index(level) - 1]]].ljust(12, "0")


def is_within(code: str, ancestor: str) -> bool:
    """Whether one area lies inside another (or is it), by code alone; the empty ancestor holds everything."""
    if not ancestor or code == ancestor:
        return True
    level = level_of_code(ancestor)
    if not level or not level_of_code(code):
        return False
    return code.startswith(ancestor[: _DIGITS.get(level, len(ancestor))])


def plain_name(name: str) -> str:
    """A name as it is compared: full width, blanks and case evened out, offices read as their area.

    >>> plain_name("巴音赛街道办事处"), plain_name("先锋社区居委会"), plain_name("Wuda  District")
    ('巴音赛街道', '先锋社区', 'wuda district')
    """
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name)).strip().lower()
    if not text.isascii():
        text = text.replace(" ", "")
    for pattern, kind in _OFFICES:
        text = pattern.sub(kind, text)
    return text


def name_stem(name: str) -> str:
    """A plain name without its kind of area: 先锋 of 先锋社区; the whole name where nothing would be left.

    >>> name_stem("先锋社区"), name_stem("Wuda District"), name_stem("镇")
    ('先锋', 'wuda', '镇')
    """
    text = plain_name(name)
    return _KINDS.sub("", text) or text


@dataclass(frozen=True)
class Division:
    """One line of the official lists; codes of 12 digits, texts empty where a list says nothing.

    Parameters
    ----------
    code_nbs, code_mca
        Code of the statistics bureau and of civil affairs.
    level
        ``province``, or one of ``gis.schemas.LEVELS``.
    kind
        街道, 镇, 社区, 村 ... in the list's words.
    parent
        ``code_nbs`` of the area above.
    valid_from, valid_to
        ISO days, ``valid_to`` exclusive; empty for open.
    """

    code_nbs: str
    code_mca: str
    level: str
    kind: str
    name_zh: str
    name_official: str
    name_en: str
    parent: str
    valid_from: str = ""
    valid_to: str = ""

    def holds_on(self, day: date | None) -> bool:
        """Whether the line is valid on a day; with no day, whether it has no end."""
        return _holds(self.valid_from, self.valid_to, day)


@dataclass(frozen=True)
class Alias:
    """Another name of a division, and for how long it was used."""

    alias: str
    code_nbs: str
    valid_from: str = ""
    valid_to: str = ""
    note_zh: str = ""
    note_en: str = ""


@dataclass(frozen=True)
class DivisionMatch:
    """What a name and a code mean in the official lists.

    Parameters
    ----------
    code_nbs, code_mca
        The division's codes; both empty where it is not certain which one is meant.
    agrees
        Which list gives the code that was handed in to this division; ``neither`` also where no code was.
    note_zh, note_en
        What a person should know; empty where nothing speaks against the code.
    level, name_zh, name_en
        Of the division, from the list.
    """

    code_nbs: str
    code_mca: str
    agrees: Agreement
    note_zh: str
    note_en: str
    level: str = ""
    name_zh: str = ""
    name_en: str = ""

    @property
    def found(self) -> bool:
        """One division is meant."""
        return bool(self.code_nbs or self.code_mca)


def official_divisions() -> pd.DataFrame:
    """The lists that ship: Wuhai, from the autonomous region down to communities.

    Returns
    -------
    divisions
        One row a division, all columns text: ``code_nbs``, ``code_mca``, ``level``, ``kind``, ``name_zh``, ``name_official``,
        ``name_en``, ``parent`` (a ``code_nbs``), ``valid_from``, ``valid_to``. Sources in ``gis/data/SOURCES.md``.
    """
    rows = [[getattr(each, name) for name in _COLUMNS] for each in DivisionList.official().divisions]
    return pd.DataFrame(rows, columns=list(_COLUMNS), dtype="str")


def match_division(name: str, code: str = "", parent: str = "", *, on: date | None = None) -> DivisionMatch:
    """What a name and a code mean in the lists that ship; see :meth:`DivisionList.match`."""
    return DivisionList.official().match(name, code, parent, on=on)


def official_name(name: str) -> str:
    """The plain name (:func:`plain_name`) of what a name or alias means; the plain name itself where no alias is known."""
    return DivisionList.official().official_name(name)


class DivisionList:
    """Official divisions with their aliases, to look names and codes up in.

    Parameters
    ----------
    divisions
        ``code_nbs`` is unique among those valid at one time.
    aliases
        Other names.
    """

    def __init__(self, divisions: Iterable[Division], aliases: Iterable[Alias] = ()) -> None:
        self.divisions = tuple(divisions)
        self.aliases = tuple(aliases)
        self._official = {plain_name(a.alias): a.code_nbs for a in self.aliases}
        self._names = {each.code_nbs: plain_name(each.name_zh) for each in self.divisions}

    @classmethod
    def read(cls, divisions: Path, aliases: Path | None = None) -> "DivisionList":
        """Read a district's own lists: CSV in UTF-8, columns as of the files in ``gis/data``.

        Raises
        ------
        ColumnError
            A column is missing.
        CodeError
            Lines whose code is none of 12 digits; all of them are named.
        """
        lines = [Division(**line) for line in _read(divisions, _COLUMNS)]
        wrong = [each.code_nbs for each in lines if not _STATISTICAL.fullmatch(each.code_nbs)]
        if wrong:
            raise CodeError(
                zh=f"{divisions.name} 中不是 12 位区划代码:{'、'.join(wrong)}。",
                en=f"No 12-digit codes in {divisions.name}: {', '.join(wrong)}.",
            )
        return cls(lines, [Alias(**line) for line in _read(aliases, _ALIAS_COLUMNS)] if aliases else ())

    @classmethod
    def official(cls) -> "DivisionList":
        """The lists that ship, read once."""
        return _shipped()

    def official_name(self, name: str) -> str:
        """The plain name of what a name or alias means; the plain name itself where no alias is known."""
        plain = plain_name(name)
        return self._names.get(self._official.get(plain, ""), plain)

    def match(self, name: str, code: str = "", parent: str = "", *, on: date | None = None) -> DivisionMatch:
        """What a name and a code mean, the name leading: codes of the two lists contradict each other.

        Parameters
        ----------
        name
            As written: with or without 街道, 社区, 办事处; an alias; English. May be empty.
        code
            2, 4, 6, 9 or 12 digits of either list; empty if none is known.
        parent
            Code (either list) or name of any area above; settles names that occur twice.
        on
            Lines and aliases valid on this day; by default those without an end.

        Raises
        ------
        CodeError
            Neither a name nor a code was given, or the code is none.
        """
        padded = _padded(code) if code else ""
        if not padded and not name.strip():
            raise CodeError(zh="既没有名称也没有代码。", en="Neither a name nor a code was given.")
        valid = [each for each in self.divisions if each.holds_on(on)]
        below = self._below(valid, parent, on)
        if not name.strip():
            return _by_code_alone(valid, padded)
        named, how = self._named(below, name, on)
        exact = [each for each in named if padded and padded in (each.code_nbs, each.code_mca)]
        if len(exact) != 1 and len(named) != 1:
            return _not_one(valid, named, name, padded)
        return _found((exact if len(exact) == 1 else named)[0], valid, padded, how)

    def _below(self, valid: list[Division], parent: str, on: date | None) -> list[Division]:
        if not parent.strip():
            return valid
        if parent.isdigit():
            codes = [_padded(parent)]
        else:
            named, _ = self._named(valid, parent, on)
            codes = [each.code_nbs for each in named]
        parents = {each.code_nbs for each in valid for code in codes if code in (each.code_nbs, each.code_mca)}
        return [each for each in valid if any(is_within(each.code_nbs, above) for above in parents - {each.code_nbs})]

    def _named(self, among: list[Division], name: str, on: date | None) -> tuple[list[Division], Alias | None]:
        """Divisions of a name: the whole name, else an alias, else the name without its kind of area."""
        plain = plain_name(name)
        whole = [
            e for e in among if plain in (plain_name(e.name_zh), plain_name(e.name_official), plain_name(e.name_en))
        ]
        if whole:
            return whole, None
        for alias in self.aliases:
            if plain_name(alias.alias) == plain and _holds(alias.valid_from, alias.valid_to, on):
                return [each for each in among if each.code_nbs == alias.code_nbs], alias
        stem = name_stem(name)
        return [each for each in among if stem in (name_stem(each.name_zh), name_stem(each.name_en))], None


@lru_cache(maxsize=1)
def _shipped() -> DivisionList:
    return DivisionList.read(_DATA / "divisions.csv", _DATA / "division_aliases.csv")


def _read(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise ColumnError(
                zh=f"{path.name} 缺少列 {'、'.join(missing)}。",
                en=f"{path.name} lacks the columns {', '.join(missing)}.",
            )
        return [{name: (line[name] or "").strip() for name in columns} for line in reader]


def _holds(valid_from: str, valid_to: str, day: date | None) -> bool:
    if day is None:
        return not valid_to
    return valid_from <= day.isoformat() and (not valid_to or day.isoformat() < valid_to)


def _padded(code: str) -> str:
    if not re.fullmatch(r"[1-9]\d*", code) or len(code) not in (2, 4, 6, 9, 12):
        raise CodeError(
            zh=f"“{code}”不是区划代码(2、4、6、9 或 12 位数字)。",
            en=f"'{code}' is no division code (2, 4, 6, 9 or 12 digits).",
        )
    return code.ljust(12, "0")


def _found(division: Division, valid: list[Division], code: str, alias: Alias | None) -> DivisionMatch:
    agrees = _agreement(division, code)
    zh, en = [], []
    if alias:
        zh.append(f"“{alias.alias}”即{division.name_zh}({alias.note_zh})。")
        en.append(f"'{alias.alias}' is {division.name_en or division.name_zh} ({alias.note_en}).")
    if code and agrees != "both" and (agrees == "neither" or division.code_mca):
        meant_zh, meant_en = _meanings(valid, code)
        zh.append(
            f"{division.name_zh}的统计代码为 {division.code_nbs},民政代码为 {division.code_mca or '无'};{meant_zh}"
        )
        en.append(
            f"{division.name_en or division.name_zh} is {division.code_nbs} (statistics) and "
            f"{division.code_mca or 'not coded'} (civil affairs); {meant_en}"
        )
    return DivisionMatch(
        division.code_nbs, division.code_mca, agrees, "".join(zh), " ".join(en),
        level=division.level, name_zh=division.name_zh, name_en=division.name_en,
    )  # fmt: skip


def _agreement(division: Division, code: str) -> Agreement:
    by_nbs, by_mca = code == division.code_nbs, code == division.code_mca
    if not code or not (by_nbs or by_mca):
        return "neither"
    if by_nbs and by_mca:
        return "both"
    return "nbs" if by_nbs else "mca"


def _meanings(valid: list[Division], code: str) -> tuple[str, str]:
    """What a code means in each list, as the end of a sentence."""
    nbs = next((each for each in valid if each.code_nbs == code), None)
    mca = next((each for each in valid if each.code_mca == code), None)
    zh = f"{code} 在统计代码中为{nbs.name_zh if nbs else '无'},在民政代码中为{mca.name_zh if mca else '无'}。"
    nbs_en, mca_en = ((each.name_en or each.name_zh) if each else "nothing" for each in (nbs, mca))
    return zh, f"{code} means {nbs_en} in the statistics list and {mca_en} in the civil-affairs list."


def _by_code_alone(valid: list[Division], code: str) -> DivisionMatch:
    meant = {each.code_nbs: each for each in valid if code in (each.code_nbs, each.code_mca)}
    if len(meant) == 1:
        return _found(next(iter(meant.values())), valid, code, None)
    zh, en = _meanings(valid, code)
    return DivisionMatch("", "", "neither", f"需要名称才能确定:{zh}", f"A name is needed: {en}")


def _not_one(valid: list[Division], named: list[Division], name: str, code: str) -> DivisionMatch:
    if named:
        shown = [f"{each.name_zh} {each.code_nbs}" for each in named]
        zh, en = (
            f"“{name}”不止一处:{'、'.join(shown)};请给出上级。",
            f"'{name}' is {', '.join(shown)}: name the parent.",
        )
    else:
        zh, en = f"名录中没有“{name}”。", f"No list knows '{name}'."
    if code:
        meant_zh, meant_en = _meanings(valid, code)
        zh, en = f"{zh}{meant_zh}", f"{en} But {meant_en}"
    return DivisionMatch("", "", "neither", zh, en)
