"""Records: what the backbone saw of a target in one frame, kept in one memory-mapped file."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib.above_mean import above_mean
from mfst_lib.backbones.engines import Engine, load_engine, model_spec
from mfst_lib.boxes import Floats, to_centre, to_corner
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput
from mfst_lib.files import TEMPORARY, move, write_text_atomically
from mfst_lib.images import as_rgb
from mfst_lib.locks import alone_in
from mfst_lib.roi import crop, roi_around, to_map
from mfst_lib.selection import score_maps
from mfst_lib.sequences.catalogue import load_sequence
from mfst_lib.sequences.sequence import Sequence as FramesAndBoxes
from mfst_lib.sequences.vtb13 import truth_hash
from mfst_lib.target_maps import target_map
from mfst_lib.training.material import refuse_tasks, refuse_truths

Progress = Callable[[Iterable[Any], int], Iterable[Any]]

#: How far the two views of a frame miss the target: centre over max(w, h), log of the size.
#: The first view is where a score vector comes from, the second one where a map must be right.
VIEWS = ((0.03, 0.04), (0.20, 0.10))

#: No view is moved further than this, so that the target stays inside the ROI.
FARTHEST = 0.45


@dataclass(frozen=True)
class Recipe:
    """What records are made of; two recipes that differ never share a file.

    names: sequences. frames: at most so many of each, evenly spread. maps: whether the feature
    maps are kept beside the scores (half a megabyte a record) or the scores alone.
    """

    names: tuple[str, ...]
    config: TrackerConfig
    frames: int = 200
    maps: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.names:
            raise InvalidInput("no sequences to train on: name some, or the groups train and lab")
        if self.frames < 2:
            raise InvalidInput(f"a pair needs two frames of a sequence; got frames={self.frames}")
        refuse_tasks(self.names)

    def hash(self, *more: str) -> str:
        """Twelve hexadecimal digits that change with anything that records depend on."""
        seen: tuple[str, ...] = ("backbone", "taps", "input_size", "engine")
        seen += ("roi_scale", "roi_shape", "border")
        if self.config.numbers != "float32":  # they came later: what was recorded before stays
            seen += ("numbers",)
        config = {name: asdict(self.config)[name] for name in seen}
        facts = [config, self.names, self.frames, self.maps, self.seed, VIEWS, FARTHEST, more]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True, eq=False)
class Records:
    """Two records per frame, one for each view in `VIEWS`, in the order of the sequences.

    rows: (N,) structured: done, sequence (a number in names), frame, box (in cells of the grid),
    scores (C,) and, where the recipe says so, maps (cells, C).
    """

    names: tuple[str, ...]
    grid: tuple[int, int]
    rows: NDArray[Any]

    @property
    def channels(self) -> int:
        """C, the length of a score vector."""
        return int(self.rows.dtype["scores"].shape[0])

    def numbers(self, names: Sequence[str]) -> list[NDArray[np.intp]]:
        """The rows of each of these sequences, in the order of time, both views together."""
        wanted = [self.names.index(name) for name in names]
        return [np.flatnonzero(self.rows["sequence"] == number) for number in wanted]


def gather(
    recipe: Recipe,
    folder: Path,
    *,
    root: str | None = None,
    weights: str | None = None,
    progress: Progress = lambda rows, count: rows,
    engine: Engine | None = None,
) -> Records:
    """The records of a recipe: those in the folder's file, and those that it still lacks.

    Stopped at any point, the next call goes on from there and ends with the same bytes. Raises
    `InvalidInput` for a VTB13 task and for a folder that cannot be written.
    """
    sequences = [load_sequence(name, root) for name in recipe.names]
    refuse_truths(sequences)
    plan = _plan(sequences, recipe.frames)
    runner = engine or load_engine(recipe.config, weights)
    spec = "given engine" if engine else model_spec(recipe.config, weights).weights.fingerprint
    size = runner.input_size
    (layer,) = _one_layer(runner(np.zeros((size, size, 3), np.uint8)))
    truths = [truth_hash(sequence.boxes) for sequence in sequences]
    path = folder / f"records-{recipe.hash(spec, *truths)}.npy"
    with alone_in(folder):
        rows = _filled(path, recipe, sequences, plan, runner, layer.shape, progress)
    return Records(recipe.names, (layer.shape[0], layer.shape[1]), rows)


def _filled(
    path: Path,
    recipe: Recipe,
    sequences: Sequence[FramesAndBoxes],
    plan: Sequence[tuple[int, int]],
    runner: Engine,
    shape: tuple[int, ...],
    progress: Progress,
) -> NDArray[Any]:
    """The file's rows, after those that it still lacked were made."""
    rows = _open(path, 2 * len(plan), shape, recipe.maps)
    missing = [i for i in range(len(plan)) if not rows["done"][2 * i : 2 * i + 2].all()]
    for i in progress(missing, len(missing)):
        number, frame = plan[i]
        picture = as_rgb(sequences[number].frames[frame])  # decoded once for both views
        for view in range(len(VIEWS)):
            box = sequences[number].boxes[frame]
            rows[2 * i + view] = _record(picture, box, number, frame, view, recipe, runner)
            rows["done"][2 * i + view] = True  # last: a record is whole or not there
    if missing:
        _flush(rows, path)
    write_text_atomically(path.with_suffix(".json"), json.dumps({"names": recipe.names}, indent=1))
    return rows


def _plan(sequences: Sequence[FramesAndBoxes], frames: int) -> list[tuple[int, int]]:
    """Which frames of which sequence: evenly spread, without those that show no target."""
    plan = []
    for number, sequence in enumerate(sequences):
        good = np.flatnonzero(
            np.isfinite(sequence.boxes).all(1) & (sequence.boxes[:, 2:] > 0).all(1)
        )
        if len(good) < 2:
            raise InvalidInput(f"{sequence.name}: fewer than two frames with a target")
        chosen = np.linspace(0, len(good) - 1, min(len(good), frames)).round().astype(int)
        plan += [(number, int(frame)) for frame in good[np.unique(chosen)]]
    return plan


def _one_layer(layers: Sequence[NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
    if len(layers) != 1:
        raise InvalidInput(
            f"weight nets need maps on one grid, merged; the backbone gives {len(layers)} layers"
        )
    return layers


def _open(path: Path, count: int, shape: tuple[int, ...], maps: bool) -> NDArray[Any]:
    """The file of records, new or as it was left."""
    cells, channels = shape[0] * shape[1], shape[2]
    fields: list[Any] = [
        ("done", "?"),
        ("sequence", "<i4"),
        ("frame", "<i4"),
        ("box", "<f8", (4,)),
        ("scores", "<f4", (channels,)),
    ]
    if maps:
        fields.append(("maps", "<f2", (cells, channels)))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            rows = np.load(path, mmap_mode="r+", allow_pickle=False)
            if rows.shape == (count,) and rows.dtype == np.dtype(fields):
                return rows
            del rows  # Windows replaces no file that is mapped
        # Under its name only when it has its full length: a killed process leaves no half.
        temporary = path.with_name(f".{path.name}{TEMPORARY}")
        _new(temporary, np.dtype(fields), count)
        move(temporary, path)
        return np.load(path, mmap_mode="r+", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InvalidInput(
            f"cannot keep records in {path} ({error}); delete it, or give another folder"
        ) from error


def _new(path: Path, kind: np.dtype[Any], count: int) -> NDArray[Any]:
    """A file for so many records, with all its room taken at once.

    A disk that is full later would end the program in the middle of a write, without a word.
    """
    rows = np.lib.format.open_memmap(path, "w+", kind, (count,))
    if hasattr(os, "posix_fallocate"):
        try:
            with path.open("r+b") as stream:
                os.posix_fallocate(stream.fileno(), 0, path.stat().st_size)
        except OSError:
            path.unlink()
            raise
    return rows


def _flush(rows: NDArray[Any], path: Path) -> None:
    try:
        rows.flush()  # type: ignore[attr-defined]
    except OSError as error:
        raise InvalidInput(f"cannot write {path} ({error.strerror})") from error


def _record(
    picture: NDArray[np.uint8],
    box: Floats,
    number: int,
    frame: int,
    view: int,
    recipe: Recipe,
    engine: Engine,
) -> tuple[Any, ...]:
    """One view of one frame, with its Type S scores (Eq. 14), as a row."""
    rng = np.random.default_rng([recipe.seed, number, frame, view])
    config = recipe.config
    roi = roi_around(jittered(box, rng, *VIEWS[view]), config.roi_scale, config.roi_shape)
    maps = engine(crop(picture, roi, engine.input_size, config.border))[0]
    if config.above_mean:
        maps = above_mean(maps)
    grid = (maps.shape[0], maps.shape[1])
    on_map = to_map(box, roi, grid)
    scores = score_maps(maps, target_map("S", on_map, grid))
    kept = (maps.reshape(-1, maps.shape[2]),) if recipe.maps else ()
    return (False, number, frame, on_map, scores, *kept)


def jittered(
    box: Floats, rng: np.random.Generator, shift: float, size: float
) -> NDArray[np.float64]:
    """The box as a tracker may believe it: moved by shift · max(w, h), sized by exp(size).

    Both are standard deviations; the aspect ratio stays.
    """
    centre = to_centre(box)
    move = np.clip(rng.normal(0, shift, 2), -FARTHEST, FARTHEST)
    centre[:2] += move * max(centre[2], centre[3])
    centre[2:] *= np.exp(rng.normal(0, size))
    return to_corner(centre)
