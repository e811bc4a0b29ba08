"""`mfst bench`: how long a step takes, presets side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mfst_lib.cli.app import app
from mfst_lib.cli.options import AsJson, Data, WeightsFolder, named_config
from mfst_lib.cli.terminal import command_line, interruptible, progress_bar


@app.command(
    name="bench",
    epilog="Example: `mfst bench --presets v3l-s,v3s-s,default`",
)
def bench_command(
    presets: Annotated[
        str,
        typer.Option(help="Presets by name, with commas; default@vgg16 for another network."),
    ] = "default",
    task: Annotated[str, typer.Option(help="The sequence whose frames are used.")] = "lab:cat-walk",
    frames: Annotated[int, typer.Option(help="How many of its frames.", min=2)] = 30,
    repetitions: Annotated[int, typer.Option(help="How often each is timed.", min=1)] = 5,
    threads: Annotated[int, typer.Option(help="Threads of the network.", min=1)] = 1,
    engine: Annotated[
        str, typer.Option(help="What runs the network: litert, or keras, which uses a GPU.")
    ] = "litert",
    data: Data = None,
    weights: WeightsFolder = None,
    out: Annotated[Path | None, typer.Option(help="Also write the figures to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Time one step of several presets side by side: warm, interleaved, on decoded frames."""
    from mfst_lib.evaluation.speed import measure
    from mfst_lib.files import write_text_atomically
    from mfst_lib.sequences.catalogue import load_sequence

    names = [name.strip() for name in presets.split(",") if name.strip()]
    configs = {name: named_config(name, threads=threads, engine=engine) for name in names}
    sequence = load_sequence(task, str(data) if data is not None else None)
    with interruptible():
        content = measure(
            configs,
            sequence,
            frames=frames,
            repetitions=repetitions,
            weights=weights,
            progress=progress_bar,
        )
    content["command"] = command_line()
    if out is not None:
        write_text_atomically(out, json.dumps(content, indent=1))
    if as_json:
        typer.echo(json.dumps(content))
        return
    from rich.console import Console

    from mfst_lib.show.tables import speed_table

    Console().print(speed_table(content))
    device = content["device"]
    typer.echo(
        f"{content['frames']} frames of {content['sequence']}, {repetitions} times in turn; "
        f"{device['processor']}, {device['cores']} cores"
    )
