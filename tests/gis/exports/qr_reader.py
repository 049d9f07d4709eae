"""Reads a clean QR code of level Q, versions 1 to 10, from its SVG; written from ISO/IEC 18004, without error correction."""

import re
from xml.etree import ElementTree

import numpy as np

BLOCKS = {1: [13], 2: [22], 3: [17] * 2, 4: [24] * 2, 5: [15] * 2 + [16] * 2, 6: [19] * 4, 7: [14] * 2 + [15] * 4,
          8: [18] * 4 + [19] * 2, 9: [16] * 4 + [17] * 4, 10: [19] * 6 + [20] * 2}  # fmt: skip
"""Data codewords of each block at level Q (table 9)."""
ALIGNED = {2: [6, 18], 3: [6, 22], 4: [6, 26], 5: [6, 30], 6: [6, 34], 7: [6, 22, 38], 8: [6, 24, 42], 9: [6, 26, 46],
           10: [6, 28, 50]}  # fmt: skip
MASKS = (
    lambda r, c: (r + c) % 2, lambda r, c: r % 2, lambda r, c: c % 3, lambda r, c: (r + c) % 3,
    lambda r, c: (r // 2 + c // 3) % 2, lambda r, c: r * c % 2 + r * c % 3, lambda r, c: (r * c % 2 + r * c % 3) % 2,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2,
)  # fmt: skip


def modules_of(svg: str) -> np.ndarray:
    """Dark modules as drawn, the quiet zone of four taken off after a look that it is light."""
    root = ElementTree.fromstring(svg)
    side = int(root.get("viewBox", "").split()[2])
    dark = np.zeros((side, side), dtype=bool)
    path = next(e.get("d", "") for e in root.iter("{http://www.w3.org/2000/svg}path") if e.get("stroke"))
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([^Mmh]*)", path):
        values = [float(value) for value in re.findall(r"-?[\d.]+", numbers)]
        if command == "h":
            dark[int(y), int(x) : int(x + values[0])] = True
            x += values[0]
        else:
            x, y = values if command == "M" else (x + values[0], y + values[1])
    assert not dark[:4].any() and not dark[:, :4].any() and not dark[-4:].any() and not dark[:, -4:].any()  # noqa: PT018
    return dark[4:-4, 4:-4]


def read(svg: str) -> str:
    """The text in the code."""
    dark = modules_of(svg)
    side = len(dark)
    version = (side - 17) // 4
    bits = [int(dark[8, column]) for column in (0, 1, 2, 3, 4, 5, 7, 8)] + [
        int(dark[row, 8]) for row in (7, 5, 4, 3, 2, 1, 0)
    ]
    form = int("".join(map(str, bits)), 2) ^ 0b101010000010010
    assert form >> 13 == 0b11, "level Q"
    mask = MASKS[form >> 10 & 7]
    reserved = _reserved(side, version)
    stream = []
    upwards, right = True, side - 1
    while right > 0:
        if right == 6:
            right -= 1
        for row in range(side - 1, -1, -1) if upwards else range(side):
            free = (column for column in (right, right - 1) if not reserved[row, column])
            stream += [bool(dark[row, column]) ^ (mask(row, column) == 0) for column in free]
        right, upwards = right - 2, not upwards
    words = np.packbits(np.array(stream[: len(stream) // 8 * 8], dtype=bool)).tolist()
    data = _in_order(words, BLOCKS[version])
    text = "".join(f"{word:08b}" for word in data)
    assert text[:4] == "0100", "byte mode"
    wide = 8 if version < 10 else 16
    size = int(text[4 : 4 + wide], 2)
    start = 4 + wide
    return bytes(int(text[start + 8 * i : start + 8 * i + 8], 2) for i in range(size)).decode("utf-8")


def _in_order(words: list[int], sizes: list[int]) -> list[int]:
    blocks: list[list[int]] = [[] for _ in sizes]
    source = iter(words)
    for position in range(max(sizes)):
        for block, size in zip(blocks, sizes, strict=True):
            if position < size:
                block.append(next(source))
    return [word for block in blocks for word in block]


def _reserved(side: int, version: int) -> np.ndarray:
    taken = np.zeros((side, side), dtype=bool)
    taken[:9, :9] = taken[:9, -8:] = taken[-8:, :9] = True
    taken[6] = taken[:, 6] = True
    middles = ALIGNED.get(version, [])
    for row in middles:
        for column in middles:
            if (row, column) not in ((6, 6), (6, middles[-1]), (middles[-1], 6)):
                taken[row - 2 : row + 3, column - 2 : column + 3] = True
    if version >= 7:
        taken[:6, -11:-8] = taken[-11:-8, :6] = True
    return taken
