"""`mfst report`: compare trackers on the tasks that all of them have run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from mfst_lib.cli.app import app
from mfst_lib.cli.options import AsJson, Data
from mfst_lib.errors import InvalidInput


@app.command(
    name="report",
    epilog="Examples: `mfst report results/* Struck.npz --data ~/OTB --out report`; "
    "`mfst report results/* --export got10k --out got10k_results`",
)
def report_command(
    results: Annotated[
        list[Path],
        typer.Argument(
            help="Folders that `mfst eval` wrote, and boxes of other trackers: .npz, folders of "
            ".npz, folders of OTB text."
        ),
    ],
    data: Data = None,
    tasks: Annotated[
        str | None, typer.Option(help="Only these tasks, with commas. Default: all in common.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for tables (.md, .csv, .tex) and plots (.png, .svg)")
    ] = None,
    export: Annotated[
        str | None,
        typer.Option(
            help="Instead of a report, write all boxes into --out as another toolkit keeps its "
            "results: got10k, or vot. Needs no ground truth."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare trackers on the tasks that all of them have run: tables and plots."""
    from mfst_lib.evaluation import report
    from mfst_lib.evaluation.boxes_files import truths
    from mfst_lib.sequences import vtb13

    if export is not None:
        _export(results, export, out)
        return
    trackers = report.read_trackers(results)
    wanted = set.intersection(*(tracker.tasks for tracker in trackers))
    if tasks is not None:
        wanted &= {vtb13.find_task(name).name for name in tasks.split(",")}
    truth = truths(sorted(wanted), data, beside=results[-1]) if wanted else {}
    common = report.common_tasks(trackers, truth)
    attributes = {name: task.attributes for name, task in vtb13.tasks().items()}
    rows = report.compare(trackers, truth, common, attributes)
    if out is not None:
        _write_report(rows, common, out)
    if as_json:
        typer.echo(json.dumps(report.as_json(rows, common)))
        return
    typer.echo(report.as_markdown(report.table(rows)))
    typer.echo(f"{len(common)} tasks: {', '.join(common)}")
    if out is not None:
        typer.echo(f"tables and plots: {out}")


def _export(results: list[Path], layout: str, out: Path | None) -> None:
    """Write the trackers' boxes as another toolkit keeps its results."""
    from mfst_lib.evaluation import exports, report

    exports.check_layout(layout)
    if out is None:
        raise InvalidInput(f"--export {layout} needs a folder to write to: give --out")
    found = [(tracker, path) for path in results for tracker in report.read_trackers([path])]
    report.check_names(tracker.name for tracker, _ in found)
    trackers = [exports.with_times(tracker, path) for tracker, path in found]
    for folder in exports.WRITERS[layout](trackers, out):
        typer.echo(f"written: {folder}")


def _write_report(rows: Any, tasks: list[str], out: Path) -> None:
    from mfst_lib.evaluation import report
    from mfst_lib.evaluation.run import check_writable
    from mfst_lib.files import write_figure, write_text_atomically
    from mfst_lib.show.curves import plot_attributes, plot_curves

    check_writable(out)
    cells = report.table(rows)
    for ending, write in report.FORMATS.items():
        write_text_atomically(out / f"table.{ending}", write(cells))
    overall = plot_curves({row.name: row.curves for row in rows}, f"{len(tasks)} tasks")
    by_attribute = plot_attributes(
        {
            attribute: {row.name: row.by_attribute[attribute].success.tolist() for row in rows}
            for attribute in rows[0].by_attribute
        }
    )
    for name, figure in (("curves", overall), ("attributes", by_attribute)):
        for ending in ("png", "svg"):
            write_figure(figure, out / f"{name}.{ending}", dpi=150)
