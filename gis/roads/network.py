"""The street graph of one way to travel: from the ``streets`` table to a sparse matrix of seconds and of metres.

Streets meet at shared vertices and where an end lies on another street within the tolerance; a crossing in plan without
a shared vertex joins nothing. Of parallel streets between the same two nodes the quickest counts. Rail is never walked,
nor is a street that is shut to the mode (``closed_to``).
"""

from dataclasses import asdict, dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.errors import CrsError, InputError, Lang
from gis.roads._segments import FloatArray, IntArray, Segments, explode, join_ends
from gis.roads.modes import MODES, Mode, mode_named
from gis.schemas import require_columns

__all__ = ["MODES", "Network", "NetworkReport", "build_network"]


@dataclass(frozen=True)
class NetworkReport:
    """What became of the streets.

    Parameters
    ----------
    streets, used
        Rows of the table, and rows that became part of the graph.
    rail, closed, unusable
        Rows left out: rail, closed to this mode, without a usable line. ``unusable_ids`` names the last.
    ends_snapped, streets_touched
        Loose ends moved to another street's vertex; streets cut where an end touches them.
    parallel
        Edges dropped because a quicker one joins the same two nodes.
    components, main_share
        Separate parts, and the share of all nodes in the largest one.
    """

    mode: str
    streets: int
    used: int
    rail: int
    closed: int
    unusable: int
    unusable_ids: tuple[str, ...]
    ends_snapped: int
    streets_touched: int
    parallel: int
    nodes: int
    edges: int
    length_m: float
    components: int
    main_share: float

    def as_dict(self) -> dict[str, object]:
        """The report as plain values."""
        return asdict(self)

    def text(self, lang: Lang) -> str:
        """The report in one sentence."""
        left = self.rail + self.closed + self.unusable
        if lang == "zh":
            return (
                f"{self.streets} 条道路中用了 {self.used} 条(共 {self.length_m / 1000:.1f} 公里),未用 {left} 条"
                f"(铁路 {self.rail}、禁行 {self.closed}、无法使用 {self.unusable});"
                f"路网分为 {self.components} 片,最大一片占节点的 {self.main_share:.1%}。"
            )
        return (
            f"{self.used} of {self.streets} streets used ({self.length_m / 1000:.1f} km), {left} left out "
            f"(rail {self.rail}, closed {self.closed}, unusable {self.unusable}); "
            f"{self.components} separate parts, the largest holds {self.main_share:.1%} of the nodes."
        )


@dataclass(frozen=True, eq=False)
class Network:
    """A street graph in metres and seconds.

    Parameters
    ----------
    xy
        Shape (n, 2), metres in ``crs``.
    seconds, metres
        Shape (n, n), sparse, same pattern, columns in order; row is from, column is to.
    component
        Shape (n,), the part a node belongs to; 0 is the largest. Inside a part every node reaches every other.
    """

    xy: FloatArray
    seconds: csr_array
    metres: csr_array
    component: IntArray
    mode: Mode
    crs: pyproj.CRS
    report: NetworkReport


def build_network(
    streets: gpd.GeoDataFrame,
    *,
    mode: str | Mode = "foot",
    crs: object,
    snap_m: float = 1.0,
) -> Network:
    """The graph that one way to travel can use.

    Parameters
    ----------
    streets
        Table ``streets``. Missing ``kind`` counts as an ordinary street, missing ``oneway`` as two-way, missing
        ``closed_to`` as open to all.
    mode
        ``foot``, ``ebike``, ``car`` or a Mode of one's own. One-way streets bind the car alone.
    crs
        Metric CRS of the graph.
    snap_m
        Loose ends this near to another street are joined to it; 0 joins shared vertices only.

    Raises
    ------
    InputError
        No street that this mode can use.
    CrsError
        The table has no CRS, or ``crs`` is not in metres.
    """
    require_columns(streets, ["geometry"], layer="streets")
    mode, metric = mode_named(mode), _metric(crs)
    usable = _usable_lines(streets, mode, metric)
    pieces, snapped, touched = join_ends(explode(usable.lines, usable.owner), snap_m)
    kinds = _text_column(streets, "kind")
    speed = np.array([mode.speed_of(kind) for kind in kinds])
    oneway = _oneway(streets) & mode.oneway
    tail, head, seconds, metres, dropped = _edges(pieces, speed, oneway)
    size = len(pieces.xy)
    by_time = csr_array((seconds, (tail, head)), shape=(size, size))
    by_length = csr_array((metres, (tail, head)), shape=(size, size))
    by_time.sort_indices()
    by_length.sort_indices()
    component, sizes = _components(by_time)
    report = NetworkReport(
        mode=mode.name,
        streets=len(streets),
        used=len(np.unique(usable.owner)),
        rail=usable.rail,
        closed=usable.closed,
        unusable=len(usable.unusable_ids),
        unusable_ids=usable.unusable_ids,
        ends_snapped=snapped,
        streets_touched=touched,
        parallel=dropped,
        nodes=size,
        edges=len(tail),
        length_m=float(pieces.lengths().sum()),
        components=len(sizes),
        main_share=float(sizes[0] / size),
    )
    return Network(pieces.xy, by_time, by_length, component, mode, metric, report)


def pieces_of(
    streets: gpd.GeoDataFrame, mode: Mode, crs: object, *, snap_m: float = 1.0
) -> tuple[Segments, npt.NDArray[np.bool_]]:
    """The joined pieces that a mode can use, and which streets bind it to one way (shape (rows of the table,))."""
    usable = _usable_lines(streets, mode, _metric(crs))
    return join_ends(explode(usable.lines, usable.owner), snap_m)[0], _oneway(streets) & mode.oneway


def _metric(crs: object) -> pyproj.CRS:
    found = pyproj.CRS.from_user_input(crs)
    if not found.is_projected or found.axis_info[0].unit_name != "metre":
        raise CrsError(
            zh=f"路网需要以米为单位的坐标系,得到的是“{found.name}”;请用 gis.crs.metric_crs 选取。",
            en=f"A street graph needs a CRS in metres, got '{found.name}'; take gis.crs.metric_crs.",
        )
    return found


def _text_column(streets: gpd.GeoDataFrame, name: str) -> list[str]:
    if name not in streets:
        return [""] * len(streets)
    return streets[name].fillna("").astype(str).tolist()


def _oneway(streets: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    if "oneway" not in streets:
        return np.zeros(len(streets), dtype=bool)
    return streets["oneway"].astype("boolean").fillna(value=False).to_numpy(dtype=bool)


@dataclass(frozen=True, eq=False)
class _Usable:
    """Lines in metres with the row each came from, and what stays out."""

    lines: npt.NDArray[np.object_]
    owner: IntArray
    rail: int
    closed: int
    unusable_ids: tuple[str, ...]


def _usable_lines(streets: gpd.GeoDataFrame, mode: Mode, metric: pyproj.CRS) -> _Usable:
    if streets.crs is None:
        raise CrsError(
            zh="图层“streets”没有坐标系;请先声明(例如 EPSG:4326)。",
            en="Layer 'streets' has no CRS; declare it first (for example EPSG:4326).",
        )
    kinds = np.array(_text_column(streets, "kind"), dtype=object)
    shapes = streets.geometry.to_crs(metric).to_numpy()
    sound = np.array([_is_line(shape) for shape in shapes], dtype=bool)
    rail = np.array([kind.removesuffix("_link") == "rail" for kind in kinds], dtype=bool)
    shut = np.array([mode.name in text.split() for text in _text_column(streets, "closed_to")], dtype=bool)
    closed = (np.array([mode.speed_of(kind) == 0 for kind in kinds], dtype=bool) | shut) & ~rail
    use = np.flatnonzero(sound & ~rail & ~closed)
    if not len(use):
        raise InputError(
            zh=f"没有“{mode.name_zh}”可用的道路(共 {len(streets)} 条,铁路 {rail.sum()},禁行 {closed.sum()})。"
            "请导入道路,或不用路网、按直线距离乘绕行系数排班。",
            en=f"No street can be used {mode.name_en} ({len(streets)} rows, {rail.sum()} rail, {closed.sum()} closed). "
            "Import streets, or plan without them by straight lines and a detour factor.",
        )
    parts, index = shapely.get_parts(shapes[use], return_index=True)
    unusable = np.flatnonzero(~sound & ~rail & ~closed)
    ids = _text_column(streets, "id")
    named = tuple(ids[row] or f"#{row + 1}" for row in unusable)
    return _Usable(parts, use[index].astype(np.int64), int(rail.sum()), int(closed.sum()), named)


def _is_line(shape: object) -> bool:
    return (
        isinstance(shape, shapely.LineString | shapely.MultiLineString)
        and shape.length > 0
        and bool(np.isfinite(shapely.get_coordinates(shape)).all())
    )


def _edges(
    pieces: Segments, speed: FloatArray, oneway: npt.NDArray[np.bool_]
) -> tuple[IntArray, IntArray, FloatArray, FloatArray, int]:
    """Directed edges, the quickest of parallel ones: scipy would add the others up."""
    metres = np.maximum(pieces.lengths(), 1e-3)
    seconds = metres / speed[pieces.line]
    back = ~oneway[pieces.line]
    tail = np.concatenate([pieces.tail, pieces.head[back]])
    head = np.concatenate([pieces.head, pieces.tail[back]])
    metres, seconds = np.concatenate([metres, metres[back]]), np.concatenate([seconds, seconds[back]])
    order = np.lexsort((metres, seconds, head, tail))
    tail, head, metres, seconds = tail[order], head[order], metres[order], seconds[order]
    first = np.ones(len(tail), dtype=bool)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    return tail[first], head[first], seconds[first], metres[first], int((~first).sum())


def _components(graph: csr_array) -> tuple[IntArray, IntArray]:
    """Parts numbered from the largest; ties by the lowest node."""
    _, label = connected_components(graph, directed=True, connection="strong")
    _, first, inverse, size = np.unique(label, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -size))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[inverse], size[order]
