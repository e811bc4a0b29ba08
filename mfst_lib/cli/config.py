"""`mfst config`: every setting, its value, and where the value comes from."""

from __future__ import annotations

import dataclasses
import json
from typing import Annotated, Any

import typer

from mfst_lib import settings
from mfst_lib.cli.app import app
from mfst_lib.cli.options import AsJson, BackboneName, PresetName, Settings, chosen
from mfst_lib.config import PRESETS, PRESETS_ON, TrackerConfig


@app.command(
    name="config",
    epilog="Examples: `mfst config`; `mfst config --preset v3l-s`; `mfst config --presets`; "
    "`mfst config --toml > mfst.toml`, then edit that file",
)
def config_command(
    preset_name: PresetName = None,
    backbone: BackboneName = None,
    changes: Settings = None,
    presets: Annotated[
        bool, typer.Option("--presets", help="List the presets, and in what each differs.")
    ] = False,
    toml: Annotated[
        bool, typer.Option("--toml", help="Print it as a settings file, with every meaning.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show every setting, its value, and where the value comes from.

    An argument of a command counts most; then the environment (MFST_ and the setting's name, as
    in MFST_CANDIDATES=300); then the file mfst.toml in the working folder, or the one that
    MFST_CONFIG names; then the preset. A place that names a preset starts anew from it.
    """
    if presets:
        _print_presets(as_json)
        return
    choice = chosen(preset_name, backbone, changes)
    if toml:
        typer.echo(settings.as_toml(choice), nl=False)
    elif as_json:
        typer.echo(json.dumps({name: row[:2] for name, row in _rows(choice).items()}))
    else:
        _print_rows(choice)


def _rows(choice: settings.Choice) -> dict[str, tuple[Any, str, str]]:
    """Setting to its value, where that comes from, and what the setting means."""
    program = {name: settings.value(name) for name in settings.PROGRAM}
    if choice.preset != program["preset"][0]:
        program["preset"] = (choice.preset, "--preset")
    theirs = {
        name: (value, choice.sources.get(name, "default"))
        for name, value in choice.config.to_dict().items()
    }
    specs = {**settings.PROGRAM, **settings.TRACKER}
    return {
        name: (value, source, _meaning(specs[name]))
        for name, (value, source) in (*program.items(), *theirs.items())
    }


def _meaning(spec: dataclasses.Field[Any]) -> str:
    # All presets would fill the screen: they have a list of their own.
    allowed = "--presets lists them" if spec.name == "preset" else settings.allowed_values(spec)
    return f"{spec.metadata['meaning']} ({allowed})"


def _print_rows(choice: settings.Choice) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    from mfst_lib.cli.terminal import say

    table = Table(
        "setting", "value", "from", "meaning (what it may be)", box=SIMPLE, pad_edge=False
    )
    table.columns[0].no_wrap = True
    for name, (value, source, meaning) in _rows(choice).items():
        table.add_row(name, value if isinstance(value, str) else json.dumps(value), source, meaning)
        if name == list(settings.PROGRAM)[-1]:
            table.add_section()
    Console().print(table, markup=False)
    path = settings.settings_file()
    typer.echo(f"settings file: {path or 'none (mfst.toml in this folder, or MFST_CONFIG)'}")
    for name in settings.strangers():
        say(f"the variable {name} is no setting and is not read")


def _print_presets(as_json: bool) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    if as_json:
        typer.echo(json.dumps(PRESETS))
        return
    table = Table("preset", "differs from TrackerConfig() in", box=SIMPLE, pad_edge=False)
    table.columns[0].no_wrap = True
    plain = TrackerConfig().to_dict()
    for name, changes in PRESETS.items():
        differing = {k: v for k, v in changes.items() if plain[k] != v}
        table.add_row(name, _listed(differing) or "nothing")
        for network, more in PRESETS_ON.get(name, {}).items():
            table.add_row("", f"on {network} also {_listed(more)}")
    Console().print(table)


def _listed(fields: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in fields.items())
