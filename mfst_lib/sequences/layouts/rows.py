"""What the layouts share: rows of numbers from text, and boxes of frames without a target."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.sequences.frames import Frames
from mfst_lib.sequences.sequence import Sequence

Boxes: TypeAlias = NDArray[np.float64]
Load: TypeAlias = Callable[[], Sequence]


def read_lines(path: Path) -> list[str]:
    """The lines of a text file without blank ones at its end; `NotFound` or `InvalidInput`."""
    if not path.is_file():
        raise NotFound(f"no file {path}")
    lines = path.read_text(encoding="utf-8-sig", errors="replace").rstrip().splitlines()
    if not lines:
        raise InvalidInput(f"{path} is empty: expected one line per frame")
    return lines


def numbers(line: str, where: str) -> list[float]:
    """The numbers of a line, parted by commas, blanks or semicolons; NaN where it says so."""
    try:
        values = [float(word) for word in re.split(r"[\s,;]+", line.strip().rstrip(",;")) if word]
    except ValueError:
        values = []
    if not values or any(math.isinf(value) for value in values):
        raise InvalidInput(f"{where}: expected numbers; got {line[:80]!r}")
    return values


def read_rectangles(path: Path) -> Boxes:
    """A file of x, y, w, h a line, (T, 4) float64, as it stands; `InvalidInput` names the line."""
    rows = []
    for count, line in enumerate(read_lines(path), start=1):
        row = numbers(line, f"{path}, line {count}")
        if len(row) != 4:
            raise InvalidInput(f"{path}, line {count}: expected x, y, w, h; got {line[:80]!r}")
        rows.append(row)
    return np.array(rows)


def read_flags(path: Path) -> NDArray[np.bool_]:
    """A file of flags, one a line or all on one line: which are not 0, (T,)."""
    lines = enumerate(read_lines(path), start=1)
    values = [v for count, line in lines for v in numbers(line, f"{path}, line {count}")]
    return np.array(values) != 0


def mark_absent(boxes: ArrayLike, absent: ArrayLike = False) -> Boxes:
    """The boxes, with NaN rows where the target is absent or the box has no area.

    boxes: (T, 4). absent: (T,) bool, or one for all. Frames with a NaN row are shown to the
    tracker and are not scored.
    """
    boxes = np.array(boxes, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        usable = np.isfinite(boxes).all(axis=1) & (boxes[:, 2:] > 0).all(axis=1)
    boxes[~usable | np.asarray(absent)] = np.nan
    return boxes


def checked(name: str, folder: Path, frames: Frames, boxes: Boxes) -> Sequence:
    """The sequence, if frames and boxes pair up and there is something to start from."""
    if len(frames) != len(boxes):
        hint = ": only the first box is published, nothing can be scored" if len(boxes) == 1 else ""
        raise InvalidInput(
            f"{folder}: {len(frames)} frames of {name} but {len(boxes)} ground-truth rows{hint}"
        )
    if not len(boxes) or np.isnan(boxes[0]).any():
        raise InvalidInput(f"{folder}: the first frame of {name} has no box to start from")
    return Sequence(name, frames, boxes)


def with_flags(boxes: Boxes, flags: NDArray[np.bool_], path: Path) -> Boxes:
    """The boxes without those of frames that a file flags; its length must be theirs."""
    if len(flags) != len(boxes):
        raise InvalidInput(f"{path}: {len(flags)} flags for {len(boxes)} ground-truth rows")
    return mark_absent(boxes, flags)
