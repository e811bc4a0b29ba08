"""Precision and success plots, as the benchmark draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation.metrics import PRECISION_THRESHOLDS, SUCCESS_THRESHOLDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Okabe and Ito's colours: told apart by colour-blind readers. Dashes serve when printed grey.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("-", "--", "-.", ":")

#: A tracker's two curves: {"precision": 51 values, "success": 21 values}.
Curves = Mapping[str, Sequence[float]]


def plot_curves(curves: Mapping[str, Curves], title: str = "") -> Figure:
    """Precision and success plots side by side; legends ranked by their scores.

    curves: name of the tracker to its curves, as in a summary. Raises `InvalidInput` without any.
    """
    from matplotlib.figure import Figure

    if not curves:
        raise InvalidInput("no curves to plot: expected those of at least one tracker")
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    precision, success = figure.subplots(1, 2)
    styles = {name: rank for rank, name in enumerate(curves)}
    _draw(
        precision,
        {name: c["precision"] for name, c in curves.items()},
        PRECISION_THRESHOLDS,
        {name: c["precision"][20] for name, c in curves.items()},
        styles,
    )
    precision.axvline(20, color="grey", linewidth=0.8)
    precision.set(xlabel="distance of the centres allowed, pixels", ylabel="share of frames")
    precision.set_title("Precision (score: at 20 pixels)", fontsize=10)
    _draw(
        success,
        {name: c["success"] for name, c in curves.items()},
        SUCCESS_THRESHOLDS,
        {name: float(np.mean(c["success"])) for name, c in curves.items()},
        styles,
    )
    success.set(xlabel="overlap (IoU) asked for", ylabel="share of frames")
    success.set_title("Success (score: mean of the curve)", fontsize=10)
    if title:
        figure.suptitle(title, fontsize=11)
    return figure


def plot_attributes(curves: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """A small success plot for each attribute; every legend ranked by its scores.

    curves: attribute to name of the tracker to 21 values. Raises `InvalidInput` without any.
    """
    from matplotlib.figure import Figure

    if not curves:
        raise InvalidInput("no attributes to plot: none of the tasks has one")
    columns = min(3, len(curves))
    rows = -(-len(curves) // columns)
    figure = Figure(figsize=(4.2 * columns, 3.4 * rows), layout="constrained")
    places = figure.subplots(rows, columns, squeeze=False).ravel()
    styles = {name: rank for rank, name in enumerate(next(iter(curves.values())))}
    for axes, (attribute, success) in zip(places, curves.items(), strict=False):
        scores = {name: float(np.mean(curve)) for name, curve in success.items()}
        _draw(axes, success, SUCCESS_THRESHOLDS, scores, styles)
        axes.set_title(attribute, fontsize=10)
    for axes in places[len(curves) :]:
        axes.set_visible(False)
    return figure


def _draw(
    axes: Axes,
    curves: Mapping[str, Sequence[float]],
    thresholds: ArrayLike,
    scores: Mapping[str, float],
    styles: Mapping[str, int],
) -> None:
    """One plot, the best tracker first in the legend; a tracker looks the same in every plot."""
    for name in sorted(scores, key=lambda one: -scores[one]):
        axes.plot(
            np.asarray(thresholds),
            curves[name],
            color=COLOURS[styles[name] % len(COLOURS)],
            linestyle=DASHES[styles[name] // len(COLOURS) % len(DASHES)],
            label=f"{name} [{100 * scores[name]:.1f}]",
        )
    axes.set(ylim=(0, 1.02), xlim=(np.min(thresholds), np.max(thresholds)))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8 if len(scores) < 6 else 6, loc="best", framealpha=0.6)
