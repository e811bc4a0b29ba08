"""Tests of mfst_lib.selection."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mfst_lib.errors import InvalidInput
from mfst_lib.selection import (
    average_scores,
    score_maps,
    select_top,
    selected_count,
    selection_weights,
)

rng = np.random.default_rng(3)

#: Few different values, so that ties are common.
scores_with_ties = hnp.arrays(np.float32, st.integers(1, 60), elements=st.integers(-3, 3))
fractions = st.floats(0, 1, exclude_min=True)


def test_score_maps_by_a_loop():
    maps = rng.normal(size=(5, 4, 7)).astype(np.float32)
    wanted = rng.uniform(-1, 1, (5, 4)).astype(np.float32)
    got = score_maps(maps, wanted)
    assert got.dtype == np.float32
    for channel in range(7):
        total = 0.0
        for i in range(5):
            for j in range(4):
                total += float(maps[i, j, channel]) * float(wanted[i, j])
        assert got[channel] == pytest.approx(total, abs=1e-5)


def test_score_maps_of_a_merged_layer_that_is_no_contiguous_array():
    maps = rng.normal(size=(5, 4, 14)).astype(np.float32)
    wanted = rng.uniform(-1, 1, (5, 4)).astype(np.float32)
    assert np.allclose(score_maps(maps[..., ::2], wanted), score_maps(maps, wanted)[::2], atol=1e-5)


@pytest.mark.parametrize(
    ("maps", "wanted"), [((5, 4, 7), (4, 5)), ((5, 4, 7), (20,)), ((5, 4), (5, 4))]
)
def test_score_maps_refuses_another_grid(maps, wanted):
    with pytest.raises(InvalidInput, match="share their first two sizes"):
        score_maps(np.zeros(maps, np.float32), np.zeros(wanted, np.float32))


def test_average_scores_follow_eq_6_and_stay_float32():
    average, scores = np.array([1, 2], np.float32), np.array([3, -2], np.float32)
    got = average_scores(average, scores, 0.75)
    assert got.dtype == np.float32
    assert got.tolist() == [0.75 * 1 + 0.25 * 3, 0.75 * 2 + 0.25 * -2]
    assert (average.tolist(), scores.tolist()) == ([1, 2], [3, -2])


def test_average_scores_at_the_ends_of_eta():
    average, scores = np.array([1, 2], np.float32), np.array([3, -2], np.float32)
    assert average_scores(average, scores, 1).tolist() == average.tolist()
    assert average_scores(average, scores, 0).tolist() == scores.tolist()


def test_average_scores_remember_99_percent_unless_told():
    one, zero = np.ones(1, np.float32), np.zeros(1, np.float32)
    assert average_scores(one, zero)[0] == pytest.approx(0.99)


@pytest.mark.parametrize("fraction", ["0.05", "0.1", "0.25", "0.5", "1"])
def test_selected_count_is_the_nearest_whole_and_a_half_rounds_up(fraction):
    for channels in range(1, 2000):
        exact = Fraction(fraction) * channels
        expected = max(1, int(exact + Fraction(1, 2)))
        assert selected_count(channels, float(fraction)) == expected


@given(st.integers(1, 5000), fractions)
def test_selected_count_is_between_one_and_all(channels, fraction):
    assert 1 <= selected_count(channels, fraction) <= channels


@pytest.mark.parametrize("fraction", [0, -0.1, 1.001, float("nan")])
def test_selected_count_refuses_a_fraction_beyond_its_range(fraction):
    with pytest.raises(InvalidInput, match=r"\(0, 1\]; got"):
        selected_count(10, fraction)


def test_of_equal_scores_the_lower_channel_comes_first():
    assert select_top(np.array([1.0, 5, 5, 7, 5, 1]), 0.5).tolist() == [3, 1, 2]
    assert select_top(np.zeros(1000), 0.01).tolist() == list(range(10))


@given(scores_with_ties, fractions)
def test_select_top_is_sorting_by_score_and_then_by_channel(scores, fraction):
    order = sorted(range(len(scores)), key=lambda c: (-scores[c], c))
    expected = order[: selected_count(len(scores), fraction)]
    assert select_top(scores, fraction).tolist() == expected


@given(scores_with_ties, fractions)
def test_no_selected_score_is_below_an_unselected_one(scores, fraction):
    chosen = selection_weights(scores, fraction) == 1
    assert chosen.sum() == selected_count(len(scores), fraction)
    if not chosen.all():
        assert scores[chosen].min() >= scores[~chosen].max()


@given(st.permutations(range(20)), fractions)
def test_shuffled_channels_are_selected_just_the_same(order, fraction):
    scores = np.linspace(-1, 1, 20, dtype=np.float32)
    shuffled = selection_weights(scores[order], fraction)
    assert (shuffled == selection_weights(scores, fraction)[order]).all()


def test_selection_weights_are_ones_and_zeros_in_float32():
    weights = selection_weights(np.array([0.0, 9, -1, 8, 7]), 0.4)
    assert weights.dtype == np.float32
    assert weights.tolist() == [0, 1, 0, 1, 0]
