"""Target maps (Secs. 2.1, 2.2.2, 3.2.2): what we would like a feature map to look like."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mfst_lib.boxes import Floats, to_centre, to_corner
from mfst_lib.errors import unknown


def covered_lengths(start: float, length: float, cells: int) -> NDArray[np.float64]:
    """How much of each unit cell [i, i + 1) the interval covers; (cells,) in [0, 1]."""
    left = np.arange(cells, dtype=np.float64)
    overlap = np.minimum(left + 1, start + length) - np.maximum(left, start)
    return np.maximum(overlap, 0.0)  # a unit cell is never covered by more than 1


def coverage(box: Floats, grid: tuple[int, int]) -> NDArray[np.float32]:
    """The share of each cell that the box covers: exact area, (rows, columns) in [0, 1].

    box: (4,) x, y, w, h in cells of the grid. It equals the full-resolution map of ones and
    zeros, averaged over each cell, at any resolution.

    >>> coverage(np.array([0.5, 0.0, 1.0, 1.0]), (1, 3))
    array([[0.5, 0.5, 0. ]], dtype=float32)
    """
    x, y, w, h = (float(v) for v in box)
    rows, columns = grid
    return np.outer(covered_lengths(y, h, rows), covered_lengths(x, w, columns)).astype(np.float32)


def doubled(box: Floats) -> NDArray[np.float64]:
    """The box with twice its width and height around the same centre."""
    return to_corner(to_centre(box) * [1, 1, 2, 2])


def type_c(box: Floats, grid: tuple[int, int]) -> NDArray[np.float32]:
    """Type C: +1 inside the box, −1 everywhere else in the ROI (Sec. 2.2.2)."""
    return 2 * coverage(box, grid) - 1


def type_s(box: Floats, grid: tuple[int, int]) -> NDArray[np.float32]:
    """Type S: +1 inside the box, −1 in the rest of the doubled box, 0 beyond (Sec. 2.2.2)."""
    return 2 * coverage(box, grid) - coverage(doubled(box), grid)


TYPES: dict[str, Callable[[Floats, tuple[int, int]], NDArray[np.float32]]] = {
    "S": type_s,
    "C": type_c,
}


def target_map(kind: str, box: Floats, grid: tuple[int, int]) -> NDArray[np.float32]:
    """The target map M of one type, (rows, columns) float32 in [−1, 1].

    box: (4,) x, y, w, h in cells (see `mfst_lib.roi.to_map`). Raises `InvalidInput` for an
    unknown type.
    """
    if kind not in TYPES:
        raise unknown("target map type", kind, TYPES)
    return TYPES[kind](box, grid)


def negative(positive: NDArray[np.float32]) -> NDArray[np.float32]:
    """M_n = −M_p: negative on the target, positive around it (Sec. 3.2.2)."""
    return -positive
