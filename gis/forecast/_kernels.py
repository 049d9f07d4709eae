"""Compiled loops of the forecasts: decayed and windowed counts by place, kernel mass from sites to cells, hits of a ranking."""

import math

import numpy as np
import numpy.typing as npt
from numba import njit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

REACH = 4.0
"""A Gaussian is cut at so many bandwidths along each axis, where it holds less than 1e-4 of its mass."""


@njit(cache=True, nogil=True)
def decayed_sums(day: FloatArray, place: IntArray, places: int, cutoffs: FloatArray, efold: float) -> FloatArray:
    """Sum over incidents before each cutoff of exp(-age / efold), by place; shape (cutoffs, places).

    Days rise, and so do cutoffs: the sums of one cutoff are those of the last, aged, and what came since.
    """
    found = np.zeros((len(cutoffs), places))
    state = np.zeros(places)
    at = 0
    for k in range(len(cutoffs)):
        if k > 0:
            state *= math.exp(-(cutoffs[k] - cutoffs[k - 1]) / efold)
        while at < len(day) and day[at] < cutoffs[k]:
            state[place[at]] += math.exp(-(cutoffs[k] - day[at]) / efold)
            at += 1
        found[k] = state
    return found


@njit(cache=True, nogil=True)
def counted_sums(day: FloatArray, place: IntArray, places: int, cutoffs: FloatArray, window: float) -> FloatArray:
    """Incidents in ``[cutoff - window, cutoff)`` by place; shape (cutoffs, places). Whole numbers, so that ties stay ties."""
    found = np.zeros((len(cutoffs), places))
    state = np.zeros(places)
    first, last = 0, 0
    for k in range(len(cutoffs)):
        while last < len(day) and day[last] < cutoffs[k]:
            state[place[last]] += 1.0
            last += 1
        while first < last and day[first] < cutoffs[k] - window:
            state[place[first]] -= 1.0
            first += 1
        found[k] = state
    return found


@njit(cache=True, nogil=True)
def trigger_sums(day: FloatArray, place: IntArray, places: int, efold: float) -> tuple[FloatArray, FloatArray]:
    """For each incident, over the earlier ones of its place: sum of exp(-age / efold), and of age times that; shape (n,)."""
    near, lag = np.zeros(len(day)), np.zeros(len(day))
    last = np.full(places, -np.inf)
    total, aged = np.zeros(places), np.zeros(places)
    for i in range(len(day)):
        p = place[i]
        if last[p] > -np.inf:
            apart = day[i] - last[p]
            kept = math.exp(-apart / efold)
            aged[p] = (aged[p] + apart * total[p]) * kept
            total[p] *= kept
        near[i], lag[i] = total[p], aged[p]
        total[p] += 1.0
        last[p] = day[i]
    return near, lag


@njit(cache=True, nogil=True)
def site_mass(
    across: FloatArray, up: FloatArray, sigma: float, owner: IntArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Gaussian mass of each site in the cells around it, as (site, cell, mass); a cell of several squares comes several times.

    Positions and sigma are in squares of the raster ``owner`` (rows, columns), which names the cell of each square, -1 for none.
    """
    rows, columns = owner.shape
    reach = math.ceil(REACH * sigma) + 1
    wide = 2 * reach + 1
    most = len(across) * wide * wide
    from_site, to_cell, mass = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most)
    east, north = np.empty(wide), np.empty(wide)
    scale = 1.0 / (sigma * math.sqrt(2.0))
    n = 0
    for i in range(len(across)):
        c0, r0 = math.floor(across[i]) - reach, math.floor(up[i]) - reach
        for j in range(wide):
            east[j] = 0.5 * (math.erf((c0 + j + 1 - across[i]) * scale) - math.erf((c0 + j - across[i]) * scale))
            north[j] = 0.5 * (math.erf((r0 + j + 1 - up[i]) * scale) - math.erf((r0 + j - up[i]) * scale))
        for y in range(wide):
            r = r0 + y
            if r < 0 or r >= rows or north[y] < 1e-6:
                continue
            for x in range(wide):
                c = c0 + x
                if c < 0 or c >= columns or east[x] < 1e-6 or owner[r, c] < 0:
                    continue
                from_site[n], to_cell[n], mass[n] = i, owner[r, c], north[y] * east[x]
                n += 1
    return from_site[:n].copy(), to_cell[:n].copy(), mass[:n].copy()


@njit(cache=True, nogil=True)
def _leading(rank: FloatArray, area: FloatArray, budget: float) -> IntArray:
    """Cells from the highest rank on, as many as hold the budget of area with all that tie with the last of them."""
    most = int(2.0 * budget / area.sum() * len(rank)) + 16
    if most < len(rank) // 2:
        least = np.partition(rank, len(rank) - most)[len(rank) - most]
        held = np.flatnonzero(rank >= least)
        # Small cells may hold less area than their number promises; then all are put in order.
        if len(held) < len(rank) // 2 and area[held].sum() > budget + 1e-9:
            return held[np.argsort(-rank[held])]
    return np.argsort(-rank)


@njit(cache=True, nogil=True)
def ranked_sums(rank: FloatArray, area: FloatArray, values: FloatArray, budgets: FloatArray) -> FloatArray:
    """Sum of ``values`` in the cells of highest rank up to each budget of area; shape (values, budgets).

    Cells of equal rank share the area that is left for them, each by the same part: for cells of one size this is the mean
    over all orders in which ties can be broken. ``rank`` is (cells,), ``values`` (k, cells), budgets rise.
    """
    order = _leading(rank, area, budgets[-1])
    found = np.zeros((len(values), len(budgets)))
    held = np.zeros(len(values))
    tied = np.zeros(len(values))
    used, b, i = 0.0, 0, 0
    while b < len(budgets) and i < len(order):
        j, size = i, 0.0
        tied[:] = 0.0
        while j < len(order) and rank[order[j]] == rank[order[i]]:
            size += area[order[j]]
            for v in range(len(values)):
                tied[v] += values[v, order[j]]
            j += 1
        while b < len(budgets) and budgets[b] <= used + size + 1e-9:
            part = min(1.0, (budgets[b] - used) / size)
            for v in range(len(values)):
                found[v, b] = held[v] + part * tied[v]
            b += 1
        used += size
        held += tied
        i = j
    while b < len(budgets):
        found[:, b] = held
        b += 1
    return found
