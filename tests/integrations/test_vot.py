"""The entry for the VOT toolkit: its loop with a stand-in protocol, and the toolkit's own test."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

ENTRY = Path(__file__).parents[2] / "integrations" / "vot"


class FakeServer:
    """A toolkit that starts the tracker, shows it one more frame, and says goodbye."""

    def __init__(self, path, told):
        self.told = told
        image = {"color": SimpleNamespace(path=lambda: str(path))}
        region = SimpleNamespace(bounds=lambda: (3.0, 4.0, 5.0, 6.0))
        self.requests = [
            SimpleNamespace(type="initialize", image=image, objects=[(region, {})]),
            SimpleNamespace(type="frame", image=image, objects=None),
            SimpleNamespace(type="quit"),
        ]

    def __call__(self, regions, images, tracker_name):
        assert (regions, images, tracker_name) == (["rectangle"], ["path"], "FMST")
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def wait(self):
        return self.requests.pop(0)

    def status(self, objects):
        self.told += objects


class FakeTracker:
    def __init__(self, config):
        self.seed = config.seed

    def init(self, image, box):
        assert image[0, 0].tolist() == [200, 0, 0], "RGB"
        self.box = box

    def update(self, image):
        return False, self.box + 1


def test_the_loop(tmp_path, monkeypatch):
    image = np.zeros((20, 20, 3), np.uint8)
    image[..., 2] = 200  # red in BGR
    cv2.imwrite(str(tmp_path / "1.png"), image)
    told = []
    server = FakeServer(tmp_path / "1.png", told)
    fake = SimpleNamespace(
        Server=server,
        server=SimpleNamespace(Request=None),
        Region=SimpleNamespace(RECTANGLE="rectangle"),
        Image=SimpleNamespace(PATH="path"),
        Rectangle=SimpleNamespace(create=lambda *box: box),
        TraxStatus=SimpleNamespace(INITIALIZE="initialize", FRAME="frame"),
    )
    monkeypatch.setitem(sys.modules, "trax", fake)
    spec = importlib.util.spec_from_file_location("fmst_vot", ENTRY / "fmst_vot.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "FMST", FakeTracker)
    module.main()
    assert told == [
        ((3.0, 4.0, 5.0, 6.0), {"confidence": 1.0}),
        ((4.0, 5.0, 6.0, 7.0), {"confidence": 0.0}),
    ]


def test_the_toolkits_own_test():
    """`vot test FMST`, where the toolkit and its protocol are installed."""
    pytest.importorskip("trax")
    pytest.importorskip("vot")
    command = [sys.executable, "-m", "vot", "test", "FMST"]
    done = subprocess.run(
        command, cwd=ENTRY, capture_output=True, text=True, env={**os.environ}, timeout=600
    )
    assert "concluded" in done.stdout + done.stderr, done.stderr[-2000:]
