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
    │   └── FilterError       a filter (dates, categories, area) that makes no sense
    ├── ShapeError            arrays that do not fit together
    ├── NotFoundError         no such layer, area, plan or record
    ├── PlanError             a patrol plan that cannot be made, and why
    ├── StoreError            the store is damaged, busy or of another version
    ├── AuthError             nobody is signed in, or the sign-in failed
    ├── TooManyError          somebody asks more often than allowed
    ├── DeliveryError         a message did not reach its receiver, and why
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


class ShapeError(WanggeError):
    """Arrays that do not fit together."""


class NotFoundError(WanggeError):
    """No such layer, area, plan or record."""


class PlanError(WanggeError):
    """A patrol plan that cannot be made; the message names the binding rule."""


class StoreError(WanggeError):
    """The store is damaged, busy, or of another version."""


class AuthError(WanggeError):
    """Nobody is signed in, or the sign-in failed; it never tells which part of it was wrong."""


class TooManyError(WanggeError):
    """Somebody asks more often than the service allows."""


class DeliveryError(WanggeError):
    """A message that did not reach its receiver; it never repeats what the receiver sent."""


class ScopeError(WanggeError):
    """The viewer may not see or do this."""


class ConfigError(WanggeError):
    """The service is configured by half."""
