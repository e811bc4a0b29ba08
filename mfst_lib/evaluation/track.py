"""Track through any source and write the boxes where a user wants them."""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation.results import FORMAT
from mfst_lib.evaluation.run import check_writable
from mfst_lib.files import write_text_atomically
from mfst_lib.sequences.otb import boxes_text
from mfst_lib.tracker import FMST

Image = NDArray[np.uint8]
Boxes = NDArray[np.float64]


@dataclass(frozen=True)
class Track:
    """What a tracker said about each frame: boxes (T, 4), seen (T,), times_ms (T − 1,)."""

    boxes: Boxes
    seen: NDArray[np.bool_]
    times_ms: NDArray[np.float64]

    @property
    def fps(self) -> float:
        """N / Σt over the updates; 0 without any."""
        total = float(self.times_ms.sum()) / 1000
        return len(self.times_ms) / total if total > 0 else 0.0


def track(
    tracker: FMST,
    frames: Iterable[Image],
    box: ArrayLike,
    each: Callable[[Image, Boxes], None] = lambda image, box: None,
) -> Track:
    """Follow the box from the first frame to the last; `each` sees every frame with its box.

    Raises `InvalidInput` for no frames and for a box that cannot be used.
    """
    # Plain numbers, so that ten hours of video need tens of megabytes and not hundreds.
    boxes, seen, times = array("d"), bytearray(), array("d")
    for number, image in enumerate(frames):
        if number == 0:
            tracker.init(image, box)
            ok, found = True, np.asarray(box, dtype=np.float64)
        else:
            start = time.perf_counter()
            ok, found = tracker.update(image)
            times.append(1000 * (time.perf_counter() - start))
        boxes.extend(found.tolist())
        seen.append(ok)
        each(image, found)
    if not boxes:
        raise InvalidInput("no frames to track through")
    return Track(np.array(boxes).reshape(-1, 4), np.array(seen, dtype=bool), np.array(times))


def write_track(path: Path, result: Track, task: str, config: dict[str, Any]) -> None:
    """Write the boxes in the format that the file's ending names; see `WRITERS`."""
    write_text_atomically(path, _writer(path)(result, task, config))


def check_output(path: Path) -> None:
    """Raise `InvalidInput` for a file that could not be written after all the work."""
    _writer(path)
    if not path.absolute().parent.is_dir():
        raise InvalidInput(f"cannot write {path}: {path.absolute().parent} is not a folder")
    check_writable(path.absolute().parent)


def _writer(path: Path) -> Callable[[Track, str, dict[str, Any]], str]:
    if path.suffix.lower() not in WRITERS:
        kinds = ", ".join(WRITERS)
        raise InvalidInput(f"boxes are written as {kinds}; got {path.name!r}")
    return WRITERS[path.suffix.lower()]


def _as_csv(result: Track, task: str, config: dict[str, Any]) -> str:
    """frame, x, y, w, h, ok: 0-based frames and pixels, top-left corner."""
    rows = [
        f"{number},{x:.2f},{y:.2f},{w:.2f},{h:.2f},{int(ok)}"
        for number, ((x, y, w, h), ok) in enumerate(zip(result.boxes, result.seen, strict=True))
    ]
    return "\n".join(["frame,x,y,w,h,ok", *rows, ""])


def _as_otb(result: Track, task: str, config: dict[str, Any]) -> str:
    """OTB's text form: x,y,w,h a line, 1-based."""
    return boxes_text(result.boxes)


def _as_json(result: Track, task: str, config: dict[str, Any]) -> str:
    """A file that `mfst score` reads, 0-based."""
    content = {
        "format": FORMAT,
        "task": task,
        "config": config,
        "boxes": result.boxes.round(3).tolist(),
        "ok": result.seen.tolist(),
        "times_ms": result.times_ms.round(3).tolist(),
    }
    return json.dumps(content)


WRITERS: dict[str, Callable[[Track, str, dict[str, Any]], str]] = {
    ".csv": _as_csv,
    ".txt": _as_otb,
    ".json": _as_json,
}
