"""Where the benchmark's videos are to be had, in the order in which we try.

The authors' own server is reported dead. None of the mirrors publishes checksums of single
videos, so what arrives is compared with the catalogue; the one large archive has its MD5.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from urllib.parse import quote, urlsplit

from mfst_lib.errors import InvalidInput, NotFound, unknown
from mfst_lib.sequences import vtb13
from mfst_lib.sequences.vtb13 import name_key

#: No video's archive is larger than this; the largest of TB-100 has some 150 MB.
VIDEO_BYTES = 1 << 30


@dataclass(frozen=True)
class Mirror:
    """A place with one zip archive per video (`address` + NAME.zip), or one with all of them.

    address: a URL, or the path of a local archive. whole: it is one archive. limit: of bytes.
    """

    name: str
    address: str
    whole: bool = False
    limit: int = VIDEO_BYTES
    md5: str = ""

    def url(self, video: str) -> str:
        """The address of one video's archive."""
        return self.address + quote(f"{video}.zip")


_SEQ = "http://cvlab.hanyang.ac.kr/tracker_benchmark/seq/"

MIRRORS = (
    Mirror("wayback", f"https://web.archive.org/web/20221118171918id_/{_SEQ}"),
    Mirror("authors", _SEQ),
    Mirror(
        "figshare",
        "https://ndownloader.figshare.com/files/42879853",
        whole=True,
        limit=2_722_980_405,
        md5="342b7dcb81142462b8ae9bb835cba6b4",
    ),
)

#: What a person can do where the mirrors fail.
BY_HAND = (
    "by hand: fetch the archive OTB2015 from figshare (article 24427468) or Kaggle "
    "(zly1402875051/otb2015, needs an account), then `mfst download {names} --mirror ARCHIVE.zip "
    "--data FOLDER` unpacks and checks it"
)


def choose_mirrors(names: list[str]) -> tuple[Mirror, ...]:
    """The mirrors called so, in this order; a URL or the path of an archive is one too.

    A URL that ends in .zip, or a path, is one archive of all videos; another URL a folder of
    archives. Raises `NotFound` for a missing archive, `InvalidInput` for an unknown name.
    """
    known = {mirror.name: mirror for mirror in MIRRORS}
    return tuple(known[name] if name in known else _own(name, list(known)) for name in names)


def _own(text: str, known: list[str]) -> Mirror:
    scheme = urlsplit(text).scheme
    if scheme in ("http", "https"):
        if text.endswith(".zip"):
            return Mirror(text, text, whole=True, limit=8 << 30)
        return Mirror(text, text if text.endswith("/") else f"{text}/")
    if text.endswith(".zip"):
        if not Path(text).is_file():
            raise NotFound(f"no archive {text}: --mirror takes a path, a URL, {', '.join(known)}")
        return Mirror(text, str(Path(text).resolve()), whole=True)
    if "://" in text:
        raise InvalidInput(f"--mirror takes http or https; got {text!r}")
    raise unknown("mirror", text, known)


@functools.cache
def tb100_ranges() -> dict[str, tuple[int, int]]:
    """The 48 videos of TB-100 that VTB13 has not → their first and last annotated frame."""
    text = resources.files("mfst_lib").joinpath("sequences/tb100.json").read_text("utf-8")
    return {name: (first, last) for name, (first, last) in json.loads(text)["videos"].items()}


def vtb13_videos() -> list[str]:
    """The 50 videos of VTB13."""
    return list(dict.fromkeys(task.folder for task in vtb13.tasks().values()))


def tb100_videos() -> list[str]:
    """The 98 videos of TB-100, VTB13's among them."""
    return sorted({*vtb13_videos(), *tb100_ranges()}, key=str.casefold)


def videos(words: list[str]) -> list[str]:
    """The videos behind names and groups (`vtb13`, `tb100`), each once, in order.

    A task's name stands for its video: Jogging-1 for Jogging. Raises `InvalidInput`.
    """
    groups = {"vtb13": vtb13_videos, "tb100": tb100_videos}
    chosen: list[str] = []
    for word in (part.strip() for text in words for part in text.split(",")):
        if word:
            chosen += groups[word]() if word in groups else [_video(word)]
    if not chosen:
        raise InvalidInput("nothing to download: expected vtb13, tb100 or names of videos")
    return list(dict.fromkeys(chosen))


def _video(name: str) -> str:
    by_key = {name_key(video): video for video in tb100_videos()}
    if vtb13.is_task(name):
        return vtb13.find_task(name).folder
    # Skating2-1 and Human4-2 are targets of a video.
    for one in (name, re.sub(r"[-_.]\d$", "", name)):
        if name_key(one) in by_key:
            return by_key[name_key(one)]
    raise unknown("video", name, {*by_key.values(), "vtb13", "tb100"})
