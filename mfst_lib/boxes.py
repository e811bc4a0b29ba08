"""Boxes: (x, y, w, h) with the top-left corner in 0-based pixels; x + w is the right edge."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.errors import InvalidInput

Floats: TypeAlias = NDArray[np.floating]

#: A box larger than this many times the image, in width or height, is a mistake.
ABSURD = 10.0


def as_box(box: ArrayLike) -> NDArray[np.float64]:
    """The box as a (4,) float64 array, checked.

    Raises `InvalidInput` unless it is four finite numbers with positive width and height.
    """
    try:
        array = np.asarray(box, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        array = np.empty(0)
    # One row of a table of boxes is a box; two corners, as [[x, y], [x, y]], are not.
    if array.shape not in ((4,), (1, 4)) or not np.isfinite(array).all():
        raise InvalidInput(f"a box is four finite numbers x, y, w, h; got {box!r}")
    array = array.reshape(4)
    if array[2] <= 0 or array[3] <= 0:
        raise InvalidInput(f"a box needs a positive width and height; got {array.tolist()}")
    return array


def check_inside(box: Floats, image_shape: tuple[int, ...]) -> None:
    """Raise `InvalidInput` for a box wholly outside the image or absurdly large for it."""
    height, width = image_shape[:2]
    x, y, w, h = box
    if w > ABSURD * width or h > ABSURD * height:
        raise InvalidInput(
            f"box {box.tolist()} is over {ABSURD:g} times the {width}x{height} image"
        )
    if x >= width or y >= height or x + w <= 0 or y + h <= 0:
        raise InvalidInput(f"box {box.tolist()} lies wholly outside the {width}x{height} image")


def to_centre(boxes: Floats) -> NDArray[np.float64]:
    """Corner form (x, y, w, h) to the paper's centre form; any leading shape.

    >>> to_centre(np.array([10.0, 20.0, 4.0, 6.0]))
    array([12., 23.,  4.,  6.])
    """
    boxes = np.asarray(boxes, dtype=np.float64)
    return np.concatenate([boxes[..., :2] + boxes[..., 2:] / 2, boxes[..., 2:]], axis=-1)


def to_corner(boxes: Floats) -> NDArray[np.float64]:
    """The paper's centre form to corner form (x, y, w, h); any leading shape.

    >>> to_corner(np.array([12.0, 23.0, 4.0, 6.0]))
    array([10., 20.,  4.,  6.])
    """
    boxes = np.asarray(boxes, dtype=np.float64)
    return np.concatenate([boxes[..., :2] - boxes[..., 2:] / 2, boxes[..., 2:]], axis=-1)


def iou(a: Floats, b: Floats) -> NDArray[np.float64]:
    """Intersection over union of continuous boxes; leading shapes broadcast.

    >>> float(iou(np.array([0.0, 0, 2, 2]), np.array([1.0, 0, 2, 2])).round(3))
    0.333
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    left_top = np.maximum(a[..., :2], b[..., :2])
    right_bottom = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    sides = np.maximum(right_bottom - left_top, 0)
    intersection = sides[..., 0] * sides[..., 1]
    union = a[..., 2] * a[..., 3] + b[..., 2] * b[..., 3] - intersection
    ratio = np.divide(intersection, union, out=np.zeros_like(union), where=union > 0)
    return np.minimum(ratio, 1)  # rounding may lift the overlap of equal boxes above 1


def centre_distance(a: Floats, b: Floats) -> NDArray[np.float64]:
    """Euclidean distance in pixels between the centres; leading shapes broadcast."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    across = (a[..., 0] + a[..., 2] / 2) - (b[..., 0] + b[..., 2] / 2)
    down = (a[..., 1] + a[..., 3] / 2) - (b[..., 1] + b[..., 3] / 2)
    return np.hypot(across, down)
