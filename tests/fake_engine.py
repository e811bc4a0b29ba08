"""A stand-in for a network: fast, deterministic, no weights."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mfst_lib.backbones.engines import as_layers

#: What mixes the nine plain maps into more.
MIXTURES = np.random.default_rng(0).normal(size=(9, 31)).astype(np.float32)


class FakeEngine:
    """Colours, their opposites, contrasts, and mixtures of these cut at 0, as a network's would be.

    One tap of 40 maps per grid, e.g. grids=(14, 7): (14, 14, 40) and (7, 7, 40).
    """

    name = "fake"

    def __init__(
        self, grids: tuple[int, ...] = (14,), merge: bool = True, input_size: int = 56
    ) -> None:
        self.grids, self.merge, self.input_size = grids, merge, input_size
        self.crops: list[NDArray[np.uint8]] = []

    def __call__(self, crop: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        assert crop.shape == (self.input_size, self.input_size, 3)
        assert crop.dtype == np.uint8
        self.crops.append(crop.copy())
        return as_layers([self._tap(crop, grid) for grid in self.grids], self.merge)

    @staticmethod
    def _tap(crop: NDArray[np.uint8], grid: int) -> NDArray[np.float32]:
        small = cv2.resize(crop, (grid, grid), interpolation=cv2.INTER_AREA)
        colour = small.astype(np.float32) / 255
        contrast = np.abs(colour - cv2.blur(colour, (5, 5)))
        plain = np.concatenate([colour, 1 - colour, contrast], axis=2)
        return np.concatenate([plain, np.maximum(plain @ MIXTURES, 0)], axis=2)
