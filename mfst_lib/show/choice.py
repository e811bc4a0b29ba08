"""Which candidate is best by which measure: their centres, and the winner's box, over the map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.errors import InvalidInput
from mfst_lib.show.frames import STYLES, Image, add_box
from mfst_lib.show.pictures import map_picture
from mfst_lib.show.slides import rgb
from mfst_lib.show.steps import add_map
from mfst_lib.show.video import draw_box

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


def choice_picture(
    prediction_map: NDArray[np.floating],
    boxes: ArrayLike,
    values: ArrayLike,
    truth: ArrayLike,
    side: int = 448,
) -> Image:
    """The same for one measure, drawn at once: grey dots, the true box and the winner's.

    prediction_map: (H, H). boxes: (N, 4) x, y, w, h in its pixels. values: (N,); the highest is a
    white dot, the lowest a black one. truth: (4,). Returns (side, side, 3) uint8 RGB.
    """
    scale = side / len(prediction_map)
    boxes, values = np.asarray(boxes) * scale, np.asarray(values, float)
    if values.shape != boxes.shape[:1]:
        raise InvalidInput(f"{len(boxes)} candidates; the values have the shape {values.shape}")
    image = np.ascontiguousarray(map_picture(prediction_map, side))
    grey = np.interp(values, [values.min(), values.max()], [0, 255])
    order = np.argsort(values)  # the highest are drawn last, on top
    for (x, y), shade in zip((boxes[:, :2] + boxes[:, 2:] / 2)[order], grey[order], strict=True):
        cv2.circle(image, (round(x), round(y)), 3, (round(shade),) * 3, -1, cv2.LINE_AA)
    image = draw_box(image, np.asarray(truth) * scale, rgb(STYLES["truth"][0]))
    return draw_box(image, boxes[order[-1]], rgb(STYLES["tracker"][0]))
