"""How training goes: the loss after every epoch, drawn while it runs."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mfst_lib.errors import InvalidInput
from mfst_lib.show.curves import COLOURS, DASHES
from mfst_lib.show.widgets import named_box

if TYPE_CHECKING:
    from ipywidgets import VBox
    from matplotlib.figure import Figure

Row = Mapping[str, float]

#: The columns of a log that are drawn, and what they are called.
CURVES = {"loss": "sequences that it learns from", "val_loss": "sequences kept aside"}


def plot_losses(rows: Sequence[Row]) -> Figure:
    """The losses of a log's rows over the epochs, and the epoch whose nets are kept.

    rows: with epoch, loss and val_loss, as `mfst_lib.training.loop.train` hands them out. Raises
    `InvalidInput` without any.
    """
    from matplotlib.figure import Figure

    if not rows:
        raise InvalidInput("no losses to plot: expected a row for at least one epoch")
    epochs = [row["epoch"] for row in rows]
    figure = Figure((9, 2.9), layout="constrained")
    axes = figure.subplots()
    for number, (key, name) in enumerate(CURVES.items()):
        style = {"color": COLOURS[number], "linestyle": DASHES[number], "marker": "os"[number]}
        axes.plot(epochs, [row[key] for row in rows], label=name, **style)  # type: ignore[arg-type]
    best = epochs[int(np.argmin([row["val_loss"] for row in rows]))]
    axes.axvline(best, color="grey", linewidth=1, linestyle=":", label="the best so far")
    axes.set(xlabel="epoch", ylabel="loss")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=9)
    return figure


def live_losses(about: str) -> tuple[VBox, Callable[[Row], None]]:
    """A picture that is drawn again with every row, and what takes the rows.

    about: the picture in words, for those who cannot see it.
    """
    import ipywidgets

    fit = {"max_width": "100%", "object_fit": "contain"}
    image = ipywidgets.Image(format="jpeg", layout=fit, tooltip=about)
    rows: list[Row] = []

    def add(row: Row) -> None:
        rows.append(row)
        picture = io.BytesIO()
        plot_losses(rows).savefig(picture, format="jpeg", dpi=90)
        image.value = picture.getvalue()

    return named_box("the loss, drawn while it runs", [image]), add
