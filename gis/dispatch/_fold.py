"""Text as the masks see it: each character in its plain form and at its own place, so that a find holds in the original as well."""

import re
import unicodedata
from functools import lru_cache

_NUMERAL_CHARS, _DIGITS = "零〇○幺一壹二两贰三叁四肆五伍六陆七柒八捌九玖", "00011122233445566778899"
_NUMERALS = str.maketrans(_NUMERAL_CHARS, _DIGITS)
_SPOKEN = re.compile(rf"(?:[0-9{_NUMERAL_CHARS}][ -]?){{7,}}")
_DASHES = str.maketrans(dict.fromkeys("—–‐‑−﹣－_", "-"))
_BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]")


def fold(text: str) -> str:
    """The text with full-width forms, circled digits, dashes and blanks made plain, of the same length."""
    plain = "".join(_plain(each) for each in text) if not text.isascii() else text
    return _BLANKS.sub(" ", plain.translate(_DASHES))


def fold_numerals(folded: str) -> str:
    """Seven and more Chinese numerals in a row as digits; shorter runs are counts and house names, and stay."""
    return _SPOKEN.sub(lambda found: found.group().translate(_NUMERALS), folded)


@lru_cache(maxsize=70_000)
def _plain(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character
