"""Boxes of any tracker from a file, and their scores against the ground truth.

Read are: our result (JSON, 0-based), `.npz` files of one array per task and OTB text files (both
1-based, as trackers publish them), one file or a folder of them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib import settings
from mfst_lib.errors import InvalidInput, NotFound, unknown
from mfst_lib.evaluation import metrics
from mfst_lib.evaluation.results import FORMAT as RESULT_FORMAT
from mfst_lib.evaluation.results import Result
from mfst_lib.files import write_bytes_atomically
from mfst_lib.reading import read_arrays, read_json
from mfst_lib.sequences import catalogue, vtb13
from mfst_lib.sequences.otb import from_one_based, read_boxes, to_one_based
from mfst_lib.sequences.vtb13 import find_task, is_task, name_key

Boxes = NDArray[np.float64]

#: The file with the ground truth of all tasks: task → {"ground_truth_xywh_1based": rows, …}.
TRUTH_FILE = "vtb13.json"


def read_boxes_file(path: str | Path) -> dict[str, Boxes]:
    """Task → boxes (T, 4) float64, 0-based, from a file or folder of any kind named above.

    VTB13's tasks are called as the catalogue spells them; other names stay as they are.
    Raises `NotFound`, or `InvalidInput` for a file that is damaged, of another kind, or has a
    task twice.
    """
    path = Path(path)
    if path.is_dir():
        pairs = _read_folder(path)
    elif not path.is_file():
        raise NotFound(f"no file or folder of boxes {path}")
    elif path.suffix.lower() in READERS:
        pairs = READERS[path.suffix.lower()](path)
    else:
        kinds = ", ".join(READERS)
        raise InvalidInput(f"{path}: expected a file of boxes ({kinds}) or a folder of them")
    return _by_task(pairs, path)


def _by_task(pairs: Iterable[tuple[str, Boxes]], path: Path) -> dict[str, Boxes]:
    """A dictionary under the catalogue's names, in which nothing replaces anything."""
    boxes: dict[str, Boxes] = {}
    for name, rows in pairs:
        task = find_task(name).name if is_task(name) else name
        if task in boxes:
            raise InvalidInput(f"{path}: boxes of {task} are there twice; keep one run of each")
        boxes[task] = rows
    if not boxes:
        raise InvalidInput(f"{path} holds no boxes")
    return boxes


def _read_folder(folder: Path) -> Iterator[tuple[str, Boxes]]:
    """Our results if the folder has some, else its text files."""
    files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    results = [path for path in files if path.suffix == ".json" and _is_result(read_json(path))]
    # Trackers leave NAME_time.txt beside NAME.txt.
    texts = [path for path in files if path.suffix == ".txt" and not path.stem.endswith("_time")]
    if not results and not texts:
        raise InvalidInput(f"{folder} has neither results (.json) nor OTB text files (NAME.txt)")
    for path in results or texts:
        yield from READERS[path.suffix](path)


def _read_text(path: Path) -> Iterator[tuple[str, Boxes]]:
    yield path.stem, read_boxes(path)


def _read_result(path: Path) -> Iterator[tuple[str, Boxes]]:
    content = read_json(path)
    if not _is_result(content) or not isinstance(content.get("task"), str):
        raise InvalidInput(f'{path} is no result: expected "format": "{RESULT_FORMAT}" and "task"')
    yield content["task"], _as_boxes(content.get("boxes"), f"{path}, boxes")


def _is_result(content: Any) -> bool:
    return isinstance(content, dict) and content.get("format") == RESULT_FORMAT


def _read_npz(path: Path) -> Iterator[tuple[str, Boxes]]:
    """One array of numbers per task."""
    for name, array in read_arrays(path).items():
        yield name, from_one_based(_as_boxes(array, f"{path}, {name}"))


def _as_boxes(value: Any, where: str) -> Boxes:
    """(T, 4) float64, T ≥ 1; NaN rows may stay, scoring knows what to do with them."""
    try:
        boxes = np.asarray(value)
    except (ValueError, OverflowError):
        boxes = np.empty(0)
    if boxes.dtype.kind not in "fiu" or boxes.ndim != 2 or boxes.shape[1] != 4 or not len(boxes):
        raise InvalidInput(
            f"{where}: expected rows of four numbers x, y, w, h; got {boxes.dtype} {boxes.shape}"
        )
    return boxes.astype(np.float64)


READERS: dict[str, Callable[[Path], Iterator[tuple[str, Boxes]]]] = {
    ".json": _read_result,
    ".npz": _read_npz,
    ".txt": _read_text,
}


def truths(
    tasks: Iterable[str], root: str | Path | None = None, beside: str | Path | None = None
) -> dict[str, Boxes]:
    """Ground truth of the tasks, (T, 4) 0-based; a VTB13 task may be missing in the answer.

    Looked for, in this order: below `root`, below the setting `data` (in each: `vtb13.json`,
    `vtb13_meta/vtb13.json`, then the sequences' folders), then in a `vtb13.json` in the folder of
    the boxes file `beside` or the folder above.
    Raises `InvalidInput` for a task that nobody knows, `NotFound` when there is none at all.
    """
    tasks = list(tasks)
    found: dict[str, Boxes] = {}
    for source in _sources(root, beside):
        wanted = [task for task in tasks if task not in found]
        found |= {task: boxes for task in wanted if (boxes := source(task)) is not None}
        if len(found) == len(tasks):
            return found
    for strange in (task for task in tasks if task not in found and not is_task(task)):
        raise InvalidInput(
            f"{unknown('task', strange, vtb13.tasks())}; if it is a sequence of yours, give the "
            "folder that holds it (--data FOLDER or MFST_DATA)"
        )
    if not found:
        raise NotFound(
            "no ground truth: give a folder with vtb13.json or the sequences (--data FOLDER), set "
            "MFST_DATA to one, or put vtb13.json beside the boxes"
        )
    return found


Source = Callable[[str], "Boxes | None"]


def _sources(root: str | Path | None, beside: str | Path | None) -> Iterator[Source]:
    """Places to look for ground truth, opened one after the other, only as far as needed."""
    yield _from_lab
    places = [catalogue.data_root(root)] if root is not None else []
    if settings.folder_of("data"):
        places.append(catalogue.data_root())
    for place in places:
        yield from _tables([place, place / "vtb13_meta"])
        yield _folder_source(place)
    if beside is not None:
        beside = Path(beside).resolve()
        yield from _tables([beside, *beside.parents[:2]])


def _from_lab(task: str) -> Boxes | None:
    return catalogue.load_sequence(task).boxes if task.startswith(catalogue.LAB) else None


def _tables(folders: Iterable[Path]) -> Iterator[Source]:
    for folder in folders:
        if (folder / TRUTH_FILE).is_file():
            yield read_truths(folder / TRUTH_FILE).get


def _folder_source(root: Path) -> Source:
    names = {name_key(name): name for name in catalogue.sequence_names(root)}

    def source(task: str) -> Boxes | None:
        name = names.get(name_key(task))
        return None if name is None else catalogue.load_sequence(name, root).boxes

    return source


def read_truths(path: str | Path) -> dict[str, Boxes]:
    """Task → ground truth (T, 4), 0-based, from a file like `vtb13.json`."""
    content = read_json(Path(path))
    try:
        rows = {name: entry["ground_truth_xywh_1based"] for name, entry in content.items()}
    except (AttributeError, KeyError, TypeError):
        raise InvalidInput(
            f'{path}: expected {{task: {{"ground_truth_xywh_1based": rows}}}}'
        ) from None
    pairs = ((name, from_one_based(_as_boxes(r, f"{path}, {name}"))) for name, r in rows.items())
    return _by_task(pairs, Path(path))


def score_tasks(boxes: Mapping[str, Boxes], truth: Mapping[str, Boxes]) -> dict[str, metrics.Score]:
    """The score of every task that is in both; `InvalidInput` when numbers of rows differ."""
    scores = {}
    for task in (task for task in boxes if task in truth):
        got, expected = len(boxes[task]), len(truth[task])
        if got != expected:
            raise InvalidInput(f"{task}: {got} boxes, but the ground truth has {expected} rows")
        scores[task] = metrics.score(boxes[task], truth[task])
    return scores


def score_boxes(path: str | Path, root: str | Path | None = None) -> dict[str, Any]:
    """Score a file or folder of boxes, ready to be written as JSON.

    Keys: tracker; tasks (number scored); auc, precision20 (averages over the tasks); per_task;
    by_attribute; missing (VTB13's tasks without boxes); without_truth (tasks with boxes that
    could not be scored).
    Raises what `read_boxes_file`, `truths` and `score_tasks` raise.
    """
    path = Path(path)
    boxes = read_boxes_file(path)
    truth = truths(boxes, root, beside=path)
    try:
        scores = score_tasks(boxes, truth)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from None
    attributes = {name: task.attributes for name, task in vtb13.tasks().items()}
    return {
        "tracker": path.name if path.is_dir() else path.stem,
        "tasks": len(scores),
        **_summary(metrics.average(scores.values())),
        "per_task": {task: _summary(score) for task, score in scores.items()},
        "by_attribute": {
            attribute: _summary(score)
            for attribute, score in metrics.by_attribute(scores, attributes).items()
        },
        "missing": [task for task in attributes if task not in boxes],
        "without_truth": [task for task in boxes if task not in truth],
    }


def _summary(score: metrics.Score) -> dict[str, float]:
    return {"auc": score.auc, "precision20": score.precision20}


def box_file_name(seed: int) -> str:
    """The name of the file with one seed's boxes."""
    return f"boxes-seed{seed}.npz"


def write_box_files(results: Iterable[Result], folder: Path) -> None:
    """Write `boxes-seedN.npz` for each seed: task to boxes (T, 4), 1-based, as others publish."""
    by_seed: dict[int, dict[str, NDArray[np.float32]]] = {}
    for result in results:
        boxes = to_one_based(result.boxes).astype(np.float32)
        by_seed.setdefault(result.seed, {})[result.task] = boxes
    for seed, boxes_of in by_seed.items():
        write_bytes_atomically(folder / box_file_name(seed), packed(boxes_of))


def packed(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The content of an .npz file, by LZMA: an eighth smaller than what `savez_compressed` makes.

    Each array is stored column by column, since a coordinate is like the one a frame before.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_LZMA) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, np.asfortranarray(array), allow_pickle=False)
    return content.getvalue()
