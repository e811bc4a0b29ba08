import sys

import numpy as np
import pytest
from fake_engine import FakeEngine

from mfst_lib.config import preset
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation import probe, rivals, speed, stages
from mfst_lib.sequences.catalogue import load_sequence
from mfst_lib.show.speeds import plot_speeds
from mfst_lib.show.tables import stage_table
from mfst_lib.tracker import FMST

CONFIGS = {"many": preset("default", candidates=600), "few": preset("default", candidates=20)}


@pytest.fixture(autouse=True)
def fake(monkeypatch):
    monkeypatch.setattr(speed, "load_engine", lambda *_: FakeEngine())


def test_every_preset_is_timed_on_the_same_frames(monkeypatch):
    order = []

    class Spy(FMST):
        def init(self, image, box):
            order.append(self.config.candidates)
            super().init(image, box)

    monkeypatch.setattr(speed, "FMST", Spy)
    sequence = load_sequence("lab:cat-walk")
    content = speed.measure(CONFIGS, sequence, frames=4, repetitions=2)
    assert order[:6] == [600, 20] * 3, "interleaved, with one repetition to warm up"
    assert order[6:] == [600, 20] * 2, "and as often again, with the parts of a step timed"
    assert content["frames"] == 3 and content["repetitions"] == 2
    for row in content["rows"].values():
        assert 0 < row["p50_ms"] <= row["p95_ms"]
        assert 1000 / row["p95_ms"] / 3 < row["fps"] < 3000 / row["p50_ms"]
        parts = row["stages_ms"]
        assert list(parts) == ["crop", "CNN", "map", "candidates", "confidence", "update"]
        judged = row["config_hash"] == preset("default").hash()  # only it has a calibration
        assert (parts.pop("confidence") > 0) == judged
        assert min(parts.values()) > 0
        assert row["step_over_cnn"] > 1
        assert 0 <= row["auc"] <= 1 and 0 <= row["precision20"] <= 1
    assert 0 < content["stage_timing_ms"] < 1
    assert plot_speeds(content).axes[0].get_xscale() == "log"


def test_the_table_of_the_parts_sums_what_is_not_the_network():
    parts = {"crop": 0.1, "CNN": 2.0, "map": 0.02}
    content = {"rows": {"mine": {"stages_ms": parts, "step_over_cnn": 1.1}, "OpenCV KCF": {}}}
    table = stage_table(content)
    assert [next(iter(column.cells)) for column in table.columns][-2:] == ["0.120", "1.10"]


def test_nothing_to_time_is_an_error():
    sequence = load_sequence("lab:cat-walk")
    with pytest.raises(InvalidInput, match="nothing to time"):
        speed.measure({}, sequence)
    with pytest.raises(InvalidInput, match="at least two frames"):
        speed.measure(CONFIGS, sequence, frames=1)


def test_a_presets_speed_is_never_that_of_another_network():
    speeds = {"v3l-s": 100.0, "default@vgg16": 5.0}
    assert speed.fps_of(speeds, "v3l-s", "mobilenet_v3_large") == 100
    assert speed.fps_of(speeds, "v3l-s", "vgg16") is None
    assert speed.fps_of(speeds, "default", "vgg16") == 5
    assert speed.fps_of(speeds, "mine", "vgg16") is None


def frames(count=5):
    part = load_sequence("lab:cat-walk").first(count)
    return [np.asarray(image) for image in part.frames], part.boxes


def follow(kind, candidates=40):
    """Only with all 600 candidates do the settings have a calibration."""
    images, boxes = frames()
    tracker = kind(preset("default", candidates=candidates), engine=FakeEngine())
    tracker.init(images[0], boxes[0])
    return np.array([tracker.update(image)[1] for image in images[1:]])


def test_the_naive_loop_finds_the_same_boxes():
    assert np.allclose(follow(rivals.NaiveFMST), follow(FMST), atol=1e-6)


@pytest.mark.parametrize("candidates", [40, 600], ids=["without a judge", "with a judge"])
def test_watching_a_tracker_changes_nothing_that_it_finds(candidates):
    watched = []

    class Watched(FMST):
        def init(self, image, box):
            super().init(image, box)
            watched.append(stages.watch_steps(self))

    assert (follow(Watched, candidates) == follow(FMST, candidates)).all()
    calls = {name: [len(one.times) for one in parts] for name, parts in watched[0].items()}
    assert calls.pop("confidence") == [4 if candidates == 600 else 0]
    assert all(count == 4 for counts in calls.values() for count in counts)


def test_a_part_that_never_runs_takes_no_time():
    timed = stages.Timed(lambda: None)
    assert stages.milliseconds({"update": [timed]}, 4) == {"update": 0.0}


def test_what_is_done_in_one_step_of_five_is_shared_by_all_five():
    crop, learn, weigh = (stages.Timed(lambda: None) for _ in range(3))
    crop.times, learn.times, weigh.times = [0.001] * 5, [0.008], [0.002]
    watched = {"crop": [crop], "update": [learn, weigh]}
    assert stages.milliseconds(watched, 5) == pytest.approx({"crop": 1.0, "update": 2.0})


def test_opencvs_trackers_answer_from_another_process():
    images, boxes = frames()
    with rivals.OpenCVProcess(sys.executable, images, boxes[0]) as worker:
        answer = worker.run("MIL")  # the plain package has it too
        assert np.shape(answer["boxes"]) == (5, 4) and np.shape(answer["times"]) == (4,)
        assert np.allclose(answer["boxes"][0], boxes[0])
        assert min(answer["times"]) > 0
        with pytest.raises(InvalidInput, match="NOSUCH: OpenCV .* has no tracker NOSUCH"):
            worker.run("NOSUCH")
        assert np.shape(worker.run("MIL")["boxes"]) == (5, 4)


def test_an_environment_without_opencv_or_python_is_said(tmp_path):
    images, boxes = frames(2)
    with pytest.raises(NotFound, match="no Python .*make bench"):
        rivals.OpenCVProcess(tmp_path / "python", images, boxes[0])
    python = tmp_path / "bare"
    python.write_text("#!/bin/sh\necho no cv2 here >&2\nexit 1\n")
    python.chmod(0o755)
    with (
        rivals.OpenCVProcess(python, images, boxes[0]) as worker,
        pytest.raises(InvalidInput, match="no cv2 here"),
    ):
        worker.run("MIL")


def test_the_arithmetic_of_a_core_is_measured():
    assert 1e7 < probe.core_peak() < 1e13


def test_a_process_that_fails_says_why(tmp_path):
    with pytest.raises(InvalidInput, match="unknown backbone"):
        probe.peak_memory(preset("default", backbone="nosuch"))
