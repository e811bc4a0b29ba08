"""Tests of mfst_lib.fast: each form that the tracker runs gives what its plain twin gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mfst_lib import box_fit, candidates, fast, roi, target_maps
from mfst_lib.above_mean import above_mean
from mfst_lib.errors import InvalidInput
from mfst_lib.prediction import weighted_sum
from mfst_lib.roi import ROI
from mfst_lib.selection import score_maps

rng = np.random.default_rng(9)
NOISE = rng.integers(0, 256, (60, 80, 3), dtype=np.uint8)
BOX = np.array([30.0, 40, 20, 50])

positions, sides = st.floats(-300, 300), st.floats(0.01, 300)
boxes = st.tuples(positions, positions, sides, sides).map(np.array)
grids = st.tuples(st.integers(1, 20), st.integers(1, 20))
borders = st.sampled_from(["replicate", "constant"])


def assert_same_pixels(image, place, size, border="replicate"):
    """Equal but for rounding: one grey level, or a sample 1/1000 pixel away at a steep edge."""
    got = fast.crop(image, place, size, border)
    expected = roi.crop(image, place, size, border)
    assert (got.shape, got.dtype) == (expected.shape, expected.dtype)
    difference = np.abs(got.astype(int) - expected)
    assert difference.max() <= 1
    assert (difference > 0).mean() <= 0.02


@given(st.floats(-40, 90), st.floats(-40, 70), st.floats(1, 90), st.floats(1, 90), borders)
@settings(max_examples=150, deadline=None)
def test_a_crop_is_the_plain_one_inside_across_and_beyond_the_border(
    left, top, width, height, border
):
    assert_same_pixels(NOISE, ROI(left, top, width, height), 56, border)


@pytest.mark.parametrize("side", [0.01, 0.3, 3, 700, 5000])
@pytest.mark.parametrize("border", ["replicate", "constant"])
def test_a_tiny_and_a_gigantic_roi_are_cropped_as_the_plain_form_does(side, border):
    for left, top in ((-2.3, 5.6), (30.2, 20.9), (79.6, 59.7), (10 - side, 10 - side)):
        assert_same_pixels(NOISE, ROI(left, top, side, side), 33, border)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1)])
def test_an_image_of_one_row_or_column_is_cropped_as_the_plain_form_does(shape):
    image = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert_same_pixels(image, ROI(-3.2, -3.7, 9, 9), 12)


def test_a_crop_at_full_scale_is_the_pixels_themselves_and_new():
    before = NOISE.copy()
    got = fast.crop(NOISE, ROI(7, 11, 16, 16), 16)
    assert (got == NOISE[11:27, 7:23]).all()
    got[:] = 0
    assert (before == NOISE).all()


def test_a_crop_reads_a_part_of_an_image_as_its_copy():
    part = NOISE[5:50, 10:70]
    place = ROI(-4.3, 3.2, 30, 30)
    assert (fast.crop(part, place, 24) == fast.crop(part.copy(), place, 24)).all()


@pytest.mark.parametrize("side", [0, -5, float("nan"), float("inf")])
def test_a_roi_without_area_and_a_bad_border_are_refused_as_by_the_plain_form(side):
    if side != float("inf"):
        with pytest.raises(InvalidInput, match="positive width and height"):
            fast.crop(NOISE, ROI(0, 0, side, 5), 9)
    with pytest.raises(InvalidInput, match=r"border rule 'wrap'.*constant, replicate"):
        fast.crop(NOISE, ROI(0, 0, 9, 9), 9, "wrap")


@given(st.sampled_from("SC"), boxes, grids)
def test_a_target_map_is_the_plain_one(kind, box, grid):
    got = fast.target_map(kind, box / 10, grid)
    expected = target_maps.target_map(kind, box / 10, grid)
    assert (got.shape, got.dtype) == (grid, np.float32)
    assert np.allclose(got, expected, rtol=0, atol=2**-22)


@given(boxes, grids)
def test_the_covers_of_a_box_and_its_double_are_the_plain_ones(box, grid):
    inside, doubled = fast.box_and_doubled(box / 10, grid)
    assert fast.box_and_doubled(box / 10, grid)[0] is inside  # kept, and nobody may write into it
    assert not inside.flags.writeable and not doubled.flags.writeable
    twice = target_maps.doubled(box / 10)
    for got, one in ((inside, box / 10), (doubled, twice)):
        assert np.allclose(got, target_maps.coverage(one, grid), rtol=0, atol=2**-22)


def test_an_unknown_target_map_is_refused_with_the_known_ones():
    with pytest.raises(InvalidInput, match="type 'X'.*C, S"):
        fast.target_map("X", BOX, (14, 14))


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 9), st.integers(0, 99))
def test_maps_from_their_mean_up_are_the_plain_ones(rows, columns, channels, seed):
    maps = np.random.default_rng(seed).normal(size=(rows, columns, channels)).astype(np.float32)
    before = maps.copy()
    got = fast.above_mean(maps)
    assert got.dtype == np.float32 and (maps == before).all()
    assert np.allclose(got, above_mean(maps), atol=1e-6)


def layer(channels, grid=(5, 4)):
    """The maps of taps with so many channels each."""
    return [rng.normal(size=(*grid, count)).astype(np.float32) for count in channels]


@pytest.mark.parametrize("channels", [(7,), (3, 5), (48, 64, 80)])
def test_scores_and_sums_over_taps_are_those_of_the_joined_maps(channels):
    taps, target = layer(channels), rng.uniform(-1, 1, (5, 4)).astype(np.float32)
    weights = rng.uniform(0, 6, sum(channels)).astype(np.float32)
    joined = np.concatenate(taps, axis=2)
    scores, total = fast.score_taps(taps, target), fast.sum_taps(taps, weights)
    assert (scores.dtype, total.dtype, total.shape) == (np.float32, np.float32, (5, 4))
    assert np.allclose(scores, score_maps(joined, target), atol=1e-5)
    assert np.allclose(total, weighted_sum(joined, weights), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("count", [0, 7, 9])
def test_a_sum_over_taps_refuses_another_number_of_weights(count):
    with pytest.raises(InvalidInput, match=f"8 feature maps but {count} weights"):
        fast.sum_taps(layer((3, 5)), np.zeros(count, np.float32))


@given(boxes, st.integers(0, 99), st.integers(1, 50), st.floats(0, 4), st.floats(0, 1))
def test_candidates_are_the_plain_ones_to_the_bit(box, seed, count, sigma_xy, sigma_wh):
    settings = (count, sigma_xy, sigma_wh, 0.996)
    got = fast.sample_candidates(box, np.random.default_rng(seed), *settings)
    expected = candidates.sample_candidates(box, np.random.default_rng(seed), *settings)
    assert (got.shape, got.dtype) == ((count, 4), np.float64)
    assert (got == expected).all()


def test_candidates_are_scattered_like_the_plain_ones_unless_told():
    got = fast.sample_candidates(BOX, np.random.default_rng(3))
    assert (got == candidates.sample_candidates(BOX, np.random.default_rng(3))).all()


@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 20), st.integers(1, 20)),
        elements=st.floats(0, 1, width=32),
    ),
    st.lists(boxes, min_size=1, max_size=6).map(np.array),
    st.sampled_from([8, 37, 112, 224]),
    st.floats(0, 1),
)
@settings(deadline=None)
def test_grid_scores_are_the_plain_ones(grid_map, rows, size, b):
    expected = candidates.grid_scores(grid_map, rows, size, b)
    got = fast.grid_scores(grid_map, rows, size, b)
    assert np.allclose(got, expected, rtol=1e-6, atol=1e-6 * size * size)


def test_grid_scores_of_our_maps_agree_to_ten_digits_in_both_layouts():
    grid_map = rng.random((14, 14), dtype=np.float32)
    rows = fast.sample_candidates(np.array([60.0, 70, 90, 80]), rng)
    expected = candidates.grid_scores(grid_map, rows, 224, 0.2)
    for layout in (rows, np.ascontiguousarray(rows)):
        got = fast.grid_scores(grid_map, layout, 224, 0.2)
        assert np.abs(got - expected).max() < 1e-8 * np.abs(expected).max()


@given(boxes, st.integers(0, 99), st.floats(1, 500), st.booleans(), st.sampled_from([0.5, 1, 2, 3]))
def test_confidences_are_the_plain_ones(box, seed, half_side, distance, brake):
    own = np.random.default_rng(seed)
    rows, scores = fast.sample_candidates(box, own, 20), own.normal(size=20) * 50
    expected = candidates.confidences(scores, rows, box, half_side, distance, brake)
    got = fast.confidences(scores, rows, box, half_side, distance, brake)
    assert np.allclose(got, expected, rtol=1e-9, atol=1e-6)


@given(st.integers(1, 28), st.integers(1, 28), boxes, st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_the_view_through_a_box_is_the_plain_one_to_the_bit(rows, columns, box, seed):
    for shape in ((rows, rows), (rows, columns)):
        grid_map = np.random.default_rng(seed).random(shape, dtype=np.float32)
        plain = box_fit.view_through(grid_map, box)
        assert np.array_equal(fast.view_through(grid_map, box), plain)
