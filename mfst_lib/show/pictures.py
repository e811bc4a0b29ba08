"""Figures and maps as pictures: what a slider shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from mfst_lib.prediction import min_max
from mfst_lib.show.frames import Image
from mfst_lib.show.steps import MAP_COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def picture(figure: Figure, width: int = 720) -> Image:
    """The figure drawn as (H, width, 3) uint8 RGB, for `slides` and `live`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure.set_dpi(width / figure.get_figwidth())
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()  # type: ignore[no-untyped-call]


def map_picture(values: NDArray[np.floating], side: int = 240) -> Image:
    """A map (H, W) as (side, side, 3) uint8 RGB from its lowest to its highest value."""
    import matplotlib

    small = min_max(np.asarray(values, dtype=np.float32))
    colours = matplotlib.colormaps[MAP_COLOURS](small)[..., :3]
    cells = np.round(255 * colours).astype(np.uint8)
    return cv2.resize(cells, (side, side), interpolation=cv2.INTER_NEAREST)  # type: ignore[return-value]
