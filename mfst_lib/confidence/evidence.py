"""What a frame says for or against the box that the tracker chose in it: a few plain numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mfst_lib.backbones.engines import taps_of
from mfst_lib.boxes import Floats, iou
from mfst_lib.fast import box_and_doubled, sum_taps
from mfst_lib.roi import ROI, to_map
from mfst_lib.selection import selection_weights

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

    @cached_property
    def directions(self) -> list[Array]:
        """Each layer's scores as a direction: the product of two is their correlation."""
        return [_direction(vector) for vector in self.vectors]


@dataclass(frozen=True, eq=False)
class Past:
    """What is kept of the frame before, its box and scores; its maps would take memory."""

    box: Floats
    directions: Sequence[Array]


@dataclass(frozen=True, eq=False)
class Origin:
    """The first frame, against which all others are held: per layer its scores (as a direction),
    the maps that they select, and how bright these are inside the box.
    """

    box: Floats
    directions: list[Array]
    selected: list[Array]
    strengths: list[float]


def origin(layers: Sequence[Array], roi: ROI, box: Floats, vectors: Sequence[Array]) -> Origin:
    """What to remember of the first frame: its feature maps (H, W, C) per layer, ROI and box."""
    selected = [selection_weights(vector, SHARE) for vector in vectors]
    strengths = []
    for taps, weights in zip(taps_of(layers), selected, strict=True):
        inside, _ = box_and_ring(box, roi, taps[0].shape[:2])
        strengths.append(_mean(sum_taps(taps, weights), inside))
    return Origin(np.array(box), [_direction(v) for v in vectors], selected, strengths)


def box_and_ring(box: Floats, roi: ROI, grid: tuple[int, ...]) -> tuple[Array, Array]:
    """How much of each cell lies in the box, and how much in the rest of the doubled box."""
    rows, columns = grid
    inside, doubled = box_and_doubled(to_map(box, roi, (rows, columns)), (rows, columns))
    return inside, doubled - inside


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
            0.5 * math.log(_area(sight.box) / _area(first.box)),
            _in_view(sight),
        ]
    )


def _on_the_map(grid_map: Array, covers: Covers) -> tuple[float, float, float]:
    inside, ring = covers[grid_map.shape]
    far = float(((1 - inside - ring) * grid_map).max())
    return _mean(grid_map, inside), _mean(grid_map, ring), far


def _against_the_first(
    first: Origin, layers: Sequence[Sequence[Array]], covers: Covers
) -> list[float]:
    """Contrast and strength, means over the layers."""
    rows = []
    for taps, weights, was in zip(layers, first.selected, first.strengths, strict=True):
        light = sum_taps(taps, weights)
        inside, around = (_mean(light, part) for part in covers[light.shape])
        rows.append([_log_ratio(inside, around), _log_ratio(inside, was)])
    return _means(rows)


def _among_scores(first: Origin, before: Past | None, sight: Sight) -> list[float]:
    """How alike the score vectors of this frame, the first, the last and the memory are."""
    rows = []
    for number, vector in enumerate(sight.vectors):
        now = selection_weights(vector, SHARE)
        memory = selection_weights(sight.averages[number], SHARE)
        direction = sight.directions[number]
        last = direction if before is None else before.directions[number]
        rows.append(
            [
                _common(now, first.selected[number]),
                _common(memory, first.selected[number]),
                _common(now, memory),
                float(direction @ first.directions[number]),
                float(direction @ last),
            ]
        )
    return _means(rows)


def _among_candidates(sight: Sight) -> tuple[float, float, float]:
    """Lead, scatter and agreement of the candidates."""
    view = sight.view
    best = view.candidates[view.best]
    count = min(BEST, len(view.candidates))
    few = view.candidates[np.argpartition(view.confidences, -count)[-count:]]
    pixels = _area(best) * view.map_size**2 / (view.roi.width * view.roi.height)
    lead = float(view.confidences[view.best]) / max(pixels, 1.0)
    centres = few[:, :2] + few[:, 2:] / 2
    off = centres - centres.sum(axis=0) / count
    scatter = math.sqrt(float(np.vdot(off, off)) / count) / max(best[2:].tolist())
    return lead, scatter, float(iou(few, best).sum()) / count


def _step(before: Past | Sight, sight: Sight) -> float:
    (x, y, w, h), (u, v, s, t) = sight.box.tolist(), before.box.tolist()
    return math.hypot(x + w / 2 - (u + s / 2), y + h / 2 - (v + t / 2)) / max(w, h)


def _in_view(sight: Sight) -> float:
    """The share of the box's area that lies inside the image."""
    (x, y, w, h), (height, width) = sight.box.tolist(), sight.frame[:2]
    across, down = min(x + w, width) - max(x, 0.0), min(y + h, height) - max(y, 0.0)
    return max(across, 0.0) * max(down, 0.0) / (w * h)


def _area(box: Floats) -> float:
    return float(box[2]) * float(box[3])


def _mean(values: Array, where: Array) -> float:
    return float(np.vdot(values, where)) / max(float(where.sum()), LEAST)


def _means(rows: list[list[float]]) -> list[float]:
    """Column by column, over the layers."""
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


def _log_ratio(a: float, b: float) -> float:
    return math.log(max(a, LEAST) / max(b, LEAST))


def _common(a: Array, b: Array) -> float:
    return float(a @ b) / max(float(a.sum()), 1.0)


def _direction(vector: Array) -> Array:
    """The vector about its mean, at length 1; the product of two directions is a correlation."""
    about = vector - vector.sum() / vector.size
    return about / max(math.sqrt(float(about @ about)), LEAST)
