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
    _draw(
        precision,
        {name: c["precision"] for name, c in curves.items()},
        PRECISION_THRESHOLDS,
        {name: c["precision"][20] for name, c in curves.items()},
    )
    precision.axvline(20, color="grey", linewidth=0.8)
    precision.set(xlabel="distance of the centres allowed, pixels", ylabel="share of frames")
    precision.set_title("Precision (score: at 20 pixels)", fontsize=10)
    _draw(
        success,
        {name: c["success"] for name, c in curves.items()},
        SUCCESS_THRESHOLDS,
        {name: float(np.mean(c["success"])) for name, c in curves.items()},
    )
    success.set(xlabel="overlap (IoU) asked for", ylabel="share of frames")
    success.set_title("Success (score: mean of the curve)", fontsize=10)
    if title:
        figure.suptitle(title, fontsize=11)
    return figure


def _draw(
    axes: Axes,
    curves: Mapping[str, Sequence[float]],
    thresholds: ArrayLike,
    scores: Mapping[str, float],
) -> None:
    """One plot, the best tracker first in the legend."""
    for rank, name in enumerate(sorted(scores, key=lambda one: -scores[one])):
        axes.plot(
            thresholds,
            curves[name],
            color=COLOURS[rank % len(COLOURS)],
            linestyle=DASHES[rank // len(COLOURS) % len(DASHES)],
            label=f"{name} [{100 * scores[name]:.1f}]",
        )
    axes.set(ylim=(0, 1.02), xlim=(np.min(thresholds), np.max(thresholds)))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="best")
