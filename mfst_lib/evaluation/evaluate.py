"""A whole evaluation: every task with every seed, then one summary and the boxes beside it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import mfst_lib
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation.boxes_files import box_file_name, write_box_files
from mfst_lib.evaluation.peers import PeerConfig, is_peer
from mfst_lib.evaluation.results import Result
from mfst_lib.evaluation.run import Failure, fingerprint, job_sequence, plan, run_all
from mfst_lib.evaluation.summary import FORMAT, check_summary, summarise
from mfst_lib.files import write_text_atomically
from mfst_lib.locks import alone_in
from mfst_lib.reading import read_json
from mfst_lib.sequences.sequence import Sequence as FramesAndBoxes

logger = logging.getLogger(__name__)

#: Shows progress: takes the outcomes as they come and how many there will be.
Progress = Callable[[Iterable[Any], int], Iterable[Any]]


def evaluate(
    tasks: Sequence[str],
    preset: str,
    configs: Sequence[TrackerConfig | PeerConfig],
    out: Path,
    *,
    root: str | None = None,
    weights: str | None = None,
    workers: int = 1,
    dask: str | None = None,
    command: str = "",
    progress: Progress = lambda outcomes, count: outcomes,
) -> dict[str, Any]:
    """Run one tracker over all tasks, once per configuration (they differ in the seed).

    workers: processes here; dask: the address of a cluster to use instead (see `run_all`).
    Writes OUT/preset-backbone/summary.json, boxes-seedN.npz, and one file per run; returns the
    summary. Runs whose files are there and fit are not made again, and nothing at all is when the
    summary fits. Another process in the folder is waited for. A run that fails is named, and its
    task listed under "failed". Raises `InvalidInput` when no run succeeds, and what
    `load_sequence` and `run_all` raise, before anything runs.
    """
    folder = summary_folder(out, preset, configs[0])
    stored = stored_summary(folder, tasks, configs, weights)
    if stored is not None and stored["preset"] == preset:
        return stored
    sequences = {name: job_sequence(name, root) for name in tasks}  # what is missing shows now
    jobs = plan(tasks, preset, configs, out, root, weights)
    with alone_in(folder):
        outcomes = list(progress(run_all(jobs, workers, dask), len(jobs)))
        # The settings decide whether a run fits; the preset may have had another name then.
        return _summary_of(outcomes, sequences, folder, {"preset": preset, "command": command})


def _summary_of(
    outcomes: Sequence[Result | Failure],
    sequences: Mapping[str, FramesAndBoxes],
    folder: Path,
    said: Mapping[str, str],
) -> dict[str, Any]:
    """The outcomes' summary with what is said of it, and the boxes beside; failures are named."""
    failures = [one for one in outcomes if isinstance(one, Failure)]
    results = [one for one in outcomes if not isinstance(one, Failure)]
    for failure in failures:
        task, seed = failure.job.task, failure.job.config.seed
        logger.warning("%s (seed %s) failed: %s", task, seed, failure.message)
    if not results:
        raise InvalidInput("no run succeeded: see the messages above")
    summary = {**summarise(results, sequences), **said}
    summary["failed"] = sorted({failure.job.task for failure in failures})
    write_box_files(results, folder)
    write_text_atomically(folder / "summary.json", json.dumps(summary, indent=1))
    return summary


def summary_folder(out: Path, preset: str, config: TrackerConfig | PeerConfig) -> Path:
    """Where the summary of a preset on a backbone lies."""
    return out / f"{preset}-{config.backbone}"


def stored_summary(
    folder: Path,
    tasks: Sequence[str],
    configs: Sequence[TrackerConfig | PeerConfig],
    weights: str | None,
) -> dict[str, Any] | None:
    """The folder's summary when it answers for these runs; None, said in a line, when not."""
    try:
        summary = load_summary(folder)
    except NotFound:
        return None
    except InvalidInput as error:
        logger.warning("%s: made again", error)
        return None
    reason = summary_misfit(summary, tasks, configs, weights)
    if reason:
        logger.warning("%s does not fit (%s): made again", folder / "summary.json", reason)
        return None
    return summary


def load_summary(folder: str | Path) -> dict[str, Any]:
    """Read FOLDER/summary.json, beside which the boxes of its seeds must lie.

    Raises `NotFound` without a summary, `InvalidInput` for a damaged one.
    """
    path = Path(folder) / "summary.json"
    if not path.is_file():
        raise NotFound(f"no summary {path}")
    summary = read_json(path)
    if not isinstance(summary, dict) or summary.get("format") != FORMAT:
        raise InvalidInput(f'{path} is no summary: expected "format": "{FORMAT}"')
    check_summary(summary, path)
    missing = [s for s in summary["seeds"] if not (path.parent / box_file_name(s)).is_file()]
    if missing:
        raise InvalidInput(f"{path} has no boxes beside it for the seeds {missing}")
    return summary


def summary_misfit(
    summary: Mapping[str, Any],
    tasks: Sequence[str],
    configs: Sequence[TrackerConfig | PeerConfig],
    weights: str | None = None,
) -> str:
    """Why a summary does not answer for these tasks and configurations; empty if it does."""
    got, expected = config_hashes(summary), [config.hash() for config in configs]
    wanted = {
        "config hash": (got, expected),
        "task list": (sorted(summary["per_task"]), sorted(tasks)),
        "library version": (summary["versions"].get("mfst_lib"), mfst_lib.__version__),
        "network weights": (summary.get("weights"), fingerprint(configs[0], weights)),
    }
    for what, (is_, should_be) in wanted.items():
        if is_ != should_be:
            return f"its {what} is {is_}, expected {should_be}"
    return ""


def config_hashes(summary: Mapping[str, Any]) -> list[str] | str:
    """The hashes of the configurations that a summary was made with, one per seed."""
    try:
        make = PeerConfig.from_dict if is_peer(summary["config"]) else _tracker_config
        return [make({**summary["config"], "seed": seed}).hash() for seed in summary["seeds"]]
    except (TypeError, InvalidInput) as error:
        return f"none ({error})"


def _tracker_config(values: dict[str, Any]) -> TrackerConfig:
    return TrackerConfig(**values)
