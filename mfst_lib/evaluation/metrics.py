"""One-pass evaluation (OPE): success, precision and their averages, as the benchmark counts.

Source: Wu, Lim, Yang, "Online Object Tracking: A Benchmark", CVPR 2013, section 4, and the
official tool kit (VTB13 v1.0), whose details decide the third decimal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfst_lib.boxes import Floats, centre_distance, iou
from mfst_lib.errors import InvalidInput

Curve = NDArray[np.float64]

#: Overlaps 0, 0.05 … 1 at which success is counted, and distances 0 … 50 px for precision.
SUCCESS_THRESHOLDS = np.arange(21) / 20
PRECISION_THRESHOLDS = np.arange(51)


@dataclass(frozen=True, eq=False)
class Score:
    """The scores of one sequence, or their average over several.

    success: (21,) share of frames per overlap threshold; precision: (51,) per distance threshold.
    auc: mean of the success curve; precision20: precision at 20 pixels. All in 0…1.
    """

    success: Curve
    precision: Curve
    auc: float
    precision20: float


def sanitise(result: Floats, truth: Floats) -> NDArray[np.float64]:
    """The boxes that are scored: first frame = truth, invalid rows = the row before.

    result, truth: (T, 4). A row is invalid if a value is not finite or w or h is not positive.
    The first frame is counted like every other. Raises `InvalidInput` when the shapes differ.

    >>> truth = np.full((3, 4), 5.0)
    >>> sanitise(np.array([[0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 0, 3]]), truth)[:, 2].tolist()
    [5.0, 3.0, 3.0]
    """
    if np.shape(result) != np.shape(truth) or np.ndim(truth) != 2 or np.shape(truth)[1] != 4:
        raise InvalidInput(
            f"boxes {np.shape(result)} do not match the ground truth {np.shape(truth)}"
        )
    boxes = np.array(result, dtype=np.float64)
    boxes[0] = truth[0]
    valid = np.all(np.isfinite(boxes), axis=1) & np.all(boxes[:, 2:] > 0, axis=1)
    valid[0] = True
    # For every row the index of the last valid one: the maximum so far.
    latest = np.maximum.accumulate(np.where(valid, np.arange(len(boxes)), 0))
    return boxes[latest]


def has_target(truth: Floats) -> NDArray[np.bool_]:
    """Which rows of the ground truth count: the official "all four values > 0", (T,) bool.

    The official values are 1-based; 0-based that is x > -1, y > -1, w > 0, h > 0, so a box at the
    image's left edge (x = 0 here, 1 there) counts. A NaN row does not.
    """
    return np.all(np.asarray(truth) > (-1, -1, 0, 0), axis=1)


def overlaps(result: Floats, truth: Floats) -> NDArray[np.float64]:
    """Intersection over union per frame, (T,); -1 (a miss) where the truth has no target."""
    return np.where(has_target(truth), iou(result, truth), -1.0)


def distances(result: Floats, truth: Floats) -> NDArray[np.float64]:
    """Distance of the centres per frame in pixels, (T,); -1 (a hit) where there is no target."""
    return np.where(has_target(truth), centre_distance(result, truth), -1.0)


def success_curve(overlap: Floats) -> Curve:
    """Share of frames with an overlap *above* each of the 21 thresholds, (21,).

    overlap: (T,), T ≥ 1. Strictly above, so that even a perfect result has success 0 at 1.

    >>> success_curve(np.array([1.0, 0.5]))[[0, 9, 10, 20]].tolist()
    [1.0, 1.0, 0.5, 0.0]
    """
    return (np.asarray(overlap)[:, np.newaxis] > SUCCESS_THRESHOLDS).mean(axis=0)


def precision_curve(distance: Floats) -> Curve:
    """Share of frames whose distance is *at most* each of the 51 thresholds, (51,).

    >>> precision_curve(np.array([0.0, 20.0]))[[0, 19, 20]].tolist()
    [0.5, 0.5, 1.0]
    """
    return (np.asarray(distance)[:, np.newaxis] <= PRECISION_THRESHOLDS).mean(axis=0)


def auc(success: Curve) -> float:
    """Area under the success curve: the plain mean of its 21 values, not a trapezoid."""
    return float(np.mean(success))


def precision20(precision: Curve) -> float:
    """Precision at 20 pixels."""
    return float(precision[20])


def score(result: Floats, truth: Floats) -> Score:
    """Score the boxes of one sequence; both (T, 4). Raises `InvalidInput` when shapes differ.

    Frames whose truth is NaN, the mark of a frame without target, are left out: no box could be
    right there. VTB13 has none; a truth that is not positive counts as the benchmark says.

    >>> boxes = np.array([[0.0, 0, 10, 10], [1, 0, 10, 10]])
    >>> perfect = score(boxes, boxes)
    >>> round(perfect.auc, 3), perfect.precision20
    (0.952, 1.0)
    """
    boxes, truth = sanitise(result, truth), np.asarray(truth)
    told = ~np.isnan(truth).any(axis=1)
    if not told.any():
        raise InvalidInput("no frame has a ground truth: nothing can be scored")
    success = success_curve(overlaps(boxes[told], truth[told]))
    precision = precision_curve(distances(boxes[told], truth[told]))
    return Score(success, precision, auc(success), precision20(precision))


def average(scores: Iterable[Score]) -> Score:
    """The mean over sequences, each counting the same however long: never pooled over frames.

    Raises `InvalidInput` when there is no score to average.
    """
    scores = list(scores)
    if not scores:
        raise InvalidInput("no scores to average: expected those of at least one sequence")
    success = np.mean([one.success for one in scores], axis=0)
    precision = np.mean([one.precision for one in scores], axis=0)
    return Score(success, precision, auc(success), precision20(precision))


def by_attribute(
    scores: Mapping[str, Score], attributes: Mapping[str, Iterable[str]]
) -> dict[str, Score]:
    """For each attribute the average over the sequences that have it.

    scores, attributes: by the name of the sequence; a sequence without attributes may be absent.
    """
    members: dict[str, list[Score]] = {}
    for name, one in scores.items():
        for attribute in attributes.get(name, ()):
            members.setdefault(attribute, []).append(one)
    return {attribute: average(members[attribute]) for attribute in sorted(members)}
