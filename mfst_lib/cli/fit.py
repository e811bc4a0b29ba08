"""`mfst fit`: fit the corrections of boxes on sequences with ground truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mfst_lib.cli.app import app
from mfst_lib.cli.options import (
    BackboneName,
    Data,
    PresetName,
    Settings,
    WeightsFolder,
    chosen_config,
)
from mfst_lib.cli.terminal import command_line, interruptible, progress_bar


@app.command(
    name="fit",
    epilog="Example: `mfst fit --preset beyond-v3l --tasks train,lab --data ~/OTB --out mine.json`",
)
def fit_command(
    out: Annotated[Path, typer.Option(help="The file to write: .json.")],
    tasks: Annotated[
        str,
        typer.Option(help="Sequences with commas, as for eval: `train`, `lab`, names. No VTB13."),
    ] = "train,lab",
    frames: Annotated[int, typer.Option(help="At most so many frames of a sequence.", min=2)] = 200,
    data: Data = None,
    preset_name: PresetName = None,
    backbone: BackboneName = None,
    weights: WeightsFolder = None,
    settings: Settings = None,
) -> None:
    """Fit the box fit of a preset: how the map shows that a box is off (see mfst_lib.box_fit)."""
    from mfst_lib.box_fit import BoxFit
    from mfst_lib.sequences.catalogue import expand_tasks
    from mfst_lib.training.box_fits import fit_boxes

    root = str(data) if data is not None else None
    config = chosen_config(preset_name, backbone, settings, weights)
    names = expand_tasks(tasks, root)
    with interruptible():
        made = fit_boxes(
            names, config, frames=frames, root=root, weights=weights, progress=progress_bar
        )
    BoxFit(made.matrix, made.offset, {"command": command_line(), **made.made_of}).save(out)
    typer.echo(f"{out}: from {made.made_of['views']} views; use it with --set box_fit={out}")
