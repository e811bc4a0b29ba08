"""Several trackers side by side: a dot per tracker and row, or speed against success."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mfst_lib.errors import InvalidInput
from mfst_lib.show.curves import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Markers tell series apart where colours do not.
MARKERS = ("o", "s", "^", "D", "v", "P")


def plot_dots(
    series: Mapping[str, Mapping[str, float]], across: str, title: str = "", level: float = 0
) -> Figure:
    """A row for each name, in it a dot for each series; a grey line at `level` unless it is 0.

    series: its name to its values by row; the rows are those of the first series. Raises
    `InvalidInput` without a series or when one lacks a row.
    """
    from matplotlib.figure import Figure

    rows = list(next(iter(series.values()))) if series else []
    lacking = [name for name, values in series.items() if not set(rows) <= set(values)]
    if not rows or lacking:
        raise InvalidInput(f"no rows to compare, or series that lack some: {lacking}")
    figure = Figure((8, 1.2 + 0.27 * len(rows)), layout="constrained")
    axes, places = figure.subplots(), np.arange(len(rows))
    for number, (name, values) in enumerate(series.items()):
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        dots = [values[row] for row in rows]
        axes.plot(dots, places, marker, color=colour, label=name, markersize=6, alpha=0.85)
    if level:
        axes.axvline(level, color="grey", linewidth=1)
    axes.set_yticks(places, rows, fontsize=9)
    axes.invert_yaxis()
    axes.set(xlabel=across)
    axes.grid(alpha=0.3)
    axes.set_title(title, fontsize=10)
    figure.legend(loc="outside lower center", ncols=len(series), fontsize=9)
    return figure


def plot_tradeoff(points: Mapping[str, Mapping[str, tuple[float, float]]]) -> Figure:
    """Success over speed: a marker per series, each of its points with a name.

    points: series to name to (frames per second, success in percent). Speed grows in powers of
    ten. Raises `InvalidInput` without a series.
    """
    from matplotlib.figure import Figure

    if not points:
        raise InvalidInput("nothing to plot: expected at least one series of points")
    figure = Figure((7, 3.4), layout="constrained")
    axes = figure.subplots()
    for number, (series, named) in enumerate(points.items()):
        speeds, scores = zip(*named.values(), strict=True)
        colour = COLOURS[number % len(COLOURS)]
        axes.plot(speeds, scores, MARKERS[number], color=colour, label=series, markersize=8)
        for name, place in named.items():
            offset = {"xytext": (7, 5), "textcoords": "offset points"}
            axes.annotate(name, place, fontsize=9, **offset)  # type: ignore[arg-type]
    axes.set(xscale="log", xlabel="frames per second, one CPU", ylabel="success (AUC), percent")
    axes.margins(x=0.12, y=0.15)
    axes.grid(alpha=0.3, which="both")
    axes.legend(fontsize=9)
    return figure
