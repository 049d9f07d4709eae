"""The one place where library objects are built and held: the store, the area tree, the incident table, hot grids, heat.

The command line and the web call the same methods. Answers are kept per version of the store and per viewer, so that
a new import is seen by the next question. It never renders and never parses requests.
"""

import os
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from threading import Lock, Semaphore, local
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.crs import metric_crs
from gis.divisions import is_within
from gis.errors import FilterError, Lang, NotFoundError, ShapeError
from gis.grid.hierarchy import AreaTree
from gis.grid.neighbours import Neighbours, contiguity
from gis.hotspots.rank import rank_grids
from gis.incidents import IncidentFilter, taxonomy
from gis.incidents.columns import LEVEL, IncidentColumns, Selection, Tally
from gis.schemas import LEVELS
from gis.tiles.heat import HeatImage, heat_image
from gis.tiles.heat_tiles import MAX_ZOOM, HeatScale, HeatTiles
from gis.tiles.mercator import tile_bounds
from gis.tiles.vector import ShapeTiles, cell_tile, feature_id, point_tile
from webmap.columns import ColumnsKeeper, Progress, columns_folder
from webmap.config import Config
from webmap.live import ChangeHub
from webmap.store import LOCAL_OPERATOR, State, Store, Viewer
from webmap.store.audit import AuditEntry
from webmap.store.plans import StoredPlan

T = TypeVar("T")

HEAT_BANDWIDTH_M = (30.0, 5000.0)
"""Narrowest and widest bandwidth the slider and the API accept, metres."""


SPARE_THREADS = 16
"""Threads of a worker that no open stream may take, so that tiles are never kept waiting."""

TILE_POINTS = 2000
"""Above so many incidents in a tile, it holds sums instead of points."""

_CELL_BITS = 6
_MOST_KEPT = 256


@dataclass(frozen=True)
class Period:
    """A half-open period in UTC and its length in days."""

    since: datetime
    until: datetime

    @property
    def days(self) -> float:
        """Length in days."""
        return max((self.until - self.since) / timedelta(days=1), 1e-9)


@dataclass(frozen=True)
class Heat:
    """A heat map that says what it shows: image, place, legend, unit, period, count."""

    image: HeatImage
    bandwidth_m: float
    n: int
    period: Period


@dataclass(frozen=True)
class HeatLegend:
    """What the colours of a zoom mean, how many incidents are behind them, and of which period."""

    scale: HeatScale
    n: int
    period: Period


class _Held(local):
    """The state that a thread holds."""

    state: State | None = None


class Services:
    """What pages, API and command line ask for.

    Parameters
    ----------
    store
        An open store.
    config
        The frozen configuration.
    clock
        Gives the present moment; injected so that tests and imports state it.
    """

    def __init__(self, store: Store, config: Config, *, clock: Callable[[], datetime]) -> None:
        self.store = store
        self.config = config
        self.clock = clock
        self._columns = ColumnsKeeper(store, columns_folder(store, config.columns))
        self._held = _Held()
        # More painters than cores only make everybody wait longer: one after another, the last is done no later.
        self._painters = Semaphore(max(1, (os.cpu_count() or 1) // config.workers))
        # A photo may take a gigabyte while it is decoded.
        self.photo_turns = Semaphore(2)
        self.changes = ChangeHub(store, most=max(config.threads - SPARE_THREADS, 1))
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def state(self) -> State:
        """What the store is like now; inside :meth:`hold`, what it was like at its beginning."""
        return self._held.state or self.store.state()

    def hold(self) -> None:
        """Let this thread see one state of the store until :meth:`let_go`: one look at it for a whole request."""
        self._held.state = self.store.state()

    def let_go(self) -> None:
        """Look at the store anew at every question."""
        self._held.state = None

    @property
    def zone(self) -> str:
        """The district's time zone."""
        return self.state().settings.get("zone", "Asia/Shanghai")

    def today(self) -> date:
        """Today in the district's zone."""
        return self.clock().astimezone(ZoneInfo(self.zone)).date()

    def version(self) -> str:
        """Changes whenever an answer may change; the root of every ETag."""
        state = self.state()
        return f"{state.generation}.{state.seq}"

    def local(self, moment: datetime) -> datetime:
        """A moment in the district's zone."""
        return moment.astimezone(ZoneInfo(self.zone))

    def note_read(self, entry: AuditEntry) -> None:
        """Put a reading of exact points into the audit log soon, together with others."""
        self.store.audit.note(entry)

    def flush(self) -> None:
        """Write what waits for the audit log now."""
        self.store.audit.flush()

    def close(self) -> None:
        """Write what waits for the audit log, wake every stream, and close the store."""
        self.changes.stop()
        self.store.close()

    def settings(self) -> dict[str, Any]:
        """Name, code and zone of the district."""
        return dict(self.state().settings)

    def areas(self, viewer: Viewer) -> gpd.GeoDataFrame:
        """The viewer's areas that are valid today, ``areas`` table in EPSG:4326."""
        today = self.today()
        return self.keep(("areas", today), viewer, lambda: self.store.areas.read(viewer, on=today))

    def area_epochs(self, viewer: Viewer) -> list[tuple[date | None, date | None]]:
        """Spans of days with the same boundaries, oldest first; the first and the last are open."""
        days = [date.fromisoformat(day) for day in self.store.areas.days(viewer)]
        starts: list[date | None] = [None, *days]
        return list(zip(starts, [*days, None], strict=True))

    def tree(self, viewer: Viewer) -> AreaTree:
        """The viewer's area tree."""
        return self.keep("tree", viewer, lambda: AreaTree(self.areas(viewer)))

    def cells(self, viewer: Viewer, level: str = "", within: str = "") -> gpd.GeoDataFrame:
        """The areas of one level that tile the district (special grids left out), finest level by default.

        ``within`` keeps those inside one area; an area without cells of that level is its own only cell.

        Raises
        ------
        NotFoundError
            No areas are loaded.
        """
        areas = self.areas(viewer)
        if areas.empty:
            raise NotFoundError(
                zh="还没有导入区划边界。请先运行 wangge import areas 文件。",
                en="No areas are loaded yet. Run: wangge import areas FILE.",
            )
        level = level or self.tree(viewer).leaf_level
        chosen = (areas["level"] == level) & (areas["kind"] != "special") & areas.geometry.notna()
        if within:
            self._check_area(viewer, within)
            tree = self.tree(viewer)
            inside = areas["code"].isin([within, *tree.descendants(within)])
            chosen = chosen & inside if (chosen & inside).any() else areas["code"] == within
        return self.keep(
            ("cells", level, within), viewer, lambda: areas[chosen].sort_values("code").reset_index(drop=True)
        )

    def areas_km2(self, viewer: Viewer, level: str) -> np.ndarray:
        """Areas of the cells of a level in km2, in row order."""
        cells = self.cells(viewer, level)
        return self.keep(
            ("km2", level), viewer, lambda: cells.geometry.to_crs(self.metric(viewer)).area.to_numpy() / 1e6
        )

    def neighbours(self, viewer: Viewer, level: str = "", within: str = "") -> Neighbours:
        """Which cells touch, in the row order of :meth:`cells`."""
        return self.keep(("neighbours", level, within), viewer, lambda: contiguity(self.cells(viewer, level, within)))

    def layer(
        self, name: str, viewer: Viewer, bbox: tuple[float, float, float, float] | None = None
    ) -> pd.DataFrame | gpd.GeoDataFrame:
        """Cameras, places, streets or buildings, inside a box of degrees if given."""
        if bbox is not None:
            return self.store.layer(name).read(viewer, bbox=bbox)
        return self.keep(("layer", name), viewer, lambda: self.store.layer(name).read(viewer))

    def columns(self, progress: Progress | None = None) -> IncidentColumns:
        """The incident columns, in step with the store."""
        return self._columns.current(self.state(), progress)

    def selection(self, viewer: Viewer, asked: IncidentFilter) -> tuple[IncidentColumns, Selection]:
        """A filter as a question to the columns, limited to what the viewer may see.

        Raises
        ------
        NotFoundError
            The viewer sees no such area.
        """
        self._check_area(viewer, asked.area)
        columns = self.columns()
        places = self._places(viewer, asked.area, columns)
        return columns, self.keep(("select", asked), viewer, lambda: columns.select(asked, places))

    def tally(self, viewer: Viewer, asked: IncidentFilter) -> Tally:
        """The wanted incidents counted by place, category and time."""

        def make() -> Tally:
            columns, question = self.selection(viewer, asked)
            return columns.tally(question)

        return self.keep(("tally", asked), viewer, make)

    def counts_by(self, viewer: Viewer, asked: IncidentFilter, column: str) -> dict[str, int]:
        """How many wanted incidents each category, source or kind of finding has; zeros left out, most frequent first."""
        columns = self.columns()
        counts = pd.Series(self.tally(viewer, asked).tags).groupby(columns.tag_field(column)).sum()
        return {str(k): int(v) for k, v in counts[counts > 0].sort_values(ascending=False, kind="stable").items()}

    def counts_of(self, viewer: Viewer, asked: IncidentFilter, cells: gpd.GeoDataFrame) -> np.ndarray:
        """How many wanted incidents lie in each cell, in row order."""
        level = str(cells["level"].iloc[0])
        located = pd.Series(self.tally(viewer, asked).places).groupby(self.columns().place_field(level)).sum()
        return located.reindex(cells["code"]).fillna(0).to_numpy(dtype=np.int64)

    def incidents(self, viewer: Viewer, asked: IncidentFilter) -> pd.DataFrame:
        """The incidents that answer a filter, ``incidents`` table in order of time, read from the store."""
        self._check_area(viewer, asked.area)
        found = self.store.incidents.read(viewer, asked)
        return found.sort_values(["occurred_at", "id"]).reset_index(drop=True)

    def date_range(self, viewer: Viewer) -> Period | None:
        """First and last moment of the data the viewer sees; None without incidents."""

        def make() -> Period | None:
            columns, question = self.selection(viewer, IncidentFilter())
            span = columns.span(question)
            if span is None:
                return None
            since, last = (datetime.fromtimestamp(second, UTC) for second in span)
            return Period(since, last + timedelta(minutes=1))

        return self.keep("span", viewer, make)

    def period(self, viewer: Viewer, asked: IncidentFilter) -> Period:
        """The period a filter covers; where it is open, the data's own ends close it."""
        data = self.date_range(viewer)
        now = self.clock()
        since = asked.since or (data.since if data else now - timedelta(days=1))
        until = asked.until or (data.until if data else now)
        if until <= since:
            raise FilterError(
                zh="该时间范围内没有数据:开始时间晚于最后一条记录。",
                en="The period starts after the last record; there is nothing in it.",
            )
        return Period(since, until)

    def hot_grids(self, viewer: Viewer, asked: IncidentFilter, *, level: str = "") -> gpd.GeoDataFrame:
        """Grids in order of rank, with counts, rates, Gi* and names; geometry in EPSG:4326.

        They learn from reports alone unless the filter says how incidents were found.
        """
        asked = reports_only(asked)
        return self.keep(("hot", asked, level), viewer, lambda: self._rank(viewer, asked, level))

    def heat(
        self, viewer: Viewer, asked: IncidentFilter, *, bandwidth_m: float | None = None, width: int = 768
    ) -> Heat:
        """A density image in incidents per km2 over the period, on the Web-Mercator grid; reports alone unless told otherwise.

        Raises
        ------
        FilterError
            The bandwidth lies outside ``HEAT_BANDWIDTH_M``.
        """
        asked = reports_only(asked)
        return self.keep(
            ("heat", asked, bandwidth_m, width), viewer, lambda: self._heat(viewer, asked, bandwidth_m, width)
        )

    def category_choices(self, viewer: Viewer, lang: Lang) -> list[dict[str, Any]]:
        """Categories that occur, with name, group and count, most frequent first."""
        columns = self.columns()
        counts = self.tally(viewer, IncidentFilter()).tags
        frame = pd.DataFrame({name: columns.tag_field(name) for name in ("scheme", "category")}).assign(count=counts)
        counted = frame[frame["count"] > 0].groupby(["scheme", "category"])["count"].sum()
        rows = counted.sort_values(ascending=False, kind="stable").reset_index().to_dict("records")
        modules = {(r.scheme, r.code): r.module for r in taxonomy.categories().itertuples()}
        return [
            {
                "code": row["category"],
                "scheme": row["scheme"],
                "name": taxonomy.name(row["scheme"], row["category"], lang),
                "module": modules.get((row["scheme"], row["category"]), ""),
                "count": int(row["count"]),
            }
            for row in rows
        ]

    def source_choices(self, viewer: Viewer) -> list[dict[str, Any]]:
        """Sources that occur, with counts, most frequent first."""
        counts = self.counts_by(viewer, IncidentFilter(), "source")
        return [{"code": code, "count": count} for code, count in counts.items()]

    def latest_plan(self, viewer: Viewer, *, drafts: bool = True) -> dict[str, Any] | None:
        """The newest patrol plan that no later version stands for, or None; no drafts for those who make no plans."""
        kept = [each for each in self.store.plans.list(viewer) if each.status != "withdrawn"]
        kept = [each for each in kept if _is_shown(each.status, drafts)]
        changed = {each.base for each in kept}
        newest = next((each for each in kept if each.id not in changed), None)
        return None if newest is None else _shown(newest)

    def plan(self, viewer: Viewer, plan_id: str = "", *, drafts: bool = True) -> dict[str, Any]:
        """One patrol plan by its id; the newest without one.

        Raises
        ------
        NotFoundError
            No such plan, or none yet.
        """
        if plan_id:
            kept = self.store.plans.get(plan_id, viewer)
            if not _is_shown(kept.status, drafts):
                raise NotFoundError(zh=f"没有方案 {plan_id}。", en=f"There is no plan {plan_id}.")
            return _shown(kept)
        newest = self.latest_plan(viewer, drafts=drafts)
        if newest is None:
            raise NotFoundError(
                zh="还没有巡逻方案。请先运行 wangge patrol plan。",
                en="There is no patrol plan yet. Run: wangge patrol plan.",
            )
        return newest

    def plans(self, viewer: Viewer, *, drafts: bool = True) -> list[dict[str, Any]]:
        """The plans that are kept, newest first, without their stops."""
        return [
            {
                "id": kept.id,
                "date": kept.day,
                "shift": kept.shift,
                "area": kept.area,
                "version": kept.version,
                "status": kept.status,
            }
            for kept in self.store.plans.list(viewer)
            if _is_shown(kept.status, drafts)
        ]

    def window(self, viewer: Viewer, within: str = "") -> shapely.Geometry:
        """Union of the viewer's cells, or of those in one area: where an incident could have been seen. EPSG:4326."""
        return self.keep(
            ("window", within), viewer, lambda: shapely.union_all(self.cells(viewer, "", within).geometry.to_numpy())
        )

    def metric(self, viewer: Viewer) -> Any:
        """The metric CRS of the viewer's district."""
        point = self.window(viewer).centroid
        return metric_crs(point.x, point.y)

    def warm(self, say: Callable[[str, str], None]) -> None:
        """Compile and compute what the first page asks for, with a line for each step, so that nobody waits in silence."""
        viewer = LOCAL_OPERATOR
        steps: tuple[tuple[str, str, Callable[[], object]], ...] = (
            ("读取事件 ...", "Reading incidents ...", lambda: self.tally(viewer, IncidentFilter())),
            ("计算热点网格 ...", "Ranking hot grids ...", lambda: self.hot_grids(viewer, IncidentFilter())),
            ("绘制热力图 ...", "Drawing the heat map ...", lambda: self.heat_legend(viewer, IncidentFilter(), zoom=12)),
        )
        if self.areas(viewer).empty:
            return
        for zh, en, step in steps:
            say(zh, en)
            step()

    def _rank(self, viewer: Viewer, asked: IncidentFilter, level: str) -> gpd.GeoDataFrame:
        # Asked for one street, a grid is compared with the grids of that street: zeros elsewhere are no evidence.
        cells = self.cells(viewer, level, asked.area)
        period = self.period(viewer, asked)
        counts = self.counts_of(viewer, asked, cells)
        ranked = rank_grids(cells, counts, self.neighbours(viewer, level, asked.area), days=period.days)
        shape = cells.set_index("code").loc[ranked["code"]]
        ranked = ranked.assign(name_zh=shape["name_zh"].to_numpy(), name_en=shape["name_en"].to_numpy())
        return gpd.GeoDataFrame(ranked, geometry=shape.geometry.to_numpy(), crs="EPSG:4326")

    def heat_tiles(self, viewer: Viewer, area: str = "") -> HeatTiles:
        """The painter of heat tiles of the viewer's ground, or of one area of it."""
        return self.keep(("heat tiles", area), viewer, lambda: HeatTiles(self.window(viewer, area)))

    def heat_scale(
        self, viewer: Viewer, asked: IncidentFilter, *, zoom: int, bandwidth_m: float | None = None
    ) -> HeatScale:
        """The colours of a filter at a zoom, the same for every tile of it; reports alone unless told otherwise.

        Raises
        ------
        FilterError
            The bandwidth lies outside ``HEAT_BANDWIDTH_M``.
        """
        asked = reports_only(asked)
        painter = self.heat_tiles(viewer, asked.area)
        chosen = painter.bandwidth_at(zoom, self._bandwidth(viewer, asked, bandwidth_m))

        def make() -> HeatScale:
            return painter.scale(*self.selection(viewer, asked), chosen)

        return self.keep(("scale", asked, chosen), viewer, make)

    def heat_tile(
        self, viewer: Viewer, asked: IncidentFilter, tile: tuple[int, int, int], *, bandwidth_m: float | None = None
    ) -> bytes:
        """One heat tile as PNG; ``tile`` is zoom, column, row.

        Raises
        ------
        ShapeError
            No such tile.
        """
        asked, (zoom, column, row) = reports_only(asked), tile
        # Refused before a scale is worked out for a tile that does not exist.
        tile_bounds(zoom, column, row)
        with self._painters:
            scale = self.heat_scale(viewer, asked, zoom=zoom, bandwidth_m=bandwidth_m)
            columns, question = self.selection(viewer, asked)
            return self.heat_tiles(viewer, asked.area).tile(columns, question, zoom, column, row, scale)

    def heat_legend(
        self, viewer: Viewer, asked: IncidentFilter, *, zoom: int, bandwidth_m: float | None = None
    ) -> HeatLegend:
        """What the heat tiles of a zoom show: classes, bandwidth, period, count."""
        asked = reports_only(asked)
        scale = self.heat_scale(viewer, asked, zoom=zoom, bandwidth_m=bandwidth_m)
        return HeatLegend(scale, self.tally(viewer, asked).total, self.period(viewer, asked))

    def vector_tile(
        self, viewer: Viewer, name: str, tile: tuple[int, int, int], asked: IncidentFilter | None = None
    ) -> bytes:
        """One vector tile of a layer; ``tile`` is zoom, column, row.

        Parameters
        ----------
        name
            A level of areas, ``special``, a layer, or ``incidents``.
        asked
            Limits incidents; other layers are whole.

        Raises
        ------
        NotFoundError
            No such layer.
        ShapeError
            No such tile.
        """
        tile_bounds(*tile)
        if name == "incidents":
            return self._incident_tile(viewer, tile, asked or IncidentFilter())
        return self.keep(("vector", name), viewer, lambda: self._shape_tiles(viewer, name)).tile(*tile)

    def _shape_tiles(self, viewer: Viewer, name: str) -> ShapeTiles:
        if name in (*LEVELS, "special"):
            areas = self.areas(viewer)
            special = areas["kind"] == "special"
            rows = areas[special] if name == "special" else areas[(areas["level"] == name) & ~special]
            return ShapeTiles([feature_id(code) for code in rows["code"]], rows.geometry.to_numpy(), name)
        if name not in ("cameras", "places", "streets", "buildings"):
            raise NotFoundError(zh=f"没有矢量图层“{name}”。", en=f"There is no vector layer '{name}'.")
        frame = self.layer(name, viewer)
        shapes = (
            frame.geometry.to_numpy()
            if isinstance(frame, gpd.GeoDataFrame)
            else shapely.points(frame["lon"].to_numpy(), frame["lat"].to_numpy())
        )
        return ShapeTiles([feature_id(each) for each in frame["id"]], shapes, name)

    def _incident_tile(self, viewer: Viewer, tile: tuple[int, int, int], asked: IncidentFilter) -> bytes:
        zoom, column, row = tile
        if zoom > MAX_ZOOM:
            raise ShapeError(zh=f"事件瓦片最深到 {MAX_ZOOM} 级。", en=f"Incident tiles go down to zoom {MAX_ZOOM}.")
        columns, question = self.selection(viewer, asked)
        side = 1 << (LEVEL - zoom)
        box = (column * side, row * side, (column + 1) * side, (row + 1) * side)
        total, found = columns.points(question, box, TILE_POINTS)
        if total <= TILE_POINTS:
            return point_tile(found["lon"], found["lat"], found["row"], tile, name="incidents")
        cells = 1 << _CELL_BITS
        counts = columns.lattice(question, zoom + _CELL_BITS, column * cells, row * cells, cells, cells)
        return cell_tile(counts, name="incidents")

    def _heat(self, viewer: Viewer, asked: IncidentFilter, bandwidth_m: float | None, width: int) -> Heat:
        lon, lat, counts = self.weighted_points(viewer, asked)
        chosen = self._bandwidth(viewer, asked, bandwidth_m)
        window = self.window(viewer, asked.area)
        image = heat_image(lon, lat, window=window, width=width, bandwidth_m=chosen, weights=counts)
        return Heat(image=image, bandwidth_m=chosen, n=int(counts.sum()), period=self.period(viewer, asked))

    def weighted_points(self, viewer: Viewer, asked: IncidentFilter) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The wanted incidents gathered in cells of about 1/2,048 of the district: longitudes, latitudes, counts."""
        columns, question = self.selection(viewer, asked)
        return columns.gathered(question, self.window(viewer).bounds, cells=2048)

    def _bandwidth(self, viewer: Viewer, asked: IncidentFilter, bandwidth_m: float | None) -> float:
        low, high = HEAT_BANDWIDTH_M
        if bandwidth_m is not None and not low <= bandwidth_m <= high:
            raise FilterError(
                zh=f"带宽 {bandwidth_m:g} 米不在 {low:g}-{high:g} 米之间。",
                en=f"Bandwidth {bandwidth_m:g} m is not within {low:g}-{high:g} m.",
            )

        def rule() -> float:
            found = self.heat_tiles(viewer, asked.area).bandwidth(*self.selection(viewer, asked))
            return float(np.clip(found, low, high))

        return bandwidth_m or self.keep(("bandwidth", asked), viewer, rule)

    def _places(self, viewer: Viewer, area: str, columns: IncidentColumns) -> np.ndarray | None:
        """The places of the columns that the viewer sees inside an area; None where all of them are."""
        if viewer.is_unlimited and not area:
            return None

        def make() -> np.ndarray:
            seen = np.ones(len(columns.places), dtype=bool)
            if not viewer.is_unlimited:
                # Codes of every version of the boundaries: an old incident keeps the code of its day.
                known = set(self.store.areas.read(viewer)["code"])
                seen &= columns.place_mask(
                    lambda code: code in known or any(is_within(code, each) for each in viewer.areas)
                )
            if area:
                below = {area, *self.tree(viewer).descendants(area)}
                seen &= columns.place_mask(lambda code: code in below or is_within(code, area))
            return seen

        return self.keep(("places", area), viewer, make)

    def _check_area(self, viewer: Viewer, area: str) -> None:
        if area and area not in set(self.areas(viewer)["code"]):
            raise NotFoundError(zh=f"没有编码为 {area} 的区域。", en=f"There is no area with code {area}.")

    def keep(self, key: Hashable, viewer: Viewer, make: Callable[[], T]) -> T:
        """The answer kept for this version of the store and this viewer, or a fresh one."""
        full = (self.version(), viewer.areas, key)
        with self._lock:
            if full in self._kept:
                self._kept.move_to_end(full)
                return self._kept[full]  # type: ignore[no-any-return]
        made = make()
        with self._lock:
            self._kept[full] = made
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return made


def _is_shown(status: str, drafts: bool) -> bool:
    """What is not published yet, or was taken back, is for those who make plans."""
    return drafts or status not in ("draft", "withdrawn")


def _shown(plan: StoredPlan) -> dict[str, Any]:
    """A plan with its id, which versions do not bring, and without what only planning needs.

    That is what it was made from, and where its teams stood when it was mended: check-ins are kept for a set period, and
    single ones are told to nobody.
    """
    return {name: value for name, value in plan.document.items() if name not in ("made_from", "running")} | {
        "id": plan.id
    }


def reports_only(asked: IncidentFilter) -> IncidentFilter:
    """The same question without what patrol itself found, unless the reader asked for a kind of finding."""
    return asked if asked.found_by else replace(asked, found_by=("report",))


def utc_now() -> datetime:
    """The present moment, for the outermost callers that inject it."""
    return datetime.now(UTC)
