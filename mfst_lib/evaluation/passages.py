"""Passages: stretches of sequences through which a tracker is run to gather evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib.backbones.engines import model_spec, shared_engine
from mfst_lib.boxes import iou
from mfst_lib.confidence.calibration import blank, identity
from mfst_lib.confidence.evidence import NAMES
from mfst_lib.confidence.judge import Judge
from mfst_lib.config import TrackerConfig
from mfst_lib.evaluation.leaving import leaving
from mfst_lib.evaluation.run import file_name
from mfst_lib.files import write_bytes_atomically
from mfst_lib.sequences import lab
from mfst_lib.sequences.catalogue import LAB, load_sequence
from mfst_lib.sequences.sequence import Sequence as FramesAndBoxes
from mfst_lib.tracker import FMST

Progress = Callable[[Iterable[Any], int], Iterable[Any]]

#: A training sequence is entered at its start and in its middle, for at most so many frames.
FROM_START, FROM_MIDDLE = 450, 250

#: A box may be on its target and still be wrong, being too small or too large: to have enough of
#: these, the lab's targets grow and shrink by such factors.
SCALES = (2.2, 0.45)


@dataclass(frozen=True)
class Passage:
    """Frames start … stop − 1 of a task; stop 0: to its end.

    Of a lab scene a dial may be turned: leaves, so that the target leaves and comes back; scale,
    its greatest or least size relative to the first, 0 for the scene's own.
    """

    task: str
    start: int
    stop: int
    leaves: bool = False
    scale: float = 0.0

    def sequence(self, root: str | None) -> FramesAndBoxes:
        """The frames and boxes of the task."""
        if self.leaves:
            return lab.render(leaving(self.task.removeprefix(LAB)))
        if self.scale:
            scene = lab.scene(self.task.removeprefix(LAB))
            return lab.render(replace(scene, scale_change=self.scale, seed=scene.seed + 100))
        return load_sequence(self.task, root)


@dataclass(frozen=True, eq=False)
class Record:
    """A passage's evidence, (T − 1, K) in the order of `NAMES`, and the overlaps, (T − 1,).

    An overlap is NaN where there is no ground truth.
    """

    passage: Passage
    evidence: NDArray[np.float64]
    overlap: NDArray[np.float64]


def training_passages(tasks: Sequence[str], root: str | None = None) -> list[Passage]:
    """What is learnt from: each task from its start and from its middle; lab scenes as they are,
    with their target leaving and returning, and with targets that grow and shrink.
    """
    passages = []
    for task in tasks:
        count = len(load_sequence(task, root))
        if task.startswith(LAB):
            passages += [Passage(task, 0, count), Passage(task, 0, 0, leaves=True)]
            passages += [Passage(task, 0, 0, scale=scale) for scale in SCALES]
            continue
        half = count // 2
        passages.append(Passage(task, 0, min(count, FROM_START)))
        passages.append(Passage(task, half, min(count, half + FROM_MIDDLE)))
    return passages


def whole(tasks: Sequence[str], root: str | None = None) -> list[Passage]:
    """Each task from its first frame to its last, as it is scored."""
    return [Passage(task, 0, len(load_sequence(task, root))) for task in tasks]


def records(
    passages: Sequence[Passage],
    config: TrackerConfig,
    folder: Path,
    *,
    root: str | None = None,
    weights: str | None = None,
    workers: int = 1,
    progress: Progress = lambda items, count: items,
) -> list[Record]:
    """The evidence of all passages: read from the folder where it is there, else gathered.

    Stopped anywhere, the next call goes on from there. workers: processes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shared_engine(config, weights)  # converts a model once, not per worker
    jobs = [(passage, config, folder, root, weights) for passage in passages]
    outcomes: Iterator[Record]
    if workers == 1:
        outcomes = (_record(*job) for job in jobs)
    else:
        from joblib import Parallel, delayed

        runs = Parallel(n_jobs=workers, return_as="generator", batch_size=1)
        outcomes = runs(delayed(_record)(*job) for job in jobs)
    return list(progress(outcomes, len(jobs)))


def _record(
    passage: Passage, config: TrackerConfig, folder: Path, root: str | None, weights: str | None
) -> Record:
    """One passage's evidence, from its file or from a run that is then kept."""
    path = folder / f"{_key(passage, config, weights)}.npz"
    if path.is_file():
        with np.load(path, allow_pickle=False) as stored:
            return Record(passage, stored["evidence"], stored["overlap"])
    record = gather(passage, passage.sequence(root), config, weights)
    _save(record, path)
    return record


def _key(passage: Passage, config: TrackerConfig, weights: str | None) -> str:
    """A name that changes with all that the evidence depends on."""
    fingerprint = model_spec(config, weights).weights.fingerprint
    place = {name: value for name, value in asdict(passage).items() if name != "scale" or value}
    facts = [place, identity(config), config.seed, fingerprint, NAMES]
    digest = hashlib.sha256(repr(facts).encode()).hexdigest()[:12]
    return f"{file_name(passage.task)}-{passage.start}-{digest}"


def _save(record: Record, path: Path) -> None:
    import io

    content = io.BytesIO()
    np.savez_compressed(content, evidence=record.evidence, overlap=record.overlap)
    write_bytes_atomically(path, content.getvalue())


def gather(
    passage: Passage, sequence: FramesAndBoxes, config: TrackerConfig, weights: str | None = None
) -> Record:
    """Run the tracker through a passage and note, for each frame, its evidence and overlap."""
    tracker = FMST(config, engine=shared_engine(config, weights))
    tracker.judge = judge = Judge(blank(config))
    stop = passage.stop or len(sequence)
    truth = sequence.boxes
    tracker.init(sequence.frames[passage.start], truth[passage.start])
    evidence, overlap = [], []
    for number in range(passage.start + 1, stop):
        tracker.update(sequence.frames[number])
        assert judge.evidence is not None
        evidence.append(judge.evidence)
        known = np.isfinite(truth[number]).all()
        overlap.append(float(iou(tracker.box, truth[number])) if known else np.nan)
    return Record(passage, np.array(evidence), np.array(overlap))
