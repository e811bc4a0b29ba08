"""Run trackers over sequences: one run, then many in parallel, resumed where they stopped."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from mfst_lib.backbones.engines import model_spec, shared_engine
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation.results import Result, load_result, misfit, new_result
from mfst_lib.sequences.catalogue import load_sequence
from mfst_lib.sequences.sequence import Sequence as FramesAndBoxes
from mfst_lib.sequences.vtb13 import truth_hash
from mfst_lib.tracker import FMST

logger = logging.getLogger(__name__)

#: Bytes of a file's name, well below what any system allows.
LONGEST_NAME = 150


@dataclass(frozen=True)
class Job:
    """One run to be made: a task, a configuration with its seed, and where its result goes."""

    task: str
    preset: str
    config: TrackerConfig
    root: str | None
    weights_folder: str | None
    path: Path
    frames: int | None = None  # only so many from the start; None: all


def plan(
    tasks: Sequence[str],
    preset: str,
    configs: Sequence[TrackerConfig],
    out: Path,
    root: str | None = None,
    weights_folder: str | None = None,
    frames: int | None = None,
) -> list[Job]:
    """A job per task and configuration, in folders that other settings can never share."""
    return [
        Job(
            task,
            preset,
            config,
            root,
            weights_folder,
            result_path(out, preset, config, task),
            frames,
        )
        for config in configs
        for task in tasks
    ]


def result_path(out: Path, preset: str, config: TrackerConfig, task: str) -> Path:
    """OUT/preset-backbone/seedN-confighash/TASK.json, a name that every system allows."""
    folder = f"seed{config.seed}-{config.hash()}"
    return out / f"{preset}-{config.backbone}" / folder / f"{file_name(task)}.json"


def file_name(task: str) -> str:
    """A task's name without what a file's name may not have: separators, marks, many letters.

    >>> file_name("lab:twins"), file_name("./my/Cat")
    ('lab-twins', 'my-Cat')
    """
    name = re.sub(r'[\x00-\x1f<>:"/\\|?*]', "-", task).strip("-. ")
    if len(name.encode()) <= LONGEST_NAME:
        return name
    # Two long names may begin alike: the hash tells them apart.
    start = name.encode()[: LONGEST_NAME - 13].decode(errors="ignore")
    return f"{start}-{hashlib.sha256(task.encode()).hexdigest()[:12]}"


@dataclass(frozen=True)
class Failure:
    """A run that input of the user's made impossible, with the message that says how."""

    job: Job
    message: str


def run_sequence(sequence: FramesAndBoxes, job: Job) -> Result:
    """One pass over a sequence (OPE), timed: `update` alone, without decoding."""
    weights = model_spec(job.config, job.weights_folder).weights.fingerprint
    tracker = FMST(job.config, engine=shared_engine(job.config, job.weights_folder))
    boxes, times = np.empty((len(sequence), 4)), np.empty(len(sequence) - 1)
    boxes[0] = sequence.boxes[0]
    first = sequence.frames[0]
    start = time.perf_counter()
    tracker.init(first, boxes[0])
    init_ms = 1000 * (time.perf_counter() - start)
    for number in range(1, len(sequence)):
        image = sequence.frames[number]
        start = time.perf_counter()
        _, boxes[number] = tracker.update(image)
        times[number - 1] = 1000 * (time.perf_counter() - start)
    truth = truth_hash(sequence.boxes)
    return new_result(job.task, job.preset, job.config, weights, truth, boxes, times, init_ms)


@lru_cache(maxsize=32)
def job_sequence(task: str, root: str | None, frames: int | None = None) -> FramesAndBoxes:
    """The sequence of a job, kept in its process: a video is counted once, not once a run."""
    return load_sequence(task, root).first(frames)


def run_job(job: Job) -> Result:
    """Make a run unless its result is there, whole and of the same settings; keep the result."""
    sequence = job_sequence(job.task, job.root, job.frames)
    stored = _stored(job, sequence)
    if stored is not None:
        return stored
    result = run_sequence(sequence, job)
    job.path.parent.mkdir(parents=True, exist_ok=True)
    result.save(job.path)
    return result


def attempt(job: Job) -> Result | Failure:
    """`run_job`, but a sequence that cannot be read does not end the others' runs."""
    try:
        return run_job(job)
    except (InvalidInput, NotFound) as error:
        return Failure(job, str(error))


def _stored(job: Job, sequence: FramesAndBoxes) -> Result | None:
    """The job's stored result; None, with the reason in a line, when it must be made again."""
    try:
        result = load_result(job.path)
    except NotFound:
        return None
    except InvalidInput as error:
        logger.warning("%s: made again", error)
        return None
    fingerprint = model_spec(job.config, job.weights_folder).weights.fingerprint
    reason = misfit(result, job.config, fingerprint, truth_hash(sequence.boxes))
    if reason:
        logger.warning("%s does not fit (%s): made again", job.path, reason)
        return None
    return result


def run_all(jobs: Sequence[Job], workers: int = 1) -> Iterator[Result | Failure]:
    """The outcome of every job as it comes; what was finished is kept if this is stopped.

    workers: processes, each with one job at a time. Raises `InvalidInput` or `NotFound` before
    anything runs when the output folder cannot be written or the network cannot be loaded.
    """
    for folder in {job.path.parent for job in jobs}:
        check_writable(folder)
    for job in {job.config.replace(seed=0): job for job in jobs}.values():
        shared_engine(job.config, job.weights_folder)  # converts a model once, not per worker
    if workers == 1:
        yield from map(attempt, jobs)
        return
    from joblib import Parallel, delayed

    runs = Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1)
    yield from runs(delayed(attempt)(job) for job in jobs)


def check_writable(folder: Path) -> None:
    """Raise `InvalidInput` unless files can be made in the folder; makes it if need be."""
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink(missing_ok=True)  # another process may have done so
    except OSError as error:
        raise InvalidInput(f"cannot write results to {folder} ({error.strerror})") from None
