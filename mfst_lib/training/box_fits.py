"""Where box fits come from: many looks at known boxes through boxes that are off."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib.backbones.engines import Engine, shared_engine
from mfst_lib.box_fit import BoxFit, correction, fit, view_through
from mfst_lib.boxes import Floats, to_centre, to_corner
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput
from mfst_lib.roi import to_map
from mfst_lib.sequences.catalogue import load_sequence
from mfst_lib.sequences.sequence import Sequence as FramesAndBoxes
from mfst_lib.tracker import FMST, SHORTEST_SIDE
from mfst_lib.training.material import refuse_tasks, refuse_truths

Array = NDArray[np.float64]
Progress = Callable[[Iterable[Any], int], Iterable[Any]]

#: How far boxes are off, as standard deviations: the previous box and the best candidate in their
#: centres (shares of their sides), both alike in the logarithms of size and of width over height.
PREVIOUS, BEST, SIZE, SHAPE = 0.06, 0.10, 0.12, 0.06
#: A box that is off by more than this in any respect teaches nothing.
FARTHEST = 0.7


def off(box: Floats, shift: Floats, wider: float, higher: float) -> Array:
    """The box moved by shares of its sides, and each side times e to a power."""
    cx, cy, w, h = to_centre(box)
    sides = [w * np.exp(wider), h * np.exp(higher)]
    return to_corner(np.array([cx + shift[0] * w, cy + shift[1] * h, *sides]))


def looks(
    sequence: FramesAndBoxes,
    config: TrackerConfig,
    engine: Engine,
    *,
    repeats: int = 2,
    seed: int = 1,
) -> tuple[Array, Array]:
    """Views through boxes that are off, and what would have put them right.

    The tracker is told the true box after each frame, so that it knows the target as it would
    at its best. Returns (N, 8, 8) and (N, 4); frames without a target give none.
    """
    refuse_truths([sequence])
    rng = np.random.default_rng(seed)
    tracker = FMST(config.replace(box_fit=""), engine=engine)
    tracker.init(sequence.frames[0], sequence.boxes[0])
    views, corrections = [], []
    for number in range(1, len(sequence)):
        image, before, true = sequence.frames[number], *sequence.boxes[number - 1 : number + 1]
        if not _is_seen(before) or not _is_seen(true):
            continue
        for _ in range(repeats):
            bigger, slimmer = rng.normal(0, SIZE), rng.normal(0, SHAPE)
            sides = bigger + slimmer, bigger - slimmer
            # The tracker's size errs over many frames, its place anew in each of them.
            roi, _, _, grid_map = tracker.look_at(
                image, off(before, rng.normal(0, PREVIOUS, 2), *sides)
            )
            box = off(true, rng.normal(0, BEST, 2), *sides)
            views.append(view_through(grid_map, to_map(box, roi, grid_map.shape)))
            corrections.append(correction(box, true))
        tracker.correct(image, true)
    wanted = np.reshape(corrections, (-1, 4))
    near = np.all(np.abs(wanted) < FARTHEST, axis=1)
    return np.reshape(views, (-1, 8, 8))[near], wanted[near]


def _is_seen(box: Floats) -> bool:
    return bool(np.all(np.isfinite(box)) and min(box[2:]) >= SHORTEST_SIDE)


def fit_boxes(
    names: list[str],
    config: TrackerConfig,
    *,
    frames: int = 200,
    root: str | None = None,
    weights: str | None = None,
    progress: Progress = lambda items, count: items,
) -> BoxFit:
    """The box fit for a configuration, from the first frames of sequences that are no VTB13 task.

    Raises `InvalidInput` for a VTB13 task or without a sequence.
    """
    if not names:
        raise InvalidInput("no sequences to learn from: name some, or the groups train and lab")
    refuse_tasks(names)
    engine = shared_engine(config, weights)
    seen = [
        looks(load_sequence(name, root).first(frames), config, engine)
        for name in progress(names, len(names))
    ]
    made = fit(np.concatenate([v for v, _ in seen]), np.concatenate([c for _, c in seen]))
    manifest = {
        "backbone": config.backbone,
        "sequences": names,
        "frames": frames,
        "views": sum(len(v) for v, _ in seen),
        "config": config.replace(box_fit="").to_dict(),
    }
    return BoxFit(made.matrix, made.offset, manifest)
