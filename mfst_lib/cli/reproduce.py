"""`mfst reproduce`: the tables, ablations and figures of the paper."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from mfst_lib.cli.app import app
from mfst_lib.cli.options import (
    AsJson,
    Data,
    WeightsFolder,
    Workers,
    chosen_workers,
    parse_seeds,
)
from mfst_lib.cli.terminal import command_line, interruptible, progress_bar, say
from mfst_lib.errors import NotFound, unknown


@app.command(
    name="reproduce",
    epilog="Examples: `mfst reproduce table2 --data ~/OTB --rows v3l-s-eq12`; "
    "`mfst reproduce ablations --quick`, which needs no data",
)
def reproduce_command(
    what: Annotated[
        str,
        typer.Argument(
            help="table1 (Eq. 9), table2 (Eq. 12), table3 (weight nets), ablations or figures."
        ),
    ],
    data: Data = None,
    weights: WeightsFolder = None,
    rows: Annotated[
        str,
        typer.Option(help="Only these rows (presets) or ablations, with commas. Default: all."),
    ] = "",
    seeds: Annotated[
        str, typer.Option(help="Seeds of a table's runs, with commas. Ablations have their own.")
    ] = "0,1,2",
    workers: Workers = None,
    baseline: Annotated[
        str, typer.Option(help="The preset that Table 3's rows are compared with, task by task.")
    ] = "default",
    quick: Annotated[
        bool, typer.Option("--quick", help="Ablations on lab sequences alone, in minutes.")
    ] = False,
    out: Annotated[
        Path, typer.Option(help="Folder for result files, one more folder for each kind.")
    ] = Path("results"),
    as_json: AsJson = False,
) -> None:
    """Run a table of the paper, its ablations or its figures, and print ours beside the paper's.

    Only what is missing is run: the same command goes on after an interruption, and the second
    time it only prints. Tables run on the VTB13 tasks at hand, ablations on the sequences below
    the data folder that are none of VTB13's.
    """
    from mfst_lib.evaluation.paper import TABLES

    makers = {**dict.fromkeys(TABLES, _reproduce_table), **_MAKERS}
    if what not in makers:
        raise unknown("thing to reproduce", what, makers)
    request = Request(
        what,
        str(data) if data is not None else None,
        weights,
        [name.strip() for name in rows.split(",") if name.strip()],
        parse_seeds(seeds),
        chosen_workers(workers),
        baseline,
        quick,
        out,
        as_json,
    )
    with interruptible():
        makers[what](request)


@dataclass(frozen=True)
class Request:
    """What `mfst reproduce` was asked for."""

    what: str
    root: str | None
    weights: str | None
    rows: list[str]
    seeds: list[int]
    workers: int
    baseline: str
    quick: bool
    out: Path
    as_json: bool

    @property
    def how(self) -> dict[str, Any]:
        """The arguments that every run takes."""
        return {
            "root": self.root,
            "weights": self.weights,
            "workers": self.workers,
            "command": command_line(),
            "progress": progress_bar,
        }


def _reproduce_table(request: Request) -> None:
    from mfst_lib.evaluation.reproduce import beside_paper, find_rows, reproduce
    from mfst_lib.evaluation.speed import stored_speed
    from mfst_lib.sequences.catalogue import expand_tasks

    wanted = find_rows(request.what, request.rows)
    summaries = reproduce(wanted, request.seeds, request.out / "vtb13", **request.how)
    speeds = [stored_speed(request.out / name) for name in ("speed.json", "speed-gpu.json")]
    entries = beside_paper(wanted, summaries, *speeds)
    tasks = expand_tasks("vtb13", request.root)
    if request.as_json:
        typer.echo(json.dumps({"table": request.what, "tasks": tasks, "rows": entries}))
        return
    from rich.console import Console

    from mfst_lib.show.tables import paper_table

    Console().print(paper_table(entries))
    typer.echo(f"ours: on {len(tasks)} of the 51 tasks ({', '.join(tasks)})")
    typer.echo("paper: on all 51 tasks, Intel i7-4790")


def _reproduce_table3(request: Request) -> None:
    from mfst_lib.evaluation import table3
    from mfst_lib.sequences.catalogue import expand_tasks

    entries = table3.run_rows(
        request.rows or table3.ROWS,
        request.baseline,
        request.seeds,
        request.out / "vtb13",
        **request.how,
    )
    tasks = expand_tasks("vtb13", request.root)
    try:
        others = table3.published(tasks)
    except NotFound as error:
        say(str(error))
        others = []
    if request.as_json:
        content = {"tasks": tasks, "baseline": request.baseline, "rows": entries}
        typer.echo(json.dumps({"table": request.what, **content, "published": others}))
        return
    from rich.console import Console

    from mfst_lib.show.tables import plain_table

    Console().print(plain_table(table3.cells(entries, others)))
    typer.echo(f"on {len(tasks)} of the 51 tasks ({', '.join(tasks)})")
    typer.echo(
        f"ahead: of the preset {request.baseline} on the same network, in points; in brackets "
        "where the mean would lie in 95 of 100 draws of other tasks"
    )


def _reproduce_ablations(request: Request) -> None:
    from mfst_lib.evaluation.ablations import run_sweep
    from mfst_lib.evaluation.sweeps import SWEEPS, find_sweep, quick
    from mfst_lib.files import write_figure
    from mfst_lib.sequences.catalogue import split_start

    chosen = [find_sweep(name) for name in request.rows or SWEEPS]
    sweeps = [quick(sweep) for sweep in chosen] if request.quick else chosen
    folder = request.out / ("ablations-quick" if request.quick else "ablations")
    contents = []
    for sweep in sweeps:
        if sweep is None:  # it has no quick version
            continue
        content = run_sweep(sweep, folder, **request.how)
        contents.append(content)
        if not (folder / f"{sweep.name}.png").is_file():
            from mfst_lib.show.sweeps import plot_sweep

            write_figure(plot_sweep(content), folder / f"{sweep.name}.png")
        if not request.as_json:
            typer.echo(f"{content['question']}\n  {content['finding']}")
    if request.as_json:
        typer.echo(json.dumps(contents))
    elif contents:
        tasks = len({split_start(name)[0] for name in contents[0]["tasks"]})
        typer.echo(f"files and plots: {folder}; {tasks} sequences, so many frames of each as said")


def _reproduce_figures(request: Request) -> None:
    from mfst_lib.evaluation.run import check_writable
    from mfst_lib.files import write_figure
    from mfst_lib.show.paper_figures import FIGURES, find_figures

    check_writable(request.out / "figures")
    for name in find_figures(request.rows):
        path = request.out / "figures" / f"{name}.png"
        try:
            write_figure(FIGURES[name](request.root, request.weights, request.out), path)
        except NotFound as error:
            say(f"{name} left out: {error}")
            continue
        typer.echo(str(path))


_MAKERS: dict[str, Callable[[Request], None]] = {
    "table3": _reproduce_table3,
    "ablations": _reproduce_ablations,
    "figures": _reproduce_figures,
}
