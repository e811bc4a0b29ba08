"""Converted models (.tflite), made once and kept in a cache."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import mfst_lib
from mfst_lib import errors, settings
from mfst_lib.backbones.weights import Weights
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.files import write_bytes_atomically, write_text_atomically
from mfst_lib.locks import alone_in
from mfst_lib.reading import read_json

logger = logging.getLogger(__name__)

#: The files whose code decides what the converted graph computes.
_SOURCES = ("catalogue.py", "networks.py", "efficientnet_lite0.py", "convert.py")
_PACKAGES = ("keras", "tensorflow")


@dataclass(frozen=True)
class ModelSpec:
    """What a converted model is made of; two equal specs give the same model."""

    backbone: str
    taps: tuple[str, ...]
    input_size: int
    weights: Weights
    numbers: str = "float32"

    def key(self) -> str:
        """A name that changes with anything that matters: the network, its taps and input
        size, the weights' hash, our code that builds it, the packages that convert it."""
        parts = {
            "backbone": self.backbone,
            "taps": self.taps,
            "input_size": self.input_size,
            "weights": self.weights.fingerprint,
            "numbers": self.numbers,
            "code": _source_hash(),
            "packages": _package_versions(),
        }
        text = json.dumps(parts, sort_keys=True)
        return f"{self.backbone}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _source_hash() -> str:
    here = Path(__file__).parent
    return hashlib.sha256(b"".join((here / name).read_bytes() for name in _SOURCES)).hexdigest()


def _package_versions() -> dict[str, str | None]:
    """Versions without importing the packages; None for what is not installed."""
    import importlib.metadata  # 40 ms that an exported tracker does not need

    versions: dict[str, str | None] = {}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    return versions


#: What a user reads once when converted models cannot be kept.
UNWRITABLE = (
    "the model cache %s cannot be written (%s): the model is not kept; set MFST_CACHE to a "
    "folder that can be"
)


def cache_folder() -> Path:
    """Where converted models are kept: the setting `cache`, or the user's cache folder."""
    if folder := settings.folder_of("cache"):
        return folder
    import platformdirs

    return Path(platformdirs.user_cache_dir("mfst_lib", appauthor=False))


def converted_model(spec: ModelSpec) -> bytes:
    """The bytes of the .tflite model, from the cache or converted now (10-20 s, once).

    A cached file counts only when its SHA-256 is the one in the seal, which is written after it.
    A cache that cannot be written to is said in a line; the model is used all the same.
    """
    folder = cache_folder()
    cached = _read_sealed(folder, spec.key(), logging.DEBUG)
    if cached is not None:
        return cached
    with ExitStack() as stack:
        try:
            stack.enter_context(alone_in(folder, f"{spec.key()}.lock"))
        except InvalidInput as error:
            logger.warning(UNWRITABLE, folder, error)
            return _convert(spec)
        # Another process may have made it while this one waited.
        return _read_sealed(folder, spec.key()) or _converted_and_kept(spec, folder)


def _converted_and_kept(spec: ModelSpec, folder: Path) -> bytes:
    """The model, converted now and put into the cache, with its seal last."""
    model = _convert(spec)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_sealed(folder, spec, model)
    except (OSError, InvalidInput) as error:
        logger.warning(UNWRITABLE, folder, error)
    return model


def _write_sealed(folder: Path, spec: ModelSpec, model: bytes) -> None:
    """The model under a name with its hash, then the seal that names it.

    Two programs that convert at once may get models that differ in bytes. Each writes its own
    file, and whoever seals last, the seal fits the model that it names.
    """
    sha256 = hashlib.sha256(model).hexdigest()
    name = f"{spec.key()}-{sha256[:8]}.tflite"
    seal = {
        **asdict(spec),
        "weights": spec.weights.fingerprint,
        "model": name,
        "sha256": sha256,
        "made_with": {"mfst_lib": mfst_lib.__version__, **_package_versions()},
    }
    write_bytes_atomically(folder / name, model)
    write_text_atomically(folder / f"{spec.key()}.json", json.dumps(seal, indent=1))


def _read_sealed(folder: Path, key: str, level: int = logging.WARNING) -> bytes | None:
    """The cached model, or None when it is missing, half-written or damaged: then it is said."""
    try:
        seal = read_json(folder / f"{key}.json")
        # Seals once had no name in them: their models are called by the key alone.
        path, expected = folder / seal.get("model", f"{key}.tflite"), seal["sha256"]
        model = path.read_bytes()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if hashlib.sha256(model).hexdigest() != expected:
        logger.log(level, "the cached model %s is damaged: converting it again", path)
        return None
    return model


def _convert(spec: ModelSpec) -> bytes:
    """Run `mfst_lib.backbones.convert` in a process of its own.

    That keeps TensorFlow, its threads and its messages out of this one, and it is TensorFlow
    that converts whatever Keras backend is in use here.
    """
    if _package_versions()["tensorflow"] is None:
        raise NotFound(
            f"no converted model of {spec.backbone} in {cache_folder()}, and none can be made "
            'without TensorFlow: pip install "mfst_lib[keras]"'
        )
    logger.info("converting %s, once", spec.backbone)
    request = {
        "backbone": spec.backbone,
        "taps": spec.taps,
        "input_size": spec.input_size,
        "numbers": spec.numbers,
        "weights": [os.fspath(spec.weights.path or ""), spec.weights.fingerprint],
    }
    done = subprocess.run(
        [sys.executable, "-m", "mfst_lib.backbones.convert"],
        input=json.dumps(request).encode(),
        capture_output=True,
        env=_quiet_environment(os.environ),
        check=False,
    )
    if done.returncode != 0 or done.stdout[4:8] != b"TFL3":
        raise _failure(done.stderr.decode(errors="replace"), spec)
    return done.stdout


def _quiet_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """TensorFlow as the converter, without its chatter and without a GPU."""
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
    return {**environment, **quiet, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1"}


def _failure(stderr: str, spec: ModelSpec) -> Exception:
    """The converter's own error, rebuilt here with its class."""
    last = stderr.strip().splitlines()[-1] if stderr.strip() else "no message"
    kind, _, message = last.partition(": ")
    if kind in ("InvalidInput", "NotFound"):
        return getattr(errors, kind)(message)  # type: ignore[no-any-return]
    return InvalidInput(f"converting {spec.backbone} failed: {last}")
