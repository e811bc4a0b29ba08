"""Which candidate is best by which measure: their centres, and the winner's box, over the map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.errors import InvalidInput
from mfst_lib.show.frames import add_box
from mfst_lib.show.steps import add_map

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_choice(
    prediction_map: NDArray[np.floating],
    boxes: ArrayLike,
    measures: Mapping[str, ArrayLike],
    truth: ArrayLike,
) -> Figure:
    """For each measure the map with a dot per candidate, light where the measure is high.

    prediction_map: (H, W). boxes: (N, 4) x, y, w, h in its pixels. measures: a name to (N,)
    values; the candidate with the highest one is drawn. truth: (4,) in map pixels. Raises
    `InvalidInput` without a measure or when one has another number of values.
    """
    from matplotlib.figure import Figure

    boxes = np.asarray(boxes)
    sizes = {name: np.shape(values) for name, values in measures.items()}
    if not measures or any(size != boxes.shape[:1] for size in sizes.values()):
        raise InvalidInput(f"{len(boxes)} candidates; the measures are {sizes or 'none'}")
    figure = Figure((2.9 * len(measures), 3.3), layout="constrained")
    places = figure.subplots(1, len(measures), squeeze=False)[0]
    for axes, (name, values) in zip(places, measures.items(), strict=True):
        values = np.asarray(values)
        order = np.argsort(values)  # the highest are drawn last, on top
        x, y = (boxes[:, :2] + boxes[:, 2:] / 2)[order].T
        add_map(axes, prediction_map, name)
        axes.scatter(x, y, c=values[order], cmap="gray", s=7, linewidths=0)
        add_box(axes, truth, "truth")
        add_box(axes, boxes[order[-1]], "tracker")
        axes.patches[-1].set_label("highest")
    handles, labels = places[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=9)
    return figure
