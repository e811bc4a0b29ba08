"""Target maps as pictures: one colour scale from -1 to +1, whatever the map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import InvalidInput
from mfst_lib.show.frames import Image

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure


def target_colours() -> Colormap:
    """Purple for -1, white for 0, orange for +1: told apart by colour-blind readers."""
    import matplotlib
    from matplotlib.colors import ListedColormap

    # The ends of the map are nearly black, both of them: they are left out.
    return ListedColormap(matplotlib.colormaps["PuOr_r"](np.linspace(0.14, 0.86, 255)))


def add_target(axes: Axes, target: NDArray[np.floating], title: str = "") -> None:
    """Show a target map (H, W) with colours from -1 to +1 and the lines of its cells."""
    rows, columns = target.shape
    extent = (0, columns, rows, 0)
    axes.imshow(target, cmap=target_colours(), vmin=-1, vmax=1, extent=extent)
    if max(target.shape) <= 32:
        axes.set_xticks(range(columns + 1), minor=True)
        axes.set_yticks(range(rows + 1), minor=True)
        axes.grid(which="minor", color="black", alpha=0.15, linewidth=0.5)
    axes.tick_params(which="both", length=0)
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, fontsize=9)


def plot_targets(targets: Mapping[str, NDArray[np.floating]], columns: int = 4) -> Figure:
    """Target maps (H, W) side by side under their names, with the scale of their colours.

    Raises `InvalidInput` without any.
    """
    from matplotlib.figure import Figure

    if not targets:
        raise InvalidInput("no target maps to plot: expected at least one")
    columns = min(columns, len(targets))
    rows = -(-len(targets) // columns)
    figure = Figure((2.3 * columns + 0.8, 2.45 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (name, target) in zip(grid, targets.items(), strict=False):
        add_target(axes, target, name)
    for axes in grid[len(targets) :]:
        axes.set_axis_off()
    figure.colorbar(grid[0].images[0], ax=list(grid), ticks=[-1, 0, 1], shrink=0.9)
    return figure


def target_picture(target: NDArray[np.floating], side: int = 240) -> Image:
    """A target map (H, W) as (side, side, 3) uint8 RGB, each cell a rectangle of one colour."""
    colours = target_colours()((np.asarray(target, dtype=np.float64) + 1) / 2)[..., :3]
    cells = np.round(255 * colours).astype(np.uint8)
    return cv2.resize(cells, (side, side), interpolation=cv2.INTER_NEAREST)  # type: ignore[return-value]
