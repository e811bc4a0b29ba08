"""How many frames a second are shown just now."""

from __future__ import annotations

import time
from collections import deque


class Pace:
    """Frames per second over the last `count` ticks, drawing and decoding included."""

    def __init__(self, count: int = 30) -> None:
        self._moments: deque[float] = deque(maxlen=count + 1)

    def tick(self) -> float:
        """Note a frame; frames per second, 0 before the second one."""
        self._moments.append(time.perf_counter())
        passed = self._moments[-1] - self._moments[0]
        return (len(self._moments) - 1) / passed if passed > 0 else 0.0
