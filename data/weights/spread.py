"""How much depends on the training's seed: `python data/weights/spread.py FOLDER BACKBONE...`.

Makes the nets of a backbone again with other jittered boxes (records of another seed), tracks
VTB13's tasks with each of them, and writes data/results/nets-BACKBONE.json. Seed 0 gives the
shipped nets, whose runs are stored. Needs what `make.py` needs, and VTB13's sequences below
MFST_DATA. FOLDER is for records, nets and runs; what is there and fits is kept.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mfst_lib.config import PRESETS, preset
from mfst_lib.evaluation.evaluate import evaluate, load_summary
from mfst_lib.files import write_text_atomically
from mfst_lib.sequences.catalogue import expand_tasks
from mfst_lib.training.loop import training_config
from mfst_lib.training.prior import prior_nets
from mfst_lib.training.records import Recipe, gather

RESULTS = Path(__file__).resolve().parents[1] / "results"
TRAINING_SEEDS, TRACKING_SEEDS, FRAMES = (0, 1, 2), (0, 1, 2), 40
SCORES = ("precision20", "auc")


def made(backbone: str, seed: int, folder: Path) -> Path:
    """The file of nets from records of this seed."""
    names, config = tuple(expand_tasks("train")), training_config(backbone)
    recipe = Recipe(names, config, FRAMES, maps=False, seed=seed)
    path = folder / f"{backbone}-{seed}.npz"
    prior_nets(gather(recipe, folder / f"records-{backbone}-{seed}"), config, names).save(path)
    return path


def tracked(name: str, nets: Path, folder: Path) -> Mapping[str, Any]:
    """The scores of a preset with these nets on VTB13's tasks."""
    configs = [preset(name, weight_net=str(nets), seed=seed) for seed in TRACKING_SEEDS]
    return evaluate(expand_tasks("vtb13"), name, configs, folder / nets.stem, workers=2)


def content(backbone: str, folder: Path) -> dict[str, Any]:
    """Scores of each training seed, means over tasks and tracking seeds, and their spread."""
    (name,) = (n for n, c in PRESETS.items() if c.get("weight_net") == backbone)
    shipped = load_summary(RESULTS / "vtb13" / f"{name}-{backbone}")
    others = [tracked(name, made(backbone, seed, folder), folder) for seed in TRAINING_SEEDS[1:]]
    runs = [shipped, *others]
    return {
        "command": f"python data/weights/spread.py FOLDER {backbone}",
        "preset": name,
        "training_seeds": TRAINING_SEEDS,
        "tracking_seeds": TRACKING_SEEDS,
        **{key: [round(run[key], 5) for run in runs] for key in SCORES},
        **{f"{key}_std": round(float(np.std([r[key] for r in runs])), 5) for key in SCORES},
        "per_task": {
            task: {
                key: round(float(np.mean([r["per_task"][task][key] for r in runs])), 5)
                for key in SCORES
            }
            for task in runs[0]["per_task"]
        },
    }


if __name__ == "__main__":
    for one in sys.argv[2:]:
        text = json.dumps(content(one, Path(sys.argv[1]).resolve()), indent=1)
        write_text_atomically(RESULTS / f"nets-{one}.json", text + "\n")
