"""From many results to the figures of a table: means over tasks, spread over seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation import machine, metrics
from mfst_lib.evaluation.results import Result
from mfst_lib.reading import check_types
from mfst_lib.sequences.sequence import Sequence

FORMAT = "mfst-summary"


def summarise(results: Iterable[Result], sequences: Mapping[str, Sequence]) -> dict[str, Any]:
    """One configuration's runs in one dictionary, ready for JSON.

    results: of the same preset and backbone, any tasks and seeds. sequences: by task, for the
    ground truth and the attributes. Scores are averaged per sequence, then over sequences, then
    over seeds; `std` is the standard deviation over seeds.
    """
    results = sorted(results, key=lambda one: (one.seed, list(sequences).index(one.task)))
    scores = {(r.seed, r.task): metrics.score(r.boxes, sequences[r.task].boxes) for r in results}
    seeds = sorted({result.seed for result in results})
    tasks = list(dict.fromkeys(result.task for result in results))
    per_seed = [
        metrics.average(score for (seed, _), score in scores.items() if seed == one)
        for one in seeds
    ]
    return {
        "format": FORMAT,
        "preset": results[0].preset,
        "backbone": results[0].config["backbone"],
        "config": {name: v for name, v in results[0].config.items() if name != "seed"},
        "weights": results[0].weights,
        "tasks": len(tasks),
        "seeds": seeds,
        **_mean_and_spread(per_seed),
        "curves": _curves(per_seed),
        "speed": speed(results),
        "per_task": {task: _per_task(scores, seeds, task) for task in tasks},
        "by_attribute": _by_attribute(scores, seeds, sequences),
        "versions": machine.versions(),
        "device": results[0].device,
    }


def check_summary(summary: dict[str, Any], where: object) -> None:
    """Raise `InvalidInput` for a summary in which something that is read later is amiss."""
    number = (int, float)
    scores = {"precision20": number, "auc": number}
    tables = dict.fromkeys(("config", "curves", "speed", "per_task", "by_attribute"), dict)
    words = dict.fromkeys(("preset", "backbone", "weights"), str)
    check_types(where, summary, **scores, **tables, **words, tasks=int, seeds=list, versions=dict)
    # A file's name is made of each seed, so it has to be one that a tracker can have.
    if not all(type(seed) is int and 0 <= seed < 2**63 for seed in summary["seeds"]):
        raise InvalidInput(f"{where} is damaged: its seeds are {str(summary['seeds'])[:40]}")
    check_types(where, summary["curves"], precision=list, success=list)
    check_types(where, summary["speed"], fps=number, p50_ms=number, p95_ms=number)
    for rows in (summary["per_task"], summary["by_attribute"]):
        check_types(where, rows, **dict.fromkeys(rows, dict))
        for row in rows.values():
            check_types(where, row, **scores)


def _mean_and_spread(per_seed: list[metrics.Score]) -> dict[str, float]:
    """Precision at 20 px and success AUC: mean and standard deviation over seeds."""
    precision = [score.precision20 for score in per_seed]
    success = [score.auc for score in per_seed]
    return {
        "precision20": float(np.mean(precision)),
        "precision20_std": float(np.std(precision)),
        "auc": float(np.mean(success)),
        "auc_std": float(np.std(success)),
    }


def _curves(per_seed: list[metrics.Score]) -> dict[str, list[float]]:
    """The precision (51 points) and success (21 points) curves, mean over seeds."""

    def mean(curves: list[NDArray[np.float64]]) -> list[float]:
        return [round(float(v), 5) for v in np.mean(curves, axis=0)]

    return {
        "precision": mean([score.precision for score in per_seed]),
        "success": mean([score.success for score in per_seed]),
    }


def speed(results: Iterable[Result]) -> dict[str, float]:
    """Time of one `update`: the median run's frames per second, and all frames' p50 and p95."""
    results = list(results)
    times = np.concatenate([result.times_ms for result in results])
    if not len(times):
        return {"fps": 0.0, "p50_ms": 0.0, "p95_ms": 0.0}
    return {
        "fps": float(np.median([result.fps for result in results])),
        "p50_ms": float(np.percentile(times, 50)),
        "p95_ms": float(np.percentile(times, 95)),
    }


def _per_task(
    scores: Mapping[tuple[int, str], metrics.Score], seeds: list[int], task: str
) -> dict[str, float]:
    return _mean_and_spread([scores[seed, task] for seed in seeds if (seed, task) in scores])


def _by_attribute(
    scores: Mapping[tuple[int, str], metrics.Score],
    seeds: list[int],
    sequences: Mapping[str, Sequence],
) -> dict[str, dict[str, float]]:
    """The mean score of the tasks that have an attribute, for each attribute."""
    attributes = {task: sequence.attributes for task, sequence in sequences.items()}
    per_seed = [
        metrics.by_attribute(
            {task: score for (one, task), score in scores.items() if one == seed}, attributes
        )
        for seed in seeds
    ]
    return {
        name: _mean_and_spread([scores_of[name] for scores_of in per_seed if name in scores_of])
        for name in sorted({name for scores_of in per_seed for name in scores_of})
    }
