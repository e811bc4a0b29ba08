"""The command line `mfst`: a file per command, on the app in `app.py`."""

from __future__ import annotations

import importlib
import io
import logging
import sys

from mfst_lib.errors import InvalidInput, NotFound

#: The files that hold commands, in the order in which `mfst --help` lists them.
COMMANDS = (
    "track",
    "demo",
    "eval",
    "score",
    "reproduce",
    "bench",
    "soak",
    "export",
    "train",
    "fit",
    "principal",
    "calibrate",
    "report",
    "download",
    "data",
    "config",
    "doctor",
)


def main() -> None:
    """Run the command line; a user's slip ends with one line and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        # A pipe on Windows has no σ: a mark in its place is better than no table.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        from mfst_lib.cli.app import app
    except ModuleNotFoundError as error:
        if error.name != "typer":
            raise
        sys.exit('the command mfst needs one more package: pip install "mfst_lib[cli]"')
    from mfst_lib.cli.terminal import say

    for command in COMMANDS:
        importlib.import_module(f"mfst_lib.cli.{command}")
    logging.basicConfig(level=logging.WARNING, format="mfst: %(message)s")
    logging.getLogger("mfst_lib").setLevel(logging.INFO)
    try:
        app()
    except (InvalidInput, NotFound) as error:
        say(str(error))
        sys.exit(2)
    except OSError as error:  # a full disk, a folder that may not be read: nothing to debug
        say(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        sys.exit(2)
