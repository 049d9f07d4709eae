"""What an incident is of: the category tables, their names in both languages, and the way from older code lists to ours.

The lists themselves stand beside the reader (``gis.layers.codelists``), which needs them to refuse bare codes. No category is of a person.
"""

import pandas as pd

from gis.errors import CodeError, Lang
from gis.layers import codelists


def categories() -> pd.DataFrame:
    """Every category of every list.

    Returns
    -------
    frame
        Text columns scheme, code, zh, en, module; our own list first.
    """
    rows = [(e.scheme, e.code, e.zh, e.en, e.module) for e in codelists.entries().values()]
    return pd.DataFrame(rows, columns=["scheme", "code", "zh", "en", "module"], dtype="str")


def crosswalk(scheme: str, code: str) -> tuple[str, str]:
    """Our category for a category of a named list: scheme and code.

    Categories that are only text stay what they are.

    Raises
    ------
    CodeError
        There is no such list, or it has no such code.
    """
    known = codelists.parse_scheme(scheme)
    if known == codelists.TEXT:
        return codelists.TEXT, code
    entry = codelists.in_scheme(known, code) if known else None
    if entry is None:
        raise CodeError(zh=f"类别代码体系“{scheme}”中没有 {code}。", en=f"Code list '{scheme}' has no {code}.")
    return codelists.OURS, entry.wangge


def name(scheme: str, code: str, lang: Lang = "zh") -> str:
    """The name of a category; a code that no list knows is its own name."""
    entry = codelists.in_scheme(scheme, code)
    if entry is None:
        return code
    return entry.zh if lang == "zh" else entry.en
