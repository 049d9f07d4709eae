"""Heat tiles: densities of incidents on map tiles, exact counts below, without seams, one scale for a whole zoom.

A tile counts on a lattice of four to eight cells to the bandwidth, with a border as wide as the kernel, smooths it once and
reads it at its pixels, so that neighbours agree. It holds no incidents and asks no store.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import numpy as np
import numpy.typing as npt
import shapely
from scipy.ndimage import gaussian_filter

from gis.errors import ShapeError
from gis.hotspots.density import bandwidth_of_counts, read_lattice
from gis.incidents.columns import LEVEL, IncidentColumns, Selection
from gis.join.assign import CellIndex
from gis.tiles import palette
from gis.tiles._png import indexed_png
from gis.tiles.mercator import EARTH_RADIUS_M, from_mercator, stretch, tile_bounds, to_mercator
from gis.tiles.palette import LegendStep

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

SIZE = 256
"""Pixels of a tile's side."""

MAX_ZOOM = LEVEL - 8
"""Deepest zoom whose pixels the columns can tell apart."""

LEAST_PIXELS = 4.0
"""A kernel narrower than this on the screen would be noise; a far-off zoom smooths with so many pixels instead."""

_LEAST_CELLS = 4.0
"""Cells to a bandwidth, up to twice as many: counting in cells moves an incident by half of one at most, so that a single
incident is off by up to 20 % of its own peak where it falls away, and many incidents by 3 % of theirs."""

_OVERVIEW_CELLS = 1.25
"""Cells to a bandwidth where only the classes of colours are chosen."""

_TRUNCATE = 4.0
_MARGIN = 2
_MIN_MASS = 0.05
_OVERVIEW = 1024
_COVERS = 4096
_WORLD_M = 2 * np.pi * EARTH_RADIUS_M


@dataclass(frozen=True)
class HeatScale:
    """What the colours of one zoom mean.

    Parameters
    ----------
    bandwidth_m
        Standard deviation of the kernel at this zoom, metres on the ground: the asked one, or wider far out.
    breaks
        Lower ends of the classes, incidents per km2 over the period.
    """

    bandwidth_m: float
    breaks: tuple[float, ...]

    @property
    def legend(self) -> tuple[LegendStep, ...]:
        """The classes with their colours."""
        return palette.legend_of(np.array(self.breaks))


@dataclass(frozen=True)
class _Lattice:
    """Cells of ``level`` from (x0, y0); ``sigma`` is the bandwidth in cells."""

    level: int
    x0: int
    y0: int
    wide: int
    tall: int
    sigma: float


@dataclass(frozen=True, eq=False)
class _Cover:
    """Which pixels lie inside the window, and the kernel's mass inside it at each node; None where all is inside."""

    pixels: BoolArray | None
    mass: FloatArray | None

    @property
    def is_empty(self) -> bool:
        return self.pixels is not None and not self.pixels.any()


class HeatTiles:
    """Heat tiles of one window.

    Parameters
    ----------
    window
        Polygon in EPSG:4326 outside of which nothing can have been reported; densities are corrected at its edge.
    """

    def __init__(self, window: shapely.Geometry) -> None:
        self._window = window
        shapely.prepare(window)
        self._index = CellIndex.build([window], ["window"])
        west, south, east, north = window.bounds
        self._stretch = float(stretch((south + north) / 2))
        self._corner = _world([west], [north])
        self._opposite = _world([east], [south])
        self._covers: OrderedDict[object, _Cover] = OrderedDict()
        self._lock = Lock()

    def bandwidth(self, columns: IncidentColumns, asked: Selection) -> float:
        """A bandwidth by rule, metres on the ground; 300 where fewer than two incidents are wanted."""
        lattice = self._overview(0.0)
        counts = _count(columns, asked, lattice)
        if counts.sum() < 2:
            return 300.0
        return bandwidth_of_counts(counts, _WORLD_M / 2**lattice.level / self._stretch)

    def bandwidth_at(self, zoom: int, bandwidth_m: float) -> float:
        """The bandwidth that a zoom draws with, metres on the ground."""
        return max(bandwidth_m, LEAST_PIXELS * _WORLD_M / 2 ** (zoom + 8) / self._stretch)

    def scale(self, columns: IncidentColumns, asked: Selection, bandwidth_m: float) -> HeatScale:
        """The classes of colours for a question, the same for every tile.

        Parameters
        ----------
        bandwidth_m
            From :meth:`bandwidth_at`.
        """
        lattice = self._overview(bandwidth_m)
        smooth = _smooth(_count(columns, asked, lattice), lattice)
        cover = self._cover_of(lattice)
        density = _correct(smooth, cover.mass) * _per_km2(lattice)[:, None]
        inside = density if cover.pixels is None else density[cover.pixels]
        return HeatScale(bandwidth_m, tuple(float(each) for each in palette.scale_breaks(inside)))

    def density(
        self, columns: IncidentColumns, asked: Selection, zoom: int, column: int, row: int, bandwidth_m: float
    ) -> FloatArray | None:
        """Incidents per km2 at the middle of each pixel, shape (256, 256), NaN outside the window; None for nothing.

        Raises
        ------
        ShapeError
            No such tile, or one deeper than ``MAX_ZOOM``.
        """
        if zoom > MAX_ZOOM:
            raise ShapeError(zh=f"热力瓦片最深到 {MAX_ZOOM} 级。", en=f"Heat tiles go down to zoom {MAX_ZOOM}.")
        south, west, north, east = tile_bounds(zoom, column, row)
        if not self._window.intersects(shapely.box(west, south, east, north)):
            return None
        lattice, at = self._tile_lattice(zoom, column, row, bandwidth_m)
        counts = _count(columns, asked, lattice)
        if not counts.any():
            return None
        cover = self._cover_of_tile(lattice, (zoom, column, row))
        if cover.is_empty:
            return None
        nodes = _correct(_smooth(counts, lattice), cover.mass) * _per_km2(lattice)[:, None]
        # The smooth reading swings a little below zero beside an empty place.
        found = np.maximum(read_lattice(nodes, at[0] - lattice.x0, at[1] - lattice.y0), 0.0)
        return found if cover.pixels is None else np.where(cover.pixels, found, np.nan)

    def tile(
        self, columns: IncidentColumns, asked: Selection, zoom: int, column: int, row: int, scale: HeatScale
    ) -> bytes:
        """A PNG of 256 x 256 pixels.

        Raises
        ------
        ShapeError
            No such tile.
        """
        density = self.density(columns, asked, zoom, column, row, scale.bandwidth_m)
        if density is None or not scale.breaks:
            return EMPTY
        index = palette.class_of(density, np.array(scale.breaks))
        return indexed_png(index, palette.palette_of(scale.legend)) if index.any() else EMPTY

    def _tile_lattice(
        self, zoom: int, column: int, row: int, bandwidth_m: float
    ) -> tuple[_Lattice, tuple[FloatArray, FloatArray]]:
        """The lattice below a tile, and where its pixels lie on it (node k of the world at k, cell k's middle)."""
        pixels = bandwidth_m * self._stretch / (_WORLD_M / 2 ** (zoom + 8))
        halvings = max(int(np.floor(np.log2(pixels / _LEAST_CELLS))), zoom + 8 - LEVEL, 0)
        scale = 2.0**halvings
        sigma = pixels / scale
        reach = int(np.ceil(_TRUNCATE * sigma)) + _MARGIN
        across, down = (
            np.asarray((np.arange(SIZE) + SIZE * part + 0.5) / scale - 0.5, dtype=np.float64) for part in (column, row)
        )
        x0, y0 = int(np.floor(across[0])) - reach, int(np.floor(down[0])) - reach
        wide = int(np.ceil(across[-1])) + reach + 1 - x0
        tall = int(np.ceil(down[-1])) + reach + 1 - y0
        return _Lattice(zoom + 8 - halvings, x0, y0, wide, tall, sigma), (across, down)

    def _overview(self, bandwidth_m: float) -> _Lattice:
        """A lattice over the whole window, at least 1.25 cells to the bandwidth where 1,024 cells a side allow it."""
        side = max(self._opposite[0] - self._corner[0], self._opposite[1] - self._corner[1])
        finest = int(np.floor(np.log2(_OVERVIEW / side)))
        wanted = bandwidth_m * self._stretch / _WORLD_M
        level = (
            min(finest, LEVEL) if wanted <= 0 else min(int(np.ceil(np.log2(_OVERVIEW_CELLS / wanted))), finest, LEVEL)
        )
        sigma = wanted * 2**level
        reach = int(np.ceil(_TRUNCATE * sigma)) + _MARGIN
        x0, y0 = (int(np.floor(v * 2**level)) - reach for v in self._corner)
        x1, y1 = (int(np.floor(v * 2**level)) + reach + 1 for v in self._opposite)
        return _Lattice(level, x0, y0, x1 - x0, y1 - y0, sigma)

    def _cover_of(self, lattice: _Lattice) -> _Cover:
        """Cover of an overview, whose pixels are its cells."""

        def make() -> _Cover:
            inside = self._inside(
                (np.arange(lattice.wide) + lattice.x0 + 0.5) / 2**lattice.level,
                (np.arange(lattice.tall) + lattice.y0 + 0.5) / 2**lattice.level,
            )
            return _Cover(inside, _blur(inside.astype(np.float64), lattice.sigma))

        return self._kept(lattice, make)

    def _cover_of_tile(self, lattice: _Lattice, tile: tuple[int, int, int]) -> _Cover:
        def make() -> _Cover:
            nodes = [
                (np.arange(size) + start + 0.5) / 2**lattice.level
                for start, size in ((lattice.x0, lattice.wide), (lattice.y0, lattice.tall))
            ]
            if self._holds(nodes[0], nodes[1]):
                return _Cover(None, None)
            zoom, column, row = tile
            across, down = ((np.arange(SIZE) + SIZE * part + 0.5) / 2 ** (zoom + 8) for part in (column, row))
            pixels = None if self._holds(across, down) else self._inside(across, down)
            mass = _blur(self._inside(nodes[0], nodes[1]).astype(np.float64), lattice.sigma)
            return _Cover(pixels, mass)

        return self._kept((lattice, tile), make)

    def _kept(self, key: object, make: Callable[[], _Cover]) -> _Cover:
        with self._lock:
            if key in self._covers:
                self._covers.move_to_end(key)
                return self._covers[key]
        made = make()
        with self._lock:
            self._covers[key] = made
            while len(self._covers) > _COVERS:
                self._covers.popitem(last=False)
        return made

    def _holds(self, across: FloatArray, down: FloatArray) -> bool:
        """The window holds the whole box of some columns and rows of the world."""
        (west, east), (north, south) = _degrees(across[[0, -1]], down[[0, -1]])
        return bool(self._window.contains(shapely.box(west, south, east, north)))

    def _inside(self, across: FloatArray, down: FloatArray) -> BoolArray:
        """Which crossings of columns and rows of the world lie inside the window; shape (rows, columns)."""
        lon, _ = _degrees(across, np.full(len(across), 0.5))
        _, lat = _degrees(np.full(len(down), 0.5), down)
        grid_lon, grid_lat = np.meshgrid(lon, lat)
        found = self._index.assign(grid_lon.ravel(), grid_lat.ravel()) >= 0
        return np.asarray(found.reshape(grid_lon.shape))


def _world(lon: list[float], lat: list[float]) -> tuple[float, float]:
    """Place in the world square, 0 to 1 from the west and from the north."""
    x, y = to_mercator(lon, lat)[0]
    return float(x / _WORLD_M + 0.5), float(0.5 - y / _WORLD_M)


def _degrees(across: FloatArray, down: FloatArray) -> tuple[FloatArray, FloatArray]:
    return from_mercator(np.column_stack([(across - 0.5) * _WORLD_M, (0.5 - down) * _WORLD_M]))


def _count(columns: IncidentColumns, asked: Selection, lattice: _Lattice) -> IntArray:
    return columns.lattice(asked, lattice.level, lattice.x0, lattice.y0, lattice.wide, lattice.tall)


def _smooth(counts: IntArray, lattice: _Lattice) -> FloatArray:
    return _blur(counts.astype(np.float64), lattice.sigma)


def _blur(values: FloatArray, sigma: float) -> FloatArray:
    """A Gaussian of ``sigma`` cells, less the spread that counting in cells has brought already (Sheppard 1898)."""
    narrower = float(np.sqrt(max(sigma**2 - 1 / 12, 0.04)))
    return np.asarray(gaussian_filter(values, narrower, mode="constant", truncate=_TRUNCATE))


def _correct(smooth: FloatArray, mass: FloatArray | None) -> FloatArray:
    return smooth if mass is None else smooth / np.maximum(mass, _MIN_MASS)


def _per_km2(lattice: _Lattice) -> FloatArray:
    """What one incident in a cell of each row makes per km2 on the ground; shape (tall,)."""
    _, lat = _degrees(np.full(lattice.tall, 0.5), (np.arange(lattice.tall) + lattice.y0 + 0.5) / 2**lattice.level)
    return stretch(lat) ** 2 * (2**lattice.level / _WORLD_M) ** 2 * 1e6


EMPTY = indexed_png(np.zeros((SIZE, SIZE), dtype=np.uint8), np.zeros((1, 4), dtype=np.uint8))
"""A tile with nothing on it."""
