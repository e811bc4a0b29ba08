"""A calibration: how evidence becomes a probability, as fitted on training sequences and stored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib.confidence.evidence import NAMES
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput, NotFound, unknown
from mfst_lib.files import write_text_atomically
from mfst_lib.reading import parse_json

FORMAT = "mfst calibration 1"

#: The calibrations that come with the library, PRESET-BACKBONE.json.
SHIPPED = Path(__file__).resolve().parent / "shipped"

#: Settings that do not change what evidence is worth. (That numbers of 8 bits do not was measured:
#: data/results/calibration.)
ASIDE: dict[str, Any] = {"seed": 0, "threads": 1, "engine": "litert", "numbers": "float32"}
ASIDE |= {"confidence": "auto", "redetect": 0}

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Calibration:
    """p = σ(offset + Σ gain · (evidence − centre) / spread), the logistic model.

    centre, spread, gain: (K,), for the evidence in `names`. ok_above: from this probability on a
    box is reported as right. config: the settings that it was fitted for. notes: how it was made.
    Raises `InvalidInput` for values that cannot be.
    """

    names: tuple[str, ...]
    centre: Values
    spread: Values
    gain: Values
    offset: float
    ok_above: float
    config: dict[str, Any]
    notes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for part in (self.centre, self.spread, self.gain):
            if part.shape != (len(self.names),) or not np.isfinite(part).all():
                raise InvalidInput(f"a calibration has {len(self.names)} finite numbers each")
        strange = [name for name in self.names if name not in NAMES]
        if strange:
            raise unknown("evidence", strange[0], NAMES)
        if not (self.spread > 0).all():
            raise InvalidInput("a calibration's spreads are positive")
        if not (np.isfinite(self.offset) and 0 <= self.ok_above <= 1):
            raise InvalidInput(f"ok_above lies in [0, 1]; got {self.ok_above!r}")

    @cached_property
    def _places(self) -> NDArray[np.intp]:
        """Where its evidence stands in `NAMES`."""
        return np.array([NAMES.index(name) for name in self.names], dtype=np.intp)

    def probability(self, evidence: Values) -> Values:
        """That IoU > 0.5, from evidence (…, len(NAMES)) in the order of `NAMES`; (…,)."""
        scaled = (evidence.take(self._places, axis=-1) - self.centre) / self.spread
        # Evidence far beyond all that was ever seen says no more than what was seen.
        return sigmoid(self.offset + np.minimum(np.maximum(scaled, -4), 4) @ self.gain)

    def fits(self, config: TrackerConfig) -> bool:
        """Whether it was fitted for these settings, seed and engine aside."""
        return identity(TrackerConfig(**self.config)) == identity(config)


def sigmoid(x: Values | float) -> Values:
    """1 / (1 + e^−x), without overflow.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(x, dtype=np.float64)))


def identity(config: TrackerConfig) -> str:
    """The hash of the settings that a calibration depends on."""
    return config.replace(**ASIDE).hash()


def save_calibration(calibration: Calibration, path: str | Path) -> None:
    """Write the calibration as JSON, whole or not at all."""
    content = {
        "format": FORMAT,
        "offset": round(calibration.offset, 5),
        "ok_above": calibration.ok_above,
        "evidence": {
            name: {"centre": round(c, 5), "spread": round(s, 5), "gain": round(g, 5)}
            for name, c, s, g in zip(
                calibration.names,
                calibration.centre.tolist(),
                calibration.spread.tolist(),
                calibration.gain.tolist(),
                strict=True,
            )
        },
        "config": calibration.config,
        "notes": calibration.notes,
    }
    write_text_atomically(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def load_calibration(path: str | Path) -> Calibration:
    """Read a calibration. Raises `NotFound`, or `InvalidInput` naming what is wrong with it."""
    path = Path(path)
    if not path.is_file():
        raise NotFound(f"no calibration {path}: `mfst calibrate` makes one")
    try:
        content = parse_json(path.read_text("utf-8"))
        if content["format"] != FORMAT:
            raise InvalidInput(f'{path} is no calibration: expected "format": "{FORMAT}"')
        rows = content["evidence"]
        TrackerConfig(**content["config"])
        centre, spread, gain = (
            np.array([row[part] for row in rows.values()], dtype=np.float64)
            for part in ("centre", "spread", "gain")
        )
        return Calibration(
            tuple(rows),
            centre,
            spread,
            gain,
            float(content["offset"]),
            float(content["ok_above"]),
            content["config"],
            content["notes"],
        )
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        if isinstance(error, InvalidInput):
            raise InvalidInput(f"{path}: {error}") from None
        raise InvalidInput(f"{path} is damaged: {error!r}") from None


@lru_cache(maxsize=1)
def shipped() -> dict[str, Calibration]:
    """The calibrations that come with the library, by name."""
    return {path.stem: load_calibration(path) for path in sorted(SHIPPED.glob("*.json"))}


def find_calibration(config: TrackerConfig) -> Calibration | None:
    """The calibration that a configuration asks for.

    "auto": the shipped one that was fitted for these very settings; None when there is none.
    Otherwise a shipped one by name, or a file; `NotFound` or `InvalidInput` when it cannot be had.
    """
    if config.confidence == "auto":
        return next((one for one in shipped().values() if one.fits(config)), None)
    return named(config.confidence)


def named(name: str) -> Calibration:
    """The shipped calibration of that name, or that of a .json file.

    Raises `NotFound` or `InvalidInput` when it cannot be had.
    """
    if name.endswith(".json"):
        return load_calibration(name)
    if name not in shipped():
        raise unknown("calibration", name, shipped())
    return shipped()[name]


def blank(config: TrackerConfig, names: Sequence[str] = NAMES) -> Calibration:
    """A calibration that knows nothing, p = 0.5: for gathering evidence to fit one."""
    zeros = np.zeros(len(names))
    return Calibration(tuple(names), zeros, zeros + 1, zeros, 0.0, 0.5, config.to_dict())
