"""What a planner should know of the streets before anyone walks them: lines of no use, loose parts, traps for cars.

It changes nothing: every finding says what the street graph does with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.errors import InputError, Lang
from gis.roads._segments import Segments
from gis.roads.modes import MODES, mode_named
from gis.roads.network import NetworkReport, build_network, pieces_of
from gis.schemas import require_columns

KINDS = ("unusable", "self_crossing", "duplicate", "outside", "separate", "one_way_trap")
COLUMNS = ("kind", "street_ids", "mode", "length_m", "message_zh", "message_en", "geometry")
NEAR_M = 1000.0
"""Streets up to so far outside the district count as its own: ways round may lead there."""
_NAMED = 5

Finding = dict[str, Any]


@dataclass(frozen=True, eq=False)
class StreetCheck:
    """Findings and what each mode can use.

    Parameters
    ----------
    findings
        Columns ``COLUMNS``, in the streets' CRS; ``street_ids`` names a street, or the first few of several.
    reports
        Mode to the report of its street graph; modes that can use no street are missing, and a finding says so.
    """

    findings: gpd.GeoDataFrame
    reports: dict[str, NetworkReport]

    def text(self, lang: Lang) -> str:
        """One line a mode, then one a finding."""
        named = [
            (MODES[name].name_zh if lang == "zh" else MODES[name].name_en, told) for name, told in self.reports.items()
        ]
        modes = [f"{name}{':' if lang == 'zh' else ': '}{told.text(lang)}" for name, told in named]
        return "\n".join([*modes, *self.findings[f"message_{lang}"]])


def check_streets(streets: gpd.GeoDataFrame, *, crs: object, district: shapely.Geometry | None = None) -> StreetCheck:
    """Look at the streets as each way to travel would use them.

    Parameters
    ----------
    streets
        Table ``streets``.
    crs
        Metric CRS to measure in.
    district
        Ground of the district, in the streets' CRS; without it no street is outside.

    Raises
    ------
    ColumnError, CrsError
        The table does not keep its contract, or ``crs`` is not in metres.
    """
    require_columns(streets, ["id", "geometry"], layer="streets")
    shapes = streets.geometry.to_crs(crs).to_numpy()
    ids = streets["id"].astype(str).to_numpy(dtype=object)
    found = [*_lines_alone(shapes, ids)]
    if district is not None:
        found += _outside(shapes, ids, gpd.GeoSeries([district], crs=streets.crs).to_crs(crs).iloc[0])
    reports: dict[str, NetworkReport] = {}
    for name in MODES:
        try:
            reports[name] = build_network(streets, mode=name, crs=crs).report
        except InputError as error:
            found.append(_finding("unusable", "", error.zh, error.en, mode=name))
            continue
        found += _parts(streets, name, crs, ids)
    table = pd.DataFrame(found, columns=list(COLUMNS))
    order = table["kind"].map(KINDS.index).to_numpy(dtype=np.int64)
    table = table.iloc[np.lexsort((-table["length_m"].to_numpy(dtype=float), order))].reset_index(drop=True)
    findings = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(table["geometry"], crs=crs)).to_crs(streets.crs)
    return StreetCheck(findings, reports)


def _finding(
    kind: str, street: str, zh: str, en: str, *, mode: str = "", length_m: float = 0.0, shape: object = None
) -> Finding:
    return {
        "kind": kind, "street_ids": street, "mode": mode, "length_m": round(length_m, 1), "message_zh": zh, "message_en": en,
        "geometry": shape,
    }  # fmt: skip


def _lines_alone(shapes: np.ndarray, ids: np.ndarray) -> Iterator[Finding]:
    is_line = np.isin(shapely.get_type_id(shapes), (1, 5))
    length = np.where(is_line, shapely.length(shapes), 0.0)
    sound = is_line & np.isfinite(length) & (length > 0)
    for row in np.flatnonzero(~sound):
        yield _finding(
            "unusable", ids[row], f"道路 {ids[row]} 没有长度或不是线,不参与行程。",
            f"Street {ids[row]} has no length or is no line; it takes part in no way.",
        )  # fmt: skip
    winding = np.flatnonzero(sound & ~shapely.is_simple(shapes))
    for row in winding[[_crosses_itself(shape) for shape in shapes[winding]]]:
        yield _finding(
            "self_crossing", ids[row], f"道路 {ids[row]} 与自身相交,相交处没有顶点,不算路口。",
            f"Street {ids[row]} crosses itself where it has no vertex; that is no junction.",
            length_m=length[row], shape=shapes[row],
        )  # fmt: skip
    kept = np.flatnonzero(sound)
    forms = pd.Series(shapely.to_wkb(shapely.normalize(shapes[kept]), hex=True), dtype="str")
    for row in kept[forms.duplicated().to_numpy()]:
        yield _finding(
            "duplicate", ids[row], f"道路 {ids[row]} 与另一条完全重合;取最快的一条。",
            f"Street {ids[row]} lies exactly on another; the quickest counts.", length_m=length[row], shape=shapes[row],
        )  # fmt: skip


def _crosses_itself(line: shapely.Geometry) -> bool:
    """Whether a line meets itself anywhere but at its own vertices, to the millimetre."""
    own = {tuple(point) for point in np.round(shapely.get_coordinates(line), 3)}
    return any(tuple(point) not in own for point in np.round(shapely.get_coordinates(shapely.node(line)), 3))


def _outside(shapes: np.ndarray, ids: np.ndarray, district: shapely.Geometry) -> list[Finding]:
    shapely.prepare(district)
    present = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    far = present[~shapely.dwithin(shapes[present], district, NEAR_M)]
    if not len(far):
        return []
    length, some = float(shapely.length(shapes[far]).sum()), _some(ids[far])
    all_of_them = len(far) == len(present)
    zh = f"{len(far)} 条道路(共 {length / 1000:.1f} 公里)在本区 {NEAR_M / 1000:g} 公里以外,可能用不到。"
    en = f"{len(far)} streets ({length / 1000:.1f} km) lie more than {NEAR_M / 1000:g} km outside the district; they may be of no use."
    if all_of_them:
        zh = "全部道路都在本区之外:请核对文件和坐标系;排班将无路可走。"
        en = "All streets lie outside the district: check the file and its datum; no plan can use them."
    return [_finding("outside", some, zh, en, length_m=length, shape=shapely.union_all(shapes[far]))]


def _parts(streets: gpd.GeoDataFrame, name: str, crs: object, ids: np.ndarray) -> Iterator[Finding]:
    """Streets apart from the largest part, and those that one-way rules close off within it."""
    mode = mode_named(name)
    pieces, oneway = pieces_of(streets, mode, crs)
    size = len(pieces.xy)
    links = coo_array((np.ones(len(pieces.tail)), (pieces.tail, pieces.head)), shape=(size, size))
    _, loose = connected_components(links, directed=False)
    main = np.bincount(loose).argmax()
    apart = loose[pieces.tail]
    for part in np.unique(apart[apart != main]):
        yield _part(pieces, apart == part, "separate", name, ids)
    two_way = ~oneway[pieces.line]
    tail = np.concatenate([pieces.tail, pieces.head[two_way]])
    head = np.concatenate([pieces.head, pieces.tail[two_way]])
    _, strong = connected_components(
        coo_array((np.ones(len(tail)), (tail, head)), shape=(size, size)), directed=True, connection="strong"
    )
    core = np.bincount(strong[loose == main]).argmax()
    trapped = (apart == main) & ((strong[pieces.tail] != core) | (strong[pieces.head] != core))
    if trapped.any():
        yield _part(pieces, trapped, "one_way_trap", name, ids)


def _part(pieces: Segments, chosen: np.ndarray, kind: str, mode: str, ids: np.ndarray) -> Finding:
    ends = np.stack([pieces.xy[pieces.tail[chosen]], pieces.xy[pieces.head[chosen]]], axis=1)
    lines = shapely.linestrings(ends)
    length, rows = float(shapely.length(lines).sum()), np.unique(pieces.line[chosen])
    zh_mode, en_mode, some = MODES[mode].name_zh, MODES[mode].name_en, _some(ids[rows])
    if kind == "separate":
        zh = f"{zh_mode}:{len(rows)} 条道路(共 {length / 1000:.2f} 公里,{some})与主路网不相连,这里的停留点改走最近的相连道路。"
        en = f"{len(rows)} streets ({length / 1000:.2f} km: {some}) are cut off {en_mode}; stops there use the nearest connected street."
    else:
        zh = f"{zh_mode}:{len(rows)} 条道路(共 {length / 1000:.2f} 公里,{some})因单行只能进或只能出。"
        en = f"{len(rows)} streets ({length / 1000:.2f} km: {some}) can only be entered or only be left {en_mode}, by one-way rules."
    return _finding(kind, some, zh, en, mode=mode, length_m=length, shape=shapely.multilinestrings(lines))


def _some(ids: np.ndarray) -> str:
    return ", ".join(map(str, ids[:_NAMED])) + (" ..." if len(ids) > _NAMED else "")
