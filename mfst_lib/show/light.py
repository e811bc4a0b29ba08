"""A feature map as light: the crop is bright where the map is high."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import InvalidInput
from mfst_lib.prediction import by_maximum
from mfst_lib.show.frames import Image, add_image

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def lit(crop: Image, feature_map: NDArray[np.floating]) -> Image:
    """The crop (S, S, 3), dark where the map (H, W) is 0 or below, itself at its maximum."""
    height, width = crop.shape[:2]
    small = by_maximum(np.asarray(feature_map, dtype=np.float32))
    light = np.asarray(cv2.resize(small, (width, height)))[..., np.newaxis]
    return (crop * (0.2 + 0.8 * light)).round().astype(np.uint8)


def plot_lit(
    crops: Sequence[Image],
    maps: Sequence[NDArray[np.floating]],
    titles: Sequence[str],
    columns: int = 8,
) -> Figure:
    """Several crops, each lit by its own map.

    Raises `InvalidInput` without any, or when crops, maps and titles do not pair up.
    """
    from matplotlib.figure import Figure

    if not len(maps) or not len(crops) == len(maps) == len(titles):
        counts = f"{len(crops)} crops, {len(maps)} maps, {len(titles)} titles"
        raise InvalidInput(f"{counts}: expected as many of each, at least one")
    rows = -(-len(maps) // columns)
    figure = Figure((9, rows * (9 / columns + 0.22)), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, crop, values, title in zip(grid, crops, maps, titles, strict=False):
        add_image(axes, lit(crop, values), title)
    for axes in grid[len(maps) :]:
        axes.set_axis_off()
    return figure
