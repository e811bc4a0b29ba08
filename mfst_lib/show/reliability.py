"""A reliability plot: what a tracker's probabilities promise, and what came true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mfst_lib.errors import InvalidInput
from mfst_lib.show.curves import COLOURS, DASHES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Per bin of probabilities: share of the frames, mean probability, success rate.
Bins = Sequence[Mapping[str, float]]


def plot_reliability(curves: Mapping[str, Bins]) -> Figure:
    """Success rate over probability, one curve per name; on the diagonal, promises are kept.

    Below, the share of the frames in each bin. Raises `InvalidInput` without curves.
    """
    from matplotlib.figure import Figure

    if not curves or not all(len(bins) for bins in curves.values()):
        raise InvalidInput("no reliability to plot: expected bins of at least one tracker")
    figure = Figure((5.2, 5), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    above.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle=":", label="as promised")
    for position, (name, bins) in enumerate(curves.items()):
        colour, dashes = COLOURS[position % len(COLOURS)], DASHES[position % len(DASHES)]
        promised = [one["probability"] for one in bins]
        came = [one["success"] for one in bins]
        above.plot(promised, came, marker="o", color=colour, linestyle=dashes, label=name)
        below.plot(promised, [one["share"] for one in bins], marker="o", color=colour, ls=dashes)
    above.set(ylabel="share of frames with IoU > 0.5", xlim=(0, 1), ylim=(0, 1))
    below.set(xlabel="confidence", ylabel="share of frames", ylim=(0, None))
    for axes in (above, below):
        axes.grid(alpha=0.3)
    above.legend(fontsize=9)
    return figure
