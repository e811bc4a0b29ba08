"""What the commands say on a terminal: progress, one-line remarks, and the end by Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer


def progress_bar(items: Any, total: int | None = None) -> Any:
    """A progress bar on a terminal, silence elsewhere."""
    from tqdm import tqdm

    return tqdm(items, total=total, disable=None, leave=False)


def command_line() -> str:
    """The command as typed, but for the folder that the program lies in."""
    import shlex

    return shlex.join(["mfst", *sys.argv[1:]])


def say(message: str) -> None:
    """One line on the error stream, so that what is printed for machines stays whole."""
    typer.echo(f"mfst: {message}", err=True)


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C ends a long run with a line that says what is kept, and exit status 130."""
    try:
        yield
    except KeyboardInterrupt:
        say("interrupted; what was finished is kept, and the same command goes on from there")
        raise typer.Exit(130) from None
