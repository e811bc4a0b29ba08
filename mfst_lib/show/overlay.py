"""The prediction map laid over the frame, and a line of text: what a viewer sees while tracking."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.roi import ROI
from mfst_lib.show.frames import Image
from mfst_lib.show.video import TRACKER_COLOUR, draw_box

#: RGB of the box while the target is probably lost: not by its colour alone, it is thin as well.
LOST_COLOUR = (160, 160, 160)


def overlay_map(
    image: Image, roi: ROI, grid_map: NDArray[np.float32], strength: float = 0.5
) -> Image:
    """A copy of the image (H, W, 3) uint8 RGB with the map's light over its region of interest.

    grid_map: (h, w) in [0, 1]; strength: of the brightest place, 0…1.
    """
    height, width = image.shape[:2]
    rows, columns = grid_map.shape
    to_frame = np.array(
        [
            [roi.width / columns, 0, roi.left + 0.5 * roi.width / columns - 0.5],
            [0, roi.height / rows, roi.top + 0.5 * roi.height / rows - 0.5],
        ]
    )
    light = cv2.warpAffine(grid_map, to_frame, (width, height), flags=cv2.INTER_LINEAR)
    light = np.clip(light, 0, 1)[..., np.newaxis]
    colours = cv2.applyColorMap((255 * light).astype(np.uint8), cv2.COLORMAP_VIRIDIS)
    share = strength * light
    return ((1 - share) * image + share * colours[..., ::-1]).round().astype(np.uint8)


def caption(image: Image, text: str) -> Image:
    """A copy of the image with a line of text on a dark bar in its upper left corner."""
    picture = np.ascontiguousarray(image).copy()
    size = max(0.4, min(1.0, picture.shape[1] / 900))
    (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    cv2.rectangle(picture, (0, 0), (width + 8, height + below + 6), (0, 0, 0), cv2.FILLED)
    place, white = (4, height + 4), (255, 255, 255)
    cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, white, 1, cv2.LINE_AA)
    return picture


def tracked_picture(image: Image, box: ArrayLike, ok: bool, text: str = "") -> Image:
    """The frame with the tracked box: thick and red, or thin and grey when probably lost."""
    colour, thickness = (TRACKER_COLOUR, 2) if ok else (LOST_COLOUR, 1)
    picture = draw_box(image, box, colour, thickness)
    return caption(picture, text) if text else picture
