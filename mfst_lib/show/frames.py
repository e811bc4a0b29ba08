"""Frames with boxes drawn over them, and how well the boxes fit over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.errors import InvalidInput
from mfst_lib.show.curves import COLOURS, DASHES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Image = NDArray[np.uint8]

#: Colour and dashes of a box by its role; a role that is not here takes the next colour.
STYLES = {
    "truth": ("#56B4E9", "--"),
    "tracker": ("#FF7F0E", "-"),
    "region of interest": ("#F0E442", ":"),
}


def style(role: str, position: int = 0) -> tuple[str, str]:
    """The colour and dashes in which the boxes of a role are drawn."""
    return STYLES.get(role, (COLOURS[position % len(COLOURS)], DASHES[0]))


def add_box(axes: Axes, box: ArrayLike, role: str = "tracker", position: int = 0) -> None:
    """Draw a box x, y, w, h (pixels, continuous) over an image that `add_image` has drawn.

    A dark line below the coloured one keeps the box visible on any ground.
    """
    from matplotlib import patheffects
    from matplotlib.patches import Rectangle

    x, y, w, h = (float(v) for v in np.asarray(box))
    colour, dashes = style(role, position)
    rectangle = Rectangle((x, y), w, h, fill=False, edgecolor=colour, linestyle=dashes, linewidth=2)
    rectangle.set_label(role)
    rectangle.set_path_effects(
        [patheffects.Stroke(linewidth=3.5, foreground="black", alpha=0.55), patheffects.Normal()]
    )
    axes.add_patch(rectangle)


def add_image(axes: Axes, image: Image, title: str = "") -> None:
    """Show an image with its pixel (column j, row i) covering [j, j + 1) x [i, i + 1)."""
    height, width = image.shape[:2]
    axes.imshow(image, extent=(0, width, height, 0))
    axes.set(xticks=[], yticks=[], xlim=(0, width), ylim=(height, 0))
    axes.set_title(title, fontsize=9)


def plot_frames(
    frames: Sequence[Image],
    boxes: Mapping[str, ArrayLike],
    numbers: Sequence[int],
    columns: int = 3,
) -> Figure:
    """Some frames of a sequence, each with its boxes.

    frames: (H, W, 3) uint8 RGB. boxes: a role ("truth", "tracker") to (T, 4) boxes x, y, w, h.
    numbers: which frames. Raises `InvalidInput` without any.
    """
    from matplotlib.figure import Figure

    if not len(numbers):
        raise InvalidInput("no frame numbers to plot: expected at least one")
    columns = min(columns, len(numbers))
    rows = -(-len(numbers) // columns)
    height, width = frames[numbers[0]].shape[:2]
    inches = 8 / columns
    figure = Figure((8, rows * (inches * height / width + 0.2) + 0.3), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, number in zip(grid, numbers, strict=False):
        add_image(axes, frames[number], f"frame {number}")
        for position, (role, rows_of) in enumerate(boxes.items()):
            add_box(axes, np.asarray(rows_of)[number], role, position)
    for axes in grid[len(numbers) :]:
        axes.set_axis_off()
    handles, labels = grid[0].get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), fontsize=9)
    return figure


def plot_over_time(
    values: Mapping[str, ArrayLike],
    label: str = "overlap (IoU)",
    asked: float | None = None,
    marks: Mapping[str, int] | None = None,
) -> Figure:
    """One curve per name over the frame number, a level that is asked for, frames with a remark."""
    from matplotlib.figure import Figure

    figure = Figure((9, 2.9), layout="constrained")
    axes = figure.subplots()
    for position, (name, curve) in enumerate(values.items()):
        colour = COLOURS[position % len(COLOURS)]
        axes.plot(curve, color=colour, linestyle=DASHES[position % len(DASHES)], label=name)
    if asked is not None:
        axes.axhline(asked, color="grey", linewidth=1, linestyle=":")
    for remark, number in (marks or {}).items():
        axes.axvline(number, color="black", linewidth=1, linestyle="--")
        axes.annotate(remark, (number, 0.06), xytext=(5, 0), textcoords="offset points", fontsize=9)
    axes.set(xlabel="frame", ylabel=label, ylim=(-0.02, 1.02))
    axes.margins(x=0.01)
    axes.grid(alpha=0.3)
    if len(values) > 1:
        axes.legend(fontsize=9)
    return figure
