"""Layers: pictures with a soft edge, laid over one another under an affine transform.

A layer's points are (x, y) with pixel centres at whole numbers, as `cv2.warpAffine` has it; a
matrix (3, 3) takes them to the frame's.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Image = NDArray[np.float32]


class Layer:
    """A picture with its smaller copies, so that shrinking averages and does not alias.

    pixels: (H, W, 3) uint8 RGB, or (H, W, 4) float32, colour times alpha and then alpha in 0..1.
    outline: (N, 2) float64, the corners of the pixels on the rim of what the box is drawn around.
    beyond: OpenCV's border mode for an opaque layer that does not cover the frame.
    """

    def __init__(
        self,
        pixels: NDArray[Any],
        outline: NDArray[np.float64],
        beyond: int = cv2.BORDER_REFLECT_101,
    ) -> None:
        self.pixels, self.outline, self.beyond = pixels, outline, beyond
        low, high = outline.min(axis=0), outline.max(axis=0)
        self.centre = (low + high) / 2
        self.extent = float((high - low).max())
        self._shrunk: dict[int, NDArray[Any]] = {0: pixels}

    def at(self, matrix: Matrix) -> tuple[NDArray[Any], Matrix]:
        """The copy that suits the matrix's scale, and the matrix for that copy."""
        scale = np.hypot(matrix[0, :2], matrix[1, :2]).max()
        step = max(0, math.floor(-2 * math.log2(max(scale, 1e-3))))
        if step not in self._shrunk:
            factor = 2 ** (-step / 2)
            height, width = self.pixels.shape[:2]
            size = max(1, round(width * factor)), max(1, round(height * factor))
            self._shrunk[step] = cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA)
        copy = self._shrunk[step]
        return copy, matrix @ _enlarging(copy.shape, self.pixels.shape)


def _enlarging(small: tuple[int, ...], large: tuple[int, ...]) -> Matrix:
    """The matrix from a shrunk copy's pixels to the original's: edges meet edges."""
    x, y = large[1] / small[1], large[0] / small[0]
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]])


def fill(layer: Layer, matrix: Matrix, size: tuple[int, int]) -> Image:
    """An opaque layer over the whole frame, (H, W, 3) float32; size is (width, height)."""
    pixels, matrix = layer.at(matrix)
    frame = cv2.warpAffine(
        pixels, matrix[:2], size, flags=cv2.INTER_LINEAR, borderMode=layer.beyond
    )
    return frame.astype(np.float32)


def paste(
    canvas: Image, layer: Layer, matrix: Matrix, gain: NDArray[Any], sway: float = 0.0
) -> None:
    """Lay the layer over the canvas (in place): canvas * (1 - alpha) + gain * colour * alpha."""
    pixels, matrix = layer.at(matrix)
    if sway:
        pixels = _swayed(pixels, sway)
    left, top, right, bottom = _footprint(pixels.shape, matrix, canvas.shape)
    if right <= left or bottom <= top:
        return
    moved = matrix[:2] - [[0, 0, left], [0, 0, top]]
    patch = cv2.warpAffine(pixels, moved, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
    window = canvas[top:bottom, left:right]
    window *= cv2.cvtColor(1 - cv2.extractChannel(patch, 3), cv2.COLOR_GRAY2RGB)
    window += cv2.transform(patch, np.eye(3, 4) * np.reshape(gain, (3, 1)))


def _footprint(shape: tuple[int, ...], matrix: Matrix, canvas: tuple[int, ...]) -> list[int]:
    """The canvas pixels [left, top, right, bottom) that a warped layer can touch."""
    height, width = shape[:2]
    corners = np.array([[-1, -1, 1], [width, -1, 1], [-1, height, 1], [width, height, 1]])
    points = corners @ matrix[:2].T
    low = np.clip(np.floor(points.min(axis=0)), 0, [canvas[1], canvas[0]])
    high = np.clip(np.ceil(points.max(axis=0)) + 1, 0, [canvas[1], canvas[0]])
    return [int(low[0]), int(low[1]), int(high[0]), int(high[1])]


def sway_offset(
    y: NDArray[Any], height: int, width: int, sway: float | NDArray[Any]
) -> NDArray[Any]:
    """How far a swaying layer's rows are moved sideways: an S-bend of `sway` times the width."""
    return sway * width * np.sin(2 * np.pi * (y + 0.5) / height)


def _swayed(pixels: NDArray[np.float32], sway: float) -> NDArray[np.float32]:
    """The layer with its rows moved sideways by `sway_offset`."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x = (x - sway_offset(y, height, width, sway)).astype(np.float32)
    return np.asarray(cv2.remap(pixels, x, y, cv2.INTER_LINEAR), np.float32)


def bounds(layer: Layer, matrices: NDArray[np.float64], sway: NDArray[Any]) -> NDArray[np.float64]:
    """The boxes (x, y, w, h) around a layer's outline under T matrices, (T, 4) float64.

    matrices: (T, 3, 3). sway: (T,), see `sway_offset`. Not clipped at the frame's border.
    """
    height, width = layer.pixels.shape[:2]
    points = np.repeat(layer.outline[None], len(matrices), axis=0)
    points[..., 0] += sway_offset(points[..., 1], height, width, sway[:, None])
    points = points @ matrices[:, :2, :2].swapaxes(1, 2) + matrices[:, None, :2, 2]
    low, high = points.min(axis=1), points.max(axis=1)
    # A pixel centred at 0 covers -0.5 to 0.5 for warpAffine, and 0 to 1 for a box.
    return np.concatenate([low + 0.5, high - low], axis=1)
