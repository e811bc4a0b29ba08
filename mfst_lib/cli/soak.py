"""`mfst soak`: one tracker for an hour of frames."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

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
)
from mfst_lib.cli.terminal import command_line, interruptible, progress_bar


@app.command(
    name="soak",
    epilog="Example: `mfst soak --backbone mobilenet_v3_small --out soak.json`",
)
def soak_command(
    frames: Annotated[
        int, typer.Option(help="How many frames; 108000 are an hour of video.", min=10)
    ] = 108_000,
    task: Annotated[
        str, typer.Option(help="The sequence, played there and back.")
    ] = "lab:cat-walk",
    preset_name: PresetName = None,
    backbone: BackboneName = None,
    weights: WeightsFolder = None,
    settings: Settings = None,
    data: Data = None,
    out: Annotated[Path | None, typer.Option(help="Also write the figures to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Track for an hour of video: does memory grow, does the step become slower?"""
    from mfst_lib.evaluation.soak import growth_mb, slowdown, soak
    from mfst_lib.files import write_text_atomically
    from mfst_lib.sequences.catalogue import load_sequence
    from mfst_lib.tracker import FMST

    config = chosen_config(preset_name, backbone, settings, weights)
    sequence = load_sequence(task, str(data) if data is not None else None)
    with interruptible():
        content = soak(FMST(config, weights=weights), sequence, frames, progress=progress_bar)
    content = {**content, "preset": chosen_preset(preset_name), "command": command_line()}
    if out is not None:
        write_text_atomically(out, json.dumps(content, indent=1))
    if as_json:
        typer.echo(json.dumps(content))
        return
    memory = content["memory_mb"]
    typer.echo(
        f"{frames} frames in {content['seconds']:.0f} s; memory {memory['settled']:.1f} MB when "
        f"settled, at most {growth_mb(content):.1f} MB more since; the last tenth's steps take "
        f"{slowdown(content):.2f} times as long as the first tenth's"
    )
