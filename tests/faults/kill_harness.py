"""Programs killed at random moments: whatever is left, the next run ends as an undisturbed one.

`python tests/faults/kill_harness.py [KILLS]` is the long mode: 200 kills in all unless another
number is given; a training run, whose tries take seconds, gets fewer than the others. A job is a
small program that is run again and again in one folder; a process that has loaded what the job
needs is forked for each try, so that most tries take well below a second.
"""

from __future__ import annotations

import contextlib
import csv
import functools
import hashlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from fake_engine import FakeEngine
from made_up_records import made_up
from slow_server import VIDEOS

from mfst_lib.backbones import models
from mfst_lib.backbones.weights import Weights
from mfst_lib.config import TrackerConfig, preset
from mfst_lib.evaluation import evaluate, run
from mfst_lib.files import TEMPORARY
from mfst_lib.reading import read_arrays, read_json
from mfst_lib.sequences.download import collect, unpack
from mfst_lib.sequences.download.mirrors import Mirror
from mfst_lib.training import loop, records

TASKS = ["lab:portrait", "lab:twins"]
SPEC = models.ModelSpec("vgg16", ("block1_conv1",), 32, Weights(None, "none"))
TRAINING = loop.Training(hidden=4, steps=1, epochs=4, batch=2, gap=3, rate=0.01)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before anything loads TensorFlow

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


def slow_disk() -> None:
    """From here on whole files are written in two steps, so that a kill finds half of one."""

    def write_bytes(path: Path, data: bytes) -> int:
        with path.open("wb") as stream:
            for part in (data[: len(data) // 2], data[len(data) // 2 :]):
                stream.write(part)
                stream.flush()
                time.sleep(0.01)
        return len(data)

    Path.write_bytes = write_bytes  # type: ignore[assignment,method-assign]


@functools.cache
def slow_server() -> str:
    """The address of a server in a process of its own, which ends with this one."""
    program = [sys.executable, str(Path(__file__).with_name("slow_server.py"))]
    pipe = subprocess.PIPE
    process = subprocess.Popen(program, stdin=pipe, stdout=pipe, text=True)
    assert process.stdout is not None
    return process.stdout.readline().strip()


def download_job(folder: Path) -> None:
    """`mfst download` in little: a video in an archive of its own, another in one of many."""
    slow_disk()
    write_member = unpack._write_member

    def slowly(*args: object) -> None:
        time.sleep(0.001)
        write_member(*args)  # type: ignore[arg-type]

    unpack._write_member = slowly  # type: ignore[assignment]
    url = slow_server()
    mirrors = [Mirror("single", f"{url}/otb/"), Mirror("whole", f"{url}/all.zip", whole=True)]
    outcomes = collect.download(list(VIDEOS), folder, mirrors, workers=2)
    assert {one.state for one in outcomes} <= {"fetched", "there"}, outcomes


def download_outcome(folder: Path) -> Outcome:
    """Every file in the data folder, the hidden ones too: nothing unfinished stays."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def download_stage(folder: Path) -> str:
    """What was in hand, as far as the files tell."""
    workshop = folder / collect.WORKSHOP
    if any(path.is_dir() for path in workshop.glob("*")):
        return "unpacking"
    return "transfer" if any(workshop.glob("*.part")) else "in between"


def resumed(kills: int) -> Outcome:
    """How many transfers were taken up where a kill had broken them off."""
    with urllib.request.urlopen(f"{slow_server()}/asked") as answer:
        asked = json.load(answer)
    assert asked or kills < 10, "no transfer was gone on with"
    return {"resumed": len(asked)}


def train_job(folder: Path) -> None:
    """The second half of `mfst train`: four short epochs on made-up records."""
    import tensorflow as tf

    # Else compiling takes nine tenths of the time, with nothing in it for a kill to spoil.
    tf.config.run_functions_eagerly(True)
    slow_disk()
    config = TrackerConfig(backbone="mobilenet_v3_small")
    loop.train(made_up((6, 4)), config, TRAINING, folder)


def train_outcome(folder: Path) -> Outcome:
    """Nets, checkpoint and log, without times."""
    with (folder / loop.LOG).open(encoding="utf-8", newline="") as stream:
        rows = [{**row, "seconds": ""} for row in csv.DictReader(stream)]
    values = read_arrays(folder / loop.STATE)
    state = json.loads(values.pop("state").tobytes())
    del state["rows"]  # the log once more, with times
    state |= {name: array.tobytes().hex() for name, array in values.items()}
    nets = (folder / loop.NETS).read_bytes().hex()
    return {"nets": nets, "rows": rows, "state": state, "run": read_json(folder / loop.RUN)}


def train_stage(folder: Path) -> str:
    """The epoch that was in hand, as far as the log tells."""
    log = folder / loop.LOG
    return f"epoch {len(log.read_text('utf-8').splitlines())}" if log.is_file() else "epoch 1"


@dataclass(frozen=True)
class Job:
    """What is run, and what it leaves, in a form that an undisturbed run leaves, too.

    stage: where in its work a kill found it. needs: modules, loaded once. ready: run once, before
    the first try. told: more for the report. share: of all kills; 0: as many as the others have.
    """

    work: Callable[[Path], None]
    outcome: Callable[[Path], Outcome]
    stage: Callable[[Path], str] = lambda folder: "at work"
    needs: tuple[str, ...] = ()
    ready: Callable[[], object] = lambda: None
    told: Callable[[int], Outcome] = lambda kills: {}
    share: float = 0.0

    def missing(self) -> list[str]:
        """The modules that are not installed."""
        return [name for name in self.needs if not importlib.util.find_spec(name)]


JOBS = {
    "eval": Job(eval_job, eval_outcome),
    "records": Job(records_job, records_outcome),
    "cache": Job(cache_job, cache_outcome),
    "download": Job(
        download_job, download_outcome, download_stage, ("httpx",), slow_server, resumed
    ),
    # Last, so that the others are not forked from a process as large as TensorFlow makes it.
    "train": Job(train_job, train_outcome, train_stage, needs=("tensorflow", "keras"), share=0.075),
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
    child = in_child(lambda: JOBS[name].work(folder))
    assert os.waitpid(child, 0)[1] == 0, f"{name} fails when nothing disturbs it"
    return JOBS[name].outcome(folder), time.monotonic() - start


def check_whole(folder: Path) -> None:
    """Every file under its own name is whole, whatever happened; so is a video's folder."""
    for path in folder.rglob("*"):
        if path.suffix in READERS and not path.name.startswith(".") and path.is_file():
            READERS[path.suffix](path)
    for video in (one for one in VIDEOS if (folder / one).exists()):
        assert len(list((folder / video / "img").iterdir())) == VIDEOS[video]


def read_lines(path: Path) -> None:
    """A table: its last line has an end."""
    assert path.read_text(encoding="utf-8").endswith("\n"), path


#: What reads a file of each kind, or raises an error for half a one.
READERS: dict[str, Callable[[Path], object]] = {
    ".json": read_json,
    ".npz": read_arrays,
    ".npy": lambda path: np.load(path, mmap_mode="r", allow_pickle=False),
    ".zip": lambda path: zipfile.ZipFile(path).close(),
    ".csv": read_lines,
}


def killed(name: str, kills: int, folder: Path, seed: int = 0) -> Counter[str]:
    """Kill the job so often, each time in the folder as the last kill left it.

    When a try ends before its kill, the next one starts in an empty folder. How many were
    killed at which stage; raises `AssertionError` when an outcome differs.
    """
    rng = np.random.default_rng(seed)
    expected, seconds = undisturbed(name, folder / "undisturbed")
    hits: Counter[str] = Counter()
    place = folder / "try-0"
    for number in range(1, 4 * kills + 1):
        if killed_at(name, place, float(rng.uniform(0, 1.1 * seconds))):
            hits[JOBS[name].stage(place)] += 1
            check_whole(place)
            if rng.random() < 0.5 and hits.total() < kills:
                continue
        check_end(name, place, expected)
        if hits.total() == kills:
            break
        place = folder / f"try-{number}"
    return hits


def check_end(name: str, place: Path, expected: Outcome) -> None:
    """The next run, left alone, ends as expected and leaves nothing half-written behind."""
    outcome, _ = undisturbed(name, place)
    other = sorted(k for k in {*outcome, *expected} if outcome.get(k) != expected.get(k))
    assert not other, f"{name}: another outcome in {place}: {other}"
    left = [path for path in place.rglob(f".*{TEMPORARY}") if path.is_file()]
    assert name == "cache" or not left, left


def killed_at(name: str, place: Path, seconds: float) -> bool:
    """Start the job and kill it after so many seconds; whether it was still at work."""
    child = in_child(lambda: JOBS[name].work(place))
    time.sleep(seconds)
    ended, status = os.waitpid(child, os.WNOHANG)
    if ended:
        assert status == 0, f"{name} fails in {place}"
        return False
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), f"{name} fails in {place}"
    return status != 0


def shares(kills: int, jobs: dict[str, Job]) -> dict[str, int]:
    """How many of the kills each job gets: first those with a share of their own."""
    own = {name: max(1, round(kills * job.share)) for name, job in jobs.items() if job.share}
    others = [name for name in jobs if name not in own]
    left = kills - sum(own.values())
    even = {
        name: left // len(others) + (number < left % len(others))
        for number, name in enumerate(others)
    }
    return even | own


def main() -> None:
    """The long mode."""
    warnings.simplefilter("ignore")
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for name, job in JOBS.items():
        if missing := job.missing():
            print(json.dumps({"job": name, "skipped": f"{missing} not installed"}), flush=True)
    jobs = {name: job for name, job in JOBS.items() if not job.missing()}
    for name, share in shares(kills, jobs).items():
        print(json.dumps(report(name, share)), flush=True)


def report(name: str, kills: int) -> Outcome:
    """Run one job with so many kills; what came of it."""
    for module in JOBS[name].needs:
        importlib.import_module(module)
    JOBS[name].ready()
    with tempfile.TemporaryDirectory() as folder:
        hits = killed(name, kills, Path(folder))
    counts = {"killed": hits.total(), "wanted": kills, "at": dict(sorted(hits.items()))}
    return {"job": name, **counts, **JOBS[name].told(kills)}


if __name__ == "__main__":
    main()
