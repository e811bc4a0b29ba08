import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.show.frames import add_box, plot_frames, plot_over_time, style

FRAMES = [np.full((30, 40, 3), 10 * n, np.uint8) for n in range(6)]
TRUTH = np.array([[n, 2.0 * n, 8, 6] for n in range(6)])


def boxes_in(axes):
    return [(*p.get_xy(), p.get_width(), p.get_height()) for p in axes.patches]


def test_each_picture_holds_its_own_frame_and_boxes():
    figure = plot_frames(FRAMES, {"truth": TRUTH, "tracker": TRUTH + 1}, [0, 2, 5, 3], columns=3)
    assert len(figure.axes) == 6
    for axes, number in zip(figure.axes, [0, 2, 5, 3], strict=False):
        assert axes.get_title() == f"frame {number}"
        assert (axes.images[0].get_array() == 10 * number).all()
        assert boxes_in(axes) == [tuple(TRUTH[number]), tuple(TRUTH[number] + 1)]


def test_a_pixel_covers_one_unit_so_boxes_lie_where_they_belong():
    axes = plot_frames(FRAMES, {"truth": TRUTH}, [1]).axes[0]
    assert axes.images[0].get_extent() == [0, 40, 30, 0]
    assert (axes.get_xlim(), axes.get_ylim()) == ((0, 40), (30, 0))


def test_places_without_a_frame_stay_empty():
    figure = plot_frames(FRAMES, {}, [0, 1, 2, 3], columns=3)
    assert [axes.axison for axes in figure.axes] == [True] * 4 + [False] * 2


def test_roles_differ_in_colour_and_dashes():
    assert style("truth") != style("tracker")
    assert style("truth")[1] != style("tracker")[1]
    assert style("another", 0) != style("another", 1)


def test_no_frames_is_said():
    with pytest.raises(InvalidInput, match="no frame numbers"):
        plot_frames(FRAMES, {"truth": TRUTH}, [])


def test_add_box_takes_any_array_like():
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    add_box(axes, [1, 2, 3, 4], "tracker")
    assert boxes_in(axes) == [(1, 2, 3, 4)]


def test_curves_levels_and_marks_are_the_given_numbers():
    curves = {"a": [0.2, 0.4, 0.6], "b": [1.0, 0.5, 0.0]}
    axes = plot_over_time(curves, asked=0.5, marks={"here": 2}).axes[0]
    first, second, level, mark = axes.lines
    assert first.get_ydata().tolist() == curves["a"]
    assert second.get_ydata().tolist() == curves["b"]
    assert set(level.get_ydata()) == {0.5}
    assert set(mark.get_xdata()) == {2}
    assert [text.get_text() for text in axes.get_legend().texts] == ["a", "b"]


def test_a_single_curve_needs_no_legend():
    assert plot_over_time({"a": [1.0]}).axes[0].get_legend() is None
