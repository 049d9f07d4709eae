"""A simulated street network: arterials between communities, streets that divide the built-up patches, roads to the rest.

The network is planar and noded: lines meet at shared vertices only. It never copies a real street.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import Delaunay
from shapely.ops import split

from wuda.ground import METRIC, Ground
from wuda.names import road_names, short
from wuda.write import DECIMALS

SNAP_M = 0.2
"""Precision of crossings before the last noding."""
TO_DEGREES = pyproj.Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True)
CROSSES_RAIL = ("primary", "secondary", "tertiary", "unclassified")
RAIL_GAP_M = 22.0

KIND_BY_BLOCK = ((3.5e5, "tertiary"), (6e4, "residential"), (0.0, "service"))
"""The kind of a street by the area in m2 of the block that it divides: what divides much was there first."""


@dataclass(frozen=True)
class Line:
    """One street before noding."""

    kind: str
    geometry: shapely.LineString


def make_streets(ground: Ground, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """The street network, one row a segment between two junctions, and the railway as the last row.

    Returns
    -------
    streets
        id, name_zh, name_en, kind, oneway, geometry in EPSG:4545. One connected component without the railway.
    """
    lines = _arterials(ground, rng)
    lines += _divisions(ground, lines, rng)
    lines = _nod(lines)
    lines = _nod(lines + _links(lines))
    lines += _spurs(ground, lines, rng)
    lines = _nod(_clear_of_rail(_nod(lines), ground.rail))
    streets = _largest_component(_segments(lines))
    streets = _named(streets, ground)
    rail = gpd.GeoDataFrame(
        {"name_zh": ["乌达线(模拟)"], "name_en": ["Wuda Line (simulated)"], "kind": ["rail"]},
        geometry=[ground.rail],
        crs=METRIC,
    )
    both = pd.concat([streets, rail], ignore_index=True)
    both["id"] = [f"S{number:05d}" for number in range(1, len(both))] + ["R00001"]
    return both.assign(oneway=False)[["id", "name_zh", "name_en", "kind", "oneway", "geometry"]]


def _arterials(ground: Ground, rng: np.random.Generator) -> list[Line]:
    """Gabriel graph of the community centres; its minimum spanning tree is primary, the rest secondary."""
    xy = ground.centres[["x", "y"]].to_numpy()
    pairs = _gabriel_pairs(xy)
    length = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    tree = minimum_spanning_tree(coo_matrix((length, pairs.T), shape=(len(xy), len(xy)))).tocoo()
    trunk = {frozenset(pair) for pair in zip(tree.row.tolist(), tree.col.tolist(), strict=True)}
    lines = []
    for (a, b), metres in zip(pairs.tolist(), length.tolist(), strict=True):
        primary = frozenset((a, b)) in trunk
        if primary or metres < 6_500:
            bent = _bend(xy[a], xy[b], rng, strength=0.05 if metres > 2_500 else 0.0)
            lines.append(Line("primary" if primary else "secondary", bent.intersection(ground.inside)))
    return lines


def _gabriel_pairs(xy: np.ndarray) -> np.ndarray:
    triangles = Delaunay(xy).simplices
    pairs = np.unique(
        np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]]), axis=1), axis=0
    )
    middle, radius = xy[pairs].mean(axis=1), np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T) / 2
    gap = np.hypot(*(middle[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    return pairs[(gap >= radius[:, None] * (1 - 1e-9)).all(axis=1)]


def _bend(a: np.ndarray, b: np.ndarray, rng: np.random.Generator, *, strength: float) -> shapely.LineString:
    """A line from a to b that swings to one side by ``strength`` of its length, with a second smaller wave."""
    share = np.linspace(0, 1, 13 if strength else 2)
    across = np.array([a[1] - b[1], b[0] - a[0]])
    swing = rng.normal(0, strength) * np.sin(np.pi * share) + rng.normal(0, strength / 3) * np.sin(2 * np.pi * share)
    return shapely.LineString(a + share[:, None] * (b - a) + swing[:, None] * across)


def _divisions(ground: Ground, arterials: list[Line], rng: np.random.Generator) -> list[Line]:
    """Streets that divide each built-up patch, and the road around it."""
    through = [line.geometry for line in arterials]
    lines = []
    for patch, works in [(p, False) for p in ground.towns] + [(p, True) for p in ground.works]:
        ring = shapely.LineString(patch.exterior)
        lines.append(Line("secondary" if works or patch.area > 5e6 else "tertiary", ring))
        noded = shapely.union_all(
            [ring, *(shapely.intersection(line, patch.buffer(1.0)) for line in through)], grid_size=SNAP_M
        )
        for face in shapely.get_parts(shapely.polygonize([noded])):
            for block in shapely.get_parts(face):
                _divide(block, _block_area(ground, works), rng, lines)
    return lines


def _block_area(ground: Ground, works: bool) -> Callable[[shapely.Point], float]:
    """Wanted block area in m2 at a point: small where many live, 6 ha on industrial sites."""

    def wanted(point: shapely.Point) -> float:
        if works:
            return 60_000.0
        dense = max(float(ground.households_per_km2(np.array([[point.x, point.y]]))[0]), 100.0)
        return float(np.clip(15_000.0 * (4_000.0 / dense) ** 0.6, 9_000.0, 45_000.0))

    return wanted


def _divide(
    block: shapely.Polygon, wanted: Callable[[shapely.Point], float], rng: np.random.Generator, lines: list[Line]
) -> None:
    """Cut a block across its longer side until its parts have the wanted area; each cut is a street."""
    waiting = [block]
    while waiting:
        face = waiting.pop()
        box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(face))
        sides = np.hypot(*np.diff(box[:3], axis=0).T) if len(box) == 5 else np.zeros(2)
        if sides.min() < 75.0 or face.area < wanted(face.centroid) * rng.uniform(1.1, 1.7):
            continue
        cut = _cut(face, box, int(sides.argmax()), rng)
        parts = [part for part in split(face, cut).geoms if part.area > 1.0]
        if len(parts) < 2:
            continue
        kind = next(kind for least, kind in KIND_BY_BLOCK if face.area >= least)
        lines += [Line(kind, piece) for piece in shapely.get_parts(cut.intersection(face)) if piece.length > 5.0]
        waiting += parts


def _cut(face: shapely.Polygon, box: np.ndarray, longer: int, rng: np.random.Generator) -> shapely.LineString:
    """A line across the longer side near its middle, drawn to a corner of the block when one is close to it.

    The corner is where another street already meets, so the two make one crossing of four arms.
    """
    start, end, other = box[longer], box[longer + 1], box[(longer + 2) % 4]
    along, across = end - start, other - end
    share = rng.uniform(0.42, 0.58)
    corners = shapely.get_coordinates(face)[:-1]
    shares = (corners - start) @ along / (along @ along)
    near = np.abs(shares - share)
    if near.min() < 0.13:
        share = float(shares[near.argmin()])
    foot = start + share * along
    return shapely.LineString([foot - 0.05 * across, foot + 1.05 * across])


def _nod(lines: list[Line]) -> list[Line]:
    """The same streets cut at every crossing, each piece with the kind of the widest street that it lies on."""
    rank = {"primary": 0, "secondary": 1, "tertiary": 2, "unclassified": 3, "residential": 4, "service": 5}
    # On the grid of degrees that the file is written in: rounding after noding would make new crossings.
    degrees = shapely.union_all([_degrees(line.geometry) for line in lines], grid_size=10.0**-DECIMALS)
    noded = [_metres(part) for part in shapely.get_parts(degrees)]
    middle = shapely.line_interpolate_point(noded, 0.5, normalized=True)
    tree = shapely.STRtree([line.geometry for line in lines])
    piece, line = tree.query(middle, predicate="dwithin", distance=3 * SNAP_M)
    kind = np.full(len(noded), 5)
    np.minimum.at(kind, piece, [rank[lines[at].kind] for at in line])
    names = list(rank)
    return [Line(names[k], geometry) for k, geometry in zip(kind.tolist(), noded, strict=True)]


def _degrees(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda xy: np.column_stack(TO_DEGREES.transform(*xy.T)))


def _metres(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda xy: np.column_stack(TO_DEGREES.transform(*xy.T, direction="INVERSE")))


def _links(lines: list[Line]) -> list[Line]:
    """The shortest road from every part of the network that hangs on nothing to the rest."""
    parts = [shapely.union_all(part) for part in _parts([line.geometry for line in lines])]
    parts.sort(key=lambda part: -part.length)
    whole, found = parts[0], []
    for part in parts[1:]:
        road = shapely.shortest_line(whole, part)
        whole = shapely.union_all([whole, part, road])
        found.append(Line("unclassified", road))
    return found


def _parts(shapes: list[shapely.LineString]) -> list[list[shapely.LineString]]:
    _, part = connected_components(_graph(shapes), directed=False)
    tail = _nodes(shapes)[:, 0]
    return [[shapes[i] for i in np.flatnonzero(part[tail] == k)] for k in np.unique(part[tail])]


def _nodes(shapes: list[shapely.LineString]) -> np.ndarray:
    ends = shapely.get_coordinates([shapely.get_point(line, end) for line in shapes for end in (0, -1)])
    _, node = np.unique(np.round(ends, 2), axis=0, return_inverse=True)
    return node.reshape(-1, 2)


def _graph(shapes: list[shapely.LineString]) -> coo_matrix:
    tail, head = _nodes(shapes).T
    size = int(max(tail.max(), head.max())) + 1
    return coo_matrix((np.ones(len(tail)), (tail, head)), shape=(size, size))


def _spurs(ground: Ground, lines: list[Line], rng: np.random.Generator) -> list[Line]:
    """A bent country road into every grid whose middle lies more than a kilometre from any street."""
    tree = shapely.STRtree([line.geometry for line in lines])
    found = []
    for goal in shapely.point_on_surface(ground.grids.geometry.to_numpy()):
        start = shapely.get_point(shapely.shortest_line(lines[tree.nearest(goal)].geometry, goal), 0)
        if start.distance(goal) > 1_000.0:
            bent = _bend(shapely.get_coordinates(start)[0], shapely.get_coordinates(goal)[0], rng, strength=0.04)
            found.append(Line("unclassified", bent))
    return found


def _clear_of_rail(lines: list[Line], rail: shapely.LineString) -> list[Line]:
    """Small streets end before the railway; only main roads cross it."""
    strip = rail.buffer(RAIL_GAP_M)
    found = []
    for line in lines:
        shape = line.geometry if line.kind in CROSSES_RAIL else shapely.difference(line.geometry, strip)
        found += [Line(line.kind, part) for part in shapely.get_parts(shape) if part.length > 1.0]
    return found


def _segments(lines: list[Line]) -> gpd.GeoDataFrame:
    """Pieces of one kind joined where no third street meets, with ends on the snapping grid."""
    frame = gpd.GeoDataFrame(
        {"kind": [line.kind for line in lines]}, geometry=[line.geometry for line in lines], crs=METRIC
    )
    joined = []
    for kind, part in frame.groupby("kind"):
        merged = shapely.line_merge(shapely.multilinestrings(part.geometry.to_numpy()))
        joined.append(
            gpd.GeoDataFrame(
                {"kind": kind},
                index=range(len(shapely.get_parts(merged))),
                geometry=shapely.get_parts(merged),
                crs=METRIC,
            )
        )
    # Merging within a kind runs through crossings with other kinds; noding once more cuts there again.
    return _split_at_junctions(pd.concat(joined, ignore_index=True))


def _split_at_junctions(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Lines cut at each vertex that another line has too; a road that runs through a crossing has it as its own vertex."""
    vertices = np.round(shapely.get_coordinates(frame.geometry.to_numpy()), 2)
    point, times = np.unique(vertices, axis=0, return_counts=True)
    node = set(map(tuple, point[times > 1]))
    kinds, shapes = [], []
    for kind, line in zip(frame["kind"], frame.geometry, strict=True):
        xy = shapely.get_coordinates(line)
        stops = [0] + [i for i in range(1, len(xy) - 1) if tuple(np.round(xy[i], 2)) in node] + [len(xy) - 1]
        for first, last in pairwise(stops):
            kinds.append(kind)
            shapes.append(shapely.LineString(xy[first : last + 1]))
    return gpd.GeoDataFrame({"kind": kinds}, geometry=shapes, crs=METRIC)


def _largest_component(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = streets.geometry.to_list()
    _, part = connected_components(_graph(shapes), directed=False)
    mine = part[_nodes(shapes)[:, 0]]
    return streets[mine == np.bincount(mine).argmax()].reset_index(drop=True)


def _named(streets: gpd.GeoDataFrame, ground: Ground) -> gpd.GeoDataFrame:
    """Names for whole roads: straight runs of one kind share one; lanes are numbered in their community."""
    zh, en = np.full(len(streets), "", dtype=object), np.full(len(streets), "", dtype=object)
    main = np.flatnonzero(streets["kind"].isin(["primary", "secondary", "tertiary"]))
    runs = _runs(streets, main)
    longest = sorted(runs, key=lambda run: -streets.geometry.iloc[run].length.sum())
    flat = [_east_west(streets.geometry.iloc[run]) for run in longest]
    for run, (name_zh, name_en) in zip(longest, road_names(len(longest), east_west=flat), strict=True):
        if streets.geometry.iloc[run].length.sum() > 120.0:
            zh[run], en[run] = name_zh, name_en
    communities = ground.level("community")
    lanes = _runs(streets, np.flatnonzero(streets["kind"] == "residential"))
    middle = [shapely.line_interpolate_point(streets.geometry.iloc[run[0]], 0.5, normalized=True) for run in lanes]
    home = shapely.STRtree(communities.geometry.to_numpy()).nearest(middle)
    number = dict.fromkeys(range(len(communities)), 0)
    for run, at in zip(lanes, home.tolist(), strict=True):
        number[at] += 1
        lane_zh, lane_en = short(communities["name_zh"].iloc[at], communities["name_en"].iloc[at])
        zh[run], en[run] = f"{lane_zh}{number[at]}巷", f"{lane_en} Lane {number[at]}"
    return streets.assign(name_zh=zh, name_en=en)


def _runs(streets: gpd.GeoDataFrame, rows: np.ndarray) -> list[list[int]]:
    """Rows that carry on into each other within 25 degrees, as lists; each row in exactly one."""
    arms: dict[tuple[float, float], list[tuple[int, float]]] = {}
    for row in rows.tolist():
        xy = shapely.get_coordinates(streets.geometry.iloc[row])
        for here, there in ((xy[0], xy[1]), (xy[-1], xy[-2])):
            arms.setdefault(tuple(np.round(here, 2)), []).append(
                (row, float(np.arctan2(there[1] - here[1], there[0] - here[0])))
            )
    group = {row: row for row in rows.tolist()}

    def root(row: int) -> int:
        while group[row] != row:
            row = group[row]
        return row

    for meeting in arms.values():
        pairs = sorted(
            (abs(np.pi - abs((a[1] - b[1] + np.pi) % (2 * np.pi) - np.pi)), a[0], b[0])
            for i, a in enumerate(meeting)
            for b in meeting[i + 1 :]
        )
        used: set[int] = set()
        for turn, a, b in pairs:
            if turn < np.radians(25) and not {a, b} & used and streets["kind"].iloc[a] == streets["kind"].iloc[b]:
                used |= {a, b}
                group[root(a)] = root(b)
    found: dict[int, list[int]] = {}
    for row in rows.tolist():
        found.setdefault(root(row), []).append(row)
    return list(found.values())


def _east_west(lines: gpd.GeoSeries) -> bool:
    left, bottom, right, top = lines.total_bounds
    return bool(right - left >= top - bottom)
