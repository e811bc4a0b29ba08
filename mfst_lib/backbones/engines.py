"""What runs a backbone: a uint8 crop goes in, the feature maps of every tap come out."""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mfst_lib.backbones.catalogue import BACKBONES, Backbone, find_backbone
from mfst_lib.backbones.models import ModelSpec, converted_model
from mfst_lib.backbones.weights import find_weights, resolve
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput

FeatureMaps = NDArray[np.float32]

#: LiteRT's names of what multiplies an input by a kernel.
_MULTIPLYING = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


class Engine(Protocol):
    """The small interface behind which a network runs."""

    name: str
    input_size: int

    def __call__(self, crop: NDArray[np.uint8]) -> Sequence[FeatureMaps]:
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


class Layers(Sequence[FeatureMaps]):
    """The layers of one crop, each made an array of its own when it is first read.

    taps: for each layer the maps of its taps, where the network left them. They stay as they are
    for as long as this object lives: an engine that runs again lets it `keep` them first.
    """

    def __init__(self, taps: list[list[FeatureMaps]]) -> None:
        self.taps = taps
        self._made: dict[int, FeatureMaps] = {}

    def __len__(self) -> int:
        return len(self.taps)

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        place = range(len(self))[number]
        if place not in self._made:
            (self._made[place],) = as_layers(self.taps[place], merge=True)
        return self._made[place]

    def keep(self) -> None:
        """Copy the maps out of the network's memory."""
        self.taps = [[np.array(maps) for maps in layer] for layer in self.taps]


def taps_of(layers: Sequence[FeatureMaps]) -> list[list[FeatureMaps]]:
    """For each layer the maps of its taps; a layer that is an array counts as one tap."""
    return layers.taps if isinstance(layers, Layers) else [[maps] for maps in layers]


class LiteRTEngine:
    """LiteRT with XNNPACK, on the CPU: small, quick to start, no TensorFlow."""

    name = "litert"

    def __init__(self, model: bytes, threads: int = 1, merge: bool = True) -> None:
        self._model, self._threads, self._merge = model, threads, merge
        self._start()
        self._latest: Callable[[], Layers | None] = lambda: None

    def __call__(self, crop: NDArray[np.uint8]) -> Layers:
        """See `Engine`. The maps are copied only if somebody reads them as arrays, or holds
        them still when the next crop comes."""
        if (held := self._latest()) is not None:
            held.keep()
        try:
            self._run(crop)
        except RuntimeError as error:
            if "reference to internal data" not in str(error):
                raise
            # Somebody, a traceback perhaps, holds single taps: that memory is left to them.
            self._start()
            self._run(crop)
        taps = [view()[0] for view in self._views]
        layers = Layers([taps] if self._merge and _on_one_grid(taps) else [[tap] for tap in taps])
        self._latest = weakref.ref(layers)
        return layers

    def multiply_adds(self) -> int:
        """How many multiply-adds the convolutions and dense layers take for one crop."""
        shapes = {t["index"]: t["shape"] for t in self._interpreter.get_tensor_details()}
        count = 0
        for op in self._interpreter._get_ops_details():
            if op["op_name"] in _MULTIPLYING:
                # A kernel is (out, h, w, in); a depthwise one (1, h, w, channels).
                kernel, result = shapes[op["inputs"][1]], shapes[op["outputs"][0]]
                per_value = kernel[1:3] if op["op_name"].startswith("DEPTHWISE") else kernel[1:]
                count += int(np.prod(result, dtype=np.int64) * np.prod(per_value, dtype=np.int64))
        return count

    def _start(self) -> None:
        """Make an interpreter, with memory of its own for all tensors."""
        from ai_edge_litert.interpreter import Interpreter

        try:
            with silent_stderr():
                interpreter = Interpreter(model_content=self._model, num_threads=self._threads)
                interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise InvalidInput(f"LiteRT cannot run this model: {error}") from error
        (image,) = interpreter.get_input_details()
        self.input_size = int(image["shape"][1])
        # The graph numbers its outputs as the taps were given; the list is in no fixed order.
        outputs = sorted(interpreter.get_output_details(), key=_output_number)
        self._interpreter, self._image = interpreter, interpreter.tensor(image["index"])
        self._views = [interpreter.tensor(output["index"]) for output in outputs]

    def _run(self, crop: NDArray[np.uint8]) -> None:
        self._image()[0] = crop
        self._interpreter.invoke()


@contextmanager
def silent_stderr() -> Iterator[None]:
    """Without the lines that LiteRT and TensorFlow write from C++ while they start.

    No setting stops them. Errors are Python exceptions and come through.
    """
    try:
        sys.stderr.flush()
        saved = os.dup(2)
    except (AttributeError, OSError):  # a program without a console, as Windows has them
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
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


def _on_one_grid(taps: Sequence[FeatureMaps]) -> bool:
    return len({maps.shape[:2] for maps in taps}) == 1


class KerasEngine:
    """Keras on whatever backend it is set to (TensorFlow, JAX, PyTorch): the way to a GPU."""

    name = "keras"

    def __init__(self, network: Any, merge: bool = True) -> None:
        self._network = network
        self._merge = merge
        self.input_size = int(network.input_shape[1])

    def __call__(self, crop: NDArray[np.uint8]) -> list[FeatureMaps]:
        """See `Engine`. Compiled by Keras for this one shape; what it returns are arrays of
        NumPy, so that the device has finished."""
        maps = self._network.predict_on_batch(crop[np.newaxis])
        taps = maps if isinstance(maps, list) else [maps]
        return as_layers([np.asarray(tap[0]) for tap in taps], self._merge)


def load_engine(
    config: TrackerConfig, weights: str | os.PathLike[str] | None = None
) -> LiteRTEngine | KerasEngine:
    """The engine that a configuration asks for.

    weights: a folder to look in before `MFST_WEIGHTS` (see `find_weights`). Raises `InvalidInput`
    for an unknown backbone or tap, for damaged weights and for numbers with which it cannot
    compute, `NotFound` for missing weights.
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
    with silent_stderr():
        from mfst_lib.backbones.networks import tapped_network

        network = tapped_network(spec.backbone, spec.taps, spec.input_size, spec.weights)
    return KerasEngine(network, merge)


_kept = lru_cache(maxsize=2)(_build)


def model_spec(config: TrackerConfig, weights: str | os.PathLike[str] | None = None) -> ModelSpec:
    """What the configuration's network is made of, with its weights found."""
    backbone = find_backbone(resolve(config.backbone, weights))
    _check_numbers(config, backbone)
    taps, found = config.taps or backbone.taps, find_weights(backbone.name, weights)
    return ModelSpec(backbone.name, taps, config.input_size, found, config.numbers)


def _check_numbers(config: TrackerConfig, backbone: Backbone) -> None:
    """Raise `InvalidInput` for numbers with which the network or the engine cannot compute."""
    if config.numbers not in backbone.numbers:
        able = [one.name for one in BACKBONES.values() if config.numbers in one.numbers]
        raise InvalidInput(
            f"{backbone.name} runs with numbers={' or '.join(backbone.numbers)}; "
            f"got {config.numbers!r}, with which {' and '.join(able)} run"
        )
    if config.engine == "keras" and config.numbers != "float32":
        raise InvalidInput(f"numbers={config.numbers!r} needs engine='litert'; got engine='keras'")
