"""Tests of mfst_lib.backbones.engines, models and convert."""

import dataclasses
import functools
import importlib.util
import json
import logging
import subprocess
import sys

import numpy as np
import pytest

from mfst_lib.backbones import convert, engines, models
from mfst_lib.backbones.catalogue import BACKBONES
from mfst_lib.backbones.engines import (
    Layers,
    LiteRTEngine,
    as_layers,
    load_engine,
    model_spec,
    taps_of,
)
from mfst_lib.backbones.models import ModelSpec, cache_folder, converted_model
from mfst_lib.backbones.weights import Weights, find_weights
from mfst_lib.config import TrackerConfig, preset
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.sequences import lab
from mfst_lib.tracker import FMST

needs_keras = pytest.mark.skipif(
    importlib.util.find_spec("keras") is None, reason='pip install "mfst_lib[keras]"'
)
CONFIG = TrackerConfig(roi_scale=2.5)
SPEC = ModelSpec("vgg16", ("a", "b"), 64, Weights(None, "f" * 64))
MODEL = b"\x1c\x00\x00\x00TFL3" + bytes(range(256)) * 4


@functools.cache
def film():
    """Twenty frames of an easy lab sequence."""
    return lab.render(dataclasses.replace(lab.scene("portrait"), length=20))


@functools.cache
def photograph(size=224):
    frame = film().frames[3]
    return np.ascontiguousarray(frame[:size, :size])


@functools.cache
def shared_engine(backbone="efficientnet_lite0", engine="litert", taps=(), merge=True):
    """An engine from the user's own cache, loaded once for all tests."""
    try:
        return load_engine(
            TrackerConfig(backbone=backbone, engine=engine, taps=taps, merge_taps=merge)
        )
    except NotFound as error:
        pytest.skip(str(error))


# What the engines compute.


def largest_difference(got, wanted):
    """The largest difference of each layer, over the layer's maximum if that is above 1."""
    assert [maps.shape for maps in got] == [maps.shape for maps in wanted]
    return max(
        np.abs(a - b).max() / max(1, np.abs(b).max()) for a, b in zip(got, wanted, strict=True)
    )


@needs_keras
def test_both_engines_give_the_same_maps():
    litert = shared_engine()(photograph())
    keras = shared_engine(engine="keras")(photograph())
    assert [maps.shape for maps in litert] == [(14, 14, 1824)]
    assert litert[0].dtype == keras[0].dtype == np.float32
    assert litert[0].max() > 1
    # ReLU6 keeps these maps within 0..6: an absolute measure.
    assert np.abs(litert[0] - keras[0]).max() < 1e-3


@needs_keras
@pytest.mark.parametrize("backbone", ["mobilenet_v3_large", "mobilenet_v3_small", "vgg16"])
@pytest.mark.usefixtures("mfst_weights")
def test_both_engines_give_the_same_maps_for_the_other_networks(backbone):
    litert = shared_engine(backbone)(photograph())
    keras = shared_engine(backbone, "keras")(photograph())
    assert min(maps.max() for maps in litert) > 1
    # VGG16's maps reach 2000: the difference is measured against a layer's maximum.
    assert largest_difference(litert, keras) < 1e-3


@needs_keras
@pytest.mark.parametrize("name", ["default", "beyond-lite0"])
def test_two_programs_track_alike_to_the_last_digit(name):
    """Their maps differ by rounding; a box is chosen, or corrected in steps, and so the same."""
    equal = []
    for scene in ("cat-walk", "twins", "moon-flyover"):
        frames, start = lab.render(scene).frames, lab.render(scene).boxes[0]
        runs = []
        for program in ("litert", "keras"):
            tracker = FMST(preset(name, engine=program), engine=shared_engine(engine=program))
            tracker.init(frames[0], start)
            runs.append([tracker.update(frames[number])[1] for number in range(1, 30)])
        equal.append((np.array(runs[0]) == np.array(runs[1])).all())
    assert sum(equal) >= 2  # once in some thousand steps an error may tip a choice


@needs_keras
def test_both_engines_give_the_same_track():
    found = {}
    for engine in ("litert", "keras"):
        tracker = FMST(CONFIG.replace(engine=engine), engine=shared_engine(engine=engine))
        tracker.init(film().frames[0], film().boxes[0])
        found[engine] = [
            (*tracker.update(frame)[1], tracker.view.best) for frame in film().frames[1:]
        ]
    litert, keras = np.array(found["litert"]), np.array(found["keras"])
    assert (litert[:, 4] == keras[:, 4]).all()
    assert np.abs(litert - keras).max() < 1e-2
    assert np.ptp(litert[:, 0]) > 1


TAPS = BACKBONES["efficientnet_lite0"].taps


def test_the_outputs_come_in_the_order_of_the_taps():
    forwards = shared_engine(merge=False)(photograph())
    backwards = shared_engine(taps=TAPS[::-1], merge=False)(photograph())
    assert [maps.shape[2] for maps in forwards] == [480, 672, 672]
    assert (forwards[1] != forwards[2]).any()
    for one, other in zip(forwards, backwards[::-1], strict=True):
        assert np.allclose(one, other, atol=1e-5)


def test_merged_maps_are_the_separate_ones_side_by_side():
    (merged,) = shared_engine()(photograph())
    assert (merged == np.concatenate(shared_engine(merge=False)(photograph()), axis=2)).all()


def test_the_maps_are_the_callers_and_outlive_the_next_frame():
    for engine in (shared_engine(), shared_engine(merge=False)):
        first = engine(photograph())
        kept = [maps.copy() for maps in first]
        engine(255 - photograph())
        for maps, copy in zip(first, kept, strict=True):
            assert (maps == copy).all()
            maps[:] = 0
        again = engine(photograph())
        assert all((maps == copy).all() for maps, copy in zip(again, kept, strict=True))


def test_maps_that_nobody_reads_or_holds_are_never_copied(monkeypatch):
    engine = shared_engine()
    engine(photograph())
    for name in ("keep", "__getitem__"):
        monkeypatch.setattr(engines.Layers, name, lambda *_: pytest.fail("copied"))
    for _ in range(3):
        layers = engine(photograph())
        assert [maps.shape[2] for maps in layers.taps[0]] == [480, 672, 672]
        del layers


def test_an_engine_whose_taps_are_held_by_a_traceback_goes_on_with_other_memory():
    engine = load_engine(CONFIG)
    expected = engine(photograph())[0].copy()
    held = engine(photograph()).taps[0]
    assert engine(255 - photograph())[0].shape == expected.shape
    assert (np.concatenate(held, axis=2) == expected).all()
    del held
    assert (engine(photograph())[0] == expected).all()


def test_maps_that_are_held_but_not_yet_read_do_not_change_with_the_next_crop():
    for engine in (shared_engine(), shared_engine(merge=False)):
        expected = [maps.copy() for maps in engine(photograph())]
        held = engine(photograph())
        engine(255 - photograph())
        assert all((a == b).all() for a, b in zip(held, expected, strict=True))
        other = engine(255 - photograph())
        assert all((a != b).any() for a, b in zip(held, other, strict=True))


def test_layers_are_a_sequence_of_arrays_made_once():
    taps = [[np.ones((4, 4, 2), np.float32), np.zeros((4, 4, 3), np.float32)], [np.ones((8, 8, 1))]]
    layers = Layers(taps)
    assert (len(layers), [maps.shape for maps in layers]) == (2, [(4, 4, 5), (8, 8, 1)])
    assert layers[0] is layers[0] is layers[-2] is layers[:1][0]
    assert not np.shares_memory(layers[1], taps[1][0])
    with pytest.raises(IndexError):
        layers[2]


def test_taps_of_arrays_are_these_arrays():
    arrays = [np.ones((4, 4, 2), np.float32), np.ones((8, 8, 3), np.float32)]
    assert [[id(maps) for maps in taps] for taps in taps_of(arrays)] == [[id(a)] for a in arrays]


def test_the_multiply_adds_of_a_network_are_counted():
    # Published for the whole EfficientNet-Lite0: 407 million. Ours ends after two thirds.
    assert 200e6 < shared_engine().multiply_adds() < 407e6


@needs_keras
def test_a_device_that_is_not_there_is_refused():
    import keras

    from mfst_lib.backbones.devices import on_device

    with pytest.raises(InvalidInput, match="unknown device 'tpu'.*gpu"):
        on_device("tpu")
    if not keras.distribution.list_devices("gpu"):
        with pytest.raises(InvalidInput, match="no GPU that Keras on .*--device cpu"):
            on_device("gpu")
    with on_device("cpu"):
        assert float(keras.ops.sum(keras.ops.ones(3))) == 3


def test_as_layers_merges_only_what_shares_a_grid():
    taps = [np.ones((4, 4, 2), np.float32), np.ones((4, 4, 3), np.float32)]
    other = np.ones((8, 8, 3), np.float32)
    assert [maps.shape for maps in as_layers(taps, True)] == [(4, 4, 5)]
    assert [maps.shape for maps in as_layers(taps, False)] == [(4, 4, 2), (4, 4, 3)]
    assert [maps.shape for maps in as_layers([*taps, other], True)] == [
        (4, 4, 2),
        (4, 4, 3),
        (8, 8, 3),
    ]
    assert not any(
        np.shares_memory(a, b) for a, b in zip(taps, as_layers(taps, False), strict=True)
    )


@pytest.mark.parametrize("model", [b"", b"no model", MODEL])
def test_what_is_no_model_is_refused(model):
    with pytest.raises(InvalidInput, match="LiteRT cannot run this model"):
        LiteRTEngine(model)


def test_a_model_spec_says_what_the_configuration_asks_for(tmp_path):
    (tmp_path / "vgg16.weights.h5").write_bytes(b"x")
    spec = model_spec(TrackerConfig(backbone="vgg16", input_size=96), tmp_path)
    assert (spec.backbone, spec.taps, spec.input_size) == ("vgg16", BACKBONES["vgg16"].taps, 96)
    assert spec.weights == find_weights("vgg16", tmp_path)
    assert model_spec(TrackerConfig(backbone="vgg16", taps=("x",)), tmp_path).taps == ("x",)
    with pytest.raises(InvalidInput, match="unknown backbone 'vgg17'.*vgg16"):
        model_spec(TrackerConfig(backbone="vgg17"))


# Numbers of 8 bits.

EIGHT = TrackerConfig(numbers="8-bit")


@functools.cache
def eight_bit_maps():
    try:
        return load_engine(EIGHT)(photograph())[0].copy()
    except NotFound as error:
        pytest.skip(str(error))


def test_maps_in_8_bits_are_nearly_those_in_float32():
    exact, rounded = shared_engine()(photograph())[0], eight_bit_maps()
    assert (rounded.shape, rounded.dtype) == (exact.shape, np.float32)
    assert np.corrcoef(exact.ravel(), rounded.ravel())[0, 1] > 0.98
    # Each tap has at most 256 values: it is 8 bits that the network computed with.
    ends = np.cumsum([480, 672, 672])
    for start, end in zip([0, *ends], ends, strict=False):
        values = [len(np.unique(maps[..., start:end])) for maps in (rounded, exact)]
        assert values[0] <= 256 < values[1]


def test_a_network_that_cannot_be_run_in_8_bits_is_refused_with_those_that_can():
    with pytest.raises(InvalidInput, match=r"large runs with numbers=float32; .*lite0 run$"):
        model_spec(EIGHT.replace(backbone="mobilenet_v3_large"))
    assert model_spec(EIGHT).numbers == "8-bit"


def test_8_bits_need_the_engine_litert():
    with pytest.raises(InvalidInput, match=r"numbers='8-bit' needs engine='litert'"):
        load_engine(EIGHT.replace(engine="keras"))


def test_the_crops_that_show_the_ranges_are_always_the_same():
    pytest.importorskip("skimage")
    crops, again = convert.some_crops(64), convert.some_crops(64)
    assert {(crop.shape, crop.dtype.name) for crop in crops} == {((64, 64, 3), "uint8")}
    assert (np.array(crops) == np.array(again)).all()
    assert len({crop.tobytes() for crop in crops}) == convert.CROPS


def test_without_scikit_image_pip_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(NotFound, match=r'pip install "mfst_lib\[eval\]"'):
        convert.some_crops(64)


# The cache.


@pytest.fixture
def conversions(monkeypatch, tmp_path):
    """A cache of its own, and the list of conversions made: a fake converter fills it."""
    monkeypatch.setenv("MFST_CACHE", str(tmp_path / "cache"))
    made = []

    def convert(spec):
        made.append(spec)
        return MODEL

    monkeypatch.setattr(models, "_convert", convert)
    return made


def cached_files():
    (model,) = cache_folder().glob(f"{SPEC.key()}-*.tflite")
    return model, cache_folder() / f"{SPEC.key()}.json"


def test_a_second_load_does_not_convert(conversions):
    assert converted_model(SPEC) == MODEL
    assert converted_model(SPEC) == MODEL
    assert conversions == [SPEC]
    names = {path.name for path in cache_folder().iterdir() if path.suffix != ".lock"}
    assert names == {path.name for path in cached_files()}


def test_the_seal_says_what_the_model_was_made_of(conversions):
    converted_model(SPEC)
    seal = json.loads(cached_files()[1].read_text(encoding="utf-8"))
    assert (seal["backbone"], seal["taps"], seal["input_size"]) == ("vgg16", ["a", "b"], 64)
    assert (seal["weights"], seal["numbers"]) == ("f" * 64, "float32")
    assert "tensorflow" in seal["made_with"]


def flip_a_bit(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGES = {
    "truncated model": lambda model, seal: model.write_bytes(MODEL[:-1]),
    "empty model": lambda model, seal: model.write_bytes(b""),
    "flipped bit": lambda model, seal: flip_a_bit(model),
    "no model": lambda model, seal: model.unlink(),
    "no seal": lambda model, seal: seal.unlink(),
    "half a seal": lambda model, seal: seal.write_text(seal.read_text()[:40]),
    "empty seal": lambda model, seal: seal.write_text(""),
    "seal of another kind": lambda model, seal: seal.write_text("[1, 2]"),
    "seal without a hash": lambda model, seal: seal.write_text("{}"),
    "hash of another kind": lambda model, seal: seal.write_text('{"sha256": null}'),
    "seal in no encoding": lambda model, seal: seal.write_bytes(b"\xff\xfe\x00"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_is_converted_again_and_never_read(conversions, damage):
    converted_model(SPEC)
    DAMAGES[damage](*cached_files())
    assert converted_model(SPEC) == MODEL
    assert len(conversions) == 2
    assert converted_model(SPEC) == MODEL
    assert len(conversions) == 2


@pytest.mark.parametrize("damage", ["truncated model", "flipped bit"])
def test_a_damaged_model_is_said(conversions, caplog, damage):
    converted_model(SPEC)
    DAMAGES[damage](*cached_files())
    with caplog.at_level(logging.WARNING):
        converted_model(SPEC)
    assert len(caplog.messages) == 1
    assert "is damaged: converting it again" in caplog.messages[0]


@pytest.mark.parametrize(
    "change",
    [
        {"backbone": "mobilenet_v3_large"},
        {"taps": ("b", "a")},
        {"taps": ("a",)},
        {"taps": ("ab",)},
        {"input_size": 96},
        {"weights": Weights(None, "e" * 64)},
        {"numbers": "8-bit"},
    ],
)
def test_the_key_changes_with_what_the_model_is_made_of(change):
    assert dataclasses.replace(SPEC, **change).key() != SPEC.key()


def test_the_key_changes_with_the_code_and_the_packages(monkeypatch):
    before = SPEC.key()
    monkeypatch.setattr(models, "_source_hash", lambda: "other")
    code = SPEC.key()
    monkeypatch.setattr(models, "_package_versions", lambda: {"tensorflow": "0"})
    assert len({before, code, SPEC.key()}) == 3


def test_the_key_does_not_change_with_where_the_weights_lie(tmp_path):
    moved = dataclasses.replace(SPEC, weights=Weights(tmp_path / "x", "f" * 64))
    assert moved.key() == SPEC.key()


@pytest.mark.parametrize("inside", ["", "deeper"])
def test_a_cache_that_cannot_be_written_is_survived_with_a_line(
    conversions, monkeypatch, tmp_path, caplog, inside
):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("MFST_CACHE", str(tmp_path / "file" / inside))
    with caplog.at_level(logging.WARNING):
        assert converted_model(SPEC) == MODEL
    assert len(caplog.messages) == 1
    assert f"the model cache {tmp_path / 'file'}" in caplog.messages[0]
    assert (tmp_path / "file").read_text() == "no folder"
    assert len(conversions) == 1


def test_the_cache_is_the_users_unless_named(monkeypatch, tmp_path):
    monkeypatch.setenv("MFST_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("MFST_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder().name == "mfst_lib"


def test_a_cached_model_needs_no_tensorflow(monkeypatch, tmp_path):
    wanted = shared_engine()(photograph())
    real = converted_model(model_spec(CONFIG))
    monkeypatch.setenv("MFST_CACHE", str(tmp_path))
    monkeypatch.setattr(models, "_convert", lambda spec: real)
    load_engine(CONFIG)
    monkeypatch.setattr(models, "_convert", lambda spec: pytest.fail("converted again"))
    assert (load_engine(CONFIG)(photograph())[0] == wanted[0]).all()


def test_without_tensorflow_and_without_a_cached_model_pip_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("MFST_CACHE", str(tmp_path))
    monkeypatch.setattr(models, "_package_versions", lambda: {"keras": None, "tensorflow": None})
    with pytest.raises(NotFound, match=r'pip install "mfst_lib\[keras\]"'):
        converted_model(SPEC)


def test_no_tensorflow_is_loaded_by_a_tracker_with_a_cached_model():
    shared_engine()
    code = """
import sys, numpy as np
from mfst_lib import FMST, preset
tracker = FMST(preset("default"))
image = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
tracker.init(image, (40, 30, 20, 20))
tracker.update(image)
print(*{name.split(".")[0] for name in sys.modules})
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "ai_edge_litert" in loaded
    assert not loaded & {"tensorflow", "keras", "jax", "torch", "h5py"}
    assert done.stderr == "" or "XNNPACK" in done.stderr


# The converter's process.


@needs_keras
def nothing_but_locks(folder):
    return all(path.suffix == ".lock" for path in folder.iterdir())


def test_an_error_in_the_converters_process_comes_back_as_what_it_was(monkeypatch, tmp_path):
    monkeypatch.setenv("MFST_CACHE", str(tmp_path))
    try:
        spec = model_spec(CONFIG.replace(taps=("block9_expandd",), input_size=32))
    except NotFound as error:
        pytest.skip(str(error))
    with pytest.raises(InvalidInput, match=r"^unknown tap of efficientnet_lite0.*block9_expand "):
        converted_model(spec)
    assert nothing_but_locks(tmp_path)


@pytest.mark.parametrize(
    ("stderr", "kind", "message"),
    [
        ("I0000 chatter\nNotFound: no weights for vgg16: go online\n", NotFound, "no weights for"),
        ("InvalidInput: unknown tap 'x'", InvalidInput, "unknown tap 'x'"),
        ("Traceback ...\nKeyError: 'x'\n", InvalidInput, "converting vgg16 failed: KeyError: 'x'"),
        ("Killed", InvalidInput, "converting vgg16 failed: Killed"),
        ("", InvalidInput, "converting vgg16 failed: no message"),
    ],
)
def test_the_last_line_of_the_converter_becomes_the_error(stderr, kind, message):
    error = models._failure(stderr, SPEC)
    assert type(error) is kind
    assert str(error).startswith(message)


@pytest.mark.parametrize(
    ("status", "output"), [(1, MODEL), (0, b""), (0, b"hello"), (-9, MODEL[:100])]
)
def test_a_converter_that_fails_or_gives_no_model_is_an_error(
    monkeypatch, tmp_path, status, output
):
    def run(command, **_):
        return subprocess.CompletedProcess(command, status, stdout=output, stderr=b"why")

    monkeypatch.setenv("MFST_CACHE", str(tmp_path))
    monkeypatch.setattr(models, "_package_versions", lambda: {"keras": "3", "tensorflow": "2"})
    monkeypatch.setattr(models.subprocess, "run", run)
    with pytest.raises(InvalidInput, match="converting vgg16 failed: why"):
        converted_model(SPEC)
    assert nothing_but_locks(tmp_path)


def test_configurations_that_need_the_same_engine_share_one():
    engine = engines.shared_engine(CONFIG)
    assert engines.shared_engine(CONFIG.replace(seed=5, b=0.3)) is engine
    assert engines.shared_engine(CONFIG.replace(merge_taps=not CONFIG.merge_taps)) is not engine
    assert load_engine(CONFIG) is not engine
