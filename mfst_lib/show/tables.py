"""Scores as tables, for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table


#: The columns of a table of the paper.
WHAT = ("precision", "success", "FPS")


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
    """Our rows beside the paper's: precision, success and frames per second on a CPU."""
    from rich.table import Table

    table = Table("row", *(f"{what} {whose}" for what in WHAT for whose in ("ours", "paper")))
    for column in table.columns[1:]:
        column.justify = "right"
    for entry in entries:
        ours, paper = entry["ours"], entry["paper"]
        table.add_row(
            entry["name"],
            "-" if ours is None else f"{ours['precision']:.1f} ± {ours['precision_std']:.1f}",
            f"{paper['precision']:.1f}",
            "-" if ours is None else f"{ours['success']:.1f} ± {ours['success_std']:.1f}",
            f"{paper['success']:.1f}",
            "-" if ours is None else f"{ours['fps']:.0f}",
            f"{paper['fps_cpu']:.0f}",
        )
    return table


def speed_table(content: Mapping[str, Any]) -> Table:
    """One row per preset: frames per second and the time of a step (see `evaluation.speed`)."""
    from rich.table import Table

    table = Table("preset", "network", "threads", "FPS", "p50, ms", "p95, ms")
    for column in table.columns[2:]:
        column.justify = "right"
    for name, row in content["rows"].items():
        figures = (f"{row['fps']:.0f}", f"{row['p50_ms']:.2f}", f"{row['p95_ms']:.2f}")
        table.add_row(name, row["backbone"], str(row["threads"]), *figures)
    return table
