"""Result files: one JSON per run, with all that is needed to know what was run, and on what."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import mfst_lib
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation import machine
from mfst_lib.evaluation.peers import PeerConfig
from mfst_lib.files import write_text_atomically
from mfst_lib.reading import check_types, read_json

FORMAT = "mfst-result"


@dataclass(frozen=True)
class Result:
    """One run: a tracker with one configuration and seed over one sequence.

    boxes: (T, 4) x, y, w, h, 0-based pixels, the first as given. times_ms: (T − 1,) for each
    `update` alone: decoding and `init` are not in it. weights: the fingerprint of the network's
    weights. truth_sha256: of the ground truth that it was started from.
    """

    task: str
    preset: str
    config: dict[str, Any]
    config_hash: str
    weights: str
    truth_sha256: str
    boxes: NDArray[np.float64]
    times_ms: NDArray[np.float64]
    init_ms: float
    versions: dict[str, str]
    device: dict[str, Any]

    @property
    def seed(self) -> int:
        """The seed of the run's candidates."""
        return int(self.config["seed"])

    @property
    def fps(self) -> float:
        """N / Σt over all updates; 0 for a sequence of one frame."""
        total = self.times_ms.sum() / 1000
        return len(self.times_ms) / total if total > 0 else 0.0

    def save(self, path: Path) -> None:
        """Write the file under a temporary name and rename it."""
        content = {"format": FORMAT, **{f.name: getattr(self, f.name) for f in fields(self)}}
        content["boxes"], content["times_ms"] = self.boxes.tolist(), self.times_ms.tolist()
        write_text_atomically(path, json.dumps(content))


def new_result(
    task: str,
    preset: str,
    config: TrackerConfig | PeerConfig,
    weights: str,
    truth_sha256: str,
    boxes: NDArray[np.float64],
    times_ms: NDArray[np.float64],
    init_ms: float,
) -> Result:
    """A result of a run that has just ended on this machine.

    Rounded as its file will be (a thousandth of a pixel and of a millisecond), so that a run and
    its file score the same.
    """
    return Result(
        task,
        preset,
        config.to_dict(),
        config.hash(),
        weights,
        truth_sha256,
        np.round(boxes, 3),
        np.round(times_ms, 3),
        round(init_ms, 3),
        machine.versions(),
        dict(machine.device()),
    )


def load_result(path: str | Path) -> Result:
    """Read a result file. Raises `NotFound`, or `InvalidInput` naming what is wrong with it."""
    path = Path(path)
    if not path.is_file():
        raise NotFound(f"no result file {path}")
    content = read_json(path)
    if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
        raise InvalidInput(f'{path} is no result: expected "format": "{FORMAT}"')
    try:
        result = Result(**content)
        boxes = np.asarray(result.boxes, dtype=np.float64)
        times = np.asarray(result.times_ms, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput(f"{path} is damaged: {error}") from None
    words = dict.fromkeys(("task", "preset", "config_hash", "weights", "truth_sha256"), str)
    tables = dict.fromkeys(("config", "versions", "device"), dict)
    check_types(path, content, **words, **tables, init_ms=(int, float))
    if boxes.ndim != 2 or boxes.shape[1] != 4 or times.shape != (len(boxes) - 1,):
        raise InvalidInput(f"{path} is damaged: boxes {boxes.shape}, times {times.shape}")
    return Result(**{**content, "boxes": boxes, "times_ms": times})


def misfit(
    result: Result, config: TrackerConfig | PeerConfig, weights: str, truth_sha256: str
) -> str:
    """Why a stored result does not answer for a run with these settings; empty if it does."""
    wanted = {
        "config hash": (result.config_hash, config.hash()),
        "network weights": (result.weights, weights),
        "ground truth": (result.truth_sha256, truth_sha256),
        "library version": (result.versions.get("mfst_lib"), mfst_lib.__version__),
    }
    for what, (got, expected) in wanted.items():
        if got != expected:
            return f"its {what} is {got}, expected {expected}"
    return ""
