"""`FMST` where an OpenCV tracker stands, and what it says about its own box."""

import cv2
import numpy as np
import pytest
from fake_engine import FakeEngine

from mfst_lib import FMST, TrackerConfig
from mfst_lib.boxes import iou
from mfst_lib.confidence.calibration import Calibration, blank, save_calibration
from mfst_lib.confidence.evidence import NAMES
from mfst_lib.confidence.judge import Judge
from mfst_lib.errors import InvalidInput

SMALL = TrackerConfig(input_size=56, map_size=56, candidates=150, sigma_xy=0.2)
START = (40, 30, 16, 12)


def film(count=6, gone=(), back=(40, 30)):
    """A red patch over noise, RGB; hidden in the frames `gone`, elsewhere after them."""
    ground = np.random.default_rng(0).integers(0, 100, (90, 120, 3), dtype=np.uint8)
    frames = []
    for t in range(count):
        frame = ground.copy()
        x, y = back if gone and t > max(gone) else (40, 30)
        if t not in gone:
            frame[y : y + 12, x : x + 16] = (230, 40, 40)
        frames.append(frame)
    return frames


def strict_calibration(config=SMALL):
    """Sure while the maps of the first frame are as bright in the box as they were."""
    names = ("strength",)
    one = np.ones(1)
    return Calibration(names, -0.5 * one, 0.2 * one, 3 * one, 0.0, 0.5, config.to_dict())


def test_bgr_images_give_the_boxes_that_rgb_images_give():
    rgb, bgr = FMST(SMALL, engine=FakeEngine()), FMST(SMALL, colours="bgr", engine=FakeEngine())
    frames = film()
    rgb.init(frames[0], START)
    bgr.init(frames[0][..., ::-1], START)
    for frame in frames[1:]:
        _, box = rgb.update(frame)
        _, whole = bgr.update(frame[..., ::-1])
        assert (bgr.box == box).all()
        assert whole == tuple(round(v) for v in box)
        assert all(type(v) is int for v in whole)


def test_another_order_of_colours_is_refused():
    with pytest.raises(InvalidInput, match="order of colours 'brg'"):
        FMST(SMALL, colours="brg", engine=FakeEngine())


@pytest.mark.parametrize(
    "box", [(40, 30, 16, 12), [40, 30, 16, 12], np.array([40, 30, 16, 12]), (40.0, 30.5, 16, 12)]
)
def test_boxes_of_every_type_that_opencv_takes(box):
    tracker = FMST(SMALL, colours="bgr", engine=FakeEngine())
    tracker.init(film()[0], box)
    assert tracker.update(film()[1])[1]


def test_opencvs_own_sample_loop(tmp_path):
    """The loop of OpenCV's samples/python/tracker.py, without its window."""
    path = str(tmp_path / "film.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 25, (120, 90))
    for frame in film(8):
        writer.write(frame[..., ::-1])
    writer.release()

    tracker = FMST(SMALL, colours="bgr", engine=FakeEngine())
    tracker.judge = Judge(strict_calibration())
    camera = cv2.VideoCapture(path)
    ok, image = camera.read()
    bbox = (40, 30, 16, 12)  # where the sample calls cv2.selectROI
    tracker.init(image, bbox)
    drawn = 0
    while camera.isOpened():
        ok, image = camera.read()
        if not ok:
            break
        ok, newbox = tracker.update(image)
        if ok:
            cv2.rectangle(image, newbox, (200, 0, 0))
            drawn += 1
        assert 0 <= tracker.getTrackingScore() <= 1
    assert drawn == 7


def test_many_objects_share_one_engine():
    frames = film()
    for frame in frames:
        frame[60:70, 80:90] = (20, 220, 220)
    engine = FakeEngine()
    starts = {"red": START, "blue": (80, 60, 10, 10)}
    trackers = {name: FMST(SMALL, engine=engine) for name in starts}
    for name, box in starts.items():
        trackers[name].init(frames[0], box)
    for frame in frames[1:]:
        found = {name: tracker.update(frame)[1] for name, tracker in trackers.items()}
    for name, box in starts.items():
        assert iou(found[name], np.array(box, float)) > 0.4
        alone = FMST(SMALL, engine=FakeEngine())
        alone.init(frames[0], box)
        for frame in frames[1:]:
            _, last = alone.update(frame)
        assert (found[name] == last).all(), "one does not disturb the other"


def test_a_score_before_init_or_without_a_calibration_is_refused():
    tracker = FMST(SMALL, engine=FakeEngine())
    assert tracker.judge is None
    with pytest.raises(InvalidInput, match="before init"):
        tracker.getTrackingScore()
    with pytest.raises(InvalidInput, match="before init"):
        _ = tracker.box
    tracker.init(film()[0], START)
    with pytest.raises(InvalidInput, match="no calibration fits"):
        tracker.getTrackingScore()


def test_confidence_falls_when_the_target_is_gone_and_ok_says_so(tmp_path):
    save_calibration(strict_calibration(), tmp_path / "strict.json")
    config = SMALL.replace(confidence=str(tmp_path / "strict.json"))
    tracker = FMST(config, engine=FakeEngine())
    frames = film(10, gone=range(5, 10))
    tracker.init(frames[0], START)
    assert tracker.getTrackingScore() == 1
    oks = [tracker.update(frame)[0] for frame in frames[1:]]
    assert oks == [True] * 4 + [False] * 5
    assert tracker.confidence < 0.5


def test_a_calibration_changes_no_box():
    frames = film(8, gone=(4, 5))
    boxes = []
    for judge in (None, Judge(blank(SMALL)), Judge(strict_calibration())):
        tracker = FMST(SMALL, engine=FakeEngine())
        tracker.judge = judge
        tracker.init(frames[0], START)
        boxes.append([tracker.update(frame)[1] for frame in frames[1:]])
    np.testing.assert_array_equal(boxes[0], boxes[1])
    np.testing.assert_array_equal(boxes[0], boxes[2])


def followed(config, frames):
    tracker = FMST(config, engine=FakeEngine())
    tracker.init(frames[0], START)
    answers = [tracker.update(frame) for frame in frames[1:]]
    return tracker, answers


@pytest.fixture
def strict(tmp_path):
    save_calibration(strict_calibration(), tmp_path / "strict.json")
    return SMALL.replace(confidence=str(tmp_path / "strict.json"))


def test_a_target_that_comes_back_elsewhere_is_found_again(strict):
    frames = film(40, gone=range(5, 15), back=(95, 70))
    there = np.array([95.0, 70, 16, 12])
    _, plain = followed(strict, frames)
    tracker, searching = followed(strict.replace(redetect=3), frames)
    assert iou(plain[-1][1], there) < 0.1, "it needs the search"
    assert iou(searching[-1][1], there) > 0.4 and searching[-1][0]
    assert not any(ok for ok, _ in searching[6:13]), "nothing is found while it is away"
    assert tracker.confidence > 0.5


def test_while_lost_nothing_is_learnt(strict):
    frames = film(12, gone=range(3, 12))
    tracker, _ = followed(strict.replace(redetect=2), frames[:3])
    before = [layer["S"].copy() for layer in tracker._averages]
    for frame in frames[4:]:
        assert not tracker.update(frame)[0]
    for layer, was in zip(tracker._averages, before, strict=True):
        assert (layer["S"] == was).all()


def test_without_losses_the_search_changes_nothing(strict):
    _, plain = followed(strict, film(8))
    _, searching = followed(strict.replace(redetect=5), film(8))
    np.testing.assert_array_equal([b for _, b in plain], [b for _, b in searching])


def test_redetection_needs_a_calibration():
    with pytest.raises(InvalidInput, match="redetect needs a calibration"):
        FMST(SMALL.replace(redetect=1), engine=FakeEngine())


def test_the_new_fields_leave_the_hashes_of_the_presets():
    assert SMALL.replace(redetect=0, confidence="auto").hash() == SMALL.hash()
    assert SMALL.replace(redetect=1).hash() != SMALL.hash()
    assert SMALL.replace(confidence="x.json").hash() != SMALL.hash()
    assert len(NAMES) == len(set(NAMES))
