import numpy as np
import pytest

from mfst_lib.config import preset
from mfst_lib.evaluation import metrics
from mfst_lib.evaluation.results import new_result
from mfst_lib.evaluation.summary import speed, summarise
from mfst_lib.sequences.sequence import Sequence

TRUTH = np.tile([10.0, 10, 20, 20], (5, 1))


def sequence(name, *attributes):
    return Sequence(name, [np.zeros((8, 8, 3), np.uint8)] * 5, TRUTH, attributes)


def result(task, seed, shift, ms=2.0):
    boxes = TRUTH + [shift, 0, 0, 0]
    config = preset("default", seed=seed)
    return new_result(task, "default", config, "", "", boxes, np.full(4, ms), 1.0)


@pytest.fixture
def summary():
    sequences = {"A": sequence("A", "OCC", "SV"), "B": sequence("B", "OCC")}
    runs = [result("A", 0, 0), result("B", 0, 30), result("A", 1, 5), result("B", 1, 5)]
    return summarise(runs, sequences)


def test_scores_are_averaged_over_tasks_then_seeds(summary):
    a0, b0 = (metrics.score(TRUTH + [shift, 0, 0, 0], TRUTH) for shift in (0, 30))
    a1 = metrics.score(TRUTH + [5, 0, 0, 0], TRUTH)
    seed_0, seed_1 = (a0.auc + b0.auc) / 2, a1.auc
    assert summary["auc"] == pytest.approx((seed_0 + seed_1) / 2)
    assert summary["auc_std"] == pytest.approx(abs(seed_0 - seed_1) / 2)
    assert summary["precision20"] == pytest.approx(((1 + 0.2) / 2 + 1) / 2)


def test_the_mean_of_the_success_curve_is_the_score(summary):
    assert np.mean(summary["curves"]["success"]) == pytest.approx(summary["auc"], abs=1e-4)
    assert summary["curves"]["precision"][20] == pytest.approx(summary["precision20"], abs=1e-4)


def test_attributes_take_the_tasks_that_have_them(summary):
    assert summary["by_attribute"]["SV"]["auc"] == pytest.approx(summary["per_task"]["A"]["auc"])
    assert summary["by_attribute"]["OCC"]["auc"] == pytest.approx(summary["auc"])


def test_a_task_that_lacks_a_seed_counts_where_it_ran():
    sequences = {"A": sequence("A", "OCC"), "B": sequence("B")}
    partial = summarise([result("A", 0, 0), result("B", 0, 0), result("B", 1, 0)], sequences)
    assert partial["seeds"] == [0, 1]
    assert partial["by_attribute"]["OCC"]["precision20"] == 1


def test_speed_takes_the_median_run_and_all_frames():
    runs = [result("A", 0, 0, ms) for ms in (1.0, 2.0, 10.0)]
    figures = speed(runs)
    assert figures["fps"] == pytest.approx(500)
    assert figures["p50_ms"] == pytest.approx(2)
    assert figures["p95_ms"] == pytest.approx(10)
