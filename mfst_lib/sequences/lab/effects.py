"""Effects: what light, lens and sensor do to a frame, and the post in front of it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mfst_lib.sequences.lab.layers import Image, Layer
from mfst_lib.sequences.lab.motion import there_and_back
from mfst_lib.sequences.lab.photographs import POSTS, surface
from mfst_lib.sequences.lab.track import Track

#: Stops that the deepest shade takes at `illumination` 1, for red, green and blue: the light of
#: the sky fills a shade with blue.
STOPS = np.array([2.1, 2.0, 1.75])
#: The places, on each axis, from which a frame's window of the field of noise starts.
GRAIN_ROOM = 64


def light(time: float, length: int, width: int, illumination: float) -> NDArray[np.float32]:
    """The factor on each column's RGB as a shade passes over the scene, (width, 3) float32."""
    across = 0.3 * length * np.arange(width) / width
    shade = there_and_back(np.maximum(time - across, 0), length, 1.4)
    return (2.0 ** (-illumination * shade[:, None] * STOPS)).astype(np.float32)


def defocused(image: Image, time: float, length: int, pixels: float) -> Image:
    """The image as the lens hunts for focus, twice in `length` frames; sharp at time 0."""
    sigma = pixels * float(there_and_back(np.array(time), length, 2.0))
    if sigma < 0.2:
        return image
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)


class Sensor:
    """Grain and resolution: (H, W, 3) float32 light in, uint8 picture out."""

    def __init__(
        self,
        size: tuple[int, int],
        noise: float,
        resolution: float,
        rng: np.random.Generator,
        length: int,
    ) -> None:
        self.size, self.noise = size, noise
        self.cells = (max(8, round(size[0] * resolution)), max(8, round(size[1] * resolution)))
        shape = (self.cells[1] + GRAIN_ROOM, self.cells[0] + GRAIN_ROOM)
        shared = rng.standard_normal((*shape, 1), np.float32)
        own = rng.standard_normal((*shape, 3), np.float32)
        self.field = np.float32(noise) * (0.8 * shared + 0.6 * own)
        # Drawn for all pictures at once, so that each has its own grain in whatever order.
        self.places = rng.integers(0, GRAIN_ROOM, (length, 2))

    def expose(self, image: Image, number: int) -> NDArray[np.uint8]:
        """Picture `number`: shrunk to the sensor's cells, with grain, enlarged to the frame."""
        light = image
        if self.cells != self.size:
            light = np.asarray(
                cv2.resize(light, self.cells, interpolation=cv2.INTER_AREA), np.float32
            )
        if self.noise:
            light = light + self._grain(number)
        if self.cells != self.size:
            light = np.asarray(
                cv2.resize(light, self.size, interpolation=cv2.INTER_CUBIC), np.float32
            )
        return np.clip(np.rint(light), 0, 255).astype(np.uint8)

    def _grain(self, number: int) -> NDArray[np.float32]:
        """A window of the field of noise, at another place in each picture."""
        width, height = self.cells
        top, left = self.places[number]
        return self.field[top : top + height, left : left + width]


def shadow_of(layer: Layer, strength: float) -> Layer:
    """A soft black copy of a cut-out, to lay on the ground below it; strength is 0..1."""
    alpha = cv2.GaussianBlur(layer.pixels[..., 3], (0, 0), 0.04 * layer.extent)
    pixels = np.zeros_like(layer.pixels)
    pixels[..., 3] = 0.7 * strength * alpha
    return Layer(pixels, layer.outline)


def post_layer(track: Track) -> Layer:
    """The post as a layer: as wide as it takes to hide `occlusion` of the target.

    The share is measured on the target's mask in its pose at the meeting; the post is upright.
    """
    width = max(3, round(2 * _half_width(track)))
    height = round(2.5 * track.frame[1])
    skin = surface(POSTS[track.scene.post])
    scale = max(width / skin.shape[1], 0.5)
    size = (width, round(skin.shape[0] * scale))
    strip = np.asarray(cv2.resize(skin, size, interpolation=cv2.INTER_AREA), np.uint8)
    rows = np.arange(height) % (2 * len(strip) - 2)
    return _rounded(strip[np.minimum(rows, 2 * len(strip) - 2 - rows)])


def _half_width(track: Track) -> float:
    """Half the width of an upright strip that covers `occlusion` of the target's mask."""
    corners = _mask_points(track)
    there = np.array([track.meeting])
    matrix = np.linalg.inv(track.post(there)[0]) @ track.target(there)[0]
    across = corners @ matrix[0, :2] + matrix[0, 2]
    return float(np.quantile(np.abs(across), track.scene.occlusion))


def _mask_points(track: Track) -> NDArray[np.float64]:
    """The target's pixels in its layer, (N, 2): the filled outline."""
    mask = np.zeros(track.layer.pixels.shape[:2], np.uint8)
    cv2.fillPoly(mask, [cv2.convexHull(np.round(track.layer.outline).astype(np.int32))], 1)
    y, x = np.nonzero(mask)
    return np.stack([x, y], axis=1).astype(np.float64)


def _rounded(skin: NDArray[np.uint8]) -> Layer:
    """A strip shaded like a column lit from the left, with soft edges, about its middle."""
    height, width = skin.shape[:2]
    across = (np.arange(width) + 0.5) / width
    shading = 0.45 + 0.55 * np.sin(np.pi * np.clip(across * 0.9 + 0.12, 0, 1))
    colour = cv2.GaussianBlur(skin * shading[:, None].astype(np.float32), (0, 0), 0.8)
    pixels = np.concatenate([colour, np.ones((height, width, 1), np.float32)], axis=2)
    pixels = cv2.copyMakeBorder(pixels, 0, 0, 2, 2, cv2.BORDER_CONSTANT)
    pixels = cv2.GaussianBlur(pixels, (3, 1), 0.7)
    corners = np.array([[0, 0], [width + 4, 0], [width + 4, height], [0, height]]) - 0.5
    return Layer(pixels, corners)
