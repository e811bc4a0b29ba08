"""Where to look for a target that was lost: places all over the image, and the best spot of one."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mfst_lib.boxes import Floats, to_centre, to_corner
from mfst_lib.prediction import enlarge
from mfst_lib.roi import ROI, to_image

Boxes = NDArray[np.float64]

#: While searching the box is taken this much larger, so that its ROI shows more of the image.
WIDER = 2.0

#: Neighbouring places are this many of the target's longer side apart: their ROIs overlap by more
#: than the target, so that one of them shows it whole.
APART = 2.0

#: The side of the map on which the best spot is sought.
FINE = 56


def places(frame: tuple[int, ...], box: Floats) -> Boxes:
    """Wide boxes whose ROIs cover the image, the one nearest to the box first; (N, 4) x, y, w, h.

    frame: height and width of the image. box: (4,) where the target was last seen.
    """
    height, width = frame[:2]
    centre = to_centre(box)
    apart = APART * max(centre[2], centre[3])
    xs, ys = (_middles(length, apart) for length in (width, height))
    centres = np.array([(x, y) for y in ys for x in xs])
    far = np.hypot(*(centres - centre[:2]).T)
    centres = centres[np.argsort(far, kind="stable")]
    sizes = np.broadcast_to(WIDER * centre[2:], (len(centres), 2))
    return to_corner(np.column_stack([centres, sizes]))


def _middles(length: float, apart: float) -> NDArray[np.float64]:
    """The middles of equal parts of a length, no further apart than asked."""
    count = max(1, int(np.ceil(length / apart)))
    return (np.arange(count) + 0.5) * length / count


def best_spot(light: NDArray[np.float32], roi: ROI, size: Floats) -> NDArray[np.float64]:
    """The box of that size (w, h) where the map is brightest against its surroundings; (4,).

    light: (H, W) any map over the ROI, such as the sum of the first frame's selected maps.
    """
    fine = enlarge(light, FINE)
    across, down = FINE / roi.width, FINE / roi.height
    inside, around = (
        cv2.blur(fine, _kernel(size, across, down, factor), borderType=cv2.BORDER_REPLICATE)
        for factor in (1, 2)
    )
    row, column = np.unravel_index(int(np.argmax(inside - around)), fine.shape)
    middle = to_image(np.array([column + 0.5, row + 0.5, 0, 0]), roi, (FINE, FINE))[:2]
    return to_corner(np.array([*middle, *size]))


def _kernel(size: Floats, across: float, down: float, factor: float) -> tuple[int, int]:
    """The size in cells of the fine map, odd, so that a kernel has a middle."""
    cells = factor * size[0] * across, factor * size[1] * down
    width, height = (2 * int(cell / 2) + 1 for cell in np.clip(cells, 1, FINE))
    return width, height
