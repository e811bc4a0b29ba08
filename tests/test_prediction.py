"""Tests of mfst_lib.prediction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mfst_lib.errors import InvalidInput
from mfst_lib.prediction import (
    by_maximum,
    enlarge,
    min_max,
    normalise,
    subtract_negative,
    sum_maps,
    weighted_sum,
)
from mfst_lib.selection import select_top, selection_weights

rng = np.random.default_rng(4)

shapes = hnp.array_shapes(min_dims=2, max_dims=2, max_side=9)
maps_of_any_size = hnp.arrays(np.float32, shapes, elements=st.floats(-1e6, 1e6, width=32))
unit_maps = hnp.arrays(np.float32, (6, 5), elements=st.floats(0, 1, width=32))


def test_weighted_sum_by_a_loop():
    maps = rng.normal(size=(5, 4, 7)).astype(np.float32)
    weights = rng.uniform(0, 6, 7).astype(np.float32)
    got = weighted_sum(maps, weights)
    assert got.dtype == np.float32
    for i in range(5):
        for j in range(4):
            total = sum(float(maps[i, j, c]) * float(weights[c]) for c in range(7))
            assert got[i, j] == pytest.approx(total, abs=1e-4)


def test_with_the_weights_of_eq_5_it_is_the_sum_of_eq_2():
    maps = rng.normal(size=(14, 14, 50)).astype(np.float32)
    scores = rng.normal(size=50).astype(np.float32)
    plain = np.zeros((14, 14))
    for channel in select_top(scores, 0.1):
        plain += maps[..., channel]
    assert np.abs(plain).max() > 1
    assert np.allclose(weighted_sum(maps, selection_weights(scores, 0.1)), plain, atol=1e-5)


def test_weighted_sum_refuses_another_number_of_weights():
    with pytest.raises(InvalidInput, match="7 feature maps but 6 weights"):
        weighted_sum(np.zeros((5, 4, 7), np.float32), np.zeros(6, np.float32))


def test_min_max_shifts_and_stretches():
    assert min_max(np.array([[-2, 0], [2, 6]], np.float32)).tolist() == [[0, 0.25], [0.5, 1]]


def test_by_maximum_divides_and_cuts():
    assert by_maximum(np.array([[-2, 0], [2, 8]], np.float32)).tolist() == [[0, 0], [0.25, 1]]


@given(maps_of_any_size, st.sampled_from(["min-max", "maximum"]))
def test_a_normalised_map_lies_in_0_to_1_and_keeps_its_order(values, rule):
    got = normalise(values, rule)
    assert got.dtype == np.float32
    assert got.min() >= 0
    assert got.max() <= 1
    assert (np.diff(got.ravel()[np.argsort(values.ravel(), kind="stable")]) >= 0).all()
    if rule == "min-max" and values.min() < values.max():
        assert (got.min(), got.max()) == (0, 1)
    if rule == "maximum" and values.max() > 0:
        assert got.max() == 1


@pytest.mark.parametrize("value", [-3.0, 0.0, 5.0])
def test_a_constant_map_has_nothing_to_stretch(value):
    constant = np.full((4, 4), value, np.float32)
    assert (min_max(constant) == 0).all()
    assert (by_maximum(constant) == (1 if value > 0 else 0)).all()


def test_normalise_chooses_by_name():
    values = np.array([[-2, 0], [2, 6]], np.float32)
    assert (normalise(values) == min_max(values)).all()
    assert (normalise(values, "maximum") == by_maximum(values)).all()
    with pytest.raises(InvalidInput, match="normalisation 'softmax': known are maximum, min-max"):
        normalise(values, "softmax")


@given(unit_maps, unit_maps, st.floats(0, 4))
def test_subtract_negative_is_eq_13_and_never_negative(positive, background, alpha):
    got = subtract_negative(positive, background, alpha)
    assert got.min() >= 0
    for i in range(6):
        for j in range(5):
            expected = max(0.0, float(positive[i, j]) - alpha * float(background[i, j]))
            assert got[i, j] == pytest.approx(expected, abs=1e-5)


def test_subtract_negative_takes_half_of_it_unless_told():
    assert subtract_negative(np.ones((1, 1)), np.ones((1, 1)))[0, 0] == 0.5


@given(st.floats(-100, 100, width=32), st.integers(1, 40))
def test_enlarge_keeps_a_constant(value, size):
    got = enlarge(np.full((7, 5), value, np.float32), size)
    assert got.shape == (size, size)
    assert np.allclose(got, value, rtol=1e-5, atol=1e-30)


@given(unit_maps, st.integers(6, 60))
def test_enlarge_stays_within_the_range(values, size):
    got = enlarge(values, size)
    assert got.min() >= values.min() - 1e-6
    assert got.max() <= values.max() + 1e-6


@given(st.integers(1, 12), st.integers(1, 12), st.integers(2, 16))
def test_enlarge_keeps_the_centroid_of_a_peak(row, column, factor):
    values = np.zeros((14, 14), np.float32)
    values[row, column] = 1
    got = enlarge(values, 14 * factor).astype(float)
    got /= got.sum()
    middles = (np.arange(14 * factor) + 0.5) / factor
    assert (got.sum(axis=1) * middles).sum() == pytest.approx(row + 0.5, abs=1e-3)
    assert (got.sum(axis=0) * middles).sum() == pytest.approx(column + 0.5, abs=1e-3)


def test_a_single_map_stays_as_it_is():
    one = rng.uniform(0.2, 0.8, (14, 14)).astype(np.float32)
    assert (sum_maps([one]) == one).all()


@pytest.mark.parametrize("rule", ["min-max", "maximum"])
def test_maps_of_two_grids_meet_on_the_finer_one_and_are_normalised(rule):
    a = rng.uniform(0.2, 1, (14, 14)).astype(np.float32)
    b = rng.uniform(0.2, 1, (7, 7)).astype(np.float32)
    got = sum_maps([b, a], rule)
    assert np.allclose(got, normalise(a + enlarge(b, 14), rule), atol=1e-6)
    assert got.max() == 1
    assert (got.min() == 0) == (rule == "min-max")


def test_there_must_be_a_map_to_sum():
    with pytest.raises(InvalidInput, match="no prediction map"):
        sum_maps([])
