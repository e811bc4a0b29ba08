"""How fast the pages' live pictures follow their controls: `make reactions`.

Runs every page that has live pictures, sets all controls of each picture at random a few times,
and keeps the middle and the longest time of a picture in `data/results/reactions.json`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

BOOK = Path(__file__).parent
STORED = BOOK.parent / "data" / "results" / "reactions.json"

#: Run before a page's first cell: whoever makes a live picture from now on is remembered.
LISTEN = """\
import mfst_lib.show.live as _module
_made, _live = [], _module.live
def _remember(draw, about, **ranges):
    _made.append((draw, ranges))
    return _live(draw, about, **ranges)
_module.live = _remember"""

#: Run after its last cell: each picture is drawn nine times, the first time unmeasured.
MOVE = """\
import json as _json, random as _random, statistics as _statistics, time as _time
from mfst_lib.show.widgets import jpeg as _jpeg
_random.seed(0)
def _any(range_):
    words = isinstance(range_[0], str)
    return _random.choice(range_) if words else _random.randint(*range_[:2])
def _took(draw, ranges):
    values = {name: _any(range_) for name, range_ in ranges.items()}
    start = _time.perf_counter()
    _jpeg(draw(**values))
    return round(1000 * (_time.perf_counter() - start))
_times = [[_took(*one) for _ in range(9)][1:] for one in _made]
print(_json.dumps([[round(_statistics.median(t)), max(t)] for t in _times]))"""


def reactions(path: Path) -> list[dict[str, int]]:
    """The times of each live picture of a page, in milliseconds."""
    page = nbformat.read(path, as_version=4)
    listen, move = map(nbformat.v4.new_code_cell, (LISTEN, MOVE))
    page.cells = [listen, *page.cells, move]
    where = {"metadata": {"path": str(BOOK)}}
    NotebookClient(page, kernel_name="python3", resources=where).execute()
    pairs = json.loads(move.outputs[-1].text)
    return [
        {"median_ms": middle, "longest_ms": most} for middle, most in pairs
    ]


def main() -> None:
    """Measure all pages that have live pictures; print and keep the figures."""
    from mfst_lib.evaluation import machine
    from mfst_lib.files import write_text_atomically

    pages = {}
    for path in sorted(BOOK.glob("*.ipynb")):
        if "show.live import" in path.read_text("utf-8"):
            pages[path.stem] = reactions(path)
            print(path.stem, pages[path.stem], flush=True)
    content = {
        "format": "mfst-reactions",
        "pages": pages,
        "versions": machine.versions(),
        "device": dict(machine.device()),
        "command": "make reactions",
    }
    write_text_atomically(STORED, json.dumps(content, indent=1))


if __name__ == "__main__":
    sys.exit(main())
