"""The judge: follows a run frame by frame and says how probable it is that the box is right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mfst_lib.confidence.calibration import Calibration
from mfst_lib.confidence.evidence import (
    FRAME,
    LEVELLED,
    MEMORY,
    Array,
    Origin,
    Past,
    Sight,
    Values,
    frame_evidence,
)

_LEVELLED = np.array([FRAME.index(name) for name in LEVELLED])


@dataclass(frozen=True, eq=False)
class State:
    """What is remembered from frame to frame: the last frame, running levels, frames so far."""

    before: Past | None
    levels: Values | None
    age: int


class Judge:
    """Gives a probability that IoU > 0.5 to each frame of a run, by a calibration.

    `begin` with the first frame, then `hear` frame after frame. `consider` says how probable a
    sight would be if it followed the last frame that was sure, and remembers nothing.
    """

    def __init__(self, calibration: Calibration) -> None:
        self.calibration = calibration
        self.evidence: Values | None = None

    def begin(self, first: Origin) -> None:
        """Note the first frame."""
        self._origin = first
        self._state = self._sure = State(None, None, 0)
        self.evidence = None

    def hear(self, sight: Sight) -> float:
        """The probability for the next frame."""
        self.evidence, self._state = self._follow(self._state, sight)
        probability = float(self.calibration.probability(self.evidence))
        if self.is_ok(probability):
            self._sure = self._state
        return probability

    def consider(self, sight: Sight) -> float:
        """The probability for another place in the present frame, were the target last seen
        where the tracker was last sure of it.
        """
        return float(self.calibration.probability(self._follow(self._afresh(), sight)[0]))

    def found_again(self, sight: Sight) -> None:
        """Go on from a sight that was considered: as if nothing had been heard while lost."""
        self.evidence, self._state = self._follow(self._afresh(), sight)
        self._sure = self._state

    def is_ok(self, probability: float) -> bool:
        """Whether a box of this probability is reported as right."""
        return probability >= self.calibration.ok_above

    def first_light(self, layers: Sequence[Array]) -> Array:
        """The sum of the maps that the first frame selected, over the first layer's grid."""
        return layers[0] @ self._origin.selected[0]

    def _afresh(self) -> State:
        """The last sure state, but for the place: a target may come back anywhere."""
        return State(None, self._sure.levels, self._sure.age)

    def _follow(self, state: State, sight: Sight) -> tuple[Values, State]:
        """All evidence, in the order of `NAMES`, and the state after it."""
        values = frame_evidence(self._origin, state.before, sight)
        now = values[_LEVELLED]
        levels = now if state.levels is None else MEMORY * state.levels + (1 - MEMORY) * now
        age = state.age + 1
        evidence = np.concatenate([values, levels, [math.log1p(age)]])
        return evidence, State(Past(sight.box, sight.directions), levels, age)
