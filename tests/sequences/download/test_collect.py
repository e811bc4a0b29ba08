"""Tests of mfst_lib.sequences.download.collect: a bad server ends in a whole set or an error."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from archives import bomb, flipped, make_zip, rows, video_files, zip_with_link

from mfst_lib.errors import InvalidInput
from mfst_lib.sequences import vtb13
from mfst_lib.sequences.download import collect
from mfst_lib.sequences.download.collect import WORKSHOP, download
from mfst_lib.sequences.download.mirrors import Mirror, tb100_ranges
from mfst_lib.sequences.download.transport import Terms

pytest.importorskip("httpx")

QUICK = Terms(patience=2, tries=3, pause=0.01, longest_wait=0.05)
VIDEOS = {"Man": 134, "Dog": 127, "Bird2": 99}


@pytest.fixture
def mirror(server):
    """A mirror with the archives of three videos of TB-100."""
    for video, count in VIDEOS.items():
        server.files[f"/otb/{video}.zip"] = make_zip(video_files(video, count))
    return Mirror("local", f"{server.url}/otb/")


@pytest.fixture
def data(tmp_path):
    """The data folder, with a neighbour that nothing may touch."""
    (tmp_path / "neighbour").mkdir()
    (tmp_path / "neighbour" / "kept.txt").write_text("kept")
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def get(data, *mirrors, videos=("Dog",), **how):
    how.setdefault("terms", QUICK)
    return download(list(videos), data, mirrors, **how)


def everything(data):
    """All files but the lock, relative to the folder above the data."""
    files = (path for path in data.parent.rglob("*") if path.is_file())
    return sorted(p.relative_to(data.parent).as_posix() for p in files if p.name != "lock")


def assert_untouched(data, *videos):
    """The videos are whole, nothing else is there, and the neighbour is as it was."""
    expected = ["neighbour/kept.txt"]
    for video in videos:
        expected += [f"data/{name}" for name in video_files(video, VIDEOS[video])]
    assert everything(data) == sorted(expected)
    assert (data.parent / "neighbour" / "kept.txt").read_text() == "kept"


def test_many_videos_at_once(data, mirror):
    told = []
    outcomes = get(data, mirror, videos=VIDEOS, each=told.append)
    assert [(one.video, one.state) for one in outcomes] == [(v, "fetched") for v in VIDEOS]
    assert sorted(one.video for one in told) == sorted(VIDEOS)
    assert_untouched(data, *VIDEOS)


def test_what_is_there_is_not_fetched_again(data, mirror, server):
    get(data, mirror)
    (data / "Dog").rename(data / "dog")
    before = len(server.asked)
    (outcome,) = get(data, mirror)
    assert outcome.state == "there"
    assert len(server.asked) == before


def test_a_damaged_folder_is_told_and_replaced_when_asked(data, mirror):
    get(data, mirror)
    (data / "Dog" / "img" / "0050.jpg").unlink()
    (outcome,) = get(data, mirror)
    assert outcome.state == "missing"
    assert "1 of them are missing" in outcome.reasons[0] and "--replace" in outcome.reasons[0]
    assert get(data, mirror, replace=True)[0].state == "fetched"
    assert_untouched(data, "Dog")


GOOD_IN_THE_END = {
    "drops": ["drop 5000", "drop 5000"],
    "drops at once": ["drop 0"],
    "is busy": ["status 503", "wait 1"],
    "redirects": ["redirect /otb/Dog.zip"],
    "lies about a range": ["drop 70000", "wrong_range"],
}


@pytest.mark.parametrize("trouble", GOOD_IN_THE_END)
def test_a_server_with_passing_trouble(data, mirror, server, trouble):
    server.behaviours["/otb/Dog.zip"] = GOOD_IN_THE_END[trouble]
    assert get(data, mirror)[0].state == "fetched"
    assert_untouched(data, "Dog")


def evil():
    """What a server may send instead, and what is said of it."""
    files = video_files("Dog", 127)
    return {
        "a bomb": (bomb("Dog"), "209715200 bytes"),
        "a path out": (make_zip(files | {"../../neighbour/kept.txt": b"evil"}), "leads out"),
        "an absolute path": (make_zip(files | {"/neighbour/kept.txt": b"evil"}), "leads out"),
        "a link": (zip_with_link("Dog", 127, "../../../neighbour/kept.txt"), "is a link"),
        "another video": (make_zip(video_files("Dog", 99)), "frames 1 to 127 are needed"),
        "too few rows": (
            make_zip(files | {"Dog/groundtruth_rect.txt": rows(126).encode()}),
            "has 126 rows for 127 frames",
        ),
        "a page of text": (b"<html>log in</html>", "no whole zip archive"),
        "nothing": (b"", "no whole zip archive"),
        "a damaged archive": (flipped(make_zip(files), 3000), "no whole zip|is no|does not"),
        "a page for an image": (make_zip(files | {"Dog/img/0127.jpg": b"<html>"}), "0127.jpg"),
        "no ground truth": (make_zip({"Dog/img/0001.jpg": b"1"}), "no folder Dog with a"),
    }


@pytest.mark.parametrize("harm", list(evil()))
def test_a_server_that_sends_something_else(data, mirror, server, harm):
    server.files["/otb/Dog.zip"], says = evil()[harm]
    (outcome,) = get(data, mirror)
    assert outcome.state == "missing"
    assert outcome.reasons[0].startswith("local: ")
    assert any(word in outcome.reasons[0] for word in says.split("|")), outcome.reasons
    assert_untouched(data)


@pytest.mark.parametrize(
    ("behaviour", "says"),
    [("short 400", "no whole zip"), ("huge", "more than"), ("status 404", "404")],
)
def test_a_server_that_lies_about_the_length(data, mirror, server, behaviour, says):
    server.behaviours["/otb/Dog.zip"] = [behaviour]
    (outcome,) = get(data, mirror)
    assert outcome.state == "missing" and says in outcome.reasons[0]
    assert_untouched(data)


def test_a_server_without_end(data, mirror, server):
    server.behaviours["/otb/Dog.zip"] = ["unbounded"]
    (outcome,) = get(data, replace(mirror, limit=200_000))
    assert outcome.state == "missing" and "goes on after 200000 bytes" in outcome.reasons[0]
    assert_untouched(data)


def test_a_stalling_server_is_left_and_what_came_is_kept(data, mirror, server):
    server.behaviours["/otb/Dog.zip"] = ["stall 5000"] * 9
    impatient = Terms(patience=0.3, tries=2, pause=0.01)
    (outcome,) = get(data, mirror, terms=impatient)
    assert outcome.state == "missing" and "gave up after 2 tries" in outcome.reasons[0]
    server.behaviours.clear()
    assert get(data, mirror)[0].state == "fetched"
    assert_untouched(data, "Dog")


def test_the_next_mirror_is_tried_and_a_silent_one_only_once(data, mirror, server):
    silent = Mirror("silent", "http://127.0.0.1:9/")
    empty = Mirror("empty", f"{server.url}/nothing/")
    outcomes = get(data, silent, empty, mirror, videos=VIDEOS, workers=1)
    assert {one.reasons for one in outcomes} == {("local",)}
    assert [path for path, _ in server.asked if path.startswith("/nothing")]
    assert_untouched(data, *VIDEOS)


def whole_archive():
    files = {
        f"OTB2015/{name}": b for v, n in VIDEOS.items() for name, b in video_files(v, n).items()
    }
    return make_zip(files)


def test_an_archive_of_all_gives_what_the_others_have_not(data, mirror, server):
    del server.files["/otb/Man.zip"]
    server.files["/all.zip"] = whole_archive()
    md5 = hashlib.md5(server.files["/all.zip"]).hexdigest()
    everything_ = Mirror("all", f"{server.url}/all.zip", whole=True, md5=md5)
    outcomes = get(data, mirror, everything_, videos=VIDEOS)
    assert {one.video: one.reasons for one in outcomes} == {
        "Man": ("all",),
        "Dog": ("local",),
        "Bird2": ("local",),
    }
    assert_untouched(data, *VIDEOS)


def test_an_archive_with_another_md5_is_not_opened(data, server):
    server.files["/all.zip"] = whole_archive()
    (outcome,) = get(data, Mirror("all", f"{server.url}/all.zip", whole=True, md5="0" * 32))
    assert "MD5 differs" in outcome.reasons[0]
    assert_untouched(data)


def test_a_local_archive_is_used_and_kept(data, tmp_path):
    path = tmp_path / "neighbour" / "otb.zip"
    path.write_bytes(whole_archive())
    outcomes = get(data, Mirror("mine", str(path), whole=True), videos=[*VIDEOS, "Vase"])
    assert [one.state for one in outcomes] == ["fetched"] * 3 + ["missing"]
    assert "no folder Vase" in outcomes[-1].reasons[0]
    path.unlink()
    assert_untouched(data, *VIDEOS)


def test_vtb13s_ground_truth_must_be_the_published_one(data, server):
    server.files["/otb/Deer.zip"] = make_zip(video_files("Deer", 71))
    (outcome,) = get(data, Mirror("local", f"{server.url}/otb/"), videos=["Deer"])
    assert "the ground truth is another than VTB13's" in outcome.reasons[0]
    assert_untouched(data)


def test_a_task_of_vtb13_with_its_own_ground_truth(data, server, mfst_data):
    source = mfst_data / "vtb13" / "Deer"
    files = {p.relative_to(source.parent).as_posix(): p.read_bytes() for p in source.rglob("*.*")}
    server.files["/otb/Deer.zip"] = make_zip(files)
    assert get(data, Mirror("local", f"{server.url}/otb/"), videos=["Deer"])[0].state == "fetched"
    assert vtb13.available_tasks(data) == ["Deer"]


def test_two_at_work_in_one_folder(data, mirror):
    with collect._workshop(data / WORKSHOP), pytest.raises(InvalidInput, match="another mfst"):
        get(data, mirror)
    assert get(data, mirror)[0].state == "fetched"


def test_an_interruption_keeps_what_came(data, mirror, server):
    def stop(count):
        raise KeyboardInterrupt

    server.behaviours["/otb/Dog.zip"] = ["drop 5000"]
    with pytest.raises(KeyboardInterrupt):
        get(data, mirror, tell=stop)
    assert [name for name in everything(data) if name.endswith(".part")]
    assert get(data, mirror)[0].state == "fetched"
    assert server.asked[-1][1].startswith("bytes=")
    assert_untouched(data, "Dog")


def test_leftovers_of_a_killed_run_are_swept(data, mirror):
    half = data / WORKSHOP / "Dog-abc"
    aside = data / WORKSHOP / "Man-old-abc"
    for folder in (half, aside):
        (folder / "img").mkdir(parents=True)
    (data / WORKSHOP / "Man-abc.zip.part.json").write_text("{}")
    (data / WORKSHOP / ".Man-abc.zip.part.json.0123.tmp").write_text("{")
    get(data, mirror)
    assert not [path for path in everything(data) if WORKSHOP in path], "nothing is left"
    assert (data / "Man" / "img").is_dir(), "what was moved aside is back"


def test_archives_of_videos_that_are_there_are_swept(data, mirror, server):
    whole = Mirror("all", f"{server.url}/all.zip", whole=True)
    get(data, mirror)
    (data / WORKSHOP).mkdir(exist_ok=True)
    names = ["Dog-abc.zip", "Dog-abc.zip.part", f"all-{collect._short(whole.address)}.zip"]
    for name in [*names, "Man-abc.zip.part"]:
        (data / WORKSHOP / name).write_bytes(b"PK")
    assert get(data, mirror, whole)[0].state == "there"
    left = {path.name for path in (data / WORKSHOP).iterdir()} - {"lock"}
    assert left == {"Man-abc.zip.part"}, "which another run may go on with"


KILLED = """
import sys
from pathlib import Path
from mfst_lib.sequences.download.collect import download
from mfst_lib.sequences.download.mirrors import Mirror
download(["Man", "Dog", "Bird2"], Path(sys.argv[1]), [Mirror("local", sys.argv[2])], workers=2)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize("moment", [0.02, 0.15])
def test_a_killed_run_leaves_nothing_half_and_the_next_one_finishes(data, mirror, server, moment):
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(data), mirror.address])
    while not server.asked:
        time.sleep(0.01)
        assert process.poll() is None
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for video in (path.name for path in data.iterdir() if path.name in VIDEOS):
        assert len(list((data / video / "img").iterdir())) == VIDEOS[video]
    assert {one.state for one in get(data, mirror, videos=VIDEOS)} <= {"there", "fetched"}
    assert_untouched(data, *VIDEOS)


def test_the_ranges_are_of_videos_that_vtb13_has_not():
    assert len(tb100_ranges()) == 48
    assert not set(tb100_ranges()) & {task.folder for task in vtb13.tasks().values()}
    assert all(0 < first < last for first, last in tb100_ranges().values())
