import numpy as np
import pytest

from mfst_lib.show.creep import best_width, blurred_target, creep_picture, sizes_over_time

pytest.importorskip("matplotlib")


def test_without_blur_the_map_is_the_target_and_its_cells_count():
    values = blurred_target(6, 0)
    assert values.shape == (14, 14)
    assert values.sum() == 36
    assert values[4:10, 4:10].min() == 1


def test_the_best_box_of_a_sharp_target_has_its_width_and_blur_widens_it():
    widths = [best_width(blurred_target(6, blur)) for blur in (0, 1, 2)]
    assert widths[0] == pytest.approx(6, abs=0.7)  # enlarging softens the edge by half a cell
    assert widths == sorted(widths)
    assert widths[2] > 7.5


def test_a_larger_b_gives_a_narrower_box():
    values = blurred_target(7, 1.5)
    assert best_width(values, 0.6) < 7 < best_width(values, 0.2)


def test_in_the_picture_the_true_box_is_blue_and_the_best_one_orange():
    seen = creep_picture(7, 2, side=280)
    assert seen.shape == (280, 280, 3)
    is_blue = np.all(seen == (86, 180, 233), axis=-1)
    is_orange = np.all(seen == (213, 94, 0), axis=-1)
    across_blue, across_orange = np.flatnonzero(is_blue[140]), np.flatnonzero(is_orange[140])
    assert np.ptp(across_blue) == pytest.approx(140, abs=4)
    assert np.ptp(across_orange) > 180


def test_sizes_are_roots_of_areas_over_the_first():
    boxes = [[0, 0, 10, 10], [5, 5, 30, 30], [0, 0, 40, 10]]
    assert sizes_over_time(boxes).tolist() == [1, 3, 2]
