"""`mfst demo` as a user meets it, with and without a screen."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from mfst_lib.cli import demo as demo_file
from mfst_lib.evaluation.boxes_files import read_boxes_file
from mfst_lib.sequences import lab
from mfst_lib.sequences.frames import VideoFrames

QUICK = ["--set", "candidates=100"]
FILES = ["boxes.coco.json", "boxes.csv", "boxes.txt", "tracked.gif", "tracked.mp4"]


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("a video") / "my portrait.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20, (320, 240))
    for frame in lab.render("portrait").frames[:9]:
        writer.write(frame[..., ::-1])
    writer.release()
    return path


BOX = ",".join(f"{v:.1f}" for v in lab.render("portrait").boxes[0])


def mfst(*arguments, cwd, **variables):
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment.pop("MFST_DATA", None)
    command = [sys.executable, "-m", "mfst_lib", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env={**environment, **variables}, capture_output=True, text=True
    )


def test_without_a_screen_a_box_gives_every_file(video, tmp_path):
    done = mfst("demo", video, "--box", BOX, "--out", "my result", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    out = tmp_path / "my result"
    assert figures["frames"] == 9 and figures["remarks"] == []
    assert sorted(path.name for path in out.iterdir()) == FILES
    truth = lab.render("portrait").boxes[:9]
    rows = np.loadtxt(out / "boxes.csv", delimiter=",", skiprows=1)
    assert np.abs(rows[:, 1:5] - truth).max() < 25
    scored = read_boxes_file(out / "boxes.txt")["boxes"]
    np.testing.assert_allclose(scored, rows[:, 1:5], atol=0.011)
    film = VideoFrames(out / "tracked.mp4")
    assert len(film) == 9 and film[0].shape == (240, 320, 3)


def test_cocos_form(video, tmp_path):
    assert mfst("demo", video, "--box", BOX, "--frames", 3, cwd=tmp_path).returncode == 0
    content = json.loads((tmp_path / "demo" / "boxes.coco.json").read_text())
    assert [image["id"] for image in content["images"]] == [0, 1, 2]
    assert content["images"][0]["width"] == 320 and content["images"][0]["height"] == 240
    ids = {image["id"] for image in content["images"]}
    for one in content["annotations"]:
        assert one["image_id"] in ids and one["category_id"] == 1 and one["iscrowd"] == 0
        assert one["area"] == pytest.approx(one["bbox"][2] * one["bbox"][3], rel=1e-2)
    assert content["categories"] == [{"id": 1, "name": "target", "supercategory": "target"}]


def test_without_a_screen_and_a_box_the_error_says_use_box(video, tmp_path):
    for variables in ({}, {"DISPLAY": ":987"}):
        done = mfst("demo", video, cwd=tmp_path, **variables)
        assert done.returncode == 2
        assert "--box x,y,w,h" in done.stderr and "Traceback" not in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["no.mp4", "--box", BOX], "no video file"),
        (["93", "--box", BOX], "camera 93 cannot be opened"),
        (["lab:nowhere", "--box", BOX], "unknown lab sequence"),
    ],
)
def test_slips_end_with_one_line(arguments, says, tmp_path):
    done = mfst("demo", *arguments, cwd=tmp_path)
    assert done.returncode == 2 and says in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "demo").exists()


class Screen:
    """A window whose user draws a box and presses Q in the fourth frame."""

    def __init__(self, *_):
        self.shown, self.closed = 0, False

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        pass

    def draw_box(self, image):
        return np.array([float(v) for v in BOX.split(",")])

    def show(self, image):
        self.shown += 1
        self.closed = self.shown == 4

    def while_open(self, frames):
        for frame in frames:
            if self.closed:
                return
            yield frame


def run_here(monkeypatch, tmp_path, source, *arguments):
    from typer.testing import CliRunner

    from mfst_lib.cli.app import app

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo_file, "_window", Screen)
    return CliRunner().invoke(app, ["demo", str(source), *QUICK, *arguments])


def test_a_drawn_box_is_followed_until_q(monkeypatch, tmp_path, video):
    done = run_here(monkeypatch, tmp_path, video)
    assert done.exit_code == 0, done.output
    assert "4 frames" in done.output and "demo" in done.output
    assert sorted(path.name for path in (tmp_path / "demo").iterdir()) == FILES


def test_a_camera_that_vanishes_leaves_what_was_tracked(monkeypatch, tmp_path):
    from mfst_lib.sequences import stream

    frames = [frame[..., ::-1] for frame in lab.render("portrait").frames[:3]]
    frames.append(cv2.resize(frames[-1], (160, 120)))  # and it changes its mind about the size

    class Camera:
        isOpened = staticmethod(lambda: True)
        get = staticmethod(lambda number: 0.0)
        release = staticmethod(lambda: None)

        def read(self):
            return (True, frames.pop(0)) if frames else (False, None)

    with monkeypatch.context() as plugged_in:
        real = stream.cv2.VideoCapture  # the video that is written is read back
        plugged_in.setattr(
            stream.cv2, "VideoCapture", lambda what: Camera() if what == 0 else real(what)
        )
        done = run_here(monkeypatch, tmp_path, "0", "--box", BOX)
    assert done.exit_code == 0, done.output
    assert "camera 0 stopped after 4 frames" in done.output + done.stderr
    assert "160x120, the first was 320x240" in done.output + done.stderr
    rows = np.loadtxt(tmp_path / "demo" / "boxes.csv", delimiter=",", skiprows=1)
    assert len(rows) == 4 and len(VideoFrames(tmp_path / "demo" / "tracked.mp4")) == 4


def test_the_first_ctrl_c_ends_gently_and_the_second_breaks_off(capsys):
    import signal

    from mfst_lib.cli.terminal import stopped_gently

    before = signal.getsignal(signal.SIGINT)
    taken = []
    with stopped_gently() as gently:
        for item in gently(range(9)):
            taken.append(item)
            if item == 3:
                signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert taken == [0, 1, 2, 3] and signal.getsignal(signal.SIGINT) is before
    assert "what was tracked until then is kept" in capsys.readouterr().err
