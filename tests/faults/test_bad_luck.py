"""Bad luck of every kind: full disks, two processes, odd names, odd frames, long videos."""

import errno
import logging
import os
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest
from fake_engine import FakeEngine

from mfst_lib import files
from mfst_lib.config import preset
from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation import run
from mfst_lib.evaluation.run import check_writable, file_name, plan, run_all
from mfst_lib.evaluation.track import check_output, track
from mfst_lib.locks import alone_in
from mfst_lib.sequences.frames import ImageFrames, VideoFrames
from mfst_lib.sequences.otb import load_otb
from mfst_lib.show.video import VideoWriter, write_video
from mfst_lib.tracker import FMST

LONG = "ä" * 90 + " " + "x" * 19  # 200 bytes
NAMES = ["two words", "Żółw_🦊", "x" * 200, LONG, "100%d #1 (copy)"]
CONFIG = preset("default", candidates=20)


def fake_tracker(**changes):
    return FMST(CONFIG.replace(**changes), engine=FakeEngine())


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_of_folders_and_files_work(name, tmp_path, make_otb):
    folder = make_otb(tmp_path / name, 3, groundtruth_rect="5,5,4,4\n" * 3)
    assert load_otb(folder).frames[2].shape == (12, 16, 3)
    video = tmp_path / f"{name[:190]}.mp4"
    write_video(video, [np.zeros((16, 16, 3), np.uint8)] * 3)
    assert len(VideoFrames(video)) == 3
    files.write_text_atomically(tmp_path / f"{name}.csv", "a")
    assert (tmp_path / f"{name}.csv").read_text() == "a"


@pytest.mark.parametrize(
    "task", [*NAMES, "lab:twins", "./a/" + "b/" * 200, 'a:b*c?"<>|\\d', "x" * 999]
)
def test_every_task_has_a_file_name_for_every_system(task):
    name = file_name(task)
    assert 0 < len(name.encode()) <= run.LONGEST_NAME
    assert not set(name) & set('<>:"/\\|?*')
    assert file_name("y" * 300 + "1") != file_name("y" * 300 + "2")


def test_a_full_disk_is_told_and_nothing_half_is_left(tmp_path, monkeypatch):
    def full(self, data):
        self.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))

    monkeypatch.setattr(files.Path, "write_bytes", full)
    with pytest.raises(InvalidInput, match=r"cannot write .*a\.csv \(No space left"):
        files.write_text_atomically(tmp_path / "a.csv", "text")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of 64 KiB, where the system lets us make one."""
    place = tmp_path / "disk"
    place.mkdir()
    make = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    try:
        done = subprocess.run(make, capture_output=True, check=False)
    except OSError:
        pytest.skip("no mount here")
    if done.returncode:
        pytest.skip("not allowed to mount a file system")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_is_really_full(tiny_disk):
    files.write_bytes_atomically(tiny_disk / "small", b"old")
    with pytest.raises(InvalidInput, match="No space left"):
        files.write_bytes_atomically(tiny_disk / "small", bytes(200_000))
    assert (tiny_disk / "small").read_bytes() == b"old"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    with pytest.raises(InvalidInput, match="is the disk full"):
        write_video(tiny_disk / "a.avi", [noise] * 60)
    assert [path.name for path in tiny_disk.iterdir()] == ["small"]


def test_a_video_that_lacks_frames_is_not_kept(tmp_path):
    writer = VideoWriter(tmp_path / "a.avi")
    with pytest.raises(InvalidInput, match=r"a\.avi: 2 of 3 frames"), writer:
        for number in range(3):
            writer.write(np.zeros((16, 16, 3), np.uint8))
            if number == 1:  # from here on the disk is full, and OpenCV says nothing
                writer._writer = Mute(writer._writer)
    assert list(tmp_path.iterdir()) == []


class Mute:
    """A video writer that loses what it is given."""

    def __init__(self, real):
        self.release = real.release

    def write(self, image):
        pass


def test_a_folder_that_may_not_be_written_is_told_before_the_work(tmp_path, monkeypatch):
    def refused(self, **_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))

    monkeypatch.setattr(Path, "touch", refused)
    with pytest.raises(InvalidInput, match="Read-only file system"):
        check_writable(tmp_path)
    with pytest.raises(InvalidInput, match="Read-only file system"):
        check_output(tmp_path / "boxes.csv")


HOLD = """
import sys, time
from pathlib import Path
from mfst_lib.locks import alone_in
folder = Path(sys.argv[1])
with alone_in(folder):
    print("ready", flush=True)
    time.sleep(1.0)
    (folder / "done").touch()
"""


def test_the_second_process_in_a_folder_waits_and_says_so(tmp_path, caplog):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "ready\n"
        with caplog.at_level(logging.WARNING), alone_in(tmp_path):
            assert (tmp_path / "done").exists(), "the other one has ended"
    assert f"another process works in {tmp_path}: waiting" in caplog.text


def test_the_lock_is_free_again_and_remains_of_a_killed_process_are_gone(tmp_path):
    (tmp_path / "seed0").mkdir()
    (tmp_path / "seed0" / ".a.json.0123.tmp").write_text("half")
    for _ in range(2):
        with alone_in(tmp_path):
            assert not list(tmp_path.rglob("*.tmp"))
    with pytest.raises(ZeroDivisionError), alone_in(tmp_path):
        _ = 1 / 0
    with alone_in(tmp_path):
        pass


def test_a_clock_that_jumps_changes_nothing(tmp_path, make_otb, monkeypatch):
    make_otb(tmp_path / "Cat", 4, groundtruth_rect="5,5,4,4\n" * 4)
    monkeypatch.setattr(run, "shared_engine", lambda *_: FakeEngine())
    outcomes = []
    for out in ("steady", "jumping"):
        jobs = plan(["Cat"], "mine", [CONFIG], tmp_path / out, str(tmp_path))
        outcomes += run_all(jobs)
        jumps = iter([1e9, 0.0, 2e9, -1.0] * 999)
        monkeypatch.setattr(time, "time", lambda jumps=jumps: next(jumps))
    steady, jumping = outcomes
    np.testing.assert_array_equal(steady.boxes, jumping.boxes)
    assert (jumping.times_ms >= 0).all()


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 300, 3), (4320, 7680, 3)])
def test_frames_of_any_size_are_tracked(shape):
    image = np.zeros(shape, np.uint8)
    height, width = shape[:2]
    tracker = fake_tracker()
    tracker.init(image, (0, 0, max(1, width // 4), max(1, height // 4)))
    _, box = tracker.update(image)
    assert np.isfinite(box).all() and (box[2:] > 0).all()


def test_frames_that_change_size_in_mid_video():
    rng = np.random.default_rng(0)
    sizes = [(48, 64), (48, 64), (480, 640), (1, 1), (64, 48), (48, 64)]
    frames = [rng.integers(0, 256, (*size, 3), np.uint8) for size in sizes]
    result = track(fake_tracker(), frames, (10, 10, 20, 20))
    assert np.isfinite(result.boxes).all() and len(result.boxes) == len(sizes)


def test_images_that_change_size_or_vanish_are_told(tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for path, side in zip(paths, (8, 9), strict=False):
        cv2.imwrite(str(path), np.zeros((side, side, 3), np.uint8))
    frames = ImageFrames(paths)
    assert [frames[0].shape, frames[1].shape] == [(8, 8, 3), (9, 9, 3)]
    with pytest.raises(FileNotFoundError, match=r"2\.png is not there"):
        frames[2]


class Still:
    """A tracker that costs nothing, so that an endless video is soon over."""

    def init(self, image, box):
        self.box = np.asarray(box, dtype=np.float64)

    def update(self, image):
        return True, self.box.copy()


def test_the_memory_for_a_ten_hour_video_is_bounded():
    image = np.zeros((4, 4, 3), np.uint8)

    def grown(count):
        tracemalloc.start()
        track(Still(), (image for _ in range(count)), (0, 0, 2, 2))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    each = (grown(12_000) - grown(2_000)) / 10_000
    # Ten hours at 25 frames a second are 900,000 frames: below 150 bytes each, 135 MB.
    assert each < 150, f"{each:.0f} bytes a frame"


def test_the_tracker_itself_keeps_nothing_of_past_frames():
    image = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    engine = FakeEngine()
    tracker = FMST(CONFIG, engine=engine)
    tracker.init(image, (5, 5, 20, 20))
    sizes = []
    tracemalloc.start()
    for number in range(60):
        tracker.update(image)
        engine.crops.clear()
        if number % 20 == 19:
            sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert sizes[-1] - sizes[0] < 20_000
