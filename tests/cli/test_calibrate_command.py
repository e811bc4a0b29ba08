"""`mfst calibrate --calibration`: how good is one that is there?"""

import json
import subprocess
import sys

import pytest

from mfst_lib.sequences import lab

NAME = "default-efficientnet_lite0"


def mfst(*arguments, cwd):
    command = [sys.executable, "-m", "mfst_lib", "calibrate", "--out", "out", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True)


def test_a_calibration_that_is_there_is_judged_and_left_as_it_is(tmp_path):
    asked = ("--calibration", NAME, "--judge", "lab:portrait", "--json")
    done = mfst(*asked, "--set", "candidates=200", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    assert content["calibration"] == NAME
    (judged,) = (one for one in content.values() if isinstance(one, dict))
    assert judged["frames"] == len(lab.render("portrait")) - 1
    assert 0 <= judged["calibration_error"] <= 1
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"records", f"{NAME}-judged.json", f"{NAME}.png"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--calibration", NAME), "with --judge"),
        (("--calibration", NAME, "--judge", "lab:portrait", "--ship"), "without --ship"),
        (("--calibration", "defaul", "--judge", "lab:portrait"), "unknown calibration 'defaul'"),
        (("--calibration", "none.json", "--judge", "lab:portrait"), "none.json"),
    ],
)
def test_a_mistake_is_told_before_anything_runs(arguments, told, tmp_path):
    done = mfst(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
