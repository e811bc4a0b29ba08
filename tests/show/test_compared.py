import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.show.compared import plot_dots, plot_tradeoff

pytest.importorskip("matplotlib")


def test_every_row_has_a_dot_of_each_series_the_first_row_on_top():
    series = {"S": {"BC": 1.0, "SV": 2.0}, "C": {"SV": 4.0, "BC": 3.0}}
    figure = plot_dots(series, "success", level=1)
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_yticklabels()] == ["BC", "SV"]
    dots = {line.get_label(): list(line.get_xdata()) for line in axes.lines[:2]}
    assert dots == {"S": [1, 2], "C": [3, 4]}
    assert len({line.get_marker() for line in axes.lines[:2]}) == 2
    assert axes.yaxis_inverted()
    assert list(axes.lines[2].get_xdata()) == [1, 1]


@pytest.mark.parametrize("series", [{}, {"S": {"BC": 1.0}, "C": {"SV": 2.0}}])
def test_series_that_do_not_pair_up_are_refused(series):
    with pytest.raises(InvalidInput, match="no rows to compare, or series that lack some"):
        plot_dots(series, "success")


def test_points_lie_at_speed_and_success_with_their_names():
    points = {"ours": {"V3L": (160.0, 50.0), "V3S": (400.0, 45.0)}, "paper": {"V3L": (38.0, 42.0)}}
    (axes,) = plot_tradeoff(points).axes
    assert axes.get_xscale() == "log"
    assert [list(line.get_xdata()) for line in axes.lines] == [[160, 400], [38]]
    assert [list(line.get_ydata()) for line in axes.lines] == [[50, 45], [42]]
    assert sorted(text.get_text() for text in axes.texts) == ["V3L", "V3L", "V3S"]


def test_no_points_are_refused():
    with pytest.raises(InvalidInput, match="nothing to plot"):
        plot_tradeoff({})
