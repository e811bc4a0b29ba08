"""The same seeds on two processors: `python data/results/processors.py FOLDER`.

FOLDER holds runs of `mfst eval` (FOLDER/PRESET-BACKBONE/summary.json) that were made on another
processor than those in data/results/vtb13, with the same settings, tasks and seeds. Writes
data/results/processors.json.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation.boxes_files import box_file_name, read_boxes_file
from mfst_lib.evaluation.evaluate import config_hashes, load_summary
from mfst_lib.files import write_text_atomically

RESULTS = Path(__file__).resolve().parent
#: The last digit of the stored boxes.
DIGIT = 0.001
SCORES = ("precision20", "precision20_std", "auc", "auc_std")


def side(summary: Mapping[str, Any]) -> dict[str, Any]:
    """One processor's scores, and each task's success."""
    tasks = {name: round(row["auc"], 4) for name, row in summary["per_task"].items()}
    scores = {key: round(summary[key], 5) for key in SCORES}
    return {"processor": summary["device"]["processor"], **scores, "success": tasks}


def equal(here: Path, there: Path, seeds: list[int]) -> list[bool]:
    """For each seed and task, whether all boxes are the same, as far as the files' digits go."""
    pairs = [[read_boxes_file(place / box_file_name(n)) for place in (here, there)] for n in seeds]
    return [
        bool(np.abs(a[task] - b[task]).max() < 2 * DIGIT) for a, b in pairs for task in sorted(a)
    ]


def both(there: Path) -> dict[str, Any]:
    """The stored run and that of the same name elsewhere; `InvalidInput` if they do not match."""
    stored, other = load_summary(RESULTS / "vtb13" / there.name), load_summary(there)
    for what in (config_hashes, lambda one: sorted(one["per_task"]), lambda one: one["weights"]):
        if what(stored) != what(other):
            raise InvalidInput(f"{there} is not what data/results/vtb13/{there.name} is")
    same = equal(RESULTS / "vtb13" / there.name, there, stored["seeds"])
    return {
        "seeds": stored["seeds"],
        "runs": len(same),
        "equal_runs": sum(same),
        "stored": side(stored),
        "other": side(other),
    }


def main(folder: str) -> None:
    """Write processors.json from all runs in the folder."""
    places = sorted(path.parent for path in Path(folder).glob("*/summary.json"))
    content = {
        "command": "python data/results/processors.py FOLDER",
        "runs": {place.name: both(place) for place in places},
    }
    write_text_atomically(RESULTS / "processors.json", json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
