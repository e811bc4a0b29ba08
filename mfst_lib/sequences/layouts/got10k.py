"""GOT-10k: images and `groundtruth.txt` in one folder, beside labels of one number per frame.

Boxes are x, y, w, h and taken as they stand (0-based). A frame counts as without target where
`absence.label` is 1 or `cover.label`, the visible share in eighths, is 0: the benchmark leaves
those out too. Source: Huang, Zhao, Huang, "GOT-10k", TPAMI 2019.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from mfst_lib.sequences.frames import ImageFrames, list_images
from mfst_lib.sequences.layouts.rows import (
    Load,
    checked,
    mark_absent,
    read_flags,
    read_rectangles,
    with_flags,
)
from mfst_lib.sequences.sequence import Sequence

#: Any of these beside the ground truth tells the layout.
SIGNS = ("absence.label", "cover.label", "cut_by_image.label", "meta_info.ini")


def find(folder: Path) -> dict[str, Load]:
    """The folder's sequence when it has GOT-10k's form."""
    signed = folder.name.startswith("GOT-10k_") or any((folder / s).is_file() for s in SIGNS)
    if signed and (folder / "groundtruth.txt").is_file():
        return {folder.name: partial(load, folder)}
    return {}


def load(folder: Path) -> Sequence:
    """A GOT-10k folder; those of its test set have one box only and raise `InvalidInput`."""
    boxes = mark_absent(read_rectangles(folder / "groundtruth.txt"))
    frames = ImageFrames(list_images(folder))
    for name, means_absent in (("absence.label", True), ("cover.label", False)):
        path = folder / name
        if path.is_file() and len(boxes) == len(frames):
            flags = read_flags(path)
            boxes = with_flags(boxes, np.asarray(flags == means_absent), path)
    return checked(folder.name, folder, frames, boxes)
