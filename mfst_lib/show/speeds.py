"""Accuracy against speed, tracker by tracker."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mfst_lib.errors import InvalidInput
from mfst_lib.show.curves import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

Point = tuple[float, float]


def plot_speeds(content: Mapping[str, Any]) -> Figure:
    """A point per tracker of a file of `mfst bench`: frames per second across, success up.

    One preset with several numbers of threads is one line, from the fewest to the most. Raises
    `InvalidInput` for a file without accuracies.
    """
    from matplotlib.figure import Figure

    rows = {name: row for name, row in content["rows"].items() if "auc" in row}
    if not rows:
        raise InvalidInput("no accuracies to plot: this file was made by an older mfst bench")
    figure = Figure((7.5, 4.5), layout="constrained")
    axes = figure.subplots()
    labels = [
        _line(axes, name, points, ours="backbone" in rows[first])
        for name, (first, points) in _by_tracker(rows).items()
    ]
    axes.margins(x=0.2, y=0.2)  # room for the names
    axes.set(xscale="log", xlabel="frames per second", ylabel="success (AUC), %")
    axes.grid(alpha=0.3)
    title = f"{content['frames']} frames of {content['sequence']}"
    threads = "; lines: from one thread to more" if any(" (" in name for name in rows) else ""
    axes.set_title(title + threads, fontsize=10)
    _part(figure, labels)
    return figure


def _by_tracker(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, list[Point]]]:
    """For each name without its threads: the first row's full name, and the points of all."""
    trackers: dict[str, tuple[str, list[Point]]] = {}
    for full, row in rows.items():
        name = re.sub(r" \(\d+\)$", "", full)
        trackers.setdefault(name, (full, []))[1].append((row["fps"], 100 * row["auc"]))
    return trackers


def _line(axes: Axes, name: str, points: Sequence[Point], ours: bool) -> Annotation:
    """Draw one tracker's points; its name stands beside the last."""
    across, up = zip(*points, strict=True)
    axes.plot(across, up, "o-" if ours else "s", color=COLOURS[4 * (not ours)], markersize=5)
    return axes.annotate(name, points[-1], (6, -3), textcoords="offset points", fontsize=8)


def _part(figure: Figure, labels: Sequence[Annotation], step: float = 2.0) -> None:
    """Move names up, from the lowest on, until none lies on another."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    placed: list[Any] = []
    for label in sorted(labels, key=lambda one: one.xy[1]):
        box = label.get_window_extent(renderer)
        while any(box.overlaps(other) for other in placed):
            x, y = label.get_position()
            label.set_position((x, y + step))
            box = label.get_window_extent(renderer)
        placed.append(box)
