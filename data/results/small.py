"""What a small computer has to bear: `make small` measures the base install in a fresh environment.

Disk: everything that `pip install mfst_lib` brings, in an environment with nothing else. Time: from
the start of a process until the first box, with an exported tracker. Memory: the most that such a
process holds while it follows a video. A network whose weights are not at hand is left out.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mfst_lib import preset, save_export
from mfst_lib.errors import NotFound
from mfst_lib.evaluation import machine
from mfst_lib.files import write_text_atomically
from mfst_lib.sequences import lab
from mfst_lib.show.video import write_video

ROOT = Path(__file__).parents[2]
NETWORKS = ("efficientnet_lite0", "mobilenet_v3_large", "mobilenet_v3_small")
REPETITIONS = 9

#: Run by the fresh environment's Python: an export, a video and a box; prints after the first box
#: how long the processor worked so far, and at the end the peak of the memory, in kilobytes.
PROBE = """
import sys, time
from mfst_lib import load_export
from mfst_lib.sequences.frames import VideoFrames
export, video, *box = sys.argv[1:]
tracker, frames = load_export(export), iter(VideoFrames(video))
tracker.init(next(frames), [float(side) for side in box])
tracker.update(next(frames))
print(time.process_time(), flush=True)
for image in frames:
    tracker.update(image)
with open("/proc/self/status") as status:
    print(*(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def fresh_environment(folder: Path) -> Path:
    """An environment with the base install and nothing else; its Python."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    subprocess.run([*pip, "install", "--quiet", str(ROOT)], check=True)
    return python


def megabytes(folder: Path) -> float:
    """All files below a folder; links are not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) / 1e6


def probe(python: Path, export: Path, video: Path, box: list[str]) -> dict[str, float]:
    """One process: seconds until the first box, by the clock and of the processor; peak memory."""
    start = time.perf_counter()
    with subprocess.Popen(
        [str(python), "-I", "-c", PROBE, str(export), str(video), *box],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        work = float(process.stdout.readline())
        seconds = time.perf_counter() - start
        peak = float(process.stdout.readline())
    return {"seconds": seconds, "cpu_seconds": work, "peak_mb": peak * 1024 / 1e6}


def measure(python: Path, folder: Path) -> dict[str, dict[str, float]]:
    """Medians for each network whose weights are at hand; the first process only warms the disk."""
    film, rows = lab.render("cat-walk"), {}
    write_video(folder / "film.mp4", film.frames)
    box = [f"{side:.1f}" for side in film.boxes[0]]
    for name in NETWORKS:
        try:
            export = save_export(preset("default", backbone=name), folder / name)
        except NotFound as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
            continue
        runs = [probe(python, export, folder / "film.mp4", box) for _ in range(REPETITIONS + 1)]
        rows[name] = {
            key: round(statistics.median(run[key] for run in runs[1:]), 3) for key in runs[0]
        }
        rows[name]["fastest_seconds"] = round(min(run["seconds"] for run in runs[1:]), 3)
        rows[name]["export_mb"] = round(megabytes(export), 2)
    return rows


def main() -> None:
    """Measure, print and keep the figures in small.json."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        python = fresh_environment(place / "environment")
        content: dict[str, Any] = {
            "format": "mfst-small",
            "install_mb": round(megabytes(place / "environment" / "lib"), 1),
            "repetitions": REPETITIONS,
            "load": round(
                os.getloadavg()[0], 1
            ),  # of other programs too: their share is waited for
            "rows": measure(python, place),
            "versions": machine.versions(),
            "device": dict(machine.device()),
            "command": "make small",
        }
    write_text_atomically(ROOT / "data" / "results" / "small.json", json.dumps(content, indent=1))
    print(json.dumps({key: content[key] for key in ("install_mb", "load", "rows")}, indent=1))


if __name__ == "__main__":
    main()
