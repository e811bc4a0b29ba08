import json
import logging

import cv2
import numpy as np
import pytest

from mfst_lib.box_fit import BoxFit, find_box_fit
from mfst_lib.config import preset
from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation import run
from mfst_lib.evaluation.results import load_result
from mfst_lib.evaluation.run import Failure, plan, result_path, run_all
from mfst_lib.weight_net import Net, WeightNets

CONFIG = preset("default", candidates=50)


@pytest.fixture
def jobs(tmp_path, make_otb):
    for name in ("Cat", "Dog"):
        make_otb(tmp_path / "data" / name, 4, groundtruth_rect="5,5,4,4\n" * 4)
    return plan(["Cat", "Dog"], "mine", [CONFIG], tmp_path / "out", str(tmp_path / "data"))


def test_every_run_leaves_one_whole_result(jobs):
    results = {result.task: result for result in run_all(jobs)}
    assert set(results) == {"Cat", "Dog"}
    for job in jobs:
        stored = load_result(job.path)
        np.testing.assert_array_equal(stored.boxes, results[job.task].boxes)
        assert stored.boxes.shape == (4, 4)
        assert stored.times_ms.shape == (3,)


def test_finished_runs_are_not_made_again(jobs, monkeypatch):
    first = list(run_all(jobs))
    monkeypatch.setattr(run, "run_sequence", lambda *_: pytest.fail("made again"))
    again = list(run_all(jobs))
    assert [one.boxes.tolist() for one in again] == [one.boxes.tolist() for one in first]


def test_processes_give_the_same_boxes(jobs, tmp_path):
    alone = {one.task: one.boxes.tolist() for one in run_all(jobs)}
    elsewhere = plan(["Cat", "Dog"], "mine", [CONFIG], tmp_path / "two", str(tmp_path / "data"))
    assert {one.task: one.boxes.tolist() for one in run_all(elsewhere, workers=2)} == alone


def test_a_damaged_result_is_named_and_made_again(jobs, caplog):
    list(run_all(jobs))
    jobs[0].path.write_bytes(jobs[0].path.read_bytes()[:100])
    with caplog.at_level(logging.WARNING):
        list(run_all(jobs))
    assert "damaged" in caplog.text and "made again" in caplog.text
    assert load_result(jobs[0].path).task == "Cat"


def test_a_result_of_other_settings_is_never_reused(jobs, caplog):
    list(run_all(jobs))
    content = json.loads(jobs[0].path.read_text())
    content["config_hash"], content["boxes"][1] = "0" * 12, [0, 0, 1, 1]
    jobs[0].path.write_text(json.dumps(content))
    with caplog.at_level(logging.WARNING):
        list(run_all(jobs))
    assert "config hash" in caplog.text
    assert load_result(jobs[0].path).boxes[1].tolist() != [0, 0, 1, 1]


def test_other_settings_and_seeds_have_folders_of_their_own(tmp_path):
    configs = [CONFIG, CONFIG.replace(seed=1), CONFIG.replace(b=0.3)]
    folders = {result_path(tmp_path, "mine", config, "Cat").parent for config in configs}
    assert len(folders) == 3


def test_a_lab_name_makes_a_file_name_for_every_system(tmp_path):
    assert result_path(tmp_path, "mine", CONFIG, "lab:twins").name == "lab-twins.json"


def test_one_unreadable_image_fails_its_run_alone(jobs, tmp_path):
    image = sorted((tmp_path / "data" / "Cat" / "img").iterdir())[2]
    image.write_bytes(b"no image")
    outcomes = {getattr(one, "task", "failed"): one for one in run_all(jobs)}
    assert set(outcomes) == {"failed", "Dog"}
    assert isinstance(outcomes["failed"], Failure)
    assert image.name in outcomes["failed"].message
    assert not jobs[0].path.exists()


def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(jobs, tmp_path, monkeypatch):
    (tmp_path / "out").write_text("a file in the way")
    monkeypatch.setattr(run, "run_sequence", lambda *_: pytest.fail("ran"))
    with pytest.raises(InvalidInput, match="cannot write results to"):
        list(run_all(jobs))


def test_frames_that_change_size_are_tracked(jobs, tmp_path):
    image = sorted((tmp_path / "data" / "Cat" / "img").iterdir())[2]
    cv2.imwrite(str(image), cv2.resize(cv2.imread(str(image)), (31, 77)))
    outcomes = list(run_all(jobs))
    assert [type(one).__name__ for one in outcomes] == ["Result", "Result"], outcomes


def test_the_box_fits_numbers_are_part_of_the_fingerprint(tmp_path):
    path = tmp_path / "fit.json"
    fitted = CONFIG.replace(box_fit=str(path))
    seen = {run.fingerprint(CONFIG)}
    for number in (0.0, 0.1):
        find_box_fit.cache_clear()
        BoxFit(np.full((64, 4), number), np.zeros(4)).save(path)
        seen.add(run.fingerprint(fitted))
    assert len(seen) == 3


def test_a_result_knows_the_content_of_the_net_that_it_used(tmp_path):
    def keep(gain):
        parts = [np.zeros(shape, np.float32) for shape in ((3, 1), (1,), (1, 3))]
        net = Net(np.full(3, gain, np.float32), np.zeros(3, np.float32), *parts)
        WeightNets("efficientnet_lite0", ("a",), {"positive": net}).save(tmp_path / "net.npz")

    keep(3.0)
    with_net = CONFIG.replace(weight_net=str(tmp_path / "net.npz"))
    plain, first = run.fingerprint(CONFIG), run.fingerprint(with_net)
    assert first.startswith(f"{plain}+nets:")
    keep(3.0)  # the same content in a new file
    assert run.fingerprint(with_net) == first
    keep(4.0)
    assert run.fingerprint(with_net) != first
    assert "nets" not in plain  # what was stored before there were nets stays valid
