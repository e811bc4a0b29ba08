"""What a frame says for or against the box that the tracker chose in it: a few plain numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mfst_lib.backbones.engines import taps_of
from mfst_lib.boxes import Floats, centre_distance, iou
from mfst_lib.fast import sum_taps
from mfst_lib.roi import ROI, to_map
from mfst_lib.selection import selection_weights
from mfst_lib.target_maps import coverage, doubled

if TYPE_CHECKING:
    from mfst_lib.tracker import View

Array = NDArray[np.float32]
Values = NDArray[np.float64]

#: By grid: how much of each cell lies in the box, and how much in the rest of the doubled box.
Covers = dict[tuple[int, ...], tuple[Array, Array]]

#: What is measured in a frame, in this order; `frame_evidence` says how.
FRAME = (
    "inside the box",
    "around the box",
    "far from the box",
    "contrast",
    "strength",
    "maps as in frame 0",
    "memory as in frame 0",
    "maps as in memory",
    "likeness",
    "steadiness",
    "lead",
    "scatter",
    "agreement",
    "step",
    "growth",
    "in view",
)

#: Of these the running level is evidence too: one weak frame says less than ten.
LEVELLED = ("inside the box", "contrast", "strength", "maps as in frame 0", "likeness", "lead")

#: All evidence, in the order in which a calibration takes it.
NAMES = (*FRAME, *(f"{name}, level" for name in LEVELLED), "age")

#: The share of the maps that counts as "selected" here, whatever the tracker's own rule.
SHARE = 0.10

#: So much of the running level stays in each frame.
MEMORY = 0.9

#: How many of the best candidates are held against each other.
BEST = 20

#: Ratios are taken as if at least this much were there.
LEAST = 1e-6


@dataclass(frozen=True, eq=False)
class Sight:
    """A frame as the tracker saw it, with what it decided.

    box: (4,) x, y, w, h in image pixels. vectors: the score vector of each layer at that box
    (Eq. 1), averages: those remembered (Eq. 6). frame: height and width of the image.
    """

    view: View
    box: Floats
    vectors: Sequence[Array]
    averages: Sequence[Array]
    frame: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Past:
    """What is kept of the frame before: box and score vectors; its maps would take memory."""

    box: Floats
    vectors: Sequence[Array]


@dataclass(frozen=True, eq=False)
class Origin:
    """The first frame, against which all others are held: per layer its scores, the maps that
    they select, and how bright these are inside the box.
    """

    box: Floats
    vectors: list[Array]
    selected: list[Array]
    strengths: list[float]


def origin(layers: Sequence[Array], roi: ROI, box: Floats, vectors: Sequence[Array]) -> Origin:
    """What to remember of the first frame: its feature maps (H, W, C) per layer, ROI and box."""
    selected = [selection_weights(vector, SHARE) for vector in vectors]
    strengths = []
    for taps, weights in zip(taps_of(layers), selected, strict=True):
        inside, _ = box_and_ring(box, roi, taps[0].shape[:2])
        strengths.append(_mean(sum_taps(taps, weights), inside))
    return Origin(np.array(box), [v.copy() for v in vectors], selected, strengths)


def box_and_ring(box: Floats, roi: ROI, grid: tuple[int, ...]) -> tuple[Array, Array]:
    """How much of each cell lies in the box, and how much in the rest of the doubled box."""
    rows, columns = grid
    on_map = to_map(box, roi, (rows, columns))
    inside = coverage(on_map, (rows, columns))
    return inside, coverage(doubled(on_map), (rows, columns)) - inside


def frame_evidence(first: Origin, before: Past | None, sight: Sight) -> Values:
    """The values of `FRAME` for one frame, (16,) float64.

    inside, around, far: the prediction map's mean inside the box, in the rest of the doubled box,
    and its highest value beyond. contrast, strength: of the maps that the first frame selected, the
    logarithm of inside over around, and of inside over what it was. maps …, memory …: the share of
    the top 10 % by scores that two vectors have in common; likeness, steadiness: the correlation of
    the scores with the first frame's and the previous one's. lead: the best candidate's lead in
    confidence (Eq. 11), per pixel of its area. scatter, agreement: the spread of the best twenty
    candidates' centres in box sizes, and their overlap with the best. step, growth: how far the
    box moved, in box sizes, and the logarithm of its size over the first one's. in view: the share
    of the box inside the image.
    """
    layers = taps_of(sight.view.layers)  # where the network left them: nothing is joined or copied
    grids = {sight.view.grid_map.shape, *(taps[0].shape[:2] for taps in layers)}
    covers = {grid: box_and_ring(sight.box, sight.view.roi, grid) for grid in grids}
    return np.array(
        [
            *_on_the_map(sight.view.grid_map, covers),
            *_against_the_first(first, layers, covers),
            *_among_scores(first, before, sight),
            *_among_candidates(sight),
            _step(before or sight, sight),
            0.5 * np.log(np.prod(sight.box[2:]) / np.prod(first.box[2:])),
            _in_view(sight),
        ]
    )


def _on_the_map(grid_map: Array, covers: Covers) -> tuple[float, float, float]:
    inside, ring = covers[grid_map.shape]
    far = float(((1 - inside - ring) * grid_map).max())
    return _mean(grid_map, inside), _mean(grid_map, ring), far


def _against_the_first(first: Origin, layers: Sequence[Sequence[Array]], covers: Covers) -> Values:
    """Contrast and strength, means over the layers."""
    rows = []
    for taps, weights, was in zip(layers, first.selected, first.strengths, strict=True):
        light = sum_taps(taps, weights)
        inside, around = (_mean(light, part) for part in covers[light.shape])
        rows.append([_log_ratio(inside, around), _log_ratio(inside, was)])
    return np.mean(rows, axis=0)


def _among_scores(first: Origin, before: Past | None, sight: Sight) -> Values:
    """How alike the score vectors of this frame, the first, the last and the memory are."""
    rows = []
    for number, vector in enumerate(sight.vectors):
        now = selection_weights(vector, SHARE)
        memory = selection_weights(sight.averages[number], SHARE)
        last = vector if before is None else before.vectors[number]
        rows.append(
            [
                _common(now, first.selected[number]),
                _common(memory, first.selected[number]),
                _common(now, memory),
                _correlation(vector, first.vectors[number]),
                _correlation(vector, last),
            ]
        )
    return np.mean(rows, axis=0)


def _among_candidates(sight: Sight) -> tuple[float, float, float]:
    """Lead, scatter and agreement of the candidates."""
    view = sight.view
    best = view.candidates[view.best]
    count = min(BEST, len(view.candidates))
    few = view.candidates[np.argpartition(-view.confidences, count - 1)[:count]]
    side = view.map_size
    width, height = to_map(best, view.roi, (side, side))[2:]
    lead = float(view.confidences[view.best]) / max(width * height, 1.0)
    centres = few[:, :2] + few[:, 2:] / 2
    scatter = float(np.linalg.norm(centres.std(axis=0))) / float(max(best[2:]))
    return lead, scatter, float(iou(few, best).mean())


def _step(before: Past | Sight, sight: Sight) -> float:
    return float(centre_distance(sight.box, before.box)) / float(max(sight.box[2:]))


def _in_view(sight: Sight) -> float:
    """The share of the box's area that lies inside the image."""
    corner = np.minimum(sight.box[:2] + sight.box[2:], (sight.frame[1], sight.frame[0]))
    sides = np.maximum(corner - np.maximum(sight.box[:2], 0), 0)
    return float(np.prod(sides) / np.prod(sight.box[2:]))


def _mean(values: Array, where: Array) -> float:
    return float((values * where).sum()) / max(float(where.sum()), LEAST)


def _log_ratio(a: float, b: float) -> float:
    return float(np.log(max(a, LEAST) / max(b, LEAST)))


def _common(a: Array, b: Array) -> float:
    return float(a @ b) / max(float(a.sum()), 1.0)


def _correlation(a: Array, b: Array) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b) / max(math.sqrt(float(a @ a) * float(b @ b)), LEAST)
