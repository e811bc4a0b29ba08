import json
import logging

import numpy as np
import pytest

from mfst_lib.config import preset
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation import evaluate as module
from mfst_lib.evaluation import run
from mfst_lib.evaluation.evaluate import evaluate, load_summary
from mfst_lib.evaluation.results import new_result

CONFIGS = [preset("default", seed=seed) for seed in (0, 1)]
TASKS = ["Cat", "Dog"]


@pytest.fixture
def data(tmp_path, make_otb, monkeypatch):
    for name in TASKS:
        make_otb(tmp_path / "data" / name, 3, groundtruth_rect="5,5,4,4\n" * 3)

    def fake(sequence, job):
        fingerprint = run.fingerprint(job.config, None)
        times = np.ones(len(sequence) - 1)
        return new_result(
            job.task,
            job.preset,
            job.config,
            fingerprint,
            run.truth_hash(sequence.boxes),
            sequence.boxes,
            times,
            1.0,
        )

    monkeypatch.setattr(run, "run_sequence", fake)
    monkeypatch.setattr(run, "shared_engine", lambda *_: None)
    return str(tmp_path / "data")


@pytest.fixture
def folder(data, tmp_path):
    evaluate(TASKS, "default", CONFIGS, tmp_path / "out", root=data)
    return tmp_path / "out" / "default-efficientnet_lite0"


def again(data, folder, **changes):
    arguments = {"tasks": TASKS, "configs": CONFIGS, **changes}
    return evaluate(arguments["tasks"], "default", arguments["configs"], folder.parent, root=data)


def test_the_second_time_nothing_is_run_even_without_the_runs_own_files(data, folder, monkeypatch):
    for path in folder.glob("seed*/*.json"):
        path.unlink()
    monkeypatch.setattr(module, "run_all", lambda *_: pytest.fail("ran again"))
    assert again(data, folder) == load_summary(folder)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"configs": [preset("default", b=0.3)]}, "config hash"),
        ({"configs": CONFIGS[:1]}, "config hash"),
        ({"tasks": ["Cat"]}, "task list"),
    ],
)
def test_a_summary_of_other_settings_or_tasks_is_refused_and_made_again(
    data, folder, caplog, changes, says
):
    with caplog.at_level(logging.WARNING):
        summary = again(data, folder, **changes)
    assert says in caplog.text and "made again" in caplog.text
    assert set(summary["per_task"]) == set(changes.get("tasks", TASKS))


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("versions", {"mfst_lib": "0.0.1"}, "library version is 0.0.1"),
        ("weights", "0" * 64, "network weights"),
        ("config", {"no_such_field": 1}, "config hash is none"),
    ],
)
def test_a_summary_of_another_version_or_network_is_refused(data, folder, caplog, key, value, says):
    path = folder / "summary.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    with caplog.at_level(logging.WARNING):
        again(data, folder)
    assert says in caplog.text
    assert load_summary(folder)["auc"] == pytest.approx(20 / 21)


@pytest.mark.parametrize("summary_too", [True, False])
def test_runs_of_a_preset_that_had_another_name_answer_under_the_new_one(
    data, folder, monkeypatch, summary_too
):
    moved = folder.rename(folder.with_name("paper-efficientnet_lite0"))
    if not summary_too:
        (moved / "summary.json").unlink()
    monkeypatch.setattr(run, "run_sequence", lambda *_: pytest.fail("ran again"))
    summary = evaluate(TASKS, "paper", CONFIGS, folder.parent, root=data, command="mfst eval")
    assert (summary["preset"], summary["command"]) == ("paper", "mfst eval")
    assert load_summary(moved) == summary


@pytest.mark.parametrize("damage", ["", '{"format": "mfst-summary"', '{"format": "mfst-summary"}'])
def test_a_damaged_summary_is_named_and_made_again(data, folder, caplog, damage):
    (folder / "summary.json").write_text(damage)
    with pytest.raises(InvalidInput, match=r"summary.json is damaged"):
        load_summary(folder)
    with caplog.at_level(logging.WARNING):
        again(data, folder)
    assert "damaged" in caplog.text
    assert load_summary(folder)["seeds"] == [0, 1]


def test_a_summary_without_its_boxes_is_no_whole_result(data, folder):
    (folder / "boxes-seed1.npz").unlink()
    with pytest.raises(InvalidInput, match=r"no boxes beside it for the seeds \[1\]"):
        load_summary(folder)
    again(data, folder)
    assert (folder / "boxes-seed1.npz").is_file()


def test_what_is_no_summary_is_an_error(tmp_path):
    with pytest.raises(NotFound, match="no summary"):
        load_summary(tmp_path)
    (tmp_path / "summary.json").write_text('{"format": "mfst-sweep"}')
    with pytest.raises(InvalidInput, match="is no summary"):
        load_summary(tmp_path)
