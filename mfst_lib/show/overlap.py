"""Two boxes, what they share, and what the two measures say about them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike

from mfst_lib.boxes import centre_distance, iou
from mfst_lib.show.frames import STYLES, Image
from mfst_lib.show.slides import rgb
from mfst_lib.show.video import draw_box

#: Colour of what both boxes cover, and of the ground.
SHARED, GROUND = (255, 220, 150), 250


def overlap_picture(box: ArrayLike, truth: ArrayLike, size: tuple[int, int] = (480, 300)) -> Image:
    """Both boxes on a light ground, the shared part filled, IoU and distance written below.

    box, truth: (4,) x, y, w, h in pixels of the picture; size: its width and height. Returns
    (H, W, 3) uint8 RGB.
    """
    first, second = np.asarray(box, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    picture = np.full((size[1], size[0], 3), GROUND, np.uint8)
    left, top = np.maximum(first[:2], second[:2]).round().astype(int)
    right, bottom = np.minimum(first[:2] + first[2:], second[:2] + second[2:]).round().astype(int)
    picture[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = SHARED
    picture = draw_box(picture, second, rgb(STYLES["truth"][0]), 3)
    picture = draw_box(picture, first, rgb(STYLES["tracker"][0]), 3)
    overlap, distance = float(iou(first, second)), float(centre_distance(first, second))
    text = f"IoU {overlap:.2f}   distance {distance:.0f} px"
    font = cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(picture, text, (12, size[1] - 14), font, 0.7, (0, 0, 0), 2, cv2.LINE_AA)
    return picture
