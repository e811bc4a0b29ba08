"""`mfst calibrate`: fit the confidence of a preset, and judge it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from mfst_lib.cli.app import app
from mfst_lib.cli.options import (
    AsJson,
    BackboneName,
    Data,
    PresetName,
    Settings,
    WeightsFolder,
    chosen_config,
    chosen_preset,
    parse_seeds,
)
from mfst_lib.cli.terminal import command_line, interruptible, progress_bar
from mfst_lib.errors import InvalidInput


@app.command(
    name="calibrate",
    epilog="Example: `mfst calibrate --data ~/OTB --judge vtb13 --seeds 0,1,2 --ship`",
)
def calibrate_command(
    tasks: Annotated[
        str, typer.Option(help="What is learnt from, as for eval: `train`, `lab`, names. No VTB13.")
    ] = "train,lab",
    judge: Annotated[
        str, typer.Option(help="What it is judged on afterwards, as in --judge vtb13.")
    ] = "",
    seeds: Annotated[str, typer.Option(help="Seeds of the runs that are judged.")] = "0",
    calibration: Annotated[
        str,
        typer.Option(help="Judge this one, by its name or its file, instead of fitting one."),
    ] = "",
    out: Annotated[
        Path, typer.Option(help="Folder for NAME.json, the plot, and what is gathered.")
    ] = Path("calibration"),
    ship: Annotated[
        bool, typer.Option("--ship", help="Also keep the calibration inside the library.")
    ] = False,
    data: Data = None,
    preset_name: PresetName = None,
    backbone: BackboneName = None,
    weights: WeightsFolder = None,
    settings: Settings = None,
    workers: Annotated[int, typer.Option(help="Processes.", min=1)] = 1,
    as_json: AsJson = False,
) -> None:
    """Fit the tracker's confidence for a preset, from runs over training sequences.

    Runs that are there are not made again: a second call fits in seconds.
    """
    from mfst_lib.confidence import calibration as files
    from mfst_lib.evaluation import calibrate, passages
    from mfst_lib.files import write_figure, write_text_atomically
    from mfst_lib.sequences.catalogue import expand_tasks
    from mfst_lib.show.reliability import plot_reliability

    root = str(data) if data is not None else None
    config = chosen_config(preset_name, backbone, settings, weights)
    name = f"{chosen_preset(preset_name)}-{config.backbone}"
    more: dict[str, Any] = {"root": root, "weights": weights, "workers": workers}
    more["progress"] = progress_bar
    if calibration and (ship or not judge):
        raise InvalidInput("--calibration judges what is there: with --judge, without --ship")
    with interruptible():
        if calibration:
            fitted, figures = files.named(calibration), {}
        else:
            learnt = passages.training_passages(expand_tasks(tasks, root), root)
            records = passages.records(learnt, config, out / "records", **more)
            fitted = calibrate.fit(records, config, command_line())
            figures = {"on videos kept aside": fitted.notes["on videos kept aside"]}
        if judge:
            whole = passages.whole(expand_tasks(judge, root), root)
            judged = [
                record
                for seed in parse_seeds(seeds)
                for record in passages.records(
                    whole, config.replace(seed=seed), out / "records", **more
                )
            ]
            figures[f"on {judge}, seeds {seeds}"] = calibrate.judge(fitted, judged)
    if not calibration:
        files.save_calibration(fitted, out / f"{name}.json")
    if ship:
        files.save_calibration(fitted, files.SHIPPED / f"{name}.json")
    content = {"calibration": calibration or name, "command": command_line(), **figures}
    write_text_atomically(out / f"{name}-judged.json", json.dumps(content, indent=1))
    curves = {label: one["reliability"] for label, one in figures.items()}
    write_figure(plot_reliability(curves), out / f"{name}.png")
    if as_json:
        typer.echo(json.dumps(content))
        return
    for label, one in figures.items():
        typer.echo(
            f"{label}: calibration error {one['calibration_error']:.3f}; IoU > 0.5 in "
            f"{one['success_all']:.1%} of all frames, in {one['success_ok'] or 0:.1%} of the "
            f"{one['ok_share']:.0%} reported ok"
        )
    typer.echo(f"figures and plot: {out / name}-judged.json, .png")
