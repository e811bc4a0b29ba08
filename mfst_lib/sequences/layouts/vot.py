"""VOT: `groundtruth.txt` with a region per frame, images in the folder or in `color/`.

A region is a rectangle, a polygon, a mask or a single number (no target). Each becomes the
smallest upright rectangle around it, as the VOT toolkit's own conversion does; coordinates are
0-based. Source: the VOT challenge, votchallenge.net.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from mfst_lib.errors import InvalidInput
from mfst_lib.sequences.frames import ImageFrames, list_images
from mfst_lib.sequences.layouts.rows import Boxes, Load, checked, mark_absent, numbers, read_lines
from mfst_lib.sequences.sequence import Sequence

#: What a VOT folder has and an OTB folder has not: the toolkit's description, or frame tags.
SIGNS = ("sequence", "color")
TAGS = ("camera_motion", "illum_change", "motion_change", "occlusion", "size_change")


def find(folder: Path) -> dict[str, Load]:
    """The folder's sequence when it has VOT's form."""
    truth = folder / "groundtruth.txt"
    if truth.is_file() and (_signed(folder) or _has_regions(truth)):
        return {folder.name: partial(load, folder)}
    return {}


def load(folder: Path) -> Sequence:
    """A VOT folder, every region as the upright rectangle around it."""
    boxes = mark_absent(read_regions(folder / "groundtruth.txt"))
    places = [place for place in (folder / "color", folder) if place.is_dir()]
    images = next((found for place in places if (found := list_images(place))), [])
    return checked(folder.name, folder, ImageFrames(images), boxes)


def read_regions(path: Path) -> Boxes:
    """The upright rectangles around a file's regions, (T, 4); NaN rows without target."""
    lines = enumerate(read_lines(path), start=1)
    return np.array([rectangle(line, f"{path}, line {count}") for count, line in lines])


def rectangle(line: str, where: str = "region") -> list[float]:
    """The smallest upright rectangle around one region.

    >>> rectangle("0,0,4,1,5,3,1,2")
    [0.0, 0.0, 5.0, 3.0]
    >>> rectangle("m10,20,3,2,0,6"), rectangle("1")
    ([10.0, 20.0, 3.0, 2.0], [nan, nan, nan, nan])
    """
    mask = line.lstrip().startswith("m")
    values = numbers(line.lstrip()[1:] if mask else line, where)
    if len(values) == 1 and not mask:
        return [float("nan")] * 4
    if len(values) == 4 or (mask and len(values) > 4):
        return values[:4]  # a mask is stored inside its own rectangle: x, y, w, h come first
    if mask or len(values) < 6 or len(values) % 2:
        raise InvalidInput(f"{where}: expected a rectangle, polygon or mask; got {line[:80]!r}")
    corners = np.array(values).reshape(-1, 2)
    low, high = corners.min(axis=0), corners.max(axis=0)
    return [*low.tolist(), *(high - low).tolist()]


def _signed(folder: Path) -> bool:
    tags = (folder / f"{tag}.{ending}" for tag in TAGS for ending in ("tag", "label"))
    return any((folder / sign).exists() for sign in SIGNS) or any(tag.is_file() for tag in tags)


def _has_regions(truth: Path) -> bool:
    """Whether the first line is a polygon or a mask."""
    with truth.open(encoding="utf-8", errors="replace") as stream:
        line = stream.readline(10_000)
    return line.startswith("m") or len(line.replace(",", " ").split()) >= 6
