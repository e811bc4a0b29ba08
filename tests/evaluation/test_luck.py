"""Tests of mfst_lib.evaluation.luck: the bootstrap against a plain loop, and what it says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation.luck import against, difference, paired_interval


def by_loop(values, level, draws, seed):
    rng = np.random.default_rng(seed)
    table = rng.integers(len(values), size=(draws, len(values)))
    means = []
    for chosen in table:
        total = 0.0
        for task in chosen:
            total += values[task]
        means.append(total / len(values))
    means.sort()
    ends = []
    for share in ((1 - level) / 2, (1 + level) / 2):
        place = share * (draws - 1)
        below = int(place)
        above = min(below + 1, draws - 1)
        ends.append(means[below] + (place - below) * (means[above] - means[below]))
    return ends


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.floats(-1, 1), min_size=1, max_size=18),
    st.sampled_from([0.5, 0.9, 0.95]),
    st.integers(0, 5),
)
def test_the_interval_is_that_of_a_plain_loop(values, level, seed):
    found = paired_interval(values, level, 200, seed)
    assert found == pytest.approx(by_loop(values, level, 200, seed), abs=1e-9)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=18))
def test_the_ends_lie_in_order_within_the_differences(values):
    low, high = paired_interval(values, draws=100)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9


def test_its_width_is_that_of_a_mean():
    values = np.random.default_rng(0).normal(0.1, 0.2, 400)
    low, high = paired_interval(values)
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.05)


def test_a_gain_on_every_task_is_clear_and_one_lucky_task_is_not():
    names = [f"task{i}" for i in range(10)]
    before = dict.fromkeys(names, 0.5)
    steady = difference({name: 0.52 + 0.001 * i for i, name in enumerate(names)}, before)
    assert steady.clear and 0.02 < steady.low < steady.mean < steady.high < 0.03
    lucky = difference({**before, "task3": 0.9}, before)
    assert lucky.mean == pytest.approx(0.04) and not lucky.clear
    assert lucky.per_task["task3"] == pytest.approx(0.4)


def test_summaries_are_compared_task_by_task():
    one = {"per_task": {"a": {"auc": 0.6, "precision20": 0.9}, "b": {"auc": 0.5}}}
    two = {"per_task": {"b": {"auc": 0.4}, "a": {"auc": 0.7, "precision20": 0.8}}}
    found = against(one, two)
    assert found.per_task == pytest.approx({"a": -0.1, "b": 0.1})
    assert found.mean == pytest.approx(0)


@pytest.mark.parametrize("values", [[], [np.nan], [[0.1]], [np.inf, 0.0]])
def test_what_is_no_list_of_differences_is_refused(values):
    with pytest.raises(InvalidInput, match="one finite difference per task"):
        paired_interval(values)


def test_trackers_of_other_tasks_cannot_be_paired():
    with pytest.raises(InvalidInput, match="only one of the two trackers has run b"):
        difference({"a": 0.1, "b": 0.2}, {"a": 0.1})
