"""The forms in which people keep sequences: a file per layout, recognised from the folder.

Every layout offers `find(folder)`: the sequences that this folder itself holds, by name, each
as a function that loads it; nothing when the folder has another form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mfst_lib.errors import NotFound
from mfst_lib.sequences.layouts import got10k, lasot, otb_folders, tables, uav123, vot
from mfst_lib.sequences.layouts.rows import Load
from mfst_lib.sequences.sequence import Sequence

#: From the most special form to the most general: a `groundtruth.txt` alone is OTB's.
LAYOUTS = {
    "UAV123": uav123,
    "GOT-10k": got10k,
    "LaSOT": lasot,
    "VOT": vot,
    "OTB": otb_folders,
    "video and CSV": tables,
}

#: How far below the data folder sequences are looked for: LaSOT/airplane/airplane-1.
DEPTH = 3


@dataclass(frozen=True)
class Found:
    """A sequence that was found, not loaded yet: its name, its folder, the folder's layout."""

    name: str
    folder: Path
    layout: str
    load: Load


def sequences_in(folder: Path) -> list[Found]:
    """The sequences that a folder itself holds, by the first layout that recognises it."""
    for name, layout in LAYOUTS.items():
        if found := layout.find(folder):
            return [Found(one, folder, name, load) for one, load in found.items()]
    return []


def sequences_below(root: str | Path, depth: int = DEPTH) -> Iterator[Found]:
    """The sequences in a folder and `depth` levels below it, in the order of their paths.

    Hidden folders are left out. A sequence's folder is not looked into; one that holds videos
    beside their tables is. Raises `NotFound` when there is no such folder.
    """
    root = Path(root)
    if not root.is_dir():
        raise NotFound(f"no folder of sequences {root}")
    here = sequences_in(root)
    yield from here
    if depth and all(found.layout == "video and CSV" for found in here):
        for folder in subfolders(root):
            yield from sequences_below(folder, depth - 1)


def load_folder(folder: str | Path) -> Sequence:
    """The one sequence of a folder of any layout.

    Raises `NotFound` when no layout recognises it, `InvalidInput` when it holds several.
    """
    folder = Path(folder)
    found = sequences_in(folder)
    if len(found) == 1:
        return found[0].load()
    # The OTB loader knows best how to say what is missing, or which target to choose.
    return otb_folders.load(folder)


def subfolders(folder: Path) -> list[Path]:
    """The folders of a folder in order, hidden ones left out."""
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
