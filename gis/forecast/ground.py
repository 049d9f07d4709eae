"""The ground a forecast stands on: square cells over a district, or the district's own grids, with their areas.

Everything is in metres of one projected CRS. It knows no incident.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

from gis.errors import GeometryError, InputError, ShapeError
from gis.join.assign import CellIndex

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_MOST_CELLS = 2_000_000


@dataclass(frozen=True, eq=False)
class Lattice:
    """Squares at ``x0 + column * size_m`` eastwards and ``y0 + row * size_m`` northwards.

    Parameters
    ----------
    of
        Shape (rows, columns), the number of the cell on each square, -1 where there is none.
    """

    x0: float
    y0: float
    size_m: float
    of: IntArray


@dataclass(frozen=True, eq=False)
class Cells:
    """Places that a forecast gives a number to.

    Parameters
    ----------
    code
        Shape (n,), text: ``x12y3`` on a lattice, the grid's own code otherwise.
    xy
        Shape (n, 2), metres: middle of a square, a point inside a grid.
    area_km2
        Shape (n,); whole squares, also where they reach over the district's border.
    size_m
        Side of a square; of grids the root of their median area.
    polygons
        Shape (n,), the places themselves.
    lattice
        Where the squares lie; None for grids.
    """

    code: npt.NDArray[np.str_]
    xy: FloatArray
    area_km2: FloatArray
    size_m: float
    polygons: npt.NDArray[np.object_] = field(repr=False)
    lattice: Lattice | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.code)

    @property
    def total_km2(self) -> float:
        """Area of all cells together."""
        return float(self.area_km2.sum())

    @cached_property
    def index(self) -> CellIndex:
        """Which grid holds a point; made when it is first asked for, since lattices need none."""
        return CellIndex.build(self.polygons.tolist(), list(self.code))

    def assign(self, xy: FloatArray) -> IntArray:
        """The cell of each point, -1 outside; a point on a shared edge goes east and north on a lattice, and to the
        lowest code among grids.

        Parameters
        ----------
        xy
            Shape (m, 2), metres.
        """
        at = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        if self.lattice is None:
            return np.asarray(self.index.assign(at[:, 0], at[:, 1]), dtype=np.int64)
        rows, columns = self.lattice.of.shape
        known = np.isfinite(at).all(axis=1)
        across = np.floor((np.where(known, at[:, 0], -np.inf) - self.lattice.x0) / self.size_m)
        up = np.floor((np.where(known, at[:, 1], -np.inf) - self.lattice.y0) / self.size_m)
        inside = (across >= 0) & (across < columns) & (up >= 0) & (up < rows)
        found = np.full(len(at), -1, dtype=np.int64)
        found[inside] = self.lattice.of[up[inside].astype(np.int64), across[inside].astype(np.int64)]
        return found


def lattice_cells(district: shapely.Geometry, size_m: float, *, shift: tuple[float, float] = (0.0, 0.0)) -> Cells:
    """Square cells over a district: those whose middle lies inside it.

    Parameters
    ----------
    district
        Polygon or MultiPolygon, metres.
    size_m
        Side of a cell.
    shift
        How far the origin is moved, in cells east and north: a forecast that only scores well for one origin is luck.
        At (0, 0) the edges lie at whole multiples of the side, so that a new border of the district moves no cell.

    Raises
    ------
    GeometryError
        The district is empty or no polygon, or no middle of a cell lies inside it.
    InputError
        The side is not above zero, or there would be more than two million cells.
    """
    if district is None or district.is_empty or district.area == 0:
        raise GeometryError(zh="区域边界为空,无法划分格子。", en="The district is empty; no cells can be laid over it.")
    left, bottom, right, top = district.bounds
    if not 0 < size_m < np.inf or (right - left) * (top - bottom) / size_m**2 > _MOST_CELLS:
        raise InputError(
            zh=f"格子边长 {size_m:g} 米不可用:应大于零,且格子不超过 {_MOST_CELLS} 个。",
            en=f"Cells of {size_m:g} m cannot be laid: the side must be above zero and the cells at most {_MOST_CELLS}.",
        )
    x0 = (np.floor(left / size_m) + shift[0] % 1.0 - 1.0) * size_m
    y0 = (np.floor(bottom / size_m) + shift[1] % 1.0 - 1.0) * size_m
    columns, rows = int((right - x0) // size_m) + 1, int((top - y0) // size_m) + 1
    across, up = np.meshgrid(x0 + (np.arange(columns) + 0.5) * size_m, y0 + (np.arange(rows) + 0.5) * size_m)
    inside = CellIndex.build([district], [""]).assign(across.ravel(), up.ravel()) == 0
    if not inside.any():
        raise GeometryError(
            zh=f"没有 {size_m:g} 米格子的中心落在区域内,请取更小的格子。",
            en=f"No cell of {size_m:g} m has its middle inside the district; take smaller cells.",
        )
    of = np.full(rows * columns, -1, dtype=np.int64)
    of[inside] = np.arange(inside.sum())
    row, column = np.divmod(np.flatnonzero(inside), columns)
    xy = np.column_stack([across.ravel()[inside], up.ravel()[inside]])
    half = size_m / 2
    return Cells(
        code=np.array([f"x{x}y{y}" for x, y in zip(column, row, strict=True)]),
        xy=xy,
        area_km2=np.full(len(xy), size_m**2 / 1e6),
        size_m=float(size_m),
        polygons=shapely.box(xy[:, 0] - half, xy[:, 1] - half, xy[:, 0] + half, xy[:, 1] + half),
        lattice=Lattice(float(x0), float(y0), float(size_m), of.reshape(rows, columns)),
    )


def grid_cells(polygons: Sequence[shapely.Geometry], codes: Sequence[str]) -> Cells:
    """The district's own grids as cells, of whatever shape and size.

    Parameters
    ----------
    polygons
        Shape (n,), metres.
    codes
        Shape (n,), one for each, no two alike.

    Raises
    ------
    GeometryError
        There is no grid, or one without area.
    ShapeError
        Not one code for each polygon, or a code twice.
    """
    shapes = np.asarray(polygons, dtype=object)
    if len(shapes) != len(codes) or len(set(codes)) < len(codes):
        raise ShapeError(
            zh=f"{len(shapes)} 个网格需要各有一个不同的编码,收到 {len(set(codes))} 个。",
            en=f"{len(shapes)} grids need a code each, no two alike; {len(set(codes))} came.",
        )
    area = shapely.area(shapes) if len(shapes) else np.empty(0)
    if not (len(area) and np.isfinite(area).all() and (area > 0).all()):
        raise GeometryError(zh="没有网格,或有网格面积为零。", en="There is no grid, or one of them has no area.")
    middle = shapely.get_coordinates(shapely.point_on_surface(shapes))
    return Cells(np.asarray(codes, dtype=np.str_), middle, area / 1e6, float(np.sqrt(np.median(area))), shapes)
