"""VTB's attribute tags, measured on a scene's track and dials.

The rules are those of the benchmark (Wu, Lim and Yang, CVPR 2013, table 2) where it gives one.
"""

from __future__ import annotations

import numpy as np

from mfst_lib.sequences.lab.track import Track

#: The eleven tags of the benchmark.
TAGS = ("IV", "SV", "OCC", "DEF", "MB", "FM", "IPR", "OPR", "OV", "BC", "LR")
#: SV: the box has over twice, or under half, the area of the first one.
SIZE_RATIO = 2.0
#: FM: the box's centre moves more than this many pixels from one frame to the next.
FAST = 20.0
#: LR: the box covers fewer pixels than this.
FEW_PIXELS = 400.0
#: MB: the picture moves at least this many pixels while the shutter is open.
SMEAR = 4.0


def tags(track: Track) -> tuple[str, ...]:
    """The tags that apply, in the order of `TAGS`."""
    scene, boxes = track.scene, track.boxes
    area = boxes[:, 2] * boxes[:, 3]
    step = _steps(boxes)
    inside = (boxes[:, :2] >= 0).all() and (boxes[:, :2] + boxes[:, 2:] <= track.frame).all()
    applies = {
        "IV": scene.illumination >= 0.2,
        "SV": max(area.max() / area[0], area[0] / area.min()) > SIZE_RATIO,
        "OCC": scene.occlusion >= 0.1 or scene.distractor > 0.5,
        "DEF": scene.deformation >= 0.1,
        "MB": scene.blur * step.max() >= SMEAR,
        "FM": step.max() > FAST,
        "IPR": scene.rotation >= 10,
        "OPR": scene.turn >= 0.2,
        "OV": not inside,
        "BC": scene.clutter or scene.distractor > 0,
        "LR": area.min() * scene.resolution**2 < FEW_PIXELS,
    }
    return tuple(tag for tag in TAGS if applies[tag])


def _steps(boxes: np.ndarray) -> np.ndarray:
    """How far the box's centre moves from each frame to the next, (T - 1,) pixels."""
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    return np.linalg.norm(np.diff(centres, axis=0), axis=1)
