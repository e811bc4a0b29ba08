"""Sequences by name: the lab's, VTB13's tasks, any folder below the data folder, or a path."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

from mfst_lib import settings
from mfst_lib.errors import InvalidInput, NotFound, unknown
from mfst_lib.sequences import vtb13
from mfst_lib.sequences.layouts import Found, load_folder, sequences_below
from mfst_lib.sequences.sequence import Sequence
from mfst_lib.sequences.vtb13 import find_task, is_task, load_task, name_key

LAB = "lab:"


def data_root(argument: str | Path | None = None) -> Path:
    """The data folder: the argument, or else the setting `data` (see `mfst_lib.settings`).

    It holds the sequences' folders, or folders of those (`vtb13/`, `tb100_train/`).
    Raises `NotFound` when neither is given, or what is given is no folder.
    """
    given, source = settings.value("data", None if argument is None else str(argument))
    if not given:
        raise NotFound(
            "no data folder: give one (--data FOLDER), set the environment variable MFST_DATA, or "
            "write data = FOLDER into mfst.toml"
        )
    place = settings.spelled_out(given)
    if not place.is_dir():
        raise NotFound(f"the data folder {given} is not there: check {source}")
    return place


def load_sequence(name: str, root: str | Path | None = None) -> Sequence:
    """A sequence by name, case and punctuation aside, or by the path of its folder.

    name: `lab:cat-walk` (made here, no data needed), `David` or `Jogging.1` (VTB13's range),
    `Skating2-1` (an OTB folder below the root, first target), `./my/folder`. With `@150` behind
    it, the frames from number 150 on.
    root: see `data_root`; asked for only when the name needs it.
    Raises `InvalidInput` for an unknown name, `NotFound` for missing data.
    """
    whole, start = split_start(name)
    if start:
        later = load_sequence(whole, root).since(start)
        return replace(later, name=f"{later.name}@{start}")
    if name.startswith(LAB):
        from mfst_lib.sequences import lab  # needs scikit-image, which the others do not

        # Under the name that finds it again, wherever the boxes go.
        return replace(lab.render(_lab_name(name)), name=name)
    if _is_path(name):
        return load_folder(Path(name).resolve())
    if is_task(name):
        return load_task(name, data_root(root))
    found = _find(name, data_root(root))
    return replace(found.load(), name=_name(found))


def expand_tasks(spec: str, root: str | Path | None = None) -> list[str]:
    """The names behind a comma list of names and groups, each once, in order.

    Groups: `vtb13` (those of the 51 tasks that are below the root), `train` (the sequences there
    that are none of the 51), `lab` (all that the lab makes), `folder` (every sequence there).
    Raises `InvalidInput` for an empty list or an unknown name, `NotFound` for an empty group.

    >>> expand_tasks("jogging.1, David")
    ['Jogging-1', 'David']
    """
    words = [word.strip() for word in spec.split(",") if word.strip()]
    if not words:
        raise InvalidInput("no task given: expected names, or vtb13, lab or folder")
    return list(dict.fromkeys(name for word in words for name in _expand(word, root)))


def _expand(word: str, root: str | Path | None) -> list[str]:
    """The names behind one word of a list."""
    if word == "lab":
        return lab_names()
    if word in _GROUPS:
        place = data_root(root)
        names = _GROUPS[word](place)
        if not names:
            raise NotFound(
                f"no {word} sequences below {place}: expected folders like David/img; "
                f"`mfst data check {place}` tells what is there"
            )
        return names
    return [_check_name(word, root)]


def split_start(name: str) -> tuple[str, int]:
    """A name without its `@START`, and the frame at which it starts.

    >>> split_start("Car1@150"), split_start("Car1")
    (('Car1', 150), ('Car1', 0))
    """
    behind = re.search(r"@(\d+)$", name)
    if behind is None or Path(name).is_dir():
        return name, 0
    return name[: behind.start()], int(behind[1])


def _check_name(name: str, root: str | Path | None) -> str:
    """The name as the catalogue spells it."""
    whole, start = split_start(name)
    if start:
        return f"{_check_name(whole, root)}@{start}"
    if name.startswith(LAB):
        return LAB + _lab_name(name)
    if _is_path(name):
        return name
    if is_task(name):
        return find_task(name).name
    return _name(_find(name, data_root(root)))


def lab_names() -> list[str]:
    """The names of the lab's sequences, with their prefix."""
    from mfst_lib.sequences import lab

    return [LAB + name for name in lab.names()]


def sequence_names(root: str | Path) -> list[str]:
    """The names of all sequences below `root`, of any layout; each target has a name."""
    return list(dict.fromkeys(_name(found) for found in sequences_below(root)))


def train_names(root: str | Path) -> list[str]:
    """The names of the sequences below `root` that are no task of VTB13: those to choose with."""
    return [name for name in sequence_names(root) if not is_task(name)]


_GROUPS = {"vtb13": vtb13.available_tasks, "train": train_names, "folder": sequence_names}


def _lab_name(name: str) -> str:
    """A lab name without prefix, checked."""
    if name not in lab_names():
        raise unknown("lab sequence", name, lab_names())
    return name.removeprefix(LAB)


def _is_path(name: str) -> bool:
    """Whether a name is meant as a path: it has a separator, or only a folder is called so."""
    separators = {"/", os.sep}
    return any(s in name for s in separators) or (Path(name).is_dir() and not is_task(name))


def _name(found: Found) -> str:
    """VTB13's name of the task when it is one, else the layout's."""
    return find_task(found.name).name if is_task(found.name) else found.name


def _find(name: str, root: Path) -> Found:
    """The sequence called `name`, case and punctuation aside."""
    for found in sequences_below(root):
        if name_key(found.name) == name_key(name):
            return found
    raise unknown("sequence", name, {*sequence_names(root), *vtb13.tasks()})
