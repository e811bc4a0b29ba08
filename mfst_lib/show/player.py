"""A tracked sequence, played: frame slider, play button, and how good the boxes were so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mfst_lib.errors import InvalidInput
from mfst_lib.show.frames import Image
from mfst_lib.show.widgets import jpeg, named_box, picture_widget

if TYPE_CHECKING:
    from ipywidgets import VBox

GOOD = 0.5  # the overlap above which a box counts as right


def player(pictures: Sequence[Image], overlap: ArrayLike, first: int = 0, fps: int = 12) -> VBox:
    """Pictures of a run, one per frame, with a slider, a play button and the success so far.

    pictures: (H, W, 3) uint8 RGB; overlap: (T,) IoU of each frame's box with the truth; first: the
    number of the first frame. For a running page; without a kernel the first picture stays. Raises
    `InvalidInput` without pictures or when the overlaps do not pair up.
    """
    import ipywidgets

    overlap = np.asarray(overlap)
    if not len(pictures) or overlap.shape != (len(pictures),):
        raise InvalidInput(
            f"{len(pictures)} pictures, overlaps of shape {overlap.shape}: expected one for each"
        )
    image = picture_widget(pictures[0], "the sequence with its boxes, frame by frame")
    text = ipywidgets.Label(success_so_far(overlap, 0, first))
    slider = ipywidgets.IntSlider(
        min=first,
        max=first + len(pictures) - 1,
        value=first,
        description="frame",
        layout={"width": "70%"},
    )
    play = ipywidgets.Play(
        min=slider.min, max=slider.max, value=first, interval=1000 // fps, description="play"
    )
    ipywidgets.jslink((play, "value"), (slider, "value"))

    def show(change: dict[str, int]) -> None:
        index = change["new"] - first
        image.value = jpeg(pictures[index])
        text.value = success_so_far(overlap, index, first)

    slider.observe(show, names="value")
    parts = [ipywidgets.HBox([play, slider]), image, text]
    return named_box(f"{len(pictures)} frames to play", parts)


def success_so_far(overlap: ArrayLike, index: int, first: int = 0) -> str:
    """The frame's overlap, and the share of good boxes up to it.

    >>> success_so_far([0.9, 0.7, 0.2, 0.8], 3, first=1)
    'frame 4: overlap 0.80; good (over 0.5) in 75 % of the frames so far'
    """
    overlap = np.asarray(overlap)
    share = (overlap[: index + 1] > GOOD).mean()
    return (
        f"frame {first + index}: overlap {overlap[index]:.2f}; "
        f"good (over {GOOD}) in {100 * share:.0f} % of the frames so far"
    )
