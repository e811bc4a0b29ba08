"""`mfst export`: a tracker as a folder that runs without TensorFlow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mfst_lib.cli.app import app
from mfst_lib.cli.options import (
    AsJson,
    BackboneName,
    PresetName,
    Settings,
    WeightsFolder,
    chosen_config,
)
from mfst_lib.config import RECOMMENDED


@app.command(
    name="export",
    epilog="Example: `mfst export --backbone mobilenet_v3_small --out tracker`, and on the other "
    "machine `mfst track video.mp4 --box 120,80,64,48 --export tracker`",
)
def export_command(
    out: Annotated[Path, typer.Option(help="The folder to write; an earlier export is replaced.")],
    preset_name: PresetName = None,
    backbone: BackboneName = None,
    weights: WeightsFolder = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Write a folder with all that a tracker needs on a machine without TensorFlow."""
    from mfst_lib.export import save_export

    config = chosen_config(preset_name, backbone, settings, weights, RECOMMENDED)
    folder = save_export(config, out, weights)
    sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    if as_json:
        typer.echo(json.dumps({"folder": str(out), "files": sizes}))
        return
    listed = ", ".join(f"{name} ({size / 1e6:.2f} MB)" for name, size in sizes.items())
    typer.echo(f"{out}: {listed}")
    typer.echo(f'in Python: tracker = mfst_lib.load_export("{out}")')
