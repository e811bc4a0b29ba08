"""Fit a calibration on training sequences, and judge it on others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import mfst_lib
from mfst_lib.confidence.calibration import Calibration, sigmoid
from mfst_lib.confidence.evidence import NAMES
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation import machine
from mfst_lib.evaluation.passages import Record
from mfst_lib.training.material import refuse_tasks, video_of

Values = NDArray[np.float64]
Right = NDArray[np.bool_]

#: A box is right when its overlap with the target is above this.
RIGHT = 0.5

#: Penalties on the squared gains that are tried; the best on videos kept aside is taken.
PENALTIES = (0.003, 0.01, 0.03, 0.1, 0.3)

#: Reported as right are frames whose success rate, on videos kept aside, is at least this much
#: above that of all frames: the promise is 15 points, the rest is for sequences of another kind.
GAIN = 0.25

#: What is used of the evidence. Passages are shorter than many a video, so that nothing is learnt
#: about the age of a run; what they taught would be carried on to ages that were never seen.
USED = tuple(name for name in NAMES if name != "age")
_USED = np.array([NAMES.index(name) for name in USED])

#: Bins of equal width in which probabilities and success rates are compared.
BINS = 10


def fit(records: Sequence[Record], config: TrackerConfig, command: str = "") -> Calibration:
    """The calibration that the records support. Raises `InvalidInput` for VTB13's tasks.

    Every video has the weight of the square root of its frames. Penalty and `ok_above` are chosen
    on videos kept aside, one at a time. The lab's part in it is to say what evidence is worth; the
    offset and the figures are those of real videos, where there are any.
    """
    refuse_tasks([record.passage.task for record in records])
    evidence, right, videos = table(records)
    evidence = evidence[:, _USED]
    if len(set(videos)) < 2 or right.all() or not right.any():
        raise InvalidInput("a calibration needs two videos or more, with right and wrong boxes")
    weights = _weights(videos)
    centre, spread = _scaling(evidence, weights)
    scaled = np.clip((evidence - centre) / spread, -4, 4)
    aside = {p: kept_aside(scaled, right, videos, weights, p) for p in PENALTIES}
    penalty = _cautious(aside, right, videos)
    gain, offset = logistic(scaled, right, weights, penalty)
    real = _real(videos)
    offset += correction(offset + scaled[real] @ gain, right[real], weights[real])
    outside = aside[penalty][real]
    ok_above = ok_threshold(outside, right[real])
    notes = {
        "command": command,
        "tasks": sorted({record.passage.task for record in records}),
        "passages": len(records),
        "frames": len(right),
        "penalty": penalty,
        "on videos kept aside": kept_promises(outside, right[real], ok_above),
        "versions": machine.versions(),
        "mfst_lib": mfst_lib.__version__,
    }
    settings = config.replace(seed=0, confidence="auto", redetect=0).to_dict()
    return Calibration(USED, centre, spread, gain, offset, ok_above, settings, notes)


def table(records: Sequence[Record]) -> tuple[Values, Right, NDArray[np.str_]]:
    """Evidence (N, K), whether the box was right (N,), and the video (N,), of all known frames."""
    known = [np.isfinite(record.overlap) for record in records]
    evidence = [record.evidence[k] for record, k in zip(records, known, strict=True)]
    right = [record.overlap[k] > RIGHT for record, k in zip(records, known, strict=True)]
    videos = [
        np.full(int(k.sum()), video_of(record.passage.task))
        for record, k in zip(records, known, strict=True)
    ]
    return np.concatenate(evidence), np.concatenate(right), np.concatenate(videos)


def _weights(videos: NDArray[np.str_]) -> Values:
    """A weight per frame, mean 1: a video counts as the square root of its length."""
    _, inverse, counts = np.unique(videos, return_inverse=True, return_counts=True)
    weights = 1 / np.sqrt(counts[inverse])
    return weights / weights.mean()


def _scaling(evidence: Values, weights: Values) -> tuple[Values, Values]:
    """Centre and spread of every kind of evidence; what never varies has spread 1."""
    centre = np.average(evidence, axis=0, weights=weights)
    spread = np.sqrt(np.average((evidence - centre) ** 2, axis=0, weights=weights))
    return centre, np.where(spread > 1e-9, spread, 1.0)


def logistic(scaled: Values, right: Right, weights: Values, penalty: float) -> tuple[Values, float]:
    """Gains (K,) and offset of the logistic regression, by Newton's method.

    scaled: (N, K). penalty: on the mean over frames, times half the squared gains; the offset is
    free of it.
    """
    design = np.column_stack([scaled, np.ones(len(scaled))])
    ridge = penalty * len(right) * np.diag([*np.ones(scaled.shape[1]), 0.0])
    solution = np.zeros(design.shape[1])
    for _ in range(25):
        p = sigmoid(design @ solution)
        slope = design.T @ (weights * (p - right)) + ridge @ solution
        bend = (design * (weights * p * (1 - p))[:, np.newaxis]).T @ design + ridge
        step = np.linalg.solve(bend + 1e-9 * np.eye(len(bend)), slope)
        solution -= step
        if np.abs(step).max() < 1e-6:
            break
    return solution[:-1], float(solution[-1])


def _real(videos: NDArray[np.str_]) -> Right:
    """Which frames are of real videos: how often boxes are right in the lab is what its dials make
    of it, so that the lab teaches what evidence is worth, and not how often trackers fail. Without
    real videos, all.
    """
    real = ~np.char.startswith(videos, "lab")
    return real if real.any() else ~real


def correction(logits: Values, right: Right, weights: Values) -> float:
    """What to add to all logits so that the mean probability is the success rate."""
    added = 0.0
    for _ in range(25):
        p = sigmoid(logits + added)
        bend = float(weights @ (p * (1 - p)))
        step = float(weights @ (p - right)) / max(bend, 1e-9)
        added -= float(np.clip(step, -2, 2))
    return added


def kept_aside(
    scaled: Values, right: Right, videos: NDArray[np.str_], weights: Values, penalty: float
) -> Values:
    """The probability of each frame by a fit on all other videos, (N,)."""
    probability = np.empty(len(right))
    for video in np.unique(videos):
        own = videos == video
        gain, offset = logistic(scaled[~own], right[~own], weights[~own], penalty)
        real = ~own & _real(videos)
        if real.any():
            offset += correction(offset + scaled[real] @ gain, right[real], weights[real])
        probability[own] = sigmoid(offset + scaled[own] @ gain)
    return probability


def _cautious(aside: Mapping[float, Values], right: Right, videos: NDArray[np.str_]) -> float:
    """The largest penalty whose loss is that of the best one, to within its error over videos.

    aside: penalty to the probabilities on videos kept aside.
    """
    names = np.unique(videos)
    losses = {}
    for penalty, probability in aside.items():
        hit = np.clip(np.where(right, probability, 1 - probability), 1e-6, 1)
        losses[penalty] = np.array([-np.log(hit[videos == name]).mean() for name in names])
    best = min(losses.values(), key=np.mean)
    allowed = best.mean() + best.std(ddof=1) / np.sqrt(len(best))
    return max(penalty for penalty, loss in losses.items() if loss.mean() <= allowed)


def ok_threshold(probability: Values, right: Right, gain: float = GAIN) -> float:
    """The lowest probability, in hundredths from 0.5 on, above which frames succeed `gain` more.

    Where none does, the one with the most gain of those that keep a quarter of the frames.
    """
    levels = np.arange(50, 96) / 100
    kept = [probability >= level for level in levels]
    gains = [right[k].mean() - right.mean() if k.mean() >= 0.25 else -1.0 for k in kept]
    enough = [level for level, g in zip(levels, gains, strict=True) if g >= gain]
    return float(enough[0] if enough else levels[int(np.argmax(gains))])


def reliability(probability: Values, right: Right, bins: int = BINS) -> list[dict[str, float]]:
    """Per bin of probabilities that has frames: their share, mean probability and success rate."""
    numbers = np.minimum((probability * bins).astype(int), bins - 1)
    rows = []
    for number in np.unique(numbers):
        inside = numbers == number
        rows.append(
            {
                "share": float(inside.mean()),
                "probability": float(probability[inside].mean()),
                "success": float(right[inside].mean()),
            }
        )
    return rows


def calibration_error(probability: Values, right: Right, bins: int = BINS) -> float:
    """The expected calibration error: Σ share · |mean probability − success rate| over the bins.

    >>> calibration_error(np.array([0.25, 0.25, 0.25, 0.25]), np.array([True, False, False, False]))
    0.0
    """
    rows = reliability(probability, right, bins)
    return float(sum(r["share"] * abs(r["probability"] - r["success"]) for r in rows))


def kept_promises(probability: Values, right: Right, ok_above: float) -> dict[str, Any]:
    """How good probabilities are: calibration error, success of all frames and of those "ok"."""
    ok = probability >= ok_above
    return {
        "frames": len(right),
        "calibration_error": round(calibration_error(probability, right), 4),
        "success_all": round(float(right.mean()), 4),
        "success_ok": round(float(right[ok].mean()), 4) if ok.any() else None,
        "ok_share": round(float(ok.mean()), 4),
        "reliability": [
            {k: round(v, 4) for k, v in r.items()} for r in reliability(probability, right)
        ],
    }


def judge(calibration: Calibration, records: Sequence[Record]) -> dict[str, Any]:
    """How good a calibration is on records that it was not fitted on."""
    evidence, right, _ = table(records)
    return kept_promises(calibration.probability(evidence), right, calibration.ok_above)
