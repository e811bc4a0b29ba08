"""Tests of mfst_lib.roi."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mfst_lib.errors import InvalidInput
from mfst_lib.roi import GREY, ROI, crop, roi_around, to_image, to_map

rng = np.random.default_rng(5)
NOISE = rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)

positions = st.floats(-500, 500)
sides = st.floats(0.1, 500)
boxes = st.tuples(positions, positions, sides, sides).map(np.array)
rois = st.builds(ROI, positions, positions, sides, sides)
grids = st.tuples(st.integers(1, 300), st.integers(1, 300))


def test_a_square_roi_takes_the_longer_side():
    assert roi_around(np.array([10.0, 20, 8, 4]), 2.5) == ROI(4, 12, 20, 20)
    assert roi_around(np.array([10.0, 20, 4, 8]), 2.5) == ROI(2, 14, 20, 20)


def test_a_diagonal_roi_takes_the_diagonal():
    assert roi_around(np.array([0.0, 0, 6, 8]), 2, "diagonal") == ROI(-7, -6, 20, 20)


def test_a_stretched_roi_scales_both_sides():
    roi = roi_around(np.array([10.0, 20, 8, 4]), 2, "stretched")
    assert roi == ROI(6, 18, 16, 8)
    assert roi.half_side == 8


def test_an_unknown_shape_is_refused_with_the_known_ones():
    with pytest.raises(InvalidInput, match=r"ROI shape 'round'.*diagonal, square, stretched"):
        roi_around(np.array([0.0, 0, 6, 8]), 2, "round")


@given(boxes, st.floats(1, 8), st.sampled_from(["square", "diagonal", "stretched"]))
def test_the_roi_shares_the_boxs_centre_and_holds_it(box, scale, shape):
    roi = roi_around(box, scale, shape)
    assert roi.left + roi.width / 2 == pytest.approx(box[0] + box[2] / 2, abs=1e-6)
    assert roi.top + roi.height / 2 == pytest.approx(box[1] + box[3] / 2, abs=1e-6)
    assert roi.width >= box[2] * 0.999
    assert roi.height >= box[3] * 0.999
    assert roi.half_side == max(roi.width, roi.height) / 2


def test_a_crop_at_full_scale_is_the_pixels_themselves():
    assert (crop(NOISE, ROI(7, 11, 16, 16), 16) == NOISE[11:27, 7:23]).all()


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_an_enlarged_constant_block_keeps_its_middle_pixels(factor):
    # The middle of every 3x3 block of one colour is far enough from the other blocks.
    blocks = np.repeat(np.repeat(NOISE[:6, :6], 3, axis=0), 3, axis=1)
    big = crop(blocks, ROI(0, 0, 18, 18), 18 * factor)
    assert (
        big[3 * factor // 2 :: 3 * factor, 3 * factor // 2 :: 3 * factor] == NOISE[:6, :6]
    ).all()


def ramp(size=60):
    columns, rows = np.meshgrid(np.arange(size), np.arange(size))
    return np.dstack([4 * columns, 4 * rows, 2 * (columns + rows)]).astype(np.uint8)


@pytest.mark.parametrize(("dx", "dy"), [(0.25, 0.5), (0.5, 0.75), (0.0, 0.25)])
def test_a_shift_of_part_of_a_pixel_is_exact_on_a_ramp(dx, dy):
    got = crop(ramp(), ROI(10 + dx, 20 + dy, 30, 30), 30).astype(float)
    columns, rows = np.meshgrid(10 + dx + np.arange(30), 20 + dy + np.arange(30))
    assert (got[..., 0] == 4 * columns).all()
    assert (got[..., 1] == 4 * rows).all()
    assert np.abs(got[..., 2] - 2 * (columns + rows)).max() <= 0.5


@given(st.floats(5, 15), st.floats(5, 15), st.floats(10, 40), st.integers(8, 64))
@settings(max_examples=50, deadline=None)
def test_a_crop_of_a_ramp_is_a_ramp_at_any_place_and_scale(left, top, side, size):
    got = crop(ramp(), ROI(left, top, side, side), size).astype(float)
    middles = (np.arange(size) + 0.5) * side / size - 0.5
    # Half a grey level of rounding, and OpenCV may place a sample 1/32 pixel away.
    assert np.abs(got[..., 0] - 4 * (left + middles)[None, :]).max() <= 0.5 + 4 / 32 + 1e-6
    assert np.abs(got[..., 1] - 4 * (top + middles)[:, None]).max() <= 0.5 + 4 / 32 + 1e-6


def test_replicate_repeats_the_edge_pixels():
    got = crop(NOISE, ROI(-8, -6, 16, 16), 16)
    assert (got[6:, 8:] == NOISE[:10, :8]).all()
    assert (got[:6, 8:] == NOISE[0, :8]).all()
    assert (got[6:, :8] == NOISE[:10, :1]).all()
    assert (got[:6, :8] == NOISE[0, 0]).all()


def test_constant_is_grey_beyond_the_image():
    got = crop(NOISE, ROI(42, 32, 16, 16), 16, "constant")
    assert (got[:8, :8] == NOISE[32:, 42:]).all()
    assert (got[8:] == GREY).all()
    assert (got[:, 8:] == GREY).all()


@pytest.mark.parametrize(
    ("left", "top", "row", "column"),
    [(-900, -900, 0, 0), (900, -900, 0, -1), (-900, 900, -1, 0), (5000, 5000, -1, -1)],
)
def test_a_roi_wholly_outside_shows_only_the_border(left, top, row, column):
    roi = ROI(left, top, 20, 20)
    assert (crop(NOISE, roi, 14) == NOISE[row, column]).all()
    assert (crop(NOISE, roi, 14, "constant") == GREY).all()


def test_a_crop_leaves_its_image_alone_and_is_new():
    before = NOISE.copy()
    got = crop(NOISE, ROI(7, 11, 16, 16), 16)
    got[:] = 0
    assert (before == NOISE).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1)])
def test_an_image_of_one_row_or_column_can_be_cropped(shape):
    image = np.full((*shape, 3), 77, np.uint8)
    got = crop(image, ROI(-3, -3, 9, 9), 12)
    assert got.shape == (12, 12, 3)
    assert (got == 77).all()


def test_a_bad_border_rule_is_refused_with_the_known_ones():
    with pytest.raises(InvalidInput, match=r"border rule 'wrap'.*constant, replicate"):
        crop(NOISE, ROI(0, 0, 9, 9), 9, "wrap")


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (-5, 5), (float("nan"), 5)])
def test_a_roi_without_area_is_refused(size):
    with pytest.raises(InvalidInput, match="positive width and height"):
        crop(NOISE, ROI(0, 0, *size), 9)


@given(boxes, rois, grids)
def test_to_map_and_to_image_are_inverse(box, roi, grid):
    there = to_map(box, roi, grid)
    assert np.allclose(to_image(there, roi, grid), box, rtol=1e-9, atol=1e-6)


@given(rois, grids)
def test_the_whole_roi_is_the_whole_map(roi, grid):
    on_map = to_map(np.array([roi.left, roi.top, roi.width, roi.height]), roi, grid)
    assert np.allclose(on_map, [0, 0, grid[1], grid[0]], atol=1e-9)


def test_many_boxes_are_mapped_at_once():
    roi, many = ROI(3, 5, 20, 10), rng.uniform(1, 30, (2, 7, 4))
    got = to_map(many, roi, (14, 28))
    assert got.shape == many.shape
    assert got[1, 3].tolist() == to_map(many[1, 3], roi, (14, 28)).tolist()


@given(
    st.integers(30, 60),
    st.integers(30, 50),
    st.floats(20, 30),
    st.floats(15, 25),
    st.floats(50, 80),
    st.floats(50, 80),
)
@settings(max_examples=50, deadline=None)
def test_a_marker_appears_in_the_crop_where_to_map_says(x, y, left, top, width, height):
    image = np.zeros((120, 140, 3), np.uint8)
    image[y : y + 8, x : x + 6] = 255
    roi, size = ROI(left, top, width, height), 112
    seen = crop(image, roi, size)[..., 0].astype(float)
    seen /= seen.sum()
    centres = np.arange(size) + 0.5
    mx, my, mw, mh = to_map(np.array([x, y, 6, 8]), roi, (size, size))
    assert (seen.sum(axis=0) * centres).sum() == pytest.approx(mx + mw / 2, abs=0.5)
    assert (seen.sum(axis=1) * centres).sum() == pytest.approx(my + mh / 2, abs=0.5)
