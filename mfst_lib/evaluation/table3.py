"""Table 3: trackers with weight nets beside those without, and beside published ones."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mfst_lib.config import TrackerConfig, preset
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation.evaluate import Progress, evaluate
from mfst_lib.evaluation.luck import against
from mfst_lib.sequences.catalogue import expand_tasks

logger = logging.getLogger(__name__)

#: What stands in the table if nothing else is asked for: PRESET or PRESET@BACKBONE.
ROWS = (
    "default@mobilenet_v3_large",
    "ours-v3l",
    "default@mobilenet_v3_small",
    "ours-v3s",
    "default",
    "ours-lite0",
)

#: The scores of published trackers by task, where the project's data lie beside the library.
PUBLISHED = Path(__file__).resolve().parents[2] / "data" / "benchmark" / "published.json"

#: The scores that are compared, and what they are called.
SCORES = {"precision20": "precision", "auc": "success"}

Entry = dict[str, Any]
Summary = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A row: its name as asked for, the preset in it, and its settings with seed 0."""

    name: str
    preset: str
    config: TrackerConfig


def find_row(name: str) -> Row:
    """The row called PRESET or PRESET@BACKBONE; `InvalidInput` for a preset nobody knows."""
    preset_name, _, backbone = name.partition("@")
    changes = {"backbone": backbone} if backbone else {}
    return Row(name, preset_name, preset(preset_name, **changes))


def run_rows(
    names: Sequence[str],
    baseline: str,
    seeds: Sequence[int],
    out: Path,
    *,
    root: str | None = None,
    weights: str | None = None,
    workers: int = 1,
    command: str = "",
    progress: Progress = lambda outcomes, count: outcomes,
) -> list[Entry]:
    """An entry per row, with its differences from the baseline preset on the same network.

    Only what is missing is run (see `evaluate`). A row that cannot be run is named and left out;
    `NotFound` when that leaves none.
    """
    tasks = expand_tasks("vtb13", root)
    made: dict[tuple[str, str], Summary] = {}

    def summary(row: Row) -> Summary:
        key = (row.preset, row.config.backbone)
        if key not in made:
            made[key] = evaluate(
                tasks,
                row.preset,
                [row.config.replace(seed=seed) for seed in seeds],
                out,
                root=root,
                weights=weights,
                workers=workers,
                command=command,
                progress=progress,
            )
        return made[key]

    entries = []
    for row in map(find_row, names):
        try:
            ours = summary(row)
            plain = Row(baseline, baseline, preset(baseline, backbone=row.config.backbone))
            entries.append(entry(row, ours, None if plain.preset == row.preset else summary(plain)))
        except (NotFound, InvalidInput) as error:
            logger.warning("%s left out: %s", row.name, error)
    if not entries:
        raise NotFound("no row could be run: see the messages above")
    return entries


def entry(row: Row, ours: Summary, baseline: Summary | None) -> Entry:
    """A row's scores with their spread over seeds, and how far it is ahead of the baseline."""
    scores = {key: ours[key] for name in SCORES for key in (name, f"{name}_std")}
    ahead = None
    if baseline is not None:
        ahead = {key: asdict(against(ours, baseline, key)) for key in SCORES}
    return {
        "name": row.name,
        "backbone": row.config.backbone,
        "seeds": ours["seeds"],
        "fps": ours["speed"]["fps"],
        **scores,
        "ahead": ahead,
    }


def published(tasks: Sequence[str], path: Path = PUBLISHED) -> list[Entry]:
    """An entry for each published tracker, its mean scores over these tasks, the best first.

    Raises `NotFound` without the file, `InvalidInput` for a damaged one or a task not in it.
    """
    if not path.is_file():
        raise NotFound(f"no scores of published trackers: {path} is part of the repository only")
    try:
        content = json.loads(path.read_text("utf-8"))
        places = [list(content["tasks"]).index(task) for task in tasks]
        entries = [
            {"name": name, **{key: float(np.take(one[key], places).mean()) for key in SCORES}}
            for name, one in content["trackers"].items()
        ]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise InvalidInput(f"{path} has no scores for these tasks: {error!r}") from None
    return sorted(entries, key=lambda one: -one["auc"])


def cells(entries: Sequence[Entry], others: Sequence[Entry] = ()) -> list[list[str]]:
    """The table as text, a heading first: scores in percent, then those ahead of the baseline.

    `+2.1 (0.4, 3.9)` is a mean difference over the tasks, in points, with its bootstrap interval.
    """
    names = list(SCORES.values())
    heading = ["tracker", *names, *(f"{name} ahead" for name in names), "tasks won", "FPS"]
    return [heading, *map(_ours, entries), *map(_theirs, others)]


def _ours(one: Entry) -> list[str]:
    scores = [f"{100 * one[key]:.1f} ± {100 * one[f'{key}_std']:.1f}" for key in SCORES]
    speed = f"{one['fps']:.0f}"
    if one["ahead"] is None:
        return [one["name"], *scores, "", "", "", speed]
    gaps = [one["ahead"][key] for key in SCORES]
    ahead = [f"{100 * g['mean']:+.1f} ({100 * g['low']:.1f}, {100 * g['high']:.1f})" for g in gaps]
    success = gaps[-1]["per_task"].values()
    won = f"{sum(value > 0 for value in success)} of {len(success)}"
    return [one["name"], *scores, *ahead, won, speed]


def _theirs(one: Entry) -> list[str]:
    return [one["name"], *(f"{100 * one[key]:.1f}" for key in SCORES), "", "", "", ""]
