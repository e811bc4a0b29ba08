"""Motion: smooth paths, easing, and the matrices that put layers into the frame.

Times are in frames and may be fractions of one; all functions take (N,) times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]


@dataclass(frozen=True)
class Wander:
    """A smooth path in the square [-1, 1]^2: a sum of sinusoids on each axis.

    rates, phases, amplitudes: (K, 2), in radians per unit of time, radians, and parts of one.
    """

    rates: NDArray[np.float64]
    phases: NDArray[np.float64]
    amplitudes: NDArray[np.float64]

    @classmethod
    def draw(cls, rng: np.random.Generator, waves: int = 3) -> Wander:
        """A path with random phases whose rates are no multiples of one another."""
        rates = 1.7 ** np.arange(waves)[:, None] * rng.uniform(0.85, 1.15, (waves, 2))
        amplitudes = 0.5 ** np.arange(waves)[:, None] * np.ones((waves, 2))
        phases = rng.uniform(0, 2 * np.pi, (waves, 2))
        return cls(rates, phases, amplitudes / amplitudes.sum(axis=0))

    def at(self, times: Times) -> NDArray[np.float64]:
        """The places at the times, (N, 2) in [-1, 1]."""
        angles = np.asarray(times)[:, None, None] * self.rates + self.phases
        return (self.amplitudes * np.sin(angles)).sum(axis=1)

    def pace(self, reach: NDArray[np.float64], speed: float) -> float:
        """Units of time per frame for which the path times `reach` moves `speed` px a frame."""
        steps = np.diff(self.at(np.linspace(0, 60, 3001)) * reach, axis=0)
        return speed / (np.linalg.norm(steps, axis=1).mean() / 0.02)


def there_and_back(times: Times, length: int, cycles: float = 1.0) -> NDArray[np.float64]:
    """Eased from 0 to 1 and back, `cycles` times in `length` frames.

    >>> there_and_back(np.array([0.0, 50, 100]), 100).round(3).tolist()
    [0.0, 1.0, 0.0]
    """
    return (1 - np.cos(2 * np.pi * cycles * np.asarray(times) / length)) / 2


def smoothstep(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 below 0, 1 above 1, and without a corner between.

    >>> smoothstep(np.array([-1.0, 0.5, 2.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


def translation(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Matrices (N, 3, 3) that move by the places (N, 2)."""
    matrices = np.repeat(np.eye(3)[None], len(places), axis=0)
    matrices[:, :2, 2] = places
    return matrices


def scaling(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Matrices (N, 3, 3) that stretch the axes by x and y, each (N,)."""
    matrices = np.zeros((len(x), 3, 3))
    matrices[:, 0, 0], matrices[:, 1, 1], matrices[:, 2, 2] = x, y, 1
    return matrices


def rotation(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Matrices (N, 3, 3) that turn clockwise on the screen by the angles (N,) in degrees."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrices = np.repeat(np.eye(3)[None], len(cosine), axis=0)
    matrices[:, 0, 0] = matrices[:, 1, 1] = cosine
    matrices[:, 0, 1], matrices[:, 1, 0] = -sine, sine
    return matrices
