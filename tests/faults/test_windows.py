"""What Windows refuses: no file that is open there is removed, renamed or replaced."""

import contextlib
import errno
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from archives import make_zip, video_files
from bad_server import bad_server
from fake_engine import FakeEngine

from mfst_lib import files
from mfst_lib.backbones.engines import silent_stderr
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation import run
from mfst_lib.evaluation.exports import Exported, write_got10k
from mfst_lib.files import write_bytes_atomically
from mfst_lib.locks import alone_in
from mfst_lib.sequences.download.collect import WORKSHOP, download
from mfst_lib.sequences.download.mirrors import Mirror
from mfst_lib.show.video import write_video
from mfst_lib.training import records


def open_files() -> list[str]:
    """What this process has open or mapped, as Linux lists it."""
    own, found = Path("/proc/self"), []
    for link in (own / "fd").iterdir():
        with contextlib.suppress(OSError):  # another thread has closed it
            found.append(str(link.readlink()))
    mapped = (line.split(None, 5) for line in (own / "maps").read_text("utf-8").splitlines())
    found += [parts[5] for parts in mapped if len(parts) == 6]
    return [name for name in found if Path(name).is_file()]


@pytest.fixture
def windows(monkeypatch):
    """From here on paths behave as on Windows, as far as files that are open go."""
    if not Path("/proc/self/maps").is_file():
        pytest.skip("the system does not list what is open")
    monkeypatch.setattr(files, "PAUSES", ())

    def refuse_open(*paths):
        for path in map(os.path.realpath, paths):
            if any(name == path or name.startswith(f"{path}/") for name in open_files()):
                raise PermissionError(errno.EACCES, "it is open", path)

    def unlink(self, missing_ok=False, real=Path.unlink):
        refuse_open(self)
        real(self, missing_ok)

    def moved(self, target, real=Path.replace):
        refuse_open(self, target)
        return real(self, target)

    monkeypatch.setattr(Path, "unlink", unlink)
    monkeypatch.setattr(Path, "replace", moved)


def test_the_stand_in_refuses(windows, tmp_path):
    (tmp_path / "a").touch()
    with (tmp_path / "a").open("rb"), pytest.raises(PermissionError):
        (tmp_path / "a").unlink()
    with (tmp_path / "a").open("rb"), pytest.raises(InvalidInput, match="it is open"):
        write_bytes_atomically(tmp_path / "a", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_file_that_is_open_for_a_moment_is_waited_for(tmp_path, monkeypatch):
    refusals = iter([True, True, False])

    def moved(self, target, real=Path.replace):
        if next(refusals):
            raise PermissionError(errno.EACCES, "a virus scanner looks at it", str(target))
        return real(self, target)

    monkeypatch.setattr(files, "PAUSES", (0, 0, 0))
    monkeypatch.setattr(Path, "replace", moved)
    write_bytes_atomically(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_folder_in_which_nothing_was_made_is_free_again(windows, tmp_path):
    with pytest.raises(KeyboardInterrupt), alone_in(tmp_path):
        raise KeyboardInterrupt
    with alone_in(tmp_path):
        pass


@pytest.mark.parametrize(("limit", "state"), [(1 << 20, "fetched"), (2000, "missing")])
def test_downloads(windows, tmp_path, limit, state):
    pytest.importorskip("httpx")
    with bad_server() as server:
        server.files["/KiteSurf.zip"] = make_zip(video_files("KiteSurf", 84))
        if state == "missing":
            server.behaviours["/KiteSurf.zip"] = ["unbounded"]
        mirror = replace(Mirror("local", f"{server.url}/"), limit=limit)
        (outcome,) = download(["KiteSurf"], tmp_path, [mirror])
    assert outcome.state == state
    left = [path.name for path in tmp_path.rglob("*") if WORKSHOP in path.parts and path.is_file()]
    assert left in ([], ["lock"])


def test_records_of_another_shape_are_made_anew(windows, tmp_path, monkeypatch):
    portrait = run.load_sequence("lab:portrait").first(4)
    monkeypatch.setattr(records, "load_sequence", lambda *_: portrait)
    recipe = records.Recipe(("lab:portrait",), TrackerConfig(), frames=2)
    records.gather(recipe, tmp_path, engine=FakeEngine())
    (path,) = tmp_path.glob("*.npy")
    np.save(path, np.zeros(3))
    assert records.gather(recipe, tmp_path, engine=FakeEngine()).rows["done"].all()


def test_videos(windows, tmp_path):
    for _ in range(2):
        write_video(tmp_path / "a.avi", [np.zeros((16, 16, 3), np.uint8)] * 3)
    assert [path.name for path in tmp_path.iterdir()] == ["a.avi"]


def test_a_task_that_is_a_path_of_windows_is_one_file(tmp_path):
    boxes = {"C:\\videos\\Cat": np.ones((2, 4))}
    (folder,) = write_got10k([Exported("FMST", [boxes], [{}])], tmp_path)
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*.txt")]
    assert names == ["C--videos-Cat/C--videos-Cat_001.txt"]


def test_a_program_without_a_console(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    with silent_stderr():
        pass


def test_a_pipe_that_has_no_ellipsis_gets_a_mark(tmp_path):
    pytest.importorskip("typer")
    done = subprocess.run(
        [sys.executable, "-m", "mfst_lib", "data", "check", str(tmp_path)],
        env={**os.environ, "PYTHONIOENCODING": "cp437"},
        capture_output=True,
        check=False,
    )
    assert b"mfst download NAME ? --data" in done.stdout, done
