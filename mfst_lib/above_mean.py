"""Feature maps from their own mean up: a map says something where it is brighter than usual."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


def above_mean(feature_maps: Array) -> Array:
    """F⁺_c = max(F_c − mean(F_c), 0), the mean over the ROI; (H, W, C) float32.

    What a map shows of the whole ROI cannot tell the target from what is around it, but it would
    count in the scores of Eq. 1, whose target maps do not sum to 0.

    >>> above_mean(np.array([[[1.0, 5.0], [3.0, 5.0]]], np.float32)).tolist()
    [[[0.0, 0.0], [1.0, 0.0]]]
    """
    return np.maximum(feature_maps - feature_maps.mean(axis=(0, 1)), 0)
