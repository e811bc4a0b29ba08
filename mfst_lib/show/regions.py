"""Regions of interest as pictures: where they lie in a frame, and the crops that they give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mfst_lib.errors import InvalidInput
from mfst_lib.roi import ROI, crop, to_map
from mfst_lib.show.frames import STYLES, Image, add_box, add_image
from mfst_lib.show.slides import rgb
from mfst_lib.show.steps import roi_box
from mfst_lib.show.video import draw_box

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Side in pixels of the crops that are shown.
SIDE = 224
#: White columns between frame and crop.
GAP = 8


def plot_regions(
    image: Image, box: ArrayLike, rois: Mapping[str, ROI], border: str = "replicate"
) -> Figure:
    """For each region, a frame with the box and the region, and the crop below (or beside) it.

    image: (H, W, 3) uint8 RGB. box: (4,) x, y, w, h in image pixels. rois: name to region; what
    of it lies outside the frame is drawn too. Raises `InvalidInput` without any.
    """
    from matplotlib.figure import Figure

    if not rois:
        raise InvalidInput("no regions to plot: expected at least one")
    count = len(rois)
    figure = Figure((2.9 * count, 5.0) if count > 1 else (6.6, 2.9), layout="constrained")
    axes = figure.subplots(2, count) if count > 1 else figure.subplots(1, 2)
    for above, below, (name, roi) in zip(*axes.reshape(2, count), rois.items(), strict=True):
        add_image(above, image, name)
        add_box(above, np.asarray(box), "truth")
        add_box(above, roi_box(roi), "region of interest")
        _widen(above, image, rois)
        add_image(below, crop(image, roi, SIDE, border), "its crop")
        add_box(below, to_map(np.asarray(box), roi, (SIDE, SIDE)), "truth")
    return figure


def _widen(axes: Axes, image: Image, rois: Mapping[str, ROI]) -> None:
    """Limits that show the whole image and every region."""
    edges = np.array([roi_box(roi) for roi in rois.values()])
    height, width = image.shape[:2]
    left, top = np.minimum(edges[:, :2].min(0) - 2, 0)
    right, bottom = np.maximum((edges[:, :2] + edges[:, 2:]).max(0) + 2, [width, height])
    axes.set(xlim=(left, right), ylim=(bottom, top))


def add_grid(axes: Axes, grid: tuple[int, int], size: int) -> None:
    """The lines of a map's cells over a picture of `size` x `size` pixels."""
    rows, columns = grid
    for lines, count in ((axes.axvline, columns), (axes.axhline, rows)):
        for place in np.linspace(0, size, count + 1):
            lines(place, color="white", linewidth=0.7, alpha=0.7)


def region_picture(image: Image, box: ArrayLike, roi: ROI, border: str = "replicate") -> Image:
    """The frame with its box and region, and beside it the crop with the box.

    image: (H, W, 3) uint8 RGB. Returns (H, W + GAP + H, 3) uint8 RGB.
    """
    truth = rgb(STYLES["truth"][0])
    side = image.shape[0]
    frame = draw_box(image, roi_box(roi), rgb(STYLES["region of interest"][0]))
    frame = draw_box(frame, box, truth)
    pixels = crop(image, roi, side, border)
    inside = to_map(np.asarray(box), roi, (side, side))
    gap = np.full((side, GAP, 3), 255, np.uint8)
    return np.hstack([frame, gap, draw_box(pixels, inside, truth)])
