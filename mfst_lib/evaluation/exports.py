"""Results in the folders of other toolkits, so that theirs can score and draw them.

got10k (its experiments on OTB and on GOT-10k) and the VOT toolkit (an "unsupervised" experiment).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation.evaluate import config_hashes, load_summary
from mfst_lib.evaluation.report import Tracker
from mfst_lib.evaluation.results import load_result
from mfst_lib.evaluation.run import check_writable, file_name
from mfst_lib.files import write_text_atomically
from mfst_lib.sequences.otb import to_one_based
from mfst_lib.sequences.vtb13 import is_task, tasks

Boxes = NDArray[np.float64]


@dataclass(frozen=True)
class Exported:
    """A tracker's runs: per run, task → boxes (T, 4), 0-based; task → seconds (T,) where known."""

    name: str
    runs: Sequence[Mapping[str, Boxes]]
    seconds: Sequence[Mapping[str, NDArray[np.float64]]]


def with_times(tracker: Tracker, path: Path) -> Exported:
    """The tracker with the time of every frame, where `path` is a folder that `mfst eval` wrote."""
    runs = [dict(run) for run in tracker.runs]
    folders = [path, path / tracker.name]
    folder = next((one for one in folders if (one / "summary.json").is_file()), None)
    if folder is None:
        return Exported(tracker.name, runs, [{} for _ in runs])
    summary = load_summary(folder)
    hashes = config_hashes(summary)
    if isinstance(hashes, str):
        raise InvalidInput(f"{folder}: the settings of its summary are {hashes}")
    pairs = zip(summary["seeds"], hashes, strict=True)
    seconds = [_seconds(folder / f"seed{seed}-{one}") for seed, one in pairs]
    return Exported(tracker.name, runs, seconds)


def _seconds(folder: Path) -> dict[str, NDArray[np.float64]]:
    """Task → seconds of `init` and of every `update`, from the run's result files."""
    results = [load_result(path) for path in sorted(folder.glob("*.json"))]
    return {r.task: np.array([r.init_ms, *r.times_ms]) / 1000 for r in results}


def write_got10k(trackers: Iterable[Exported], out: Path) -> list[Path]:
    """Write OUT/OTB2013/… for VTB13's tasks and OUT/GOT-10k/… for all others; the folders written.

    OTB2013/TRACKER/NAME.txt is 1-based as its ground truth, with `times/` beside; a tracker of
    several runs becomes TRACKER-1, TRACKER-2. GOT-10k/TRACKER/NAME/NAME_001.txt is 0-based, one
    file a run. got10k counts five frames of Tiger1 that VTB13 leaves out: they get the start box.
    """
    folders = set()
    for tracker in trackers:
        for number, run in enumerate(tracker.runs, start=1):
            seconds = tracker.seconds[number - 1]
            single = tracker.name if len(tracker.runs) == 1 else f"{tracker.name}-{number}"
            for task, boxes in run.items():
                if is_task(task):
                    folder = out / "OTB2013" / single
                    _write_otb(folder, task, boxes, seconds.get(task))
                else:
                    folder = out / "GOT-10k" / tracker.name
                    _write_rows(
                        folder / file_name(task), f"{file_name(task)}_{number:03d}.txt", boxes
                    )
                folders.add(folder)
        _write_got10k_times(out / "GOT-10k" / tracker.name, tracker)
    return sorted(folders)


def _write_otb(folder: Path, task: str, boxes: Boxes, seconds: NDArray[np.float64] | None) -> None:
    """One task in the layout of got10k's ExperimentOTB."""
    name = _got10k_name(task)
    omitted = tasks()[task].start_frame - 1 if task == "Tiger1" else 0
    boxes = np.concatenate([np.repeat(boxes[:1], omitted, axis=0), boxes])
    _write_rows(folder, f"{name}.txt", to_one_based(boxes))
    if seconds is not None and not omitted:
        text = "".join(f"{value:.8f}\n" for value in seconds)
        check_writable(folder / "times")
        write_text_atomically(folder / "times" / f"{name}_time.txt", text)


def _write_got10k_times(folder: Path, tracker: Exported) -> None:
    """NAME_time.txt with a column for each run, where the time of every run is known."""
    for task in {task for run in tracker.runs for task in run if not is_task(task)}:
        columns = [seconds[task] for seconds in tracker.seconds if task in seconds]
        if len(columns) == len(tracker.runs):
            rows = np.stack(columns, axis=1)
            text = "".join(",".join(f"{v:.8f}" for v in row) + "\n" for row in rows)
            write_text_atomically(folder / file_name(task) / f"{file_name(task)}_time.txt", text)


def _got10k_name(task: str) -> str:
    """got10k's name of a VTB13 task: Jogging.1 for Jogging-1."""
    target = tasks()[task].target
    return task if target is None else f"{tasks()[task].folder}.{target}"


def write_vot(trackers: Iterable[Exported], out: Path, experiment: str = "baseline") -> list[Path]:
    """Write OUT/results/TRACKER/EXPERIMENT/NAME/NAME_001.txt, 0-based; the folders written.

    The first row is the toolkit's sign for "started here", 1; NAME_001_time.value has seconds.
    A workspace whose `results` this is must have the sequences under the same names.
    """
    folders = []
    for tracker in trackers:
        home = out / "results" / tracker.name / experiment
        folders.append(home)
        for number, run in enumerate(tracker.runs, start=1):
            for task, boxes in run.items():
                name = file_name(task)
                _write_rows(home / name, f"{name}_{number:03d}.txt", boxes, first="1")
                seconds = tracker.seconds[number - 1].get(task)
                if seconds is not None:
                    text = "".join(f"{value:.6f}\n" for value in seconds)
                    write_text_atomically(home / name / f"{name}_{number:03d}_time.value", text)
    return folders


def _write_rows(folder: Path, name: str, boxes: Boxes, first: str | None = None) -> None:
    """Boxes as x,y,w,h a line with three decimals; `first` stands for the first one."""
    check_writable(folder)
    lines = [",".join(f"{value:.3f}" for value in box) for box in boxes]
    if first is not None:
        lines[0] = first
    write_text_atomically(folder / name, "\n".join([*lines, ""]))


WRITERS: dict[str, Callable[[Iterable[Exported], Path], list[Path]]] = {
    "got10k": write_got10k,
    "vot": write_vot,
}


def check_layout(name: str) -> None:
    """Raise `InvalidInput` for a layout that is none of these."""
    if name not in WRITERS:
        raise InvalidInput(f"--export is one of {', '.join(WRITERS)}; got {name!r}")
