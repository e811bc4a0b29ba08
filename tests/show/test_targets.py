import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.show.targets import add_target, plot_targets, target_picture


def test_the_scale_of_the_colours_never_follows_the_map():
    figure = plot_targets({"half": np.full((3, 4), 0.5), "zero": np.zeros((3, 4))})
    half, zero = figure.axes[:2]
    assert [axes.get_title() for axes in (half, zero)] == ["half", "zero"]
    assert half.images[0].get_clim() == zero.images[0].get_clim() == (-1, 1)
    assert (half.images[0].get_array() == 0.5).all()
    with pytest.raises(InvalidInput, match="no target maps"):
        plot_targets({})


def test_cells_have_lines_only_where_they_are_few():
    from matplotlib.figure import Figure

    few, many = Figure().subplots(1, 2)
    add_target(few, np.zeros((3, 4)))
    add_target(many, np.zeros((224, 224)))
    assert len(few.get_xticks(minor=True)) == 5
    assert len(many.get_xticks(minor=True)) == 0


def test_a_picture_is_white_at_zero_and_tells_the_ends_apart():
    picture = target_picture(np.array([[-1.0, 0.0, 1.0]]), side=30)
    assert picture.shape == (30, 30, 3)
    minus, zero, plus = picture[15, [5, 15, 25]].astype(int)
    assert zero.min() > 240
    assert minus[2] > minus[0]  # purple: more blue than red
    assert plus[0] > plus[2]  # orange: more red than blue
