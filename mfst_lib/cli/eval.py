"""`mfst eval`: run a tracker over many sequences and score it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mfst_lib.cli.app import app
from mfst_lib.cli.options import (
    AsJson,
    BackboneName,
    Data,
    PresetName,
    Settings,
    WeightsFolder,
    Workers,
    chosen_config,
    chosen_preset,
    chosen_workers,
    parse_seeds,
)
from mfst_lib.cli.terminal import command_line, interruptible, progress_bar
from mfst_lib.errors import InvalidInput

if TYPE_CHECKING:
    from mfst_lib.config import TrackerConfig
    from mfst_lib.evaluation.peers import PeerConfig


@app.command(
    name="eval",
    epilog="Examples: `mfst eval --tasks vtb13 --data ~/OTB --preset v3l-s --seeds 0,1,2`; "
    "`mfst eval --tasks folder --data ~/LaSOT --tracker opencv:mil`",
)
def eval_command(
    tasks: Annotated[
        str,
        typer.Option(
            help="With commas: names (David, lab:twins) and groups: `vtb13` (those of its 51 tasks "
            "that are at hand), `train` (sequences that are none of them), `lab`, `folder` (every "
            "sequence below --data). David@150 starts at frame 150."
        ),
    ] = "lab",
    data: Data = None,
    tracker: Annotated[
        str,
        typer.Option(
            help="fmst, or one of OpenCV's that the installed wheel has: opencv:mil, and with "
            "opencv-contrib-python opencv:csrt, opencv:kcf and others."
        ),
    ] = "fmst",
    preset_name: PresetName = None,
    backbone: BackboneName = None,
    weights: WeightsFolder = None,
    seeds: Annotated[str, typer.Option(help="Seeds of the random candidates, with commas.")] = "0",
    workers: Workers = None,
    dask: Annotated[
        str | None,
        typer.Option(
            help="Use the workers of the Dask cluster with this scheduler instead: "
            "tcp://HOST:8786. They need mfst_lib and the same folders of sequences and weights.",
            metavar="ADDRESS",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for result files and plots.")] = Path("results"),
    settings: Settings = None,
    plots: Annotated[bool, typer.Option(help="Draw precision and success plots.")] = True,
    as_json: AsJson = False,
) -> None:
    """Run a tracker over many sequences and score it by the benchmark's rules (OPE).

    One result file per run. A run whose file is there, whole and of the same settings, is not
    made again: the same command resumes after an interruption.
    """
    from mfst_lib.evaluation.evaluate import evaluate, summary_folder
    from mfst_lib.sequences.catalogue import expand_tasks

    count = chosen_workers(workers)
    if dask is not None and count > 1:
        raise InvalidInput("--workers counts processes here and --dask uses others: give one")
    root = str(data) if data is not None else None
    config: TrackerConfig | PeerConfig
    if tracker == "fmst":
        name = chosen_preset(preset_name)
        config = chosen_config(preset_name, backbone, settings, weights)
    else:
        name, config = "opencv", _peer(tracker, preset_name, backbone, settings)
    configs = [config.replace(seed=seed) for seed in parse_seeds(seeds)]
    with interruptible():
        summary = evaluate(
            expand_tasks(tasks, root),
            name,
            configs,
            out,
            root=root,
            weights=weights,
            workers=count,
            dask=dask,
            command=command_line(),
            progress=progress_bar,
        )
    folder = summary_folder(out, name, config)
    if plots:
        _save_curves(summary, folder / "curves.png")
    _print_summary(summary, folder, as_json)
    if summary["failed"]:
        raise typer.Exit(1)


def _peer(
    tracker: str, preset_name: str | None, backbone: str | None, settings: list[str] | None
) -> PeerConfig:
    """The settings of one of OpenCV's trackers, which has none of ours."""
    from mfst_lib.evaluation.peers import PREFIX, installed, peer_config

    if not tracker.startswith(PREFIX):
        have = ", ".join(PREFIX + name for name in installed())
        raise InvalidInput(
            f"--tracker is fmst or one of OpenCV's ({have}); got {tracker!r}. Anybody's boxes "
            "from a file: mfst score"
        )
    if preset_name is not None or backbone is not None or settings:
        raise InvalidInput(f"--preset, --backbone and --set are fmst's, not {tracker}'s")
    return peer_config(tracker)


def _save_curves(summary: Mapping[str, Any], path: Path) -> None:
    from mfst_lib.files import write_figure
    from mfst_lib.show.curves import plot_curves

    name = f"{summary['preset']}, {summary['backbone']}"
    figure = plot_curves({name: summary["curves"]}, f"{summary['tasks']} tasks")
    write_figure(figure, path, dpi=150)


def _print_summary(summary: Mapping[str, Any], folder: Path, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({k: v for k, v in summary.items() if k != "curves"}))
        return
    from rich.console import Console

    from mfst_lib.show.tables import attribute_table, task_table, verdict

    console = Console()
    console.print(task_table(summary))
    if summary["by_attribute"]:
        console.print(attribute_table(summary))
    console.print(verdict(summary), soft_wrap=True)
    console.print(f"results, summary.json and plots: {folder}", soft_wrap=True)
