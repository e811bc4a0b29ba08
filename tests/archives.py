"""Zip archives for the tests of downloads: of whole small videos, and evil ones."""

from __future__ import annotations

import functools
import io
import stat
import zipfile

import cv2
import numpy as np


@functools.cache
def jpeg(shade: int) -> bytes:
    image = np.full((12, 16, 3), shade % 256, np.uint8)
    return cv2.imencode(".jpg", image)[1].tobytes()


def rows(count: int) -> str:
    return "".join(f"{number},2,3,4\r\n" for number in range(1, count + 1))


def video_files(video: str, count: int, first: int = 1) -> dict[str, bytes]:
    """The files of an OTB folder, by their path in the archive."""
    numbers = range(first, first + count)
    images = {f"{video}/img/{number:04d}.jpg": jpeg(number) for number in numbers}
    return {**images, f"{video}/groundtruth_rect.txt": rows(count).encode()}


def make_zip(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def zip_with_link(video: str, count: int, target: str) -> bytes:
    """A whole video, and a symbolic link beside it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in video_files(video, count).items():
            archive.writestr(name, data)
        link = zipfile.ZipInfo(f"{video}/img/0001b.jpg")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, target)
    return content.getvalue()


def bomb(video: str) -> bytes:
    """200 MB of zeros called an image."""
    files = video_files(video, 3) | {f"{video}/img/0004.jpg": bytes(200 << 20)}
    return make_zip(files)


def flipped(data: bytes, place: int) -> bytes:
    """The same bytes, one of them changed."""
    return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
