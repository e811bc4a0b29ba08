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
    """What a tracker said about each frame: boxes (T, 4), seen (T,), times_ms (T − 1,).

    confidences: (T,), the probability that the box is right, where the tracker gives one.
    size: width and height of the first frame.
    """

    boxes: Boxes
    seen: NDArray[np.bool_]
    times_ms: NDArray[np.float64]
    confidences: NDArray[np.float64] | None = None
    size: tuple[int, int] = (0, 0)

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
    boxes, seen, times, sure = array("d"), bytearray(), array("d"), array("d")
    size = (0, 0)
    for number, image in enumerate(frames):
        if number == 0:
            tracker.init(image, box)
            size = image.shape[1], image.shape[0]
            ok, found = True, np.asarray(box, dtype=np.float64)
        else:
            start = time.perf_counter()
            ok, found = tracker.update(image)
            times.append(1000 * (time.perf_counter() - start))
        boxes.extend(np.asarray(found, dtype=np.float64).tolist())
        seen.append(ok)
        known = getattr(tracker, "confidence", None)  # not every tracker gives one
        sure.append(np.nan if known is None else known)
        each(image, found)
    if not boxes:
        raise InvalidInput("no frames to track through")
    return Track(
        np.array(boxes).reshape(-1, 4),
        np.array(seen, dtype=bool),
        np.array(times),
        None if np.isnan(sure).any() else np.array(sure),
        size,
    )


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
    if path.name.lower().endswith(COCO):
        return _as_coco
    if path.suffix.lower() not in WRITERS:
        kinds = ", ".join([*WRITERS, COCO])
        raise InvalidInput(f"boxes are written as {kinds}; got {path.name!r}")
    return WRITERS[path.suffix.lower()]


def _as_csv(result: Track, task: str, config: dict[str, Any]) -> str:
    """frame, x, y, w, h, ok, confidence if any: 0-based frames and pixels, top-left corner."""
    rows = [
        f"{number},{x:.2f},{y:.2f},{w:.2f},{h:.2f},{int(ok)}"
        for number, ((x, y, w, h), ok) in enumerate(zip(result.boxes, result.seen, strict=True))
    ]
    header = "frame,x,y,w,h,ok"
    if result.confidences is not None:
        header += ",confidence"
        rows = [f"{row},{p:.3f}" for row, p in zip(rows, result.confidences, strict=True)]
    return "\n".join([header, *rows, ""])


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


def _as_coco(result: Track, task: str, config: dict[str, Any]) -> str:
    """COCO's form: an image a frame, an annotation where the target was seen; 0-based boxes."""
    width, height = result.size
    images = [
        {"id": number, "file_name": f"{number:06d}.jpg", "width": width, "height": height}
        for number in range(len(result.boxes))
    ]
    annotations = [
        {
            "id": number,
            "image_id": number,
            "category_id": 1,
            "bbox": box.round(2).tolist(),
            "area": round(float(box[2] * box[3]), 2),
            "iscrowd": 0,
            **(
                {}
                if result.confidences is None
                else {"score": round(result.confidences[number], 3)}
            ),
        }
        for number, box in enumerate(result.boxes)
        if result.seen[number]
    ]
    content = {
        "info": {"description": f"one object followed through {task}"},
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "target", "supercategory": "target"}],
    }
    return json.dumps(content)


#: The ending of a file in COCO's form, which is JSON too.
COCO = ".coco.json"

WRITERS: dict[str, Callable[[Track, str, dict[str, Any]], str]] = {
    ".csv": _as_csv,
    ".txt": _as_otb,
    ".json": _as_json,
}
