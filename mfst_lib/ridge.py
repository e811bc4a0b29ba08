"""Maps weighted by how well they tell the target from its surroundings: ridge regression.

The top 10 % see the target, but many of them see its surroundings as well. Here the weights w of
the selected maps are those whose weighted sum M̂ = F·w comes nearest to a wanted map: 1 on the
target, 0 around it. With ω_p the weight of cell p, f_p its K map values and y_p its wanted value,

    Σ_p ω_p (f_p·w − y_p)² + λ̄ |w|²  is smallest where  (G + λ̄ I) w = r,

with the moments G = Σ ω f fᵀ and r = Σ ω y f. They are sums over cells, so they are all that has to
be kept of a frame, and those of many frames may be averaged: no frame is stored, no gradient taken.

A strong ridge pulls w to 0. It may pull it to the plain selection's weights w₀ instead (Eq. 5, as
high as fits best), with |w − w₀|² in place of |w|²: then (G + λ̄ I) w = r + λ̄ w₀, and λ̄ leads from
ridge regression to the paper's own weights.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import InvalidInput
from mfst_lib.selection import average_scores

Array = NDArray[np.float32]


def channel_scales(features: Array) -> Array:
    """The root mean square of each channel, (K,): divided by it, no loud channel counts more.

    features: (P, K) float32, a row for each cell. A channel that is 0 everywhere stays 0.
    """
    return np.sqrt(np.mean(np.square(features), axis=0)) + np.float32(1e-3)


def moments(features: Array, inside: Array, stress: Array | None = None) -> Array:
    """[G | r] of one frame: what ridge regression needs to know of it; (K, K + 1) float32.

    features: (P, K), the map values of each cell. inside: (P,) or (H, W) with P cells in all, the
    share of the cell that the box covers: so much of it wants the value 1, the rest 0. Both sides
    count alike, whatever their areas: their weights ω sum to 1 each. stress: like inside, what
    the cells around the target count among themselves; without it they count alike.
    """
    share = np.asarray(inside, dtype=np.float32).reshape(-1)
    if features.ndim != 2 or len(share) != len(features):
        raise InvalidInput(f"features {features.shape} and {len(share)} cells do not fit together")
    rest = 1 - share if stress is None else (1 - share) * stress.reshape(-1)
    target = share / max(float(share.sum()), 1e-6)
    around = rest / max(float(rest.sum()), 1e-6)
    both = (features * (target + around)[:, None]).T @ features
    return np.column_stack([both, target @ features]).astype(np.float32, copy=False)


def stress_on_rivals(light: Array, strength: float) -> Array:
    """1 + γ M̂ / mean(M̂): what a cell counts where the map is lit beside the target; as light.

    light: the prediction map, in [0, 1]. strength: γ; 0 lets all cells count alike.
    """
    return 1 + np.float32(strength) * light / max(float(light.mean()), 1e-6)


def moments_loop(features: Array, inside: Array) -> NDArray[np.float64]:
    """`moments` as the sums are written, cell by cell: the slow, plain form."""
    cells, channels = features.shape
    share = np.asarray(inside, dtype=np.float64).reshape(-1)
    both, right = np.zeros((channels, channels)), np.zeros(channels)
    for p in range(cells):
        f = features[p].astype(np.float64)
        for weight, wanted in (
            (share[p] / share.sum(), 1),
            ((1 - share[p]) / (1 - share).sum(), 0),
        ):
            both += weight * np.outer(f, f)
            right += weight * wanted * f
    return np.column_stack([both, right])


def anchored(first: Array, average: Array, share: float) -> Array:
    """Moments that never quite forget the first frame, the only one whose box is certain."""
    return share * first + (1 - share) * average


def ridge_weights(frame_moments: Array, strength: float, towards: Array | None = None) -> Array:
    """w that solves (G + λ̄ I) w = r + λ̄ w₀; (K,) float32.

    frame_moments: [G | r], (K, K + 1). strength: λ̄ as a multiple of G's mean diagonal, so that it
    means the same for every network. towards: (K,), the direction of w₀; without it w₀ = 0.
    Raises `InvalidInput` unless the strength is positive.
    """
    if not strength > 0:
        raise InvalidInput(f"the strength of a ridge is positive; got {strength!r}")
    both, right = frame_moments[:, :-1].astype(np.float64), frame_moments[:, -1]
    channels = len(right)
    ridge = strength * max(float(np.trace(both)) / channels, 1e-12)
    start = 0 if towards is None else best_multiple(both, right, towards)
    return np.linalg.solve(both + ridge * np.eye(channels), right + ridge * start).astype(
        np.float32
    )


def best_multiple(both: NDArray[np.float64], right: Array, direction: Array) -> NDArray[np.float64]:
    """c·d, d the direction, with the c ≥ 0 at which the map comes nearest to the wanted one."""
    along = direction.astype(np.float64)
    height = max(float(along @ right), 0.0) / max(float(along @ both @ along), 1e-12)
    return height * along


class Reading(Protocol):
    """What ridge regression reads of a layer: K values a cell, from the C maps of its taps."""

    def __call__(self, taps: Sequence[Array]) -> Array:
        """The values, a row for each cell: (H·W, K)."""
        ...

    def spread(self, weights: Array) -> Array:
        """The weights of all maps, (C,), that give the same sum as these (K,) do of the values."""
        ...


class SelectedMaps:
    """The selected maps of one layer, each divided by its root mean square in the first frame.

    taps: the layer's maps (H, W, ·) in the first frame, in one array or in several. selected:
    (K,), the channels whose weights are sought, counted through all taps; the others' are 0.
    """

    def __init__(self, taps: Sequence[Array], selected: NDArray[np.intp]) -> None:
        self.selected = np.sort(selected)
        starts = np.cumsum([0, *(maps.shape[2] for maps in taps)])
        self.channels = int(starts[-1])
        cuts = np.searchsorted(self.selected, starts)
        parts = [self.selected[low:high] for low, high in itertools.pairwise(cuts)]
        self._in_taps = [part - start for part, start in zip(parts, starts, strict=False)]
        self.scales = np.ones(len(selected), dtype=np.float32)
        self.scales = channel_scales(self(taps))

    def __call__(self, taps: Sequence[Array]) -> Array:
        """The selected maps' values, a row for each cell: (H·W, K), scaled."""
        cells = taps[0].shape[0] * taps[0].shape[1]
        parts = [
            maps.reshape(cells, -1).take(channels, axis=1)
            for maps, channels in zip(taps, self._in_taps, strict=True)
        ]
        return (np.concatenate(parts, axis=1) / self.scales).astype(np.float32, copy=False)

    def spread(self, weights: Array) -> Array:
        """(C,) float32 for maps as they come, so the scales are in it."""
        spread = np.zeros(self.channels, dtype=np.float32)
        spread[self.selected] = weights / self.scales
        return spread


class RidgeMemory:
    """The moments of the frames seen so far, of what is read of one layer."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._views: list[Array] = []

    def start(self, taps: Sequence[Array], inside: Array) -> None:
        """Take in one view of the first frame, of which there may be several."""
        self._views.append(moments(self.reading(taps), inside))
        self.first = self.average = np.mean(self._views, axis=0)

    def follow(
        self, taps: Sequence[Array], inside: Array, eta: float, stress: Array | None = None
    ) -> None:
        """Let the moments follow one more frame, as Eq. 6 lets scores follow."""
        new = moments(self.reading(taps), inside, stress)
        self.average = average_scores(self.average, new, eta)

    def weights(self, anchor: float, strength: float, towards: Array | None = None) -> Array:
        """w for all maps, (C,) float32. towards: see `ridge_weights`."""
        known = anchored(self.first, self.average, anchor)
        return self.reading.spread(ridge_weights(known, strength, towards))
