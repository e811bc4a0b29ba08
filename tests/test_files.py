"""Tests of mfst_lib.files."""

from pathlib import Path

import pytest

from mfst_lib import files
from mfst_lib.errors import InvalidInput
from mfst_lib.files import (
    write_bytes_atomically,
    write_folder_atomically,
    write_text_atomically,
)


def test_text_is_written_as_it_is(tmp_path):
    write_text_atomically(tmp_path / "a.txt", "é\n")
    assert (tmp_path / "a.txt").read_bytes() == "é\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_an_old_file_is_replaced(tmp_path):
    for data in (b"old and longer", b"new"):
        write_bytes_atomically(tmp_path / "a.bin", data)
    assert (tmp_path / "a.bin").read_bytes() == b"new"


def test_a_failure_keeps_the_old_file_and_leaves_nothing_behind(tmp_path, monkeypatch):
    write_bytes_atomically(tmp_path / "a.bin", b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.Path, "replace", full)
    with pytest.raises(InvalidInput, match=r"a\.bin \(No space left"):
        write_bytes_atomically(tmp_path / "a.bin", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]
    assert (tmp_path / "a.bin").read_bytes() == b"old"


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InvalidInput, match="nowhere is not a folder, create it first"):
        write_text_atomically(tmp_path / "nowhere" / "a.txt", "")


def test_a_folder_in_the_way_is_named(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(InvalidInput, match=r"cannot write .*a\.txt"):
        write_text_atomically(tmp_path / "a.txt", "")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("fails_at", [1, 2])
def test_a_folder_is_replaced_whole_or_stays_as_it_was(tmp_path, monkeypatch, error, fails_at):
    folder = tmp_path / "folder"
    write_folder_atomically(folder, {"a": b"old", "b": b"old"})
    replace, calls = Path.replace, []

    def replace_or_fail(self, target):
        calls.append(target)
        if len(calls) == fails_at:
            raise error
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", replace_or_fail)
    with pytest.raises((InvalidInput, KeyboardInterrupt)):
        write_folder_atomically(folder, {"a": b"new"})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"a": b"old", "b": b"old"}
    write_folder_atomically(folder, {"a": b"new"})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"a": b"new"}
    assert list(tmp_path.iterdir()) == [folder]


def test_a_folder_below_a_file_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InvalidInput, match="cannot write"):
        write_folder_atomically(tmp_path / "file" / "folder", {"a": b"new"})
    assert (tmp_path / "file").read_text() == "mine"
