"""Values with the interval in which each may lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mfst_lib.errors import InvalidInput
from mfst_lib.show.curves import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_intervals(
    rows: Mapping[str, tuple[float, float, float]], label: str, title: str = ""
) -> Figure:
    """A dot with a bar per name, the highest value on top.

    rows: a name to its value and the lowest and highest value that it may have. Raises
    `InvalidInput` without any.
    """
    from matplotlib.figure import Figure

    if not rows:
        raise InvalidInput("no values to plot: expected at least one")
    names = sorted(rows, key=lambda name: rows[name][0])
    value, low, high = np.array([rows[name] for name in names]).T
    figure = Figure((8, 1.1 + 0.26 * len(rows)), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(names))
    axes.errorbar(
        value, places, xerr=[value - low, high - value], fmt="o", color=COLOURS[0], capsize=4
    )
    axes.set_yticks(places, names, fontsize=9)
    axes.set(xlabel=label)
    axes.set_title(title, fontsize=10)
    axes.grid(axis="x", alpha=0.3)
    return figure
