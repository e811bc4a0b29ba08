"""Figures that need the benchmark's ground truth, which is not part of this project.

MFST_DATA names a folder with `vtb13_meta/vtb13.json` (the ground truth of all 51 tasks) and
`vtb13_meta/published_boxes/*.npz` (the boxes that the authors of trackers published). Run
`python data/benchmark/make.py`; it writes `motion.json` and `published.json` beside itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib.evaluation import metrics
from mfst_lib.evaluation.boxes_files import read_boxes_file, read_truths, score_tasks
from mfst_lib.evaluation.motion import centre_shifts, size_factors
from mfst_lib.evaluation.slips import score_with_slips
from mfst_lib.files import write_text_atomically

HERE = Path(__file__).parent
#: The tracker whose boxes are also scored with slips.
SLIPPED = "Struck"
Boxes = Mapping[str, NDArray[np.float64]]


def motion(truth: Boxes) -> dict[str, Any]:
    """Percentiles 0 … 100 of how targets move and change size per frame, over all frames."""
    shift = np.concatenate([centre_shifts(boxes) for boxes in truth.values()])
    change = np.concatenate([np.abs(size_factors(boxes) - 1) for boxes in truth.values()])
    percent = np.arange(101)
    return {
        "tasks": len(truth),
        "steps": len(shift),
        "percentiles": percent.tolist(),
        "shift": np.percentile(shift, percent).round(5).tolist(),
        "size_change": np.percentile(change, percent).round(5).tolist(),
    }


def published(truth: Boxes, folder: Path) -> dict[str, Any]:
    """Every tracker's scores per task and its two curves, by the official rules."""
    files = sorted(folder.glob("*.npz"))
    boxes = {path.stem: read_boxes_file(path) for path in files}
    return {
        "tasks": {task: len(rows) for task, rows in truth.items()},
        "trackers": {name: tracker(truth, rows) for name, rows in boxes.items()},
        "slips": {"tracker": SLIPPED, "scores": rounded(score_with_slips(boxes[SLIPPED], truth))},
    }


def tracker(truth: Boxes, boxes: Boxes) -> dict[str, Any]:
    """One tracker: `auc` and `precision20` in the order of the tasks, and the mean curves.

    `fixed_size`: whether its boxes never change their width (by more than rounding does).
    """
    scores = score_tasks(boxes, truth)
    mean = metrics.average(scores.values())
    return {
        "auc": [round(scores[task].auc, 5) for task in truth],
        "precision20": [round(scores[task].precision20, 5) for task in truth],
        "success": mean.success.round(5).tolist(),
        "precision": mean.precision.round(5).tolist(),
        "fixed_size": all(np.ptp(rows[1:, 2]) < 1.5 for rows in boxes.values()),
    }


def rounded(rows: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """The rows with five decimals."""
    return {name: {key: round(v, 5) for key, v in row.items()} for name, row in rows.items()}


def main(data: Path, out: Path) -> None:
    """Write both files."""
    truth = read_truths(data / "vtb13_meta" / "vtb13.json")
    contents = {
        "motion": motion(truth),
        "published": published(truth, data / "vtb13_meta" / "published_boxes"),
    }
    for name, content in contents.items():
        write_text_atomically(out / f"{name}.json", json.dumps(content) + "\n")


if __name__ == "__main__":
    main(Path(os.environ["MFST_DATA"]), HERE)
