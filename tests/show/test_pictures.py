import numpy as np
import pytest

from mfst_lib.show.pictures import map_picture, picture

pytest.importorskip("matplotlib")


def test_a_figure_becomes_a_picture_of_the_width_asked_for():
    from matplotlib.figure import Figure

    figure = Figure((4, 2), facecolor="#FF8000")
    drawn = picture(figure, 320)
    assert drawn.shape == (160, 320, 3)
    assert drawn.dtype == np.uint8
    assert (drawn == [255, 128, 0]).all()


def test_a_map_goes_from_the_darkest_to_the_lightest_colour_in_whole_cells():
    shown = map_picture(np.array([[-3.0, 0.0], [0.0, 5.0]]), 20)
    assert shown.shape == (20, 20, 3)
    assert (shown[:10, :10] == shown[0, 0]).all()
    assert (shown[:10, 10:] == shown[10:, :10]).all()
    light = shown.astype(int).sum(axis=2)
    assert light[0, 0] < light[0, 19] < light[19, 19]
