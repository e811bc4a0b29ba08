"""The command `mfst` itself, to which the other files of this folder add theirs."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    name="mfst",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Feature Map Selection Tracking: follow an object, score a tracker, run a benchmark.",
    epilog="An example with no data at hand: `mfst eval --tasks lab --seeds 0`",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        import mfst_lib

        typer.echo(f"mfst_lib {mfst_lib.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    """Hold the options that come before a command."""
