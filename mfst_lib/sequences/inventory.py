"""What a data folder holds: what is there, complete, damaged, misnamed, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mfst_lib.errors import NotFound
from mfst_lib.sequences import vtb13
from mfst_lib.sequences.check import (
    folder_problems,
    same_name,
    task_problems,
    true_name,
    video_problems,
)
from mfst_lib.sequences.download.mirrors import tb100_ranges, tb100_videos, vtb13_videos
from mfst_lib.sequences.frames import list_images
from mfst_lib.sequences.layouts import DEPTH, sequences_in, subfolders
from mfst_lib.sequences.vtb13 import name_key


@dataclass(frozen=True)
class Finding:
    """A folder and its state: "complete", "damaged", "misnamed"; and what is to be said of it."""

    name: str
    state: str
    folder: str
    layout: str
    detail: str = ""


@dataclass(frozen=True)
class Inventory:
    """What is below a data folder, and which of the benchmark's videos are not."""

    root: str
    findings: list[Finding]
    missing: dict[str, list[str]]

    def of(self, state: str) -> list[Finding]:
        """The findings of that state."""
        return [finding for finding in self.findings if finding.state == state]

    def as_json(self) -> dict[str, Any]:
        """The inventory for machines."""
        return asdict(self)


def take_inventory(root: str | Path, deep: bool = False) -> Inventory:
    """Look through a folder and all that lies up to three levels below it.

    deep: decode every frame; else the first and the last of each sequence, and no empty files.
    Raises `NotFound` when there is no such folder.
    """
    if not Path(root).is_dir():
        raise NotFound(f"no data folder {root}")
    findings = list(_look(Path(root), DEPTH, deep))
    have = {name_key(finding.name) for finding in findings if finding.state == "complete"}
    groups = {"vtb13": vtb13_videos(), "tb100": tb100_videos()}
    missing = {g: [v for v in names if not _have(v, have)] for g, names in groups.items()}
    return Inventory(str(root), findings, missing)


def _have(video: str, keys: set[str]) -> bool:
    """Whether the video is there, as one folder or as a folder per target."""
    parts = [task.name for task in vtb13.tasks().values() if task.folder == video]
    return name_key(video) in keys or (bool(parts) and {name_key(p) for p in parts} <= keys)


def _look(folder: Path, depth: int, deep: bool) -> Iterator[Finding]:
    """The findings in a folder and below it."""
    here = sequences_in(folder)
    if here:
        yield _judge(folder, here[0].layout, deep)
    elif found := _unreadable(folder):
        yield found
        return
    yield from (_packed(path) for path in sorted(folder.glob("*.zip")) if _video(path.stem))
    if depth and (not here or here[0].layout == "video and CSV"):
        for inner in subfolders(folder):
            yield from _look(inner, depth - 1, deep)


def _judge(folder: Path, layout: str, deep: bool) -> Finding:
    """The finding for a folder that holds sequences."""
    video, task = _video(folder.name), _task(folder.name)
    if layout != "OTB" or not (video or task):
        return _stranger(folder, layout, deep)
    # A copy may have split a video of two targets into two folders of one.
    if task and not same_name(folder.name, task.folder):
        name, problems = task.name, task_problems(folder, task, deep)
    else:
        name = str(video)
        problems = video_problems(folder, name, tb100_ranges().get(name), deep)
    state = "damaged" if problems else "complete"
    return Finding(name, state, str(folder), layout, "; ".join(problems))


def _stranger(folder: Path, layout: str, deep: bool) -> Finding:
    """The finding for a folder whose name the catalogue does not know."""
    problems = folder_problems(folder, deep)
    if problems:
        return Finding(folder.name, "damaged", str(folder), layout, "; ".join(problems))
    name = true_name(folder) if layout == "OTB" else None
    if name is not None:
        advice = (
            f"has the ground truth of {name}: rename the folder to {vtb13.find_task(name).folder}"
        )
        return Finding(name, "misnamed", str(folder), layout, advice)
    count = len(sequences_in(folder))
    detail = f"{count} sequences" if count > 1 else "not of the benchmark"
    return Finding(folder.name, "complete", str(folder), layout, detail)


def _unreadable(folder: Path) -> Finding | None:
    """A folder of images that no layout recognises, when it is called like a video."""
    video = _video(folder.name)
    place = folder / "img" if (folder / "img").is_dir() else folder
    if video and list_images(place):
        detail = "images without a ground truth (groundtruth_rect.txt)"
        return Finding(video, "damaged", str(folder), "OTB", detail)
    return None


def _packed(path: Path) -> Finding:
    """An archive that nobody has unpacked."""
    advice = f"is not unpacked: `mfst download {path.stem} --mirror {path} --data {path.parent}`"
    return Finding(path.stem, "damaged", str(path), "zip", advice)


def _video(name: str) -> str | None:
    return next((video for video in tb100_videos() if same_name(video, name)), None)


def _task(name: str) -> vtb13.Task | None:
    return vtb13.find_task(name) if vtb13.is_task(name) else None
