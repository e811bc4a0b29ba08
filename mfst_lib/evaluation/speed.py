"""How long does a step take? Presets side by side: one process, interleaved, the same frames."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib.backbones.engines import load_engine
from mfst_lib.config import PRESETS, TrackerConfig, preset
from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation import machine
from mfst_lib.reading import read_json
from mfst_lib.sequences.sequence import Sequence as FramesAndBoxes
from mfst_lib.tracker import FMST

FORMAT = "mfst-speed"
Progress = Callable[[Iterable[Any], int], Iterable[Any]]


def measure(
    configs: Mapping[str, TrackerConfig],
    sequence: FramesAndBoxes,
    *,
    frames: int = 30,
    repetitions: int = 5,
    weights: str | None = None,
    progress: Progress = lambda rounds, count: rounds,
) -> dict[str, Any]:
    """Time `update` for each configuration, all in turn in every repetition.

    The first `frames` images are decoded before anything is timed; one more repetition warms up
    and is thrown away. Machines are shared, so medians over repetitions are what to compare.
    Raises `InvalidInput` without a configuration or with fewer than two frames.
    """
    if not configs:
        raise InvalidInput("nothing to time: expected at least one preset")
    part = sequence.first(frames)
    if len(part) < 2:
        raise InvalidInput(f"timing needs at least two frames; {sequence.name} gives {len(part)}")
    images, start = [np.asarray(image) for image in part.frames], part.boxes[0]
    engines = {name: load_engine(config, weights) for name, config in configs.items()}
    times: dict[str, list[NDArray[np.float64]]] = {name: [] for name in configs}
    for _ in progress(range(repetitions + 1), repetitions + 1):
        for name, config in configs.items():
            tracker = FMST(config, engine=engines[name])
            tracker.init(images[0], start)
            times[name].append(_update_times(tracker, images[1:]))
    return {
        "format": FORMAT,
        "sequence": sequence.name,
        "frames": len(images) - 1,
        "repetitions": repetitions,
        "rows": {name: _row(runs[1:], configs[name]) for name, runs in times.items()},
        "versions": machine.versions(),
        "device": dict(machine.device()),
    }


def _update_times(tracker: FMST, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """The milliseconds of each update, decoding and `init` apart."""
    times = np.empty(len(images))
    for number, image in enumerate(images):
        start = time.perf_counter()
        tracker.update(image)
        times[number] = 1000 * (time.perf_counter() - start)
    return times


def _row(runs: Sequence[NDArray[np.float64]], config: TrackerConfig) -> dict[str, Any]:
    """N/Σt as the median over repetitions, and the percentiles of all frames."""
    times = np.concatenate(runs)
    return {
        "fps": float(np.median([1000 * len(run) / run.sum() for run in runs])),
        "p50_ms": float(np.percentile(times, 50)),
        "p95_ms": float(np.percentile(times, 95)),
        "backbone": config.backbone,
        "threads": config.threads,
        "engine": config.engine,
        "config_hash": config.hash(),
    }


def stored_speed(path: Path) -> dict[str, float]:
    """Frames per second by preset from a file of `mfst bench`; empty when there is none."""
    if not path.is_file():
        return {}
    try:
        rows = read_json(path)["rows"]
        return {name: float(row["fps"]) for name, row in rows.items()}
    except InvalidInput:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise InvalidInput(f"{path} is damaged: {error!r}") from None


def fps_of(speeds: Mapping[str, float], name: str, backbone: str) -> float | None:
    """The frames per second of a preset on a backbone, if they were measured."""
    if f"{name}@{backbone}" in speeds:
        return speeds[f"{name}@{backbone}"]
    own = name in PRESETS and preset(name).backbone == backbone
    return speeds.get(name) if own else None
