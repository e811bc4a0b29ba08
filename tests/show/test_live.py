import cv2
import numpy as np
import pytest

from mfst_lib.show.live import BUSY, live

pytest.importorskip("ipywidgets")


def shade(dark, light):
    return np.full((16, 24, 3), 10 * light - dark, np.uint8)


def shown(box):
    data = np.frombuffer(box.children[-1].value, np.uint8)
    return int(cv2.imdecode(data, cv2.IMREAD_COLOR)[8, 12, 0])


def test_the_picture_follows_the_sliders():
    box = live(shade, "a grey rectangle", dark=(0, 50, 20), light=(0, 25, 10))
    dark, light, _, image = box.children
    assert (dark.min, dark.max, dark.value, light.max) == (0, 50, 20, 25)
    assert abs(shown(box) - 80) <= 2
    light.value = 20
    assert abs(shown(box) - 180) <= 2
    dark.value = 50
    assert abs(shown(box) - 150) <= 2
    assert image.tooltip == "a grey rectangle"


def test_the_picture_follows_a_list_of_choices():
    grey = {"dark": 40, "light": 200}
    box = live(lambda how: np.full((16, 24, 3), grey[how], np.uint8), "grey", how=list(grey))
    assert box.children[0].options == ("dark", "light")
    assert abs(shown(box) - 40) <= 2
    box.children[0].value = "light"
    assert abs(shown(box) - 200) <= 2


def test_it_says_that_it_draws_and_when_it_is_done():
    box = live(shade, "grey", dark=(0, 9, 0), light=(0, 9, 9))
    state, said = box.children[-2], []
    state.observe(lambda change: said.append(change["new"]), names="value")
    box.children[0].value = 5
    assert said == [BUSY, ""]


def test_an_error_does_not_leave_it_drawing():
    box = live(lambda x: shade(0, 10 // (5 - x)), "grey", x=(0, 9, 0))
    with pytest.raises(ZeroDivisionError):
        box.children[0].value = 5
    assert box.children[-2].value == ""


def test_its_text_form_is_short():
    assert repr(live(shade, "grey", dark=(0, 1, 0), light=(0, 9, 9))) == "a picture with 2 controls"
