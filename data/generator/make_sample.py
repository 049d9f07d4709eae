"""Make the simulated layers of the sample district: streets, buildings, places, cameras and 60,000 incidents.

Usage: python data/generator/make_sample.py [--out FOLDER] [--seed N] [--incidents N]

Everything follows from data/layers/areas.geojson and the seed, so the same call writes the same bytes. The method is told
in docs/methods/sample.md. Nothing here is measured: no street, building, camera, place or incident of it exists.
"""

import argparse
import gzip
import io
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

LAYERS = Path(__file__).resolve().parent.parent / "layers"
METRIC = "EPSG:4545"
SEED = 20231101
FIRST_DAY, DAYS = datetime(2023, 11, 1), 1096
ROADS = ("人民", "建设", "解放", "新华", "团结", "胜利", "和平", "光明", "幸福", "创业", "滨河", "桃园", "朝阳", "黄河")
ROADS_EN = (
    "Renmin", "Jianshe", "Jiefang", "Xinhua", "Tuanjie", "Shengli", "Heping", "Guangming", "Xingfu", "Chuangye", "Binhe",
    "Taoyuan", "Chaoyang", "Huanghe",
)  # fmt: skip


@dataclass(frozen=True)
class Category:
    """How often a category occurs, where it gathers, and when."""

    code: str
    share: float
    places: tuple[str, ...]
    spread_m: float
    hours: tuple[float, ...]
    weekend: float
    summer: float
    trend: float
    sources: tuple[str, ...]
    department: str


def _hours(*peaks: tuple[float, float, float]) -> tuple[float, ...]:
    """Weights of 24 hours: bumps of (hour, width, height) around the clock over a low floor."""
    clock = np.arange(24)
    total = np.full(24, 0.15)
    for hour, width, height in peaks:
        gap = np.minimum(np.abs(clock - hour), 24 - np.abs(clock - hour))
        total += height * np.exp(-0.5 * (gap / width) ** 2)
    return tuple(total / total.sum())


OFFICE = _hours((9.5, 2.0, 1.0), (15.5, 2.0, 0.9))
EVENING = _hours((20.0, 2.2, 1.0), (12.0, 1.5, 0.3))
NIGHT = _hours((1.5, 2.0, 1.0), (22.5, 1.8, 0.8))
COMMUTE = _hours((8.0, 1.2, 1.0), (18.0, 1.4, 1.0))
MARKET = _hours((7.5, 1.5, 1.0), (17.5, 1.8, 0.9))
HOME = _hours((19.0, 2.0, 1.0), (11.0, 2.5, 0.5))
CITIZEN, WORKER, POLICE, FIELD = ("12345", "grid"), ("grid", "inspection"), ("police", "12345"), ("inspection", "grid")

CATEGORIES = (
    Category("06010", 0.115, ("market", "homes"), 120, MARKET, 1.1, 0.35, 0.0, WORKER, "城市管理局"),
    Category("06012", 0.045, ("market", "streets"), 160, OFFICE, 0.9, 0.1, 0.0, WORKER, "城市管理局"),
    Category("06013", 0.040, ("streets",), 40, OFFICE, 0.8, 0.2, 0.1, CITIZEN, "住房和城乡建设局"),
    Category("06017", 0.020, ("homes",), 120, OFFICE, 0.9, 0.6, 0.0, WORKER, "城市管理局"),
    Category("06001", 0.018, ("homes",), 90, OFFICE, 0.7, 0.3, -0.1, CITIZEN, "城市管理局"),
    Category("09005", 0.050, ("market", "station"), 90, MARKET, 1.1, 0.3, 0.0, WORKER, "城市管理局"),
    Category("09006", 0.062, ("market", "school"), 80, MARKET, 1.2, 0.35, 0.0, WORKER, "城市管理局"),
    Category("09009", 0.095, ("school", "hospital", "market"), 90, COMMUTE, 0.8, 0.0, 0.2, CITIZEN, "公安分局"),
    Category("09010", 0.030, ("station", "school"), 70, COMMUTE, 0.9, 0.1, 0.1, WORKER, "城市管理局"),
    Category("09012", 0.030, ("homes",), 80, HOME, 1.1, 0.0, 0.0, CITIZEN, "消防救援大队"),
    Category("D01", 0.042, ("homes",), 60, HOME, 1.3, 0.15, 0.0, CITIZEN, "司法局"),
    Category("D03", 0.045, ("homes",), 70, OFFICE, 0.8, -0.1, 0.1, CITIZEN, "住房和城乡建设局"),
    Category("D04", 0.018, ("works",), 150, OFFICE, 0.4, -0.2, 0.0, CITIZEN, "人力资源和社会保障局"),
    Category("D05", 0.022, ("market",), 70, OFFICE, 1.1, 0.1, 0.0, CITIZEN, "市场监督管理局"),
    Category("D07", 0.018, ("works",), 300, NIGHT, 0.9, 0.3, -0.2, CITIZEN, "生态环境分局"),
    Category("P01", 0.012, ("homes",), 60, NIGHT, 0.9, 0.2, -0.2, POLICE, "公安分局"),
    Category("P02", 0.030, ("homes", "market", "school"), 60, EVENING, 1.0, 0.3, -0.1, POLICE, "公安分局"),
    Category("P03", 0.026, ("market", "station"), 60, MARKET, 1.2, 0.2, -0.1, POLICE, "公安分局"),
    Category("P05", 0.014, ("homes", "streets"), 70, NIGHT, 1.0, 0.2, -0.1, POLICE, "公安分局"),
    Category("P06", 0.016, ("market", "station"), 80, EVENING, 1.4, 0.5, 0.0, POLICE, "公安分局"),
    Category("P07", 0.014, ("market",), 70, NIGHT, 1.5, 0.5, 0.0, POLICE, "公安分局"),
    Category("F01", 0.034, ("market", "works"), 90, OFFICE, 0.5, -0.1, 0.0, FIELD, "消防救援大队"),
    Category("F02", 0.048, ("homes",), 60, EVENING, 1.1, 0.1, 0.3, FIELD, "消防救援大队"),
    Category("F03", 0.016, ("homes",), 60, OFFICE, 0.8, -0.4, 0.0, FIELD, "住房和城乡建设局"),
    Category("F04", 0.016, ("homes", "works"), 70, OFFICE, 0.8, 0.3, 0.0, FIELD, "应急管理局"),
    Category("F09", 0.030, ("homes",), 80, HOME, 1.0, -0.8, 0.0, CITIZEN, "住房和城乡建设局"),
    Category("R01", 0.006, ("rail",), 25, OFFICE, 0.7, 0.1, 0.0, FIELD, "铁路护路办"),
    Category("R04", 0.007, ("rail",), 60, OFFICE, 0.9, 0.2, 0.0, FIELD, "铁路护路办"),
    Category("R05", 0.006, ("rail",), 50, OFFICE, 0.8, 0.1, 0.0, FIELD, "铁路护路办"),
    Category("C02", 0.010, ("courier",), 10, OFFICE, 0.7, 0.0, 0.0, FIELD, "邮政管理局"),
    Category("C04", 0.008, ("courier",), 10, OFFICE, 0.7, 0.0, 0.0, FIELD, "邮政管理局"),
    Category("H02", 0.008, ("safe_harbour",), 10, OFFICE, 0.4, 0.0, 0.0, FIELD, "政法委"),
    Category("S01", 0.026, ("homes",), 100, OFFICE, 0.4, 0.0, 0.1, ("12345",), "政务服务局"),
    Category("S02", 0.040, ("homes",), 100, OFFICE, 0.7, -0.2, 0.1, ("12345",), "政务服务局"),
)
NEAR_REPEAT = {"P01", "P02", "P05", "06010", "09006", "F02"}
"""Categories in which one incident makes another nearby likelier for some weeks."""


def lines_of_grids(areas: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Simulated streets: borders of streets, communities and grids as main roads, a skewed lattice inside each grid."""
    of = {level: areas[(areas["level"] == level) & (areas["kind"] != "special")] for level in ("street", "community", "grid")}
    outer = shapely.boundary(shapely.union_all(of["street"].geometry.to_numpy()))
    border = {level: shapely.unary_union(shapely.boundary(of[level].geometry.to_numpy())) for level in of}
    lattice = [piece for shape in of["grid"].geometry for piece in _lattice(shape, rng)]
    # Snapping to half a metre nodes every crossing, so that a lattice line truly ends on the border it meets.
    noded = shapely.union_all([*border.values(), *lattice], grid_size=0.5)
    lines = shapely.get_parts(shapely.line_merge(noded))
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    kinds = np.full(len(lines), "residential", dtype=object)
    for kind, level in (("tertiary", "grid"), ("secondary", "community"), ("primary", "street")):
        kinds[shapely.dwithin(middle, border[level], 1.5)] = kind
    inland = ~shapely.dwithin(middle, outer, 1.5) & (shapely.length(lines) > 1.0)
    return _largest_part(gpd.GeoDataFrame({"kind": kinds[inland]}, geometry=lines[inland], crs=METRIC))


def _lattice(shape: shapely.Polygon, rng: np.random.Generator) -> list[shapely.Geometry]:
    box = shapely.minimum_rotated_rectangle(shape)
    corners = shapely.get_coordinates(box)[:4]
    found = []
    count = 1 if shape.area < 1.2e5 else 2 if shape.area < 5e5 else 3
    for start, along, across in ((0, 1, 3), (0, 3, 1)):
        a, b, c = corners[start], corners[along], corners[across]
        for step in range(1, count + 1):
            share = step / (count + 1) + rng.uniform(-0.06, 0.06)
            line = shapely.LineString([a + share * (c - a) - 0.2 * (b - a), b + share * (c - a) + 0.2 * (b - a)])
            found.append(line.intersection(shape))
    return [piece for piece in found if not piece.is_empty]


def _largest_part(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    ends = np.round(shapely.get_coordinates([shapely.get_point(line, k) for line in streets.geometry for k in (0, -1)]), 1)
    _, node = np.unique(ends, axis=0, return_inverse=True)
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    tail, head = node.reshape(-1, 2).T
    size = int(node.max()) + 1
    _, part = connected_components(coo_matrix((np.ones(len(tail)), (tail, head)), shape=(size, size)), directed=False)
    return streets[part[tail] == np.bincount(part).argmax()].reset_index(drop=True)


def name_streets(streets: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Invented names for main roads; small streets have none."""
    order = {"primary": "路", "secondary": "街"}
    number = rng.integers(0, len(ROADS), len(streets))
    side = rng.integers(0, 2, len(streets))
    sides, sides_en = ("北", "南"), ("North", "South")
    named = streets["kind"].isin(list(order)).to_numpy()
    return streets.assign(
        id=[f"S{i:05d}" for i in range(1, len(streets) + 1)],
        name_zh=[f"{ROADS[n]}{sides[s]}{order[k]}" if ok else "" for n, s, k, ok in zip(number, side, streets["kind"], named, strict=True)],
        name_en=[f"{ROADS_EN[n]} {sides_en[s]} {'Road' if k == 'primary' else 'Street'}" if ok else "" for n, s, k, ok in zip(number, side, streets["kind"], named, strict=True)],
        oneway=False,
    )  # fmt: skip


def rail_line(areas: gpd.GeoDataFrame) -> shapely.LineString:
    """A simulated railway from north to south."""
    left, bottom, right, top = areas.total_bounds
    share = np.linspace(0, 1, 30)
    x = left + (right - left) * (0.47 + 0.05 * np.sin(share * 4.0))
    line = shapely.LineString(np.column_stack([x, bottom + (top - bottom) * share]))
    return line.intersection(areas.loc[areas["level"] == "district"].geometry.iloc[0].buffer(-50))


def buildings_in_blocks(
    areas: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, rail: shapely.Geometry, rng: np.random.Generator, wanted: int
) -> gpd.GeoDataFrame:
    """Simulated footprints, in rows inside street blocks, more where more households live; none crosses a street."""
    grids = areas[(areas["level"] == "grid") & (areas["kind"] != "special")]
    blocks = shapely.get_parts(shapely.polygonize(streets.geometry.to_numpy()))
    centre = gpd.GeoDataFrame(geometry=shapely.point_on_surface(blocks), crs=METRIC)
    held = gpd.sjoin(centre, grids[["code", "households", "geometry"]], predicate="within").groupby(level=0).first()
    per_grid = held.groupby("code").size()
    street_of = held["code"].str[:9]
    shapes, kinds, heights = [], [], []
    clear = shapely.union_all([shapely.buffer(shapely.union_all(streets.geometry.to_numpy()), 8.0), rail.buffer(40.0)])
    shapely.prepare(clear)
    total = float(grids["households"].astype(float).sum())
    for row in held.itertuples():
        block = blocks[row.Index]
        works = street_of[row.Index] == "150304400"
        count = 10 if works else rng.poisson(1.6 * wanted * float(row.households) / total / per_grid[row.code])
        length, depth = (60.0, 30.0) if works else (rng.uniform(28, 46), 12.0)
        for shape in _rows_of_houses(block, count, length, depth, rng):
            if not shapely.intersects(clear, shape):
                shapes.append(shape)
                kinds.append("industrial" if works else rng.choice(["apartments", "commercial"], p=[0.87, 0.13]))
                heights.append(round(float(rng.choice([6, 9, 18, 33, 54], p=[0.1, 0.2, 0.45, 0.2, 0.05]) * (0.5 if works else 1)), 1))
    frame = gpd.GeoDataFrame({"kind": kinds, "height_m": heights}, geometry=shapes, crs=METRIC)
    frame.insert(0, "id", [f"B{i:05d}" for i in range(1, len(frame) + 1)])
    return frame


def _rows_of_houses(block: shapely.Polygon, count: int, length: float, depth: float, rng: np.random.Generator) -> list[shapely.Polygon]:
    inner = block.buffer(-12.0)
    if inner.is_empty or count == 0:
        return []
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(inner))
    if len(corners) < 4:
        return []
    edge = corners[1] - corners[0]
    angle = np.arctan2(edge[1], edge[0])
    turned = shapely.affinity.rotate(inner, -angle, origin=(0, 0), use_radians=True)
    left, bottom, right, top = turned.bounds
    step_x, step_y = length + 14.0, depth + 24.0
    xs, ys = np.arange(left, right - length, step_x), np.arange(bottom, top - depth, step_y)
    houses = [shapely.box(x, y, x + length, y + depth) for y in ys for x in xs]
    fitting = [house for house in houses if turned.covers(house)]
    # Neighbours stand together: a run of the row-wise order, from a chance start.
    start = int(rng.integers(0, max(len(fitting) - count, 0) + 1))
    return [shapely.affinity.rotate(house, angle, origin=(0, 0), use_radians=True) for house in fitting[start : start + count]]


PLACE_KINDS = (
    ("school", "学校", "School", 26), ("courier", "快递网点", "Courier Outlet", 64), ("safe_harbour", "平安港湾", "Safe Harbour", 18),
    ("hospital", "医院", "Hospital", 6), ("market", "市场", "Market", 14),
)  # fmt: skip


def make_places(areas: gpd.GeoDataFrame, houses: gpd.GeoDataFrame, rail: shapely.Geometry, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Simulated places at buildings, a depot in each street, and the station."""
    communities = areas[areas["level"] == "community"][["code", "name_zh", "name_en", "geometry"]]
    spots = gpd.GeoDataFrame(geometry=houses.centroid, crs=METRIC)
    spots = gpd.sjoin(spots, communities, predicate="within").groupby(level=0).first().join(spots.geometry.rename("point"))
    rows = []
    for kind, zh, en, count in PLACE_KINDS:
        chosen = spots.sample(count, random_state=rng)
        for number, (name, name_en, point) in enumerate(zip(chosen["name_zh"], chosen["name_en"], chosen["point"], strict=True), start=1):
            short, short_en = name.removesuffix("社区"), name_en.removesuffix(" Community")
            rows.append((kind, f"{short}示例{zh}{number}", f"{short_en} Sample {en} {number}", point))
    for street in areas[areas["level"] == "street"].itertuples():
        inside = spots[shapely.within(spots["point"].to_numpy(), street.geometry)]
        point = inside["point"].iloc[int(rng.integers(0, len(inside)))] if len(inside) else street.geometry.representative_point()
        rows.append(("depot", f"{street.name_zh}示例巡逻点", f"{street.name_en} Sample Patrol Post", point))
    rows.append(("station", "示例火车站", "Sample Railway Station", shapely.line_interpolate_point(rail, 0.4, normalized=True)))
    frame = gpd.GeoDataFrame(
        [(f"W{i:04d}", zh, en, kind, point) for i, (kind, zh, en, point) in enumerate(rows, start=1)],
        columns=["id", "name_zh", "name_en", "kind", "geometry"], geometry="geometry", crs=METRIC,
    )  # fmt: skip
    return frame


def make_cameras(streets: gpd.GeoDataFrame, houses: gpd.GeoDataFrame, rng: np.random.Generator, wanted: int) -> gpd.GeoDataFrame:
    """Simulated camera points at street corners where people live; one in three tells no direction."""
    ends = shapely.get_coordinates([shapely.get_point(line, k) for line in streets.geometry for k in (0, -1)])
    corner, inverse, degree = np.unique(np.round(ends, 1), axis=0, return_inverse=True, return_counts=True)
    near = shapely.STRtree(houses.centroid.to_numpy()).query(shapely.points(corner), predicate="dwithin", distance=200.0)[0]
    weight = np.bincount(near, minlength=len(corner)).astype(float) * (degree >= 3)
    chosen = np.sort(rng.choice(len(corner), size=min(wanted, int((weight > 0).sum())), replace=False, p=weight / weight.sum()))
    xy = corner[chosen] + rng.normal(0, 4.0, (len(chosen), 2))
    kinds = rng.choice(["fixed", "ptz", "dome", "unknown"], len(chosen), p=[0.55, 0.25, 0.15, 0.05])
    azimuth = np.where((rng.random(len(chosen)) < 2 / 3) & (kinds == "fixed"), rng.integers(0, 72, len(chosen)) * 5.0, np.nan)
    return gpd.GeoDataFrame(
        {
            "id": [f"V{i:04d}" for i in range(1, len(chosen) + 1)],
            "name": [f"示例点位{i}" for i in range(1, len(chosen) + 1)],
            "device_id": [f"1503040001132{0}{i:06d}" for i in range(1, len(chosen) + 1)],
            "camera_type": kinds,
            "azimuth": azimuth,
            "angle": np.where(kinds == "fixed", rng.choice([54.0, 72.0, 90.0], len(chosen)), np.nan),
            "range_m": rng.choice([40.0, 60.0, 80.0], len(chosen)),
            "height_m": rng.choice([3.5, 4.0, 6.0, 6.5], len(chosen)),
            "status": rng.choice(["online", "offline", "maintenance"], len(chosen), p=[0.965, 0.02, 0.015]),
            "purpose": rng.choice(["道路", "社区出入口", "重点场所"], len(chosen), p=[0.5, 0.35, 0.15]),
        },
        geometry=shapely.points(xy), crs=METRIC,
    )  # fmt: skip


def make_incidents(
    areas: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, houses: gpd.GeoDataFrame, places: gpd.GeoDataFrame,
    rail: shapely.Geometry, rng: np.random.Generator, wanted: int,
) -> pd.DataFrame:  # fmt: skip
    """Simulated incidents: clusters around places with Pareto weights, near repeats, daily, weekly and yearly rhythm."""
    anchors = _anchors(streets, houses, places, rail)
    weights = {kind: _pull(xy, rng) for kind, xy in anchors.items()}
    share = np.array([category.share for category in CATEGORIES])
    counts = rng.multinomial(wanted, share / share.sum())
    parts = [_of_category(c, n, anchors, weights, rng) for c, n in zip(CATEGORIES, counts, strict=True)]
    frame = pd.concat(parts, ignore_index=True)
    inside = areas.loc[areas["level"] == "district"].geometry.iloc[0].buffer(-5.0)
    points = shapely.points(frame["x"], frame["y"])
    lost = ~shapely.within(points, inside)
    points[lost] = shapely.get_point(shapely.shortest_line(points[lost], inside), 1)
    frame["geometry"] = points
    grids = areas[(areas["level"] == "grid") & (areas["kind"] != "special")][["code", "geometry"]].reset_index(drop=True)
    tree = shapely.STRtree(grids.geometry.to_numpy())
    code = grids["code"].to_numpy()[tree.nearest(points)]
    wrong = rng.random(len(frame)) < 0.02
    code[wrong] = rng.choice(grids["code"].to_numpy(), int(wrong.sum()))
    handled = rng.random(len(frame)) < 0.9984
    frame = frame.assign(
        scheme="wangge",
        declared_area=code,
        status=np.where(handled, "closed", "open"),
        found_by=np.where(frame["source"] == "inspection", "patrol", "report"),
    )
    frame = frame.sort_values(["occurred_at", "x"], kind="stable", ignore_index=True)
    frame.insert(0, "id", [f"E{i:06d}" for i in range(1, len(frame) + 1)])
    return frame


def _pull(xy: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """How much a place draws: Pareto between places, and more of everything towards three busy quarters."""
    quarters = np.array([[390_300.0, 4_375_400.0], [386_200.0, 4_375_900.0], [393_600.0, 4_373_000.0]])
    gap = np.sqrt(((xy[:, None, :] - quarters[None]) ** 2).sum(axis=2))
    busy = 0.12 + (np.array([1.0, 0.45, 0.35]) * np.exp(-0.5 * (gap / 1300.0) ** 2)).sum(axis=1)
    return (np.minimum(rng.pareto(1.8, len(xy)), 6.0) + 0.3) * busy


def _anchors(streets, houses, places, rail):  # noqa: ANN001, ANN202
    xy = {kind: np.column_stack([part.geometry.x, part.geometry.y]) for kind, part in places.groupby("kind")}
    homes, works = houses[houses["kind"] == "apartments"], houses[houses["kind"] == "industrial"]
    xy["homes"] = shapely.get_coordinates(homes.centroid.to_numpy())
    xy["works"] = shapely.get_coordinates(works.centroid.to_numpy())
    main = streets[streets["kind"] != "residential"].geometry.to_numpy()
    xy["streets"] = shapely.get_coordinates(shapely.line_interpolate_point(main, 0.5, normalized=True))
    xy["rail"] = shapely.get_coordinates(shapely.line_interpolate_point(rail, np.linspace(0.02, 0.98, 60), normalized=True))
    return xy


def _of_category(category: Category, count: int, anchors: dict, weights: dict, rng: np.random.Generator) -> pd.DataFrame:
    kinds = rng.choice(category.places, count)
    xy = np.empty((count, 2))
    for kind in sorted(set(category.places)):
        here = kinds == kind
        weight = weights[kind]
        pick = rng.choice(len(anchors[kind]), int(here.sum()), p=weight / weight.sum())
        xy[here] = anchors[kind][pick] + rng.normal(0, category.spread_m, (int(here.sum()), 2))
    at = _moments(category, count, rng)
    if category.code in NEAR_REPEAT:
        xy, at = _repeat_nearby(xy, at, rng)
    source = rng.choice(category.sources, count, p=_source_shares(len(category.sources)))
    return pd.DataFrame(
        {"x": xy[:, 0], "y": xy[:, 1], "occurred_at": at, "category": category.code, "source": source, "department": category.department}
    )  # fmt: skip


def _source_shares(count: int) -> list[float]:
    return [1.0] if count == 1 else [0.62, 0.38]


def _moments(category: Category, count: int, rng: np.random.Generator) -> np.ndarray:
    days = np.arange(DAYS)
    date = [FIRST_DAY + timedelta(days=int(day)) for day in days]
    weekday = np.array([day.weekday() for day in date])
    season = 1.0 + category.summer * np.cos(2 * np.pi * (np.array([day.timetuple().tm_yday for day in date]) - 200) / 365.25)
    weight = season * np.where(weekday >= 5, category.weekend, 1.0) * (1.0 + category.trend * days / DAYS)
    day = rng.choice(days, count, p=np.maximum(weight, 0.05) / np.maximum(weight, 0.05).sum())
    hour = rng.choice(24, count, p=category.hours)
    minute = rng.integers(0, 60, count)
    return np.datetime64(FIRST_DAY, "m") + (day * 1440 + hour * 60 + minute).astype("timedelta64[m]")


def _repeat_nearby(xy: np.ndarray, at: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A fifth of the incidents move to within a short walk and some days of an earlier one, at the same time of day."""
    order = np.argsort(at)
    xy, at = xy[order].copy(), at[order].copy()
    child = np.flatnonzero(rng.random(len(at)) < 0.2)
    child = child[child > 0]
    parent = (child * rng.random(len(child))).astype(int)
    moved = at[parent] + (np.ceil(rng.exponential(9.0, len(child))).astype(int) * 1440).astype("timedelta64[m]")
    inside = moved < np.datetime64(FIRST_DAY, "m") + np.timedelta64(DAYS * 1440, "m")
    at[child[inside]] = moved[inside]
    xy[child[inside]] = xy[parent[inside]] + rng.normal(0, 55.0, (int(inside.sum()), 2))
    return xy, at


def degrees(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The same in WGS-84, to a decimetre."""
    moved = frame.to_crs("EPSG:4326")
    return moved.set_geometry(shapely.transform(moved.geometry.to_numpy(), lambda c: np.round(c, 6)), crs="EPSG:4326")


def write_lines(frame: gpd.GeoDataFrame, path: Path) -> None:
    """GeoJSON, one feature a line, the same bytes for the same table."""
    names = [name for name in frame.columns if name != "geometry"]
    rows = []
    for values, shape in zip(frame[names].itertuples(index=False), frame.geometry, strict=True):
        properties = {name: _plain(value) for name, value in zip(names, values, strict=True)}
        rows.append(json.dumps({"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shape)}, ensure_ascii=False, separators=(",", ":")))
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(rows) + "\n]}\n"
    path.write_text(text, "utf-8")


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value


def write_points(frame: gpd.GeoDataFrame, path: Path) -> None:
    """CSV with lon and lat, gzipped without a time stamp when the name asks for it."""
    placed = degrees(frame)
    table = pd.DataFrame(placed.drop(columns="geometry")).assign(lon=placed.geometry.x, lat=placed.geometry.y)
    text = io.StringIO()
    table.to_csv(text, index=False, float_format="%.10g", lineterminator="\n", date_format="%Y-%m-%d %H:%M")
    data = text.getvalue().encode("utf-8")
    path.write_bytes(gzip.compress(data, 9, mtime=0) if path.suffix == ".gz" else data)


def build(out: Path, *, seed: int = SEED, incidents: int = 60_000) -> None:
    """Write every simulated layer into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    areas = gpd.read_file(LAYERS / "areas.geojson").to_crs(METRIC)
    rng = np.random.default_rng(seed)
    streets = name_streets(lines_of_grids(areas, rng), rng)
    rail = rail_line(areas)
    houses = buildings_in_blocks(areas, streets, rail, rng, 6000)
    places = make_places(areas, houses, rail, rng)
    cameras = make_cameras(streets, houses, rng, 800)
    happened = make_incidents(areas, streets, houses, places, rail, rng, incidents)
    track = gpd.GeoDataFrame(
        {"kind": ["rail"], "id": ["S99999"], "name_zh": ["示例铁路"], "name_en": ["Sample Railway"], "oneway": [False]},
        geometry=[rail], crs=METRIC,
    )  # fmt: skip
    both = pd.concat([streets, track], ignore_index=True)[["id", "name_zh", "name_en", "kind", "oneway", "geometry"]]
    write_lines(degrees(both), out / "streets.geojson")
    write_lines(degrees(houses), out / "buildings.geojson")
    write_points(places, out / "places.csv")
    write_points(cameras, out / "cameras.csv")
    columns = ["id", "occurred_at", "scheme", "category", "source", "found_by", "department", "status", "declared_area", "geometry"]
    write_points(gpd.GeoDataFrame(happened[columns], geometry="geometry", crs=METRIC), out / "incidents.csv.gz")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=LAYERS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--incidents", type=int, default=60_000)
    asked = parser.parse_args()
    build(asked.out, seed=asked.seed, incidents=asked.incidents)
