import numpy as np

from mfst_lib.evaluation.motion import centre_shifts, size_factors
from mfst_lib.sequences.lab.renderer import start
from mfst_lib.sequences.lab.scenes import scene

BOXES = np.array([[0.0, 0, 10, 20], [6, 8, 10, 20], [6, 8, 20, 10], [1, 3, 30, 20]])


def test_shifts_are_in_units_of_the_longer_side_before():
    # Centres (5, 10), (11, 18), (16, 13), (16, 13).
    assert np.allclose(centre_shifts(BOXES), [10 / 20, 50**0.5 / 20, 0])


def test_the_size_factor_is_that_of_both_sides_when_the_shape_stays():
    assert np.allclose(size_factors(BOXES), [1, 1, 3**0.5])
    grown = BOXES[:1] * np.array([[1, 1, 1, 1], [1, 1, 1.5, 1.5], [1, 1, 0.75, 0.75]])
    assert np.allclose(size_factors(grown), [1.5, 0.5])


def test_a_box_that_stays_has_no_motion():
    still = np.repeat(BOXES[:1], 5, axis=0)
    assert centre_shifts(still).tolist() == [0] * 4
    assert size_factors(still).tolist() == [1] * 4


def test_a_fast_scene_of_the_lab_moves_faster_than_a_slow_one():
    slow, fast = (start(scene(name))[0].boxes for name in ("cat-walk", "motorcycle-dash"))
    assert np.median(centre_shifts(fast)) > 3 * np.median(centre_shifts(slow))
