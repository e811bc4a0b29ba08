"""The backbones as Keras models whose outputs are the taps. Runs on any Keras backend."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mfst_lib.backbones import efficientnet_lite0
from mfst_lib.backbones.catalogue import find_backbone
from mfst_lib.backbones.torch_file import read_state_dict
from mfst_lib.backbones.weights import Weights, no_weights
from mfst_lib.errors import InvalidInput, unknown

if TYPE_CHECKING:
    import keras

#: The mean colour (blue, green, red) that VGG16's training subtracted.
VGG_MEAN = (103.939, 116.779, 123.68)

#: Seconds without a byte after which a download of weights has stalled.
STALLED = 60.0

_APPLICATIONS = {
    "mobilenet_v3_large": "MobileNetV3Large",
    "mobilenet_v3_small": "MobileNetV3Small",
    "vgg16": "VGG16",
}


def tapped_network(
    name: str, taps: tuple[str, ...], input_size: int, weights: Weights
) -> keras.Model:
    """The network from a uint8 RGB crop (N, S, S, 3) to a list with each tap's feature maps.

    Raises `InvalidInput` for an unknown backbone or tap and for weights that do not fit,
    `NotFound` when official weights cannot be had.
    """
    import keras

    find_backbone(name)
    keras.utils.clear_session()  # so that unnamed layers get the same names in every process
    network = _network(name, input_size, weights)
    outputs = [tap_output(network, tap) for tap in taps]
    features = keras.Model(network.input, outputs, name=f"{name}_taps")
    features.trainable = False
    image = keras.Input((input_size, input_size, 3), dtype="uint8", name="image")
    maps = features(_prepared(name, keras.ops.cast(image, "float32")))
    return keras.Model(image, maps if isinstance(maps, (list, tuple)) else [maps], name=name)


def _prepared(name: str, image: Any) -> Any:
    """VGG16 wants blue-green-red minus a mean; the others scale their input themselves."""
    import keras

    if name != "vgg16":
        return image
    return keras.ops.flip(image, axis=-1) - keras.ops.convert_to_tensor(VGG_MEAN)


def _network(name: str, input_size: int, weights: Weights) -> keras.Model:
    """The whole network up to its last convolution, with its weights."""
    if name in _APPLICATIONS:
        return _application(name, input_size, weights)
    network = efficientnet_lite0.build(input_size)
    assert weights.path is not None  # find_weights saw to it
    if weights.path.suffix == ".h5":
        _load_h5(network, weights)
    else:
        efficientnet_lite0.load_state_dict(network, read_state_dict(weights.path))
    return network


def _application(name: str, input_size: int, weights: Weights) -> keras.Model:
    import keras

    make = getattr(keras.applications, _APPLICATIONS[name])
    shape = (input_size, input_size, 3)
    if weights.path is not None:
        network = make(input_shape=shape, include_top=False, weights=None)
        _load_h5(network, weights)
        return network
    try:
        with patience(STALLED):
            return make(input_shape=shape, include_top=False, weights="imagenet")
    except Exception as error:  # Keras raises a bare Exception when a download fails
        raise no_weights(find_backbone(name), error) from error


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Within this block no new connection waits longer for its next bytes.

    Keras downloads with `urllib`, which waits for ever on a server that stalls. The rest Keras
    sees to: it removes what broke off and compares the file's hash, before each use too.
    """
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _load_h5(network: keras.Model, weights: Weights) -> None:
    try:
        network.load_weights(os.fspath(weights.path))  # type: ignore[arg-type]
    except Exception as error:  # h5py and Keras raise many kinds for a damaged or foreign file
        first_line = str(error).strip().split("\n")[0]
        raise InvalidInput(
            f"{weights.path} does not hold whole weights of {network.name}: {first_line}"
        ) from error


def tap_output(network: keras.Model, tap: str) -> Any:
    """The feature maps at a tap: an alias (`block13_expand`) or any layer of the network.

    Raises `InvalidInput` with the nearest names when there is no such layer, or when its
    output is no stack of maps.
    """
    names = {layer.name: layer for layer in network.layers}
    aliases = _aliases(network)
    if tap not in names and tap not in aliases:
        raise unknown(f"tap of {network.name}", tap, [*names, *aliases])
    output = names[tap].output if tap in names else aliases[tap].output
    if len(output.shape) != 4:
        raise InvalidInput(f"tap {tap!r} gives {output.shape}, not feature maps (N, H, W, C)")
    return output


def _aliases(network: keras.Model) -> dict[str, Any]:
    """`blockN_expand`, `blockN_depthwise`, `blockN_output` for Keras' MobileNetV3 names.

    There the first bottleneck is `expanded_conv`, the N-th `expanded_conv_{N-1}`, and an
    activation has no name of its own: it is the layer that reads the batch norm.
    """
    layers = {layer.name: layer for layer in network.layers}
    aliases = {}
    for name, layer in layers.items():
        if name.startswith("expanded_conv") and name.endswith("_project_bn"):
            stem = name.removesuffix("_project_bn")
            number = int(stem.removeprefix("expanded_conv").removeprefix("_") or 0) + 1
            aliases[f"block{number}_output"] = layers.get(f"{stem}_add", layer)
            for step in ("expand", "depthwise"):
                if f"{stem}_{step}_bn" in layers:
                    aliases[f"block{number}_{step}"] = _reader(layers[f"{stem}_{step}_bn"])
    return aliases


def _reader(layer: Any) -> Any:
    """The layer that takes this layer's output."""
    return layer._outbound_nodes[0].operation
