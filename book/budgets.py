"""What a page costs, what it may cost, and the line at its top that says so.

`book/run_pages.py` measures, and keeps the figures in `book/measured.json`.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import nbformat

BOOK = Path(__file__).parent
MEASURED = BOOK / "measured.json"
START = "*This page: "

Figures = dict[str, float]

#: Seconds of processor time, the Python process' largest memory in MB, the file's size in MB.
LIMITS: Figures = {"seconds": 90, "memory": 1500, "size": 1.5}

STEPS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)


def rounded(figures: Figures) -> Figures:
    """As they are kept, two digits after the point."""
    return {kind: round(value, 2) for kind, value in figures.items()}


def coarse(figures: Figures) -> Figures:
    """Rounded up, so that another run of the page says the same: s, GB, MB.

    >>> coarse({"seconds": 17.2, "memory": 641, "size": 1.1})
    {'seconds': 20, 'memory': 0.7, 'size': 1.1}
    """
    seconds = next(step for step in STEPS if step >= figures["seconds"])
    return {
        "seconds": seconds,
        "memory": math.ceil(figures["memory"] / 100) / 10,
        "size": math.ceil(round(10 * figures["size"], 3)) / 10,
    }


def line(figures: Figures, limits: Figures = LIMITS) -> str:
    """What a reader sees at the top of the page."""

    here, most = coarse(figures), coarse(limits)
    return (
        f"{START}{here['seconds']} s of processor time (at most {most['seconds']}), "
        f"{here['memory']:g} GB of memory (at most {most['memory']:g}), "
        f"{here['size']:g} MB on disk (at most {most['size']:g}).*"
    )


def put(page: nbformat.NotebookNode, text: str) -> None:
    """Write that line at the end of the page's first cell, in place of an older one."""
    first = page.cells[0]
    old = rf"\n\n{re.escape(START)}.*"
    first.source = re.sub(old, "", first.source) + f"\n\n{text}"


def broken(figures: Figures) -> list[str]:
    """Which limits these figures break, in words.

    >>> broken({"seconds": 91, "memory": 10, "size": 1.5})
    ['seconds: 91, at most 90']
    """
    return [
        f"{kind}: {figures[kind]:.4g}, at most {limit:g}"
        for kind, limit in LIMITS.items()
        if figures.get(kind, 0) > limit
    ]


def measured() -> dict[str, Figures]:
    """All pages' figures, as they were measured last."""
    kept: dict[str, Figures] = json.loads(MEASURED.read_text("utf-8"))
    return kept


def keep(name: str, figures: Figures) -> None:
    """Remember a page's figures."""
    known = measured() if MEASURED.is_file() else {}
    known[name] = rounded(figures)
    text = json.dumps(dict(sorted(known.items())), indent=1)
    MEASURED.write_text(text + "\n", encoding="utf-8", newline="\n")
