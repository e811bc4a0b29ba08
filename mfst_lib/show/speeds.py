"""Accuracy against speed, tracker by tracker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mfst_lib.errors import InvalidInput
from mfst_lib.show.curves import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_speeds(content: Mapping[str, Any]) -> Figure:
    """A point per tracker of a file of `mfst bench`: frames per second across, success up.

    Raises `InvalidInput` for a file without accuracies.
    """
    from matplotlib.figure import Figure

    rows = {name: row for name, row in content["rows"].items() if "auc" in row}
    if not rows:
        raise InvalidInput("no accuracies to plot: this file was made by an older mfst bench")
    figure = Figure((7.5, 4.5), layout="constrained")
    axes = figure.subplots()
    for name, row in rows.items():
        ours = "backbone" in row
        axes.plot(row["fps"], 100 * row["auc"], "o" if ours else "s", color=COLOURS[4 * (not ours)])
        axes.annotate(name, (row["fps"], 100 * row["auc"]), (5, 4), textcoords="offset points")
    axes.margins(x=0.2)  # room for the names
    axes.set(xscale="log", ylim=(0, 100), xlabel="frames per second", ylabel="success (AUC), %")
    axes.grid(alpha=0.3, which="both")
    axes.set_title(f"{content['frames']} frames of {content['sequence']}", fontsize=10)
    return figure
