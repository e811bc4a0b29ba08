"""Which sequences may teach, and which of them are kept aside to judge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PureWindowsPath  # takes both kinds of slash

import numpy as np

from mfst_lib.errors import InvalidInput
from mfst_lib.sequences import vtb13
from mfst_lib.sequences.catalogue import LAB, split_start
from mfst_lib.sequences.sequence import Sequence as FramesAndBoxes


def refuse_tasks(names: Sequence[str]) -> None:
    """Raise `InvalidInput` when a VTB13 task is among the names: it would spoil every score.

    >>> refuse_tasks(["Box", "lab:twins"])
    """
    tasks = [name for name in names if vtb13.is_task(PureWindowsPath(split_start(name)[0]).name)]
    if tasks:
        raise InvalidInput(
            f"{', '.join(tasks)}: a task of VTB13, on which trackers are scored, is never trained "
            "on; leave it out"
        )


def refuse_truths(sequences: Sequence[FramesAndBoxes]) -> None:
    """Raise `InvalidInput` for a sequence with the ground truth of a VTB13 task."""
    owners = {task.truth_sha256: task.name for task in vtb13.tasks().values()}
    for sequence in sequences:
        owner = owners.get(vtb13.truth_hash(sequence.boxes))
        if owner:
            raise InvalidInput(
                f"{sequence.name} has the boxes of {owner}, a task of VTB13: it is never trained on"
            )


def video_of(name: str) -> str:
    """The video that a sequence's frames come from: targets of one video share it.

    Scenes of the lab share the photograph that their target was cut from.

    >>> video_of("Skating2-1") == video_of("Skating2-2@90"), video_of("lab:twins")
    (True, 'lab:astronaut')
    """
    name, _ = split_start(name)
    if name.startswith(LAB):
        from mfst_lib.sequences.lab import photograph_of  # needs scikit-image, others do not

        return LAB + photograph_of(name.removeprefix(LAB))
    return vtb13.name_key(re.sub(r"[-.]\d+$", "", name))


def split(names: Sequence[str], share: float, seed: int) -> tuple[list[str], list[str]]:
    """The names to train on and the names to validate on, split by video, never by frame.

    share: of the videos, for validation; at least one video stays on either side. Raises
    `InvalidInput` for VTB13's tasks and unless there are two videos or more.
    """
    refuse_tasks(names)
    videos = list(dict.fromkeys(video_of(name) for name in names))
    if len(videos) < 2:
        raise InvalidInput(
            f"training needs sequences of two videos or more, one to learn from and one to judge "
            f"by; got {list(names)}"
        )
    count = min(max(1, round(share * len(videos))), len(videos) - 1)
    order = np.random.default_rng(seed).permutation(len(videos))
    judged = {videos[i] for i in order[:count]}
    return (
        [name for name in names if video_of(name) not in judged],
        [name for name in names if video_of(name) in judged],
    )
