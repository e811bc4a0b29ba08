import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.show.lines import plot_lines

pytest.importorskip("matplotlib")


def test_each_curve_is_drawn_over_x_with_its_name():
    (axes,) = plot_lines([1, 2, 4], {"a": [3, 2, 1], "b": [0, 0, 5]}, "x", "y", log=True).axes
    assert axes.lines[0].get_xydata().tolist() == [[1, 3], [2, 2], [4, 1]]
    assert [one.get_text() for one in axes.get_legend().get_texts()] == ["a", "b"]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_xscale()) == ("x", "y", "log")
    styles = {(line.get_color(), line.get_linestyle()) for line in axes.lines}
    assert len(styles) == 2


def test_marks_and_the_level_stand_where_they_are_asked_for():
    (axes,) = plot_lines(range(3), {"a": [0, 1, 2]}, "x", "y", {"post": 1.5}, level=0.5).axes
    level, mark = axes.lines[1:]
    assert set(level.get_ydata()) == {0.5}
    assert set(mark.get_xdata()) == {1.5}
    assert [text.get_text() for text in axes.texts] == ["post"]
    assert axes.get_legend() is None


@pytest.mark.parametrize("curves", [{}, {"a": [1, 2]}, {"a": [1, 2, 3], "b": np.ones((3, 1))}])
def test_curves_pair_up_with_x(curves):
    with pytest.raises(InvalidInput, match="x is"):
        plot_lines([1, 2, 3], curves, "x", "y")
