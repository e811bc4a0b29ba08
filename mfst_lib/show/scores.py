"""Scores per sequence or attribute as bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mfst_lib.errors import InvalidInput
from mfst_lib.show.curves import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_scores(rows: Mapping[str, Mapping[str, float]], title: str = "") -> Figure:
    """Precision at 20 px and success AUC as a pair of bars for each name, in percent.

    rows: `per_task` or `by_attribute` of a summary. Raises `InvalidInput` without any.
    """
    from matplotlib.figure import Figure

    if not rows:
        raise InvalidInput("no scores to plot: expected those of at least one sequence")
    figure = Figure((9, 1.3 + 0.27 * len(rows)), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(rows))
    for offset, key, name, colour in (
        (-0.2, "precision20", "precision at 20 pixels", COLOURS[0]),
        (0.2, "auc", "success (AUC)", COLOURS[4]),
    ):
        values = [100 * scores[key] for scores in rows.values()]
        axes.barh(places + offset, values, 0.38, color=colour, label=name)
    axes.set_yticks(places, list(rows), fontsize=9)
    axes.invert_yaxis()
    axes.set(xlim=(0, 100), xlabel="percent")
    axes.grid(axis="x", alpha=0.3)
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    axes.set_title(title, fontsize=10)
    return figure
