"""`mfst train`: train the weight nets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from mfst_lib.cli.app import app
from mfst_lib.cli.options import Data, WeightsFolder, parse_setting
from mfst_lib.cli.terminal import interruptible, progress_bar


@app.command(
    name="train",
    epilog="Example: `mfst train --backbone mobilenet_v3_small --out nets --data ~/OTB`",
)
def train_command(
    out: Annotated[Path, typer.Option(help="Folder for nets.npz, log.csv and checkpoints.")],
    backbone: Annotated[str, typer.Option(help="The network whose maps are weighted.")],
    tasks: Annotated[
        str,
        typer.Option(help="Sequences with commas, as for eval: `train`, `lab`, names. No VTB13."),
    ] = "train",
    data: Data = None,
    weights: WeightsFolder = None,
    records: Annotated[
        Path | None,
        typer.Option(help="Folder where the network's output is kept. Default: in --out."),
    ] = None,
    frames: Annotated[int, typer.Option(help="At most so many frames of a sequence.")] = 200,
    loss: Annotated[
        str, typer.Option(help="overlap, or eq16: the paper's, as printed.")
    ] = "overlap",
    seed: Annotated[int, typer.Option(help="Seed of everything random.", min=0)] = 0,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Change a field of mfst_lib.training.loop.Training. Repeatable."
        ),
    ] = None,
) -> None:
    """Train the weight nets (Sec. 4). Stopped anywhere, the same command goes on from there."""
    from mfst_lib.sequences.catalogue import expand_tasks
    from mfst_lib.training import loop
    from mfst_lib.training.records import Recipe, gather

    root = str(data) if data is not None else None
    start = loop.PAPER if loss == "eq16" else loop.Training(loss=loss)
    changes = dict(parse_setting(text) for text in settings or [])
    training = loop.with_changes(start, {"seed": seed, **changes})
    config = loop.training_config(backbone)
    recipe = Recipe(tuple(expand_tasks(tasks, root)), config, frames, training.loss != "eq16")
    with interruptible():
        rows = gather(recipe, records or out, root=root, weights=weights, progress=progress_bar)
        loop.train(rows, config, training, out, each=_say_epoch)
    typer.echo(f"nets: {out / loop.NETS}; use them with --set weight_net={out / loop.NETS}")


def _say_epoch(row: Mapping[str, float]) -> None:
    loss, judged = row["loss"], row["val_loss"]
    typer.echo(f"epoch {row['epoch']:.0f}: loss {loss:.4f}, on sequences kept aside {judged:.4f}")
