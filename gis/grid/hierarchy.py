"""The area tree: district, street, community, grid, and whatever a city puts above or below.

Parents are told by the ``parent`` column; a Chinese code without one tells its parent itself. It never repairs: an
area that is its own ancestor is refused, an area whose parent is absent is a root.
"""

import unicodedata

import geopandas as gpd

from gis.divisions import parent_code
from gis.errors import CodeError, Lang, NotFoundError
from gis.schemas import LEVELS, require_columns


class AreaTree:
    """Areas by code, with parents and children.

    Parameters
    ----------
    areas
        The ``areas`` table; codes are unique.

    Raises
    ------
    ColumnError
        A needed column is missing.
    CodeError
        A code twice, or an area that is its own ancestor.
    """

    def __init__(self, areas: gpd.GeoDataFrame) -> None:
        require_columns(areas, ["code", "parent", "level", "name_zh", "name_en"], layer="areas")
        codes = areas["code"].tolist()
        if len(set(codes)) != len(codes):
            double = sorted({code for code in codes if codes.count(code) > 1})[:5]
            raise CodeError(
                zh=f"区域编码重复:{'、'.join(double)}。", en=f"Area codes occur twice: {', '.join(double)}."
            )
        known = set(codes)
        self._level = dict(zip(codes, areas["level"].tolist(), strict=True))
        self._names = dict(
            zip(codes, zip(areas["name_zh"].tolist(), areas["name_en"].tolist(), strict=True), strict=True)
        )
        self._parent = {
            code: parent if parent in known else (parent_code(code) if parent_code(code) in known else "")
            for code, parent in zip(codes, areas["parent"].tolist(), strict=True)
        }
        self._children: dict[str, list[str]] = {}
        for code in sorted(codes):
            self._children.setdefault(self._parent[code], []).append(code)
        self._refuse_circles()
        drawn = areas.loc[areas.geometry.notna(), "level"].tolist() if len(areas) else []
        self._leaf_level = max(drawn, key=LEVELS.index, default="")

    def _refuse_circles(self) -> None:
        for code in self._parent:
            seen, current = {code}, self._parent[code]
            while current:
                if current in seen:
                    raise CodeError(zh=f"区域 {code} 的上级关系成环。", en=f"Area {code} is its own ancestor.")
                seen.add(current)
                current = self._parent[current]

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
        """Whether an area is the other or lies below it."""
        return ancestor == code or ancestor in self.ancestors(code)

    def level(self, code: str) -> str:
        """One of ``gis.schemas.LEVELS``."""
        return self._level[self._known(code)]

    def name(self, code: str, lang: Lang) -> str:
        """The area's name; the Chinese one where no English name is known."""
        zh, en = self._names[self._known(code)]
        return en or zh if lang == "en" else zh or en

    def search(self, text: str, limit: int = 20) -> list[str]:
        """Codes of areas whose code begins with, or whose name holds, a text; best match and highest level first."""
        wanted = unicodedata.normalize("NFKC", text).strip().lower()
        if not wanted:
            return []
        scored = []
        for code, names in self._names.items():
            score = _match(wanted, code, names)
            if score is not None:
                scored.append((score, LEVELS.index(self._level[code]), code))
        return [code for _, _, code in sorted(scored)[:limit]]


def _match(wanted: str, code: str, names: tuple[str, str]) -> int | None:
    lowered = [unicodedata.normalize("NFKC", name).lower() for name in names]
    if wanted == code or wanted in lowered:
        return 0
    if code.startswith(wanted) or any(name.startswith(wanted) for name in lowered):
        return 1
    return 2 if any(wanted in name for name in lowered) else None
