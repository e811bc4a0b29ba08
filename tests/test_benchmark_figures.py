"""The stored figures about the benchmark are whole, and are what the ground truth gives."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "data" / "benchmark"


def read(name, folder=FOLDER):
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


def test_motion_is_percentiles_of_all_tasks():
    motion = read("motion")
    assert motion["tasks"] == 51
    assert motion["percentiles"] == list(range(101))
    for key in ("shift", "size_change"):
        assert len(motion[key]) == 101
        assert np.all(np.diff(motion[key]) >= 0)


def test_every_tracker_has_a_score_for_every_task_and_whole_curves():
    published = read("published")
    assert len(published["tasks"]) == 51
    assert sum(published["tasks"].values()) == 29_486
    for scores in published["trackers"].values():
        assert len(scores["auc"]) == len(scores["precision20"]) == 51
        assert np.mean(scores["success"]) == pytest.approx(np.mean(scores["auc"]), abs=1e-4)
        assert isinstance(scores["fixed_size"], bool)
        assert scores["precision"][20] == pytest.approx(np.mean(scores["precision20"]), abs=1e-4)


def test_the_slips_start_from_the_official_score_of_their_tracker():
    slips = read("published")["slips"]
    scores = read("published")["trackers"][slips["tracker"]]
    official = slips["scores"]["official"]
    assert official["auc"] == pytest.approx(np.mean(scores["auc"]), abs=1e-4)
    assert official["precision20"] == pytest.approx(np.mean(scores["precision20"]), abs=1e-4)


def test_made_again_they_are_the_same(mfst_data, tmp_path):
    spec = importlib.util.spec_from_file_location("make_benchmark", FOLDER / "make.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    make.main(mfst_data, tmp_path)
    for name in ("motion", "published"):
        assert read(name, tmp_path) == read(name)
