"""`mfst config`, `mfst doctor`, help and completion, as a user meets them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mfst_lib import settings
from mfst_lib.backbones import weights
from mfst_lib.cli import COMMANDS
from mfst_lib.cli.options import chosen_config
from mfst_lib.config import PRESETS, preset

#: What the installed script does; completion asks for the program by its name.
SCRIPT = "import sys; sys.argv[0] = 'mfst'; from mfst_lib.cli import main; main()"


def mfst(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MFST_") or k == "MFST_CACHE"}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)],
        cwd=cwd,
        env={**kept, "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_config_prints_every_setting_with_its_place(tmp_path):
    (tmp_path / "mfst.toml").write_text("workers = 2\n[tracker]\neta = 0.5\n")
    arguments = ("config", "--set", "b=0.3", "--json")
    shown = json.loads(mfst(*arguments, cwd=tmp_path, MFST_SEED="4").stdout)
    assert list(shown) == [*settings.PROGRAM, *settings.TRACKER]
    assert shown["workers"] == [2, "mfst.toml"] and shown["eta"] == [0.5, "mfst.toml"]
    assert shown["seed"] == [4, "MFST_SEED"] and shown["b"] == [0.3, "--set b"]
    assert shown["roi_shape"] == ["diagonal", "preset default"]
    assert shown["preset"] == ["default", "default"]
    table = mfst("config", cwd=tmp_path, MFST_AXE="sharp")
    assert all(name in table.stdout for name in shown)
    assert "settings file: mfst.toml" in table.stdout
    assert table.stderr == "mfst: the variable MFST_AXE is no setting and is not read\n"


def test_config_writes_a_file_and_lists_presets(tmp_path):
    text = mfst("config", "--preset", "v3s-c", "--toml", cwd=tmp_path).stdout
    (tmp_path / "mfst.toml").write_text(text, encoding="utf-8")
    assert settings.read_file(tmp_path / "mfst.toml").program["preset"] == "v3s-c"
    listed = mfst("config", "--presets", cwd=tmp_path).stdout
    assert all(name in listed for name in PRESETS)
    assert set(json.loads(mfst("config", "--presets", "--json", cwd=tmp_path).stdout)) == set(
        PRESETS
    )


def test_commands_take_their_settings_from_all_places(tmp_path):
    (tmp_path / "mfst.toml").write_text('preset = "paper"\n[tracker]\ncandidates = 20\n')
    done = mfst("eval", "--tasks", "lab:portrait", "--json", cwd=tmp_path, MFST_SEED="9")
    assert done.returncode == 0, done.stderr
    config = json.loads(done.stdout)["config"]
    assert (config["candidates"], config["roi_shape"]) == (20, "square")
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["paper-efficientnet_lite0"]


def test_doctor_reports_every_part_and_passes(tmp_path):
    done = mfst("doctor", "--json", cwd=tmp_path, MFST_ETA="0.5")
    report = json.loads(done.stdout)
    assert done.returncode == 0, report
    parts = {"versions", "devices", "engines", "settings", "folders", "weights", "self_test"}
    assert set(report) == parts
    assert report["self_test"]["passed"] and report["self_test"]["least_overlap"] > 0.5
    assert report["versions"]["numpy"] and report["engines"]["litert"] is True
    assert report["settings"]["eta"] == "0.5 (MFST_ETA)"
    assert str(Path.home()) + os.sep not in done.stdout
    text = mfst("doctor", cwd=tmp_path).stdout
    assert all(part.replace("_", " ") in text for part in parts)


def test_doctor_tells_what_is_wrong_instead_of_ending(tmp_path):
    (tmp_path / "mfst.toml").write_text("presett = 1\n")
    done = mfst("doctor", cwd=tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stdout.count("unknown setting 'presett'") >= 3
    assert "passed" in done.stdout and "numpy" in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_with_an_example(name, tmp_path):
    text = " ".join(mfst(name, "--help", cwd=tmp_path).stdout.split())
    assert "Example" in text and f"mfst {name}" in text.partition("Example")[2]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("mfst tra", {"track", "train"}),
        ("mfst track --preset v3l-s", {"v3l-s", "v3l-sc", "v3l-s-eq12", "v3l-sc-eq12"}),
        ("mfst eval --backbone mob", {"mobilenet_v3_large", "mobilenet_v3_small"}),
        ("mfst eval --set roi_", {"roi_scale=", "roi_shape="}),
    ],
)
def test_a_shell_completes_commands_and_names(words, offered, tmp_path):
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    done = mfst(cwd=tmp_path, _MFST_COMPLETE="complete_bash", **asked)
    assert set(done.stdout.split()) == offered, done.stderr


def test_auto_picks_the_settings_that_suit_the_network_it_picks(monkeypatch):
    monkeypatch.setattr(weights, "resolve", lambda name, folder=None: "mobilenet_v3_large")
    config = chosen_config("default", "auto", ["seed=3"], None)
    assert config == preset("default", backbone="mobilenet_v3_large", seed=3)
