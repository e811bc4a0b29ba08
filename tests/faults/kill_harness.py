"""Programs killed at random moments: whatever is left, the next run ends as an undisturbed one.

`python tests/faults/kill_harness.py [KILLS]` is the long mode: 200 kills in all unless another
number is given. A job is a small program that is run again and again in one folder; a process
that has loaded what the job needs is forked for each try, so that a try takes well below a second.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fake_engine import FakeEngine

from mfst_lib.backbones import models
from mfst_lib.backbones.weights import Weights
from mfst_lib.config import TrackerConfig, preset
from mfst_lib.evaluation import evaluate, run
from mfst_lib.files import TEMPORARY
from mfst_lib.reading import read_arrays, read_json
from mfst_lib.training import records

TASKS = ["lab:portrait", "lab:twins"]
SPEC = models.ModelSpec("vgg16", ("block1_conv1",), 32, Weights(None, "none"))

Outcome = dict[str, object]


def eval_job(folder: Path) -> None:
    """`mfst eval` in little: two sequences, two seeds, a stand-in for the network."""
    run.shared_engine = lambda *_: FakeEngine()
    config = preset("default", candidates=20)
    sequences = {task: run.load_sequence(task).first(6) for task in TASKS}
    run.job_sequence = lambda task, *_: sequences[task]
    evaluate.job_sequence = run.job_sequence
    evaluate.evaluate(TASKS, "default", [config, config.replace(seed=1)], folder)


def eval_outcome(folder: Path) -> Outcome:
    """All boxes and scores, without times."""
    where = folder / "default-efficientnet_lite0"
    summary = evaluate.load_summary(where)
    runs = {
        path.parent.name + path.name: read_json(path)["boxes"] for path in where.glob("s*/*.json")
    }
    return {"per_task": summary["per_task"], "failed": summary["failed"], "runs": runs}


def records_job(folder: Path) -> None:
    """The first half of `mfst train`: what the network sees, kept in one file."""
    lab = {task: run.load_sequence(task).first(4) for task in TASKS}
    records.load_sequence = lambda task, *_: lab[task]
    recipe = records.Recipe(tuple(TASKS), TrackerConfig(), frames=4)
    records.gather(recipe, folder, engine=FakeEngine())


def records_outcome(folder: Path) -> Outcome:
    (path,) = folder.glob("records-*.npy")
    rows = np.load(path, allow_pickle=False)
    assert rows["done"].all()
    return {"bytes": path.read_bytes().hex()}


def cache_job(folder: Path) -> None:
    """A model converted into the cache; the conversion itself is a stand-in."""
    os.environ["MFST_CACHE"] = str(folder)
    models._convert = lambda spec: b"0000TFL3" + bytes(2_000_000)
    assert len(models.converted_model(SPEC)) == 2_000_008


def cache_outcome(folder: Path) -> Outcome:
    (path,) = folder.glob("*.tflite")
    (seal,) = folder.glob("*.json")
    assert models._read_sealed(folder, seal.stem) is not None
    return {"size": path.stat().st_size}


#: Job: what is run, what it leaves, in a form that an undisturbed run leaves, too.
JOBS: dict[str, tuple[Callable[[Path], None], Callable[[Path], Outcome]]] = {
    "eval": (eval_job, eval_outcome),
    "records": (records_job, records_outcome),
    "cache": (cache_job, cache_outcome),
}


def in_child(work: Callable[[], None]) -> int:
    """Start the work in a forked process; its number."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
            work()
        status = 0
    finally:
        os._exit(status)


def undisturbed(name: str, folder: Path) -> tuple[Outcome, float]:
    """What the job leaves when nothing disturbs it, and how many seconds it takes."""
    start = time.monotonic()
    child = in_child(lambda: JOBS[name][0](folder))
    assert os.waitpid(child, 0)[1] == 0, f"{name} fails when nothing disturbs it"
    return JOBS[name][1](folder), time.monotonic() - start


def check_whole(folder: Path) -> None:
    """Every file under its own name is whole, whatever happened."""
    for path in folder.rglob("*"):
        if path.name.startswith(".") or not path.is_file():
            continue
        if path.suffix == ".json":
            read_json(path)
        elif path.suffix == ".npz":
            read_arrays(path)
        elif path.suffix == ".npy":
            np.load(path, mmap_mode="r", allow_pickle=False)


def killed(name: str, kills: int, folder: Path, seed: int = 0) -> int:
    """Kill the job so often, each time in the folder as the last kill left it.

    When a try ends before its kill, the next one starts in an empty folder. How many were
    killed at work; raises `AssertionError` when an outcome differs.
    """
    rng = np.random.default_rng(seed)
    expected, seconds = undisturbed(name, folder / "undisturbed")
    hit = number = 0
    for _ in range(4 * kills):
        place = folder / f"try-{number}"
        child = in_child(lambda place=place: JOBS[name][0](place))
        time.sleep(float(rng.uniform(0, 1.1 * seconds)))
        if os.waitpid(child, os.WNOHANG)[0] == 0:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            hit += 1
            check_whole(place)
        if rng.random() < 0.5 or hit == kills:
            outcome, _ = undisturbed(name, place)
            assert outcome == expected, f"{name}: another outcome in {place}"
            left = [path for path in place.rglob(f".*{TEMPORARY}") if path.is_file()]
            assert name == "cache" or not left, left
            number += 1
        if hit == kills:
            break
    return hit


def main() -> None:
    """The long mode."""
    warnings.simplefilter("ignore")
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for number, name in enumerate(JOBS):
        share = kills // len(JOBS) + (number < kills % len(JOBS))
        with tempfile.TemporaryDirectory() as folder:
            hit = killed(name, share, Path(folder))
        print(json.dumps({"job": name, "killed": hit, "wanted": share}), flush=True)


if __name__ == "__main__":
    main()
