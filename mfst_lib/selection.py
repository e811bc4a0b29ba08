"""Which feature maps answer to the target? (Eqs. 1, 5, 6 and 14)"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import InvalidInput

Array = NDArray[np.float32]


def score_maps(feature_maps: Array, target_map: Array) -> Array:
    """s_c = sum(F_c ∘ M) for every channel c (Eq. 1, and Eq. 14 with M_p).

    feature_maps: (H, W, C) float32. target_map: (H, W) float32. Returns (C,) float32.
    Raises `InvalidInput` when the two are not on the same grid.
    """
    if feature_maps.ndim != 3 or feature_maps.shape[:2] != target_map.shape:
        raise InvalidInput(
            f"feature maps {feature_maps.shape} and target map {target_map.shape} "
            "must share their first two sizes"
        )
    # The Hadamard product and its sum, for all channels at once: one vector times one matrix.
    return target_map.reshape(-1) @ feature_maps.reshape(target_map.size, -1)


def average_scores(average: Array, scores: Array, eta: float = 0.99) -> Array:
    """s̄ ← η s̄ + (1 − η) s, the scores remembered over time (Eq. 6); all (C,) float32."""
    return (eta * average + (1 - eta) * scores).astype(np.float32)


def selected_count(channels: int, fraction: float) -> int:
    """How many channels are "the top 10 %": fraction · C to the nearest whole, at least one.

    A half rounds up. Raises `InvalidInput` unless 0 < fraction ≤ 1.

    >>> selected_count(1824, 0.10), selected_count(672, 0.10), selected_count(4, 0.01)
    (182, 67, 1)
    """
    if not 0 < fraction <= 1:
        raise InvalidInput(f"the fraction of selected maps lies in (0, 1]; got {fraction!r}")
    return max(1, int(np.floor(fraction * channels + 0.5)))


def select_top(scores: Array, fraction: float = 0.10) -> NDArray[np.intp]:
    """C_sel: the channels with the highest scores, best first (Eq. 2).

    scores: (C,). Of equal scores the lower channel number comes first, so that the choice
    never depends on the sorting algorithm.

    >>> select_top(np.array([3.0, 9.0, 9.0, 1.0]), 0.5)
    array([1, 2])
    """
    return np.argsort(-scores, kind="stable")[: selected_count(len(scores), fraction)]


def selection_weights(scores: Array, fraction: float = 0.10) -> Array:
    """w_c = 1 for the selected channels, 0 for the others (Eq. 5); (C,) float32.

    The same choice as `select_top`, found without sorting all scores: every score from the last
    selected one up is in; where too many equal it, the highest channel numbers are out again.
    """
    count = selected_count(len(scores), fraction)
    last = np.partition(scores, -count)[-count]
    selected = scores >= last
    surplus = np.count_nonzero(selected) - count
    if surplus:
        selected[np.flatnonzero(scores == last)[-surplus:]] = False
    return selected.astype(np.float32)
