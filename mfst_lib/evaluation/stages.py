"""How long each part of a step takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from mfst_lib.tracker import FMST

#: The parts of a step, and the tracker's method that does each.
STAGES = {
    "crop": "_crop",
    "CNN": "engine",
    "map": "_prediction_map",
    "candidates": "_choose",
    "update": "_remember",
}


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


def watch(tracker: FMST) -> dict[str, Timed]:
    """Time the parts of this tracker's steps from now on: a `Timed` for each of `STAGES`."""
    watched = {stage: Timed(getattr(tracker, name)) for stage, name in STAGES.items()}
    for stage, name in STAGES.items():
        setattr(tracker, name, watched[stage])
    return watched


def milliseconds(watched: dict[str, Timed]) -> dict[str, float]:
    """The median of each part; one that never ran takes none."""
    return {
        stage: 1000 * float(np.median(timed.times)) if timed.times else 0.0
        for stage, timed in watched.items()
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
    return 1000 * len(STAGES) * (seconds[True] - seconds[False]) / calls
