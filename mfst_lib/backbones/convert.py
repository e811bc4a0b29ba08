"""From a Keras network to a .tflite model: a request in JSON on stdin, the model on stdout."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mfst_lib.backbones.networks import tapped_network
from mfst_lib.backbones.weights import Weights
from mfst_lib.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    import keras


def to_tflite(network: keras.Model, input_size: int) -> bytes:
    """The network as a float32 LiteRT model for one crop (1, S, S, 3) uint8."""
    import tensorflow as tf
    from tensorflow.python.framework import convert_to_constants

    signature = tf.TensorSpec((1, input_size, input_size, 3), tf.uint8)
    forward = tf.function(lambda image: network(image, training=False))
    # Weights must be constants before conversion: only then are batch norms folded into the
    # convolutions, and only then does XNNPACK take over the whole graph.
    frozen = convert_to_constants.convert_variables_to_constants_v2(
        forward.get_concrete_function(signature)
    )
    return tf.lite.TFLiteConverter.from_concrete_functions([frozen], network).convert()  # type: ignore[no-any-return]


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
        model = to_tflite(network, size)
    except (InvalidInput, NotFound) as error:
        message = " ".join(str(error).split())
        sys.exit(f"{type(error).__name__}: {message}")
    with model_stream:
        model_stream.write(model)


if __name__ == "__main__":
    main()
