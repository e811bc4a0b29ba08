"""Boxes drawn into frames, and frames written as a video."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.errors import InvalidInput
from mfst_lib.files import move

Image = NDArray[np.uint8]

#: RGB. Green as in the paper's figures for the truth, red for a tracker's box.
TRUTH_COLOUR = (0, 200, 80)
TRACKER_COLOUR = (230, 60, 40)


def draw_box(
    image: Image, box: ArrayLike, colour: tuple[int, int, int] = TRACKER_COLOUR, thickness: int = 2
) -> Image:
    """A copy of the image (H, W, 3) with the box x, y, w, h drawn in it."""
    picture = np.ascontiguousarray(image).copy()
    x, y, w, h = np.clip(np.asarray(box, dtype=np.float64), -1e4, 1e4)
    corners = [(round(float(x)), round(float(y))), (round(float(x + w)), round(float(y + h)))]
    cv2.rectangle(picture, corners[0], corners[1], colour, thickness, cv2.LINE_AA)
    return picture


class VideoWriter:
    """Writes RGB frames of one size to an .mp4 or .avi file that appears only when it is whole.

    Use as a context manager. A frame of another size is scaled to the first one's. Raises
    `InvalidInput` when the file cannot be written.
    """

    CODECS = {".mp4": "mp4v", ".avi": "MJPG"}  # noqa: RUF012

    def __init__(self, path: str | Path, fps: float = 25.0) -> None:
        self.path = Path(path)
        if self.path.suffix.lower() not in self.CODECS:
            kinds = " or ".join(self.CODECS)
            raise InvalidInput(f"a video is written as {kinds}; got {self.path.name!r}")
        if not self.path.parent.is_dir():
            raise InvalidInput(f"cannot write {self.path}: {self.path.parent} is not a folder")
        self._fps = fps
        self._part = self.path.with_name(f".{self.path.stem}.part{self.path.suffix}")
        self._writer: cv2.VideoWriter | None = None
        self._size = (0, 0)
        self._count = 0

    def __enter__(self) -> VideoWriter:
        return self

    def write(self, image: Image) -> None:
        """Append one frame (H, W, 3) uint8 RGB."""
        if self._writer is None:
            self._open(image)
        assert self._writer is not None
        if image.shape[1::-1] != self._size:
            image = cv2.resize(image, self._size)  # type: ignore[assignment]
        self._writer.write(image[..., ::-1])
        self._count += 1

    def _open(self, image: Image) -> None:
        self._size = (image.shape[1], image.shape[0])
        codec = cv2.VideoWriter.fourcc(*self.CODECS[self.path.suffix.lower()])
        self._writer = cv2.VideoWriter(str(self._part), codec, self._fps, self._size)
        if not self._writer.isOpened():
            raise InvalidInput(f"cannot write a video to {self.path}: OpenCV could not open it")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.release()
        try:
            if kind is None and self._writer is not None:
                self._check_whole()
                move(self._part, self.path)
        finally:
            self._part.unlink(missing_ok=True)

    def _check_whole(self) -> None:
        """OpenCV does not tell when a write fails, and headers lie: decode what is there."""
        capture, found = cv2.VideoCapture(str(self._part)), 0
        while capture.grab():
            found += 1
        capture.release()
        if found < self._count:
            raise InvalidInput(
                f"cannot write {self.path}: {found} of {self._count} frames are in it; "
                "is the disk full?"
            )


def write_video(path: str | Path, frames: Iterable[Image], fps: float = 25.0) -> None:
    """Write frames (H, W, 3) uint8 RGB as a video; see `VideoWriter`."""
    with VideoWriter(path, fps) as video:
        for frame in frames:
            video.write(frame)
