"""Images: (H, W, 3) uint8 in RGB order, and nothing else, inside the library."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.errors import InvalidInput, unknown

#: What to do about an image of another type, by the kind of its dtype.
ADVICE = {
    "u": "scale it to 8 bits first: (image // 257).astype(np.uint8) for 16 bits",
    "f": "scale it to 0..255 first: (image * 255).round().astype(np.uint8) for values in 0..1",
    "O": "is it None? cv2.imread returns None when a file is missing or no image",
}

#: The order of the channels of an image that is given to us.
COLOURS = ("rgb", "bgr")

#: OpenCV's warp takes no larger images.
LONGEST_SIDE = 32_766


def check_colours(colours: str) -> None:
    """Raise `InvalidInput` for an order of channels that is none of `COLOURS`."""
    if colours not in COLOURS:
        raise unknown("order of colours", colours, COLOURS)


def as_rgb(image: ArrayLike, colours: str = "rgb") -> NDArray[np.uint8]:
    """The image as a contiguous (H, W, 3) uint8 RGB array.

    image: uint8 of shape (H, W, 3), returned as it is when contiguous; (H, W) or (H, W, 1) grey,
    repeated over the channels; (H, W, 4) RGBA, whose alpha is dropped. colours: the order of its
    channels, "rgb" or "bgr", which is OpenCV's.
    Raises `InvalidInput` for another dtype (16 bits, float), another shape, an empty or a
    gigantic image.

    >>> as_rgb(np.array([[7, 9]], dtype=np.uint8)).tolist()
    [[[7, 7, 7], [9, 9, 9]]]
    """
    array = np.asarray(image)
    if array.dtype != np.uint8:
        advice = ADVICE.get(array.dtype.kind, "convert it to uint8 first")
        raise InvalidInput(f"an image is uint8; got {array.dtype}: {advice}")
    if array.ndim == 2:
        array = array[..., np.newaxis]
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4) or array.size == 0:
        raise InvalidInput(
            "an image is (H, W, 3) RGB, (H, W) grey or (H, W, 4) RGBA and not empty; "
            f"got shape {np.shape(image)}"
        )
    if max(array.shape[:2]) > LONGEST_SIDE:
        raise InvalidInput(
            f"an image has at most {LONGEST_SIDE} pixels a side; got {array.shape}: shrink it first"
        )
    if array.shape[2] == 1:
        array = np.repeat(array, 3, axis=2)
    elif array.shape[2] == 4:
        array = array[..., :3]
    if colours == "bgr":
        array = array[..., ::-1]
    return np.ascontiguousarray(array)
