"""A video and a CSV of the same name: `walk.mp4` and `walk.csv`, as many as you like in a folder.

The CSV has the columns x, y, w, h (0-based pixels, top-left corner) and perhaps frame (from 0),
named in a first line as `mfst track` writes them; without names it is x, y, w, h for every frame,
or frame, x, y, w, h. A frame that is left out, or has empty cells or ok = 0, has no target.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np

from mfst_lib.errors import InvalidInput
from mfst_lib.sequences.frames import VideoFrames
from mfst_lib.sequences.layouts.rows import Boxes, Load, checked, mark_absent, read_lines
from mfst_lib.sequences.otb import VIDEO_SUFFIXES
from mfst_lib.sequences.sequence import Sequence

NAMES = ("x", "y", "w", "h")


def find(folder: Path) -> dict[str, Load]:
    """The videos of a folder that have a CSV beside them."""
    if not folder.is_dir():
        return {}
    videos = sorted(p for p in folder.iterdir() if p.suffix.lower() in VIDEO_SUFFIXES)
    return {v.stem: partial(load, v) for v in videos if v.with_suffix(".csv").is_file()}


def load(video: Path) -> Sequence:
    """A video with the boxes of the CSV beside it."""
    frames = VideoFrames(video)
    boxes = read_table(video.with_suffix(".csv"), len(frames))
    return checked(video.stem, video.parent, frames, boxes)


def read_table(path: Path, count: int) -> Boxes:
    """The boxes of `count` frames, (count, 4); NaN rows where the table has none."""
    boxes = np.full((count, 4), np.nan)
    rows = list(csv.reader(read_lines(path)))
    names = _names(rows, path)
    body = rows if not _is_heading(rows[0]) else rows[1:]
    start = len(rows) - len(body) + 1
    for line, row in enumerate(body, start=start):
        cells = _cells(names, row, f"{path}, line {line}")
        number = cells.get("frame", float(line - start))
        if not (number == int(number) and 0 <= number < count):
            raise InvalidInput(f"{path}, line {line}: frame {number:g} of a video of {count}")
        if cells.get("ok", 1.0) != 0:
            boxes[int(number)] = [cells[name] for name in NAMES]
    return mark_absent(boxes)


def _is_heading(row: Iterable[str]) -> bool:
    return any(cell.strip().lower() in NAMES for cell in row)


def _names(rows: list[list[str]], path: Path) -> list[str]:
    """The columns' names: those of the heading, or those of four or five columns without one."""
    if _is_heading(rows[0]):
        names = [cell.strip().lower() for cell in rows[0]]
    else:
        names = list(NAMES) if len(rows[0]) == 4 else ["frame", *NAMES]
    missing = [name for name in NAMES if name not in names]
    if missing or (not _is_heading(rows[0]) and len(rows[0]) not in (4, 5)):
        raise InvalidInput(
            f"{path}: expected the columns x, y, w, h (and frame); got {','.join(rows[0])[:80]!r}"
        )
    return names


def _cells(names: list[str], row: list[str], where: str) -> dict[str, float]:
    """The numbers of a row by column; an empty cell is NaN; other columns are left alone."""
    wanted = {*NAMES, "frame", "ok"}
    try:
        pairs = zip(names, row, strict=True)
        return {n: float(cell) if cell.strip() else np.nan for n, cell in pairs if n in wanted}
    except ValueError:
        raise InvalidInput(
            f"{where}: expected {len(names)} numbers; got {','.join(row)[:80]!r}"
        ) from None
