"""VTB13 (OTB-2013): 51 tasks on 50 videos, with their frame ranges and attributes.

The catalogue beside this file holds facts about the tasks and a hash of each ground truth, not
the ground truth itself. Source: Wu, Lim, Yang, "Online Object Tracking: A Benchmark", CVPR 2013.
"""

from __future__ import annotations

import functools
import hashlib
import json
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from numpy.typing import ArrayLike

from mfst_lib.errors import NotFound, unknown
from mfst_lib.sequences.otb import boxes_text, list_targets, load_otb, sequence_folders
from mfst_lib.sequences.sequence import Sequence


@dataclass(frozen=True)
class Task:
    """One task: a target in a range of a video's frames.

    target: its number in the folder, None where a folder has one target.
    start_frame, end_frame: numbers of the image files, both included.
    first_box: (x, y, w, h) in start_frame, 0-based. truth_sha256: see `truth_hash`.
    """

    name: str
    folder: str
    target: int | None
    start_frame: int
    end_frame: int
    attributes: tuple[str, ...]
    first_box: tuple[float, float, float, float]
    truth_sha256: str

    def __len__(self) -> int:
        return self.end_frame - self.start_frame + 1


@functools.cache
def tasks() -> Mapping[str, Task]:
    """The 51 tasks by name, in alphabetical order; read on first use."""
    text = resources.files("mfst_lib").joinpath("sequences/vtb13.json").read_text("utf-8")
    entries = json.loads(text)["tasks"]
    return MappingProxyType({name: _task(name, facts) for name, facts in entries.items()})


def _task(name: str, facts: dict[str, Any]) -> Task:
    lists = {key: tuple(facts[key]) for key in ("attributes", "first_box")}
    return Task(name=name, **{**facts, **lists})


def __getattr__(attribute: str) -> Mapping[str, Task]:
    """`TASKS` is `tasks()`, so that importing this module reads no file."""
    if attribute == "TASKS":
        return tasks()
    raise AttributeError(attribute)


def name_key(name: str) -> str:
    """A name without case and punctuation: Jogging-1, Jogging.1 and jogging1 are the same."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


@functools.cache
def _names_by_key() -> Mapping[str, str]:
    return {name_key(name): name for name in tasks()}


def is_task(name: str) -> bool:
    """Whether VTB13 has a task of this name, case and punctuation aside."""
    return name_key(name) in _names_by_key()


def find_task(name: str) -> Task:
    """The task of this name, case and punctuation aside; `InvalidInput` for an unknown one.

    >>> find_task("jogging.1").name, len(find_task("Tiger1"))
    ('Jogging-1', 349)
    """
    if not is_task(name):
        raise unknown("task", name, tasks())
    return tasks()[_names_by_key()[name_key(name)]]


def truth_hash(boxes: ArrayLike) -> str:
    """SHA-256 of a ground truth (T, 4), 0-based, in the one form of `boxes_text`."""
    return hashlib.sha256(boxes_text(boxes).encode("ascii")).hexdigest()


def truth_matches(task: Task, boxes: ArrayLike) -> bool:
    """Whether these boxes (T, 4), 0-based, are the ground truth that VTB13 published."""
    return truth_hash(boxes) == task.truth_sha256


def load_task(name: str, root: str | Path) -> Sequence:
    """The frames and the ground truth of a task, cut to its range.

    root: folder with the sequences' folders, or one whose folders hold them; names are matched
    without case and punctuation.
    Warns when the ground truth is another than VTB13's. Raises `InvalidInput` for an unknown task
    or a folder that does not fit it, `NotFound` when it is not there.
    """
    task = find_task(name)
    folder = _find_folder(task, sequence_folders(root))
    if folder is None:
        raise NotFound(f"{task.name}: no folder {task.folder} with a ground truth below {root}")
    sequence = load_otb(
        folder,
        # A copy may have split a video of two targets into two folders of one.
        target=task.target if list_targets(folder) else None,
        first=task.start_frame,
        last=task.end_frame,
        name=task.name,
        attributes=task.attributes,
    )
    if not truth_matches(task, sequence.boxes):
        warnings.warn(
            f"{task.name}: the ground truth in {folder} is not the one of VTB13; "
            "scores on it compare with no published ones",
            stacklevel=2,
        )
    return sequence


def available_tasks(root: str | Path) -> list[str]:
    """The names of the tasks whose folders are below `root`, in the catalogue's order."""
    folders = list(sequence_folders(root))
    return [name for name, task in tasks().items() if _find_folder(task, folders) is not None]


def _find_folder(task: Task, folders: Iterable[Path]) -> Path | None:
    """The first of the folders that is named like the task, or like its video."""
    for folder in folders:
        if name_key(folder.name) == name_key(task.name):
            return folder
        if name_key(folder.name) == name_key(task.folder) and task.target in list_targets(folder):
            return folder
    return None
