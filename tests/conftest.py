"""Fixtures that all tests share: data and weights of others, which the repository does not hold."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before anything loads TensorFlow


def folder_from(variable: str, content: str) -> Path:
    """The folder that an environment variable names; without one the test is skipped."""
    if not os.environ.get(variable):
        pytest.skip(f"set {variable} to a folder with {content}")
    return Path(os.environ[variable])


@pytest.fixture
def mfst_data() -> Path:
    return folder_from("MFST_DATA", "vtb13/, tb100_train/, vtb13_meta/")


@pytest.fixture
def mfst_weights() -> Path:
    return folder_from("MFST_WEIGHTS", "mobilenet_v3_large.weights.h5 and others")


@pytest.fixture
def make_otb():
    """A function that writes a small OTB folder: images numbered from `first`, and text files."""

    def make(folder: Path, count: int, first: int = 1, inside: str = "img", **texts: str) -> Path:
        (folder / inside).mkdir(parents=True)
        for number in range(first, first + count):
            image = np.full((12, 16, 3), number % 256, np.uint8)
            cv2.imwrite(str(folder / inside / f"{number:04d}.png"), image)
        for name, text in texts.items():
            (folder / f"{name.replace('__', '.')}.txt").write_bytes(text.encode())
        return folder

    return make
