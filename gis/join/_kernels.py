"""Compiled loops of the join: which cells an edge touches, which lie whole inside a polygon, exact tests in the rest.

Every loop releases the lock and touches no shared state, so that several threads may run them at once. A polygon's edges
are kept by *band*, the rows of cells they pass through: a ray to the east meets no other edge than those of its own band.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
SmallArray = npt.NDArray[np.int32]

OUTSIDE, INSIDE, ON_EDGE = 0, 1, 2

_SURE = 3.3306690738754716e-16
"""Relative error bound of the orientation determinant in double precision: ccwerrboundA of Shewchuk (1997)."""

_SPLITTER = 134217729.0
"""2**27 + 1 cuts a double into two halves whose products are exact (Dekker 1971)."""

PAD = 1e-6
"""Cells are padded by this share of a cell, far above the rounding of a point's own cell number."""


_BLOCK = 4096


@njit(cache=True, nogil=True)
def _two_sum(a: float, b: float) -> tuple[float, float]:
    """Sum and its rounding error, exactly."""
    total = a + b
    virtual = total - a
    return total, (a - (total - virtual)) + (b - virtual)


@njit(cache=True, nogil=True)
def _two_product(a: float, b: float) -> tuple[float, float]:
    """Product and its rounding error, exactly."""
    product = a * b
    wide = _SPLITTER * a
    a_high = wide - (wide - a)
    a_low = a - a_high
    wide = _SPLITTER * b
    b_high = wide - (wide - b)
    b_low = b - b_high
    return product, a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


@njit(cache=True, nogil=True)
def exact_side(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    """1 left of a->b, -1 right, 0 on the line, without any rounding (expansions of Shewchuk 1997)."""
    left = (_two_sum(bx, -ax), _two_sum(py, -ay))
    right = (_two_sum(by, -ay), _two_sum(px, -ax))
    total = np.zeros(16)
    size = 0
    for sign, pair in ((1.0, left), (-1.0, right)):
        for first in pair[0]:
            for second in pair[1]:
                for term in _two_product(sign * first, second):
                    carried = term
                    for k in range(size):
                        carried, total[k] = _two_sum(carried, total[k])
                    total[size] = carried
                    size += 1
    # The parts do not overlap and grow in size: the last one that is not zero has the sign of the whole.
    for k in range(size - 1, -1, -1):
        if total[k] != 0.0:
            return 1 if total[k] > 0.0 else -1
    return 0


@njit(cache=True, nogil=True)
def side_of(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    """1 left of a->b, -1 right, 0 on the line: in doubles where they can tell, else exactly."""
    left = (bx - ax) * (py - ay)
    right = (by - ay) * (px - ax)
    det = left - right
    bound = _SURE * (abs(left) + abs(right))
    if det > bound:
        return 1
    if det < -bound:
        return -1
    return exact_side(ax, ay, bx, by, px, py)


@njit(cache=True, nogil=True)
def locate_exactly(px: float, py: float, edges: FloatArray, start: int, stop: int) -> int:
    """As :func:`locate`, also for points on edges and nearer to them than doubles can tell."""
    inside = False
    for k in range(start, stop):
        x1, y1, x2, y2 = edges[k, 0], edges[k, 1], edges[k, 2], edges[k, 3]
        if (y1 > py) == (y2 > py):
            # The ray misses the edge; a level edge, or an end point at the ray's height, may still hold the point.
            if y1 == py and y2 == py:
                if min(x1, x2) <= px <= max(x1, x2):
                    return ON_EDGE
            elif (y1 == py and x1 == px) or (y2 == py and x2 == px):
                return ON_EDGE
            continue
        if px > max(x1, x2):
            continue
        if px < min(x1, x2):
            inside = not inside
            continue
        side = side_of(x1, y1, x2, y2, px, py)
        if side == 0:
            return ON_EDGE
        if (side == 1) == (y2 > y1):
            inside = not inside
    return INSIDE if inside else OUTSIDE


@njit(cache=True, nogil=True)
def locate(px: float, py: float, edges: FloatArray, start: int, stop: int) -> int:
    """Where a point lies against the edges ``start`` to ``stop``: crossings of the ray to the east (even-odd).

    Without branches while doubles can tell, since no processor guesses which edges a random point's ray meets.
    """
    inside, unsure = False, False
    for k in range(start, stop):
        x1, y1, x2, y2 = edges[k, 0], edges[k, 1], edges[k, 2], edges[k, 3]
        left = (x2 - x1) * (py - y1)
        right = (y2 - y1) * (px - x1)
        det = left - right
        met = (y1 > py) != (y2 > py)
        inside ^= met & ((det > 0.0) == (y2 > y1))
        unsure |= (met & (abs(det) <= _SURE * (abs(left) + abs(right)))) | (y1 == py) | (y2 == py)
    if unsure:
        return locate_exactly(px, py, edges, start, stop)
    return INSIDE if inside else OUTSIDE


@njit(cache=True, nogil=True)
def bands_of_edges(
    edges: FloatArray, owner: SmallArray, y0: float, step_y: float, rows: int, first_row: IntArray, band_of: IntArray,
    start: IntArray, banded: FloatArray,
) -> None:  # fmt: skip
    """Edges by band: counts them into ``start[band + 1]`` while ``banded`` is empty, else copies them to the starts."""
    counting = len(banded) == 0
    for k in range(len(edges)):
        low, high = min(edges[k, 1], edges[k, 3]), max(edges[k, 1], edges[k, 3])
        first = max(0, int((low - y0) / step_y - PAD))
        last = min(rows - 1, int((high - y0) / step_y + PAD))
        offset = band_of[owner[k]] - first_row[owner[k]]
        for row in range(first, last + 1):
            if counting:
                start[offset + row + 1] += 1
                continue
            for side in range(4):
                banded[start[offset + row], side] = edges[k, side]
            start[offset + row] += 1


@njit(cache=True, nogil=True)
def cells_of_parts(
    edges: FloatArray, owner: SmallArray, x0: float, y0: float, step_x: float, step_y: float, columns: int, rows: int,
    cells: SmallArray, parts: SmallArray,
) -> int:  # fmt: skip
    """Every (cell, part) where an edge of the part touches the cell, each once, by part.

    Returns how many there are, and writes as many as the arrays hold.
    """
    stamp = np.full(columns * rows, -1, dtype=np.int32)
    written = 0
    for k in range(len(edges)):
        ax, ay, bx, by = edges[k, 0], edges[k, 1], edges[k, 2], edges[k, 3]
        low, high = min(ay, by), max(ay, by)
        first = max(0, int((low - y0) / step_y - PAD))
        last = min(rows - 1, int((high - y0) / step_y + PAD))
        for row in range(first, last + 1):
            x1, x2 = ax, bx
            if high > low:
                # The part of the edge inside this band of cells, one pad wider.
                t1 = (y0 + (row - PAD) * step_y - ay) / (by - ay)
                t2 = (y0 + (row + 1 + PAD) * step_y - ay) / (by - ay)
                x1 = ax + min(max(t1, 0.0), 1.0) * (bx - ax)
                x2 = ax + min(max(t2, 0.0), 1.0) * (bx - ax)
            left = max(0, int((min(x1, x2) - x0) / step_x - PAD))
            right = min(columns - 1, int((max(x1, x2) - x0) / step_x + PAD))
            for column in range(left, right + 1):
                cell = row * columns + column
                if stamp[cell] == owner[k]:
                    continue
                stamp[cell] = owner[k]
                if written < len(cells):
                    cells[written] = cell
                    parts[written] = owner[k]
                written += 1
    return written


@njit(cache=True, nogil=True)
def fill_cells(
    edge_cells: SmallArray, cell_start: IntArray, banded: FloatArray, band_start: IntArray,
    first_row: IntArray, band_of: IntArray, left: IntArray, right: IntArray,
    x0: float, y0: float, step_x: float, step_y: float, columns: int, filler: SmallArray,
) -> None:  # fmt: skip
    """Write the lowest part that fills each cell whole, by its own edges, into ``filler``; -1 stays where none does.

    Along a row, inside and outside change only at cells that hold the part's own edges, so one test serves a run.
    """
    stamp = np.full(len(filler), -1, dtype=np.int32)
    for part in range(len(first_row)):
        for k in range(cell_start[part], cell_start[part + 1]):
            stamp[edge_cells[k]] = part
        for slot in range(band_of[part], band_of[part + 1]):
            row = first_row[part] + slot - band_of[part]
            known, inside = False, False
            for column in range(left[part], right[part] + 1):
                cell = row * columns + column
                if stamp[cell] == part:
                    known = False
                    continue
                if not known:
                    centre_x, centre_y = x0 + (column + 0.5) * step_x, y0 + (row + 0.5) * step_y
                    inside = locate(centre_x, centre_y, banded, band_start[slot], band_start[slot + 1]) == INSIDE
                    known = True
                if inside and filler[cell] < 0:
                    filler[cell] = part


@njit(cache=True, nogil=True)
def border_of_cells(
    cells: SmallArray, parts: SmallArray, table: SmallArray, columns: int, first_row: IntArray, band_of: IntArray,
    band_start: IntArray, start: IntArray, border: SmallArray,
) -> None:  # fmt: skip
    """Write (part, first edge, past the last edge) of each pair into its cell's stretch of ``border``, in their order."""
    filled = np.zeros(len(start) - 1, dtype=np.int32)
    for k in range(len(cells)):
        slot = -2 - table[cells[k]]
        place = start[slot] + filled[slot]
        filled[slot] += 1
        band = band_of[parts[k]] + cells[k] // columns - first_row[parts[k]]
        border[place, 0], border[place, 1], border[place, 2] = parts[k], band_start[band], band_start[band + 1]


@njit(cache=True, nogil=True)
def assign_cells(
    lon: FloatArray, lat: FloatArray, table: SmallArray, border_start: IntArray, border: SmallArray,
    banded: FloatArray, position: IntArray, x0: float, y0: float, step_x: float, step_y: float, columns: int, rows: int,
    found: IntArray,
) -> None:  # fmt: skip
    """Caller's position of the lowest part that holds each point, edge included; -1 for none.

    ``table`` holds for each cell the part that fills it, -1 for none, or -2 - b for the b-th border cell; ``border`` holds
    the parts to try there, from the lowest, with their edges, and first edge -1 for a part that fills the cell.
    """
    told = np.empty(_BLOCK, dtype=np.int32)
    waiting, first, last, lead = np.empty((4, _BLOCK), dtype=np.int32)
    ahead = np.empty(_BLOCK)
    for start in range(0, len(lon), _BLOCK):
        # In steps over a block of points, so that the reads of one step do not wait for one another; ``ahead`` only
        # brings the edges near before they are asked (0.52 -> 0.42 s for 10 M points).
        stop = min(start + _BLOCK, len(lon))
        for i in range(start, stop):
            fx, fy = (lon[i] - x0) / step_x, (lat[i] - y0) / step_y
            if fx >= 0.0 and fy >= 0.0 and fx < columns and fy < rows:  # false for NaN
                told[i - start] = table[int(fy) * columns + int(fx)]
            else:
                told[i - start] = -1
        count = 0
        for i in range(start, stop):
            kind = told[i - start]
            found[i] = position[kind] if kind >= 0 else -1
            waiting[count] = i - start
            count += kind < -1
        for k in range(count):
            slot = -2 - told[waiting[k]]
            first[k], last[k] = border_start[slot], border_start[slot + 1]
        for k in range(count):
            lead[k] = max(border[first[k], 1], 0)
        for k in range(count):
            ahead[k] = banded[lead[k], 0]
        for k in range(count):
            i = start + waiting[k]
            for entry in range(first[k], last[k]):
                if (
                    border[entry, 1] < 0
                    or locate(lon[i], lat[i], banded, border[entry, 1], border[entry, 2]) != OUTSIDE
                ):
                    found[i] = position[border[entry, 0]]
                    break
