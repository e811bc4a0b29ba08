"""Tests of mfst_lib.candidates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mfst_lib.boxes import to_centre
from mfst_lib.candidates import (
    MIN_FACTOR,
    best_candidate,
    candidate_scores,
    candidate_scores_loop,
    confidences,
    grid_scores,
    homeward_mean,
    integral_image,
    sample_candidates,
    to_edges,
)
from mfst_lib.prediction import enlarge

BOX = np.array([30.0, 40, 20, 50])
DRAWS = 20_000

maps = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=12),
    elements=st.floats(0, 1, width=32),
)
boxes = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 6), st.just(4)),
    elements=st.floats(-20, 30),
).map(lambda rows: np.hstack([rows[:, :2], np.abs(rows[:, 2:]) + 1e-3]))


def within_five_errors(values, mean, deviation):
    count = len(values)
    assert abs(values.mean() - mean) < 5 * deviation / count**0.5
    assert abs(values.std() - deviation) < 5 * deviation / (2 * count) ** 0.5


@pytest.mark.parametrize(
    ("sigma_xy", "sigma_wh", "mean_size"),
    [(1 / 3, 0.01, 1.0), (1 / 3, 0.01, 0.996), (0.01, 1 / 3, 1.0)],
)
def test_the_draws_have_the_means_and_deviations_of_eqs_7_to_9_and_12(
    sigma_xy, sigma_wh, mean_size
):
    rng = np.random.default_rng(1)
    drawn = to_centre(sample_candidates(BOX, rng, DRAWS, sigma_xy, sigma_wh, mean_size))
    assert drawn.shape == (DRAWS, 4)
    # max(w, h) is 50: it spreads x and y alike.
    within_five_errors(drawn[:, 0], 40, sigma_xy * 50)
    within_five_errors(drawn[:, 1], 65, sigma_xy * 50)
    within_five_errors(drawn[:, 2] / 20, mean_size, sigma_wh)
    correlations = np.corrcoef(drawn[:, :3].T)[np.triu_indices(3, 1)]
    assert np.abs(correlations).max() < 5 / DRAWS**0.5


def test_the_defaults_are_600_candidates_in_the_reading_that_tracks():
    drawn = to_centre(sample_candidates(BOX, np.random.default_rng(2)))
    assert len(drawn) == 600
    within_five_errors(drawn[:, 0], 40, 50 / 3)
    within_five_errors(drawn[:, 2] / 20, 1, 0.01)


def test_the_aspect_ratio_is_kept():
    drawn = sample_candidates(BOX, np.random.default_rng(3), 1000, 0.3, 0.3)
    assert np.allclose(drawn[:, 3] / drawn[:, 2], 2.5, rtol=1e-12)
    assert drawn[:, 2].std() > 1


def test_the_same_seed_draws_the_same_and_another_seed_others():
    def first(seed):
        return sample_candidates(BOX, np.random.default_rng(seed))

    assert (first(4) == first(4)).all()
    assert (first(4) != first(5)).any()


def test_no_spread_gives_the_box_itself():
    drawn = sample_candidates(BOX, np.random.default_rng(6), 5, 0, 0)
    assert (drawn == BOX).all()


def test_sizes_stay_positive_however_wide_the_spread():
    drawn = sample_candidates(BOX, np.random.default_rng(7), DRAWS, 0.3, sigma_wh=1)
    assert drawn[:, 2].min() == pytest.approx(20 * MIN_FACTOR)
    assert drawn[:, 3].min() == pytest.approx(50 * MIN_FACTOR)


def test_to_edges_takes_the_nearest_pixels_and_cuts_at_the_map():
    rows = np.array([[1.4, 2.6, 3.0, 2.0], [-5, -5, 7, 50], [20, 20, 5, 5]])
    assert to_edges(rows, (10, 8)).tolist() == [[1, 3, 4, 5], [0, 0, 2, 10], [8, 10, 8, 10]]


@given(maps, boxes, st.floats(0, 1))
@settings(deadline=None)
def test_the_integral_image_gives_what_the_double_loop_gives(prediction_map, rows, b):
    fast = candidate_scores(prediction_map, rows, b)
    slow = candidate_scores_loop(prediction_map, rows, b)
    assert fast.shape == slow.shape == (len(rows),)
    assert np.allclose(fast, slow, atol=1e-5)


@pytest.mark.parametrize("score", [candidate_scores, candidate_scores_loop])
def test_scores_by_hand(score):
    prediction_map = np.arange(12, dtype=np.float32).reshape(3, 4) / 16
    rows = np.array([[1.0, 0, 2, 2], [-3, -3, 4, 4], [0, 0, 4, 3]])
    inner = (1 + 2 + 5 + 6) / 16 - 4 * 0.25
    assert score(prediction_map, rows, 0.25).tolist() == [inner, -0.25, 66 / 16 - 12 * 0.25]


@pytest.mark.parametrize("score", [candidate_scores, candidate_scores_loop])
@pytest.mark.parametrize(
    "box", [(-9, 0, 3, 3), (0, 40, 3, 3), (4, 3, 1, 1), (1.1, 1.1, 0.2, 0.2), (2.2, 1, 0.1, 2)]
)
def test_a_box_without_a_pixel_of_the_map_scores_nothing(score, box):
    assert score(np.ones((3, 4), np.float32), np.array([box], float)).tolist() == [0]


@pytest.mark.parametrize("score", [candidate_scores, candidate_scores_loop])
def test_b_is_a_fifth_unless_told(score):
    one = np.ones((1, 1), np.float32)
    assert score(one, np.array([[0.0, 0, 1, 1]]))[0] == pytest.approx(0.8)


@given(maps)
def test_the_integral_image_by_a_loop(values):
    sums = integral_image(values)
    rows, columns = values.shape
    assert sums.shape == (rows + 1, columns + 1)
    for i in range(rows + 1):
        for j in range(columns + 1):
            expected = sum(float(values[y, x]) for y in range(i) for x in range(j))
            assert sums[i, j] == pytest.approx(expected, abs=1e-9)


@given(st.floats(0.1, 10), st.floats(0, 1), st.floats(0.9, 1.1))
def test_the_mean_size_goes_that_share_of_the_way_home(ratio, pull, mean_size):
    factor = homeward_mean(mean_size, BOX * [1, 1, ratio, ratio], BOX, pull)
    assert np.log(factor / mean_size) == pytest.approx(-pull * np.log(ratio), abs=1e-9)


def test_a_size_that_is_only_pulled_comes_back_and_never_passes_home():
    box = BOX * [1, 1, 3, 3]
    for _ in range(1000):
        before, box = box, box * [1, 1, *2 * [homeward_mean(1.0, box, BOX, 0.01)]]
        assert BOX[2] <= box[2] < before[2]
    assert box[2] == pytest.approx(BOX[2], rel=1e-3)


@pytest.mark.parametrize("brake", [1, 2, 3.5])
def test_confidences_by_a_loop(brake):
    rng = np.random.default_rng(8)
    scores, rows = rng.normal(size=30) * 50, sample_candidates(BOX, rng, 30)
    got = confidences(scores, rows, BOX, half_side=50, brake=brake)
    for i in range(30):
        dx = rows[i, 0] + rows[i, 2] / 2 - 40
        dy = rows[i, 1] + rows[i, 3] / 2 - 65
        far = (dx * dx + dy * dy) ** 0.5 / 50
        expected = (1 - far**brake) * (scores[i] - min(scores))
        assert got[i] == pytest.approx(expected, abs=1e-9)


def test_of_equal_scores_the_nearer_candidate_wins_but_not_without_distance():
    rows = np.array([[35.0, 40, 20, 50], [31.0, 40, 20, 50], [30, 40, 20, 50]])
    scores = np.array([5.0, 5, 0])
    assert best_candidate(confidences(scores, rows, BOX, 50)) == 1
    without = confidences(scores, rows, BOX, 50, distance=False)
    assert without.tolist() == [5, 5, 0]
    assert best_candidate(without) == 0


def test_the_brake_of_two_lets_a_small_move_win_that_eq_11_does_not():
    rows = np.array([[35.0, 40, 20, 50], [30, 40, 20, 50], [0, 0, 20, 50]])  # 5 px, 0 px, far
    scores = np.array([104.0, 100, 0])  # the light has moved by 5 pixels
    assert best_candidate(confidences(scores, rows, BOX, 50)) == 1
    assert best_candidate(confidences(scores, rows, BOX, 50, brake=2)) == 0


def test_a_candidate_beyond_d_counts_less_than_the_worst():
    rows = np.array([[130.0, 40, 20, 50], [30, 40, 20, 50]])
    assert confidences(np.array([5.0, 0]), rows, BOX, 50).tolist() == [-5, 0]


@given(hnp.arrays(np.float64, st.integers(1, 30), elements=st.integers(-3, 3)))
def test_the_best_candidate_is_the_first_of_the_highest(confidence):
    best = best_candidate(confidence)
    assert type(best) is int
    assert confidence[best] == confidence.max()
    assert (confidence[:best] < confidence[best]).all()


@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 20), st.integers(1, 20)),
        elements=st.floats(0, 1, width=32),
    ),
    boxes,
    st.sampled_from([8, 37, 112]),
    st.floats(0, 1),
)
@settings(deadline=None)
def test_the_small_map_gives_what_the_enlarged_one_gives(grid_map, rows, size, b):
    expected = candidate_scores(enlarge(grid_map, size), rows, b)
    assert np.allclose(grid_scores(grid_map, rows, size, b), expected, rtol=1e-5, atol=2e-3)


def test_the_small_map_is_not_a_constant_in_disguise():
    grid_map = np.zeros((14, 14), np.float32)
    grid_map[3, 9] = 1  # lights up columns 144-159 of 224, rows 48-63
    inside, outside = grid_scores(grid_map, np.array([[128.0, 32, 48, 48], [0, 100, 48, 48]]), 224)
    assert inside == pytest.approx(16 * 16 - 0.2 * 48 * 48, abs=1)
    assert outside == pytest.approx(-0.2 * 48 * 48)
