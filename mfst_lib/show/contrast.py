"""How well a map singles out a box, as numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfst_lib.boxes import Floats
from mfst_lib.target_maps import coverage


def light_in(values: NDArray[np.floating], box: Floats) -> float:
    """The mean of a map (H, W) inside a box (4,) x, y, w, h in cells of the map.

    A cell that the box covers in part counts in part. NaN when the box lies outside the map.
    """
    return _mean(values, coverage(box, values.shape))  # type: ignore[arg-type]


def light_around(values: NDArray[np.floating], box: Floats) -> float:
    """The mean of a map (H, W) over all that the box (4,), in cells, does not cover."""
    return _mean(values, 1 - coverage(box, values.shape))  # type: ignore[arg-type]


def contrast(values: NDArray[np.floating], box: Floats) -> float:
    """`light_in` minus `light_around`: 1 for a map that is 1 in the box and 0 around it."""
    return light_in(values, box) - light_around(values, box)


def _mean(values: NDArray[np.floating], share: NDArray[np.float32]) -> float:
    area = float(share.sum())
    return float((values * share).sum()) / area if area > 0 else float("nan")
