import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.show.choice import choice_picture, plot_choice

MAP = np.zeros((20, 20), np.float32)
BOXES = np.array([[0.0, 0, 4, 6], [10, 10, 4, 6], [5, 2, 4, 6]])
TRUTH = [9, 9, 5, 5]


def test_the_highest_of_each_measure_is_drawn_over_the_truth():
    figure = plot_choice(MAP, BOXES, {"first": [3, 1, 2], "second": [0, 7, -7]}, TRUTH)
    assert [axes.get_title() for axes in figure.axes] == ["first", "second"]
    drawn = [[patch.get_xy() for patch in axes.patches] for axes in figure.axes]
    assert drawn == [[(9, 9), (0, 0)], [(9, 9), (10, 10)]]


def test_dots_lie_at_the_centres_the_highest_on_top():
    dots = plot_choice(MAP, BOXES, {"one": [3, 1, 2]}, TRUTH).axes[0].collections[0]
    assert dots.get_offsets().tolist() == [[12, 13], [7, 5], [2, 3]]
    assert dots.get_array().tolist() == [1, 2, 3]


@pytest.mark.parametrize("measures", [{}, {"short": [1, 2]}])
def test_measures_and_candidates_pair_up(measures):
    with pytest.raises(InvalidInput, match="3 candidates"):
        plot_choice(MAP, BOXES, measures, TRUTH)


def test_a_choice_picture_has_light_dots_for_high_values_and_the_winners_box():
    boxes = np.array([[10.0, 10, 20, 20], [60, 60, 20, 20]])
    light = np.zeros((100, 100), np.float32)
    dots = [(20, 20), (70, 70)]
    for values, best in (([1.0, 3.0], 1), ([3.0, 1.0], 0)):
        picture = choice_picture(light, boxes, values, [80, 5, 10, 10], 100)
        assert picture.shape == (100, 100, 3)
        assert [int(picture[y, x].mean() > 250) for x, y in dots] == [1 - best, best]
        x, y = boxes[best, :2].astype(int)
        assert picture[y + 10, x].argmax() == 0, "the winner's edge is orange"


def test_a_choice_picture_wants_a_value_for_each_candidate():
    with pytest.raises(InvalidInput, match="2 candidates"):
        choice_picture(np.zeros((8, 8)), np.ones((2, 4)), [1.0], np.ones(4))
