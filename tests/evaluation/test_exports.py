"""Tests of mfst_lib.evaluation.exports: the layouts of got10k and of the VOT toolkit."""

import time

import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation import metrics, run
from mfst_lib.evaluation.evaluate import evaluate
from mfst_lib.evaluation.exports import (
    Exported,
    check_layout,
    with_times,
    write_got10k,
    write_vot,
)
from mfst_lib.evaluation.peers import PeerConfig
from mfst_lib.evaluation.report import Tracker, read_trackers
from mfst_lib.sequences.vtb13 import tasks


def walk(count, start=10.0):
    boxes = np.full((count, 4), 20.0)
    boxes[:, :2] = start + np.arange(count)[:, np.newaxis] / 3
    return boxes


def exported(runs, seconds=None):
    return Exported("Ours", runs, seconds or [{} for _ in runs])


def names(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_the_layout_of_got10k_for_otb(tmp_path):
    boxes = {"Jogging-2": walk(307), "Tiger1": walk(349)}
    seconds = {task: np.full(len(b), 0.25) for task, b in boxes.items()}
    folders = write_got10k([exported([boxes], [seconds])], tmp_path)
    assert folders == [tmp_path / "OTB2013" / "Ours"]
    assert names(tmp_path / "OTB2013") == [
        "Ours/Jogging.2.txt",
        "Ours/Tiger1.txt",
        "Ours/times/Jogging.2_time.txt",
    ]
    read = np.loadtxt(folders[0] / "Jogging.2.txt", delimiter=",")
    np.testing.assert_allclose(read, boxes["Jogging-2"] + [1, 1, 0, 0], atol=1e-3)
    tiger = np.loadtxt(folders[0] / "Tiger1.txt", delimiter=",")
    assert len(tiger) == 354 and (tiger[:6] == tiger[0]).all()
    assert np.loadtxt(folders[0] / "times" / "Jogging.2_time.txt").tolist() == [0.25] * 307


def test_the_layout_of_got10k_for_other_sequences(tmp_path):
    runs = [{"GOT-10k_Val_000001": walk(5)}, {"GOT-10k_Val_000001": walk(5, 11.0)}]
    seconds = [{"GOT-10k_Val_000001": np.full(5, 0.1 * n)} for n in (1, 2)]
    write_got10k([exported(runs, seconds)], tmp_path)
    folder = tmp_path / "GOT-10k" / "Ours" / "GOT-10k_Val_000001"
    assert names(folder) == [
        "GOT-10k_Val_000001_001.txt", "GOT-10k_Val_000001_002.txt", "GOT-10k_Val_000001_time.txt",
    ]  # fmt: skip
    second = np.loadtxt(folder / "GOT-10k_Val_000001_002.txt", delimiter=",")
    np.testing.assert_allclose(second, walk(5, 11.0), atol=1e-3)
    times = np.loadtxt(folder / "GOT-10k_Val_000001_time.txt", delimiter=",")
    np.testing.assert_allclose(times, [[0.1, 0.2]] * 5)


def test_several_runs_on_otb_are_several_trackers(tmp_path):
    write_got10k([exported([{"Deer": walk(71)}, {"Deer": walk(71)}])], tmp_path)
    assert names(tmp_path / "OTB2013") == ["Ours-1/Deer.txt", "Ours-2/Deer.txt"]


def test_the_layout_of_vot(tmp_path):
    runs, seconds = [{"lab:twins": walk(3)}], [{"lab:twins": np.array([0.5, 0.01, 0.02])}]
    (folder,) = write_vot([exported(runs, seconds)], tmp_path)
    assert folder == tmp_path / "results" / "Ours" / "baseline"
    assert names(folder) == ["lab-twins/lab-twins_001.txt", "lab-twins/lab-twins_001_time.value"]
    lines = (folder / "lab-twins" / "lab-twins_001.txt").read_text().splitlines()
    assert lines == ["1", "10.333,10.333,20.000,20.000", "10.667,10.667,20.000,20.000"]


class Still:
    """A tracker that stays where it was."""

    def init(self, image, box):
        self.box = box

    def update(self, image):
        time.sleep(0.001)  # times are kept to a microsecond
        return True, self.box


def test_times_come_from_the_results(tmp_path, make_otb, monkeypatch):
    monkeypatch.setattr(run, "make_tracker", lambda job: Still())
    make_otb(tmp_path / "data" / "Cat", 4, groundtruth_rect="5,5,4,4\n" * 4)
    out = tmp_path / "out"
    configs = [PeerConfig("mil", seed) for seed in (0, 1)]
    evaluate(["Cat"], "opencv", configs, out, root=str(tmp_path / "data"))
    for path in (out, out / "opencv-mil"):
        (tracker,) = read_trackers([path])
        ours = with_times(tracker, path)
        assert [seconds["Cat"].shape for seconds in ours.seconds] == [(4,), (4,)]
        assert all((seconds["Cat"] > 0).all() for seconds in ours.seconds)


def test_boxes_from_a_file_have_no_times(tmp_path):
    tracker = Tracker("Struck", [{"Deer": walk(71)}])
    assert with_times(tracker, tmp_path / "Struck.npz").seconds == [{}]


def test_an_unknown_layout():
    with pytest.raises(InvalidInput, match="--export is one of got10k, vot; got 'otb'"):
        check_layout("otb")


def test_got10k_reads_it_and_scores_as_we_do(tmp_path, mfst_data):
    """got10k's own code, where it is installed, on a real ground truth."""
    experiments = pytest.importorskip("got10k.experiments")
    from mfst_lib.sequences.catalogue import load_sequence

    truth = load_sequence("Deer", mfst_data).boxes
    shifted = truth + np.linspace(0, 30, len(truth))[:, np.newaxis] * [1, 0.5, 0, 0]
    write_got10k([exported([{"Deer": shifted}])], tmp_path)
    otb = experiments.ExperimentOTB.__new__(experiments.ExperimentOTB)
    otb.nbins_iou, otb.nbins_ce = 21, 51
    boxes = np.loadtxt(tmp_path / "OTB2013" / "Ours" / "Deer.txt", delimiter=",")
    anno = truth + [1, 1, 0, 0]
    boxes[0] = anno[0]
    success, precision = otb._calc_curves(*otb._calc_metrics(boxes, anno))
    ours = metrics.score(shifted, truth)
    np.testing.assert_allclose(success, ours.success, atol=0.02)
    np.testing.assert_allclose(precision, ours.precision, atol=0.02)


def test_the_vot_toolkit_reads_it(tmp_path):
    """The toolkit's own reader, where it is installed."""
    vot_results = pytest.importorskip("vot.tracker.results")
    from vot.region import Special
    from vot.region.shapes import Rectangle
    from vot.workspace.storage import LocalStorage

    seconds = [{"Deer": np.full(71, 0.01)}]
    (folder,) = write_vot([exported([{"Deer": walk(71)}], seconds)], tmp_path)
    results = vot_results.Results(LocalStorage(str(folder / "Deer")))
    trajectory = vot_results.Trajectory.read(results, "Deer_001")
    assert len(trajectory) == 71
    assert isinstance(trajectory.region(0), Special)
    region = trajectory.region(70)
    assert isinstance(region, Rectangle)
    box = [region.x, region.y, region.width, region.height]
    np.testing.assert_allclose(box, walk(71)[70], atol=1e-2)
    assert trajectory.properties(5) == {"time": pytest.approx(0.01)}


def test_every_task_has_a_name_of_its_own_there():
    from mfst_lib.evaluation.exports import _got10k_name

    assert len({_got10k_name(task) for task in tasks()}) == 51
