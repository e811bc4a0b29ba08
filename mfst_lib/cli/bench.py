"""`mfst bench`: how long a step takes, presets side by side."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from mfst_lib.cli.app import app
from mfst_lib.cli.options import AsJson, Data, WeightsFolder, named_config
from mfst_lib.cli.terminal import command_line, interruptible, progress_bar
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput


@app.command(
    name="bench",
    epilog="Example: `mfst bench --presets v3l-s,v3s-s,default,vgg-s --threads 1,2 --naive`",
)
def bench_command(
    presets: Annotated[
        str,
        typer.Option(help="Presets by name, with commas; default@vgg16 for another network."),
    ] = "default",
    task: Annotated[str, typer.Option(help="The sequence whose frames are used.")] = "lab:cat-walk",
    frames: Annotated[int, typer.Option(help="How many of its frames.", min=2)] = 30,
    repetitions: Annotated[int, typer.Option(help="How often each is timed.", min=1)] = 5,
    threads: Annotated[
        str, typer.Option(help="Threads of the network; several numbers with commas.")
    ] = "1",
    engine: Annotated[
        str, typer.Option(help="What runs the network: litert, or keras, which uses a GPU.")
    ] = "litert",
    device: Annotated[
        str | None, typer.Option(help="cpu or gpu, for the engine keras. Default: Keras's own.")
    ] = None,
    naive: Annotated[
        bool, typer.Option("--naive", help="Also the first preset as it is mostly written first.")
    ] = False,
    opencv: Annotated[
        Path | None,
        typer.Option(
            help="Also OpenCV's trackers, by this Python of an environment that has "
            "opencv-contrib-python (`make bench` makes one).",
            metavar="PYTHON",
        ),
    ] = None,
    limits: Annotated[
        bool, typer.Option("--limits", help="Also peak memory and the network's arithmetic limit.")
    ] = False,
    data: Data = None,
    weights: WeightsFolder = None,
    out: Annotated[
        Path | None, typer.Option(help="Also write the figures to this file, and a .png beside it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Time one step of several trackers side by side: warm, interleaved, on decoded frames."""
    from mfst_lib.backbones.devices import on_device
    from mfst_lib.evaluation.speed import measure, with_limits
    from mfst_lib.sequences.catalogue import load_sequence

    configs = _configs(presets, threads, engine)
    if device is not None and engine != "keras":
        raise InvalidInput("--device is for --engine keras; litert runs on the CPU")
    sequence = load_sequence(task, str(data) if data is not None else None)
    with interruptible(), nullcontext() if device is None else on_device(device):
        content = measure(
            configs,
            sequence,
            frames=frames,
            repetitions=repetitions,
            weights=weights,
            naive=naive,
            opencv=opencv,
            progress=progress_bar,
        )
        if limits:
            content = with_limits(content, configs, weights)
    content["command"] = command_line()
    content["device"]["keras"] = device or ""
    if out is not None:
        _write(out, content)
    typer.echo(json.dumps(content)) if as_json else _show(content)


def _configs(presets: str, threads: str, engine: str) -> dict[str, TrackerConfig]:
    """Each preset with each number of threads; the number is in the name if there are several."""
    from mfst_lib.cli.options import parse_numbers

    names = [name.strip() for name in presets.split(",") if name.strip()]
    numbers = parse_numbers(threads, "--threads")
    return {
        name if len(numbers) == 1 else f"{name} ({number})": named_config(
            name, threads=number, engine=engine
        )
        for name in names
        for number in numbers
    }


def _write(out: Path, content: dict[str, Any]) -> None:
    """The figures as JSON, and accuracy against speed as a picture beside them."""
    from io import BytesIO

    from mfst_lib.files import write_bytes_atomically, write_text_atomically
    from mfst_lib.show.speeds import plot_speeds

    write_text_atomically(out, json.dumps(content, indent=1))
    picture = BytesIO()
    plot_speeds(content).savefig(picture, dpi=100)
    write_bytes_atomically(out.with_suffix(".png"), picture.getvalue())


def _show(content: dict[str, Any]) -> None:
    from rich.console import Console

    from mfst_lib.show.tables import speed_table, stage_table

    Console().print(speed_table(content))
    Console().print(stage_table(content))
    device = content["device"]
    typer.echo(
        f"{content['frames']} frames of {content['sequence']}, {content['repetitions']} times in "
        f"turn; {device['processor']}, {device['cores']} cores"
    )
