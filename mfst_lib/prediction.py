"""The prediction map: where the selected feature maps see the target (Eqs. 2–4, 13)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import InvalidInput, unknown

Array = NDArray[np.float32]


def weighted_sum(feature_maps: Array, weights: Array) -> Array:
    """M̂ = F·w = Σ_c w_c F_c (Eqs. 3–4); with Eq. 5's weights it is Eq. 2's plain sum.

    feature_maps: (H, W, C). weights: (C,). Returns (H, W) float32.
    """
    if feature_maps.shape[-1:] != weights.shape:
        raise InvalidInput(f"{feature_maps.shape[-1]} feature maps but {len(weights)} weights")
    return feature_maps @ weights


def min_max(prediction_map: Array) -> Array:
    """The map shifted and stretched to [0, 1] (Sec. 2.2.4); a constant map becomes 0."""
    low, high = prediction_map.min(), prediction_map.max()
    if not high > low:
        return np.zeros_like(prediction_map)
    return (prediction_map - low) / (high - low)


def by_maximum(prediction_map: Array) -> Array:
    """The map divided by its maximum, negative values set to 0; without any above 0, all 0."""
    high = prediction_map.max()
    if not high > 0:
        return np.zeros_like(prediction_map)
    return np.maximum(prediction_map, 0) / high


NORMALISATIONS: dict[str, Callable[[Array], Array]] = {"min-max": min_max, "maximum": by_maximum}


def normalise(prediction_map: Array, rule: str = "min-max") -> Array:
    """A prediction map in [0, 1], by one of `NORMALISATIONS`; `InvalidInput` for another."""
    if rule not in NORMALISATIONS:
        raise unknown("normalisation", rule, NORMALISATIONS)
    return NORMALISATIONS[rule](prediction_map)


def subtract_negative(positive: Array, negative: Array, alpha: float = 0.5) -> Array:
    """M̂ = M̂_p − α M̂_n (Eq. 13), with values below 0 set to 0.

    Both maps normalised to [0, 1]. Eq. 10 speaks of values of 0 or higher; stretching the
    difference to [0, 1] instead would lift the background above b and let boxes explode.
    """
    return np.maximum(positive - alpha * negative, 0)


def enlarge(prediction_map: Array, size: int) -> Array:
    """The map at (size, size), bilinear: the resolution at which candidates are compared."""
    return cv2.resize(prediction_map, (size, size), interpolation=cv2.INTER_LINEAR)  # type: ignore[return-value]


def sum_maps(maps: Sequence[Array], rule: str = "min-max") -> Array:
    """M̂ = Σ_l (M̂_S + M̂_C), back in [0, 1] (Algorithm 1, line 12).

    maps: normalised prediction maps (H, W), one per layer and type; those of coarser grids are
    enlarged to the finest one. The sum of two maps reaches up to 2, so it is normalised again;
    a single map stays as it is.
    """
    if not maps:
        raise InvalidInput("no prediction map to sum")
    if len(maps) == 1:
        return maps[0]
    finest = max(len(one) for one in maps)
    on_one_grid = [one if len(one) == finest else enlarge(one, finest) for one in maps]
    return normalise(np.sum(on_one_grid, axis=0), rule)
