"""A whole evaluation: every task with every seed, then one summary and the boxes beside it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation.boxes_files import write_box_files
from mfst_lib.evaluation.run import Failure, plan, run_all
from mfst_lib.evaluation.summary import summarise
from mfst_lib.files import write_text_atomically
from mfst_lib.sequences.catalogue import load_sequence

logger = logging.getLogger(__name__)

#: Shows progress: takes the outcomes as they come and how many there will be.
Progress = Callable[[Iterable[Any], int], Iterable[Any]]


def evaluate(
    tasks: Sequence[str],
    preset: str,
    configs: Sequence[TrackerConfig],
    out: Path,
    *,
    root: str | None = None,
    weights: str | None = None,
    workers: int = 1,
    command: str = "",
    progress: Progress = lambda outcomes, count: outcomes,
) -> dict[str, Any]:
    """Run one tracker over all tasks, once per configuration (they differ in the seed).

    Writes OUT/preset-backbone/summary.json, boxes-seedN.npz, and one file per run; returns the
    summary. Runs whose files are there and fit are not made again. A run that fails is named,
    and its task listed under "failed". Raises `InvalidInput` when no run succeeds, and what
    `load_sequence` and `run_all` raise, before anything runs.
    """
    sequences = {name: load_sequence(name, root) for name in tasks}  # what is missing shows now
    jobs = plan(tasks, preset, configs, out, root, weights)
    outcomes = list(progress(run_all(jobs, workers), len(jobs)))
    failures = [one for one in outcomes if isinstance(one, Failure)]
    results = [one for one in outcomes if not isinstance(one, Failure)]
    for failure in failures:
        task, seed = failure.job.task, failure.job.config.seed
        logger.warning("%s (seed %s) failed: %s", task, seed, failure.message)
    if not results:
        raise InvalidInput("no run succeeded: see the messages above")
    summary = summarise(results, sequences)
    summary["command"] = command
    summary["failed"] = sorted({failure.job.task for failure in failures})
    folder = summary_folder(out, preset, configs[0])
    write_box_files(results, folder)
    write_text_atomically(folder / "summary.json", json.dumps(summary, indent=1))
    return summary


def summary_folder(out: Path, preset: str, config: TrackerConfig) -> Path:
    """Where the summary of a preset on a backbone lies."""
    return out / f"{preset}-{config.backbone}"
