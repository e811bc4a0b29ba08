"""OTB folders: images or a video, and a text file with one 1-based box per frame.

The only place where boxes change between OTB's 1-based and the library's 0-based corners.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Sequence as SequenceOf
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.files import write_text_atomically
from mfst_lib.reading import read_text
from mfst_lib.sequences.frames import FrameRange, Frames, ImageFrames, VideoFrames, list_images
from mfst_lib.sequences.sequence import Sequence

Boxes = NDArray[np.float64]

VIDEO_SUFFIXES = {".mp4", ".avi", ".mkv", ".mov", ".webm", ".m4v", ".mpg", ".mpeg"}


def from_one_based(boxes: ArrayLike) -> Boxes:
    """OTB's boxes, whose first pixel is (1, 1), as 0-based float64; any leading shape."""
    return np.asarray(boxes, dtype=np.float64) - (1, 1, 0, 0)


def to_one_based(boxes: ArrayLike) -> Boxes:
    """0-based boxes as OTB counts, the first pixel being (1, 1); any leading shape."""
    return np.asarray(boxes, dtype=np.float64) + (1, 1, 0, 0)


def read_boxes(path: str | Path) -> Boxes:
    """Read an OTB text file: (T, 4) float64, 0-based.

    Numbers may be parted by commas, tabs, blanks or semicolons; a row may be NaN (no target).
    Raises `NotFound`, or `InvalidInput` with file, line number and line for a row that is not
    four numbers.
    """
    if not Path(path).is_file():
        raise NotFound(f"no file of boxes {path}")
    lines = read_text(path).rstrip().splitlines()
    if not lines:
        raise InvalidInput(f"{path} is empty: expected one box x, y, w, h per line")
    rows = [_read_row(line, f"{path}, line {i}") for i, line in enumerate(lines, start=1)]
    return from_one_based(rows)


def _read_row(line: str, where: str) -> list[float]:
    """Four numbers of one line, infinity excepted."""
    try:
        row = [float(word) for word in re.split(r"[\s,;]+", line.strip())]
    except ValueError:
        row = []
    if len(row) != 4 or np.isinf(row).any():
        raise InvalidInput(f"{where}: expected four numbers x, y, w, h; got {line[:80]!r}")
    return row


def boxes_text(boxes: ArrayLike) -> str:
    """Boxes in OTB's form, and always in the same: 1-based, comma, four decimals at most, LF.

    boxes: (T, 4), 0-based. Two files with the same boxes give the same text, so its hash tells
    whether two ground truths are equal.

    >>> boxes_text([[0, 9, 20, 30.25]])
    '1,10,20,30.25\\n'
    """
    rows = np.round(to_one_based(boxes).reshape(-1, 4), 4) + 0.0  # + 0.0: no "-0"
    return "".join(",".join(f"{value:.10g}" for value in row) + "\n" for row in rows)


def write_boxes(path: str | Path, boxes: ArrayLike) -> None:
    """Write 0-based boxes (T, 4) as an OTB text file; `read_boxes` reads them back."""
    write_text_atomically(path, boxes_text(boxes))


def load_otb(
    folder: str | Path,
    target: int | None = None,
    first: int | None = None,
    last: int | None = None,
    name: str | None = None,
    attributes: tuple[str, ...] = (),
) -> Sequence:
    """A sequence from an OTB folder.

    folder: holds `img/*.jpg`, images directly, or one video (`frames.mp4` first), and
    `groundtruth_rect.txt`, `groundtruth.txt`, or `groundtruth_rect.N.txt` for target N.
    first, last: numbers of the first and the last frame, both included, as the image files are
    numbered or else counted from 1; everything by default.
    Raises `NotFound` for missing parts, `InvalidInput` when frames and ground truth do not match.
    """
    folder = Path(folder)
    frames, truth_file = find_frames(folder), find_truth(folder, target)
    numbers = _frame_numbers(frames, first, last)
    first = numbers[0] if first is None else first
    last = numbers[-1] if last is None else last
    frames = _select_frames(frames, numbers, first, last, folder)
    boxes = _select_rows(read_boxes(truth_file), numbers, first, last, truth_file)
    name = name or (f"{folder.name}-{target}" if target else folder.name)
    return Sequence(name, frames, boxes, attributes)


def sequence_folders(root: str | Path) -> Iterator[Path]:
    """Folders with a ground truth in `root` and in the folders of `root`, sorted at each level."""
    if not Path(root).is_dir():
        raise NotFound(f"no folder of sequences {root}")
    others = []
    for folder in _folders(Path(root)):
        if has_truth(folder):
            yield folder
        else:
            others.append(folder)
    for parent in others:
        yield from (folder for folder in _folders(parent) if has_truth(folder))


def _folders(folder: Path) -> list[Path]:
    """The folders of a folder in order, hidden ones left out."""
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))


def has_truth(folder: str | Path) -> bool:
    """Whether a folder has a ground truth of OTB's names."""
    return bool(_truth_files(folder))


def list_targets(folder: str | Path) -> list[int]:
    """The numbers of the targets of an OTB folder; empty when its one target has no number.

    An empty file is no target: Human4 of TB-100 has one for its first.
    """
    files = (path for path in _truth_files(folder) if path.stat().st_size)
    names = (re.fullmatch(r"groundtruth_rect\.(\d+)\.txt", path.name) for path in files)
    return sorted(int(match[1]) for match in names if match)


def find_frames(folder: str | Path) -> Frames:
    """The frames of an OTB folder: images in `img/`, images directly, or a video file."""
    folder = Path(folder)
    if not folder.is_dir():
        raise NotFound(f"no sequence folder {folder}")
    for place in (folder / "img", folder):
        if place.is_dir() and (images := list_images(place)):
            return ImageFrames(images)
    videos = sorted(path for path in folder.iterdir() if path.suffix.lower() in VIDEO_SUFFIXES)
    named = [path for path in videos if path.name == "frames.mp4"]
    if len(videos) > 1 and not named:
        names = ", ".join(path.name for path in videos)
        raise InvalidInput(f"{folder}: which video? found {names}; name one frames.mp4")
    if not videos:
        raise NotFound(f"{folder} has no frames: looked for img/*.jpg, *.jpg, *.png and a video")
    return VideoFrames((named or videos)[0])


def find_truth(folder: str | Path, target: int | None = None) -> Path:
    """The ground-truth file of an OTB folder, of target number `target` if there are several."""
    folder, targets = Path(folder), list_targets(folder)
    if target in targets:
        return folder / f"groundtruth_rect.{target}.txt"
    if targets:
        full = ", ".join(f"{folder.name}-{number}" for number in targets)
        raise InvalidInput(f"{folder}: no target {target}; choose one of {targets} ({full})")
    names = ("groundtruth_rect.txt", "groundtruth.txt")
    found = [folder / name for name in names if (folder / name).is_file()]
    if not found or target is not None:
        wanted = f"groundtruth_rect.{target}.txt" if target is not None else " or ".join(names)
        raise NotFound(f"{folder} has no ground truth: looked for {wanted}")
    return found[0]


def _truth_files(folder: str | Path) -> list[Path]:
    return [*Path(folder).glob("groundtruth_rect*.txt"), *Path(folder).glob("groundtruth.txt")]


def _frame_numbers(frames: Frames, first: int | None, last: int | None) -> SequenceOf[int]:
    """The number of each frame: from its file name, else counted from 1.

    A video of just the range asked for has been cut to it: its frames count from `first`.
    """
    if isinstance(frames, ImageFrames):
        digits = [re.search(r"(\d+)$", path.stem) for path in frames.paths]
        numbers = [int(match[1]) for match in digits if match]
        if len(numbers) == len(digits) == len(set(numbers)):
            return numbers
    if first is not None and last is not None and len(frames) == last - first + 1:
        return range(first, last + 1)
    return range(1, len(frames) + 1)


def _select_frames(
    frames: Frames, numbers: SequenceOf[int], first: int, last: int, folder: Path
) -> Frames:
    """Frames `first` to `last`, all of which must be there."""
    missing = sorted(set(range(first, last + 1)) - set(numbers))
    if missing or last < first:
        raise InvalidInput(
            f"{folder}: frames {first} to {last} are needed, {len(missing)} of them are missing "
            f"(the first is {missing[:1]}); found {len(numbers)}, {numbers[0]} to {numbers[-1]}"
        )
    start = numbers.index(first)
    return FrameRange(frames, range(start, start + last - first + 1))


def _select_rows(
    boxes: Boxes, numbers: SequenceOf[int], first: int, last: int, path: Path
) -> Boxes:
    """The ground truth of frames `first` to `last`: a file may cover them, the folder, or all.

    David's file has rows for its range only, Tiger1's has five more for the frames before it.
    """
    count = last - first + 1
    if len(boxes) == count:
        return boxes
    if len(boxes) == len(numbers):
        start = numbers.index(first)
        return boxes[start : start + count]
    if len(boxes) == last:
        return boxes[first - 1 :]
    raise InvalidInput(
        f"{path} has {len(boxes)} rows for {count} frames ({first} to {last}); give the range "
        "that it covers (first, last), or load a VTB13 task by its name"
    )
