"""The same seeds on another processor or by another program: `python processors.py FOLDER`.

FOLDER holds runs of `mfst eval` (FOLDER/PRESET-BACKBONE/summary.json) with the settings of those in
data/results/vtb13, made on another processor, or with another engine (`--set engine=keras`). Adds
them to data/results/processors.json: how many runs have equal boxes, and the scores of both.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation.boxes_files import box_file_name, read_boxes_file, score_boxes
from mfst_lib.evaluation.evaluate import load_summary
from mfst_lib.files import write_text_atomically

RESULTS = Path(__file__).resolve().parent
#: The last digit of the stored boxes.
DIGIT = 0.001


def side(folder: Path, seeds: list[int]) -> dict[str, Any]:
    """Where one side's runs were made, their scores, and each task's success."""
    summary = load_summary(folder)
    seen = [score_boxes(folder / box_file_name(seed)) for seed in seeds]
    content = {"processor": summary["device"]["processor"], "engine": summary["config"]["engine"]}
    for key in ("precision20", "auc"):
        content[key] = round(float(np.mean([one[key] for one in seen])), 5)
        content[f"{key}_std"] = round(float(np.std([one[key] for one in seen])), 5)
    per_task = {
        task: [one["per_task"][task]["auc"] for one in seen] for task in seen[0]["per_task"]
    }
    return {**content, "success": {t: round(float(np.mean(v)), 4) for t, v in per_task.items()}}


def equal(here: Path, there: Path, seeds: list[int]) -> list[bool]:
    """For each seed and task, whether no number differs by more than one in its last digit."""
    pairs = [[read_boxes_file(place / box_file_name(n)) for place in (here, there)] for n in seeds]
    return [
        bool(np.abs(a[task] - b[task]).max() < 2 * DIGIT) for a, b in pairs for task in sorted(a)
    ]


def both(here: Path, there: Path) -> dict[str, Any]:
    """The stored runs and those elsewhere; `InvalidInput` if they are not of the same settings."""
    stored, other = load_summary(here), load_summary(there)
    for what in (_settings, lambda one: sorted(one["per_task"]), lambda one: one["weights"]):
        if what(stored) != what(other):
            raise InvalidInput(f"{there} is not what {here} is")
    seeds = [seed for seed in other["seeds"] if seed in stored["seeds"]]
    same = equal(here, there, seeds)
    counts = {"seeds": seeds, "runs": len(same), "equal_runs": sum(same)}
    return {**counts, "stored": side(here, seeds), "other": side(there, seeds)}


def _settings(summary: Mapping[str, Any]) -> str:
    """The hash of what both sides must have in common: all settings but the engine."""
    return TrackerConfig(**{**summary["config"], "engine": "litert"}).hash()


def main(folder: str, stored: str = str(RESULTS / "vtb13")) -> None:
    """Add all runs in the folder to processors.json."""
    path = RESULTS / "processors.json"
    content = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    content["command"] = "python data/results/processors.py FOLDER"
    for place in sorted(path.parent for path in Path(folder).glob("*/summary.json")):
        if (Path(stored) / place.name / "summary.json").is_file():
            found = both(Path(stored) / place.name, place)
            kind = "runs" if found["stored"]["engine"] == found["other"]["engine"] else "programs"
            content.setdefault(kind, {})[place.name] = found
    write_text_atomically(path, json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
