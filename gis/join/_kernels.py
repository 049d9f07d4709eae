"""Compiled loops of the join: which cells an edge touches, which cells lie whole inside a polygon, exact tests in the rest.

Every loop releases the lock and touches no shared state, so that several threads may run them at once.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

OUTSIDE, INSIDE, ON_EDGE, UNSURE = 0, 1, 2, 3

_SURE = 3.3306690738754716e-16
"""Relative error bound of the orientation determinant in double precision: ccwerrboundA of Shewchuk (1997)."""

_PAD = 1e-6
"""Cells are padded by this share of a cell, far above the rounding of a point's own cell number."""


@njit(cache=True, nogil=True)
def _side(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    """1 left of a->b, -1 right, 0 on the line, 2 when double precision cannot tell."""
    left = (bx - ax) * (py - ay)
    right = (by - ay) * (px - ax)
    det = left - right
    bound = _SURE * (abs(left) + abs(right))
    if det > bound:
        return 1
    if det < -bound:
        return -1
    return 0 if left == 0.0 and right == 0.0 else 2


@njit(cache=True, nogil=True)
def locate(
    px: float, py: float, ax: FloatArray, ay: FloatArray, bx: FloatArray, by: FloatArray, start: int, stop: int
) -> int:
    """Where a point lies against the edges ``start`` to ``stop``: crossings of the ray to the east (even-odd)."""
    inside = False
    for k in range(start, stop):
        y1, y2 = ay[k], by[k]
        if (y1 > py) == (y2 > py):
            # The ray misses the edge; a level edge, or an end point at the ray's height, may still hold the point.
            if y1 == py and y2 == py:
                if min(ax[k], bx[k]) <= px <= max(ax[k], bx[k]):
                    return ON_EDGE
            elif (y1 == py and ax[k] == px) or (y2 == py and bx[k] == px):
                return ON_EDGE
            continue
        if px > max(ax[k], bx[k]):
            continue
        if px < min(ax[k], bx[k]):
            inside = not inside
            continue
        side = _side(ax[k], y1, bx[k], y2, px, py)
        if side == 0:
            return ON_EDGE
        if side == 2:
            return UNSURE
        if (side == 1) == (y2 > y1):
            inside = not inside
    return INSIDE if inside else OUTSIDE


@njit(cache=True, nogil=True)
def cells_of_edges(
    ax: FloatArray,
    ay: FloatArray,
    bx: FloatArray,
    by: FloatArray,
    x0: float,
    y0: float,
    step_x: float,
    step_y: float,
    columns: int,
    rows: int,
    cells: IntArray,
    edges: IntArray,
) -> int:
    """Every (cell, edge) that touch; returns how many there are, and writes as many as the arrays hold."""
    written = 0
    for k in range(len(ax)):
        low, high = min(ay[k], by[k]), max(ay[k], by[k])
        first = max(0, int((low - y0) / step_y - _PAD))
        last = min(rows - 1, int((high - y0) / step_y + _PAD))
        for row in range(first, last + 1):
            x1, x2 = ax[k], bx[k]
            if high > low:
                # The part of the edge inside this band of cells, one pad wider.
                t1 = (y0 + (row - _PAD) * step_y - ay[k]) / (by[k] - ay[k])
                t2 = (y0 + (row + 1 + _PAD) * step_y - ay[k]) / (by[k] - ay[k])
                x1 = ax[k] + min(max(t1, 0.0), 1.0) * (bx[k] - ax[k])
                x2 = ax[k] + min(max(t2, 0.0), 1.0) * (bx[k] - ax[k])
            left = max(0, int((min(x1, x2) - x0) / step_x - _PAD))
            right = min(columns - 1, int((max(x1, x2) - x0) / step_x + _PAD))
            for column in range(left, right + 1):
                if written < len(cells):
                    cells[written] = row * columns + column
                    edges[written] = k
                written += 1
    return written


@njit(cache=True, nogil=True)
def spread_inside(
    edge_cells: IntArray,
    cell_start: IntArray,
    ax: FloatArray,
    ay: FloatArray,
    bx: FloatArray,
    by: FloatArray,
    edge_start: IntArray,
    boxes: FloatArray,
    x0: float,
    y0: float,
    step_x: float,
    step_y: float,
    columns: int,
    rows: int,
    mixed: npt.NDArray[np.bool_],
    whole: npt.NDArray[np.int32],
    extra_cell: IntArray,
    extra_owner: IntArray,
) -> int:
    """Cells that lie whole inside a polygon: the lowest one goes to ``whole``; cells with edges of others to ``extra``.

    Along a row, inside and outside change only at cells that hold the polygon's own edges, so one test serves a run.
    Returns how many extras there are, and writes as many as the arrays hold.
    """
    stamp = np.full(columns * rows, -1, dtype=np.int32)
    extras = 0
    for polygon in range(len(edge_start) - 1):
        for k in range(cell_start[polygon], cell_start[polygon + 1]):
            stamp[edge_cells[k]] = polygon
        first_column = max(0, int((boxes[polygon, 0] - x0) / step_x))
        last_column = min(columns - 1, int((boxes[polygon, 2] - x0) / step_x))
        for row in range(
            max(0, int((boxes[polygon, 1] - y0) / step_y)), min(rows - 1, int((boxes[polygon, 3] - y0) / step_y)) + 1
        ):
            known, inside = False, False
            for column in range(first_column, last_column + 1):
                cell = row * columns + column
                if stamp[cell] == polygon:
                    known = False
                    continue
                if not known:
                    centre_x, centre_y = x0 + (column + 0.5) * step_x, y0 + (row + 0.5) * step_y
                    start, stop = edge_start[polygon], edge_start[polygon + 1]
                    inside = locate(centre_x, centre_y, ax, ay, bx, by, start, stop) == INSIDE
                    known = True
                if not inside:
                    continue
                if mixed[cell]:
                    if extras < len(extra_cell):
                        extra_cell[extras] = cell
                        extra_owner[extras] = polygon
                    extras += 1
                elif whole[cell] < 0:
                    whole[cell] = polygon
    return extras


@njit(cache=True, nogil=True)
def assign_cells(
    lon: FloatArray,
    lat: FloatArray,
    whole: npt.NDArray[np.int32],
    border_start: IntArray,
    border_owner: npt.NDArray[np.int32],
    ax: FloatArray,
    ay: FloatArray,
    bx: FloatArray,
    by: FloatArray,
    edge_start: IntArray,
    x0: float,
    y0: float,
    step_x: float,
    step_y: float,
    columns: int,
    rows: int,
    found: npt.NDArray[np.int32],
) -> None:
    """Position of the lowest polygon that holds each point, edge included: -1 for none, -2 where doubles cannot tell."""
    for i in range(len(lon)):
        px, py = lon[i], lat[i]
        found[i] = -1
        if not (np.isfinite(px) and np.isfinite(py)):
            continue
        fx, fy = (px - x0) / step_x, (py - y0) / step_y
        if fx < 0.0 or fy < 0.0 or fx >= columns or fy >= rows:
            continue
        cell = int(fy) * columns + int(fx)
        if border_start[cell] == border_start[cell + 1]:
            found[i] = whole[cell]
            continue
        for k in range(border_start[cell], border_start[cell + 1]):
            polygon = border_owner[k]
            where = locate(px, py, ax, ay, bx, by, edge_start[polygon], edge_start[polygon + 1])
            if where in (INSIDE, ON_EDGE):
                found[i] = polygon
                break
            if where == UNSURE:
                found[i] = -2
                break
