"""The paper's tables from runs on this machine, each row beside the paper's."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mfst_lib.config import preset
from mfst_lib.errors import InvalidInput, NotFound, unknown
from mfst_lib.evaluation.evaluate import Progress, evaluate
from mfst_lib.evaluation.paper import TABLES, PaperRow
from mfst_lib.sequences.catalogue import expand_tasks

logger = logging.getLogger(__name__)


def find_rows(table: str, presets: Sequence[str] = ()) -> list[PaperRow]:
    """The rows of a table, or those of the presets named; `InvalidInput` for unknown names."""
    if table not in TABLES:
        raise unknown("table", table, TABLES)
    rows = {row.preset: row for row in TABLES[table]}
    for name in presets:
        if name not in rows:
            raise unknown(f"row of {table}", name, rows)
    return [rows[name] for name in presets or rows]


def reproduce(
    rows: Sequence[PaperRow],
    seeds: Sequence[int],
    out: Path,
    *,
    root: str | None = None,
    weights: str | None = None,
    workers: int = 1,
    command: str = "",
    progress: Progress = lambda outcomes, count: outcomes,
) -> dict[str, dict[str, Any]]:
    """The summary of each row that could be run, by preset, on the VTB13 tasks at hand.

    Only what is missing is run (see `evaluate`). A row whose network weights cannot be had is
    named and left out. Raises `NotFound` when no row can be run.
    """
    tasks = expand_tasks("vtb13", root)
    summaries = {}
    for row in rows:
        configs = [preset(row.preset, seed=seed) for seed in seeds]
        try:
            summaries[row.preset] = evaluate(
                tasks,
                row.preset,
                configs,
                out,
                root=root,
                weights=weights,
                workers=workers,
                command=command,
                progress=progress,
            )
        except (NotFound, InvalidInput) as error:
            logger.warning("%s left out: %s", row.name, error)
    if not summaries:
        raise NotFound("no row could be run: see the messages above")
    return summaries


def beside_paper(
    rows: Sequence[PaperRow],
    summaries: dict[str, dict[str, Any]],
    speed: Mapping[str, float] | None = None,
    speed_gpu: Mapping[str, float] | None = None,
) -> list[dict[str, Any]]:
    """One entry per row: ours (None where it was not run) and the paper's, scores in percent.

    speed: frames per second by preset where they were measured side by side (`mfst bench`);
    a run's own, which other work on the machine may have slowed, stand in for the rest.
    speed_gpu: the same on a GPU, where one was at hand.
    """
    entries = []
    speed, speed_gpu = speed or {}, speed_gpu or {}
    for row in rows:
        ours = summaries.get(row.preset)
        entries.append(
            {
                "name": row.name,
                "preset": row.preset,
                "paper": {
                    "precision": row.precision,
                    "success": row.success,
                    "fps_cpu": row.fps_cpu,
                    "fps_gpu": row.fps_gpu,
                },
                "ours": None
                if ours is None
                else {
                    **_percent(ours),
                    "fps": speed.get(row.preset, ours["speed"]["fps"]),
                    "fps_gpu": speed_gpu.get(row.preset),
                },
            }
        )
    return entries


def _percent(summary: dict[str, Any]) -> dict[str, float]:
    return {
        "precision": 100 * summary["precision20"],
        "precision_std": 100 * summary["precision20_std"],
        "success": 100 * summary["auc"],
        "success_std": 100 * summary["auc_std"],
    }
