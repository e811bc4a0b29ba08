import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mfst_lib
from mfst_lib import FMST, load_export, preset, save_export
from mfst_lib import export as module
from mfst_lib.backbones.catalogue import find_backbone
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.sequences import lab
from mfst_lib.weight_net import Net, WeightNets

CONFIG = preset("default", candidates=50, seed=3)
CHANNELS, HIDDEN = 1824, 2


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    try:
        return save_export(CONFIG, tmp_path_factory.mktemp("export") / "tracker")
    except NotFound as error:
        pytest.skip(str(error))


@pytest.fixture
def copy(exported, tmp_path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "copy"))


@pytest.fixture
def nets(tmp_path) -> Path:
    """Weight nets for the default network that prefer some maps, not those of the selection."""
    rng = np.random.default_rng(0)

    def net() -> Net:
        shapes = {"gain": CHANNELS, "offset": CHANNELS, "bias": HIDDEN}
        parts = {name: rng.normal(size=size).astype(np.float32) for name, size in shapes.items()}
        into, out = np.zeros((CHANNELS, HIDDEN)), np.zeros((HIDDEN, CHANNELS))
        return Net(**parts, into=into.astype(np.float32), out=out.astype(np.float32))

    backbone = find_backbone("efficientnet_lite0")
    made = WeightNets(backbone.name, backbone.taps, {"positive": net(), "negative": net()})
    made.save(tmp_path / "nets.npz")
    return tmp_path / "nets.npz"


def followed(tracker, count=4) -> np.ndarray:
    film = lab.render("portrait")
    tracker.init(film.frames[0], film.boxes[0])
    return np.array([tracker.update(film.frames[number])[1] for number in range(1, count)])


def test_an_export_gives_the_same_boxes_as_what_was_exported(exported):
    tracker = load_export(exported)
    assert tracker.config == CONFIG
    np.testing.assert_array_equal(followed(tracker), followed(FMST(CONFIG)))


def test_8_bits_travel_with_it(tmp_path, exported):
    config = CONFIG.replace(numbers="8-bit")
    folder = save_export(config, tmp_path / "small")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["network"]["numbers"] == "8-bit"
    assert (folder / "model.tflite").stat().st_size < (exported / "model.tflite").stat().st_size / 2
    tracker = load_export(folder)
    assert tracker.config == config
    np.testing.assert_array_equal(followed(tracker), followed(FMST(config)))


def test_the_manifest_says_what_is_there_and_what_made_it(exported):
    manifest = json.loads((exported / "manifest.json").read_text("utf-8"))
    assert {path.name for path in exported.iterdir()} == {*manifest["files"], "manifest.json"}
    assert manifest["network"]["taps"] == list(find_backbone(CONFIG.backbone).taps)
    assert manifest["made_with"]["mfst_lib"] == mfst_lib.__version__
    assert "numpy" in manifest["made_with"]


def test_some_settings_can_be_changed_and_those_of_the_network_cannot(exported):
    tracker = load_export(exported, seed=8, threads=2)
    assert (tracker.config.seed, tracker.config.threads) == (8, 2)
    for name in module.FIXED:
        with pytest.raises(InvalidInput, match=f"{name} was decided"):
            load_export(exported, **{name: getattr(CONFIG, name)})
    with pytest.raises(InvalidInput, match="did you mean roi_scale"):
        load_export(exported, roi_scal=2)


def test_weight_nets_travel_with_it(nets, tmp_path, exported):
    config = CONFIG.replace(weight_net=str(nets), alpha=0.5)
    save_export(config, tmp_path / "with")
    moved = (tmp_path / "with").rename(tmp_path / "moved")
    expected = followed(FMST(config))
    nets.unlink()
    boxes = followed(load_export(moved))
    np.testing.assert_array_equal(boxes, expected)
    assert (boxes != followed(load_export(exported))).any()


def test_files_of_ones_own_travel_with_it(tmp_path):
    from mfst_lib.confidence.calibration import SHIPPED
    from mfst_lib.principal import PrincipalMaps

    backbone, rng = find_backbone("efficientnet_lite0"), np.random.default_rng(0)
    matrix = rng.normal(size=(CHANNELS, 8)).astype(np.float32)
    PrincipalMaps(matrix, backbone.name, backbone.taps).save(tmp_path / "mine.npz")
    shipped = Path(mfst_lib.__file__).parent / "matrices" / "box_fit-efficientnet_lite0.json"
    shutil.copy(shipped, tmp_path / "mine.json")
    shutil.copy(SHIPPED / "beyond-lite0-efficientnet_lite0.json", tmp_path / "sure.json")
    names = {"principal": "mine.npz", "box_fit": "mine.json", "confidence": "sure.json"}
    own = {field: str(tmp_path / name) for field, name in names.items()}
    config = preset("beyond-lite0", candidates=50, **own)
    expected = followed(FMST(config))
    save_export(config, tmp_path / "with")
    moved = (tmp_path / "with").rename(tmp_path / "moved")
    for path in own.values():
        Path(path).unlink()
    tracker = load_export(moved)
    np.testing.assert_array_equal(followed(tracker), expected)
    assert tracker.confidence is not None
    save_export(CONFIG, moved)
    assert not (moved / "principal.npz").exists(), "an export with other files is one to replace"


def test_settings_that_no_tracker_takes_are_not_exported(nets, tmp_path):
    for config, says in (
        (CONFIG.replace(engine="keras"), "engine 'litert'"),
        (CONFIG.replace(weight_net=str(nets), types="SC"), "weight nets read the scores"),
    ):
        with pytest.raises(InvalidInput, match=says):
            save_export(config, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["nets.npz"]


def test_an_earlier_export_is_replaced_and_an_empty_folder_is_filled(copy, tmp_path):
    (tmp_path / "empty").mkdir()
    for folder in (copy, tmp_path / "empty"):
        save_export(CONFIG.replace(seed=5), folder)
        assert load_export(folder).config.seed == 5
    assert {path.name for path in tmp_path.iterdir()} == {"copy", "empty"}


def test_a_folder_with_other_files_is_left_alone(copy, tmp_path):
    (copy / "photo.jpg").write_bytes(b"mine")
    (tmp_path / "file").write_text("mine")
    for place, says in ((copy, "other files"), (tmp_path / "file", "is a file")):
        with pytest.raises(InvalidInput, match=says):
            save_export(CONFIG, place)
    assert (copy / "photo.jpg").read_bytes() == b"mine"
    assert (tmp_path / "file").read_text() == "mine"


def rewrite(folder, **changes):
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def cut(name):
    def damage(folder):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])

    return damage


DAMAGES = {
    "a truncated model": (cut("model.tflite"), "model.tflite is not the file"),
    "a truncated config": (cut("config.json"), "config.json is not the file"),
    "a truncated manifest": (cut("manifest.json"), "is damaged: manifest.json"),
    "no model": (lambda folder: (folder / "model.tflite").unlink(), "model.tflite cannot be read"),
    "no manifest": (lambda folder: (folder / "manifest.json").unlink(), "it has no manifest.json"),
    "a manifest of bytes": (
        lambda folder: (folder / "manifest.json").write_bytes(b"\xff\xfe\x00"),
        "is damaged: manifest.json",
    ),
    "a manifest that is a list": (
        lambda folder: (folder / "manifest.json").write_text("[1]"),
        "is no export",
    ),
    "another program's manifest": (lambda f: rewrite(f, format="web-app"), "is no export"),
    "a later form": (lambda folder: rewrite(folder, version=99), "form 99.*update mfst_lib"),
    "files elsewhere": (
        lambda folder: rewrite(folder, files={"../../etc/passwd": "0"}),
        "manifest.json does not list",
    ),
    "no list of files": (lambda folder: rewrite(folder, files=None), "manifest.json does not list"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_or_foreign_folder_is_told(copy, damage):
    spoil, says = DAMAGES[damage]
    spoil(copy)
    with pytest.raises(InvalidInput, match=says):
        load_export(copy)


def test_every_cut_of_the_model_is_noticed(copy):
    whole = (copy / "model.tflite").read_bytes()
    for length in (0, 1, 100, len(whole) - 1):
        (copy / "model.tflite").write_bytes(whole[:length])
        with pytest.raises(InvalidInput, match="not the file that was exported"):
            load_export(copy)


def test_no_folder_is_told_with_the_command_that_makes_one(tmp_path):
    with pytest.raises(NotFound, match="mfst export --out"):
        load_export(tmp_path / "nowhere")


def test_an_export_is_opened_without_what_made_it(exported):
    """A process in which the packages beyond the base install cannot be imported at all."""
    code = """
import sys
hidden = "tensorflow keras h5py typer joblib matplotlib skimage psutil"
sys.modules.update(dict.fromkeys(hidden.split()))
import numpy as np
from mfst_lib import load_export
tracker = load_export(sys.argv[1])
image = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
tracker.init(image, (40, 30, 20, 20))
print(tracker.update(image)[1].shape)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(exported)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("(4,)\n", 0), done.stderr
