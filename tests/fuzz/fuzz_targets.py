"""Every reader of bytes from outside, with whole inputs to start from.

`python tests/fuzz/fuzz_targets.py [CASES] [TARGET …]` is the long mode (200,000 cases a target):
inputs are whole ones with bytes changed, dropped, doubled, joined, and with words put in that
break things. Only `InvalidInput` and `NotFound` may come out. The same seed gives the same cases.
"""

from __future__ import annotations

import io
import json
import pickle
import struct
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from mfst_lib.backbones import models, stored, torch_file
from mfst_lib.box_fit import read_box_fit
from mfst_lib.config import preset
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation import ablations, boxes_files, evaluate, results, speed
from mfst_lib.sequences import frames, otb
from mfst_lib.settings import read_file
from mfst_lib.weight_net import load_weight_nets

if hasattr(cv2, "setLogLevel"):
    cv2.setLogLevel(0)  # it says on stderr what is wrong with every image

BOXES = [[1.5, 2, 30, 40], [2, 3, 30, 40.25]]

#: What breaks parsers, put in somewhere.
WORDS = [
    *(b"nan", b"-inf", b"1e999", b"1" * 400, b"null", b"[]", b"{}", b'"x"', b"true", b"-1", b"0"),
    *(b"\0", b"\xff\xfe", b"[" * 500, b"\xf0\x9f\xa6\x8a", b",", b"\n", b"\r", b'"', b"../" * 5),
    *(b"PK\x03\x04", b"\x7f\xff\xff\xff", b"\xff" * 8, b"999999999999", b"(" * 300),
]


def npz(**arrays: object) -> bytes:
    """A small .npz file."""
    buffer = io.BytesIO()
    np.savez(buffer, **{name: np.asarray(array) for name, array in arrays.items()})
    return buffer.getvalue()


def as_bytes(content: object) -> bytes:
    return json.dumps(content).encode()


def header(**more: object) -> np.ndarray:
    fractions = {"positive": 0.1}
    content = {"format": "mfst weight nets 1", "backbone": "b", "taps": ["t"], "notes": {}}
    return np.frombuffer(as_bytes({**content, "fractions": fractions, **more}), np.uint8)


def torch_bytes() -> bytes:
    """A file of the older format that names one tensor, its pickle written by hand."""
    state = (
        b"\x80\x02ccollections\nOrderedDict\n)R(X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n"
        b"((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu"
        b"K\x04NtQK\x00K\x02K\x02\x86K\x02K\x01\x86\x89ccollections\nOrderedDict\n)RtRu."
    )
    start = [torch_file.MAGIC, torch_file.PROTOCOL, {"little_endian": True}]
    parts = [*(pickle.dumps(part, 2) for part in start), state, pickle.dumps(["0"], 2)]
    return b"".join(parts) + struct.pack("<q4f", 4, 1, 2, 3, 4)


SCORE = {"precision20": 0.5, "auc": 0.5}
RESULT = {
    **{"format": "mfst-result", "task": "David", "preset": "default", "config": {"seed": 0}},
    **{"config_hash": "0", "weights": "w", "truth_sha256": "t", "boxes": BOXES, "times_ms": [5.0]},
    **{"init_ms": 1.0, "versions": {"mfst_lib": "0.1.0"}, "device": {}},
}
SUMMARY = {
    **{"format": "mfst-summary", "preset": "default", "backbone": "b", "config": {}, "seeds": [0]},
    **{"weights": "w", "tasks": 1, **SCORE, "curves": {"precision": [1.0], "success": [1.0]}},
    **{"speed": {"fps": 9.0, "p50_ms": 1.0, "p95_ms": 2.0}, "per_task": {"David": SCORE}},
    **{"by_attribute": {"OCC": SCORE}, "versions": {"mfst_lib": "0.1.0"}, "device": {}},
}
SWEEP = {"format": ablations.FORMAT, "versions": {}, "settings": [{**SCORE, "auc_std": 0.1}]}
TOML = b'preset = "v3l-s"\nworkers = 2\ndata = "~/OTB"\n[tracker]\neta = 0.5\ntaps = ["a", "b"]\n'
NETS = npz(
    header=header(),
    **{f"positive.{part}": np.zeros(3, np.float16) for part in ("gain", "offset")},
    **{"positive.into": np.zeros((3, 2)), "positive.bias": np.zeros(2)},
    **{"positive.out": np.zeros((2, 3))},
)
FEATURES = npz(
    **{"sequence": "s", "number": 0, "box": BOXES[0], "roi": BOXES[1], "taps": ["t"]},
    **{"crop": np.zeros((4, 4, 3), np.uint8), "channels": [2], "layer0": np.zeros((2, 2, 2))},
)


def _summary(path: Path) -> None:
    """As `mfst eval` reads it: is it whole, does it fit, what is printed from it."""
    from mfst_lib.show.tables import attribute_table, task_table, verdict

    summary = evaluate.load_summary(path.parent)
    evaluate.config_hashes(summary)
    for show in (task_table, attribute_table, verdict):
        show(summary)


def _result(path: Path) -> None:
    result = results.load_result(path)
    results.misfit(result, preset(), "w", "t")
    boxes_files.read_boxes_file(path)


def _config(path: Path) -> None:
    from mfst_lib.reading import read_json

    content = read_json(path)
    if isinstance(content, dict):
        preset(**{"name": "default", **content})


def _features(path: Path) -> None:
    stored.load_features(path.parent, "vgg16", "a-0")


#: Target: the file's name, whole inputs, what reads it.
TARGETS: dict[str, tuple[str, list[bytes], Callable[[Path], object]]] = {
    "truth": ("a.txt", [b"1,2,3,4\n5\t6 7;8\r\nNaN,NaN,NaN,NaN\n"], otb.read_boxes),
    "result": ("a.json", [as_bytes(RESULT)], _result),
    "summary": ("summary.json", [as_bytes(SUMMARY)], _summary),
    "sweep": ("a.json", [as_bytes(SWEEP)], ablations.load_sweep),
    "speed": ("a.json", [as_bytes({"rows": {"default": {"fps": 3.0}}})], speed.stored_speed),
    "truths": (
        "vtb13.json",
        [as_bytes({"David": {"ground_truth_xywh_1based": BOXES}})],
        boxes_files.read_truths,
    ),
    "config": ("a.json", [as_bytes(preset("v3l-sc").to_dict())], _config),
    "settings": ("mfst.toml", [TOML], read_file),
    "torch": ("a.pth", [torch_bytes()], torch_file.read_state_dict),
    "weight nets": ("a.npz", [NETS], load_weight_nets),
    "boxes": ("a.npz", [npz(David=BOXES, Bolt=BOXES)], boxes_files.read_boxes_file),
    "features": ("vgg16-a-0.npz", [FEATURES], _features),
    "seal": (
        "a.json",
        [as_bytes({"sha256": "0", "backbone": "b", "model": "a.json"})],
        lambda path: models._read_sealed(path.parent, path.stem),
    ),
    "box fit": (
        "a.json",
        [as_bytes({"format": "mfst-box-fit", "offset": [0.0] * 4, "matrix": [[0.0] * 4] * 64})],
        read_box_fit,
    ),
    "image": (
        "a.png",
        [bytes.fromhex("424d460000000000000036000000280000000200000002000000010018000000000010")]
        + [b"P6 2 2 255\n" + bytes(12), b"P5 2 2 65535\n" + bytes(8)],
        lambda path: frames.ImageFrames([path])[0],
    ),
}


#: What the long mode found, each once an error of another kind.
FOUND: list[tuple[str, bytes]] = [
    ("summary", as_bytes({**SUMMARY, "seeds": [10**18 * 10]})),
    ("summary", as_bytes({**SUMMARY, "auc": 10**399})),
    ("box fit", as_bytes({"format": "mfst-box-fit", "offset": [10**399] * 4, "matrix": []})),
    ("box fit", b"[" * 5000),
]


def prepare(name: str, folder: Path) -> Path:
    """The file that a target reads, in a folder with what must lie beside it."""
    (folder / "boxes-seed0.npz").write_bytes(b"")
    return folder / TARGETS[name][0]


def one_case(name: str, path: Path, data: bytes) -> bool:
    """Whether the data was taken; what may come out otherwise is one of our two errors."""
    path.write_bytes(data)
    try:
        TARGETS[name][2](path)
    except (InvalidInput, NotFound):
        return False
    return True


def changed(rng: np.random.Generator, data: bytes) -> bytes:
    """The data with one to six accidents."""
    content = bytearray(data)
    for _ in range(int(rng.integers(1, 7))):
        at, length = int(rng.integers(len(content) + 1)), int(rng.integers(1, 9))
        kind = int(rng.integers(6))
        if kind == 0 and content:
            content[at % len(content)] = int(rng.integers(256))
        elif kind == 1:
            del content[at : at + length]
        elif kind == 2:
            content[at:at] = WORDS[int(rng.integers(len(WORDS)))]
        elif kind == 3:
            content[at : at + length] = WORDS[int(rng.integers(len(WORDS)))]
        elif kind == 4:
            content[at:at] = content[at : at + 5 * length]
        elif rng.random() < 0.2:
            del content[at:]
    return bytes(content)


def run(name: str, cases: int, folder: Path, seed: int = 0) -> int:
    """So many cases of a target; how many were taken as whole."""
    rng = np.random.default_rng(seed)
    path, seeds = prepare(name, folder), TARGETS[name][1]
    taken = 0
    for number in range(cases):
        data = changed(rng, seeds[number % len(seeds)])
        try:
            taken += one_case(name, path, data)
        except Exception:
            print(f"{name}, case {number}: {data!r}", file=sys.stderr)
            raise
    return taken


def main() -> None:
    """The long mode."""
    warnings.simplefilter("ignore")
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    for name in sys.argv[2:] or TARGETS:
        start = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            taken = run(name, cases, Path(folder))
        seconds = time.process_time() - start
        print(f"{name}: {cases} cases, {taken} taken, {seconds:.0f} s of CPU", flush=True)


if __name__ == "__main__":
    main()
