"""Tests of mfst_lib.evaluation.metrics: naive loops, properties and the rules' corner cases."""

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation import metrics
from mfst_lib.evaluation.metrics import (
    average,
    by_attribute,
    distances,
    has_target,
    overlaps,
    precision_curve,
    sanitise,
    score,
    success_curve,
)

quick = settings(deadline=None, max_examples=60)
coordinates = st.floats(-50, 50, width=32)
sizes = st.floats(0.5, 60, width=32)
box = st.tuples(coordinates, coordinates, sizes, sizes)
runs = st.lists(st.tuples(box, box), min_size=1, max_size=12).map(
    lambda pairs: np.array(pairs).transpose(1, 0, 2)
)
values = arrays(float, st.integers(1, 20), elements=st.floats(-1, 60))


def naive_sanitise(result, truth):
    rows = [list(truth[0])]
    for row in result[1:]:
        bad = any(not np.isfinite(v) for v in row) or row[2] <= 0 or row[3] <= 0
        rows.append(rows[-1] if bad else list(row))
    return np.array(rows)


def naive_overlap(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    common = max(width, 0) * max(height, 0)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


def test_doctests():
    assert doctest.testmod(metrics).failed == 0


def test_invalid_rows_take_the_box_before():
    truth = np.tile([10.0, 10, 5, 5], (7, 1))
    result = np.array(
        [
            [np.nan] * 4,  # the first frame is always the truth
            [1, 1, 0, 4],
            [2, 2, 4, 4],
            [3, np.nan, 4, 4],
            [4, 4, 4, -1],
            [5, 5, np.inf, 4],
            [6, 6, 4, 4],
        ]
    )
    boxes = sanitise(result, truth)
    assert boxes[:, 0].tolist() == [10, 10, 2, 2, 2, 2, 6]
    assert (boxes == naive_sanitise(result, truth)).all()
    assert np.isnan(result[0]).all()  # the input is left alone


@quick
@given(runs, st.data())
def test_sanitise_is_the_loop(run, data):
    result, truth = run
    spoil = data.draw(arrays(float, result.shape, elements=st.sampled_from([1.0, 1, 1, 0, np.nan])))
    assert (sanitise(result * spoil, truth) == naive_sanitise(result * spoil, truth)).all()


def test_shapes_must_agree():
    with pytest.raises(InvalidInput, match=r"\(3, 4\) do not match the ground truth \(2, 4\)"):
        score(np.ones((3, 4)), np.ones((2, 4)))
    with pytest.raises(InvalidInput, match=r"\(3,\)"):
        score(np.ones(3), np.ones(3))


def test_rows_without_a_target():
    """The rule is "all > 0" on 1-based values: the pixel at the edge is 0 here and 1 there."""
    truth = np.array(
        [[0, 0, 5, 5], [-1, 0, 5, 5], [0, -1, 5, 5], [0, 0, 0, 5], [0, 0, 5, 0], [np.nan] * 4]
    )
    assert has_target(truth).tolist() == [True, False, False, False, False, False]
    result = np.tile([0.0, 0, 5, 5], (6, 1))
    assert overlaps(result, truth).tolist() == [1, -1, -1, -1, -1, -1]
    assert distances(result, truth).tolist() == [0, -1, -1, -1, -1, -1]


def test_a_row_without_a_target_is_a_miss_in_success_and_a_hit_in_precision():
    truth = np.array([[0.0, 0, 5, 5], [-1, -1, 0, 0]])
    one = score(np.tile([0.0, 0, 5, 5], (2, 1)), truth)
    assert one.success[0] == 0.5
    assert one.precision[0] == 1.0


def test_thresholds_are_strict_for_success_and_not_for_precision():
    assert success_curve(np.array([0.5]))[[9, 10]].tolist() == [1, 0]
    assert success_curve(np.array([0.0]))[0] == 0
    assert precision_curve(np.array([20.0]))[[19, 20]].tolist() == [0, 1]


@quick
@given(runs)
def test_overlaps_and_distances_are_the_loops(run):
    result, truth = run[0], np.abs(run[1])
    expected = [naive_overlap(a, b) for a, b in zip(result, truth, strict=True)]
    np.testing.assert_allclose(overlaps(result, truth), expected, atol=1e-12)
    centres = [
        np.hypot(a[0] + a[2] / 2 - b[0] - b[2] / 2, a[1] + a[3] / 2 - b[1] - b[3] / 2)
        for a, b in zip(result, truth, strict=True)
    ]
    np.testing.assert_allclose(distances(result, truth), centres, atol=1e-12)


@quick
@given(values)
def test_curves_are_the_loops_and_monotone(value):
    count = len(value)
    success = [sum(v > i / 20 for v in value) / count for i in range(21)]
    precision = [sum(v <= i for v in value) / count for i in range(51)]
    np.testing.assert_allclose(success_curve(value), success)
    np.testing.assert_allclose(precision_curve(value), precision)
    assert (np.diff(success_curve(value)) <= 0).all()
    assert (np.diff(precision_curve(value)) >= 0).all()


@quick
@given(runs)
def test_scores_lie_between_zero_and_a_perfect_run(run):
    result, truth = run
    one, perfect = score(result, np.abs(truth)), score(np.abs(truth), np.abs(truth))
    assert 0 <= one.auc <= perfect.auc == pytest.approx(20 / 21)
    assert 0 <= one.precision20 <= perfect.precision20 == 1
    assert one.success.shape == (21,) and one.precision.shape == (51,)


@quick
@given(runs, st.tuples(coordinates, coordinates))
def test_overlap_does_not_change_when_both_move(run, shift):
    result, truth = run[0], np.abs(run[1])
    move = np.abs(np.array([*shift, 0, 0]))
    np.testing.assert_allclose(
        overlaps(result + move, truth + move), overlaps(result, truth), atol=1e-9
    )


def test_average_is_over_sequences_not_frames():
    truth = np.tile([50.0, 50, 10, 10], (9, 1))
    good = score(truth, truth)
    lost = score(truth + (500, 0, 0, 0), truth)  # its first frame still counts
    mean = average([good, lost])
    assert lost.precision20 == pytest.approx(1 / 9)
    assert mean.precision20 == pytest.approx((1 + 1 / 9) / 2)
    assert mean.auc == pytest.approx((good.auc + lost.auc) / 2)
    short = score(truth[:1], truth[:1])
    assert average([lost, short]).precision20 == pytest.approx((1 / 9 + 1) / 2)


def test_average_of_nothing():
    with pytest.raises(InvalidInput, match="no scores"):
        average([])


def test_by_attribute():
    truth = np.tile([50.0, 50, 10, 10], (2, 1))
    scores = {"A": score(truth, truth), "B": score(truth + (500, 0, 0, 0), truth)}
    scores["C"] = scores["B"]
    means = by_attribute(scores, {"A": ("OCC", "IV"), "B": ("OCC",), "absent": ("LR",)})
    assert list(means) == ["IV", "OCC"]
    assert means["IV"].precision20 == 1
    assert means["OCC"].precision20 == 0.75
