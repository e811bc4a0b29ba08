"""One step of the tracker as a picture: where it looked, what it saw, what it chose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.errors import InvalidInput
from mfst_lib.roi import ROI, to_map
from mfst_lib.show.frames import Image, add_box, add_image
from mfst_lib.tracker import View

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Colours of a map from low to high: even in brightness, safe for colour-blind readers.
MAP_COLOURS = "viridis"


def roi_box(roi: ROI) -> NDArray[np.float64]:
    """The region of interest as a box x, y, w, h in image pixels."""
    return np.array([roi.left, roi.top, roi.width, roi.height])


def in_crop(boxes: ArrayLike, view: View) -> NDArray[np.float64]:
    """Image boxes (..., 4) in the pixels of the view's crop."""
    return to_map(np.asarray(boxes), view.roi, view.crop.shape[:2])


def add_map(axes: Axes, values: NDArray[np.floating], title: str = "", size: int = 0) -> None:
    """Show a map (H, W); stretched over `size` x `size` pixels when a size is given."""
    rows, columns = (size, size) if size else values.shape
    axes.imshow(values, cmap=MAP_COLOURS, extent=(0, columns, rows, 0))
    axes.set(xticks=[], yticks=[], xlim=(0, columns), ylim=(rows, 0))
    axes.set_title(title, fontsize=9)


def plot_step(image: Image, view: View) -> Figure:
    """Four pictures of one update: the region, its crop, the prediction map, the candidates.

    image: the frame that went into `update`, (H, W, 3) uint8 RGB; view: the tracker's after it.
    """
    from matplotlib.figure import Figure

    side, best = view.crop.shape[0], view.candidates[view.best]
    figure = Figure((9, 2.55), layout="constrained")
    height, width = image.shape[:2]
    ratios = [width / height, 1, 1, 1]
    frame, seen, predicted, chosen = figure.subplots(1, 4, width_ratios=ratios)
    add_image(frame, image, "1. region of interest")
    add_box(frame, roi_box(view.roi), "region of interest")
    add_image(seen, view.crop, "2. what the network sees")
    add_map(predicted, view.prediction_map, "3. prediction map", side)
    add_map(chosen, view.prediction_map, "4. candidates, best one", side)
    _add_centres(chosen, view)
    for axes, box in ((frame, best), (chosen, in_crop(best, view))):
        add_box(axes, box, "tracker")
    return figure


def _add_centres(axes: Axes, view: View) -> None:
    """A dot at the centre of every candidate: the lighter, the higher its confidence."""
    boxes = in_crop(view.candidates, view)
    order = np.argsort(view.confidences)  # the best are drawn last, on top
    centres = (boxes[:, :2] + boxes[:, 2:] / 2)[order]
    x, y = centres.T
    axes.scatter(x, y, c=view.confidences[order], cmap="gray", s=5, linewidths=0)


def plot_maps(
    maps: Sequence[NDArray[np.floating]], titles: Sequence[str], columns: int = 8
) -> Figure:
    """Several maps (H, W) side by side, each stretched between its own extremes."""
    from matplotlib.figure import Figure

    if not len(maps):
        raise InvalidInput("no maps to plot: expected at least one")
    rows, side = -(-len(maps) // columns), 9 / columns
    columns = min(columns, len(maps))
    figure = Figure((columns * side, rows * (side + 0.22)), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, values, title in zip(grid, maps, titles, strict=False):
        add_map(axes, values, title)
    for axes in grid[len(maps) :]:
        axes.set_axis_off()
    return figure
