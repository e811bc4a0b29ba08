import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.show.reliability import plot_reliability

BINS = [
    {"share": 0.4, "probability": 0.2, "success": 0.3},
    {"share": 0.6, "probability": 0.9, "success": 0.8},
]


def test_the_curves_are_those_of_the_bins():
    above, below = plot_reliability({"Lite0": BINS, "V3L": BINS[:1]}).axes
    diagonal, first, second = above.lines
    assert list(diagonal.get_xdata()) == [0, 1]
    assert list(first.get_xdata()) == [0.2, 0.9] and list(first.get_ydata()) == [0.3, 0.8]
    assert second.get_label() == "V3L" and first.get_linestyle() != second.get_linestyle()
    assert list(below.lines[0].get_ydata()) == [0.4, 0.6]


def test_nothing_to_plot():
    for curves in ({}, {"a": []}):
        with pytest.raises(InvalidInput, match="no reliability"):
            plot_reliability(curves)
