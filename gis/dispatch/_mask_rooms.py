"""The last step of an address, which is a household: room, door, yard number in a row of cottages. Building and entrance stay."""

import re
from collections.abc import Iterator

_N = r"[0-9零〇一二三四五六七八九十百]"
_ROOM = re.compile(
    rf"(?<![0-9.])(?P<value>[A-Za-z]?{_N}{{1,5}}(?:-\d{{1,2}})?) ?(?:室|房间|号房|房号|(?<=\d)房)(?![内外]?[温环])"
)
_AFTER_UNIT = re.compile(
    rf"(?:单元|门栋|门洞|号楼|栋|幢|座|楼道|\d门|\d#|[一二三四五六七八九]门)[ ,的-]{{0,2}}(?P<value>{_N}{{1,2}}(?:楼|层)(?:东|西|南|北|中|左|右)(?:户|门|手)?|{_N}{{3,4}}(?!年|月|人|元|米|平|个|台|辆|多|余|度|瓦|伏|起|件|次|户|号楼|[0-9]))(?:号)?"
)
_SIDE = re.compile(
    rf"(?:单元|{_N}(?:楼|层)|楼)[ ,的]{{0,2}}(?P<value>(?:东|西|南|北|中间?|左|右)(?:边|侧|手)?(?:户|门)|对门)"
)
_HYPHENS = re.compile(
    r"(?<![\d-])(?:[A-Za-z]?\d{1,3}(?:号楼|栋|幢|座)?[-#])(?:\d{1,2}(?:单元)?[-#])?(?P<value>\d{3,4})(?![\d-]|年|\.\d|元|米)"
)
_HOME = re.compile(
    r"(?:小区|家园|花园|佳苑|苑|新村|公寓|名城|华府|[A-Za-z]区|[东西南北]区|[一二三四五六七八九]期|家属院|家属楼|嘉园|雅居|里|园|城|庭|府|湾|楼|栋|幢|住|住址|住在|地址)[:, ]{0,2}(?:的)?$"
)
_ROW = re.compile(
    rf"(?:平房|[0-9零〇一二三四五六七八九十]排|[0-9一二三四五六七八九十]组|[0-9一二三四五六七八九十]队)[第 ]{{0,2}}(?P<value>{_N}{{1,4}}(?:号|户|院))(?!楼|路|线|井|杆)"
)


def rooms(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of what tells one household from its neighbours, in folded text."""
    for pattern in (_ROOM, _AFTER_UNIT, _SIDE, _ROW):
        yield from (found.span("value") for found in pattern.finditer(text))
    for found in _HYPHENS.finditer(text):
        if (found.group().count("-") + found.group().count("#") == 2 and not _is_date(found.group())) or _HOME.search(
            text[: found.start()]
        ):
            yield found.span("value")


def _is_date(text: str) -> bool:
    parts = re.split(r"[-#]", re.sub(r"[^\d#-]", "", text))
    return len(parts) == 3 and 1 <= int(parts[0]) <= 31 and 1 <= int(parts[1]) <= 31 and 1900 <= int(parts[2]) <= 2099
