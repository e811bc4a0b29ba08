import dataclasses
import json
import logging

import numpy as np
import pytest

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation import ablations, run
from mfst_lib.evaluation.ablations import finding, load_sweep, run_sweep
from mfst_lib.evaluation.luck import against
from mfst_lib.evaluation.results import new_result
from mfst_lib.evaluation.sweeps import Sweep, values

SWEEP = Sweep(
    "b", "How high?", values("b", 0.1, 0.2), "0.2", "b", base="paper", tasks="Cat,Dog", frames=3
)


@pytest.fixture
def data(tmp_path, make_otb, monkeypatch):
    """Two sequences, and a tracker whose boxes are right for b = 0.1 and far off otherwise."""
    for name in ("Cat", "Dog"):
        make_otb(tmp_path / "data" / name, 4, groundtruth_rect="5,5,4,4\n" * 4)
    run.job_sequence.cache_clear()

    def fake(sequence, job):
        boxes = sequence.boxes + (0 if job.config.b == 0.1 else [90, 0, 0, 0])
        boxes[0] = sequence.boxes[0]
        times = np.ones(len(sequence) - 1)
        return new_result(job.task, job.preset, job.config, "w", "t", boxes, times, 1.0)

    monkeypatch.setattr(run, "run_sequence", fake)
    monkeypatch.setattr(run, "shared_engine", lambda *_: None)
    monkeypatch.setattr(run, "_stored", lambda *_: None)
    return str(tmp_path / "data")


def test_a_sweep_scores_every_setting_on_the_first_frames(data, tmp_path):
    content = run_sweep(SWEEP, tmp_path / "out", root=data)
    right, wrong = content["settings"]
    assert right["precision20"] == 1.0 and right["auc"] == pytest.approx(20 / 21)
    assert wrong["precision20"] == pytest.approx(1 / 3), "of three frames only the first is right"
    assert content["tasks"] == ["Cat", "Dog"] and content["seeds"] == [0, 1, 2]
    assert "0.1 has the highest success" in content["finding"]
    assert load_sweep(tmp_path / "out" / "b.json")["settings"] == content["settings"]


def test_two_settings_can_be_compared_sequence_by_sequence(data, tmp_path):
    content = run_sweep(SWEEP, tmp_path / "out", root=data)
    for setting in content["settings"]:
        per_task = setting["per_task"]
        assert list(per_task) == ["Cat", "Dog"]
        for key in ("precision20", "auc"):
            mean = np.mean([scores[key] for scores in per_task.values()])
            assert mean == pytest.approx(setting[key], abs=1e-4)
    right, wrong = content["settings"]
    lead = against(right, wrong, "precision20")
    assert lead.mean == pytest.approx(2 / 3, abs=1e-4) and lead.clear


def test_the_second_time_nothing_is_run(data, tmp_path, monkeypatch):
    first = run_sweep(SWEEP, tmp_path / "out", root=data)
    monkeypatch.setattr(ablations, "run_all", lambda *_: pytest.fail("ran again"))
    assert run_sweep(SWEEP, tmp_path / "out", root=data)["settings"] == first["settings"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"config_hashes": {"0.1": "0" * 12}}, "config hash"),
        ({"versions": {"mfst_lib": "0.0.1"}}, "library version is 0.0.1"),
        ({"tasks": ["Cat"]}, "task list"),
        ({"seeds": [0]}, "list of seeds"),
        ({"frames": 2}, "number of frames is 2, expected 3"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_the_reason(data, tmp_path, caplog, change, says):
    run_sweep(SWEEP, tmp_path / "out", root=data)
    path = tmp_path / "out" / "b.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with caplog.at_level(logging.WARNING):
        content = run_sweep(SWEEP, tmp_path / "out", root=data)
    assert says in caplog.text and "made again" in caplog.text
    assert content["seeds"] == [0, 1, 2]


@pytest.mark.parametrize("damage", [b"", b'{"format": "mfst-sweep"', b'{"format": "mfst-sweep"}'])
def test_a_damaged_file_is_named_and_made_again(data, tmp_path, caplog, damage):
    run_sweep(SWEEP, tmp_path / "out", root=data)
    path = tmp_path / "out" / "b.json"
    path.write_bytes(damage)
    with caplog.at_level(logging.WARNING):
        run_sweep(SWEEP, tmp_path / "out", root=data)
    assert str(path) in caplog.text and "damaged" in caplog.text
    assert load_sweep(path)["sweep"] == "b"


def test_files_that_are_no_sweep_are_errors(tmp_path):
    with pytest.raises(NotFound, match="no sweep"):
        load_sweep(tmp_path / "none.json")
    (tmp_path / "other.json").write_text('{"format": "mfst-summary"}')
    with pytest.raises(InvalidInput, match="is no sweep"):
        load_sweep(tmp_path / "other.json")


def test_a_run_that_fails_names_the_sweep_and_the_task(data, tmp_path, monkeypatch):
    def broken(sequence, job):
        raise InvalidInput("frame 2 does not decode")

    monkeypatch.setattr(run, "run_sequence", broken)
    with pytest.raises(InvalidInput, match=r"b, Cat: frame 2"):
        run_sweep(SWEEP, tmp_path / "out", root=data)
    assert not (tmp_path / "out" / "b.json").exists()


def row(label, auc, std=0.0, seeds=3):
    return {"label": label, "auc": auc, "auc_std": std, "per_seed": {"auc": [auc] * seeds}}


def test_a_finding_tells_a_difference_from_noise():
    assert "beyond the seeds' spread" in finding([row("x", 0.5), row("y", 0.6)], "x")
    assert "within the seeds' spread" in finding([row("x", 0.58, 0.02), row("y", 0.6)], "x")
    assert finding([row("x", 0.6), row("y", 0.5)], "x").startswith("The paper's setting (x)")
    assert "10.0 points less" in finding([row("x", 0.6), row("y", 0.5)], "x")
    alone = finding([row("x", 0.5, seeds=1), row("y", 0.6, seeds=1)], "x")
    assert "one seed" in alone and "spread unknown" in alone


def test_a_sequence_entered_more_than_once_counts_once(tmp_path, make_otb, data):
    boxes = "5,5,4,4\n" * 60 + "900,5,4,4\n" * 10 + "5,5,4,4\n" * 60
    make_otb(tmp_path / "data" / "Long", 130, groundtruth_rect=boxes)
    sweep = dataclasses.replace(SWEEP, tasks="Cat,Long", every=20)
    content = run_sweep(sweep, tmp_path / "out", root=data)
    # Frame 60 does not show the target; after frame 80 too few frames are left.
    assert content["tasks"] == ["Cat", "Long", "Long@20", "Long@40", "Long@80"]
    right, wrong = content["settings"]
    assert list(right["per_task"]) == ["Cat", "Long"] and right["precision20"] == 1.0
    assert wrong["precision20"] == pytest.approx(1 / 3), "of three frames only the first is right"
    content["every"] = 30
    assert "distance of starts is 30, expected 20" in ablations.misfit(
        content, sweep, content["tasks"]
    )
