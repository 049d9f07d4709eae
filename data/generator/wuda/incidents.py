"""Simulated incidents: a cluster process around anchors with heavy-tailed weights, near repeats, and rhythms of day, week, year.

It makes places and times only: no person, no text of a report. The assumptions stand in ``incident_kinds``.
"""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from wuda.addresses import Addresses
from wuda.ground import METRIC, Ground
from wuda.incident_kinds import HOLIDAYS, HOURS, INTERVAL, KINDS, PATROL_SOURCES, SEASONS, SOURCES, Kind

FIRST_DAY, DAYS = np.datetime64("2023-11-01"), 1096
"""Three years, to 2026-10-31."""
TAIL, CAP = 1.3, 3.0
"""Pareto exponent of the anchors' weights, and the largest weight: some places hold much, none holds all."""
FEW = 100
"""Kinds with fewer anchors than this feel a busy quarter by the root."""
BACKGROUND = 0.12
"""Share of incidents that lie anywhere along the streets."""
REPEAT_DAYS, REPEAT_M = 6.0, 65.0
"""Mean delay and mean distance of a near repeat."""
HANDLED, WRONG_GRID = 0.9984, 0.02
REPORT_HOURS = {"12345": 2.5, "grid": 0.35, "inspection": 0.05, "police": 0.5, "camera": 0.05, "department": 20.0}
"""Median delay from the incident to its report."""


@dataclass(frozen=True)
class World:
    """What incidents gather around."""

    ground: Ground
    streets: gpd.GeoDataFrame
    houses: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    cameras: gpd.GeoDataFrame
    sites: np.ndarray
    """Construction sites, shape (n, 4): x, y in m, first and last day since FIRST_DAY."""

    @cached_property
    def roads(self) -> np.ndarray:
        """Lines of the streets that one walks."""
        return self.streets.geometry[self.streets["kind"] != "rail"].to_numpy()

    @cached_property
    def walls(self) -> np.ndarray:
        """Footprints."""
        return self.houses.geometry.to_numpy()

    @cached_property
    def anchors(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Kind of anchor to positions (n, 2) and sizes (n,)."""
        found = {kind: _equal(part.geometry.to_numpy()) for kind, part in self.places.groupby("kind")}
        middle = shapely.get_coordinates(shapely.centroid(self.walls))
        flats = self.houses["kind"].isin(["apartments", "house"]).to_numpy()
        # Households of a house: floor area over 100 m2, floors of three metres.
        homes = shapely.area(self.walls) * np.maximum(self.houses["height_m"].to_numpy() / 3.0, 1.0) / 100.0
        found["homes"] = (middle[flats], np.sqrt(homes[flats]))
        works = (self.houses["kind"] == "industrial").to_numpy()
        found["works"] = (middle[works], np.ones(works.sum()))
        found["streets"] = self._along_streets()
        found["sites"] = (self.sites[:, :2], np.ones(len(self.sites)))
        found["rail"] = _equal(
            shapely.line_interpolate_point(self.ground.rail, np.linspace(0.03, 0.97, 48), normalized=True)
        )
        crossing = shapely.get_parts(shapely.intersection(self.ground.rail, shapely.union_all(self.roads)))
        found["crossings"] = _equal(crossing)
        mine = self.ground.works[1]
        found["mine"] = _equal(shapely.points(shapely.get_coordinates(mine.buffer(400.0).simplify(200.0))))
        east = shapely.line_interpolate_point(self._river(), np.linspace(0.1, 0.9, 15), normalized=True)
        found["river"] = _equal(east)
        found["cameras"] = _equal(self.cameras.geometry.to_numpy())
        return found

    def _along_streets(self) -> tuple[np.ndarray, np.ndarray]:
        rows = self.streets[self.streets["kind"] != "rail"]
        middle = shapely.get_coordinates(shapely.line_interpolate_point(rows.geometry.to_numpy(), 0.5, normalized=True))
        wide = rows["kind"].map({"primary": 3.0, "secondary": 2.5, "tertiary": 1.8}).fillna(1.0).to_numpy()
        busy = np.sqrt(self.ground.households_per_km2(middle) + 100.0)
        return middle, wide * busy * np.minimum(rows.length.to_numpy(), 300.0)

    def _river(self) -> shapely.LineString:
        """The eastern border of the district, where its river is imagined."""
        xy = shapely.get_coordinates(self.ground.inside)
        return shapely.LineString(xy[xy[:, 0] > 391_900][np.argsort(xy[xy[:, 0] > 391_900][:, 1])])


def _equal(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return shapely.get_coordinates(points), np.ones(len(points))


def make_sites(ground: Ground, rng: np.random.Generator, count: int = 26) -> np.ndarray:
    """Construction sites in the built-up patches: x, y, first and last day since FIRST_DAY."""
    left, bottom, right, top = shapely.union_all(ground.towns).bounds
    towns = shapely.union_all([*ground.towns, ground.works[0]])
    xy = rng.uniform((left, bottom), (right, top), (60 * count, 2))
    xy = xy[shapely.contains_xy(towns, xy)][:count]
    start = rng.integers(-120, DAYS - 60, count)
    return np.column_stack([xy, start, start + rng.integers(120, 420, count)])


def make_quarters(ground: Ground, rng: np.random.Generator, count: int = 3) -> np.ndarray:
    """Busy quarters, wider than a grid: x, y, width in m, and how many times more happens in their middle."""
    seeds = shapely.get_coordinates(ground.grids["dwelling"].to_numpy())
    dense = ground.households_per_km2(seeds)
    chosen = rng.choice(len(seeds), count, replace=False, p=dense**2 / (dense**2).sum())
    return np.column_stack([seeds[chosen], rng.uniform(450, 650, count), rng.uniform(6.0, 12.0, count)])


def _busy(quarters: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """How many times busier each anchor is; by the root for kinds with few anchors, lest one market be the whole list."""
    square = ((xy[:, None, :] - quarters[None, :, :2]) ** 2).sum(axis=2)
    busy = 1.0 + (quarters[:, 3] * np.exp(-0.5 * square / quarters[:, 2] ** 2)).sum(axis=1)
    return np.sqrt(busy) if len(xy) < FEW else busy


def make_incidents(world: World, rng: np.random.Generator, *, wanted: int) -> gpd.GeoDataFrame:
    """The incidents in order of time, EPSG:4545 metres; exactly ``wanted`` rows."""
    share = np.array([kind.share for kind in KINDS])
    counts = rng.multinomial(wanted, share / share.sum())
    quarters = make_quarters(world.ground, rng)
    common = {
        name: np.minimum(rng.pareto(TAIL, len(xy)) + 0.2, CAP) * _busy(quarters, xy)
        for name, (xy, _) in sorted(world.anchors.items())
    }
    weather = rng.gamma(20.0, 1 / 20.0, DAYS)
    parts = [
        _of_kind(world, kind, int(count), common, weather, rng)
        for kind, count in zip(KINDS, counts, strict=True)
        if count
    ]
    frame = pd.concat(parts, ignore_index=True).sort_values(["at", "x", "y"], kind="stable", ignore_index=True)
    return _filed(world, frame, rng)


def _of_kind(
    world: World, kind: Kind, count: int, common: dict[str, np.ndarray], weather: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Incidents of one category: parents around anchors, then their near repeats, drawn to streets or walls."""
    repeats = round(count * kind.repeat)
    day = rng.choice(DAYS, count - repeats, p=_day_weights(kind, weather, rng))
    hour = rng.choice(24, count - repeats, p=np.array(HOURS[kind.hours]))
    xy = _around_anchors(world, kind, day, common, rng)
    minute = day * 1440 + hour * 60 + rng.integers(0, 60, len(day))
    xy, minute, generation = _repeated(xy, minute, repeats, rng)
    names = list(SOURCES[kind.source])
    source = rng.choice(names, count, p=np.array(list(SOURCES[kind.source].values())))
    return pd.DataFrame(
        {
            "code": kind.code,
            "department": kind.department,
            "at": _in_office_hours(minute, source, rng),
            "source": source,
        }
        | dict(zip(("x", "y"), _snapped(world, kind, xy, rng).T, strict=True))
        | {"generation": generation}
    )


def _day_weights(kind: Kind, weather: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Chance of each day: season, weekday, holiday, trend and the common weather of days; bursts keep few days only."""
    day = FIRST_DAY + np.arange(DAYS)
    month = day.astype("datetime64[M]").astype(int) % 12
    weekday = (day.astype(int) + 3) % 7
    weight = np.array(SEASONS[kind.season])[month] * weather * (1 + kind.trend * np.arange(DAYS) / DAYS)
    off = np.isin(day, [np.datetime64(first) + i for first, length in HOLIDAYS for i in range(length)])
    weight = weight * np.where(off, kind.holiday, np.where(weekday >= 5, kind.weekend, 1.0))
    if kind.bursts:
        kept = rng.choice(DAYS, kind.bursts, replace=False, p=weight / weight.sum())
        strength = np.zeros(DAYS)
        strength[kept] = rng.gamma(2.0, 1.0, kind.bursts)
        weight = weight * strength
    return weight / weight.sum()


def _around_anchors(
    world: World, kind: Kind, day: np.ndarray, common: dict[str, np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    """Points around anchors chosen by size x Pareto weight; a share lies anywhere along the streets."""
    names = list(kind.anchors)
    weight = np.array(list(kind.anchors.values()))
    which = rng.choice(len(names), len(day), p=weight / weight.sum())
    xy = np.empty((len(day), 2))
    for at, name in enumerate(names):
        here = np.flatnonzero(which == at)
        positions, size = world.anchors[name]
        own = np.minimum(rng.pareto(2.5, len(size)) + 0.6, 4.0)
        chance = size * common[name] * own
        if name == "sites":
            pick = _open_sites(world.sites, chance, day[here], rng)
        else:
            pick = rng.choice(len(size), len(here), p=chance / chance.sum())
        xy[here] = positions[pick] + _scatter(len(here), kind.spread_m, rng)
    if kind.snap != "rail" and kind.spread_m > 20.0:
        spread = rng.random(len(day)) < BACKGROUND
        positions, size = world.anchors["streets"]
        pick = rng.choice(len(size), int(spread.sum()), p=size / size.sum())
        xy[spread] = positions[pick] + _scatter(int(spread.sum()), 80.0, rng)
    return xy


def _open_sites(sites: np.ndarray, chance: np.ndarray, day: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A construction site that is open on each day; the nearest in time where none is."""
    gap = np.maximum(sites[None, :, 2] - day[:, None], day[:, None] - sites[None, :, 3])
    weight = np.where(gap <= 0, chance[None, :], 0.0)
    none = weight.sum(axis=1) == 0
    weight[none, gap[none].argmin(axis=1)] = 1.0
    total = np.cumsum(weight, axis=1)
    return (rng.random(len(day))[:, None] * total[:, -1:] < total).argmax(axis=1)


def _scatter(count: int, mean_m: float, rng: np.random.Generator) -> np.ndarray:
    """Steps in any direction with exponential length."""
    turn, length = rng.uniform(0, 2 * np.pi, count), rng.exponential(mean_m, count)
    return np.column_stack([length * np.cos(turn), length * np.sin(turn)])


def _repeated(
    xy: np.ndarray, minute: np.ndarray, repeats: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Parents with their near repeats: some days later, a short walk away, about the same hour; repeats may repeat.

    A repeat that would fall after the last day is drawn again from another parent.
    """
    generation = np.zeros(len(xy), dtype=int)
    while repeats:
        parent = rng.integers(0, len(xy), repeats)
        later = (1 + rng.exponential(REPEAT_DAYS - 0.5, repeats)).astype(int) * 1440 + rng.normal(
            0, 75, repeats
        ).astype(int)
        moment = minute[parent] + later
        point = xy[parent] + _scatter(repeats, REPEAT_M, rng)
        good = moment < DAYS * 1440
        xy, minute = np.concatenate([xy, point[good]]), np.concatenate([minute, moment[good]])
        generation = np.concatenate([generation, generation[parent[good]] + 1])
        repeats = int((~good).sum())
    return xy, minute, generation


def _snapped(world: World, kind: Kind, xy: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Points on the nearest street or at the nearest wall; along the railway they stay where they are."""
    points = shapely.points(xy)
    if kind.snap == "rail":
        return _inside(world, points)
    targets = world.roads if kind.snap == "street" else world.walls
    near = targets[shapely.STRtree(targets).nearest(points)]
    foot = shapely.get_coordinates(shapely.get_point(shapely.shortest_line(near, points), 0))
    if kind.snap == "street":
        foot = foot + rng.normal(0, 2.5, foot.shape)
    return _inside(world, shapely.points(foot))


def _inside(world: World, points: np.ndarray) -> np.ndarray:
    inner = world.ground.outline.buffer(-8.0)
    out = ~shapely.contains(inner, points)
    points = points.copy()
    points[out] = shapely.get_point(shapely.shortest_line(np.full(out.sum(), inner), points[out]), 0)
    return shapely.get_coordinates(points)


def _in_office_hours(minute: np.ndarray, source: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Inspections and departments find in office hours whatever happens at night; callers round to five minutes."""
    minute = minute.copy()
    office = np.isin(source, ["inspection", "department"])
    hour = rng.choice(24, int(office.sum()), p=np.array(HOURS["office"]))
    minute[office] = minute[office] // 1440 * 1440 + hour * 60 + rng.integers(0, 60, int(office.sum()))
    rounded = (source == "12345") & (rng.random(len(minute)) < 0.4)
    minute[rounded] = minute[rounded] // 5 * 5
    return minute


def _filed(world: World, frame: pd.DataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Everything that a case file adds to place and time: id, grid as declared, status, address, time of the report."""
    count = len(frame)
    points = shapely.points(frame["x"], frame["y"])
    at = FIRST_DAY.astype("datetime64[m]") + frame["at"].to_numpy().astype("timedelta64[m]")
    until = np.where(
        frame["code"].isin(INTERVAL) & (rng.random(count) < 0.6), rng.gamma(4.0, 90.0, count).astype(int) + 20, 0
    )
    median = frame["source"].map(REPORT_HOURS).to_numpy() * 60
    delay = until + np.maximum(rng.lognormal(0.0, 0.9, count) * median, 1).astype(int)
    return gpd.GeoDataFrame(
        {
            "id": [f"WD{number:06d}" for number in range(1, count + 1)],
            "occurred_at": at,
            "occurred_to": np.where(until > 0, at + until.astype("timedelta64[m]"), np.datetime64("NaT")),
            "reported_at": at + delay.astype("timedelta64[m]"),
            "scheme": "wangge",
            "category": frame["code"].to_numpy(),
            "source": frame["source"].to_numpy(),
            "found_by": np.where(frame["source"].isin(PATROL_SOURCES), "patrol", "report"),
            "department": frame["department"].to_numpy(),
            "status": _status(frame["at"].to_numpy(), rng),
            "grid_code": _declared(world.ground, points, rng),
            "address": Addresses(world.streets).of(points),
        },
        geometry=points, crs=METRIC,
    )  # fmt: skip


def _status(minute: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """``closed``, but for 0.16 % that are still open: the youngest ones, as far as that goes."""
    count = round(len(minute) * (1 - HANDLED))
    status = np.full(len(minute), "closed", dtype=object)
    age = DAYS - minute / 1440
    chance = np.exp(-age / 20.0) + 1e-12
    status[rng.choice(len(minute), count, replace=False, p=chance / chance.sum())] = "open"
    return status


def _declared(ground: Ground, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The grid code that the file states: the true one, with 2 % mistakes, mostly a neighbour."""
    shapes, codes = ground.grids.geometry.to_numpy(), ground.grids["code"].to_numpy()
    tree = shapely.STRtree(shapes)
    true = tree.nearest(points)
    wrong = np.flatnonzero(rng.random(len(points)) < WRONG_GRID)
    stated = true.copy()
    for row in wrong:
        beside = np.setdiff1d(tree.query(shapes[true[row]], predicate="intersects"), [true[row]])
        anywhere = rng.random() < 0.15
        stated[row] = rng.choice(np.setdiff1d(np.arange(len(codes)), [true[row]]) if anywhere else beside)
    return codes[stated].astype(object)
