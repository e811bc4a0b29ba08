"""Tests of mfst_lib.images."""

import doctest

import numpy as np
import pytest

from mfst_lib import images
from mfst_lib.errors import InvalidInput
from mfst_lib.images import as_rgb


def test_doctests():
    assert doctest.testmod(images).failed == 0


def test_rgb_is_returned_without_a_copy():
    image = np.zeros((4, 5, 3), np.uint8)
    assert as_rgb(image) is image


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1)])
def test_grey_is_repeated_over_the_channels(shape):
    grey = np.arange(20, dtype=np.uint8).reshape(shape)
    rgb = as_rgb(grey)
    assert rgb.shape == (4, 5, 3)
    for channel in range(3):
        assert (rgb[..., channel] == grey.reshape(4, 5)).all()


def test_alpha_is_dropped_and_the_order_kept():
    rgba = np.arange(80, dtype=np.uint8).reshape(4, 5, 4)
    assert (as_rgb(rgba) == rgba[..., :3]).all()


def test_views_become_contiguous():
    bgr = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    rgb = as_rgb(bgr[..., ::-1])
    assert rgb.flags.c_contiguous
    assert (rgb[..., 0] == bgr[..., 2]).all()


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.zeros((4, 5, 3), np.uint16), "uint16.*257"),
        (np.zeros((4, 5, 3)), "float64.*255"),
        (np.zeros((4, 5, 3), bool), "bool"),
        (None, "None.*imread"),
        (np.zeros((0, 5, 3), np.uint8), r"empty; got shape \(0, 5, 3\)"),
        (np.zeros((4, 5, 2), np.uint8), r"\(4, 5, 2\)"),
        (np.zeros(5, np.uint8), r"\(5,\)"),
        (np.zeros((1, 4, 5, 3), np.uint8), r"\(1, 4, 5, 3\)"),
    ],
)
def test_anything_else_is_refused_with_advice(image, words):
    with pytest.raises(InvalidInput, match=words):
        as_rgb(image)


def test_a_gigantic_image_is_refused():
    with pytest.raises(InvalidInput, match="32766 pixels a side"):
        as_rgb(np.zeros((1, 40_000, 3), np.uint8))
    assert as_rgb(np.zeros((1, 32_766, 3), np.uint8)).shape == (1, 32_766, 3)
