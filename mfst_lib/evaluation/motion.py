"""How targets move from one frame to the next, in the units of Eqs. 7–9."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfst_lib.boxes import Floats, centre_distance


def centre_shifts(boxes: Floats) -> NDArray[np.float64]:
    """How far the centre moves, over the longer side of the box before: Eqs. 7–8's unit.

    boxes: (T, 4) x, y, w, h. Returns (T − 1,).

    >>> centre_shifts(np.array([[0.0, 0, 10, 20], [3, 4, 10, 20]])).tolist()
    [0.25]
    """
    boxes = np.asarray(boxes, dtype=np.float64)
    return centre_distance(boxes[1:], boxes[:-1]) / boxes[:-1, 2:].max(axis=1)


def size_factors(boxes: Floats) -> NDArray[np.float64]:
    """By which factor the size changes, the one factor of Eq. 9: the root of the areas' ratio.

    boxes: (T, 4) x, y, w, h. Returns (T − 1,); 1 where the size stays.

    >>> size_factors(np.array([[0.0, 0, 10, 20], [0, 0, 20, 40]])).tolist()
    [2.0]
    """
    areas = np.prod(np.asarray(boxes, dtype=np.float64)[:, 2:], axis=1)
    return np.sqrt(areas[1:] / areas[:-1])
