"""What runs a backbone: a uint8 crop goes in, the feature maps of every tap come out."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mfst_lib.backbones.catalogue import find_backbone
from mfst_lib.backbones.models import ModelSpec, converted_model
from mfst_lib.backbones.weights import find_weights, resolve
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput

FeatureMaps = NDArray[np.float32]


class Engine(Protocol):
    """The small interface behind which a network runs."""

    name: str
    input_size: int

    def __call__(self, crop: NDArray[np.uint8]) -> list[FeatureMaps]:
        """The feature maps, (H, W, C) float32, for one crop (S, S, 3) uint8 RGB.

        One array per layer: a tap each, or all taps behind one another where they are merged
        and share a grid, as the paper's 14x14x1824 does.
        """
        ...


def as_layers(taps: Sequence[FeatureMaps], merge: bool) -> list[FeatureMaps]:
    """The taps' maps, copied into one array when they are to be merged and share a grid."""
    same_grid = len({maps.shape[:2] for maps in taps}) == 1
    if merge and same_grid:
        return [np.concatenate(taps, axis=2)]
    return [np.array(maps) for maps in taps]


class LiteRTEngine:
    """LiteRT with XNNPACK, on the CPU: small, quick to start, no TensorFlow."""

    name = "litert"

    def __init__(self, model: bytes, threads: int = 1, merge: bool = True) -> None:
        from ai_edge_litert.interpreter import Interpreter

        try:
            with _silent_stderr():
                self._interpreter = Interpreter(model_content=model, num_threads=threads)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise InvalidInput(f"LiteRT cannot run this model: {error}") from error
        (image,) = self._interpreter.get_input_details()
        self._image: int = image["index"]
        self._merge = merge
        self.input_size = int(image["shape"][1])
        # The graph numbers its outputs as the taps were given; the list is in no fixed order.
        outputs = sorted(self._interpreter.get_output_details(), key=_output_number)
        self._views = [self._interpreter.tensor(output["index"]) for output in outputs]

    def __call__(self, crop: NDArray[np.uint8]) -> list[FeatureMaps]:
        """See `Engine`. The arrays are the caller's: LiteRT's own memory is copied once."""
        self._interpreter.set_tensor(self._image, crop[np.newaxis])
        self._interpreter.invoke()
        return as_layers([view()[0] for view in self._views], self._merge)


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """Without the line that LiteRT's C++ side writes for every interpreter it makes.

    No setting stops it. Errors are Python exceptions and come through.
    """
    sys.stderr.flush()
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


def _output_number(detail: dict[str, Any]) -> int:
    """The output's place: the number behind the last colon of `PartitionedCall:2`."""
    return int(detail["name"].rpartition(":")[2])


class KerasEngine:
    """Keras on whatever backend it is set to (TensorFlow, JAX, PyTorch): the way to a GPU."""

    name = "keras"

    def __init__(self, network: Any, merge: bool = True) -> None:
        self._network = network
        self._merge = merge
        self.input_size = int(network.input_shape[1])

    def __call__(self, crop: NDArray[np.uint8]) -> list[FeatureMaps]:
        """See `Engine`."""
        maps = self._network.predict_on_batch(crop[np.newaxis])
        taps = maps if isinstance(maps, list) else [maps]
        return as_layers([np.asarray(tap[0]) for tap in taps], self._merge)


def load_engine(
    config: TrackerConfig, weights: str | os.PathLike[str] | None = None
) -> LiteRTEngine | KerasEngine:
    """The engine that a configuration asks for.

    weights: a folder to look in before `MFST_WEIGHTS` (see `find_weights`). Raises `InvalidInput`
    for an unknown backbone or tap and for damaged weights, `NotFound` for missing ones.
    """
    return _build(model_spec(config, weights), config.engine, config.threads, config.merge_taps)


def shared_engine(
    config: TrackerConfig, weights: str | os.PathLike[str] | None = None
) -> LiteRTEngine | KerasEngine:
    """`load_engine`, but configurations that need the same engine get the same one.

    For trackers that run one after another; the engines used last are kept.
    """
    return _kept(model_spec(config, weights), config.engine, config.threads, config.merge_taps)


def _build(spec: ModelSpec, engine: str, threads: int, merge: bool) -> LiteRTEngine | KerasEngine:
    """The engine of that name for a model."""
    if engine == "litert":
        return LiteRTEngine(converted_model(spec), threads, merge)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from mfst_lib.backbones.networks import tapped_network

    network = tapped_network(spec.backbone, spec.taps, spec.input_size, spec.weights)
    return KerasEngine(network, merge)


_kept = lru_cache(maxsize=2)(_build)


def model_spec(config: TrackerConfig, weights: str | os.PathLike[str] | None = None) -> ModelSpec:
    """What the configuration's network is made of, with its weights found."""
    backbone = find_backbone(resolve(config.backbone, weights))
    taps = config.taps or backbone.taps
    return ModelSpec(backbone.name, taps, config.input_size, find_weights(backbone.name, weights))
