"""One threshold of the success plot: the frames above it, and the point that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mfst_lib.boxes import Floats
from mfst_lib.evaluation.metrics import SUCCESS_THRESHOLDS, success_curve
from mfst_lib.show.curves import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_threshold(overlap: Floats, threshold: float) -> Figure:
    """Left the overlap per frame, its part above the threshold filled; right the success curve.

    overlap: (T,) in 0…1. The point on the curve is the share of frames above the threshold.
    """
    from matplotlib.figure import Figure

    overlap = np.asarray(overlap)
    frames, above = np.arange(len(overlap)), overlap > threshold
    figure = Figure((9, 2.9), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1.6, 1])
    left.plot(frames, overlap, color=COLOURS[0])
    left.axhline(threshold, color="grey", linestyle=":")
    left.fill_between(frames, 0, 1, where=above.tolist(), step="mid", color=COLOURS[4], alpha=0.35)
    left.set(xlabel="frame", ylabel="overlap (IoU)", ylim=(-0.02, 1.02), xlim=(0, len(overlap) - 1))
    left.set_title(f"{above.sum()} of {len(above)} frames are above {threshold:g}", fontsize=10)
    right.plot(SUCCESS_THRESHOLDS, success_curve(overlap), color=COLOURS[0])
    right.plot([threshold], [above.mean()], "o", color=COLOURS[1], markersize=9)
    right.axvline(threshold, color="grey", linestyle=":")
    right.set(xlabel="overlap asked for", ylabel="share of frames", xlim=(0, 1), ylim=(0, 1.02))
    right.set_title(f"success there: {above.mean():.2f}", fontsize=10)
    for axes in (left, right):
        axes.grid(alpha=0.3)
    return figure
