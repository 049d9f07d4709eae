"""Codes of areas: which level a code is of, what lies inside what.

Twelve digits (6 district + 3 street + 3 community) end in zeros above their level; a grid adds its own digits to its
community's twelve (15 with GB/T 34300 practice). Codes of other cities have no such logic: there only equality holds.
It never guesses a code from a name without saying which code system agrees.
"""

import re

_STATISTICAL = re.compile(r"[1-9]\d{11}")
_GRID = re.compile(r"[1-9]\d{11}\d{1,8}")


def level_of_code(code: str) -> str:
    """The level a code speaks of: ``city``, ``district``, ``street``, ``community``, ``grid``; empty if it is no such code."""
    if _STATISTICAL.fullmatch(code):
        if code.endswith("00000000"):
            return "city"
        if code.endswith("000000"):
            return "district"
        return "street" if code.endswith("000") else "community"
    return "grid" if _GRID.fullmatch(code) else ""


def parent_code(code: str) -> str:
    """The code one level up; empty at the top and for codes without this logic."""
    level = level_of_code(code)
    if level == "grid":
        return code[:12]
    if level == "community":
        return code[:9] + "000"
    if level == "street":
        return code[:6] + "000000"
    return code[:4] + "00000000" if level == "district" else ""


def is_within(code: str, ancestor: str) -> bool:
    """Whether one area lies inside another (or is it), by code alone; the empty ancestor holds everything."""
    if not ancestor or code == ancestor:
        return True
    level = level_of_code(ancestor)
    if level == "grid" or not level:
        return bool(level) and code.startswith(ancestor)
    digits = {"city": 4, "district": 6, "street": 9, "community": 12}[level]
    return bool(level_of_code(code)) and code.startswith(ancestor[:digits])
