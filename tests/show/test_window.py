"""The window, with hands that press keys and move a mouse where there is no screen."""

import json
import os
import subprocess
import sys
import threading
import time

import cv2
import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.show import window as window_file
from mfst_lib.show.window import Window, check_screen

FRAME = np.full((40, 60, 3), (10, 20, 30), np.uint8)


class Hands:
    """Stands for cv2's windows: presses the keys it is given, one a wait."""

    def __init__(self, monkeypatch, keys=(), box=(5, 6, 7, 8)):
        self.keys, self.box, self.shown, self.open = list(keys), box, [], True
        for name in ("namedWindow", "destroyAllWindows", "imshow", "waitKey", "selectROI"):
            monkeypatch.setattr(cv2, name, getattr(self, name))
        monkeypatch.setattr(cv2, "getWindowProperty", lambda *_: float(self.open))
        monkeypatch.setattr(window_file, "check_screen", lambda: None)

    def namedWindow(self, *_):
        self.open = True

    def destroyAllWindows(self):
        self.open = False

    def imshow(self, _, image):
        self.shown.append(image)

    def waitKey(self, _):
        return self.keys.pop(0) if self.keys else -1

    def selectROI(self, _, image, **__):
        self.shown.append(image)
        return self.box


def test_a_box_is_drawn_over_the_frame_in_opencvs_colours(monkeypatch):
    hands = Hands(monkeypatch)
    with Window() as window:
        assert window.draw_box(FRAME).tolist() == [5, 6, 7, 8]
    assert hands.shown[0][0, 0].tolist() == [30, 20, 10] and not hands.open


def test_no_box(monkeypatch):
    Hands(monkeypatch, box=(0, 0, 0, 0))
    with Window() as window, pytest.raises(InvalidInput, match="drag the mouse"):
        window.draw_box(FRAME)


@pytest.mark.parametrize("key", [ord("q"), 27])
def test_q_and_escape_end_the_show(monkeypatch, key):
    hands = Hands(monkeypatch, keys=[-1, -1, key])
    with Window() as window:
        for frame in window.while_open([FRAME] * 10):
            window.show(frame)
    assert len(hands.shown) == 3


def test_space_halts_until_the_next_space(monkeypatch):
    space = ord(" ")
    hands = Hands(monkeypatch, keys=[space, -1, -1, -1, space])
    with Window() as window:
        window.show(FRAME)
        assert hands.keys == [] and not window.closed


def test_q_ends_a_halt_too(monkeypatch):
    Hands(monkeypatch, keys=[ord(" "), -1, ord("q")])
    with Window() as window:
        window.show(FRAME)
        assert window.closed


def test_the_cross_ends_the_show_also_while_halted(monkeypatch):
    for keys in ([], [ord(" ")]):
        hands = Hands(monkeypatch, keys=keys)
        with Window() as window:
            hands.open = False
            window.show(FRAME)
            assert window.closed


def test_without_a_screen_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setattr(window_file, "PROBE", "raise SystemExit(1)")
    with pytest.raises(InvalidInput, match="--box x,y,w,h"):
        check_screen()
    monkeypatch.setattr(window_file, "PROBE", "import os; os.abort()")
    with pytest.raises(InvalidInput, match="--box x,y,w,h"):
        Window()


@pytest.fixture
def screen(monkeypatch):
    """A virtual screen, where Xvfb is installed."""
    pytest.importorskip("Xlib.ext.xtest", reason="python-xlib moves the mouse of a virtual screen")
    number = 90 + os.getpid() % 900
    try:
        server = subprocess.Popen(["Xvfb", f":{number}", "-screen", "0", "640x480x24"])
    except FileNotFoundError:
        pytest.skip("Xvfb gives a virtual screen")
    monkeypatch.setenv("DISPLAY", f":{number}")
    time.sleep(1)
    yield f":{number}"
    server.terminate()
    server.wait()


HAND = """
import sys, time
from Xlib import X, XK, display
from Xlib.ext import xtest
screen = display.Display()
def find(window, depth=0):
    try:
        if window.get_wm_name() == "probe":
            return window
    except Exception:
        pass
    for child in window.query_tree().children:
        found = find(child, depth + 1)
        if found:
            return found
for _ in range(200):
    target = find(screen.screen().root)
    if target: break
    time.sleep(0.05)
time.sleep(1.0)
corner = target.translate_coords(screen.screen().root, 0, 0)
x0, y0 = -corner.x, -corner.y
def move(x, y):
    xtest.fake_input(screen, X.MotionNotify, x=x0 + x, y=y0 + y); screen.sync(); time.sleep(0.2)
move(50, 40)
xtest.fake_input(screen, X.ButtonPress, 1); screen.sync(); time.sleep(0.2)
move(90, 60); move(150, 100)
xtest.fake_input(screen, X.ButtonRelease, 1); screen.sync(); time.sleep(0.3)
key = screen.keysym_to_keycode(XK.XK_Return)
xtest.fake_input(screen, X.KeyPress, key)
xtest.fake_input(screen, X.KeyRelease, key)
screen.sync()
"""


def test_a_real_window_and_a_real_mouse(screen):
    code = (
        "import numpy as np; from mfst_lib.show.window import Window\n"
        "with Window('probe') as window:\n"
        "    print(window.draw_box(np.zeros((200, 300, 3), np.uint8)).tolist())"
    )
    hand = threading.Thread(target=lambda: subprocess.run([sys.executable, "-c", HAND], timeout=40))
    hand.start()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    hand.join()
    assert done.returncode == 0, done.stderr
    _x, _y, w, h = json.loads(done.stdout.strip().splitlines()[-1])
    assert abs(w - 100) <= 2 and abs(h - 60) <= 2
