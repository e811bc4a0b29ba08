"""OTB: images in `img/` (or a video) and `groundtruth_rect.txt`, as `mfst_lib.sequences.otb` reads.

Boxes are 1-based. The rows are kept as published: one that is not positive counts by the
benchmark's own rule (a miss in success), a NaN row is a frame without target.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from mfst_lib.sequences.layouts.rows import Load
from mfst_lib.sequences.otb import has_truth, list_targets, load_otb
from mfst_lib.sequences.sequence import Sequence
from mfst_lib.sequences.vtb13 import name_key

#: TB-100 sequences outside VTB13 whose ground truth stops before their last frame.
RANGES = {"diving": (1, 215)}


def find(folder: Path) -> dict[str, Load]:
    """The targets of an OTB folder."""
    if not has_truth(folder):
        return {}
    targets = list_targets(folder)
    if not targets:
        return {folder.name: partial(load, folder)}
    return {f"{folder.name}-{target}": partial(load, folder, target) for target in targets}


def load(folder: Path, target: int | None = None) -> Sequence:
    """One target of an OTB folder over all frames that its ground truth covers."""
    first, last = RANGES.get(name_key(folder.name), (None, None))
    return load_otb(folder, target, first, last)
