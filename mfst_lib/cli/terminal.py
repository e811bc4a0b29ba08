"""What the commands say on a terminal: progress, one-line remarks, and the end by Ctrl-C."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable, Iterator
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


@contextmanager
def stopped_gently() -> Iterator[Callable[[Iterable[Any]], Iterator[Any]]]:
    """Inside, Ctrl-C does not break off: what passes through the function given ends early.

    So a recording from a camera, which has no end of its own, is kept. A second Ctrl-C breaks off.
    """
    asked = False

    def note(*_: object) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def until_asked(items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            if asked:
                say("stopped; what was tracked until then is kept")
                return
            yield item

    before = signal.signal(signal.SIGINT, note)
    try:
        yield until_asked
    finally:
        signal.signal(signal.SIGINT, before)
