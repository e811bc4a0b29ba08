"""Tests of mfst_lib.sequences.download.unpack: whole videos, and archives that mean harm."""

import zipfile

import pytest
from archives import bomb, flipped, jpeg, make_zip, rows, video_files, zip_with_link
from hypothesis import given, settings
from hypothesis import strategies as st

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.sequences.download.unpack import Limits, open_archive, unpack_video


def unpack(folder, data, video="Dog", limits=None):
    (folder / "a.zip").write_bytes(data)
    with open_archive(folder / "a.zip") as archive:
        unpack_video(archive, video, folder / "out", limits)
    return sorted(p.relative_to(folder / "out").as_posix() for p in (folder / "out").rglob("*.*"))


def outside(folder):
    return sorted(p.name for p in folder.iterdir() if p.name not in ("a.zip", "out"))


WHOLE = ["groundtruth_rect.txt", "img/0001.jpg", "img/0002.jpg"]


@pytest.mark.parametrize("inside", ["Dog", "OTB2015/Dog", "dog", "deep/er/DOG", "Other"])
def test_a_video_wherever_it_lies_in_the_archive(tmp_path, inside):
    files = video_files(inside, 2)
    junk = {"__MACOSX/Dog/._groundtruth_rect.txt": b"x", f"{inside}/.DS_Store": b"x"}
    junk |= {f"{inside}/cfg.mat": b"x", f"{inside}/img/Thumbs.db": b"x"}
    assert unpack(tmp_path, make_zip(files | junk)) == WHOLE
    assert (tmp_path / "out" / "groundtruth_rect.txt").read_bytes() == rows(2).encode()


def test_one_video_of_many(tmp_path):
    data = make_zip(video_files("all/Cat", 3) | video_files("all/Dog", 2))
    assert unpack(tmp_path, data) == WHOLE
    with pytest.raises(NotFound, match="no folder Fish"):
        unpack(tmp_path, data, "Fish")


def test_images_beside_the_ground_truth(tmp_path):
    files = {"Dog/1.png": jpeg(1), "Dog/groundtruth_rect.1.txt": b"1,2,3,4"}
    assert unpack(tmp_path, make_zip(files)) == ["groundtruth_rect.1.txt", "img/1.png"]


@pytest.mark.parametrize(
    "name",
    ["../evil.jpg", "Dog/img/../../../evil.jpg", "/tmp/evil.jpg", "C:/evil.jpg", "C:evil.jpg",
     "..\\evil.jpg", "\\evil.jpg", "Dog/img\\..\\..\\evil.jpg"],
)  # fmt: skip
def test_a_path_that_leads_out_is_refused(tmp_path, name):
    with pytest.raises(InvalidInput, match=r"a.zip is refused: .* leads out of its folder"):
        unpack(tmp_path, make_zip(video_files("Dog", 2) | {name: jpeg(1)}))
    assert outside(tmp_path) == [] and not (tmp_path / "out").exists()


def test_a_link_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match=r"0001b.jpg' is a link"):
        unpack(tmp_path, zip_with_link("Dog", 2, "/etc/passwd"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "name", ["Dog/img/-rf.jpg", "Dog/img/a\nb.jpg", f"Dog/img/{'a' * 200}.jpg"]
)
def test_a_strange_name_is_refused(tmp_path, name):
    with pytest.raises(InvalidInput, match="strange name"):
        unpack(tmp_path, make_zip(video_files("Dog", 2) | {name: jpeg(1)}))


def test_names_that_differ_in_case_only(tmp_path):
    files = {"Dog/img/A.jpg": jpeg(1), "Dog/img/a.jpg": jpeg(2), "Dog/groundtruth_rect.txt": b"1"}
    with pytest.raises(InvalidInput, match="twice"):
        unpack(tmp_path, make_zip(files))


def test_a_bomb_is_refused_before_it_goes_off(tmp_path):
    with pytest.raises(InvalidInput, match="a file of 209715200 bytes"):
        unpack(tmp_path, bomb("Dog"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(files=2), "3 files"),
        (Limits(bytes=500), r"\d+ bytes are more"),
        (Limits(file_bytes=100), "a file of"),
        (Limits(ratio=0.01), r"bytes out of \d+"),
    ],
)
def test_limits(tmp_path, limits, says):
    with pytest.raises(InvalidInput, match=says):
        unpack(tmp_path, make_zip(video_files("Dog", 2)), limits=limits)


def test_what_is_no_zip(tmp_path):
    for data in (b"", b"<html>", b"PK\x05\x06", make_zip(video_files("Dog", 2))[:-30]):
        with pytest.raises(InvalidInput, match="no whole zip archive"):
            unpack(tmp_path, data)


def test_a_wrong_checksum(tmp_path):
    data = make_zip(video_files("Dog", 2), zipfile.ZIP_STORED)
    with pytest.raises(InvalidInput, match="no whole zip"):
        unpack(tmp_path, flipped(data, data.index(rows(2).encode()) + 1))


@settings(deadline=None, max_examples=150)
@given(place=st.integers(0, 2000), length=st.integers(0, 2000))
def test_damage_anywhere_is_an_error_or_harmless(tmp_path_factory, place, length):
    """A byte changed, an end cut off: `InvalidInput`, `NotFound`, or the files as they were."""
    whole = make_zip(video_files("Dog", 2), zipfile.ZIP_STORED)
    data = flipped(whole, place % len(whole))[: max(length, len(whole) if length % 2 else 0)]
    folder = tmp_path_factory.mktemp("damaged")
    try:
        names = unpack(folder, data)
    except (InvalidInput, NotFound):
        names = []
    assert outside(folder) == []
    assert all(name.startswith(("img/", "groundtruth")) for name in names)
