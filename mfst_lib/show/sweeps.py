"""A sweep as a picture: precision and success of every setting, with their spread over seeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mfst_lib.show.curves import COLOURS, DASHES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: What is drawn: the key of a score, its name, its marker.
SCORES = (("precision20", "precision", "s"), ("auc", "success", "o"))


def plot_sweep(content: Mapping[str, Any]) -> Figure:
    """Both scores of each setting; the one that all are compared with has a grey band.

    content: a sweep's file (see `mfst_lib.evaluation.ablations.load_sweep`). Numbers are joined
    by a line and stand evenly, whatever their distance; names are not joined.
    """
    from matplotlib.figure import Figure

    labels = [row["label"] for row in content["settings"]]
    figure = Figure((6.4, 3.2), layout="constrained")
    axes = figure.subplots()
    place = labels.index(content["reference"])
    axes.axvspan(place - 0.4, place + 0.4, color="0.9", label="compared with this")
    for number, (key, name, marker) in enumerate(SCORES):
        mean = [100 * row[key] for row in content["settings"]]
        spread = [100 * row[f"{key}_std"] for row in content["settings"]]
        axes.errorbar(
            np.arange(len(labels)),
            mean,
            spread,
            color=COLOURS[number],
            linestyle=DASHES[number] if content["axis"] else "none",
            marker=marker,
            capsize=3,
            label=name,
        )
    _label(axes, labels, content)
    return figure


def _label(axes: Axes, labels: list[str], content: Mapping[str, Any]) -> None:
    long = max(map(len, labels)) > 12 and len(labels) > 3
    axes.set_xticks(np.arange(len(labels)), labels, rotation=25 if long else 0)
    if long:
        for text in axes.get_xticklabels():
            text.set_horizontalalignment("right")
    axes.set(xlabel=content["axis"], ylabel="percent", xlim=(-0.6, len(labels) - 0.4))
    axes.margins(y=0.1)  # head room for the markers of the highest
    axes.set_ylim(bottom=0)
    axes.set_title(content["question"], fontsize=10)
    axes.grid(axis="y", alpha=0.3)
    axes.legend(fontsize=8, loc="lower right")
