"""Compiled loop of the equal-split kernel: from each incident out along the streets, halved at every junction."""

import numpy as np
import numpy.typing as npt
from numba import njit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@njit(cache=True, nogil=True)
def quartic_mass(at: float, reach: float) -> float:
    """Mass of the quartic kernel on a line from its middle to ``at``: 0 to a half; 15/16 (1 - u^2)^2 has it in closed form."""
    u = min(max(at / reach, 0.0), 1.0)
    return 15.0 / 16.0 * (u - 2.0 * u**3 / 3.0 + u**5 / 5.0)


@njit(cache=True, nogil=True)
def _along(
    mass: FloatArray, first: int, pieces: int, length: float, from_head: bool, gone: float, weight: float, reach: float
) -> None:
    """Add the kernel's mass to the pieces of a street entered at one end after ``gone`` metres."""
    step = length / pieces
    before = quartic_mass(gone, reach)
    for k in range(pieces):
        if gone + k * step >= reach:
            return
        after = quartic_mass(gone + (k + 1) * step, reach)
        mass[first + (pieces - 1 - k if from_head else k)] += weight * (after - before)
        before = after


@njit(cache=True, nogil=True)
def equal_split(
    segment: IntArray,
    along: FloatArray,
    weight: FloatArray,
    ends: IntArray,
    length: FloatArray,
    start: IntArray,
    leaving: IntArray,
    first: IntArray,
    reach: float,
    most_steps: int,
) -> tuple[FloatArray, int]:
    """Mass of each piece, and the steps taken; more steps than ``most_steps`` stop the work.

    Parameters
    ----------
    segment, along, weight
        Incidents: street, metres from its tail, weight; shape (n,).
    ends
        Shape (streets, 2), node at tail and head.
    length
        Shape (streets,).
    start, leaving
        Half-edges that leave each node, ``leaving[start[v]:start[v + 1]]``: twice the street, plus 1 from its head.
    first
        Shape (streets + 1,), first piece of each street.
    reach
        Bandwidth, metres.
    """
    mass = np.zeros(first[-1])
    half, gone, share = np.empty(64, np.int64), np.empty(64), np.empty(64)
    steps = 0
    for i in range(len(segment)):
        s, at, w = segment[i], along[i], weight[i]
        pieces = first[s + 1] - first[s]
        step = length[s] / pieces
        for k in range(pieces):
            # Signed distances of the piece's ends from the incident, each side up to a half of the mass.
            low, high = k * step - at, (k + 1) * step - at
            below = -quartic_mass(-low, reach) if low < 0 else quartic_mass(low, reach)
            above = -quartic_mass(-high, reach) if high < 0 else quartic_mass(high, reach)
            mass[first[s] + k] += w * (above - below)
        top = 0
        for end in range(2):
            distance = at if end == 0 else length[s] - at
            if distance < reach:
                # Stored as the half-edge by which the node was reached: leaving it again is not allowed.
                half[top], gone[top], share[top] = 2 * s + end, distance, w
                top += 1
        while top > 0 and steps <= most_steps:
            top -= 1
            came, distance, part = half[top], gone[top], share[top]
            node = ends[came // 2, came % 2]
            others = start[node + 1] - start[node] - 1
            if others < 1:
                continue
            part /= others
            for at_half in range(start[node], start[node + 1]):
                out = leaving[at_half]
                if out == came:
                    continue
                steps += 1
                street = out // 2
                _along(
                    mass,
                    first[street],
                    first[street + 1] - first[street],
                    length[street],
                    out % 2 == 1,
                    distance,
                    part,
                    reach,
                )
                if distance + length[street] < reach:
                    if top + 1 >= len(half):
                        half = np.concatenate((half, np.empty(len(half), np.int64)))
                        gone, share = (
                            np.concatenate((gone, np.empty(len(gone)))),
                            np.concatenate((share, np.empty(len(share)))),
                        )
                    # The far end is reached by the other half of the same street.
                    half[top], gone[top], share[top] = 2 * street + 1 - out % 2, distance + length[street], part
                    top += 1
    return mass, steps
