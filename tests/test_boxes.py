"""Tests of mfst_lib.boxes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfst_lib.boxes import (
    ABSURD,
    as_box,
    centre_distance,
    check_inside,
    iou,
    to_centre,
    to_corner,
)
from mfst_lib.errors import InvalidInput

IMAGE = (60, 80, 3)

positions = st.floats(-1000, 1000)
sides = st.floats(0.01, 1000)
boxes = st.tuples(positions, positions, sides, sides).map(np.array)
whole = st.integers(0, 12)
whole_boxes = st.tuples(whole, whole, st.integers(1, 8), st.integers(1, 8))


def test_as_box_gives_four_float64():
    for box in [(1, 2, 3, 4), [1, 2, 3, 4], np.array([1, 2, 3, 4], np.uint8), ["1", 2, 3, 4]]:
        result = as_box(box)
        assert result.dtype == np.float64
        assert result.tolist() == [1, 2, 3, 4]


def test_as_box_takes_a_single_row_of_a_table():
    assert as_box(np.array([[1.0, 2, 3, 4]])).tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "box",
    [
        None,
        "box",
        7,
        (),
        (1, 2, 3),
        (1, 2, 3, 4, 5),
        (1, 2, 3, None),
        (1, 2, 3, np.nan),
        (np.inf, 2, 3, 4),
        (1, -np.inf, 3, 4),
        (1, 2, 3, 10**400),
        {"x": 1},
        [[1, 2, 3, 4], [1, 2, 3, 4]],
        [(1, 2), (3, 4, 5)],
        [[1, 2], [3, 4]],
    ],
)
def test_as_box_refuses_what_is_not_four_finite_numbers(box):
    with pytest.raises(InvalidInput, match="four finite numbers x, y, w, h; got"):
        as_box(box)


@pytest.mark.parametrize("box", [(1, 2, 0, 4), (1, 2, 3, 0), (1, 2, -3, 4), (1, 2, 3, -1e-9)])
def test_as_box_refuses_a_box_without_area(box):
    with pytest.raises(InvalidInput, match="positive width and height"):
        as_box(box)


@pytest.mark.parametrize(
    "box",
    [
        (0, 0, 80, 60),
        (79.9, 59.9, 5, 5),
        (-4.9, -4.9, 5, 5),
        (-100, -100, 800, 600),
    ],
)
def test_check_inside_accepts_any_overlap(box):
    check_inside(as_box(box), IMAGE)


@pytest.mark.parametrize("box", [(80, 5, 9, 9), (5, 60, 9, 9), (-9, 5, 9, 9), (5, -9, 9, 9)])
def test_check_inside_refuses_a_box_that_only_touches_the_border(box):
    with pytest.raises(InvalidInput, match="wholly outside the 80x60 image"):
        check_inside(as_box(box), IMAGE)


@pytest.mark.parametrize("box", [(0, 0, 80 * ABSURD + 1, 9), (0, 0, 9, 60 * ABSURD + 1)])
def test_check_inside_refuses_an_absurd_size(box):
    with pytest.raises(InvalidInput, match="over 10 times the 80x60 image"):
        check_inside(as_box(box), IMAGE)


@given(boxes)
def test_centre_and_corner_form_are_inverse(box):
    assert np.allclose(to_corner(to_centre(box)), box, atol=1e-9)
    assert np.allclose(to_centre(to_corner(box)), box, atol=1e-9)
    assert np.allclose(to_centre(box), [box[0] + box[2] / 2, box[1] + box[3] / 2, *box[2:]])


def test_forms_keep_leading_shapes():
    many = np.arange(24, dtype=np.float64).reshape(2, 3, 4)
    assert to_centre(many).shape == (2, 3, 4)
    assert to_centre(many)[1, 2].tolist() == to_centre(many[1, 2]).tolist()
    assert to_corner(many)[1, 2].tolist() == to_corner(many[1, 2]).tolist()


def cells(box):
    x, y, w, h = box
    return {(i, j) for i in range(y, y + h) for j in range(x, x + w)}


@given(whole_boxes, whole_boxes)
def test_iou_of_whole_boxes_counts_pixels(a, b):
    expected = len(cells(a) & cells(b)) / len(cells(a) | cells(b))
    assert iou(np.array(a), np.array(b)) == pytest.approx(expected, abs=1e-12)


@given(boxes, boxes)
def test_iou_is_symmetric_within_its_range_and_one_with_itself(a, b):
    assert 0 <= iou(a, b) <= 1
    assert iou(a, b) == iou(b, a)
    assert iou(a, a) == pytest.approx(1, rel=1e-6)


def test_rounding_does_not_lift_iou_above_one():
    box = np.array([0.0, 64, 64, 0.01])
    assert iou(box, box) == 1


def test_iou_of_boxes_that_touch_or_are_empty_is_zero():
    a = np.array([0.0, 0, 2, 2])
    assert iou(a, np.array([2.0, 0, 2, 2])) == 0
    assert iou(np.zeros(4), np.zeros(4)) == 0


def test_iou_broadcasts():
    rows = np.array([[0.0, 0, 2, 2], [1, 0, 2, 2], [5, 5, 1, 1]])
    assert iou(rows, rows[0]).tolist() == pytest.approx([1, 1 / 3, 0])
    assert iou(rows[:, None], rows[None]).shape == (3, 3)


def test_centre_distance_is_euclidean_between_centres_not_corners():
    a, b = np.array([0.0, 0, 2, 2]), np.array([2.0, 3, 4, 4])
    assert centre_distance(a, b) == pytest.approx(5)
    assert centre_distance(np.stack([a, b]), b).tolist() == pytest.approx([5, 0])
