"""A slider over pictures that are made in advance: it works in a web page, without a kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import ArrayLike

from mfst_lib.errors import InvalidInput
from mfst_lib.show.frames import STYLES, Image
from mfst_lib.show.steps import roi_box
from mfst_lib.show.video import draw_box
from mfst_lib.show.widgets import named_box, picture_widget
from mfst_lib.tracker import View

if TYPE_CHECKING:
    from ipywidgets import VBox


def rgb(colour: str) -> tuple[int, int, int]:
    """`#rrggbb` as three numbers from 0 to 255.

    >>> rgb("#FF7F0E")
    (255, 127, 14)
    """
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def step_picture(image: Image, view: View, truth: ArrayLike) -> Image:
    """The frame with its boxes, and beside it the prediction map as light in the crop.

    image: (H, W, 3) uint8 RGB; view: the tracker's after that frame; truth: its box x, y, w, h.
    Returns (H, W + H, 3) uint8 RGB.
    """
    frame = draw_box(image, roi_box(view.roi), rgb(STYLES["region of interest"][0]), 1)
    frame = draw_box(frame, truth, rgb(STYLES["truth"][0]))
    frame = draw_box(frame, view.candidates[view.best], rgb(STYLES["tracker"][0]))
    side = image.shape[0]
    light = cv2.resize(view.prediction_map, (side, side))[..., np.newaxis]
    crop = cv2.resize(view.crop, (side, side)) * (0.2 + 0.8 * light)
    return np.hstack([frame, crop.round().astype(np.uint8)])


def slides(
    pictures: Sequence[Image], numbers: Sequence[int], label: str = "frame", pause_ms: int = 0
) -> VBox:
    """A slider that shows one picture after the other, with the number of each below it.

    pictures: (H, W, 3) uint8 RGB, kept as JPEG. pause_ms: when positive, there is a play button
    too, which waits so long at each. The links live in the browser. Raises `InvalidInput` without
    pictures or when the numbers do not pair up.
    """
    import ipywidgets

    if not len(pictures) or len(pictures) != len(numbers):
        raise InvalidInput(
            f"{len(pictures)} pictures and {len(numbers)} numbers: expected as many, at least one"
        )
    pages = [
        ipywidgets.VBox(
            [picture_widget(picture, f"{label} {number}"), ipywidgets.Label(f"{label} {number}")]
        )
        for picture, number in zip(pictures, numbers, strict=True)
    ]
    stack = ipywidgets.Stack(pages, selected_index=0)
    slider = ipywidgets.IntSlider(
        max=len(pages) - 1, description=label, readout=False, layout={"width": "90%"}
    )
    ipywidgets.jslink((slider, "value"), (stack, "selected_index"))
    parts = [slider, stack]
    if pause_ms > 0:
        play = ipywidgets.Play(max=len(pages) - 1, interval=pause_ms)
        ipywidgets.jslink((play, "value"), (slider, "value"))
        parts = [play, *parts]
    return named_box(f"{len(pages)} pictures with a slider", parts)
