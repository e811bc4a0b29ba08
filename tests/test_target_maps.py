"""Tests of mfst_lib.target_maps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfst_lib.errors import InvalidInput
from mfst_lib.roi import roi_around, to_map
from mfst_lib.target_maps import (
    coverage,
    covered_lengths,
    doubled,
    negative,
    target_map,
    type_c,
    type_s,
)

#: Fine pixels per cell, in the slow maps of these tests.
FINE = 6

edges = st.integers(-4 * FINE, 9 * FINE)
lengths = st.integers(1, 10 * FINE)
grids = st.tuples(st.integers(1, 7), st.integers(1, 7))
real_boxes = st.tuples(st.floats(-9, 9), st.floats(-9, 9), st.floats(0.01, 20), st.floats(0.01, 20))


def fine_map(grid, value):
    """value(row, column) of every fine pixel, averaged over each cell: the slow way."""
    rows, columns = grid
    cells = np.zeros(grid)
    for i in range(rows * FINE):
        for j in range(columns * FINE):
            cells[i // FINE, j // FINE] += value(i, j) / FINE**2
    return cells


def inside(box, i, j):
    x, y, w, h = box
    return x <= j < x + w and y <= i < y + h


@given(edges, edges, lengths, lengths, grids)
def test_coverage_is_the_full_resolution_map_averaged_over_each_cell(x, y, w, h, grid):
    box = (x, y, w, h)
    expected = fine_map(grid, lambda i, j: inside(box, i, j))
    got = coverage(np.array(box) / FINE, grid)
    assert got.dtype == np.float32
    assert np.allclose(got, expected, atol=1e-6)


@given(real_boxes, grids)
def test_coverage_sums_to_the_area_that_box_and_grid_share(box, grid):
    x, y, w, h = box
    rows, columns = grid
    width = max(0, min(x + w, columns) - max(x, 0))
    height = max(0, min(y + h, rows) - max(y, 0))
    assert coverage(np.array(box), grid).sum() == pytest.approx(width * height, abs=1e-4)


def test_covered_lengths_of_an_interval():
    assert covered_lengths(0.25, 2.0, 4).tolist() == [0.75, 1, 0.25, 0]
    assert covered_lengths(-9, 3, 4).tolist() == [0, 0, 0, 0]
    assert covered_lengths(1.25, 0.5, 3).tolist() == [0, 0.5, 0]


def test_doubled_keeps_the_centre():
    assert doubled(np.array([10.0, 20, 4, 6])).tolist() == [8, 17, 8, 12]


@given(edges, edges, lengths, lengths, grids)
def test_type_c_by_a_loop(x, y, w, h, grid):
    box = (x, y, w, h)
    expected = fine_map(grid, lambda i, j: 1 if inside(box, i, j) else -1)
    assert np.allclose(type_c(np.array(box) / FINE, grid), expected, atol=1e-5)


@given(edges, edges, lengths, lengths, grids)
def test_type_s_by_a_loop(x, y, half_w, half_h, grid):
    box = (x, y, 2 * half_w, 2 * half_h)
    around = (x - half_w, y - half_h, 4 * half_w, 4 * half_h)

    def value(i, j):
        if inside(box, i, j):
            return 1
        return -1 if inside(around, i, j) else 0

    assert np.allclose(type_s(np.array(box) / FINE, grid), fine_map(grid, value), atol=1e-5)


def test_type_s_has_its_three_values_where_they_belong():
    expected = np.zeros((8, 8))
    expected[2:6, 2:6] = -1
    expected[3:5, 3:5] = 1
    assert (type_s(np.array([3.0, 3, 2, 2]), (8, 8)) == expected).all()


boxes = st.tuples(st.floats(0, 99), st.floats(0, 99), st.floats(2, 90), st.floats(2, 90))


@given(boxes, grids)
def test_in_a_stretched_roi_of_twice_the_box_types_s_and_c_are_the_same(box, grid):
    roi = roi_around(np.array(box), 2.0, "stretched")
    on_map = to_map(np.array(box), roi, grid)
    assert np.allclose(type_s(on_map, grid), type_c(on_map, grid), atol=1e-5)


def test_in_a_square_roi_types_s_and_c_differ_unless_the_box_is_square():
    grid = (14, 14)
    for box, same in [((30.0, 40, 20, 20), True), ((30.0, 40, 20, 10), False)]:
        on_map = to_map(np.array(box), roi_around(np.array(box), 2.0), grid)
        difference = np.abs(type_s(on_map, grid) - type_c(on_map, grid)).max()
        assert difference == pytest.approx(0 if same else 1, abs=1e-5)


@given(real_boxes, grids, st.sampled_from("SC"))
def test_a_target_map_lies_between_minus_one_and_one(box, grid, kind):
    wanted = target_map(kind, np.array(box), grid)
    assert wanted.shape == grid
    assert wanted.dtype == np.float32
    assert np.abs(wanted).max() <= 1 + 1e-6


def test_target_map_chooses_by_name():
    box, grid = np.array([4.5, 5, 3, 2]), (14, 12)
    assert (target_map("S", box, grid) == type_s(box, grid)).all()
    assert (target_map("C", box, grid) == type_c(box, grid)).all()
    assert (type_s(box, grid) != type_c(box, grid)).any()
    with pytest.raises(InvalidInput, match="target map type 'SC': did you mean S or C"):
        target_map("SC", box, grid)


def test_negative_turns_the_signs_and_keeps_its_argument():
    wanted = type_s(np.array([3.0, 3, 2, 2]), (8, 8))
    opposite = negative(wanted)
    assert (opposite + wanted == 0).all()
    assert (opposite[3, 3], wanted[3, 3]) == (-1, 1)
