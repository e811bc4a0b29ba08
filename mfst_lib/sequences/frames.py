"""Frames that are decoded when asked for: a list of image files, a video, or a part of either.

All are read-only sequences of (H, W, 3) uint8 RGB images and can be pickled, so that a sequence
travels to a worker process as a few file names.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator
from collections.abc import Sequence as SequenceOf
from pathlib import Path
from typing import Any, TypeAlias, overload

import cv2
import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.images import as_rgb

Image: TypeAlias = NDArray[np.uint8]

IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".pgm", ".ppm"}

#: A frame at most this far ahead is reached by decoding, which is then cheaper than a seek.
NEAR = 32


def list_images(folder: str | Path) -> list[Path]:
    """The image files of a folder in natural order: 9.jpg before 10.jpg; hidden files left out.

    Raises `NotFound` when there is no such folder.
    """
    if not Path(folder).is_dir():
        raise NotFound(f"no folder {folder}")
    images = [
        path
        for path in Path(folder).iterdir()
        if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")
    ]
    return sorted(images, key=natural_key)


def natural_key(path: Path) -> list[tuple[str, int]]:
    """A sorting key in which numbers inside a name count as numbers, and come before letters."""
    parts = re.findall(r"(\d+)|(\D+)", path.name)
    return [(text, int(number or 0)) for number, text in parts]


class Frames(SequenceOf[Image]):
    """What the containers share: checked integer indices, and slices that decode nothing."""

    @overload
    def __getitem__(self, index: int) -> Image: ...
    @overload
    def __getitem__(self, index: slice) -> FrameRange: ...
    def __getitem__(self, index: int | slice) -> Image | FrameRange:
        """One decoded frame, or a lazy part of the frames for a slice."""
        if isinstance(index, slice):
            return FrameRange(self, range(len(self))[index])
        try:
            return self.decode(range(len(self))[index])
        except IndexError:
            raise IndexError(f"frame {index} asked for, there are {len(self)}") from None

    @abstractmethod
    def decode(self, index: int) -> Image:
        """Frame `index`, 0 ≤ index < len(self), (H, W, 3) uint8 RGB."""


class FrameRange(Frames):
    """Some of the frames of a container, by index; still decoded when asked for."""

    def __init__(self, frames: SequenceOf[Image], indices: range) -> None:
        self.frames, self.indices = frames, indices

    def __len__(self) -> int:
        return len(self.indices)

    def decode(self, index: int) -> Image:
        return self.frames[self.indices[index]]


class ImageFrames(Frames):
    """One image file per frame.

    Raises, when a frame is asked for, `NotFound` for a missing file and `InvalidInput` for one
    that is no image or has 16 bits per channel; both name the file and the frame.
    """

    def __init__(self, paths: SequenceOf[str | Path]) -> None:
        self.paths = [Path(path) for path in paths]

    def __len__(self) -> int:
        return len(self.paths)

    def decode(self, index: int) -> Image:
        where = f"frame {index}: {self.paths[index]}"
        try:
            # cv2.imread fails on Windows for a path beyond ASCII; NumPy reads any.
            data = np.fromfile(self.paths[index], dtype=np.uint8)
        except FileNotFoundError:
            raise NotFound(f"{where} is not there") from None
        # Any depth: otherwise OpenCV would quietly squeeze 16 bits into 8.
        flags = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH
        try:
            image = cv2.imdecode(data, flags) if data.size else None
        except cv2.error as error:  # a header that promises more pixels than OpenCV takes
            raise InvalidInput(f"{where} does not decode as an image ({error.err})") from None
        if image is None:
            raise InvalidInput(f"{where} does not decode as an image ({data.size} bytes)")
        try:
            return as_rgb(image[..., ::-1])
        except InvalidInput as error:
            raise InvalidInput(f"{where}: {error}") from None


class VideoFrames(Frames):
    """The frames of a video file, in any format that OpenCV reads.

    In order they cost one decoding each; a jump costs a seek or a decoding from the start.
    `len` decodes the video once, because headers lie; a plain `for` loop does without.
    Raises `NotFound` for a missing file, `InvalidInput` for one without a video frame.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._capture: cv2.VideoCapture | None = None  # open only while frames are being read
        self._next = 0  # index of the frame that the capture delivers next
        self._times: list[float] | None = None  # of every frame, in milliseconds
        if not self.path.is_file():
            raise NotFound(f"no video file {self.path}")
        capture = open_video(self.path)
        if not capture.grab():
            raise InvalidInput(f"{self.path} has no frame that decodes")
        capture.release()

    def __len__(self) -> int:
        return len(self._frame_times())

    def __iter__(self) -> Iterator[Image]:
        """The frames in order, without counting them first."""
        capture = open_video(self.path)
        while (answer := capture.read())[0]:
            yield cv2.cvtColor(answer[1], cv2.COLOR_BGR2RGB)  # type: ignore[misc]
        capture.release()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_capture": None, "_next": 0}

    def close(self) -> None:
        """Release the file; the next frame asked for opens it again."""
        if self._capture is not None:
            self._capture.release()
        self._capture, self._next = None, 0

    def decode(self, index: int) -> Image:
        good, image = self._before(index).read()
        self._next += 1
        if not good:
            raise InvalidInput(f"frame {index} of {self.path} does not decode")
        if self._next == len(self):
            self.close()
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)

    def _before(self, index: int) -> cv2.VideoCapture:
        """The capture, moved so that it delivers frame `index` next."""
        if self._capture is None or not 0 <= index - self._next <= NEAR:
            self._capture = self._jump(index)
        while self._next < index and self._capture.grab():
            self._next += 1
        return self._capture

    def _jump(self, index: int) -> cv2.VideoCapture:
        """A capture before frame `index`, or before the first when a seek cannot be trusted.

        Seeks are known to land beside their target. One counts as exact when the frame before
        the target has the time that it had when all frames were counted.
        """
        self.close()
        capture, times = open_video(self.path), self._frame_times()
        if index <= NEAR or not np.all(np.diff(times) > 0):
            return capture
        capture.set(cv2.CAP_PROP_POS_FRAMES, index - 1)
        if not capture.grab() or capture.get(cv2.CAP_PROP_POS_MSEC) != times[index - 1]:
            return open_video(self.path)
        self._next = index
        return capture

    def _frame_times(self) -> list[float]:
        """The time of every frame that decodes, found by decoding them all, once."""
        if self._times is None:
            capture, times = open_video(self.path), []
            while capture.grab():
                times.append(capture.get(cv2.CAP_PROP_POS_MSEC))
            capture.release()
            self._times = times
        return self._times


def open_video(path: Path) -> cv2.VideoCapture:
    """An opened capture; `InvalidInput` when OpenCV finds no video in the file."""
    capture = cv2.VideoCapture(str(path))
    if not capture.isOpened():
        raise InvalidInput(f"{path} is not a video that OpenCV can read")
    return capture
