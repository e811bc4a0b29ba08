"""What a process of its own can say: a tracker's peak memory, and the arithmetic of one core.

A program too: a request in JSON on stdin, the answer in JSON on stdout.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput

#: What tells the libraries for linear algebra to take one thread.
_ONE_THREAD = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    "VECLIB_MAXIMUM_THREADS",
)


def peak_memory(config: TrackerConfig, weights: str | None = None) -> float | None:
    """The most memory, in MB, that a process took which imports the library and tracks.

    Twenty frames of 640x480, in a process of its own. None where the system does not say it.
    """
    answer = _ask({"memory": config.to_dict(), "weights": weights})
    return None if answer is None else float(answer)


def core_peak() -> float:
    """Float32 multiply-adds a second of one core: the best of many matrix products, one thread.

    On a processor that OpenBLAS does not know, it takes the kernels of an old one, and a network
    can be faster than they are. So those for 512-bit vectors are tried, too, where they run.
    """
    usual = float(_ask({"gemm": 512}))
    try:
        return max(usual, float(_ask({"gemm": 512}, OPENBLAS_CORETYPE="SkylakeX")))
    except InvalidInput:  # no such vectors here: that process has ended at once
        return usual


def _ask(request: dict[str, Any], **more: str) -> Any:
    environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1"), **more}
    done = subprocess.run(
        [sys.executable, "-m", "mfst_lib.evaluation.probe"],
        input=json.dumps(request),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        last = done.stderr.strip().splitlines() or ["no message"]
        raise InvalidInput(f"the measuring process failed: {last[-1]}")
    return json.loads(done.stdout)


def _gemm(size: int, seconds: float = 0.5) -> float:
    a, out = np.ones((size, size), np.float32), np.empty((size, size), np.float32)
    best, end = np.inf, time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        np.matmul(a, a, out=out)
        best = min(best, time.perf_counter() - start)
    return size**3 / best


def _track(config: TrackerConfig, weights: str | None) -> None:
    from mfst_lib.tracker import FMST

    image = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    tracker = FMST(config, weights=weights)
    tracker.init(image, (270, 190, 100, 100))
    for _ in range(20):
        tracker.update(image)


def _own_peak() -> float | None:
    """The peak of this process alone, in MB; what `getrusage` says may be its parent's."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    for line in status.read_text("utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return None


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    if "gemm" in request:
        print(_gemm(request["gemm"]))
        return
    _track(TrackerConfig(**request["memory"]), request["weights"])
    print(json.dumps(_own_peak()))


if __name__ == "__main__":
    main()
