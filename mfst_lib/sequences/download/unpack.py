"""A video out of a zip archive that may mean us harm.

Nothing is written under a name that the archive chose: a file's own name is checked to be plain,
the folder is ours. Links, paths that lead out and archives that blow up are refused whole.
"""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.sequences.frames import IMAGE_SUFFIXES
from mfst_lib.sequences.vtb13 import name_key

TRUTH = re.compile(r"groundtruth(_rect)?(\.\d+)?\.txt", re.IGNORECASE)
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_. -]{0,99}")


@dataclass(frozen=True)
class Limits:
    """What a video may bring: files, bytes a file and together, and bytes per byte of archive."""

    files: int = 20_000
    file_bytes: int = 64 << 20
    bytes: int = 2 << 30
    ratio: float = 100.0


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """An opened archive in which every name is harmless; `InvalidInput` when it is damaged."""
    damage = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                _check_member(member, path)
            yield archive
    except (*damage, OSError, ValueError) as error:
        if isinstance(error, (InvalidInput, NotFound)):
            raise
        raise InvalidInput(f"{path.name} is no whole zip archive: {error}") from error


def _check_member(member: zipfile.ZipInfo, path: Path) -> None:
    """Raise `InvalidInput` for a member that leads out of the folder, or is no file or folder."""
    name = member.orig_filename  # zipfile itself cuts `filename` at a NUL
    steps = name.replace("\\", "/").split("/")
    if (
        name.startswith(("/", "\\"))
        or ".." in steps
        or re.match(r"[A-Za-z]:", name)
        or "\0" in name
    ):
        raise InvalidInput(f"{path.name} is refused: {name!r} leads out of its folder")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise InvalidInput(f"{path.name} is refused: {name!r} is a link or a special file")
    if member.flag_bits & 1:
        raise InvalidInput(f"{path.name} is refused: {name!r} is encrypted")


def unpack_video(
    archive: zipfile.ZipFile, video: str, target: Path, limits: Limits | None = None
) -> None:
    """Write the video's ground truths to `target` and its images to `target/img`.

    target: a new folder. Raises `NotFound` when the archive has no such video, `InvalidInput`
    for one beyond the limits or damaged; what was written by then is the caller's to remove.
    """
    limits = limits or Limits()
    members = _members(archive, video)
    _check_sizes(members, archive, limits)
    places: dict[str, tuple[Path, zipfile.ZipInfo]] = {}
    for member in members:
        name = PurePosixPath(member.filename).name
        if not PLAIN.fullmatch(name):
            raise InvalidInput(f"{video}: the archive has a file of the strange name {name[:80]!r}")
        place = target / name if TRUTH.fullmatch(name) else target / "img" / name
        if place.as_posix().casefold() in places:
            raise InvalidInput(f"{video}: the archive has {name!r} twice")
        places[place.as_posix().casefold()] = (place, member)
    (target / "img").mkdir(parents=True)
    for place, member in places.values():
        _write_member(archive, member, place)


def _members(archive: zipfile.ZipFile, video: str) -> list[zipfile.ZipInfo]:
    """The video's ground truths and images, wherever in the archive its folder lies."""
    files = [
        (PurePosixPath(member.filename), member)
        for member in archive.infolist()
        if not member.is_dir() and "__MACOSX" not in member.filename
    ]
    folders = dict.fromkeys(path.parent for path, _ in files if TRUTH.fullmatch(path.name))
    own = [folder for folder in folders if name_key(folder.name) == name_key(video)]
    chosen = own or (list(folders) if len(folders) == 1 else [])
    if not chosen:
        raise NotFound(f"the archive has no folder {video} with a groundtruth_rect.txt")
    folder = chosen[0]
    truths = [m for path, m in files if path.parent == folder and TRUTH.fullmatch(path.name)]
    for place in (folder / "img", folder):
        images = [
            member
            for path, member in files
            if path.parent == place
            and path.suffix.lower() in IMAGE_SUFFIXES
            and not path.name.startswith(".")
        ]
        if images:
            return truths + images
    raise NotFound(f"the archive has no images beside the ground truth of {video}")


def _check_sizes(
    members: Sequence[zipfile.ZipInfo], archive: zipfile.ZipFile, limits: Limits
) -> None:
    """Raise `InvalidInput` for more files or bytes than a video has.

    The sizes are the archive's own word; `zipfile` reads no byte beyond it.
    """
    total = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    largest = max(member.file_size for member in members)
    excess = {
        f"{len(members)} files": len(members) > limits.files,
        f"a file of {largest} bytes": largest > limits.file_bytes,
        f"{total} bytes": total > limits.bytes,
        f"{total} bytes out of {packed}": total > limits.ratio * max(packed, 1024),
    }
    for what, too_much in excess.items():
        if too_much:
            name = Path(archive.filename or "the archive").name
            raise InvalidInput(f"{name} is refused: {what} are more than any video has")


def _write_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: Path) -> None:
    """Write one file; its checksum is compared on the way."""
    left = member.file_size
    with archive.open(member) as source, place.open("xb") as sink:
        while block := source.read(1 << 20):
            left -= len(block)
            if left < 0:
                raise InvalidInput(f"{place.name} is larger than the archive says")
            try:
                sink.write(block)
            except OSError as error:
                raise InvalidInput(f"cannot write {place} ({error.strerror})") from error
    if left:
        raise InvalidInput(f"{place.name} is shorter than the archive says")
