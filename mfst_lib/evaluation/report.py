"""Trackers side by side, on the same tasks: ours from their results, others from their boxes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation import metrics
from mfst_lib.evaluation.boxes_files import box_file_name, read_boxes_file, score_tasks
from mfst_lib.evaluation.speed import fps_of, stored_speed
from mfst_lib.reading import check_types, read_json

Boxes = NDArray[np.float64]


@dataclass(frozen=True)
class Tracker:
    """A tracker's boxes: one run per seed, task → (T, 4); frames per second where known."""

    name: str
    runs: Sequence[Mapping[str, Boxes]]
    fps: float | None = None

    @property
    def tasks(self) -> set[str]:
        """The tasks that every run has."""
        return set.intersection(*(set(run) for run in self.runs))


@dataclass(frozen=True)
class Row:
    """One tracker's line in a report: scores as means over runs, `std` their spread."""

    name: str
    precision20: float
    precision20_std: float
    auc: float
    auc_std: float
    fps: float | None
    curves: Mapping[str, list[float]]
    by_attribute: Mapping[str, metrics.Score]


def read_trackers(paths: Iterable[Path]) -> list[Tracker]:
    """A tracker for each path: a folder that `mfst eval` wrote, a file or folder of boxes.

    A folder of `.npz` files counts as that many trackers. Raises what `read_boxes_file` raises,
    and `InvalidInput` when two trackers have one name.
    """
    trackers = [tracker for path in paths for tracker in _read(Path(path))]
    check_names(tracker.name for tracker in trackers)
    if not trackers:
        raise InvalidInput("nothing to report: expected result folders or files of boxes")
    return trackers


def check_names(names: Iterable[str]) -> None:
    """Raise `InvalidInput` when two trackers have one name."""
    names = list(names)
    for name in names:
        if names.count(name) > 1:
            raise InvalidInput(f"two trackers are called {name}: rename one of the files")


def _read(path: Path) -> list[Tracker]:
    if not path.exists():
        raise NotFound(f"no file or folder {path}")
    if (path / "summary.json").is_file():
        return [_read_ours(path)]
    archives = sorted(path.glob("*.npz")) if path.is_dir() else []
    if archives:
        return [Tracker(archive.stem, [read_boxes_file(archive)]) for archive in archives]
    folders = sorted(path.glob("*/summary.json")) if path.is_dir() else []
    if folders:
        return [_read_ours(summary.parent) for summary in folders]
    return [Tracker(path.stem, [read_boxes_file(path)])]


def _read_ours(folder: Path) -> Tracker:
    """All seeds of a configuration, and its speed: measured side by side where it was."""
    speeds = stored_speed(folder.parent.parent / "speed.json")
    path = folder / "summary.json"
    summary = read_json(path)
    if not isinstance(summary, dict):
        raise InvalidInput(f"{path} is damaged: expected a table")
    check_types(path, summary, preset=str, backbone=str, speed=dict, seeds=list)
    check_types(path, summary["speed"], fps=(int, float))
    measured = fps_of(speeds, summary["preset"], summary["backbone"])
    fps, seeds = measured or float(summary["speed"]["fps"]), summary["seeds"]
    # Those of the summary's seeds only: an earlier evaluation may have left others.
    runs = [read_boxes_file(folder / box_file_name(seed)) for seed in seeds]
    return Tracker(folder.name, runs, fps)


def common_tasks(trackers: Iterable[Tracker], truth: Mapping[str, Boxes]) -> list[str]:
    """The tasks that every tracker has run and whose ground truth is known, in its order."""
    everywhere = set.intersection(*(tracker.tasks for tracker in trackers))
    tasks = [task for task in truth if task in everywhere]
    if not tasks:
        raise InvalidInput("the trackers have no task in common: nothing can be compared")
    return tasks


def compare(
    trackers: Iterable[Tracker],
    truth: Mapping[str, Boxes],
    tasks: Sequence[str],
    attributes: Mapping[str, Iterable[str]],
) -> list[Row]:
    """A row for each tracker on these tasks, the highest success score first."""
    rows = [
        _row(tracker, {task: truth[task] for task in tasks}, attributes) for tracker in trackers
    ]
    return sorted(rows, key=lambda row: -row.auc)


def _row(
    tracker: Tracker, truth: Mapping[str, Boxes], attributes: Mapping[str, Iterable[str]]
) -> Row:
    per_run = [score_tasks({task: run[task] for task in truth}, truth) for run in tracker.runs]
    overall = [metrics.average(scores.values()) for scores in per_run]
    precision = [score.precision20 for score in overall]
    success = [score.auc for score in overall]
    mean = metrics.average(overall)
    by_attribute = [metrics.by_attribute(scores, attributes) for scores in per_run]
    return Row(
        tracker.name,
        float(np.mean(precision)),
        float(np.std(precision)),
        float(np.mean(success)),
        float(np.std(success)),
        tracker.fps,
        {"precision": mean.precision.tolist(), "success": mean.success.tolist()},
        {name: metrics.average(one[name] for one in by_attribute) for name in by_attribute[0]},
    )


def table(rows: Sequence[Row]) -> list[list[str]]:
    """The report as text cells, a heading first: overall scores, speed, success per attribute."""
    attributes = list(rows[0].by_attribute)
    heading = ["tracker", "precision", "success", "FPS", *attributes]
    return [heading, *(_cells(row, attributes) for row in rows)]


def _cells(row: Row, attributes: Sequence[str]) -> list[str]:
    def percent(value: float, spread: float = 0.0) -> str:
        return f"{100 * value:.1f}" + (f" ± {100 * spread:.1f}" if spread else "")

    return [
        row.name,
        percent(row.precision20, row.precision20_std),
        percent(row.auc, row.auc_std),
        "" if row.fps is None else f"{row.fps:.0f}",
        *(percent(row.by_attribute[name].auc) for name in attributes),
    ]


def as_markdown(cells: Sequence[Sequence[str]]) -> str:
    """A Markdown table; numbers to the right."""
    rule = ["---", *["---:"] * (len(cells[0]) - 1)]
    return "".join(f"| {' | '.join(line)} |\n" for line in [cells[0], rule, *cells[1:]])


def as_csv(cells: Sequence[Sequence[str]]) -> str:
    """Comma-separated values, quoted where needed."""
    import csv
    import io

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(cells)
    return text.getvalue()


def as_latex(cells: Sequence[Sequence[str]]) -> str:
    """A LaTeX tabular with booktabs' rules."""
    lines = [" & ".join(_escaped(cell) for cell in line) + r" \\" for line in cells]
    columns = "l" + "r" * (len(cells[0]) - 1)
    top, *body = lines
    inner = "\n".join([r"\toprule", top, r"\midrule", *body, r"\bottomrule"])
    return f"\\begin{{tabular}}{{{columns}}}\n{inner}\n\\end{{tabular}}\n"


def _escaped(cell: str) -> str:
    return cell.replace("_", r"\_").replace("%", r"\%").replace("±", r"$\pm$")


FORMATS: dict[str, Callable[[Sequence[Sequence[str]]], str]] = {
    "md": as_markdown,
    "csv": as_csv,
    "tex": as_latex,
}


def as_json(rows: Sequence[Row], tasks: Sequence[str]) -> dict[str, Any]:
    """The report for machines."""
    return {
        "tasks": list(tasks),
        "trackers": [
            {
                "name": row.name,
                "precision20": row.precision20,
                "precision20_std": row.precision20_std,
                "auc": row.auc,
                "auc_std": row.auc_std,
                "fps": row.fps,
                "by_attribute": {
                    name: {"auc": score.auc, "precision20": score.precision20}
                    for name, score in row.by_attribute.items()
                },
            }
            for row in rows
        ],
    }
