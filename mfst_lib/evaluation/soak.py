"""Does it last? One tracker for an hour of frames: what its memory and its speed do meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from mfst_lib.boxes import iou
from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation import machine
from mfst_lib.sequences.sequence import Sequence
from mfst_lib.tracker import FMST

FORMAT = "mfst-soak"

#: An hour of video at 30 frames per second.
HOUR = 108_000
#: Memory is compared with what it was after so many seconds, or half of a shorter run.
SETTLED = 60.0
#: Into how many parts a run is cut, to see whether one is slower than another.
PARTS = 10

Progress = Callable[[Iterable[int], int], Iterable[int]]


def soak(
    tracker: FMST,
    sequence: Sequence,
    frames: int = HOUR,
    *,
    progress: Progress = lambda numbers, count: numbers,
) -> dict[str, Any]:
    """Track through the sequence there and back until `frames` are done, started only once.

    The images are decoded before. Tells the memory of the process (resident, in MB) when it had
    settled, at the end and the most since, and for each tenth of the run: frames per second (N/Σt
    of `update` alone), the processor's time per step, which other programs do not lengthen, and
    the mean overlap with the truth.
    Raises `InvalidInput` for fewer than 10 frames and for a sequence of one image.
    """
    if frames < PARTS or len(sequence) < 2:
        raise InvalidInput(
            f"a soak needs {PARTS} frames or more and a sequence of two images or more; "
            f"got {frames} frames, {len(sequence)} images"
        )
    images = [np.asarray(image) for image in sequence.frames]
    # Written full now: a page of memory that is touched first later would look like a leak.
    times, work, overlaps, memory = np.full((4, frames), np.nan)
    tracker.init(images[0], sequence.boxes[0])
    begin = time.perf_counter()
    settled = 0
    process = psutil.Process()
    for number in progress(range(frames), frames):
        place = there_and_back(number + 1, len(images))
        start, start_work = time.perf_counter(), time.process_time()
        _, box = tracker.update(images[place])
        work[number], end = time.process_time() - start_work, time.perf_counter()
        times[number] = end - start
        overlaps[number] = iou(box, sequence.boxes[place])
        memory[number] = process.memory_info().rss / 1e6
        if end - begin < SETTLED and number < frames // 2:
            settled = number + 1
    return {
        "format": FORMAT,
        "sequence": sequence.name,
        "frames": frames,
        "seconds": round(time.perf_counter() - begin, 1),
        "memory_mb": _memory(memory, settled),
        "parts": _parts(times, work, overlaps),
        "config": tracker.config.to_dict(),
        "versions": machine.versions(),
        "device": dict(machine.device()),
    }


def there_and_back(number: int, count: int) -> int:
    """The place of frame `number` when `count` images are played to the end and back, for ever.

    >>> [there_and_back(number, 4) for number in range(8)]
    [0, 1, 2, 3, 2, 1, 0, 1]
    """
    turn = number % (2 * (count - 1))
    return min(turn, 2 * (count - 1) - turn)


def _memory(memory: NDArray[np.float64], settled: int) -> dict[str, float]:
    """Megabytes when settled, at the end, and the most since."""
    after = memory[settled:]
    values = {"settled": after[0], "end": after[-1], "most": after.max()}
    return {name: round(float(value), 2) for name, value in values.items()}


def _parts(*series: NDArray[np.float64]) -> list[dict[str, float]]:
    """What `soak` tells of each tenth of the run, from seconds, processor seconds and overlaps."""
    tenths = zip(*(np.array_split(one, PARTS) for one in series), strict=True)
    return [
        {
            "fps": round(len(times) / float(times.sum()), 1),
            "cpu_ms": round(1000 * float(work.mean()), 3),
            "overlap": round(float(overlaps.mean()), 3),
        }
        for times, work, overlaps in tenths
    ]


def growth_mb(content: dict[str, Any]) -> float:
    """By how many MB the memory grew, at most, after it had settled."""
    return float(content["memory_mb"]["most"] - content["memory_mb"]["settled"])


def slowdown(content: dict[str, Any]) -> float:
    """The processor's time of a step, last tenth over first: 1 when nothing slows down."""
    first, *_, last = (part["cpu_ms"] for part in content["parts"])
    return float(last / first)
