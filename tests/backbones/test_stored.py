from pathlib import Path

import numpy as np
import pytest

from mfst_lib.backbones.catalogue import BACKBONES
from mfst_lib.backbones.engines import load_engine
from mfst_lib.backbones.stored import (
    StoredFeatures,
    load_features,
    make_features,
    save_features,
    stored_frames,
)
from mfst_lib.config import preset
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.roi import ROI, crop, roi_around
from mfst_lib.sequences import lab

DATA = Path(__file__).parents[2] / "data" / "features"
FRAMES = ["cat-walk-0", "cat-walk-1", "cat-walk-40", "twins-0"]
SHAPES = {
    "mobilenet_v3_large": [(14, 14, 1824)],
    "mobilenet_v3_small": [(14, 14, 672)],
    "vgg16": [(28, 28, 512), (14, 14, 512)],
    "efficientnet_lite0": [(14, 14, 1824)],
}


def features(**changes):
    """Small features of two taps that share a grid, with 3 and 2 maps."""
    parts = {
        "backbone": "vgg16",
        "sequence": "lab:cat-walk",
        "number": 7,
        "box": np.array([1.5, 2, 3, 4]),
        "roi": ROI(-1.0, 0.0, 8.0, 8.0),
        "crop": np.arange(192, dtype=np.uint8).reshape(8, 8, 3),
        "taps": {"early": 3, "late": 2},
        "layers": [np.arange(20, dtype=np.float32).reshape(2, 2, 5)],
    }
    return StoredFeatures(**{**parts, **changes})


def test_what_was_saved_comes_back(tmp_path):
    saved = features()
    assert save_features(tmp_path, saved) == tmp_path / "vgg16-cat-walk-7.npz"
    loaded = load_features(tmp_path, "vgg16", "cat-walk-7")
    for name in ("backbone", "sequence", "number", "frame", "roi", "taps"):
        assert getattr(loaded, name) == getattr(saved, name)
    assert loaded.box.tolist() == saved.box.tolist()
    assert np.array_equal(loaded.crop, saved.crop)
    assert loaded.crop.dtype == np.uint8
    assert np.array_equal(loaded.layers[0], saved.layers[0])
    assert loaded.layers[0].dtype == np.float32
    assert [path.name for path in tmp_path.iterdir()] == ["vgg16-cat-walk-7.npz"]


def test_the_maps_of_one_tap_of_a_merged_and_of_an_unmerged_layer():
    merged = features()
    assert np.array_equal(merged.of_tap("early"), merged.layers[0][..., :3])
    assert np.array_equal(merged.of_tap("late"), merged.layers[0][..., 3:])
    apart = features(layers=[np.zeros((4, 4, 3)), np.ones((2, 2, 2))])
    assert apart.of_tap("late").shape == (2, 2, 2)
    with pytest.raises(InvalidInput, match="did you mean early"):
        merged.of_tap("earl")


def test_values_that_half_precision_cannot_hold_are_refused(tmp_path):
    with pytest.raises(InvalidInput, match="65504"):
        save_features(tmp_path, features(layers=[np.full((2, 2, 5), 70_000, np.float32)]))
    assert not list(tmp_path.iterdir())


def test_unknown_names_are_answered_with_those_at_hand(tmp_path):
    with pytest.raises(NotFound, match="no features of vgg16"):
        load_features(tmp_path, "vgg16", "cat-walk-0")
    save_features(tmp_path, features())
    with pytest.raises(InvalidInput, match="there are cat-walk-7"):
        load_features(tmp_path, "vgg16", "../vgg16-cat-walk-7")
    with pytest.raises(InvalidInput, match="did you mean vgg16"):
        load_features(tmp_path, "vgg", "cat-walk-7")
    with pytest.raises(NotFound, match="no folder"):
        load_features(tmp_path / "nowhere", "vgg16", "cat-walk-7")


@pytest.mark.parametrize("kept", [0, 30, 400])
def test_a_cut_file_is_said_to_be_damaged(tmp_path, kept):
    path = save_features(tmp_path, features())
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InvalidInput, match="is damaged"):
        load_features(tmp_path, "vgg16", "cat-walk-7")


def test_a_flipped_byte_among_the_maps_is_noticed(tmp_path):
    path = save_features(tmp_path, features(layers=[np.ones((20, 20, 5), np.float32)]))
    data = bytearray(path.read_bytes())
    place = data.index(b"layer0.npy") + 45
    data[place] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match="is damaged"):
        load_features(tmp_path, "vgg16", "cat-walk-7")


def test_pickles_are_not_run(tmp_path):
    objects = np.array([print], dtype=object)
    np.savez(tmp_path / "vgg16-cat-walk-7.npz", layer0=objects)
    with pytest.raises(InvalidInput, match="pickle"):
        load_features(tmp_path, "vgg16", "cat-walk-7")


def test_maps_that_do_not_fit_their_taps_are_refused(tmp_path):
    save_features(tmp_path, features(taps={"early": 3, "late": 3}))
    with pytest.raises(InvalidInput, match="do not hold the maps"):
        load_features(tmp_path, "vgg16", "cat-walk-7")


@pytest.mark.parametrize("backbone", BACKBONES)
def test_the_bundled_files_hold_the_default_taps_of_every_frame(backbone):
    assert stored_frames(DATA, backbone) == FRAMES
    for frame in FRAMES:
        seen = load_features(DATA, backbone, frame)
        assert tuple(seen.taps) == BACKBONES[backbone].taps
        assert [layer.shape for layer in seen.layers] == SHAPES[backbone]
        assert (seen.backbone, seen.frame, seen.crop.shape) == (backbone, frame, (224, 224, 3))
        assert (seen.layers[-1].max(axis=(0, 1)) > 0).sum() > 300  # many maps answer


def test_the_bundled_files_are_small():
    sizes = [path.stat().st_size for path in DATA.glob("*.npz")]
    assert max(sizes) < 3_000_000
    assert sum(sizes) < 12_000_000


@pytest.mark.parametrize(("frame", "number"), [("cat-walk-0", 0), ("cat-walk-40", 40)])
def test_bundled_frame_box_and_crop_are_the_labs(frame, number):
    sequence = lab.render("cat-walk")
    seen = load_features(DATA, "efficientnet_lite0", frame)
    assert np.allclose(seen.box, sequence.boxes[number], atol=1e-6)
    assert seen.roi == roi_around(seen.box, 2.0)
    again = crop(sequence.frames[number], seen.roi, 224)
    # Other versions of OpenCV round a little differently.
    assert np.abs(again.astype(int) - seen.crop).mean() < 1


def test_bundled_maps_equal_the_engines_within_half_precision():
    seen = load_features(DATA, "efficientnet_lite0", "cat-walk-0")
    (maps,) = load_engine(preset("paper"))(seen.crop)
    assert np.allclose(maps, seen.layers[0], rtol=2**-10, atol=2e-3)


def test_made_features_are_what_the_engine_gives():
    image = lab.render("cat-walk").frames[0]
    made = make_features(preset("paper"), "lab:cat-walk", 0, image, [96, 109, 80, 67])
    (maps,) = load_engine(preset("paper"))(made.crop)
    assert np.array_equal(made.layers[0], maps)
    assert made.roi == ROI(136 - 80, 142.5 - 80, 160, 160)
    assert list(made.taps.values()) == [480, 672, 672]


@pytest.mark.parametrize("backbone", [name for name in BACKBONES if name != "efficientnet_lite0"])
def test_bundled_maps_of_the_papers_networks_are_made_from_their_weights(backbone, mfst_weights):
    seen = load_features(DATA, backbone, "cat-walk-0")
    for maps, stored in zip(
        load_engine(preset("paper", backbone=backbone), mfst_weights)(seen.crop),
        seen.layers,
        strict=True,
    ):
        assert np.corrcoef(maps.ravel(), stored.ravel())[0, 1] > 0.9
