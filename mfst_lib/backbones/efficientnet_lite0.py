"""EfficientNet-Lite0 in Keras, with weights read from a PyTorch state dict.

Source: Tan and Le, "EfficientNet", ICML 2019; the Lite variants leave out squeeze-and-excite
and use ReLU6, which suits small processors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import InvalidInput

if TYPE_CHECKING:
    import keras

#: Pixel values enter as (value − 127) / 128.
MEAN, SPREAD = 127.0, 128.0
BATCH_NORM_EPSILON = 1e-3


@dataclass(frozen=True)
class Block:
    """One inverted bottleneck: kernel size, stride, expansion factor, output channels."""

    kernel: int
    stride: int
    expansion: int
    channels: int


#: Seven stages: (kernel, stride of the first block, expansion, channels, how many blocks).
STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)


def blocks() -> Iterator[Block]:
    """The sixteen bottlenecks in order."""
    for kernel, stride, expansion, channels, repeats in STAGES:
        for repeat in range(repeats):
            yield Block(kernel, stride if repeat == 0 else 1, expansion, channels)


def build(input_size: int = 224) -> keras.Model:
    """The network without its classifier: (N, S, S, 3) float in 0…255 to (N, S/32, S/32, 320)."""
    import keras

    image = keras.Input((input_size, input_size, 3))
    x = keras.layers.Rescaling(1 / SPREAD, offset=-MEAN / SPREAD, name="rescaling")(image)
    x = _normalised(keras.layers.Conv2D(32, 3, 2, "same", use_bias=False, name="stem")(x), "stem")
    x = keras.layers.ReLU(6.0, name="stem_activation")(x)
    for number, block in enumerate(blocks(), start=1):
        x = _bottleneck(x, block, f"block{number}")
    return keras.Model(image, x, name="efficientnet_lite0")


def _normalised(x: Any, name: str) -> Any:
    import keras

    return keras.layers.BatchNormalization(epsilon=BATCH_NORM_EPSILON, name=f"{name}_bn")(x)


def _bottleneck(x: Any, block: Block, name: str) -> Any:
    """Expand, filter each channel by itself, project; add the input where shapes allow."""
    from keras import layers

    shortcut, channels_in = x, x.shape[-1]
    if block.expansion > 1:
        expand = layers.Conv2D(
            channels_in * block.expansion, 1, use_bias=False, name=f"{name}_expand_conv"
        )
        x = layers.ReLU(6.0, name=f"{name}_expand")(_normalised(expand(x), f"{name}_expand"))
    filtering = layers.DepthwiseConv2D(
        block.kernel, block.stride, "same", use_bias=False, name=f"{name}_depthwise_conv"
    )
    x = layers.ReLU(6.0, name=f"{name}_depthwise")(_normalised(filtering(x), f"{name}_depthwise"))
    project = layers.Conv2D(block.channels, 1, use_bias=False, name=f"{name}_project_conv")
    x = _normalised(project(x), f"{name}_project")
    if block.stride == 1 and channels_in == block.channels:
        return layers.Add(name=f"{name}_output")([shortcut, x])
    return layers.Identity(name=f"{name}_output")(x)


def load_state_dict(model: keras.Model, state: dict[str, NDArray[Any]]) -> None:
    """Give the model the arrays of a PyTorch state dict; `InvalidInput` where they do not fit."""
    _load_pair(model, state, "stem", "stem_bn", "_conv_stem", "_bn0")
    for number, block in enumerate(blocks(), start=1):
        theirs = f"_blocks.{number - 1}."
        # Without an expansion the first batch norm is missing and the others keep their names.
        steps = [("expand", "_bn0")] * (block.expansion > 1)
        for step, norm in [*steps, ("depthwise", "_bn1"), ("project", "_bn2")]:
            ours = f"block{number}_{step}"
            _load_pair(
                model, state, f"{ours}_conv", f"{ours}_bn", f"{theirs}_{step}_conv", theirs + norm
            )


def _load_pair(
    model: keras.Model, state: dict[str, NDArray[Any]], conv: str, norm: str, *theirs: str
) -> None:
    """One convolution and the batch norm behind it."""
    their_conv, their_norm = theirs
    # PyTorch stores kernels as (out, in, height, width); Keras as (height, width, in, out),
    # and a depthwise kernel's single input channel is Keras' single output multiplier.
    kernel = _entry(state, f"{their_conv}.weight")
    axes = (2, 3, 0, 1) if conv.endswith("depthwise_conv") else (2, 3, 1, 0)
    parts = ("weight", "bias", "running_mean", "running_var")
    try:
        model.get_layer(conv).set_weights([np.transpose(kernel, axes)])
        model.get_layer(norm).set_weights([_entry(state, f"{their_norm}.{p}") for p in parts])
    except ValueError as error:
        raise InvalidInput(f"weights {their_conv} are not EfficientNet-Lite0's: {error}") from error


def _entry(state: dict[str, NDArray[Any]], name: str) -> NDArray[Any]:
    if name not in state:
        raise InvalidInput(f"weights {name} are missing: not EfficientNet-Lite0's state dict")
    return state[name]
