import math

import numpy as np
import pytest

from mfst_lib.show.contrast import contrast, light_around, light_in

BOX = np.array([1.0, 1.0, 2.0, 2.0])


def ideal():
    values = np.zeros((6, 6), np.float32)
    values[1:3, 1:3] = 1
    return values


def test_the_ideal_map_has_contrast_one_and_its_opposite_minus_one():
    assert contrast(ideal(), BOX) == 1
    assert contrast(1 - ideal(), BOX) == -1
    assert contrast(np.full((6, 6), 0.7), BOX) == pytest.approx(0)


def test_a_cell_that_is_half_in_the_box_counts_by_half_on_both_sides():
    row = np.array([[4.0, 2.0, 0.0]])
    box = np.array([0.0, 0.0, 1.5, 1.0])
    assert light_in(row, box) == pytest.approx((4 + 1) / 1.5)
    assert light_around(row, box) == pytest.approx((1 + 0) / 1.5)


def test_a_box_beyond_the_map_has_no_light_to_speak_of():
    assert math.isnan(light_in(ideal(), np.array([9.0, 9.0, 2.0, 2.0])))
    assert math.isnan(light_around(ideal(), np.array([0.0, 0.0, 6.0, 6.0])))
