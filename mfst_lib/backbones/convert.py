"""From a Keras network to a .tflite model: a request in JSON on stdin, the model on stdout."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from mfst_lib.backbones.networks import tapped_network
from mfst_lib.backbones.weights import Weights
from mfst_lib.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    import keras

#: Photographs of scikit-image on which the ranges of 8-bit numbers are seen, and how many crops.
PHOTOGRAPHS, CROPS = ("astronaut", "coffee", "chelsea", "rocket"), 32


def to_tflite(network: keras.Model, input_size: int, numbers: str = "float32") -> bytes:
    """The network as a LiteRT model for one crop (1, S, S, 3) uint8; its maps are float32.

    numbers: what it computes with. For "8-bit" it is run on `some_crops`, to see in what range the
    values of each layer lie; weights become whole numbers from -127 to 127, with a step per map.
    """
    import tensorflow as tf
    from tensorflow.python.framework import convert_to_constants

    signature = tf.TensorSpec((1, input_size, input_size, 3), tf.uint8)
    forward = tf.function(lambda image: network(image, training=False))
    # Weights must be constants before conversion: only then are batch norms folded into the
    # convolutions, and only then does XNNPACK take over the whole graph.
    frozen = convert_to_constants.convert_variables_to_constants_v2(
        forward.get_concrete_function(signature)
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen], network)
    if numbers == "8-bit":
        crops = some_crops(input_size)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([crop[np.newaxis]] for crop in crops)
    return converter.convert()  # type: ignore[no-any-return]


def some_crops(size: int) -> list[NDArray[np.uint8]]:
    """Squares of photographs, small and large ones, as crops (S, S, 3) uint8: always the same.

    Raises `NotFound` when scikit-image, with which the photographs come, is not installed.
    """
    try:
        from skimage import data
    except ImportError as error:
        raise NotFound(
            "8-bit numbers are fitted to photographs that come with scikit-image, which is not "
            'installed: pip install "mfst_lib[eval]"'
        ) from error
    rng = np.random.default_rng(0)
    photographs = [getattr(data, name)() for name in PHOTOGRAPHS]
    return [_square(photographs[n % len(photographs)], size, rng) for n in range(CROPS)]


def _square(
    photograph: NDArray[np.uint8], size: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A square of any size from 48 pixels up, anywhere in the photograph."""
    height, width = photograph.shape[:2]
    side = int(rng.integers(48, min(height, width) + 1))
    top, left = rng.integers(height - side + 1), rng.integers(width - side + 1)
    square = np.ascontiguousarray(photograph[top : top + side, left : left + side])
    return cv2.resize(square, (size, size))  # type: ignore[return-value]


def main() -> None:
    """Serve one request. Whatever else writes to stdout is sent to stderr."""
    model_stream = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    request = json.load(sys.stdin)
    path, fingerprint = request["weights"]
    weights = Weights(Path(path) if path else None, fingerprint)
    size = request["input_size"]
    try:
        network = tapped_network(request["backbone"], tuple(request["taps"]), size, weights)
        model = to_tflite(network, size, request["numbers"])
    except (InvalidInput, NotFound) as error:
        message = " ".join(str(error).split())
        sys.exit(f"{type(error).__name__}: {message}")
    with model_stream:
        model_stream.write(model)


if __name__ == "__main__":
    main()
