"""Scores as tables, for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table


#: The columns of a table of the paper: percent, percent, frames per second on CPU and on GPU.
WHAT = ("prec.", "succ.", "FPS", "GPU")


def task_table(summary: Mapping[str, Any]) -> Table:
    """One row per task: precision at 20 px and success AUC, in percent."""
    return _table("task", summary["per_task"])


def attribute_table(summary: Mapping[str, Any]) -> Table:
    """One row per attribute of the benchmark: the mean over the tasks that have it."""
    return _table("attribute", summary["by_attribute"])


def _table(what: str, rows: Mapping[str, Mapping[str, float]]) -> Table:
    from rich.table import Table

    table = Table(what, "precision", "success")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, scores in rows.items():
        table.add_row(name, percent(scores, "precision20"), percent(scores, "auc"))
    return table


def percent(scores: Mapping[str, float], key: str) -> str:
    """A score in percent, with its spread over seeds where it is known and not zero."""
    spread = scores.get(f"{key}_std", 0.0)
    return f"{100 * scores[key]:.1f}" + (f" ± {100 * spread:.1f}" if spread else "")


def verdict(summary: Mapping[str, Any]) -> str:
    """The figures that matter, in a line."""
    line = (
        f"{summary['tasks']} tasks: precision {percent(summary, 'precision20')}, "
        f"success {percent(summary, 'auc')}"
    )
    speed = summary.get("speed")
    if not speed:
        return line
    return line + (
        f"; {speed['fps']:.0f} frames per second "
        f"(p50 {speed['p50_ms']:.2f} ms, p95 {speed['p95_ms']:.2f} ms a frame)"
    )


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown, for `IPython.display.Markdown`; numbers stand on the right.

    >>> print(markdown_table(["task", "score"], [["a", 1], ["b", 2]]))
    | task | score |
    | :--- | ---: |
    | a | 1 |
    | b | 2 |
    """
    cells = [[str(cell) for cell in row] for row in rows]
    first = cells[0] if cells else [""] * len(header)
    marks = ["---:" if cell[:1].isdigit() else ":---" for cell in first]
    lines = [list(header), marks, *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def score_rows(rows: Mapping[str, Mapping[str, float]]) -> list[list[str]]:
    """Name, precision at 20 px and success AUC in percent, a row for each name."""
    return [[name, percent(s, "precision20"), percent(s, "auc")] for name, s in rows.items()]


def paper_table(entries: Sequence[Mapping[str, Any]]) -> Table:
    """Our rows beside the paper's: precision, success, frames per second on CPU and GPU."""
    from rich.box import SIMPLE
    from rich.table import Table

    heads = (f"{what}\n{whose}" for what in WHAT for whose in ("ours", "paper"))
    table = Table("row", *heads, box=SIMPLE, padding=(0, 1, 0, 0))
    for column in table.columns:
        column.no_wrap = True
        column.justify = "right" if column is not table.columns[0] else "left"
    for cells in paper_rows(entries):
        table.add_row(*cells)
    return table


def paper_rows(entries: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """The cells of `paper_table`: a name, then ours and the paper's figure for each of `WHAT`."""
    return [[entry["name"], *_pairs(entry["ours"] or {}, entry["paper"])] for entry in entries]


def _pairs(ours: Mapping[str, Any], paper: Mapping[str, float]) -> list[str]:
    cells = []
    for key in ("precision", "success"):
        own = f"{ours[key]:.1f} ± {ours[f'{key}_std']:.1f}" if key in ours else "-"
        cells += [own, f"{paper[key]:.1f}"]
    for own, key in (("fps", "fps_cpu"), ("fps_gpu", "fps_gpu")):
        cells += [f"{ours[own]:.0f}" if ours.get(own) else "-", f"{paper[key]:.0f}"]
    return cells


def plain_table(cells: Sequence[Sequence[str]]) -> Table:
    """Text cells, a heading first; all columns but the first to the right."""
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(*cells[0], box=SIMPLE, padding=(0, 1, 0, 0))
    for column in table.columns[1:]:
        column.justify = "right"
    for line in cells[1:]:
        table.add_row(*line)
    return table


def speed_table(content: Mapping[str, Any]) -> Table:
    """One row per preset and rival: speed, and accuracy where it is known (`evaluation.speed`)."""
    from rich.box import SIMPLE
    from rich.table import Table

    heads = ("threads", "FPS", "p50, ms", "p95, ms", "prec.", "succ.", "MB", "limit, ms")
    table = Table("tracker", *heads, box=SIMPLE, padding=(0, 1, 0, 0))
    for column in table.columns:
        column.no_wrap = True
        column.justify = "right" if column is not table.columns[0] else "left"
    for name, row in content["rows"].items():
        table.add_row(name, str(row.get("threads", "")), *_figures(row))
    return table


def _figures(row: Mapping[str, Any]) -> list[str]:
    cells = [
        f"{row['fps']:.3g}" if row["fps"] < 10 else f"{row['fps']:.0f}",
        f"{row['p50_ms']:.2f}",
        f"{row['p95_ms']:.2f}",
    ]
    cells += [percent(row, key) if key in row else "" for key in ("precision20", "auc")]
    cells += [f"{row['peak_mb']:.0f}" if row.get("peak_mb") else ""]
    return cells + [f"{row['limit_ms']:.2f}" if "limit_ms" in row else ""]


def stage_table(content: Mapping[str, Any]) -> Table:
    """One row per preset: the milliseconds of each part of a step, and the step over its CNN."""
    from rich.table import Table

    rows = {name: row for name, row in content["rows"].items() if "stages_ms" in row}
    parts = list(next(iter(rows.values()))["stages_ms"])
    table = Table("ms a frame", *parts, "all but CNN", "step/CNN", padding=(0, 0))
    for column in table.columns[1:]:
        column.justify = "right"
    for name, row in rows.items():
        times = row["stages_ms"]
        cells = [*times.values(), sum(times.values()) - times["CNN"]]
        ratio = f"{row['step_over_cnn']:.2f}"
        table.add_row(name, *(f"{value:.3f}" for value in cells), ratio)
    return table
