"""The official scores with one rule changed: what a small slip does to a published figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from mfst_lib.boxes import Floats
from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation import metrics

#: Success (AUC) and precision at 20 pixels.
Pair = tuple[float, float]


def official(result: Floats, truth: Floats) -> Pair:
    """The scores by the rules. Here and below: result and truth are (T, 4), x, y, w, h."""
    scores = metrics.score(result, truth)
    return scores.auc, scores.precision20


def other_signs(result: Floats, truth: Floats) -> Pair:
    """At least the threshold for success, below it for precision: ≥ and < for > and ≤."""
    boxes = metrics.sanitise(result, truth)
    overlap, distance = metrics.overlaps(boxes, truth), metrics.distances(boxes, truth)
    success = overlap[:, np.newaxis] >= metrics.SUCCESS_THRESHOLDS
    return float(success.mean()), float((distance < 20).mean())


def without_first_frame(result: Floats, truth: Floats) -> Pair:
    """The first frame, which is given and so always right, is not counted."""
    boxes = metrics.sanitise(result, truth)[1:]
    success = metrics.success_curve(metrics.overlaps(boxes, truth[1:]))
    precision = metrics.precision_curve(metrics.distances(boxes, truth[1:]))
    return metrics.auc(success), metrics.precision20(precision)


def whole_numbers(result: Floats, truth: Floats) -> Pair:
    """The boxes were stored as whole numbers, their fractions cut off."""
    return official(np.floor(result), truth)


def one_pixel_off(result: Floats, truth: Floats) -> Pair:
    """Boxes that count pixels from 0 against a truth that counts from 1."""
    return official(np.asarray(result) - [1, 1, 0, 0], truth)


def trapezoid(result: Floats, truth: Floats) -> Pair:
    """The area under the success curve by trapezoids instead of the plain mean of 21 values."""
    scores = metrics.score(result, truth)
    inner, ends = scores.success[1:-1].sum(), scores.success[[0, -1]].sum() / 2
    return float(inner + ends) / 20, scores.precision20


#: What was done → the function that does it.
SLIPS: dict[str, Callable[[Floats, Floats], Pair]] = {
    "official": official,
    "≥ and < for > and ≤": other_signs,
    "first frame not counted": without_first_frame,
    "boxes cut to whole numbers": whole_numbers,
    "one pixel off": one_pixel_off,
    "area by trapezoids": trapezoid,
}


def score_with_slips(
    results: Mapping[str, Floats], truths: Mapping[str, Floats]
) -> dict[str, dict[str, float]]:
    """Every slip of `SLIPS` → its "auc" and "precision20", averaged per sequence, in 0…1.

    results, truths: name of the sequence to (T, 4) boxes; all results must have a truth. One more
    row pools the frames of all sequences instead. Raises `InvalidInput` without a result.
    """
    if not results:
        raise InvalidInput("no boxes to score: expected those of at least one sequence")
    pairs = {
        slip: np.mean([score(boxes, truths[name]) for name, boxes in results.items()], axis=0)
        for slip, score in SLIPS.items()
    }
    lengths = [len(boxes) for boxes in results.values()]
    one_by_one = [official(boxes, truths[name]) for name, boxes in results.items()]
    pairs["all frames in one heap"] = np.average(one_by_one, axis=0, weights=lengths)
    return {
        slip: {"auc": float(auc), "precision20": float(precision)}
        for slip, (auc, precision) in pairs.items()
    }
