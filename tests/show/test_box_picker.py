import cv2
import numpy as np
import pytest

from mfst_lib.show.box_picker import BoxPicker

pytest.importorskip("ipywidgets")

FRAME = np.full((60, 90, 3), 80, np.uint8)


def shown(picker):
    data = np.frombuffer(picker._picture.value, np.uint8)
    return cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1].astype(int)


def test_it_starts_in_the_middle_or_where_it_is_told():
    assert BoxPicker(FRAME).box.tolist() == [30, 20, 30, 20]
    assert BoxPicker(FRAME, (1.4, 2.6, 30, 40)).box.tolist() == [1, 3, 30, 40]


def test_the_sliders_move_the_box_and_the_picture():
    picker = BoxPicker(FRAME)
    before = shown(picker)
    picker.sliders["left"].value = 50
    picker.sliders["width"].value = 12
    assert picker.box.tolist() == [50, 20, 12, 20]
    assert np.abs(shown(picker) - before).max() > 60


def test_a_box_has_a_size_whatever_the_sliders_say():
    picker = BoxPicker(FRAME)
    for name in ("width", "height"):
        picker.sliders[name].value = 0
        assert picker.sliders[name].value == 1


def test_the_widget_holds_sliders_and_picture_and_has_a_short_text():
    picker = BoxPicker(FRAME)
    assert len(picker.widget.children) == 5
    assert repr(picker.widget) == "four sliders that set a box"
