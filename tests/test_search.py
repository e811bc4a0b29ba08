import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mfst_lib.boxes import to_centre
from mfst_lib.roi import ROI, roi_around
from mfst_lib.search import best_spot, places


def test_the_nearest_place_comes_first():
    found = to_centre(places((240, 320), np.array([250.0, 20, 30, 40])))
    far = np.hypot(found[:, 0] - 265, found[:, 1] - 40)
    assert (np.diff(far) >= 0).all() and far[0] < 40


@given(
    st.tuples(st.integers(40, 700), st.integers(40, 700)),
    st.tuples(st.floats(4, 300), st.floats(4, 300)),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
@settings(max_examples=80, deadline=None)
def test_wherever_the_target_is_one_place_shows_it_whole(frame, size, where):
    height, width = frame
    w, h = size
    target = np.array([where[0] * width - w / 2, where[1] * height - h / 2, w, h])
    rois = [roi_around(place, 2.0, "square") for place in places(frame, np.array([0, 0, w, h]))]
    assert any(
        roi.left <= target[0]
        and roi.top <= target[1]
        and roi.left + roi.width >= target[0] + w
        and roi.top + roi.height >= target[1] + h
        for roi in rois
    )


def test_there_are_few_places_for_a_large_target():
    assert len(places((240, 320), np.array([0.0, 0, 200, 150]))) == 1
    assert len(places((240, 320), np.array([0.0, 0, 40, 30]))) == 12


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_the_best_spot_is_where_the_light_is(row, column, seed):
    light = np.random.default_rng(seed).uniform(0, 0.2, (14, 14)).astype(np.float32)
    light[row, column] = 5
    roi = ROI(100, 50, 140, 280)
    spot = best_spot(light, roi, np.array([20.0, 30.0]))
    centre = to_centre(spot)
    assert spot[2:].tolist() == [20, 30]
    assert abs(centre[0] - (100 + 10 * (column + 0.5))) <= 10
    assert abs(centre[1] - (50 + 20 * (row + 0.5))) <= 20


def test_a_small_bright_thing_beats_a_large_even_light():
    light = np.zeros((14, 14), np.float32)
    light[:, 8:] = 0.8
    light[3:5, 3:5] = 1
    spot = to_centre(best_spot(light, ROI(0, 0, 140, 140), np.array([20.0, 20.0])))
    assert abs(spot[0] - 40) < 6 and abs(spot[1] - 40) < 6
