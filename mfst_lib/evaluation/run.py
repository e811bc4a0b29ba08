"""Run trackers over sequences: one run, then many in parallel, resumed where they stopped."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from mfst_lib.backbones.engines import model_spec, shared_engine
from mfst_lib.box_fit import box_fit_for
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation.cluster import Lost, on_cluster
from mfst_lib.evaluation.peers import OpenCVTracker, PeerConfig
from mfst_lib.evaluation.results import Result, load_result, misfit, new_result
from mfst_lib.principal import principal_for
from mfst_lib.sequences.catalogue import load_sequence, split_start
from mfst_lib.sequences.sequence import Sequence as FramesAndBoxes
from mfst_lib.sequences.vtb13 import truth_hash
from mfst_lib.tracker import FMST
from mfst_lib.weight_net import find_weight_nets

logger = logging.getLogger(__name__)

#: Bytes of a file's name, well below what any system allows.
LONGEST_NAME = 150


@dataclass(frozen=True)
class Job:
    """One run to be made: a task, a configuration with its seed, and where its result goes."""

    task: str
    preset: str
    config: TrackerConfig | PeerConfig
    root: str | None
    weights_folder: str | None
    path: Path
    frames: int | None = None  # only so many from the start; None: all


def plan(
    tasks: Sequence[str],
    preset: str,
    configs: Sequence[TrackerConfig | PeerConfig],
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


def result_path(out: Path, preset: str, config: TrackerConfig | PeerConfig, task: str) -> Path:
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
    weights, tracker = fingerprint(job.config, job.weights_folder), make_tracker(job)
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


def make_tracker(job: Job) -> FMST | OpenCVTracker:
    """The tracker of a job, before its first frame."""
    if isinstance(job.config, PeerConfig):
        return OpenCVTracker(job.config)
    return FMST(job.config, engine=shared_engine(job.config, job.weights_folder))


def fingerprint(config: TrackerConfig | PeerConfig, weights_folder: str | None = None) -> str:
    """What a result must share with a run beside its settings: weights, nets, fits.

    Their names alone would not do: other files may lie under them tomorrow.
    """
    if isinstance(config, PeerConfig):
        return config.fingerprint
    parts = [model_spec(config, weights_folder).weights.fingerprint]
    if config.weight_net:
        parts.append(f"nets:{find_weight_nets(config.weight_net).fingerprint}")
    if box_fit := box_fit_for(config.box_fit, config.backbone):
        parts.append(f"fit:{box_fit.fingerprint}")
    if principal := principal_for(config.principal, config.backbone):
        parts.append(f"principal:{principal.fingerprint}")
    return "+".join(parts)


@lru_cache(maxsize=1024)
def job_sequence(task: str, root: str | None, frames: int | None = None) -> FramesAndBoxes:
    """The sequence of a job, kept in its process: a video is counted once, not once a run."""
    whole, start = split_start(task)
    if start:
        return replace(job_sequence(whole, root).since(start).first(frames), name=task)
    return load_sequence(task, root).first(frames)


def attempt(job: Job) -> Result | Failure:
    """A run, made now; a sequence that cannot be read does not end the others' runs."""
    try:
        return run_sequence(job_sequence(job.task, job.root, job.frames), job)
    except (InvalidInput, NotFound) as error:
        return Failure(job, str(error))


#: Held while a run is made: the threads of one worker share an engine, which takes one at a time.
_ONE_RUN = threading.Lock()


def attempt_in_worker(job: Job) -> Result | Failure:
    """`attempt` in a process beside others, of which each keeps to one core."""
    with _ONE_RUN:
        cv2.setNumThreads(1)
        return attempt(job)


def stored_outcome(job: Job) -> Result | Failure | None:
    """The job's result where it is there, whole and of the same settings; None: to be made."""
    try:
        return _stored(job)
    except (InvalidInput, NotFound) as error:
        return Failure(job, str(error))


def _stored(job: Job) -> Result | None:
    """The job's stored result; None, with the reason in a line, when it must be made again."""
    try:
        result = load_result(job.path)
    except NotFound:
        return None
    except InvalidInput as error:
        logger.warning("%s: made again", error)
        return None
    reason = _misfit(result, job)
    if reason:
        logger.warning("%s does not fit (%s): made again", job.path, reason)
        return None
    return result


def _misfit(result: Result, job: Job) -> str:
    """Why a result is not that of the job; empty if it is."""
    truth = truth_hash(job_sequence(job.task, job.root, job.frames).boxes)
    return misfit(result, job.config, fingerprint(job.config, job.weights_folder), truth)


def run_all(
    jobs: Sequence[Job], workers: int = 1, dask: str | None = None
) -> Iterator[Result | Failure]:
    """The outcome of every job as it comes; what was finished is kept if this is stopped.

    workers: processes, each with one job at a time. dask: the address of a Dask scheduler, whose
    workers are used instead; they need this library and the same folders, not the results'.
    Raises `InvalidInput` or `NotFound` before anything runs when the output folder cannot be
    written, the network cannot be loaded or the cluster cannot be reached.
    """
    for folder in {job.path.parent for job in jobs}:
        check_writable(folder)
    for job in {job.config.replace(seed=0): job for job in jobs}.values():
        if not isinstance(job.config, PeerConfig):
            shared_engine(job.config, job.weights_folder)  # converts once, not per worker
    waiting = []
    for job in jobs:
        outcome = stored_outcome(job)
        if outcome is None:
            waiting.append(job)
        else:
            yield outcome
    for job, outcome in _made(waiting, workers, dask):
        yield _kept(job, outcome)


def _made(
    jobs: Sequence[Job], workers: int, dask: str | None
) -> Iterator[tuple[Job, Result | Failure]]:
    """Each job with its outcome, made here, in processes of their own, or on a cluster."""
    if dask is not None:
        yield from _made_on_cluster(_longest_first(jobs), dask)
    elif workers == 1:
        yield from ((job, attempt(job)) for job in jobs)
    else:
        from joblib import Parallel, delayed

        runs = Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1)
        yield from runs(delayed(_paired)(job) for job in _longest_first(jobs))


def _paired(job: Job) -> tuple[Job, Result | Failure]:
    return job, attempt_in_worker(job)


def _longest_first(jobs: Sequence[Job]) -> list[Job]:
    """The jobs in an order that leaves no worker alone with a long one at the end."""
    return sorted(jobs, key=lambda job: -len(job_sequence(job.task, job.root, job.frames)))


def _made_on_cluster(jobs: Sequence[Job], address: str) -> Iterator[tuple[Job, Result | Failure]]:
    """Jobs made by a cluster's workers; a result that is not what was asked for is a failure."""
    told = [_with_folders(job) for job in jobs]
    for job, outcome in on_cluster(attempt_in_worker, told, address):
        if isinstance(outcome, Lost):
            yield job, Failure(job, f"every worker that ran it died ({outcome})")
        elif isinstance(outcome, Result) and (reason := _misfit(outcome, job)):
            yield job, Failure(job, f"a worker's result does not fit: {reason}")
        else:
            yield job, outcome


def _with_folders(job: Job) -> Job:
    """The job with the folders that environment variables name here: a worker has its own."""
    root, weights = (os.environ.get(name) for name in ("MFST_DATA", "MFST_WEIGHTS"))
    return replace(
        job, root=job.root or root or None, weights_folder=job.weights_folder or weights or None
    )


def _kept(job: Job, outcome: Result | Failure) -> Result | Failure:
    """The outcome, a result after it has been written to the job's file."""
    if isinstance(outcome, Result):
        job.path.parent.mkdir(parents=True, exist_ok=True)
        outcome.save(job.path)
    return outcome


def check_writable(folder: Path) -> None:
    """Raise `InvalidInput` unless files can be made in the folder; makes it if need be."""
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink(missing_ok=True)  # another process may have done so
    except OSError as error:
        raise InvalidInput(f"cannot write results to {folder} ({error.strerror})") from None
