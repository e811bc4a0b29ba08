"""Candidates over a frame: all of them as a cloud of thin boxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.boxes import Floats
from mfst_lib.errors import InvalidInput
from mfst_lib.show.frames import STYLES, Image, add_image
from mfst_lib.show.slides import rgb
from mfst_lib.show.video import draw_box

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: How much of the frame a candidate's white outline covers; where many lie, it grows dense.
COVER = 0.18


def cloud_picture(
    image: Image, candidates: ArrayLike, box: ArrayLike, following: ArrayLike, scale: int = 2
) -> Image:
    """The frame, enlarged, under the outlines of all candidates.

    image: (H, W, 3) uint8 RGB. candidates: (N, 4) x, y, w, h in its pixels. box: the last known
    one, orange; following: the true one in the next frame, light blue. Returns
    (scale · H, scale · W, 3) uint8 RGB.
    """
    height, width = image.shape[:2]
    picture = cv2.resize(image, (scale * width, scale * height))
    lines = outlines(scale * np.asarray(candidates), (scale * height, scale * width))
    white = 1 - (1 - COVER) ** lines[..., np.newaxis]
    mixed = (picture * (1 - white) + 255 * white).astype(np.uint8)
    for one, role in ((box, "tracker"), (following, "truth")):
        mixed = draw_box(mixed, scale * np.asarray(one), rgb(STYLES[role][0]))
    return mixed


def outlines(boxes: Floats, shape: tuple[int, int]) -> NDArray[np.intp]:
    """How many outlines of boxes (N, 4), one pixel wide, go through each pixel of (H, W)."""
    rows, columns = shape
    count = np.zeros(shape, dtype=np.intp)
    corners = np.rint(np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])).astype(int)
    for left, top, right, bottom in corners.tolist():
        across = slice(max(left, 0), max(right + 1, 0))
        down = slice(max(top + 1, 0), max(bottom, 0))  # the corners belong to the edges across
        for y in {top, bottom}:
            if 0 <= y < rows:
                count[y, across] += 1
        for x in {left, right}:
            if 0 <= x < columns:
                count[down, x] += 1
    return count


def plot_clouds(
    image: Image, clouds: Mapping[str, ArrayLike], box: ArrayLike, following: ArrayLike
) -> Figure:
    """Several clouds of candidates side by side over the same frame; see `cloud_picture`.

    clouds: a name to (N, 4) candidates. Raises `InvalidInput` without any.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    if not clouds:
        raise InvalidInput("no candidates to plot: expected at least one cloud")
    height, width = image.shape[:2]
    inches = 8 / max(2, len(clouds))
    figure = Figure((inches * len(clouds), inches * height / width + 0.6), layout="constrained")
    for axes, (name, candidates) in zip(
        figure.subplots(1, len(clouds), squeeze=False)[0], clouds.items(), strict=True
    ):
        add_image(axes, cloud_picture(image, candidates, box, following), name)
    colours = {"last box": STYLES["tracker"][0], "true box, next frame": STYLES["truth"][0]}
    handles = [Line2D([], [], color=colour, label=name) for name, colour in colours.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=9)
    return figure
