"""Why an integral image needs four look-ups: the rectangles behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mfst_lib.show.frames import add_box
from mfst_lib.show.steps import add_map

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: What is added and what is taken away, with the corner: the look-ups of `candidate_scores`.
LOOK_UPS = (
    ("+", "bottom", "right"),
    ("−", "top", "right"),
    ("−", "bottom", "left"),
    ("+", "top", "left"),
)


def plot_corners(
    values: NDArray[np.floating], left: int, top: int, right: int, bottom: int
) -> Figure:
    """The map four times, each with the part that one look-up sums hatched, and the box.

    values: (H, W). The box reaches from (left, top) to (right, bottom), exclusive, in pixels.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    places = {"left": left, "top": top, "right": right, "bottom": bottom}
    figure = Figure((9, 2.6), layout="constrained")
    for axes, (sign, y, x) in zip(figure.subplots(1, 4), LOOK_UPS, strict=True):
        add_map(axes, values, f"{sign} sums[{y}, {x}]")
        width, height = places[x], places[y]
        hatch = "//" if sign == "+" else "\\\\"
        part = Rectangle((0, 0), width, height, fill=False, hatch=hatch, edgecolor="white")
        axes.add_patch(part)
        add_box(axes, [left, top, right - left, bottom - top], "tracker")
    return figure
