"""A tracker as a folder that runs without TensorFlow: network, settings, their files, manifest."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import mfst_lib
from mfst_lib.backbones.engines import LiteRTEngine, model_spec
from mfst_lib.backbones.models import ModelSpec, converted_model
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.files import write_folder_atomically
from mfst_lib.reading import parse_json
from mfst_lib.tracker import FMST
from mfst_lib.weight_net import find_weight_nets

FORMAT = "mfst-export"
#: Goes up when a folder of the new form cannot be read by an older library.
VERSION = 1

MANIFEST, CONFIG, MODEL, NETS = "manifest.json", "config.json", "model.tflite", "weight_nets.npz"

#: Settings that may name a file of one's own, and what it is called in an export.
OWN = {"principal": "principal.npz", "box_fit": "box_fit.json", "confidence": "calibration.json"}
#: All settings whose value is a file of an export, if it is there.
TRAVELLING = {"weight_net": NETS, **OWN}
REQUIRED, ALLOWED = {CONFIG, MODEL}, set(TRAVELLING.values())

#: What the exported files themselves decide.
FIXED = ("backbone", "taps", "input_size", "numbers", "engine", "weight_net")

#: The packages whose versions stand in the manifest.
PACKAGES = ("numpy", "opencv-python", "ai-edge-litert", "keras", "tensorflow")


def save_export(
    config: TrackerConfig,
    folder: str | os.PathLike[str],
    weights: str | os.PathLike[str] | None = None,
) -> Path:
    """Write a folder that `load_export` opens on a machine without TensorFlow; return its path.

    weights: a folder to look in for network weights before `MFST_WEIGHTS`. A folder that an
    earlier export wrote is replaced; it is there whole or not at all. Raises `InvalidInput` for
    settings that cannot be exported, for a folder with other files in it and for one that cannot
    be written, and what loading the network raises.
    """
    folder = Path(folder).resolve()
    _check_free(folder)
    if config.engine != "litert":
        raise InvalidInput(f"an export runs on the engine 'litert', not on {config.engine!r}")
    spec = model_spec(config, weights)
    config = config.replace(backbone=spec.backbone)
    files = {MODEL: converted_model(spec)}
    _tracker(config, files[MODEL])  # settings that do not fit together are refused here
    if config.weight_net:
        files[NETS] = find_weight_nets(config.weight_net).to_bytes()
        config = config.replace(weight_net=NETS)
    for field, name in OWN.items():
        if (path := Path(getattr(config, field))).suffix == Path(name).suffix:
            files[name] = path.read_bytes()
            config = config.replace(**{field: name})
    files[CONFIG] = _as_json(config.to_dict())
    files[MANIFEST] = _as_json(_manifest(spec, files))
    write_folder_atomically(folder, files)
    return folder


def load_export(folder: str | os.PathLike[str], **changes: Any) -> FMST:
    """A tracker from a folder that `save_export` (or `mfst export`) wrote.

    changes: fields of `TrackerConfig` to set otherwise, as in threads=2 or seed=7; those that the
    network decides (`FIXED`) stay as they were exported.
    Raises `NotFound` without such a folder, `InvalidInput` for a foreign, truncated or damaged
    one and for a field that cannot be changed.
    """
    for name in changes:
        if name in FIXED:
            raise InvalidInput(f"{name} was decided when {folder} was exported: export it anew")
    files = _read(Path(folder))
    return _tracker(_config(Path(folder), files).replace(**changes), files[MODEL])


def _tracker(config: TrackerConfig, model: bytes) -> FMST:
    return FMST(config, engine=LiteRTEngine(model, config.threads, config.merge_taps))


def _check_free(folder: Path) -> None:
    """Raise `InvalidInput` for a place where there is something that is not ours to replace."""
    if not folder.exists() or _is_export(folder):
        return
    if not folder.is_dir():
        raise InvalidInput(f"{folder} is a file: an export is a folder, name another place")
    if any(folder.iterdir()):
        raise InvalidInput(f"{folder} holds other files: name a new folder for the export")


def _is_export(folder: Path) -> bool:
    """Whether the folder holds an export and nothing else; it may be a damaged one."""
    try:
        manifest = parse_json((folder / MANIFEST).read_text("utf-8"))
        foreign = {path.name for path in folder.iterdir()} - {MANIFEST, *REQUIRED, *ALLOWED}
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(manifest, dict) and manifest.get("format") == FORMAT and not foreign


def _as_json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=1) + "\n").encode()


def _manifest(spec: ModelSpec, files: dict[str, bytes]) -> dict[str, Any]:
    """What is in the folder, what it was made from and with what."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        "network": {
            "backbone": spec.backbone,
            "taps": list(spec.taps),
            "input_size": spec.input_size,
            "numbers": spec.numbers,
            "weights": spec.weights.fingerprint,
        },
        "made_with": {"mfst_lib": mfst_lib.__version__, **_installed()},
    }


def _installed() -> dict[str, str]:
    import importlib.metadata  # 40 ms that opening an export does not need

    versions = {}
    for name in PACKAGES:
        with suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    return versions


def _read(folder: Path) -> dict[str, bytes]:
    """The files that the manifest lists, each with the hash that it states."""
    hashes = _hashes(folder)
    files = {}
    for name, expected in hashes.items():
        try:
            files[name] = (folder / name).read_bytes()
        except OSError as error:
            raise _damaged(folder, f"{name} cannot be read ({error.strerror})") from None
        if hashlib.sha256(files[name]).hexdigest() != expected:
            raise _damaged(folder, f"{name} is not the file that was exported")
    return files


def _hashes(folder: Path) -> dict[str, str]:
    """The files that an export's manifest lists, with their hashes."""
    if not folder.is_dir():
        raise NotFound(f"no folder {folder}: mfst export --out {folder} makes one")
    try:
        manifest = parse_json((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        raise InvalidInput(f"{folder} is no export: it has no {MANIFEST}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(folder, f"{MANIFEST}: {error}") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise InvalidInput(f'{folder} is no export: its {MANIFEST} has no "format": "{FORMAT}"')
    if manifest.get("version") != VERSION:
        raise InvalidInput(
            f"{folder} is an export of form {manifest.get('version')}; this library "
            f"({mfst_lib.__version__}) reads form {VERSION}: export it anew, or update mfst_lib"
        )
    hashes = manifest.get("files")
    if not isinstance(hashes, dict) or not REQUIRED <= set(hashes) <= REQUIRED | ALLOWED:
        raise _damaged(folder, f"{MANIFEST} does not list the files of an export")
    return hashes


def _config(folder: Path, files: dict[str, bytes]) -> TrackerConfig:
    """The exported settings; those that name a file name that of the folder."""
    fields = parse_json(files[CONFIG])
    for field, name in TRAVELLING.items():
        if name in files:
            fields[field] = str(folder / name)
    return TrackerConfig().replace(**fields)


def _damaged(folder: Path, what: str) -> InvalidInput:
    return InvalidInput(f"the export {folder} is damaged: {what}. Copy it again, or export it anew")
