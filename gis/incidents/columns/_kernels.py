"""Compiled loops over one segment: Morton keys, counts on a lattice, tallies, points in a window.

Every loop releases the lock and reads its segment only. A row is wanted when its tag, its hour of the week and its area
are, and its second lies in the asked span.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

IntArray = npt.NDArray[np.int64]
KeyArray = npt.NDArray[np.uint64]
BoolArray = npt.NDArray[np.bool_]

LEVEL = 28
"""Bits of a Web-Mercator coordinate: a pixel of zoom 20, 0.15 m at the equator."""

COARSE = (18, 17, 16, 15)
"""Levels of the directories, pixels of zoom 10 to 7: whole cells are counted without looking where their rows lie."""


@njit(cache=True, nogil=True)
def interleave(x: int, y: int) -> np.uint64:
    """Morton code of two coordinates of up to 32 bits, x in the even bits."""
    a, b = np.uint64(x), np.uint64(y)
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        a = (a | (a << np.uint64(shift))) & np.uint64(mask)
        b = (b | (b << np.uint64(shift))) & np.uint64(mask)
    return a | (b << np.uint64(1))


@njit(cache=True, nogil=True)
def even_bits(code: np.uint64) -> int:
    """The x of a Morton code; shift the code by one for the y."""
    a = code & np.uint64(0x5555555555555555)
    for shift, mask in (
        (1, 0x3333333333333333),
        (2, 0x0F0F0F0F0F0F0F0F),
        (4, 0x00FF00FF00FF00FF),
        (8, 0x0000FFFF0000FFFF),
        (16, 0x00000000FFFFFFFF),
    ):
        a = (a | (a >> np.uint64(shift))) & np.uint64(mask)
    return int(a)


@njit(cache=True, nogil=True)
def morton(x: IntArray, y: IntArray) -> KeyArray:
    """Morton code of each pair."""
    found = np.empty(len(x), dtype=np.uint64)
    for i in range(len(x)):
        found[i] = interleave(x[i], y[i])
    return found


@njit(cache=True, nogil=True)
def coordinates(keys: KeyArray) -> tuple[IntArray, IntArray]:
    """The pair behind each Morton code."""
    x, y = np.empty(len(keys), dtype=np.int64), np.empty(len(keys), dtype=np.int64)
    for i in range(len(keys)):
        x[i] = even_bits(keys[i])
        y[i] = even_bits(keys[i] >> np.uint64(1))
    return x, y


@njit(cache=True, nogil=True)
def ranges_of(x0: int, y0: int, x1: int, y1: int, shift: int) -> KeyArray:
    """Half-open Morton ranges that cover the blocks [x0, x1) x [y0, y1), ``shift`` bits above the keys; shape (k, 2).

    Blocks that follow one another in Morton order share a range.
    """
    codes = np.empty((x1 - x0) * (y1 - y0), dtype=np.uint64)
    at = 0
    for y in range(y0, y1):
        for x in range(x0, x1):
            codes[at] = interleave(x, y)
            at += 1
    codes.sort()
    ranges = np.empty((len(codes), 2), dtype=np.uint64)
    kept, one, up = 0, np.uint64(1), np.uint64(shift)
    for code in codes:
        if kept and ranges[kept - 1, 1] == code << up:
            ranges[kept - 1, 1] = (code + one) << up
        else:
            ranges[kept, 0], ranges[kept, 1] = code << up, (code + one) << up
            kept += 1
    return ranges[:kept]


@njit(cache=True, nogil=True)
def _first_at_least(keys: KeyArray, low: int, wanted: np.uint64) -> int:
    high = len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def count_rows(  # type: ignore[no-untyped-def]
    key, x, y, second, slot, tag, place, since, until, tag_ok, slot_ok, place_ok, checks, ranges, shift, x0, y0, counts
):
    """Add the wanted rows of some Morton ranges to ``counts``, whose cell (0, 0) is (x0, y0), ``shift`` bits coarser."""
    by_tag, by_slot, by_place, by_time = checks
    tall, wide = counts.shape
    at = 0
    for r in range(len(ranges)):
        at = _first_at_least(key, at, ranges[r, 0])
        end = _first_at_least(key, at, ranges[r, 1])
        for i in range(at, end):
            keep = True
            if by_tag:
                keep &= tag_ok[tag[i]]
            if by_slot:
                keep &= slot_ok[slot[i]]
            if by_place:
                keep &= place_ok[place[i]]
            if by_time:
                keep &= since <= second[i] < until
            row, column = np.int64(y[i] >> shift) - y0, np.int64(x[i] >> shift) - x0
            if keep and 0 <= row < tall and 0 <= column < wide:
                counts[row, column] += 1
        at = end


@njit(cache=True, nogil=True)
def count_cells(  # type: ignore[no-untyped-def]
    code,
    x,
    y,
    first,
    second,
    slot,
    tag,
    place,
    since,
    until,
    tag_ok,
    slot_ok,
    place_ok,
    checks,
    ranges,
    shift,
    x0,
    y0,
    counts,
):
    """As :func:`count_rows` by a directory of cells; ``shift`` and the ranges are told in its level."""
    by_tag, by_slot, by_place, by_time = checks
    by_any = by_tag or by_slot or by_place or by_time
    tall, wide = counts.shape
    at = 0
    for r in range(len(ranges)):
        at = _first_at_least(code, at, ranges[r, 0])
        end = _first_at_least(code, at, ranges[r, 1])
        for c in range(at, end):
            row, column = np.int64(y[c] >> shift) - y0, np.int64(x[c] >> shift) - x0
            if 0 <= row < tall and 0 <= column < wide:
                some = first[c + 1] - first[c]
                if by_any:
                    some = 0
                    for i in range(first[c], first[c + 1]):
                        keep = True
                        if by_tag:
                            keep &= tag_ok[tag[i]]
                        if by_slot:
                            keep &= slot_ok[slot[i]]
                        if by_place:
                            keep &= place_ok[place[i]]
                        if by_time:
                            keep &= since <= second[i] < until
                        some += keep
                counts[row, column] += some
        at = end


@njit(cache=True, nogil=True)
def tally(  # type: ignore[no-untyped-def]
    second, day, slot, tag, place, since, until, tag_ok, slot_ok, place_ok, checks, places, tags, slots, days
):
    """Add the wanted rows to the counts by place, by tag, by tag and hour of the week, and by day of the month."""
    by_tag, by_slot, by_place, by_time = checks
    for i in range(len(tag)):
        if by_tag and not tag_ok[tag[i]]:
            continue
        if by_slot and not slot_ok[slot[i]]:
            continue
        if by_place and not place_ok[place[i]]:
            continue
        if by_time and not since <= second[i] < until:
            continue
        places[place[i]] += 1
        tags[tag[i]] += 1
        slots[tag[i], slot[i]] += 1
        days[day[i]] += 1


@njit(cache=True, nogil=True)
def cross(  # type: ignore[no-untyped-def]
    second, slot, tag, place, since, until, tag_ok, slot_ok, place_ok, checks, group_of, counts
):
    """Add the wanted rows to the counts by place and by group of their tag."""
    by_tag, by_slot, by_place, by_time = checks
    for i in range(len(tag)):
        if by_tag and not tag_ok[tag[i]]:
            continue
        if by_slot and not slot_ok[slot[i]]:
            continue
        if by_place and not place_ok[place[i]]:
            continue
        if by_time and not since <= second[i] < until:
            continue
        counts[place[i], group_of[tag[i]]] += 1


@njit(cache=True, nogil=True)
def span(second, slot, tag, place, since, until, tag_ok, slot_ok, place_ok, checks):  # type: ignore[no-untyped-def]
    """First and last second of the wanted rows; the first lies after the last where there are none."""
    by_tag, by_slot, by_place, by_time = checks
    first, last = 1 << 40, -1
    for i in range(len(tag)):
        if by_tag and not tag_ok[tag[i]]:
            continue
        if by_slot and not slot_ok[slot[i]]:
            continue
        if by_place and not place_ok[place[i]]:
            continue
        if by_time and not since <= second[i] < until:
            continue
        first, last = min(first, second[i]), max(last, second[i])
    return first, last


@njit(cache=True, nogil=True)
def find_rows(  # type: ignore[no-untyped-def]
    key, x, y, second, slot, tag, place, since, until, tag_ok, slot_ok, place_ok, checks, ranges, box, found, most
):
    """Positions of the wanted rows inside ``box`` (x0, y0, x1, y1 half-open at key level); how many there are in all.

    Only the first ``most`` go into ``found``.
    """
    by_tag, by_slot, by_place, by_time = checks
    at, total = 0, 0
    for r in range(len(ranges)):
        at = _first_at_least(key, at, ranges[r, 0])
        while at < len(key) and key[at] < ranges[r, 1]:
            i = at
            at += 1
            if by_tag and not tag_ok[tag[i]]:
                continue
            if by_slot and not slot_ok[slot[i]]:
                continue
            if by_place and not place_ok[place[i]]:
                continue
            if by_time and not since <= second[i] < until:
                continue
            if not (box[0] <= x[i] < box[2] and box[1] <= y[i] < box[3]):
                continue
            if total < most:
                found[total] = i
            total += 1
    return total
