import cv2
import numpy as np
import pytest

from mfst_lib.show.live import live

pytest.importorskip("ipywidgets")


def shade(dark, light):
    return np.full((16, 24, 3), 10 * light - dark, np.uint8)


def shown(box):
    data = np.frombuffer(box.children[-1].value, np.uint8)
    return int(cv2.imdecode(data, cv2.IMREAD_COLOR)[8, 12, 0])


def test_the_picture_follows_the_sliders():
    box = live(shade, "a grey rectangle", dark=(0, 50, 20), light=(0, 25, 10))
    dark, light, image = box.children
    assert (dark.min, dark.max, dark.value, light.max) == (0, 50, 20, 25)
    assert abs(shown(box) - 80) <= 2
    light.value = 20
    assert abs(shown(box) - 180) <= 2
    dark.value = 50
    assert abs(shown(box) - 150) <= 2
    assert image.tooltip == "a grey rectangle"


def test_its_text_form_is_short():
    assert repr(live(shade, "grey", dark=(0, 1, 0), light=(0, 9, 9))) == "a picture with 2 sliders"
