"""The area tree: city, district, street, community, grid, parts of grids, and whatever a city puts in between.

Parents are told by the ``parent`` column, whatever the codes look like; a Chinese code without one tells its parent
itself. It never repairs: an area that is its own ancestor, or lies below a finer one, is refused with all its fellows; an
area whose stated parent is absent is a root and is listed as an orphan.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import geopandas as gpd

from gis.divisions import parent_code, plain_name
from gis.errors import CodeError, Lang, NotFoundError
from gis.schemas import LEVELS, require_columns

_SHOWN = 5


def resolved_parents(codes: Sequence[str], parents: Sequence[str]) -> dict[str, str]:
    """The parent of each code among the codes given; empty for a root.

    Parameters
    ----------
    codes, parents
        Of the same length. A stated parent that is not among the codes counts for nothing; without a stated one the
        nearest code above by its digits is taken.
    """
    known = set(codes)
    return {code: _nearest(code, parent, known) for code, parent in zip(codes, parents, strict=True)}


def _nearest(code: str, parent: str, known: set[str]) -> str:
    if parent:
        return parent if parent in known else ""
    above = parent_code(code)
    while above and above not in known:
        above = parent_code(above)
    return above


def circular(parents: Mapping[str, str]) -> list[str]:
    """Codes that are their own ancestors, sorted."""
    state: dict[str, bool] = {}
    found: set[str] = set()
    for start in parents:
        path: list[str] = []
        code = start
        while code and code not in state:
            state[code] = True
            path.append(code)
            code = parents.get(code, "")
        if code and state[code]:
            found.update(path[path.index(code) :])
        for each in path:
            state[each] = False
    return sorted(found)


class AreaTree:
    """Areas by code, with parents and children; a forest where several areas have no parent.

    Parameters
    ----------
    areas
        The ``areas`` table, one version of each area (``gis.grid.versions.valid_on``).

    Raises
    ------
    ColumnError
        A needed column is missing.
    CodeError
        A code twice, a level that is none, an area that is its own ancestor, or one below a finer area; the message
        counts them all and names the first.
    """

    def __init__(self, areas: gpd.GeoDataFrame) -> None:
        require_columns(areas, ["code", "parent", "level", "name_zh", "name_en"], layer="areas")
        codes, parents, levels = (areas[name].tolist() for name in ("code", "parent", "level"))
        _refuse(_doubles(codes), "区域编码重复", "area codes occur twice")
        _refuse([level for level in dict.fromkeys(levels) if level not in LEVELS], "层级不认识", "levels are unknown")
        self._level = dict(zip(codes, levels, strict=True))
        self._names = dict(zip(codes, zip(areas["name_zh"], areas["name_en"], strict=True), strict=True))
        self._plain = {code: tuple(plain_name(name) for name in names) for code, names in self._names.items()}
        self._parent = resolved_parents(codes, parents)
        self._orphans = sorted(c for c, p in zip(codes, parents, strict=True) if p and not self._parent[c])
        _refuse(circular(self._parent), "区域是自己的上级", "areas are their own ancestors")
        _refuse(self._below_finer(), "区域的上级比自身层级更细", "areas lie below a finer one")
        self._children: dict[str, list[str]] = {}
        for code in sorted(codes):
            self._children.setdefault(self._parent[code], []).append(code)
        drawn = areas.loc[areas.geometry.notna() & ~areas.geometry.is_empty, "level"].tolist() if len(areas) else []
        self._leaf_level = max(drawn, key=LEVELS.index, default="")

    def _below_finer(self) -> list[str]:
        depth = {code: LEVELS.index(level) for code, level in self._level.items()}
        return sorted(code for code, parent in self._parent.items() if parent and depth[parent] > depth[code])

    def __contains__(self, code: str) -> bool:
        return code in self._parent

    def __len__(self) -> int:
        return len(self._parent)

    def _known(self, code: str) -> str:
        if code not in self._parent:
            raise NotFoundError(zh=f"没有编码为 {code} 的区域。", en=f"There is no area with code {code}.")
        return code

    @property
    def roots(self) -> list[str]:
        """Areas without a parent in the table, by code."""
        return list(self._children.get("", []))

    @property
    def orphans(self) -> list[str]:
        """Roots that state a parent which is not in the table, by code."""
        return list(self._orphans)

    @property
    def leaf_level(self) -> str:
        """The finest level that has polygons; empty for an empty tree."""
        return self._leaf_level

    def parent(self, code: str) -> str:
        """The area above; empty for a root."""
        return self._parent[self._known(code)]

    def children(self, code: str) -> list[str]:
        """The areas directly below, by code."""
        return list(self._children.get(self._known(code), []))

    def ancestors(self, code: str) -> list[str]:
        """The areas above, nearest first."""
        found, current = [], self._parent[self._known(code)]
        while current:
            found.append(current)
            current = self._parent[current]
        return found

    def descendants(self, code: str, level: str | None = None) -> list[str]:
        """Every area below, of one level if given, parents before children."""
        found, waiting = [], list(reversed(self._children.get(self._known(code), [])))
        while waiting:
            current = waiting.pop()
            found.append(current)
            waiting.extend(reversed(self._children.get(current, [])))
        return [each for each in found if level is None or self._level[each] == level]

    def contains(self, ancestor: str, code: str) -> bool:
        """Whether an area is the other or lies below it; the empty ancestor holds everything."""
        return not ancestor or ancestor == code or ancestor in self.ancestors(code)

    def level(self, code: str) -> str:
        """One of ``gis.schemas.LEVELS``; parts of a grid are grids, too."""
        return self._level[self._known(code)]

    def name(self, code: str, lang: Lang) -> str:
        """The area's name; the Chinese one where no English name is known."""
        zh, en = self._names[self._known(code)]
        return en or zh if lang == "en" else zh or en

    def search(self, text: str, limit: int = 20) -> list[str]:
        """Codes of areas whose code begins with, or whose name in either language holds, a text.

        Whole matches first, then beginnings, then the rest; among equals the higher level, then the lower code.
        """
        wanted = plain_name(text)
        if not wanted:
            return []
        scored = []
        for code, names in self._plain.items():
            score = _match(wanted, code, names)
            if score is not None:
                scored.append((score, LEVELS.index(self._level[code]), code))
        return [code for _, _, code in sorted(scored)[:limit]]


def _doubles(codes: Iterable[str]) -> list[str]:
    return sorted(code for code, times in Counter(codes).items() if times > 1)


def _refuse(wrong: list[str], zh: str, en: str) -> None:
    if wrong:
        shown, more = wrong[:_SHOWN], len(wrong) > _SHOWN
        raise CodeError(
            zh=f"{zh}({len(wrong)} 个):{'、'.join(shown)}{' 等' if more else ''}。",
            en=f"{len(wrong)} {en}: {', '.join(shown)}{' ...' if more else ''}.",
        )


def _match(wanted: str, code: str, names: tuple[str, ...]) -> int | None:
    if wanted == code.lower() or wanted in names:
        return 0
    if code.lower().startswith(wanted) or any(name.startswith(wanted) for name in names):
        return 1
    return 2 if any(wanted in name for name in names) else None
