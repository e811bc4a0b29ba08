import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.show.intervals import plot_intervals


def test_dots_from_low_to_high_each_with_its_bar():
    figure = plot_intervals({"a": (0.5, 0.4, 0.7), "b": (0.3, 0.25, 0.35)}, "score")
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b", "a"]
    assert axes.lines[0].get_xdata().tolist() == [0.3, 0.5]
    bars = [segment[:, 0] for segment in axes.collections[0].get_segments()]
    assert np.allclose(bars, [[0.25, 0.35], [0.4, 0.7]])


def test_nothing_to_plot_is_said():
    with pytest.raises(InvalidInput, match="no values"):
        plot_intervals({}, "score")
