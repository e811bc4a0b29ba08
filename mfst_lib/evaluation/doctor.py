"""A check-up of this installation: what is there, what is found, and whether tracking works."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mfst_lib import settings
from mfst_lib.backbones.catalogue import BACKBONES
from mfst_lib.backbones.models import cache_folder
from mfst_lib.backbones.weights import find_weights
from mfst_lib.boxes import iou
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation import machine
from mfst_lib.sequences.catalogue import data_root, load_sequence, sequence_names

#: What is not installed narrows what can be done; the command's help says by which extra.
OPTIONAL = ("torch", "jax", "scikit-image", "matplotlib", "h5py", "joblib", "typer", "ipywidgets")
#: The self-test: so many frames of this sequence, tracked with the plain preset.
TEST_SEQUENCE, TEST_FRAMES, LEAST_OVERLAP = "lab:portrait", 10, 0.5

Facts = dict[str, Any]


def examine(weights: str | None = None) -> dict[str, Facts]:
    """The report by part; what cannot be had is said in its place, nothing is raised for it."""
    return {
        "versions": versions(),
        "devices": devices(),
        "engines": engines(),
        "settings": _told(set_here),
        "folders": folders(),
        "weights": {name: _told(_weights_line, name, weights) for name in BACKBONES},
        "self_test": self_test(weights),
    }


def _told(ask: Callable[..., Any], *arguments: Any) -> Any:
    """The answer, or what the error says."""
    try:
        return ask(*arguments)
    except (InvalidInput, NotFound) as error:
        message = without_home(str(error))
        return {"problem": message} if ask is set_here else message


def without_home(text: str) -> str:
    """The text with the user's home folder as ~, since reports are sent to strangers."""
    return text.replace(str(Path.home()), "~") if Path.home() != Path("/") else text


def versions() -> Facts:
    """Of Python, this library and the packages that it can use; None for what is not there."""
    found: Facts = dict(machine.versions())
    for name in (*machine.PACKAGES, *OPTIONAL):
        found.setdefault(name, _version(name))
    return found


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def devices() -> Facts:
    """The processor, and the graphics cards that NVIDIA's own tool lists."""
    facts: Facts = dict(machine.device())
    facts["usable_cores"] = _usable_cores()
    tool = shutil.which("nvidia-smi")
    if tool is not None:
        query = [tool, "--query-gpu=name,driver_version", "--format=csv,noheader"]
        done = subprocess.run(query, capture_output=True, check=False, text=True, errors="replace")
        facts["gpu"] = "; ".join(done.stdout.split("\n")).strip("; ") or "nvidia-smi fails"
    else:
        facts["gpu"] = None
    return facts


def _usable_cores() -> int:
    """Cores that this process may use, where the system tells; a container may have fewer."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def engines() -> Facts:
    """Which engines can run, by whether their packages are there; nothing heavy is imported."""
    backend = os.environ.get("KERAS_BACKEND") or "as in Keras' own settings"
    litert, keras = (importlib.util.find_spec(name) for name in ("ai_edge_litert", "keras"))
    return {"litert": bool(litert), "keras": bool(keras), "keras_backend": backend}


def set_here() -> Facts:
    """The settings that are not at their default, with where they come from."""
    choice = settings.choose_settings()
    program = {name: settings.value(name) for name in settings.PROGRAM}
    facts = {
        name: f"{value} ({source})"
        for name, (value, source) in program.items()
        if source != "default"
    }
    values = choice.config.to_dict()
    facts |= {n: f"{values[n]} ({s})" for n, s in choice.sources.items() if "preset" not in s}
    facts["file"] = str(settings.settings_file() or "none")
    facts["not_read"] = ", ".join(settings.strangers()) or "none"
    return {name: without_home(text) for name, text in facts.items()}


def folders() -> Facts:
    """The model cache and the data folder: where, and what is in them."""
    return {"cache": _told(_cache_line), "data": _told(_data_line)}


def _cache_line() -> str:
    place = cache_folder()
    models = list(place.glob("*.tflite")) if place.is_dir() else []
    size = sum(path.stat().st_size for path in models) / 2**20
    nearest = next(one for one in (place, *place.absolute().parents) if one.exists())
    state = "" if os.access(nearest, os.W_OK) else ", cannot be written"
    return without_home(f"{place}: {len(models)} models, {size:.0f} MiB{state}")


def _data_line() -> str:
    place = data_root()
    return without_home(f"{place}: {len(sequence_names(place))} sequences")


def _weights_line(name: str, folder: str | None) -> str:
    found = find_weights(name, folder)
    if found.path is None:
        return "not here; Keras downloads them at the first use"
    return without_home(f"{found.path} ({found.fingerprint[:12]})")


def self_test(weights: str | None = None) -> Facts:
    """Ten frames of the lab, tracked with the preset `default`: whether the box stays on."""
    from mfst_lib.tracker import FMST

    try:
        sequence = load_sequence(TEST_SEQUENCE).first(TEST_FRAMES)
        start = time.perf_counter()
        tracker = FMST(weights=weights)
        tracker.init(sequence.frames[0], sequence.boxes[0])
        ready = time.perf_counter()
        boxes = [tracker.update(image)[1] for image in sequence.frames[1:]]
        seconds = time.perf_counter() - ready
    except (InvalidInput, NotFound, ImportError) as error:
        return {"passed": False, "problem": without_home(str(error))}
    overlaps = iou(np.array(boxes), sequence.boxes[1:])
    return {
        "passed": bool(overlaps.min() > LEAST_OVERLAP),
        "least_overlap": round(float(overlaps.min()), 2),
        "seconds_to_start": round(ready - start, 2),
        "frames_per_second": round(len(boxes) / seconds, 1),
    }
