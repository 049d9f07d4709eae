"""Free text without people: names, numbers and rooms become ``[姓名]``, ``[电话]`` and so on; the rest of the sentence stays.

A mask tells its kind and how often it was needed, never the value; nothing here keeps, logs or returns what was masked. It is a
net with holes: how many it lets through and how much it takes too much is measured on a planted corpus (``docs/methods/free_text.md``).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from gis.dispatch._fold import fold, fold_numerals
from gis.dispatch._mask_names import HIDDEN, names, names_beside
from gis.dispatch._mask_numbers import bank_cards, chat_accounts, id_cards, mails, phones, plates
from gis.dispatch._mask_rooms import rooms

KINDS: dict[str, tuple[str, str]] = {
    "mail": ("邮箱", "mail address"),
    "id_card": ("证件号", "number of an identity document"),
    "chat": ("账号", "chat account"),
    "bank_card": ("卡号", "bank card"),
    "phone": ("电话", "telephone"),
    "plate": ("车牌", "number plate"),
    "room": ("门牌", "room of a household"),
    "name": ("姓名", "name"),
}
"""Kind to its Chinese and English name, in the order in which they are looked for: names last, since a number beside one tells it."""

_FINDERS: tuple[tuple[str, Callable[[str], Iterator[tuple[int, int]]]], ...] = (
    ("mail", mails),
    ("id_card", id_cards),
    ("chat", chat_accounts),
    ("bank_card", bank_cards),
    ("phone", phones),
    ("plate", plates),
    ("room", rooms),
    ("name", names),
    ("name", names_beside),
)


_SHORTEST_PLACE = 4


@dataclass(frozen=True)
class Masked:
    """A text without people.

    Parameters
    ----------
    text
        With ``[姓名]`` and the like in place of what was masked.
    counts
        Kind to how many were masked; kinds that did not occur are left out.
    """

    text: str
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Mask:
    """Where something of a person stands: kind, start and end (not included). It does not hold the value."""

    kind: str
    start: int
    end: int


class Places:
    """Names of a district's areas, streets and places: public words, some of which hold what looks like a name (胡杨小学).

    Parameters
    ----------
    names
        Those with fewer than four characters are left out: 李家 or 华山 may well be where a person stands.
    """

    def __init__(self, names: Iterable[str]) -> None:
        long = {fold(name.strip()) for name in names if len(name.strip()) >= _SHORTEST_PLACE}
        self._pattern = re.compile("|".join(re.escape(name) for name in sorted(long, key=len, reverse=True)) or r"(?!)")

    def spans(self, folded: str) -> list[tuple[int, int]]:
        """Where such names stand in folded text; of two that overlap the one that begins first, then the longer."""
        return [found.span() for found in self._pattern.finditer(folded)]


def masks(text: str, *, places: Places | None = None) -> list[Mask]:
    """Every place of a text that must not be shown, in order and apart.

    Parameters
    ----------
    places
        Names of places that the district knows; what looks like a person inside one of them stays.
    """
    folded = fold(text)
    known = places.spans(folded) if places else []
    found: list[Mask] = []
    for kind, finder in _FINDERS:
        # As written first: in 张三138… the 三 is of a name, and read as a digit it would hide the telephone.
        for read in (str, fold_numerals) if kind in ("phone", "id_card") else (str,):
            for start, end in finder(read(folded)):
                if kind == "name" and any(first <= start and end <= last for first, last in known):
                    continue
                if start < end and HIDDEN not in folded[start:end]:
                    found.append(Mask(kind, start, end))
                    folded = folded[:start] + HIDDEN * (end - start) + folded[end:]
    return sorted(found, key=lambda each: each.start)


def mask(text: str, *, places: Places | None = None) -> Masked:
    """A text with everything that leads to a person replaced by its kind.

    Parameters
    ----------
    places
        As of :func:`masks`.

    >>> mask("张先生来电,电话13812345678,住3号楼2单元501室").text
    '[姓名]先生来电,电话[电话],住3号楼2单元[门牌]室'
    """
    parts, at = [], 0
    found = masks(text, places=places)
    for each in found:
        parts += [text[at : each.start], f"[{KINDS[each.kind][0]}]"]
        at = each.end
    return Masked("".join([*parts, text[at:]]), dict(Counter(each.kind for each in found)))


def mask_all(texts: Iterable[str], *, places: Places | None = None) -> tuple[list[str], dict[str, int]]:
    """Many texts masked, and how many of each kind in all."""
    done = [mask(text, places=places) for text in texts]
    total: Counter[str] = Counter()
    for each in done:
        total.update(each.counts)
    return [each.text for each in done], dict(total)
