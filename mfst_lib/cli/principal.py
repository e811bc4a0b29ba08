"""`mfst principal`: find the principal maps of a network."""

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
    name="principal",
    epilog="Example: `mfst principal --preset ridge-v3l --out mine.npz`",
)
def principal_command(
    out: Annotated[Path, typer.Option(help="The file to write: .npz.")],
    tasks: Annotated[
        str,
        typer.Option(help="Sequences with commas, as for eval: `lab`, `train`, names. No VTB13."),
    ] = "lab",
    count: Annotated[int, typer.Option(help="How many sums of all maps.", min=1)] = 128,
    frames: Annotated[int, typer.Option(help="At most so many frames of a sequence.", min=1)] = 24,
    data: Data = None,
    preset_name: PresetName = None,
    backbone: BackboneName = None,
    weights: WeightsFolder = None,
    settings: Settings = None,
) -> None:
    """Find the sums of a network's maps that say most of them all (see mfst_lib.principal)."""
    from mfst_lib.principal import PrincipalMaps
    from mfst_lib.sequences.catalogue import expand_tasks
    from mfst_lib.training.principal_maps import find_principal_maps

    root = str(data) if data is not None else None
    config = chosen_config(preset_name, backbone, settings, weights)
    names = expand_tasks(tasks, root)
    with interruptible():
        made = find_principal_maps(
            names,
            config,
            count=count,
            frames=frames,
            root=root,
            weights=weights,
            progress=progress_bar,
        )
    about = {"command": command_line(), **made.made_of}
    PrincipalMaps(made.matrix, made.backbone, made.taps, about).save(out)
    kept = 100 * made.made_of["share"]
    typer.echo(
        f"{out}: {count} sums hold {kept:.0f} % of the maps; use it with --set principal={out}"
    )
