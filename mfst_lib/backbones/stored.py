"""Feature maps of single frames, computed once and kept in files that need no network to read."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.above_mean import above_mean
from mfst_lib.backbones.catalogue import find_backbone
from mfst_lib.backbones.engines import FeatureMaps, as_layers, load_engine, model_spec
from mfst_lib.boxes import as_box
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput, NotFound, unknown
from mfst_lib.files import write_bytes_atomically
from mfst_lib.images import as_rgb
from mfst_lib.reading import read_arrays
from mfst_lib.roi import ROI, crop, roi_around


@dataclass(frozen=True)
class StoredFeatures:
    """What a network saw in one frame of a sequence, around the target's true box.

    sequence, number: the sequence's name and the frame's number, from 0. box: (4,) x, y, w, h in
    image pixels. crop: (S, S, 3) uint8 RGB, the ROI's pixels as they entered the network.
    taps: each tap's name and number of maps. layers: the maps, (H, W, C) float32, as a tracker
    gets them: all taps behind one another in one array where they share a grid, else one each.
    """

    backbone: str
    sequence: str
    number: int
    box: NDArray[np.float64]
    roi: ROI
    crop: NDArray[np.uint8]
    taps: dict[str, int]
    layers: list[FeatureMaps]

    @property
    def frame(self) -> str:
        """The frame's name among the stored ones: `cat-walk-0`."""
        return f"{self.sequence.removeprefix('lab:')}-{self.number}"

    def of_tap(self, tap: str) -> FeatureMaps:
        """The maps of one tap alone, (H, W, C); `InvalidInput` with the nearest names."""
        if tap not in self.taps:
            raise unknown(f"tap of {self.backbone}", tap, self.taps)
        if len(self.layers) > 1:
            return self.layers[list(self.taps).index(tap)]
        ends = dict(zip(self.taps, np.cumsum([*self.taps.values()]), strict=True))
        return self.layers[0][..., ends[tap] - self.taps[tap] : ends[tap]]


def make_features(
    config: TrackerConfig,
    sequence: str,
    number: int,
    image: ArrayLike,
    box: ArrayLike,
    weights: str | os.PathLike[str] | None = None,
) -> StoredFeatures:
    """The maps that a tracker of this configuration gets for a frame and the box in it.

    image: (H, W, 3) uint8 RGB. box: (4,) x, y, w, h in image pixels. weights: see `load_engine`,
    which raises what this does.
    """
    engine = load_engine(config.replace(merge_taps=False), weights)
    spec = model_spec(config, weights)
    target = as_box(box)
    roi = roi_around(target, config.roi_scale, config.roi_shape)
    pixels = crop(as_rgb(image), roi, engine.input_size, config.border)
    maps = [above_mean(one) if config.above_mean else one for one in engine(pixels)]
    taps = {tap: one.shape[2] for tap, one in zip(spec.taps, maps, strict=True)}
    layers = as_layers(maps, config.merge_taps)
    return StoredFeatures(spec.backbone, sequence, number, target, roi, pixels, taps, layers)


def save_features(folder: str | os.PathLike[str], features: StoredFeatures) -> Path:
    """Write folder/BACKBONE-FRAME.npz, the maps in half precision, and return its path.

    The file is there whole or not at all. Raises `InvalidInput` for values that half precision
    (at most 65504) cannot hold and for a folder that cannot be written.
    """
    roi = features.roi
    parts = {
        "sequence": np.array(features.sequence),
        "number": np.array(features.number),
        "box": features.box,
        "roi": np.array([roi.left, roi.top, roi.width, roi.height]),
        "crop": features.crop,
        "taps": np.array(list(features.taps)),
        "channels": np.array(list(features.taps.values())),
    }
    with np.errstate(over="ignore"):
        halves = [layer.astype(np.float16) for layer in features.layers]
    if not all(np.isfinite(half).all() for half in halves):
        raise InvalidInput(f"{features.backbone}: map values beyond half precision's 65504")
    parts.update({f"layer{place}": half for place, half in enumerate(halves)})
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **parts)  # type: ignore[arg-type]
    path = Path(folder) / f"{features.backbone}-{features.frame}.npz"
    write_bytes_atomically(path, buffer.getvalue())
    return path


def stored_frames(folder: str | os.PathLike[str], backbone: str) -> list[str]:
    """The names of the frames whose maps by this backbone lie in the folder.

    Raises `InvalidInput` for an unknown backbone, `NotFound` without a folder or a frame.
    """
    start = f"{find_backbone(backbone).name}-"
    if not Path(folder).is_dir():
        raise NotFound(f"no folder {folder}: the book's features lie in data/features")
    frames = [path.stem.removeprefix(start) for path in Path(folder).glob(f"{start}*.npz")]
    if not frames:
        raise NotFound(f"no features of {backbone} in {folder}: data/features/make.py makes them")
    return sorted(frames)


def load_features(folder: str | os.PathLike[str], backbone: str, frame: str) -> StoredFeatures:
    """The stored maps of a backbone for a frame, from folder/BACKBONE-FRAME.npz.

    Raises `InvalidInput` for an unknown backbone or frame (it names those at hand) and for a
    damaged file, `NotFound` where `stored_frames` does.
    """
    frames = stored_frames(folder, backbone)
    if frame not in frames:
        raise InvalidInput(
            f"no features of {backbone} for frame {frame!r}; there are {', '.join(frames)}"
        )
    path = Path(folder) / f"{backbone}-{frame}.npz"
    try:
        return _checked(backbone, read_arrays(path))
    except (ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise InvalidInput(
            f"{path} is damaged ({error}): data/features/make.py makes it anew"
        ) from error


def _checked(backbone: str, parts: dict[str, NDArray[np.generic]]) -> StoredFeatures:
    """The file's parts as features; `InvalidInput` when they do not fit together."""
    names = sorted(name for name in parts if name.startswith("layer"))
    layers = [parts[name].astype(np.float32) for name in names]
    taps = dict(zip(parts["taps"].tolist(), parts["channels"].tolist(), strict=True))
    maps = sum(layer.shape[-1] for layer in layers)
    if any(layer.ndim != 3 for layer in layers) or maps != sum(taps.values()) or not maps:
        shapes = [layer.shape for layer in layers]
        raise InvalidInput(f"layers of shapes {shapes} do not hold the maps of taps {taps}")
    roi = ROI(*(float(value) for value in parts["roi"].tolist()))
    number, box, pixels = int(parts["number"].item()), as_box(parts["box"]), as_rgb(parts["crop"])
    return StoredFeatures(backbone, str(parts["sequence"]), number, box, roi, pixels, taps, layers)
