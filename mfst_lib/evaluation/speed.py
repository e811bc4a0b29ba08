"""How long does a step take? Presets side by side: one process, interleaved, the same frames."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib.backbones.engines import Engine, LiteRTEngine, load_engine
from mfst_lib.config import PRESETS, TrackerConfig, preset
from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation import machine, stages
from mfst_lib.evaluation.metrics import score
from mfst_lib.evaluation.probe import core_peak, peak_memory
from mfst_lib.evaluation.rivals import OPENCV_TRACKERS, NaiveFMST, OpenCVProcess, PredictEngine
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
    naive: bool = False,
    opencv: str | Path | None = None,
    progress: Progress = lambda rounds, count: rounds,
) -> dict[str, Any]:
    """Time `update` for each configuration, and for rivals, all in turn in every repetition.

    The first `frames` images are decoded before anything is timed; one more repetition warms up
    and is thrown away. Machines are shared, so medians over repetitions are what to compare.
    naive: also the first configuration with `model.predict` and a loop over candidates. opencv:
    the Python of an environment with opencv-contrib-python, whose trackers are timed there on the
    same frames. Raises `InvalidInput` without a configuration or with fewer than two frames.
    """
    if not configs:
        raise InvalidInput("nothing to time: expected at least one preset")
    part = sequence.first(frames)
    if len(part) < 2:
        raise InvalidInput(f"timing needs at least two frames; {sequence.name} gives {len(part)}")
    images, start = [np.asarray(image) for image in part.frames], part.boxes[0]
    engines = {name: load_engine(config, weights) for name, config in configs.items()}
    runners = {name: _runner(FMST, config, engines[name]) for name, config in configs.items()}
    if naive:
        config = next(iter(configs.values()))
        runners["naive loop"] = _runner(NaiveFMST, config, PredictEngine(config, weights))
    runs: dict[str, list[Run]] = {}
    with ExitStack() as stack:
        if opencv is not None:
            threads = next(iter(configs.values())).threads
            worker = stack.enter_context(OpenCVProcess(opencv, images, start, threads))
            runners |= {f"OpenCV {kind}": partial(_peer, worker, kind) for kind in OPENCV_TRACKERS}
        for _ in progress(range(repetitions + 1), repetitions + 1):
            for name, runner in runners.items():
                runs.setdefault(name, []).append(runner(images, start))
    watched: dict[str, list[dict[str, float]]] = {name: [] for name in configs}
    for _ in range(repetitions):
        for name, config in configs.items():
            watched[name].append(_watched_run(config, engines[name], images, start))
    rows = {name: _row(timed[1:], part.boxes) for name, timed in runs.items()}
    for name, config in configs.items():
        rows[name] |= _described(config) | _stages(watched[name])
    return {
        "format": FORMAT,
        "sequence": sequence.name,
        "frames": len(images) - 1,
        "repetitions": repetitions,
        "rows": rows,
        "stage_timing_ms": stages.cost(),
        "versions": machine.versions(),
        "device": dict(machine.device()),
    }


@dataclass(frozen=True)
class Run:
    """One run over the frames: each update's milliseconds (T - 1,), and all boxes (T, 4)."""

    times: NDArray[np.float64]
    boxes: NDArray[np.float64]


def _runner(kind: type[FMST], config: TrackerConfig, engine: Engine) -> Callable[..., Run]:
    """A function that runs one of our trackers over images from a box."""

    def run(images: Sequence[NDArray[np.uint8]], start: NDArray[np.float64]) -> Run:
        tracker = kind(config, engine=engine)
        tracker.init(images[0], start)
        times, boxes = np.empty(len(images) - 1), [start]
        for number, image in enumerate(images[1:]):
            begin = time.perf_counter()
            _, box = tracker.update(image)
            times[number] = 1000 * (time.perf_counter() - begin)
            boxes.append(box)
        return Run(times, np.array(boxes))

    return run


def _peer(worker: OpenCVProcess, kind: str, *_: object) -> Run:
    """One run of an OpenCV tracker on the frames that its process holds."""
    answer = worker.run(kind)
    return Run(np.array(answer["times"]), np.array(answer["boxes"]))


def _watched_run(
    config: TrackerConfig,
    engine: Engine,
    images: Sequence[NDArray[np.uint8]],
    start: NDArray[np.float64],
) -> dict[str, float]:
    """The milliseconds of a step and of each of its parts, means over a run of its own."""
    tracker = FMST(config, engine=engine)
    tracker.init(images[0], start)
    watched, steps = stages.watch_steps(tracker), stages.Timed(tracker.update)
    for image in images[1:]:
        steps(image)
    return stages.milliseconds({**watched, "step": [steps]}, len(steps.times))


def _stages(runs: Sequence[dict[str, float]]) -> dict[str, Any]:
    """The median over repetitions of each part, and of how a step compares with its network.

    Part and whole come from one run each, so that a machine's moods cannot come between them.
    """
    times = {part: float(np.median([run[part] for run in runs])) for part in stages.STAGES}
    over = float(np.median([run["step"] / run["CNN"] for run in runs]))
    return {"stages_ms": times, "step_over_cnn": over}


def _row(runs: Sequence[Run], truth: NDArray[np.float64]) -> dict[str, Any]:
    """N/Σt as the median over repetitions, the percentiles of all frames, and the accuracy."""
    times = np.concatenate([run.times for run in runs])
    accuracy = score(runs[0].boxes, truth)
    return {
        "fps": float(np.median([1000 * len(run.times) / run.times.sum() for run in runs])),
        "p50_ms": float(np.percentile(times, 50)),
        "p95_ms": float(np.percentile(times, 95)),
        "auc": accuracy.auc,
        "precision20": accuracy.precision20,
    }


def _described(config: TrackerConfig) -> dict[str, Any]:
    return {
        "backbone": config.backbone,
        "threads": config.threads,
        "engine": config.engine,
        "config_hash": config.hash(),
    }


def with_limits(
    content: dict[str, Any], configs: Mapping[str, TrackerConfig], weights: str | None = None
) -> dict[str, Any]:
    """The same content with each preset's peak memory and the least its network could take.

    That limit is the network's multiply-adds over what the threads' cores reach in a large matrix
    product. Keras's networks are not counted.
    """
    peak = core_peak()
    rows = dict(content["rows"])
    for name, config in configs.items():
        more: dict[str, Any] = {"peak_mb": peak_memory(config, weights)}
        engine = load_engine(config, weights)
        if isinstance(engine, LiteRTEngine):
            count = engine.multiply_adds()
            more |= {"multiply_adds": count, "limit_ms": 1000 * count / (peak * config.threads)}
        rows[name] = {**rows[name], **more}
    return {**content, "rows": rows, "core_multiply_adds_per_s": peak}


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
