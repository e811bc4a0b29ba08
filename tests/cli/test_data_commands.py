"""`mfst download`, `mfst data check`, OpenCV's trackers in `mfst eval`, `mfst report --export`."""

import json
import os
import subprocess
import sys

import pytest
from archives import make_zip, video_files

from mfst_lib.evaluation import peers
from mfst_lib.sequences import lab
from mfst_lib.sequences.otb import write_boxes


def mfst(*arguments, cwd):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MFST_DATA")}
    command = [sys.executable, "-m", "mfst_lib", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


@pytest.fixture
def archive(tmp_path):
    """An archive of two of TB-100's videos, as a person fetched it by hand."""
    path = tmp_path / "OTB2015.zip"
    path.write_bytes(make_zip(video_files("OTB2015/Dog", 127) | video_files("OTB2015/Bird2", 99)))
    return path


def test_download_then_check(archive, tmp_path):
    arguments = ("download", "Dog", "bird2", "--data", "OTB", "--mirror", archive)
    done = mfst(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "0 videos were there, 2 were fetched, 0 are missing" in done.stdout
    again = mfst(*arguments, "--json", cwd=tmp_path)
    assert [one["state"] for one in json.loads(again.stdout)] == ["there", "there"]
    assert sorted(p.name for p in (tmp_path / "OTB").iterdir()) == ["Bird2", "Dog"]
    checked = mfst("data", "check", "OTB", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert "complete: 2" in checked.stdout and "missing of vtb13: 50" in checked.stdout
    (tmp_path / "OTB" / "Dog" / "img" / "0007.jpg").unlink()
    found = mfst("data", "check", "OTB", "--json", cwd=tmp_path)
    assert found.returncode == 1
    states = {one["name"]: one["state"] for one in json.loads(found.stdout)["findings"]}
    assert states == {"Bird2": "complete", "Dog": "damaged"}


def test_what_could_not_be_had_is_listed_with_what_to_do(archive, tmp_path):
    done = mfst("download", "Dog,Vase", "--data", "OTB", "--mirror", archive, cwd=tmp_path)
    assert done.returncode == 1
    assert "1 were fetched, 1 are missing" in done.stdout
    assert "the archive has no folder Vase" in done.stdout
    assert "what to do:" in done.stdout and "mfst download Dog,Vase --mirror" in done.stdout


MISTAKES = {
    "an unknown video": ("download Davit --data d", "did you mean David"),
    "an unknown mirror": ("download David --data d --mirror waybak", "did you mean wayback"),
    "a missing archive": ("download David --data d --mirror a.zip", "no archive a.zip"),
    "a file as the folder": (
        "download David --data file --mirror full.zip",
        "cannot write to file",
    ),
    "no folder to check": ("data check nowhere", "no data folder nowhere"),
    "an unknown tracker": ("eval --tracker goturn", "--tracker is fmst or one of OpenCV's"),
    "an unknown peer": ("eval --tracker opencv:crst", "did you mean csrt"),
    "a peer's preset": ("eval --tracker opencv:mil --preset paper", "are fmst's"),
    "an unknown layout": ("report full.zip --export otb --out d", "--export is one of got10k, vot"),
    "an export to nowhere": ("report full.zip --export vot", "give --out"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_ends_in_one_clear_line(mistake, archive, tmp_path):
    line, says = MISTAKES[mistake]
    archive.rename(tmp_path / "full.zip")
    (tmp_path / "file").write_text("a file")
    done = mfst(*line.split(), cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("mfst: ")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "full.zip"]


@pytest.mark.skipif("mil" not in peers.installed(), reason="OpenCV without MIL")
def test_a_peer_is_run_scored_and_handed_over(tmp_path):
    import cv2

    sequence = lab.render("portrait").first(4)
    folder = tmp_path / "data" / "Portrait"
    (folder / "img").mkdir(parents=True)
    for number, image in enumerate(sequence.frames, start=1):
        cv2.imwrite(str(folder / "img" / f"{number:04d}.png"), image[..., ::-1])
    write_boxes(folder / "groundtruth_rect.txt", sequence.boxes)
    run = ("eval", "--tracker", "opencv:mil", "--tasks", "folder", "--data", "data", "--json")
    done = mfst(*run, "--no-plots", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["config"]["tracker"] == "opencv:mil"
    for layout in ("got10k", "vot"):
        told = mfst("report", "results", "--export", layout, "--out", layout, cwd=tmp_path)
        assert told.returncode == 0, told.stderr
    assert (tmp_path / "got10k/GOT-10k/opencv-mil/Portrait/Portrait_001.txt").is_file()
    assert (tmp_path / "vot/results/opencv-mil/baseline/Portrait/Portrait_001_time.value").is_file()
