"""The angular sweep around a camera: which wall is first in every direction. Plain numbers, compiled; no geometry types."""

import math
from typing import Any

import numpy as np
from numba import njit

TURN = 2.0 * math.pi
ARCS = 512
"""Corners of a full circle: the polygon is 0.0025 % smaller than the disc."""

_FLAT = 1e-12


@njit(cache=True, nogil=True)
def _clip(x1: float, y1: float, x2: float, y2: float, reach: float) -> Any:
    """The part of a wall within reach of the origin, as two parameters along it; the second is smaller where none is."""
    dx, dy = x2 - x1, y2 - y1
    a = dx * dx + dy * dy
    if a == 0.0:
        return 1.0, 0.0
    b = x1 * dx + y1 * dy
    c = x1 * x1 + y1 * y1 - reach * reach
    root = b * b - a * c
    if root <= 0.0:
        return 1.0, 0.0
    root = math.sqrt(root)
    return max(0.0, (-b - root) / a), min(1.0, (-b + root) / a)


@njit(cache=True, nogil=True)
def _gather(
    walls: Any, buildings: Any, starts: Any, x: float, y: float, reach: float, turn: float, wall: Any, span: Any
) -> int:
    """Walls within reach as ends (counter-clockwise) and spans of angle from ``turn`` on; a wall over it is cut in two."""
    found = 0
    for building in buildings:
        for at in range(starts[building], starts[building + 1]):
            x1, y1, x2, y2 = walls[at, 0] - x, walls[at, 1] - y, walls[at, 2] - x, walls[at, 3] - y
            low, high = _clip(x1, y1, x2, y2, reach)
            if high <= low:
                continue
            dx, dy = x2 - x1, y2 - y1
            x2, y2 = x1 + high * dx, y1 + high * dy
            x1, y1 = x1 + low * dx, y1 + low * dy
            cross = x1 * y2 - x2 * y1
            if cross < 0.0:
                x1, y1, x2, y2 = x2, y2, x1, y1
                cross = -cross
            wide = math.atan2(cross, x1 * x2 + y1 * y2)
            if wide < _FLAT:
                continue
            start = (math.atan2(y1, x1) - turn) % TURN
            wall[found, 0], wall[found, 1], wall[found, 2], wall[found, 3] = x1, y1, x2, y2
            span[found, 0], span[found, 1] = start, start + wide
            found += 1
            if start + wide > TURN:
                wall[found] = wall[found - 1]
                span[found, 0], span[found, 1] = 0.0, start + wide - TURN
                span[found - 1, 1] = TURN
                found += 1
    return found


@njit(cache=True, nogil=True)
def _hit(wall: Any, cosine: float, sine: float) -> float:
    """How far a ray runs to the line of a wall, kept between the wall's own nearest and farthest points."""
    x1, y1, x2, y2 = wall[0], wall[1], wall[2], wall[3]
    dx, dy = x2 - x1, y2 - y1
    down = cosine * dy - sine * dx
    cross = x1 * y2 - x2 * y1
    one, two = math.hypot(x1, y1), math.hypot(x2, y2)
    if abs(down) < 1e-300:
        return min(one, two)
    along = -(x1 * dx + y1 * dy) / (dx * dx + dy * dy)
    nearest = min(one, two)
    if 0.0 < along < 1.0:
        nearest = cross / math.sqrt(dx * dx + dy * dy)
    return min(max(cross / down, nearest), max(one, two))


@njit(cache=True, nogil=True)
def _put(points: Any, count: int, x: float, y: float) -> int:
    if count and points[count - 1, 0] == x and points[count - 1, 1] == y:
        return count
    points[count, 0], points[count, 1] = x, y
    return count + 1


@njit(cache=True, nogil=True)
def _arc(points: Any, count: int, low: float, high: float, turn: float, reach: float) -> int:
    """Corners of the circle between two angles: its ends, and between them corners that all cameras share."""
    step = TURN / ARCS
    count = _put(points, count, reach * math.cos(low + turn), reach * math.sin(low + turn))
    corner = math.floor((low + turn) / step) + 1
    while corner * step < high + turn:
        if corner * step > low + turn + _FLAT:
            count = _put(points, count, reach * math.cos(corner * step), reach * math.sin(corner * step))
        corner += 1
    return _put(points, count, reach * math.cos(high + turn), reach * math.sin(high + turn))


@njit(cache=True, nogil=True)
def sweep(walls: Any, buildings: Any, starts: Any, x: float, y: float, reach: float, turn: float, wide: float) -> Any:
    """Outline of the ground seen from a point, relative to it, counter-clockwise; without the point itself.

    Parameters
    ----------
    walls, buildings, starts
        Wall ends, the buildings within reach, and where the walls of each begin.
    reach
        Range, m.
    turn, wide
        Mathematical angle at which the view begins, and its width, radians.

    Returns
    -------
    points
        Shape (k, 2), m.
    """
    room = 0
    for building in buildings:
        room += starts[building + 1] - starts[building]
    wall, span = np.empty((2 * room, 4)), np.empty((2 * room, 2))
    found = _gather(walls, buildings, starts, x, y, reach, turn, wall, span)
    order = np.argsort(span[:found, 0])
    events = np.empty(2 * found + 2)
    events[: 2 * found] = np.minimum(span[:found].copy().reshape(-1), wide)
    events[2 * found], events[2 * found + 1] = 0.0, wide
    events.sort()
    points = np.empty((2 * len(events) + 2 * ARCS + 8 + 2 * len(events), 2))
    active = np.empty(found, dtype=np.int64)
    standing, following, count, before = 0, 0, 0, -2
    for at in range(len(events) - 1):
        low, high = events[at], events[at + 1]
        if high - low < _FLAT or low >= wide:
            continue
        middle = 0.5 * (low + high)
        while following < found and span[order[following], 0] <= middle:
            active[standing] = order[following]
            standing += 1
            following += 1
        kept = 0
        first, best = -1, reach
        cosine, sine = math.cos(middle + turn), math.sin(middle + turn)
        for place in range(standing):
            one = active[place]
            if span[one, 1] <= middle:
                continue
            active[kept] = one
            kept += 1
            far = _hit(wall[one], cosine, sine)
            if far < best:
                first, best = one, far
        standing = kept
        if first < 0:
            count = _arc(points, count, low, high, turn, reach)
        else:
            if first != before:
                c, s = math.cos(low + turn), math.sin(low + turn)
                far = min(_hit(wall[first], c, s), reach)
                count = _put(points, count, far * c, far * s)
            elif count:
                # The same wall goes on: its last corner moves.
                count -= 1
            c, s = math.cos(high + turn), math.sin(high + turn)
            far = min(_hit(wall[first], c, s), reach)
            count = _put(points, count, far * c, far * s)
        before = first
    return points[:count].copy()


@njit(cache=True, nogil=True)
def sweep_all(
    walls: Any, pairs: Any, of: Any, starts: Any, x: Any, y: Any, reach: Any, turn: Any, wide: Any, round_: Any
) -> Any:
    """:func:`sweep` for many views: closed rings one after another, absolute, and where each begins.

    ``pairs[of[i]:of[i + 1]]`` are the buildings within reach of view ``i``. A view that is not all round has its own
    point as a corner.
    """
    total = 0
    offsets = np.zeros(len(x) + 1, dtype=np.int64)
    room = 4096
    rings = np.empty((room, 2))
    for view in range(len(x)):
        points = sweep(
            walls, pairs[of[view] : of[view + 1]], starts, x[view], y[view], reach[view], turn[view], wide[view]
        )
        size = len(points)
        need = total + size + 2
        if need > room:
            room = max(2 * room, need)
            more = np.empty((room, 2))
            more[:total] = rings[:total]
            rings = more
        first = total
        if not round_[view]:
            rings[total, 0], rings[total, 1] = x[view], y[view]
            total += 1
        for at in range(size):
            rings[total, 0], rings[total, 1] = points[at, 0] + x[view], points[at, 1] + y[view]
            total += 1
        rings[total] = rings[first]
        total += 1
        offsets[view + 1] = total
    return rings[:total].copy(), offsets
