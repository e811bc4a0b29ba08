"""LaSOT: images in `img/`, `groundtruth.txt`, and two files of flags, all on one line each.

Boxes are x, y, w, h and 1-based, as in OTB, whose tool kit LaSOT's is built on. A frame counts
as without target where `full_occlusion.txt` or `out_of_view.txt` says 1.
Source: Fan et al., "LaSOT", CVPR 2019.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from mfst_lib.sequences.frames import ImageFrames, list_images
from mfst_lib.sequences.layouts.rows import (
    Load,
    checked,
    mark_absent,
    read_flags,
    read_rectangles,
    with_flags,
)
from mfst_lib.sequences.otb import from_one_based
from mfst_lib.sequences.sequence import Sequence

ABSENT = ("full_occlusion.txt", "out_of_view.txt")


def find(folder: Path) -> dict[str, Load]:
    """The folder's sequence when it has LaSOT's form."""
    signed = any((folder / name).is_file() for name in (*ABSENT, "nlp.txt"))
    if signed and (folder / "groundtruth.txt").is_file() and (folder / "img").is_dir():
        return {folder.name: partial(load, folder)}
    return {}


def load(folder: Path) -> Sequence:
    """A LaSOT folder."""
    boxes = mark_absent(from_one_based(read_rectangles(folder / "groundtruth.txt")))
    for path in (folder / name for name in ABSENT):
        if path.is_file():
            boxes = with_flags(boxes, read_flags(path), path)
    return checked(folder.name, folder, ImageFrames(list_images(folder / "img")), boxes)
