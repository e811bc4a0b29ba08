"""Frames as they come, from a camera or a video file, until there are no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import InvalidInput, NotFound

Image = NDArray[np.uint8]

#: A file may hold this much fewer frames than its header says without a word being lost on it.
HEADER_SLACK = 0.02


class Capture(Protocol):
    """What is needed of a `cv2.VideoCapture`."""

    def read(self) -> tuple[bool, Image | None]:
        """Whether there was another frame, and that frame, BGR."""
        ...

    def get(self, property: int, /) -> float:
        """A property by its number."""
        ...

    def release(self) -> None:
        """Let go of the device or file."""
        ...


class Stream:
    """The frames of a video file or of a camera, (H, W, 3) uint8 RGB, all of one size, once.

    A frame of another size than the first is scaled to it, so that boxes stay in one set of
    pixels. `fps` is the source's. `remarks` says in plain lines what was not as it should be: such
    a change, a camera that vanished, a file that ended early. Nothing is kept in memory but the
    present frame.
    """

    def __init__(self, name: str, capture: Capture, camera: bool = False) -> None:
        self.name, self.camera = name, camera
        self.remarks: list[str] = []
        self.count = 0
        self._capture = capture
        self._size: tuple[int, int] | None = None  # of the first frame: width, height
        said = float(capture.get(cv2.CAP_PROP_FPS))
        #: Frames per second as the source says; 25 when it says nothing that can be.
        self.fps = said if 1 <= said <= 240 else 25.0

    def __iter__(self) -> Iterator[Image]:
        try:
            while (frame := self._next()) is not None:
                self.count += 1
                yield frame
            self._say_why_it_ended()
        finally:
            self._capture.release()

    def _next(self) -> Image | None:
        """The next frame; None when none comes, for whatever reason."""
        try:
            good, image = self._capture.read()
        except cv2.error:  # a driver that loses its device may raise instead of saying no
            return None
        if not good or image is None or image.size == 0:
            return None
        return np.asarray(cv2.cvtColor(self._one_size(image), cv2.COLOR_BGR2RGB), dtype=np.uint8)

    def _one_size(self, image: Image) -> Image:
        """The image at the size of the first one."""
        size = image.shape[1], image.shape[0]
        if self._size is None:
            self._size = size
        if size == self._size:
            return image
        if not any("scaled" in remark for remark in self.remarks):
            self.remarks.append(
                f"frame {self.count} of {self.name} is {size[0]}x{size[1]}, the first was "
                f"{self._size[0]}x{self._size[1]}: scaled to that, here and from now on"
            )
        return np.asarray(cv2.resize(image, self._size), dtype=np.uint8)

    def _say_why_it_ended(self) -> None:
        if self.camera:
            self.remarks.append(
                f"{self.name} stopped after {self.count} frames (unplugged, or taken by another "
                "program?): what was tracked until then is kept"
            )
            return
        promised = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        if np.isfinite(promised) and self.count < promised * (1 - HEADER_SLACK) - 1:
            self.remarks.append(
                f"{self.name} ended after {self.count} frames, its header says {promised:.0f}: "
                "the file is cut off or damaged; what was tracked until then is kept"
            )


def open_stream(source: str | Path) -> Stream:
    """The stream of a camera, by its number (`0` is the first), or of a video file.

    Raises `NotFound` for a missing file, `InvalidInput` for what gives no frames.
    """
    text = str(source)
    if text.isdecimal() and not Path(text).is_file():
        return _opened(f"camera {text}", cv2.VideoCapture(int(text)), camera=True)
    if not Path(text).is_file():
        raise NotFound(f"no video file {text} (a camera is given by its number, as in 0)")
    return _opened(text, cv2.VideoCapture(text), camera=False)


def _opened(name: str, capture: cv2.VideoCapture, camera: bool) -> Stream:
    if capture.isOpened():
        return Stream(name, capture, camera)  # type: ignore[arg-type]
    capture.release()
    advice = (
        "is it plugged in, free, and may this program use it?"
        if camera
        else "OpenCV finds no video in it"
    )
    raise InvalidInput(f"{name} cannot be opened: {advice}")
