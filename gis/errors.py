"""Every public error of Wangge, each in Chinese and English. Imports nothing.

The tree::

    WanggeError
    ├── InputError            what was handed in cannot be used
    │   ├── FileFormatError   not a file we read, or broken
    │   ├── HostileFileError  a file that reaches outside itself, or explodes
    │   ├── ColumnError       a needed column is missing or has the wrong type
    │   ├── CrsError          a datum or CRS that is unknown, refused or does not match
    │   ├── GeometryError     a geometry that cannot be used
    │   ├── TimeFormatError   a time that cannot be read for certain
    │   ├── CodeError         an area, grid or device code that is not one
    │   ├── FilterError       a filter (dates, categories, area) that makes no sense
    │   └── RuleError         rows of a table of rules that cannot be used, all of them
    ├── ShapeError            arrays that do not fit together
    ├── NotFoundError         no such layer, area, plan or record
    ├── PlanError             a patrol plan that cannot be made, and why
    ├── CaseError             a move of a case that is refused, and why
    │   ├── StateError        no such move, or not from the state of the case
    │   ├── VersionError      somebody moved the case meanwhile
    │   ├── PowerError        role, area, unit or rank do not reach, or the same person would check
    │   └── DetailError       a reason, unit, date, case or score is missing or makes no sense
    ├── StoreError            the store is damaged, busy or of another version
    │   └── ConflictError     an id or a number belongs to something else already
    ├── AuthError             nobody is signed in, or the sign-in failed
    ├── TooManyError          somebody asks more often than allowed
    ├── ScopeError            the viewer may not see or do this
    └── ConfigError           the service is half configured
"""

from typing import Literal

Lang = Literal["zh", "en"]


class WanggeError(Exception):
    """An error with a text for the person who meets it, in both languages.

    Parameters
    ----------
    zh, en
        What is wrong, where (file, row, field), and what to do.
    """

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross the border of the reading process, and BaseException pickles positional arguments only.
        return _rebuild, (type(self), self.zh, self.en)

    def text(self, lang: Lang) -> str:
        """The message in one language."""
        return self.zh if lang == "zh" else self.en


def _rebuild(cls: type[WanggeError], zh: str, en: str) -> WanggeError:
    return cls(zh=zh, en=en)


class InputError(WanggeError):
    """What was handed in cannot be used."""


class FileFormatError(InputError):
    """A file of a kind that is not read, or a broken one."""


class HostileFileError(InputError):
    """A file that reaches outside itself or unpacks to too much."""


class ColumnError(InputError):
    """A needed column is missing or of the wrong type."""


class CrsError(InputError):
    """A datum or CRS that is unknown, refused, or does not match."""


class GeometryError(InputError):
    """A geometry that cannot be used."""


class TimeFormatError(InputError):
    """A time that cannot be read for certain."""


class CodeError(InputError):
    """An area, grid or device code that is not one."""


class FilterError(InputError):
    """A filter that makes no sense, such as an end before its start."""


class RuleError(InputError):
    """Rows of a table of rules that cannot be used.

    Parameters
    ----------
    zh, en
        As of every error.
    faults
        Each with ``row``, ``field``, ``zh`` and ``en``.
    """

    def __init__(self, *, zh: str, en: str, faults: tuple[dict[str, object], ...] = ()) -> None:
        super().__init__(zh=zh, en=en)
        self.faults = faults

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_rule, (type(self), self.zh, self.en, self.faults)


def _rebuild_rule(cls: type[RuleError], zh: str, en: str, faults: tuple[dict[str, object], ...]) -> RuleError:
    return cls(zh=zh, en=en, faults=faults)


class ShapeError(WanggeError):
    """Arrays that do not fit together."""


class NotFoundError(WanggeError):
    """No such layer, area, plan or record."""


class PlanError(WanggeError):
    """A patrol plan that cannot be made; the message names the binding rule."""


class CaseError(WanggeError):
    """A move of a case that is refused.

    Parameters
    ----------
    zh, en
        As of every error.
    code
        Which rule refused it, for programs: see docs/events.md.
    """

    def __init__(self, *, zh: str, en: str, code: str = "") -> None:
        super().__init__(zh=zh, en=en)
        self.code = code

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_case, (type(self), self.zh, self.en, self.code)


def _rebuild_case(cls: type[CaseError], zh: str, en: str, code: str) -> CaseError:
    return cls(zh=zh, en=en, code=code)


class StateError(CaseError):
    """There is no such move, or the state of the case does not take it."""


class VersionError(CaseError):
    """Somebody moved the case since it was seen."""


class PowerError(CaseError):
    """The role, area, unit or rank does not reach, or whoever handled would check."""


class DetailError(CaseError):
    """A reason, unit, date, case or score is missing or makes no sense."""


class StoreError(WanggeError):
    """The store is damaged, busy, or of another version."""


class ConflictError(StoreError):
    """An id or a number that a client made belongs to something else already; sending it again does not help."""


class AuthError(WanggeError):
    """Nobody is signed in, or the sign-in failed; it never tells which part of it was wrong."""


class TooManyError(WanggeError):
    """Somebody asks more often than the service allows."""


class ScopeError(WanggeError):
    """The viewer may not see or do this."""


class ConfigError(WanggeError):
    """The service is configured by half."""
