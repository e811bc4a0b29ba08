"""Lab sequences in which the target leaves the picture and comes back."""

from __future__ import annotations

import dataclasses

import numpy as np

from mfst_lib.boxes import iou
from mfst_lib.config import TrackerConfig
from mfst_lib.sequences import lab
from mfst_lib.sequences.lab import Scene
from mfst_lib.tracker import FMST

#: Frames wholly outside, and the least length of the sequence around them.
OUTSIDE, LENGTH = 28, 130

#: Frames that a tracker has, after the target is wholly back, to find it.
GRACE = 10


def leaving(name: str, seed: int = 0) -> Scene:
    """The lab scene of that name, with its target outside for `OUTSIDE` frames in the middle.

    seed: 0 for the scene's own motion, otherwise another one.
    """
    scene = lab.scene(name)
    length = max(LENGTH, scene.length)
    return dataclasses.replace(scene, leaves=OUTSIDE, length=length, seed=scene.seed + seed)


def success_after_return(scene: Scene, config: TrackerConfig) -> float:
    """The share of frames with IoU > 0.5 among those after the target's return and `GRACE`."""
    sequence = lab.render(scene)
    tracker = FMST(config)
    tracker.init(sequence.frames[0], sequence.boxes[0])
    boxes = [sequence.boxes[0]]
    for image in sequence.frames[1:]:
        tracker.update(image)
        boxes.append(tracker.box)
    right = sequence.boxes[:, 0] + sequence.boxes[:, 2]
    back = int(np.flatnonzero(right > scene.size[0])[-1]) + GRACE
    return float((iou(np.array(boxes), sequence.boxes)[back:] > 0.5).mean())
