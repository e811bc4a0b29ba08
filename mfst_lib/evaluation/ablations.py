"""Ablations, run: a file per sweep with what was asked, what came out, and a finding."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import mfst_lib
from mfst_lib.boxes import as_box, check_inside
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation import machine, metrics
from mfst_lib.evaluation.results import Result
from mfst_lib.evaluation.run import Failure, job_sequence, plan, run_all
from mfst_lib.evaluation.sweeps import Sweep
from mfst_lib.files import write_text_atomically
from mfst_lib.locks import alone_in
from mfst_lib.reading import check_types, read_json
from mfst_lib.sequences.catalogue import expand_tasks, split_start
from mfst_lib.sequences.sequence import Sequence as FramesAndBoxes

logger = logging.getLogger(__name__)

FORMAT = "mfst-sweep"
Progress = Callable[[Iterable[Any], int], Iterable[Any]]


def run_sweep(
    sweep: Sweep,
    out: Path,
    *,
    root: str | None = None,
    weights: str | None = None,
    workers: int = 1,
    command: str = "",
    progress: Progress = lambda outcomes, count: outcomes,
) -> dict[str, Any]:
    """The sweep's content, read from OUT/NAME.json when that fits, else run and written there.

    Raises `InvalidInput` when a run fails, and what `run_all` raises before anything runs.
    """
    path, tasks = out / f"{sweep.name}.json", starts(sweep, root)
    stored = stored_sweep(path, sweep, tasks)
    if stored is not None:
        return stored
    configs = [config for label in sweep.settings for config in sweep.configs(label)]
    # Runs of other lengths have a folder of their own: neither replaces the other's files.
    runs = out / f"first-{sweep.frames}-frames"
    jobs = plan(tasks, sweep.base, configs, runs, root, weights, sweep.frames)
    with alone_in(runs):
        outcomes = list(progress(run_all(jobs, workers), len(jobs)))
    for outcome in outcomes:
        if isinstance(outcome, Failure):
            raise InvalidInput(f"{sweep.name}, {outcome.job.task}: {outcome.message}")
    content = content_of(sweep, [one for one in outcomes if isinstance(one, Result)], tasks, root)
    content["command"] = command
    write_text_atomically(path, json.dumps(content, indent=1, ensure_ascii=False))
    return content


#: A run that starts late has at least so many frames.
SHORTEST_RUN = 50


def starts(sweep: Sweep, root: str | None = None) -> list[str]:
    """What a sweep runs over: its tasks, or these from every so many frames on.

    A start needs a target to be shown: no run starts where `init` would refuse the box.
    """
    tasks = expand_tasks(sweep.tasks, root)
    if not sweep.every:
        return tasks
    names = []
    for task in tasks:
        sequence = job_sequence(task, root)
        later = range(sweep.every, len(sequence) - SHORTEST_RUN + 1, sweep.every)
        names += [task, *(f"{task}@{n}" for n in later if _is_shown(sequence, n))]
    return names


def _is_shown(sequence: FramesAndBoxes, number: int) -> bool:
    """Whether a tracker can be started on the target in this frame."""
    try:
        check_inside(as_box(sequence.boxes[number]), sequence.frames[number].shape)
    except InvalidInput:
        return False
    return True


def content_of(
    sweep: Sweep, results: Sequence[Result], tasks: Sequence[str], root: str | None
) -> dict[str, Any]:
    """What a sweep's file holds: scores of every setting, means and spread over seeds."""
    by_hash: dict[str, list[Result]] = {}
    for result in results:
        by_hash.setdefault(result.config_hash, []).append(result)
    rows = []
    for label in sweep.settings:
        seeds = [_scores(by_hash[config.hash()], sweep, root) for config in sweep.configs(label)]
        row = _row([metrics.average(one.values()) for one in seeds])
        rows.append({"label": label, **row, "per_task": _per_task(seeds)})
    return {
        "format": FORMAT,
        "sweep": sweep.name,
        "question": sweep.question,
        "axis": sweep.axis,
        "reference": sweep.reference,
        "base": sweep.base,
        "tasks": list(tasks),
        "frames": sweep.frames,
        **({"every": sweep.every} if sweep.every else {}),
        "seeds": list(sweep.seeds),
        "config_hashes": _hashes(sweep),
        "settings": rows,
        "finding": finding(rows, sweep.reference, sweep.whose),
        "versions": machine.versions(),
        "device": dict(machine.device()),
    }


def _hashes(sweep: Sweep) -> dict[str, str]:
    """Each setting's configuration, as the hash of its first seed's."""
    return {label: sweep.configs(label)[0].hash() for label in sweep.settings}


def _scores(results: Sequence[Result], sweep: Sweep, root: str | None) -> dict[str, metrics.Score]:
    """Each sequence's score in one seed's runs, a mean over its starts."""
    runs: dict[str, list[metrics.Score]] = {}
    for r in results:
        truth = job_sequence(r.task, root, sweep.frames).boxes
        runs.setdefault(split_start(r.task)[0], []).append(metrics.score(r.boxes, truth))
    return {task: metrics.average(scores) for task, scores in runs.items()}


def _per_task(seeds: Sequence[dict[str, metrics.Score]]) -> dict[str, dict[str, float]]:
    """Each task's mean over seeds, by which `luck.against` compares two settings in pairs."""
    return {
        task: {
            key: round(float(np.mean([getattr(one[task], key) for one in seeds])), 4)
            for key in ("precision20", "auc")
        }
        for task in sorted(seeds[0])
    }


def _row(per_seed: Sequence[metrics.Score]) -> dict[str, Any]:
    precision = [score.precision20 for score in per_seed]
    success = [score.auc for score in per_seed]
    return {
        "precision20": float(np.mean(precision)),
        "precision20_std": float(np.std(precision)),
        "auc": float(np.mean(success)),
        "auc_std": float(np.std(success)),
        "per_seed": {"precision20": precision, "auc": success},
    }


def finding(rows: Sequence[dict[str, Any]], reference: str, whose: str = "the paper's") -> str:
    """One sentence: the best setting by success against the paper's, and whether it is noise.

    A difference counts when it is more than twice the joint spread of the two over seeds.
    """
    best = max(rows, key=lambda row: row["auc"])
    paper = next(row for row in rows if row["label"] == reference)
    if best is paper:
        second = max((row for row in rows if row is not paper), key=lambda row: row["auc"])
        return (
            f"{whose[0].upper()}{whose[1:]} setting ({reference}) is the best of {len(rows)} "
            f"with a success of {_percent(paper)}; the next, {second['label']}, has "
            f"{_percent(second)}, which is {_weight(paper, second)}."
        )
    return (
        f"Of {len(rows)} settings {best['label']} has the highest success, {_percent(best)}; "
        f"{whose} ({reference}) has {_percent(paper)}, which is {_weight(best, paper)}."
    )


def _percent(row: dict[str, Any]) -> str:
    if len(row["per_seed"]["auc"]) == 1:
        return f"{100 * row['auc']:.1f} (one seed)"
    return f"{100 * row['auc']:.1f} ± {100 * row['auc_std']:.1f}"


def _weight(better: dict[str, Any], worse: dict[str, Any]) -> str:
    """Whether a difference is more than seeds make."""
    spread = float(np.hypot(better["auc_std"], worse["auc_std"]))
    if len(better["per_seed"]["auc"]) == 1:
        return f"{100 * (better['auc'] - worse['auc']):.1f} points less, its spread unknown"
    if better["auc"] - worse["auc"] > 2 * spread:
        return f"{100 * (better['auc'] - worse['auc']):.1f} points less, beyond the seeds' spread"
    return "within the seeds' spread"


def stored_sweep(path: Path, sweep: Sweep, tasks: Sequence[str]) -> dict[str, Any] | None:
    """A sweep's file when it answers for this sweep; None, said in a line, when it does not."""
    try:
        content = load_sweep(path)
    except NotFound:
        return None
    except InvalidInput as error:
        logger.warning("%s: made again", error)
        return None
    reason = misfit(content, sweep, tasks)
    if reason:
        logger.warning("%s does not fit (%s): made again", path, reason)
        return None
    return content


def load_sweep(path: str | Path) -> dict[str, Any]:
    """Read a sweep's file. Raises `NotFound`, or `InvalidInput` naming what is wrong with it."""
    path = Path(path)
    if not path.is_file():
        raise NotFound(f"no sweep {path}")
    try:
        content = read_json(path)
        if content["format"] != FORMAT:
            raise InvalidInput(f'{path} is no sweep: expected "format": "{FORMAT}"')
        for row in content["settings"]:
            if not all(np.isfinite(row[key]) for key in ("precision20", "auc", "auc_std")):
                raise InvalidInput(f"{path} is damaged: {row['label']} has scores without a value")
    except InvalidInput:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise InvalidInput(f"{path} is damaged: {error!r}") from None
    check_types(path, content, versions=dict, settings=list)
    return content  # type: ignore[no-any-return]


def misfit(content: dict[str, Any], sweep: Sweep, tasks: Sequence[str]) -> str:
    """Why a sweep's file does not answer for this sweep; empty if it does."""
    wanted = {
        "library version": (content["versions"].get("mfst_lib"), mfst_lib.__version__),
        "task list": (content.get("tasks"), list(tasks)),
        "number of frames": (content.get("frames"), sweep.frames),
        "distance of starts": (content.get("every", 0), sweep.every),
        "list of seeds": (content.get("seeds"), list(sweep.seeds)),
        "config hash": (content.get("config_hashes"), _hashes(sweep)),
    }
    for what, (got, expected) in wanted.items():
        if got != expected:
            return f"its {what} is {_short(got)}, expected {_short(expected)}"
    return ""


def _short(value: object) -> str:
    """A value in a message, cut where it grows long."""
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
