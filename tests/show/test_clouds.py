import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.show.clouds import COVER, cloud_picture, outlines, plot_clouds

IMAGE = np.full((60, 80, 3), 100, np.uint8)
BOX, NEXT = [10, 10, 20, 16], [40, 30, 20, 16]


def test_candidates_are_thin_and_let_the_frame_through():
    picture = cloud_picture(IMAGE, [[5, 40, 30, 12]], BOX, NEXT)
    assert picture.shape == (120, 160, 3)
    line = round(100 * (1 - COVER) + 255 * COVER)
    assert np.abs(picture[80, 10:71].astype(int) - line).max() <= 1  # the upper edge
    assert (picture[84:100, 14:66] == 100).all()


def test_outlines_are_counted_and_cut_at_the_border():
    boxes = np.array([[1.0, 1, 3, 2], [1, 1, 3, 2], [-2, 2, 4, 9]])
    assert outlines(boxes, (5, 6)).tolist() == [
        [0, 0, 0, 0, 0, 0],
        [0, 2, 2, 2, 2, 0],
        [1, 3, 1, 0, 2, 0],
        [0, 2, 3, 2, 2, 0],
        [0, 0, 1, 0, 0, 0],
    ]


def test_the_boxes_lie_over_the_candidates_each_in_its_colour():
    picture = cloud_picture(IMAGE, [BOX, NEXT], BOX, NEXT)
    assert picture[20, 40].argmax() == 0  # orange
    assert picture[60, 100].argmax() == 2  # light blue


def test_a_candidate_far_outside_the_frame_does_no_harm():
    picture = cloud_picture(IMAGE, [[-500, -500, 20, 20], [900, 9, 5, 5]], BOX, NEXT)
    assert (picture[100:, :60] == 100).all()


def test_a_cloud_for_each_name():
    figure = plot_clouds(IMAGE, {"wide": [[50, 4, 24, 20]], "narrow": [[4, 40, 24, 18]]}, BOX, NEXT)
    assert [axes.get_title() for axes in figure.axes] == ["wide", "narrow"]
    shown = [axes.images[0].get_array() for axes in figure.axes]
    assert (shown[0] != shown[1]).any()
    with pytest.raises(InvalidInput, match="at least one cloud"):
        plot_clouds(IMAGE, {}, BOX, NEXT)
