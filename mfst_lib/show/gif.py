"""Frames as an animated GIF of a few megabytes, however long the video."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np

from mfst_lib.errors import InvalidInput
from mfst_lib.files import write_bytes_atomically
from mfst_lib.show.frames import Image


class GifWriter:
    """Collects frames (H, W, 3) uint8 RGB; `save` writes them as a GIF that loops.

    At most `most` frames are kept, evenly spread: when there are more, every other one goes, and
    from then on every other one is taken. width: they are shrunk to this many pixels across.
    """

    def __init__(
        self, path: str | Path, fps: float = 25.0, most: int = 150, width: int = 320
    ) -> None:
        self.path = Path(path)
        if self.path.suffix.lower() != ".gif":
            raise InvalidInput(f"a GIF's name ends in .gif; got {self.path.name!r}")
        if most < 2:
            raise InvalidInput(f"a GIF needs room for two frames or more; got most={most}")
        self._fps, self._most, self._width = fps, most, width
        self._frames: list[Image] = []
        self._stride, self._seen = 1, 0

    def write(self, image: Image) -> None:
        """Take one frame, unless it falls between those that are kept."""
        if self._seen % self._stride == 0:
            if len(self._frames) == self._most:
                del self._frames[1::2]
                self._stride *= 2
            if self._seen % self._stride == 0:
                self._frames.append(self._shrunk(image))
        self._seen += 1

    def _shrunk(self, image: Image) -> Image:
        height, width = image.shape[:2]
        if width <= self._width:
            return image.copy()
        size = self._width, max(1, round(height * self._width / width))
        return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)

    def save(self) -> None:
        """Write the file. Raises `InvalidInput` without frames or where it cannot be written."""
        from PIL import Image as Pillow

        if not self._frames:
            raise InvalidInput("no frames for a GIF")
        first, *others = [Pillow.fromarray(frame).quantize(128) for frame in self._frames]
        content = io.BytesIO()
        # A GIF counts in hundredths of a second, and viewers slow down what is under two.
        pause = max(20, 10 * round(100 * self._stride / self._fps))
        first.save(content, "GIF", save_all=True, append_images=others, duration=pause, loop=0)
        write_bytes_atomically(self.path, content.getvalue())
