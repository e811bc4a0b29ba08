"""Tests of mfst_lib.show.losses: the log as a picture, drawn while training runs."""

import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.show.losses import live_losses, plot_losses

ROWS = [
    {"epoch": 1, "loss": 3.0, "val_loss": 2.5},
    {"epoch": 2, "loss": 2.0, "val_loss": 1.5},
    {"epoch": 3, "loss": 1.0, "val_loss": 1.9},
]


def test_both_losses_are_drawn_and_the_best_epoch_is_marked():
    pytest.importorskip("matplotlib")
    (axes,) = plot_losses(ROWS).axes
    learnt, aside, best = axes.get_lines()
    assert list(learnt.get_ydata()) == [3, 2, 1]
    assert list(aside.get_ydata()) == [2.5, 1.5, 1.9]
    assert best.get_xdata()[0] == 2


def test_without_a_row_there_is_nothing_to_draw():
    with pytest.raises(InvalidInput, match="at least one epoch"):
        plot_losses([])


def test_every_row_changes_the_picture():
    pytest.importorskip("ipywidgets")
    box, add = live_losses("two curves")
    pictures = []
    for row in ROWS:
        add(row)
        pictures.append(bytes(box.children[0].value))
    assert len(set(pictures)) == 3
    assert all(picture.startswith(b"\xff\xd8") for picture in pictures)
    assert repr(box) == "the loss, drawn while it runs"
