"""`mfst data check`: what a data folder holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mfst_lib.cli.app import app
from mfst_lib.cli.options import AsJson

if TYPE_CHECKING:
    from mfst_lib.sequences.inventory import Inventory

data_app = typer.Typer(
    no_args_is_help=True,
    help="Look after a folder of sequences.",
    epilog="Example: `mfst data check ~/OTB`",
)
app.add_typer(data_app, name="data")


@data_app.callback()
def _group() -> None:
    """Look after a folder of sequences."""


@data_app.command(name="check", epilog="Example: `mfst data check ~/OTB --deep`")
def check_command(
    folder: Annotated[Path, typer.Argument(help="The folder that --data or MFST_DATA names.")],
    deep: Annotated[
        bool, typer.Option("--deep", help="Decode every frame, not just the first and last.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what is there, complete, damaged, misnamed, and what of the benchmark is missing.

    Looked through are the folder and three levels below it, in every layout that `mfst eval`
    reads. The exit status is 1 when something is damaged or misnamed.
    """
    from mfst_lib.sequences.inventory import take_inventory

    inventory = take_inventory(folder, deep)
    if as_json:
        typer.echo(json.dumps(inventory.as_json()))
    else:
        _print(inventory)
    if inventory.of("damaged") or inventory.of("misnamed"):
        raise typer.Exit(1)


def _print(inventory: Inventory) -> None:
    for state in ("complete", "misnamed", "damaged"):
        findings = inventory.of(state)
        typer.echo(f"{state}: {len(findings)}")
        for one in findings:
            detail = f": {one.detail}" if one.detail else ""
            typer.echo(f"  {one.name} ({one.layout}, {one.folder}){detail}")
    for group, names in inventory.missing.items():
        if names:
            typer.echo(f"missing of {group}: {len(names)}: {', '.join(names)}")
    if any(inventory.missing.values()):
        typer.echo("`mfst download NAME … --data FOLDER` fetches what is missing")
