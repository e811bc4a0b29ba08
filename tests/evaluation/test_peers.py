"""Tests of mfst_lib.evaluation.peers: OpenCV's trackers as ours."""

import json

import cv2
import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation import peers
from mfst_lib.evaluation.evaluate import evaluate
from mfst_lib.evaluation.peers import OpenCVTracker, PeerConfig, peer_config
from mfst_lib.evaluation.results import load_result
from mfst_lib.sequences.otb import write_boxes

needs_mil = pytest.mark.skipif("mil" not in peers.installed(), reason="OpenCV without MIL")


def frames(count, step=3):
    """A red and blue square that moves over a grey ground."""
    rng = np.random.default_rng(0)
    ground = rng.integers(90, 110, (90, 120, 3), dtype=np.uint8)
    for number in range(count):
        image, x = ground.copy(), 20 + step * number
        image[30:54, x : x + 24] = (220, 30, 30)
        image[36:48, x + 6 : x + 18] = (30, 30, 220)
        yield image, [x, 30, 24, 24]


@needs_mil
def test_mil_follows_a_square():
    """Its random features are drawn by the clock: what it says differs from run to run."""
    tracker = OpenCVTracker(PeerConfig("mil"))
    for number, (image, box) in enumerate(frames(8)):
        if number == 0:
            tracker.init(image, box)
        else:
            seen, found = tracker.update(image)
            assert seen is True and found.shape == (4,)
    assert abs(found[0] - box[0]) < 20, "it moved 21 pixels, and stays within a box's width"


class Recorder:
    """What a tracker of OpenCV is given."""

    def __init__(self):
        self.images, self.box = [], None

    def init(self, image, box):
        self.images, self.box = [image], box

    def update(self, image):
        self.images.append(image)
        return True, (1, 2, 3, 4)


def test_opencv_gets_bgr_and_whole_pixels(monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(peers, "_maker", lambda name: lambda: recorder)
    tracker = OpenCVTracker(PeerConfig("mil"))
    image = np.zeros((20, 20, 3), np.uint8)
    image[..., 0] = 200  # red in RGB
    tracker.init(image, [1.6, 2.2, 5.5, 0.3])
    assert recorder.box == (2, 2, 6, 1)
    assert tracker.update(image)[1].tolist() == [1, 2, 3, 4]
    assert all(given[0, 0].tolist() == [0, 0, 200] for given in recorder.images)


def test_update_before_init():
    with pytest.raises(InvalidInput, match=r"update\(\) before init"):
        OpenCVTracker(PeerConfig("mil")).update(np.zeros((9, 9, 3), np.uint8))


def test_an_error_of_opencv_is_told(monkeypatch):
    class Broken(Recorder):
        def update(self, image):
            raise cv2.error("assertion failed")

    monkeypatch.setattr(peers, "_maker", lambda name: Broken)
    tracker = OpenCVTracker(PeerConfig("mil"))
    tracker.init(np.zeros((20, 20, 3), np.uint8), [1, 2, 5, 5])
    with pytest.raises(InvalidInput, match="OpenCV's mil broke off: assertion failed"):
        tracker.update(np.zeros((20, 20, 3), np.uint8))


def test_names():
    with pytest.raises(InvalidInput, match="did you mean csrt"):
        peer_config("opencv:crst")
    assert set(peers.installed()) <= set(peers.MAKERS)


def test_one_that_this_wheel_has_not(monkeypatch):
    monkeypatch.setitem(peers.MAKERS, "tld", ("no.such_create",))
    with pytest.raises(InvalidInput, match="has no opencv:tld, only .*opencv-contrib-python"):
        peer_config("opencv:tld")


def test_settings_come_back_and_tell_versions_apart():
    config = PeerConfig("mil", seed=2)
    assert PeerConfig.from_dict(config.to_dict()) == config
    assert len({config.hash(), config.replace(seed=1).hash(), PeerConfig("csrt", 2).hash()}) == 3
    assert config.replace(version="4.0").hash() != config.hash()
    with pytest.raises(InvalidInput, match="no settings of an OpenCV tracker"):
        PeerConfig.from_dict({"tracker": "opencv:mil"})


def write_sequence(folder, count):
    """An OTB folder of the moving square: in images of a few pixels MIL searches for ever."""
    (folder / "img").mkdir(parents=True)
    boxes = []
    for number, (image, box) in enumerate(frames(count), start=1):
        cv2.imwrite(str(folder / "img" / f"{number:04d}.png"), image)
        boxes.append(box)
    write_boxes(folder / "groundtruth_rect.txt", boxes)


@needs_mil
def test_a_peer_leaves_the_same_files_as_we_do(tmp_path):
    for name in ("Cat", "Dog"):
        write_sequence(tmp_path / "data" / name, 3)

    def run():
        configs = [PeerConfig("mil", seed) for seed in (0, 1)]
        out, root = tmp_path / "out", str(tmp_path / "data")
        return evaluate(["Cat", "Dog"], "opencv", configs, out, root=root)

    summary = run()
    folder = tmp_path / "out" / "opencv-mil"
    assert summary["tasks"] == 2 and summary["config"]["tracker"] == "opencv:mil"
    assert (folder / "boxes-seed1.npz").is_file()
    paths = sorted(folder.glob("seed*/*.json"))
    assert len(paths) == 4
    assert load_result(paths[0]).weights == f"opencv {cv2.__version__}"
    made = [path.stat().st_mtime_ns for path in paths]
    assert run()["auc"] == summary["auc"]
    assert [path.stat().st_mtime_ns for path in paths] == made
    content = json.loads((folder / "summary.json").read_text())
    content["config"]["version"] = "3.0"
    (folder / "summary.json").write_text(json.dumps(content))
    assert run()["config"]["version"] == cv2.__version__
