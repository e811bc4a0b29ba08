"""How long each part of a step takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from mfst_lib.tracker import FMST

#: The parts of a step, and the tracker's methods that do each.
STAGES = {
    "crop": ("_crop",),
    "CNN": ("engine",),
    "map": ("_from_mean", "_prediction_map"),
    "candidates": ("_choose", "_best_box"),
    "confidence": ("_hear",),
    "update": ("_all_scores", "_remember"),
}
METHODS = sum(map(len, STAGES.values()))


class Timed:
    """A function that adds up its time; what else one asks it for is the function's own."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.times: list[float] = []

    def __call__(self, *arguments: Any) -> Any:
        start = time.perf_counter()
        result = self._function(*arguments)
        self.times.append(time.perf_counter() - start)
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._function, name)


def watch_steps(tracker: FMST) -> dict[str, list[Timed]]:
    """Time the parts of this tracker's steps from now on: a list of `Timed` for each stage."""
    watched = {
        stage: [Timed(getattr(tracker, name)) for name in names] for stage, names in STAGES.items()
    }
    for stage, names in STAGES.items():
        for name, timed in zip(names, watched[stage], strict=True):
            setattr(tracker, name, timed)
    return watched


def milliseconds(watched: dict[str, list[Timed]], steps: int) -> dict[str, float]:
    """What each part takes of a step, a mean over the steps: some parts work in few of them."""
    return {
        stage: 1000 * sum(sum(one.times) for one in parts) / steps
        for stage, parts in watched.items()
    }


def cost(calls: int = 20_000) -> float:
    """What watching adds to a step, in milliseconds: empty functions, watched and not."""
    plain: Callable[..., Any] = lambda: None  # noqa: E731
    timed = Timed(plain)
    seconds = {True: np.inf, False: np.inf}
    for _ in range(5):
        for watched, function in ((True, timed), (False, plain)):
            start = time.perf_counter()
            for _ in range(calls):
                function()
            seconds[watched] = min(seconds[watched], time.perf_counter() - start)
    return 1000 * METHODS * (seconds[True] - seconds[False]) / calls
