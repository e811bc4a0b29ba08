"""Settings: which place counts, what each may say, and what is told when it cannot be."""

import json
import os
from pathlib import Path

import pytest

from mfst_lib import settings
from mfst_lib.backbones.catalogue import BACKBONES
from mfst_lib.backbones.models import cache_folder
from mfst_lib.config import PRESETS, preset
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.sequences.catalogue import data_root


@pytest.fixture(autouse=True)
def empty_place(tmp_path, monkeypatch):
    """A working folder and an environment in which nobody has set anything."""
    for name in [name for name in os.environ if name.startswith("MFST_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def write(text, path="mfst.toml"):
    Path(path).write_text(text, encoding="utf-8")


def test_without_any_place_the_default_preset_holds():
    choice = settings.choose_settings()
    assert (choice.preset, choice.config) == ("default", preset("default"))
    assert choice.sources["roi_shape"] == "preset default" and "eta" not in choice.sources


def test_arguments_count_more_than_the_environment_and_that_more_than_the_file(monkeypatch):
    write("[tracker]\neta = 0.1\nb = 0.1\nalpha = 0.1\n")
    monkeypatch.setenv("MFST_B", "0.2")
    monkeypatch.setenv("MFST_ALPHA", "0.2")
    choice = settings.choose_settings(changes={"alpha": 0.3})
    config = choice.config
    assert (config.eta, config.b, config.alpha) == (0.1, 0.2, 0.3)
    wanted = {"eta": "mfst.toml", "b": "MFST_B", "alpha": "--set alpha"}
    assert {name: choice.sources[name] for name in wanted} == wanted


def test_a_place_that_names_a_preset_starts_anew_from_it(monkeypatch):
    write('preset = "v3s-c"\n[tracker]\neta = 0.1\n')
    assert settings.choose_settings().config == preset("v3s-c", eta=0.1)
    monkeypatch.setenv("MFST_SEED", "4")
    assert settings.choose_settings().config == preset("v3s-c", eta=0.1, seed=4)
    monkeypatch.setenv("MFST_PRESET", "v3l-s")
    assert settings.choose_settings().config == preset("v3l-s", seed=4)
    assert settings.choose_settings("vgg-s").config == preset("vgg-s")
    assert settings.choose_settings("vgg-s").preset == "vgg-s"


def test_a_folder_in_the_file_is_meant_from_the_file_on(tmp_path, monkeypatch):
    (tmp_path / "deep").mkdir()
    write('data = "videos"\ncache = "~/kept"\nweights = "/abs"\n', "deep/mine.toml")
    monkeypatch.setenv("MFST_CONFIG", "deep/mine.toml")
    (tmp_path / "deep" / "videos").mkdir()
    assert data_root() == Path("deep/videos")
    assert cache_folder() == Path.home() / "kept"
    assert settings.folder_of("weights") == Path("/abs")
    monkeypatch.setenv("MFST_DATA", str(tmp_path))
    assert data_root() == tmp_path
    assert data_root("deep") == Path("deep")


def test_an_empty_variable_is_none_and_an_empty_argument_is_none_too(monkeypatch):
    monkeypatch.setenv("MFST_DATA", "")
    assert settings.folder_of("data") is None
    with pytest.raises(NotFound, match="no data folder"):
        data_root()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("presett = 'a'", "unknown setting 'presett': did you mean preset"),
        ("[tracker]\ncandidate = 3", "unknown setting 'candidate': did you mean candidates"),
        ("candidates = 3", "candidates is a setting of the tracker: put it below"),
        ("[tracker]\ncandidates = 0", r"candidates \(number of candidates, N_R\) lies in"),
        ("[tracker]\nupdate = 1", "update is a bool"),
        ("[tracker]\ntaps = [1]", "taps is a tuple"),
        ("[tracker]\neta = 1979-05-27", "eta is a float"),
        ("workers = 0", "workers .* lies in"),
        ("preset = 'v3l-ss'", "did you mean v3l-s"),
        ("data = 3", "data is a str"),
        ("tracker = 3", r"tracker is a table"),
        ("x = = 3", "is not readable as TOML"),
        ("a = " + "[" * 100_000, "is not readable as TOML"),
    ],
)
def test_a_slip_in_the_file_is_told_with_the_file(text, told):
    write(text)
    with pytest.raises(InvalidInput, match=f"^mfst.toml.*{told}"):
        settings.choose_settings()
    with pytest.raises(InvalidInput, match=r"^mfst.toml"):
        settings.value("data")


def test_bytes_that_are_no_text_and_a_missing_file_are_told(monkeypatch, tmp_path):
    Path("mfst.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput, match="not readable as TOML"):
        settings.choose_settings()
    monkeypatch.setenv("MFST_CONFIG", "gone.toml")
    with pytest.raises(NotFound, match=r"no settings file gone\.toml: check MFST_CONFIG"):
        settings.choose_settings()
    monkeypatch.setenv("MFST_CONFIG", str(tmp_path))
    with pytest.raises(NotFound, match="check MFST_CONFIG"):
        settings.choose_settings()


@pytest.mark.parametrize(
    ("variable", "text", "told"),
    [
        ("MFST_CANDIDATE", "3", "unknown environment variable MFST_CANDIDATE: .* MFST_CANDIDATES"),
        ("MFST_CANDIDATES", "many", "MFST_CANDIDATES: candidates is a int; got 'many'"),
        ("MFST_ETA", "NaN", "MFST_ETA: eta .* lies in"),
        ("MFST_UPDATE", "1", "MFST_UPDATE: update is a bool"),
        ("MFST_PRESET", "v3l-ss", "MFST_PRESET: unknown preset 'v3l-ss': did you mean v3l-s"),
        ("MFST_SEED", "[" * 100_000, "MFST_SEED: seed is a int"),
    ],
)
def test_a_slip_in_the_environment_is_told_with_the_variable(variable, text, told, monkeypatch):
    monkeypatch.setenv(variable, text)
    with pytest.raises(InvalidInput, match=f"^{told}"):
        settings.choose_settings()


def test_variables_of_others_are_left_alone_and_listed(monkeypatch):
    monkeypatch.setenv("MFST_AXE", "sharp")
    assert settings.choose_settings().config == preset("default")
    assert settings.strangers() == ["MFST_AXE"]


@pytest.mark.parametrize(
    "text", ["block9_expand,block11_expand", '["block9_expand", "block11_expand"]']
)
def test_names_stand_with_commas_or_as_json(text, monkeypatch):
    monkeypatch.setenv("MFST_TAPS", text)
    assert settings.choose_settings().config.taps == ("block9_expand", "block11_expand")


def test_every_setting_says_what_it_means_and_what_it_may_be():
    for spec in (*settings.PROGRAM.values(), *settings.TRACKER.values()):
        assert spec.metadata["meaning"] and settings.allowed_values(spec)
    assert set(settings.PROGRAM) & set(settings.TRACKER) == set()
    assert all(name in settings.TRACKER["backbone"].metadata["meaning"] for name in BACKBONES)


def test_a_preset_knows_the_network_wherever_that_is_named(monkeypatch):
    large = preset("default", backbone="mobilenet_v3_large")
    assert settings.choose_settings("default", {"backbone": large.backbone}).config == large
    monkeypatch.setenv("MFST_BACKBONE", large.backbone)
    choice = settings.choose_settings()
    assert (choice.config, choice.sources["eta"]) == (large, "preset default")
    monkeypatch.setenv("MFST_ETA", "0.9")
    choice = settings.choose_settings()
    assert (choice.config.eta, choice.sources["eta"]) == (0.9, "MFST_ETA")


@pytest.mark.parametrize("backbone", [None, "mobilenet_v3_large"])
@pytest.mark.parametrize("name", PRESETS)
def test_the_written_file_says_what_it_was_made_from(name, backbone, tmp_path):
    changes = {"seed": 7} if backbone is None else {"seed": 7, "backbone": backbone}
    choice = settings.choose_settings(name, changes)
    write(settings.as_toml(choice))
    assert settings.choose_settings().config == choice.config
    # Without its marks every line is a setting, and the whole still says the same.
    write(settings.as_toml(choice).replace("\n# ", "\n"), "all.txt")
    lines = [line for line in Path("all.txt").read_text("utf-8").splitlines() if " = " in line]
    assert len(lines) == len(settings.PROGRAM) + len(settings.TRACKER)
    at = len(settings.PROGRAM)
    write("\n".join([*lines[:at], "[tracker]", *lines[at:]]))
    assert settings.choose_settings().config == choice.config


def test_the_shown_values_are_json(monkeypatch):
    assert json.loads(json.dumps(PRESETS)) == {
        name: {k: list(v) if isinstance(v, tuple) else v for k, v in changes.items()}
        for name, changes in PRESETS.items()
    }


def test_the_home_of_nobody_is_told():
    write("data = '~nobody-of-this-name/OTB'")
    with pytest.raises(InvalidInput, match="there is no user of this name"):
        settings.value("data")
