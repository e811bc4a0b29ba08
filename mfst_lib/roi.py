"""The Region of Interest (Sec. 2.1): where it lies, how it is cut out, how to get back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mfst_lib.boxes import Floats
from mfst_lib.errors import InvalidInput, unknown

#: Shapes of the ROI; the paper says "twice as large" and "one side of the ROI".
SHAPES = ("square", "diagonal", "stretched")

#: What is seen where the ROI leaves the image: its edge pixels repeated, or one grey.
BORDERS = {"replicate": cv2.BORDER_REPLICATE, "constant": cv2.BORDER_CONSTANT}
GREY = (127, 127, 127)


@dataclass(frozen=True)
class ROI:
    """A rectangle in image coordinates (pixels): left and top edge, width and height.

    Coordinates are continuous: pixel (column j, row i) covers [j, j + 1) x [i, i + 1).
    """

    left: float
    top: float
    width: float
    height: float

    @property
    def half_side(self) -> float:
        """D of Eq. 11: half of one side of the ROI (its longer one), in pixels."""
        return max(self.width, self.height) / 2


def roi_around(box: Floats, scale: float = 2.0, shape: str = "square") -> ROI:
    """The ROI centred on the box, `scale` times as large (Sec. 2.1).

    box: (4,) x, y, w, h in pixels. shape "square" takes the box's longer side as its measure,
    "diagonal" its diagonal, "stretched" scales width and height apart.
    Raises `InvalidInput` for an unknown shape.
    """
    x, y, w, h = (float(v) for v in box)
    if shape == "square":
        width = height = scale * max(w, h)
    elif shape == "diagonal":
        width = height = scale * float(np.hypot(w, h))
    elif shape == "stretched":
        width, height = scale * w, scale * h
    else:
        raise unknown("ROI shape", shape, SHAPES)
    return ROI(x + w / 2 - width / 2, y + h / 2 - height / 2, width, height)


def crop(
    image: NDArray[np.uint8], roi: ROI, size: int, border: str = "replicate"
) -> NDArray[np.uint8]:
    """The ROI's pixels, resampled to (size, size, 3) with sub-pixel accuracy.

    image: (H, W, 3) uint8. The ROI may lie partly or wholly outside the image; `border` says
    what is seen there: "replicate" repeats the edge pixels, "constant" is mid-grey.
    Raises `InvalidInput` for an unknown border rule or a ROI without area.
    """
    if border not in BORDERS:
        raise unknown("border rule", border, BORDERS)
    if not (roi.width > 0 and roi.height > 0):
        raise InvalidInput(f"a ROI needs a positive width and height; got {roi}")
    # OpenCV counts from pixel centres, so both ends of the map are shifted by half a pixel.
    step_x, step_y = roi.width / size, roi.height / size
    output_to_image = np.array(
        [
            [step_x, 0.0, roi.left + 0.5 * step_x - 0.5],
            [0.0, step_y, roi.top + 0.5 * step_y - 0.5],
        ]
    )
    return cv2.warpAffine(  # type: ignore[return-value]
        image,
        output_to_image,
        (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=BORDERS[border],
        borderValue=GREY,
    )


def to_map(boxes: Floats, roi: ROI, grid: tuple[int, int]) -> NDArray[np.float64]:
    """Image boxes to map coordinates: the ROI becomes `grid` = (rows, columns) cells.

    boxes: (..., 4) x, y, w, h in image pixels; returns the same shape, in cells.
    """
    rows, columns = grid
    scale = np.array([columns / roi.width, rows / roi.height] * 2)
    return (np.asarray(boxes, dtype=np.float64) - [roi.left, roi.top, 0, 0]) * scale


def to_image(boxes: Floats, roi: ROI, grid: tuple[int, int]) -> NDArray[np.float64]:
    """Map boxes back to image coordinates: the inverse of `to_map`."""
    rows, columns = grid
    scale = np.array([roi.width / columns, roi.height / rows] * 2)
    return np.asarray(boxes, dtype=np.float64) * scale + [roi.left, roi.top, 0, 0]
