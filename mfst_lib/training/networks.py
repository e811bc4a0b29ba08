"""The weight nets in Keras, alone and inside the models that are trained. Any Keras backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mfst_lib.selection import selected_count
from mfst_lib.training.losses import TINY, eq16, map_loss, overlap_loss
from mfst_lib.weight_net import LEAST_SPREAD, PARTS, SIGNS, Net

if TYPE_CHECKING:
    import keras

#: Scores of candidates are compared in units of this share of the target's area.
SOFTNESS = 0.15

#: The slope that values below 0 keep while training, so that they can come back.
LEAK = 0.1


def weight_network(
    channels: int, hidden: int, gain: float, fraction: float, name: str, free: str = "all"
) -> Any:
    """Scores (B, C) to weights (B, C) in [0, 6]: `mfst_lib.weight_net.Net` as a Keras model.

    Untrained it is the top-10 % rule with soft edges: w = ReLU6(gain · x). free "gain": only the
    gains learn, so that a map whose score is below the threshold keeps weight 0.
    """
    import keras

    scores = keras.Input((channels,), name="scores")
    x = _scaled(scores, fraction)
    direct_layer = keras.layers.EinsumDense(
        "bc,c->bc",
        output_shape=(channels,),
        bias_axes="c",
        kernel_initializer=keras.initializers.Constant(gain),
        name="direct",
    )
    direct = direct_layer(x)
    units = keras.layers.Dense(hidden, activation="relu", name="hidden")(x)
    mixed = keras.layers.Dense(channels, use_bias=False, kernel_initializer="zeros", name="mixed")(
        units
    )
    network = keras.Model(scores, keras.ops.relu6(direct + mixed), name=name)
    if free == "gain":
        direct_layer.bias.trainable = False
        network.get_layer("hidden").trainable = network.get_layer("mixed").trainable = False
    return network


def _scaled(scores: Any, fraction: float) -> Any:
    """`mfst_lib.weight_net.scaled` for a batch."""
    from keras import ops

    count = selected_count(scores.shape[-1], fraction)
    threshold = ops.top_k(scores, count)[0][:, -1:]
    spread = ops.std(scores, axis=-1, keepdims=True)
    return (scores - threshold) / ops.maximum(spread, LEAST_SPREAD)


def to_net(network: keras.Model, fraction: float) -> Net:
    """The same net for NumPy, its parameters rounded to float16 as files keep them."""
    layers = {name: network.get_layer(name).get_weights() for name in ("direct", "hidden", "mixed")}
    gain, offset = layers["direct"]
    into, bias = layers["hidden"]
    (out,) = layers["mixed"]
    values = (gain, offset, into, bias, out)
    rounded = (value.astype(np.float16).astype(np.float32) for value in values)
    return Net(**dict(zip(PARTS, rounded, strict=True)), fraction=fraction)


def score_model(networks: dict[str, Any]) -> Any:
    """For Eq. 16: scores (B, C) to the weights, and nothing else. Output names are SIGNS."""
    import keras

    channels = networks["positive"].input_shape[-1]
    scores = keras.Input((channels,), name="scores")
    weights = {sign: net(_signed(scores, sign)) for sign, net in networks.items()}
    return keras.Model({"scores": scores}, weights)


def _signed(scores: Any, sign: str) -> Any:
    """M_n = −M_p, so s_n = −s_p."""
    return scores if sign == SIGNS[0] else -scores


def map_model(networks: dict[str, Any], cells: int, alpha: float, b: float, rule: str) -> Any:
    """From the scores of frame k and the maps of a later one to Eq. 13 and Eq. 10 there.

    Inputs: scores (B, C), maps (B, cells, C) float16, covers (B, N, cells) of the candidates.
    Outputs: map (B, cells), the M̂ of Eq. 13, not yet cut at 0; candidates (B, N), their scores
    by Eq. 10 over the first one's area.
    """
    import keras
    from keras import ops

    channels = networks["positive"].input_shape[-1]
    scores = keras.Input((channels,), name="scores")
    maps = keras.Input((cells, channels), name="maps", dtype="float16")
    covers = keras.Input((None, cells), name="covers")
    features = ops.cast(maps, "float32")
    found = [
        _normalised(_times(features, net(_signed(scores, sign))), rule)
        for sign, net in networks.items()
    ]
    difference = found[0] - alpha * found[1] if len(found) > 1 else found[0]
    areas = ops.sum(covers, axis=-1)
    inside = _times(covers, ops.leaky_relu(difference, LEAK)) - b * areas
    candidates = inside / (SOFTNESS * areas[:, :1])
    outputs = {"map": difference, "candidates": candidates}
    inputs = {"scores": scores, "maps": maps, "covers": covers}
    return keras.Model(inputs, outputs)


def _times(matrix: Any, vector: Any) -> Any:
    """(B, N, C) times (B, C): (B, N)."""
    from keras import ops

    return ops.squeeze(ops.matmul(matrix, ops.expand_dims(vector, -1)), -1)


def _normalised(maps: Any, rule: str) -> Any:
    """`mfst_lib.prediction.normalise` for a batch of flat maps (B, cells)."""
    from keras import ops

    lowest = ops.min(maps, -1, keepdims=True) if rule == "min-max" else 0.0
    return (maps - lowest) / (ops.max(maps, -1, keepdims=True) - lowest + TINY)


def losses(kind: str, signs: tuple[str, ...]) -> dict[str, Any]:
    """The loss of each output of `score_model` (kind eq16) or of `map_model` (kind overlap)."""
    if kind == "eq16":
        return dict.fromkeys(signs, eq16)
    return {"map": map_loss, "candidates": overlap_loss}
