"""Tests of mfst_lib.evaluation.table3: rows against their baseline, published ones beside them."""

import json

import pytest

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation import table3
from mfst_lib.evaluation.table3 import cells, find_row, published, run_rows

TASKS = ["Bolt", "Car4", "Deer"]
SUCCESS = {"default": (0.5, 0.6, 0.4), "v3l-s": (0.6, 0.65, 0.55), "v3s-s": (0.4, 0.7, 0.4)}


@pytest.fixture
def runs(monkeypatch):
    """Evaluations that are made up; the list says which were asked for."""
    asked = []

    def fake(tasks, preset, configs, out, **_):
        asked.append((preset, configs[0].backbone, [config.seed for config in configs]))
        if preset == "vgg-s":
            raise NotFound("no weights of vgg16")
        per_task = {
            task: {"auc": value, "precision20": value + 0.2}
            for task, value in zip(tasks, SUCCESS[preset], strict=True)
        }
        mean = sum(SUCCESS[preset]) / 3
        scores = {"auc": mean, "auc_std": 0.01, "precision20": mean + 0.2, "precision20_std": 0.02}
        return {"per_task": per_task, "seeds": [0, 1], "speed": {"fps": 99.6}, **scores}

    monkeypatch.setattr(table3, "evaluate", fake)
    monkeypatch.setattr(table3, "expand_tasks", lambda *_: TASKS)
    return asked


def test_a_row_is_a_preset_and_perhaps_another_network():
    assert find_row("ours-v3l").config.weight_net == "mobilenet_v3_large"
    row = find_row("default@mobilenet_v3_small")
    assert (row.preset, row.config.backbone) == ("default", "mobilenet_v3_small")
    with pytest.raises(InvalidInput, match="unknown preset"):
        find_row("ours-v4")


def test_rows_are_compared_with_the_baseline_on_their_own_network(runs, tmp_path):
    first, second = run_rows(["v3l-s", "v3s-s"], "default", [0, 1], tmp_path)
    assert ("default", "mobilenet_v3_large", [0, 1]) in runs
    assert ("default", "mobilenet_v3_small", [0, 1]) in runs
    gap = first["ahead"]["auc"]
    assert gap["per_task"] == pytest.approx({"Bolt": 0.1, "Car4": 0.05, "Deer": 0.15})
    assert gap["mean"] == pytest.approx(0.1) and 0 < gap["low"] < gap["high"]
    assert second["ahead"]["auc"]["low"] < 0 < second["ahead"]["auc"]["high"]


def test_the_baseline_itself_is_run_once_and_has_nothing_to_be_ahead_of(runs, tmp_path):
    entries = run_rows(["default@mobilenet_v3_large", "v3l-s"], "default", [0], tmp_path)
    assert entries[0]["ahead"] is None
    assert len(runs) == 2


def test_a_row_that_cannot_be_run_is_left_out(runs, tmp_path, caplog):
    (entry,) = run_rows(["vgg-s", "v3l-s"], "default", [0], tmp_path)
    assert entry["name"] == "v3l-s" and "vgg-s left out: no weights of vgg16" in caplog.text
    with pytest.raises(NotFound, match="no row"):
        run_rows(["vgg-s"], "default", [0], tmp_path)


def test_published_trackers_are_averaged_over_the_tasks_at_hand(tmp_path):
    path = tmp_path / "published.json"
    one = {"auc": [0.1, 0.5, 0.9, 0.2], "precision20": [0.2, 0.6, 1.0, 0.3]}
    two = {"auc": [0.9, 0.6, 1.0, 0.0], "precision20": [0.2, 0.7, 0.9, 0.0]}
    content = {"tasks": dict.fromkeys(["Basketball", *TASKS], 9)}
    path.write_text(json.dumps({**content, "trackers": {"A": one, "B": two}}))
    best, other = published(["Bolt", "Car4"], path)
    assert (best["name"], best["auc"]) == ("B", pytest.approx(0.8))
    assert other["precision20"] == pytest.approx(0.8)
    with pytest.raises(InvalidInput, match="no scores for these tasks"):
        published(["Cat"], path)
    with pytest.raises(NotFound, match="repository"):
        published(TASKS, tmp_path / "none.json")


def test_the_projects_own_file_can_be_read():
    entries = published(TASKS)
    assert len(entries) == 10
    assert [one["auc"] for one in entries] == sorted((one["auc"] for one in entries), reverse=True)


def test_every_line_of_the_table_has_every_column(runs, tmp_path):
    entries = run_rows(["default", "v3l-s"], "default", [0, 1], tmp_path)
    heading, plain, ours, theirs, *_ = cells(entries, published(TASKS))
    assert len(heading) == len(plain) == len(ours) == len(theirs)
    assert ours[:3] == ["v3l-s", "80.0 ± 2.0", "60.0 ± 1.0"]
    assert ours[4].startswith("+10.0 (") and ours[5] == "3 of 3" and ours[6] == "100"
    assert plain[3:6] == ["", "", ""]
