"""OpenCV's trackers on frames in a file: a program for another environment's Python.

`opencv-contrib-python` cannot be installed beside `opencv-python`: this file is run by the Python
of an environment that has it (`make bench` makes one). It needs NumPy and OpenCV, nothing of ours.
Arguments: a .npy file, (T, H, W, 3) uint8 RGB, and the first box. For each line on stdin, a
tracker's name, it answers with a line of JSON: the boxes and the milliseconds of all updates.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import cv2
import numpy as np


def make(kind: str) -> Any:
    """A new tracker of OpenCV by name; some stand among the old ones."""
    for home in (cv2, getattr(cv2, "legacy", None)):
        for name in (f"Tracker{kind}_create", f"Tracker{kind}"):
            found = getattr(home, name, None)
            if found is not None:
                return getattr(found, "create", found)()
    raise LookupError(f"OpenCV {cv2.__version__} has no tracker {kind}")


def play_through(kind: str, images: list[Any], box: list[float]) -> dict[str, Any]:
    """Boxes and times of one run; where the tracker lost the target its last box stays."""
    tracker = make(kind)
    tracker.init(images[0], tuple(round(side) for side in box))
    boxes, times = [list(box)], []
    for image in images[1:]:
        start = time.perf_counter()
        found, latest = tracker.update(image)
        times.append(1000 * (time.perf_counter() - start))
        boxes.append([float(side) for side in latest] if found else boxes[-1])
    return {"boxes": boxes, "times": times, "version": cv2.__version__}


def main() -> None:
    """Serve one name a line until stdin ends."""
    path, box = sys.argv[1], json.loads(sys.argv[2])
    # OpenCV's trackers expect its own order of colours; turned round before anything is timed.
    images = [np.ascontiguousarray(image[..., ::-1]) for image in np.load(path)]
    cv2.setNumThreads(int(sys.argv[3]))
    for line in sys.stdin:
        try:
            answer = play_through(line.strip(), images, box)
        except (LookupError, cv2.error) as error:
            answer = {"error": " ".join(str(error).split())}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
