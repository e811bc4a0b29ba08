"""Curves over any quantity: scores by rank, contrast by fraction, scores over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mfst_lib.errors import InvalidInput
from mfst_lib.show.curves import COLOURS, DASHES

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_lines(
    x: ArrayLike,
    curves: Mapping[str, ArrayLike],
    across: str,
    up: str,
    marks: Mapping[str, float] | None = None,
    level: float | None = None,
    log: bool = False,
) -> Figure:
    """One curve per name over x, vertical marks with a remark, one dotted level.

    x: (N,). curves: name to (N,). across, up: what the axes mean. log: whether x is drawn in
    powers of ten. Raises `InvalidInput` without curves or when a curve and x do not pair up.
    """
    from matplotlib.figure import Figure

    places = np.asarray(x)
    if not curves or any(np.shape(y) != places.shape for y in curves.values()):
        sizes = ", ".join(f"{name}: {np.shape(y)}" for name, y in curves.items())
        raise InvalidInput(f"x is {places.shape}, the curves are {sizes or 'none'}")
    figure = Figure((9, 2.9), layout="constrained")
    axes = figure.subplots()
    for position, (name, y) in enumerate(curves.items()):
        colour = COLOURS[position % len(COLOURS)]
        dashes = DASHES[position % len(DASHES)]
        axes.plot(places, np.asarray(y), color=colour, linestyle=dashes, label=name)
    if level is not None:
        axes.axhline(level, color="grey", linewidth=1, linestyle=":")
    for remark, place in (marks or {}).items():
        axes.axvline(place, color="black", linewidth=1, linestyle="--")
        axes.annotate(
            remark,
            (place, 0.06),
            xycoords=("data", "axes fraction"),
            xytext=(5, 0),
            textcoords="offset points",
            fontsize=9,
        )
    axes.set(xlabel=across, ylabel=up, xscale="log" if log else "linear")
    axes.margins(x=0.01)
    axes.grid(alpha=0.3)
    if len(curves) > 1:
        axes.legend(fontsize=9)
    return figure
