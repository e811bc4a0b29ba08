"""A sequence: frames, and the box of the target in each of them."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import InvalidInput


@dataclass(frozen=True)
class Sequence:
    """Frames with ground truth.

    frames: T images, (H, W, 3) uint8 RGB, decoded when asked for by index.
    boxes: (T, 4) float64, (x, y, w, h), top-left corner in 0-based pixels.
    attributes: VTB13's tags (IV, SV, OCC, DEF, MB, FM, IPR, OPR, OV, BC, LR).
    Raises `InvalidInput` when frames and boxes do not pair up.
    """

    name: str
    frames: SequenceOf[NDArray[np.uint8]]
    boxes: NDArray[np.float64]
    attributes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.boxes.ndim != 2 or self.boxes.shape[1] != 4:
            raise InvalidInput(f"{self.name}: boxes are (T, 4); got {self.boxes.shape}")
        if len(self.frames) != len(self.boxes):
            raise InvalidInput(
                f"{self.name}: {len(self.frames)} frames but {len(self.boxes)} ground-truth rows"
            )
        if len(self.frames) == 0:
            raise InvalidInput(f"{self.name}: a sequence needs at least one frame")

    def __len__(self) -> int:
        return len(self.frames)

    def first(self, count: int | None) -> Sequence:
        """The sequence's first frames, decoding none; all of them for None."""
        if count is None:
            return self
        if count < 1:
            raise InvalidInput(f"{self.name}: at least one frame is needed; got {count}")
        return replace(self, frames=self.frames[:count], boxes=self.boxes[:count])

    def since(self, start: int) -> Sequence:
        """The sequence from frame number `start` on, decoding none."""
        if not 0 <= start < len(self):
            raise InvalidInput(f"{self.name} has frames 0 to {len(self) - 1}; got {start}")
        return replace(self, frames=self.frames[start:], boxes=self.boxes[start:])
