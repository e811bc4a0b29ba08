"""UAV123: all videos below `data_seq/UAV123/`, all ground truths in `anno/UAV123/NAME.txt`.

Several sequences may be parts of one video: `uav123.json` says which frames. Boxes are x, y, w, h
and 1-based, as in OTB, whose tool kit UAV123's is built on; a NaN row means that the target is
not to be seen. Source: Mueller, Smith, Ghanem, "A Benchmark and Simulator for UAV Tracking",
ECCV 2016.
"""

from __future__ import annotations

import functools
import json
from functools import partial
from importlib import resources
from pathlib import Path

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.sequences.frames import Frames, ImageFrames, list_images
from mfst_lib.sequences.layouts.rows import Load, checked, mark_absent, read_rectangles
from mfst_lib.sequences.otb import from_one_based
from mfst_lib.sequences.sequence import Sequence

FRAMES, TRUTHS = Path("data_seq", "UAV123"), Path("anno", "UAV123")


def find(folder: Path) -> dict[str, Load]:
    """The sequences of UAV123's main folder."""
    if not ((folder / FRAMES).is_dir() and (folder / TRUTHS).is_dir()):
        return {}
    truths = sorted((folder / TRUTHS).glob("*.txt"))
    return {path.stem: partial(load, folder, path.stem) for path in truths}


def load(folder: Path, name: str) -> Sequence:
    """The sequence of that name from UAV123's main folder."""
    boxes = mark_absent(from_one_based(read_rectangles(folder / TRUTHS / f"{name}.txt")))
    return checked(name, folder, _frames(folder, name), boxes)


def _frames(folder: Path, name: str) -> Frames:
    """A video's images, or those of the part that the sequence is."""
    video, first, last = parts().get(name, (name, 1, None))
    if not (folder / FRAMES / video).is_dir():
        raise NotFound(f"{name}: no folder {folder / FRAMES / video} with its frames")
    paths = list_images(folder / FRAMES / video)
    if last is None:
        return ImageFrames(paths)
    by_number = {int(path.stem): path for path in paths if path.stem.isdecimal()}
    wanted = range(first, last + 1)
    if missing := [number for number in wanted if number not in by_number]:
        raise InvalidInput(
            f"{folder / FRAMES / video}: frames {first} to {last} are needed for {name}, "
            f"{len(missing)} of them are missing (the first is {missing[0]})"
        )
    return ImageFrames([by_number[number] for number in wanted])


@functools.cache
def parts() -> dict[str, tuple[str, int, int]]:
    """Sequence → the folder of its video, the numbers of its first and its last frame."""
    text = resources.files("mfst_lib").joinpath("sequences/uav123.json").read_text("utf-8")
    return {name: tuple(part) for name, part in json.loads(text)["parts"].items()}
