"""Why boxes creep: the best box on a blurred map, and boxes that grow over time."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mfst_lib.boxes import Floats
from mfst_lib.candidates import grid_scores
from mfst_lib.prediction import min_max
from mfst_lib.show.frames import Image
from mfst_lib.show.pictures import map_picture
from mfst_lib.show.video import draw_box
from mfst_lib.target_maps import coverage

#: Cells of a map's side, and pixels per cell of the enlarged map.
CELLS, ZOOM = 14, 16


def blurred_target(width: float, blur: float) -> NDArray[np.float32]:
    """A map (14, 14) in [0, 1]: a square target of that width in its middle, made soft.

    width: of the target, in cells. blur: standard deviation of a Gaussian blur, in cells; 0: none.
    """
    start = (CELLS - width) / 2
    sharp = coverage(np.array([start, start, width, width]), (CELLS, CELLS))
    return min_max(cv2.GaussianBlur(sharp, (0, 0), blur) if blur > 0 else sharp)  # type: ignore[arg-type]


def best_width(values: NDArray[np.float32], b: float = 0.2) -> float:
    """The width, in cells, of the centred square box with the highest score (Eq. 10).

    values: (14, 14) in [0, 1]. All widths from 1 to 14 cells are tried, two pixels apart.
    """
    size = CELLS * ZOOM
    widths = np.arange(ZOOM, size + 1, 2.0)
    corners = (size - widths) / 2
    boxes = np.stack([corners, corners, widths, widths], axis=1)
    return float(widths[grid_scores(values, boxes, size, b).argmax()]) / ZOOM


def creep_picture(width: float, blur: float, b: float = 0.2, side: int = 280) -> Image:
    """The blurred target with its true box (blue) and the box of the highest score (orange)."""
    values = blurred_target(width, blur)
    seen = map_picture(values, side)
    for cells, colour in ((width, (86, 180, 233)), (best_width(values, b), (213, 94, 0))):
        start = (CELLS - cells) / 2
        box = np.array([start, start, cells, cells]) * side / CELLS
        seen = draw_box(seen, box, colour)
    return seen


def sizes_over_time(boxes: Floats) -> NDArray[np.float64]:
    """How many times larger than the first box each box is, in width and height; (T,).

    boxes: (T, 4) x, y, w, h. Width and height share one factor (Eq. 9): the root of the areas'
    ratio.

    >>> sizes_over_time(np.array([[0.0, 0, 10, 20], [3, 4, 20, 40]])).tolist()
    [1.0, 2.0]
    """
    areas = np.prod(np.asarray(boxes, dtype=np.float64)[:, 2:], axis=1)
    return np.sqrt(areas / areas[0])
