"""Is one tracker better than another, or was it lucky with these tasks? Pairs, task by task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mfst_lib.errors import InvalidInput

#: How often the tasks are drawn anew, and how much of what comes out lies in the interval.
DRAWS, LEVEL = 10_000, 0.95


@dataclass(frozen=True)
class Difference:
    """How far one tracker is ahead of another in a score, in its unit.

    per_task: task to difference. mean: of these. low, high: the interval of `paired_interval`.
    """

    per_task: Mapping[str, float]
    mean: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out 0: other tasks would hardly turn the sign."""
        return self.low > 0 or self.high < 0


def paired_interval(
    differences: ArrayLike, level: float = LEVEL, draws: int = DRAWS, seed: int = 0
) -> tuple[float, float]:
    """Where the mean difference would lie with other tasks of the same kind (a bootstrap).

    differences: (N,), one per task. N tasks are drawn from these, with repetition, again and
    again; the middle `level` of the means is the interval. Raises `InvalidInput` without tasks
    and for values that are not finite.

    >>> paired_interval([0.1, 0.1, 0.1])
    (0.1, 0.1)
    """
    values = np.asarray(differences, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise InvalidInput(f"expected one finite difference per task; got {values.shape} of them")
    chosen = np.random.default_rng(seed).integers(len(values), size=(draws, len(values)))
    means = values[chosen].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return round(float(low), 12), round(float(high), 12)


def difference(ours: Mapping[str, float], baseline: Mapping[str, float]) -> Difference:
    """Our scores minus the baseline's, task by task.

    Both: task to score, of the same tasks; `InvalidInput` when they are not the same.
    """
    if set(ours) != set(baseline):
        odd = ", ".join(sorted(set(ours) ^ set(baseline)))
        raise InvalidInput(f"only one of the two trackers has run {odd}: nothing to pair")
    per_task = {task: ours[task] - baseline[task] for task in ours}
    values = list(per_task.values())
    low, high = paired_interval(values)
    return Difference(per_task, float(np.mean(values)), low, high)


def against(
    summary: Mapping[str, Any], baseline: Mapping[str, Any], key: str = "auc"
) -> Difference:
    """`difference` of two summaries in one of their scores, each task's a mean over seeds."""
    ours, theirs = (
        {task: row[key] for task, row in one["per_task"].items()} for one in (summary, baseline)
    )
    return difference(ours, theirs)
