"""A feature map, a target map and their Hadamard product: Eq. 1 as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.roi import ROI, to_map
from mfst_lib.show.frames import STYLES, Image, add_box, add_image
from mfst_lib.show.slides import rgb
from mfst_lib.show.steps import add_map
from mfst_lib.show.targets import add_target, target_colours, target_picture
from mfst_lib.show.video import draw_box

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_product(
    feature_map: NDArray[np.floating],
    target: NDArray[np.floating],
    crop: Image | None = None,
    box: ArrayLike | None = None,
    name: str = "F",
) -> Figure:
    """F, M and F ∘ M side by side, the sum over the last; before them the crop, when given.

    feature_map, target: (H, W). crop: (S, S, 3) uint8 RGB. box: (4,) x, y, w, h in cells of the
    map, drawn over the crop and over F. In the product purple takes from the sum, orange adds.
    """
    from matplotlib.figure import Figure

    count = 3 if crop is None else 4
    figure = Figure((2.25 * count, 2.5), layout="constrained")
    places = figure.subplots(1, count)
    if crop is not None:
        add_image(places[0], crop, "the crop")
        if box is not None:
            side = crop.shape[0]
            cells = ROI(0, 0, target.shape[1], target.shape[0])
            add_box(places[0], to_map(np.asarray(box), cells, (side, side)))
    add_map(places[-3], feature_map, name)
    if box is not None:
        add_box(places[-3], np.asarray(box))
    add_target(places[-2], target, "M")
    add_product(places[-1], feature_map * target, f"{name} ∘ M")
    return figure


def add_product(axes: Axes, product: NDArray[np.floating], title: str) -> None:
    """Show a product (H, W) with 0 in white, and its sum in the title."""
    rows, columns = product.shape
    largest = float(np.abs(product).max()) or 1.0
    extent = (0, columns, rows, 0)
    axes.imshow(product, cmap=target_colours(), vmin=-largest, vmax=largest, extent=extent)
    axes.set(xticks=[], yticks=[])
    axes.set_title(f"{title}, sum {float(product.sum()):.1f}", fontsize=9)


def product_picture(
    feature_map: NDArray[np.floating],
    target: NDArray[np.floating],
    crop: Image,
    box: ArrayLike,
    largest: float,
    side: int = 240,
) -> Image:
    """The crop with the box, M and F ∘ M as a picture, and the score below: for a slider.

    box: (4,) in cells of the map. largest: the value of the product that has the fullest colour.
    Returns (side + 30, 3 side, 3) uint8 RGB.
    """
    cells = ROI(0, 0, target.shape[1], target.shape[0])
    seen = cv2.resize(crop, (side, side))
    on_crop = to_map(np.asarray(box), cells, (side, side))
    seen = draw_box(seen, on_crop, rgb(STYLES["tracker"][0]))  # type: ignore[arg-type]
    product = feature_map * target
    panels = [seen, target_picture(target, side), target_picture(product / largest, side)]
    below = np.full((30, 3 * side, 3), 255, np.uint8)
    text = f"score {float(product.sum()):.0f}"
    cv2.putText(below, text, (2 * side + 8, 22), 0, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    return np.vstack([np.hstack(panels), below])
