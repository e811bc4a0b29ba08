"""A window in which a box is drawn with the mouse and tracking is watched."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import InvalidInput
from mfst_lib.show.frames import Image

#: Keys that end the show, and the one that halts it until the next press.
QUIT, PAUSE = (ord("q"), 27), ord(" ")

#: What OpenCV's window system needs to be asked in a process of its own: where there is no
#: screen it may end the process instead of raising.
PROBE = "import cv2; cv2.namedWindow('probe'); cv2.destroyAllWindows()"

ADVICE = "without a screen give the box as --box x,y,w,h (and no --watch): nothing is shown then"


def check_screen() -> None:
    """Raise `InvalidInput`, which says to use --box, where no window can be opened."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", PROBE], capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise InvalidInput(f"no window can be opened here: {ADVICE}") from None
    if done.returncode != 0:
        raise InvalidInput(f"no window can be opened here: {ADVICE}")


class Window:
    """One window; use as a context manager, which closes it. Images are (H, W, 3) uint8 RGB.

    Raises `InvalidInput` where there is no screen.
    """

    def __init__(self, title: str = "mfst") -> None:
        check_screen()
        self.title = title
        self.closed = False

    def __enter__(self) -> Window:
        cv2.namedWindow(self.title, cv2.WINDOW_AUTOSIZE)
        return self

    def __exit__(self, *problem: object) -> None:
        cv2.destroyAllWindows()

    def draw_box(self, image: Image) -> NDArray[np.float64]:
        """The box x, y, w, h that the user draws with the mouse and confirms with Enter or Space.

        Raises `InvalidInput` when none was drawn.
        """
        box = cv2.selectROI(self.title, image[..., ::-1].copy(), showCrosshair=False)
        if min(box[2:]) <= 0:
            raise InvalidInput("no box was drawn: drag the mouse over the target, then press Enter")
        return np.array(box, dtype=np.float64)

    def show(self, image: Image) -> None:
        """Show a frame; Space halts until the next Space, Q, Escape or the cross end the show."""
        cv2.imshow(self.title, image[..., ::-1])
        key = cv2.waitKey(1) & 0xFF
        while key == PAUSE and (key := cv2.waitKey(50) & 0xFF) not in (PAUSE, *QUIT):
            key = PAUSE if self._is_open() else QUIT[0]
        self.closed = self.closed or key in QUIT or not self._is_open()

    def while_open(self, frames: Iterable[Image]) -> Iterator[Image]:
        """The frames, until the show was ended."""
        for frame in frames:
            if self.closed:
                return
            yield frame

    def _is_open(self) -> bool:
        return cv2.getWindowProperty(self.title, cv2.WND_PROP_VISIBLE) >= 1
