"""What is wrong with a video's folder, judged by the catalogue."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from pathlib import Path

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.sequences import vtb13
from mfst_lib.sequences.frames import FrameRange, ImageFrames, VideoFrames
from mfst_lib.sequences.layouts import sequences_in
from mfst_lib.sequences.otb import list_targets, load_otb
from mfst_lib.sequences.sequence import Sequence
from mfst_lib.sequences.vtb13 import Task, name_key, truth_matches


def video_problems(
    folder: Path, video: str, frames: tuple[int, int] | None = None, deep: bool = False
) -> list[str]:
    """What is wrong with an OTB folder that should hold this video; empty when nothing is.

    frames: the numbers that must be there, for a video that is not VTB13's. VTB13's videos must
    have each task's frames and the very ground truth that was published. deep: decode every
    frame, not just the first and the last.
    """
    if not folder.is_dir():
        return [f"no folder {folder}"]
    tasks = [task for task in vtb13.tasks().values() if task.folder == video]
    if tasks:
        return [problem for task in tasks for problem in task_problems(folder, task, deep)]
    first, last = frames or (None, None)
    problems: list[str] = []
    targets: SequenceOf[int | None] = list_targets(folder) or [None]
    for target in targets:
        try:
            sequence = load_otb(folder, target, first, last)
            problems += frame_problems(sequence, deep)
        except (InvalidInput, NotFound) as error:
            problems.append(str(error))
    return problems


def task_problems(folder: Path, task: Task, deep: bool = False) -> list[str]:
    """What is wrong with the folder of a VTB13 task."""
    target = task.target if list_targets(folder) else None
    try:
        sequence = load_otb(folder, target, task.start_frame, task.end_frame, task.name)
    except (InvalidInput, NotFound) as error:
        return [str(error)]
    problems = frame_problems(sequence, deep)
    if not truth_matches(task, sequence.boxes):
        problems.append(f"{task.name}: the ground truth is another than VTB13's")
    return problems


def folder_problems(folder: Path, deep: bool = False) -> list[str]:
    """What is wrong with the sequences of a folder that the catalogue does not know."""
    problems = []
    for found in sequences_in(folder):
        try:
            problems += frame_problems(found.load(), deep)
        except (InvalidInput, NotFound) as error:
            problems.append(f"{found.name}: {error}")
    return problems


def frame_problems(sequence: Sequence, deep: bool = False) -> list[str]:
    """Frames that are empty files or do not decode: the first one of each kind."""
    frames = sequence.frames
    container = frames.frames if isinstance(frames, FrameRange) else frames
    if isinstance(container, ImageFrames):
        empty = [path for path in container.paths if not path.stat().st_size]
        if empty:
            return [f"{len(empty)} empty image files, the first is {empty[0]}"]
    if isinstance(container, VideoFrames) and not deep:
        return []  # its frames were counted by decoding them
    for number in range(len(frames)) if deep else (0, len(frames) - 1):
        try:
            frames[number]
        except (InvalidInput, NotFound) as error:
            return [str(error)]
    return []


def true_name(folder: Path) -> str | None:
    """The VTB13 task whose ground truth the folder has, whatever the folder is called."""
    hashes = {task.truth_sha256: task.name for task in vtb13.tasks().values()}
    for found in sequences_in(folder):
        try:
            boxes = found.load().boxes
        except (InvalidInput, NotFound):
            continue
        if name := hashes.get(vtb13.truth_hash(boxes)):
            return name
    return None


def same_name(a: str, b: str) -> bool:
    """Whether two names are one, case and punctuation aside."""
    return name_key(a) == name_key(b)
