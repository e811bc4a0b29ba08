"""Tests of mfst_lib.backbones.networks and efficientnet_lite0: they need Keras."""

import re
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from mfst_lib.backbones import convert, efficientnet_lite0, networks
from mfst_lib.backbones.catalogue import BACKBONES
from mfst_lib.backbones.networks import tap_output, tapped_network
from mfst_lib.backbones.torch_file import read_state_dict
from mfst_lib.backbones.weights import Weights, find_weights
from mfst_lib.errors import InvalidInput, NotFound

keras = pytest.importorskip("keras")
# Keras says twice of a missing layer what it then raises.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Skipping nested container"),
    pytest.mark.filterwarnings("ignore:__array__ implementation"),
]

rng = np.random.default_rng(0)
CROP = rng.integers(0, 256, (1, 64, 64, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def built():
    """Each network with random weights, built once."""
    made = {
        name: getattr(keras.applications, constructor)(
            input_shape=(224, 224, 3), include_top=False, weights=None
        )
        for name, constructor in networks._APPLICATIONS.items()
    }
    return {**made, "efficientnet_lite0": efficientnet_lite0.build(224)}


@pytest.fixture(scope="module")
def small_file(tmp_path_factory):
    """Random weights of MobileNetV3-Small for an input of 64 pixels, and their network."""
    network = keras.applications.MobileNetV3Small(
        input_shape=(64, 64, 3), include_top=False, weights=None
    )
    path = tmp_path_factory.mktemp("small") / "mobilenet_v3_small.weights.h5"
    network.save_weights(path)
    return path, network


SHAPES = {
    "mobilenet_v3_large": [(14, 14, 480), (14, 14, 672), (14, 14, 672)],
    "mobilenet_v3_small": [(14, 14, 240), (14, 14, 144), (14, 14, 288)],
    "vgg16": [(28, 28, 512), (14, 14, 512)],
    "efficientnet_lite0": [(14, 14, 480), (14, 14, 672), (14, 14, 672)],
}


@pytest.mark.parametrize("name", BACKBONES)
def test_the_default_taps_have_the_papers_shapes(built, name):
    shapes = [tuple(tap_output(built[name], tap).shape[1:]) for tap in BACKBONES[name].taps]
    assert shapes == SHAPES[name]


@pytest.mark.parametrize(
    ("name", "tap", "layer", "shape"),
    [
        ("mobilenet_v3_large", "block1_depthwise", None, (112, 112, 16)),
        ("mobilenet_v3_large", "block1_output", "expanded_conv_add", (112, 112, 16)),
        ("mobilenet_v3_large", "block2_expand", None, (112, 112, 64)),
        ("mobilenet_v3_large", "block2_output", "expanded_conv_1_project_bn", (56, 56, 24)),
        ("mobilenet_v3_large", "block12_output", "expanded_conv_11_add", (14, 14, 112)),
        ("mobilenet_v3_large", "block13_depthwise", None, (7, 7, 672)),
        ("mobilenet_v3_large", "block15_output", "expanded_conv_14_add", (7, 7, 160)),
        ("mobilenet_v3_small", "block1_output", "expanded_conv_project_bn", (56, 56, 16)),
        ("mobilenet_v3_small", "block6_output", "expanded_conv_5_add", (14, 14, 40)),
        ("mobilenet_v3_small", "block9_depthwise", None, (7, 7, 288)),
        ("mobilenet_v3_small", "block11_output", "expanded_conv_10_add", (7, 7, 96)),
        ("efficientnet_lite0", "block1_output", "block1_output", (112, 112, 16)),
        ("efficientnet_lite0", "block11_output", "block11_output", (14, 14, 112)),
        ("efficientnet_lite0", "block16_output", "block16_output", (7, 7, 320)),
    ],
)
def test_an_alias_is_the_output_of_its_bottleneck(built, name, tap, layer, shape):
    output = tap_output(built[name], tap)
    assert tuple(output.shape[1:]) == shape
    if layer is not None:
        assert output is built[name].get_layer(layer).output


@pytest.mark.parametrize("name", ["mobilenet_v3_large", "mobilenet_v3_small"])
@pytest.mark.parametrize("step", ["expand", "depthwise"])
def test_an_alias_is_the_maps_after_the_activation_of_its_own_bottleneck(built, name, step):
    network, found = built[name], 0
    for number in range(2, 16):
        norm = f"expanded_conv_{number - 1}_{step}_bn"
        if norm not in [layer.name for layer in network.layers]:
            continue
        found += 1
        history = tap_output(network, f"block{number}_{step}")._keras_history.operation
        assert type(history) in (keras.layers.ReLU, keras.layers.Activation)
        assert history.input is network.get_layer(norm).output
    assert found == {"mobilenet_v3_large": 14, "mobilenet_v3_small": 10}[name]


def test_any_layer_can_be_a_tap(small_file):
    path, network = small_file
    weights = Weights(path, "")
    names = [layer.name for layer in network.layers if layer.name.startswith("expanded_conv")]
    taps = tuple(names[::7])
    outputs = tapped_network("mobilenet_v3_small", taps, 64, weights).outputs
    assert len(taps) > 10
    for tap, output in zip(taps, outputs, strict=True):
        assert output.shape == network.get_layer(tap).output.shape


def test_an_unknown_tap_is_answered_with_the_nearest(built):
    with pytest.raises(InvalidInput, match=r"tap of efficientnet_lite0 'blok9_expand'.*block9_exp"):
        tap_output(built["efficientnet_lite0"], "blok9_expand")
    with pytest.raises(InvalidInput, match=r"'block11_expend'.*block11_expand"):
        tap_output(built["mobilenet_v3_large"], "block11_expend")
    with pytest.raises(InvalidInput, match=r"'block16_output'.*block15_output"):
        tap_output(built["mobilenet_v3_large"], "block16_output")


def test_a_tap_that_gives_no_maps_is_refused():
    image = keras.Input((32, 32, 3))
    flat = keras.layers.GlobalAveragePooling2D(name="pooled")(image)
    with pytest.raises(InvalidInput, match=r"'pooled' gives \(None, 3\), not feature maps"):
        tap_output(keras.Model(image, flat), "pooled")


def test_an_unknown_backbone_is_refused():
    with pytest.raises(InvalidInput, match="unknown backbone 'resnet'"):
        tapped_network("resnet", ("a",), 64, Weights(None, ""))


def test_the_outputs_are_the_taps_in_the_order_given_with_the_weights_of_the_file(small_file):
    path, network = small_file
    taps = ("block8_expand", "expanded_conv_2_add", "block6_expand", "block1_output")
    maps = tapped_network("mobilenet_v3_small", taps, 64, Weights(path, "")).predict_on_batch(CROP)
    plain = keras.Model(network.input, [tap_output(network, tap) for tap in taps])
    expected = plain.predict_on_batch(CROP.astype(np.float32))
    assert [m.shape[3] for m in maps][:1] == [144]
    for got, wanted in zip(maps, expected, strict=True):
        assert got.shape == wanted.shape
        assert np.abs(wanted).max() > 0
        assert np.allclose(got, wanted, atol=1e-5)


def test_a_single_tap_is_a_list_of_one(small_file):
    network = tapped_network("mobilenet_v3_small", ("block6_expand",), 64, Weights(*small_file))
    assert len(network.outputs) == 1


def test_vgg16_gets_the_colours_that_it_was_trained_on():
    image = CROP.astype(np.float32)
    expected = keras.applications.vgg16.preprocess_input(image.copy())
    assert np.allclose(np.asarray(networks._prepared("vgg16", image)), expected, atol=1e-4)
    assert networks._prepared("mobilenet_v3_large", image) is image


@pytest.fixture(scope="module")
def lite0_state():
    try:
        return read_state_dict(find_weights("efficientnet_lite0", Path(__file__).parent).path)
    except NotFound as error:
        pytest.skip(str(error))


def head(maps, state):
    """EfficientNet-Lite0's classifier behind block 16, in NumPy; (1000,) scores."""
    x = maps.astype(np.float64) @ state["_conv_head.weight"][:, :, 0, 0].T
    scale = state["_bn1.weight"] / np.sqrt(state["_bn1.running_var"] + 1e-3)
    x = np.clip((x - state["_bn1.running_mean"]) * scale + state["_bn1.bias"], 0, 6)
    return state["_fc.weight"] @ x.mean(axis=(0, 1)) + state["_fc.bias"]


@pytest.fixture(scope="module")
def lite0(lite0_state):
    assert lite0_state
    weights = find_weights("efficientnet_lite0", Path(__file__).parent)
    return tapped_network("efficientnet_lite0", ("block16_output",), 224, weights)


@pytest.mark.parametrize(("photograph", "label"), [("chelsea", 285), ("coffee", 967)])
def test_efficientnet_lite0_recognises_a_cat_and_an_espresso(lite0, lite0_state, photograph, label):
    data = pytest.importorskip("skimage.data")
    image = getattr(data, photograph)()
    side = min(image.shape[:2])
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    square = image[top : top + side, left : left + side]
    small = cv2.resize(square, (224, 224), interpolation=cv2.INTER_AREA)
    maps = lite0.predict_on_batch(small[np.newaxis])[0]
    assert maps.shape == (7, 7, 320)
    assert head(maps, lite0_state).argmax() == label


def test_a_keras_file_serves_for_efficientnet_lite0_too(tmp_path):
    network = efficientnet_lite0.build(64)
    path = tmp_path / "efficientnet_lite0.weights.h5"
    network.save_weights(path)
    again = networks._network("efficientnet_lite0", 64, Weights(path, ""))
    assert len(network.get_weights()) == 5 * (1 + 15 + 16 + 16)  # stem, expand, depthwise, project
    for got, wanted in zip(again.get_weights(), network.get_weights(), strict=True):
        assert (got == wanted).all()


@pytest.mark.parametrize("broken", ["missing", "shape"])
def test_a_state_dict_that_does_not_fit_is_refused_by_name(lite0_state, broken):
    state = dict(lite0_state)
    name = "_blocks.3._bn1.running_var"
    if broken == "missing":
        del state[name]
        words = f"{name} are missing"
    else:
        state[name] = state[name][:-1]
        words = "_blocks.3._depthwise_conv are not EfficientNet-Lite0's"
    with pytest.raises(InvalidInput, match=words):
        efficientnet_lite0.load_state_dict(efficientnet_lite0.build(64), state)


def damaged_file(damage, folder, small_file):
    """A file in the folder, whose name says which network it claims to be of."""
    claims = "small" if damage in ("truncated", "a layer less") else "large"
    path = folder / f"mobilenet_v3_{claims}.weights.h5"
    shutil.copy(small_file, path)
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    elif damage == "a layer less":
        with pytest.importorskip("h5py").File(path, "a") as file:
            del file["layers/batch_normalization_5"]
    elif damage == "text":
        path.write_text("<html>not found</html>")
    elif damage == "poison":
        path.write_bytes(b"cos\nsystem\n(S'touch " + bytes(folder / "marker") + b"'\ntR.")
    elif damage == "empty":
        path.write_bytes(b"")
    return path


@pytest.mark.parametrize(
    "damage", ["another network", "truncated", "a layer less", "text", "poison", "empty"]
)
def test_damaged_or_foreign_weights_are_refused_by_file_name(tmp_path, small_file, damage):
    path = damaged_file(damage, tmp_path, small_file[0])
    name = path.name.split(".")[0]
    weights = find_weights(name, tmp_path)
    with pytest.raises(InvalidInput, match=rf"{path.name} does not hold whole weights of"):
        tapped_network(name, BACKBONES[name].taps, 64, weights)
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("name", ["mobilenet_v3_large", "mobilenet_v3_small", "vgg16"])
def test_official_weights_that_cannot_be_had_name_the_three_ways(monkeypatch, name):
    def offline(*args, **kwargs):
        raise Exception("URL fetch failure: no network")

    utils = pytest.importorskip("keras.src.utils.file_utils")
    monkeypatch.setattr(utils, "get_file", offline)
    weights = Weights(None, "keras-applications")
    with pytest.raises(NotFound, match=r"no network.*\(1\).*\(2\).*\(3\)"):
        tapped_network(name, BACKBONES[name].taps, 224, weights)


@pytest.mark.parametrize("name", ["mobilenet_v3_large", "mobilenet_v3_small"])
@pytest.mark.usefixtures("mfst_weights")
def test_one_squeeze_layer_of_each_mobilenet_is_never_active(name):
    """Its range is 0: that is why XNNPACK refuses these networks in 8 bits."""
    network = networks._network(name, 224, find_weights(name))
    ends = [one for one in network.layers if one.name.endswith("squeeze_excite_relu")]
    # The last block with taps; what comes later is no part of our models.
    last = {"mobilenet_v3_large": 11, "mobilenet_v3_small": 7}[name]
    ends = [one for one in ends if int((re.findall(r"\d+", one.name) or [0])[0]) <= last]
    crops = np.array(convert.some_crops(224), dtype=np.float32)
    found = keras.Model(network.input, [one.output for one in ends]).predict(crops, verbose=0)
    assert [one.max() > 0 for one in found].count(False) == 1
    assert BACKBONES[name].numbers == ("float32",)
