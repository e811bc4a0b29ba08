"""Errors that tell the reader what was got, what was expected and what to do.

Every error that wrong *input* can cause is one of these two, so that a program (and the
command line) can tell a user's slip from a bug of ours.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InvalidInput(ValueError):
    """A value that cannot be used: the message says what was got and what was expected."""


class NotFound(FileNotFoundError):
    """A file or folder that is needed and not there: the message says how to get it."""


def unknown(kind: str, name: object, known: Iterable[str]) -> InvalidInput:
    """The error for an unknown name, with the nearest known ones.

    >>> unknown("task", "Davit", ["David", "Deer"])
    InvalidInput("unknown task 'Davit': did you mean David?")
    """
    known = sorted(known)
    near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}"
    return InvalidInput(f"unknown {kind} {str(name)!r}: {hint}")
