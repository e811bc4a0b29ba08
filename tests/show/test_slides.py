import cv2
import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.roi import ROI
from mfst_lib.show.slides import rgb, slides, step_picture
from mfst_lib.show.widgets import jpeg
from mfst_lib.tracker import View

pytest.importorskip("ipywidgets")

from ipywidgets.widgets.widget import _instances
from ipywidgets.widgets.widget_link import Link

PICTURES = [np.full((16, 24, 3), 60 * n, np.uint8) for n in range(3)]


def test_slider_and_stack_are_linked_in_the_browser():
    box = slides(PICTURES, [5, 10, 15])
    slider, stack = box.children
    assert (slider.min, slider.max, slider.value) == (0, 2, 0)
    assert stack.selected_index == 0
    links = [w for w in _instances.values() if isinstance(w, Link) and w.source[0] is slider]
    assert [link.target for link in links] == [(stack, "selected_index")]
    assert links[0].source == (slider, "value")


def test_every_picture_has_its_number_also_as_alt_text():
    stack = slides(PICTURES, [5, 10, 15], "step").children[1]
    for page, number, picture in zip(stack.children, (5, 10, 15), PICTURES, strict=True):
        image, label = page.children
        assert label.value == image.tooltip == f"step {number}"
        shown = cv2.imdecode(np.frombuffer(image.value, np.uint8), cv2.IMREAD_COLOR)
        assert np.abs(shown.astype(int) - picture).max() <= 3


def test_the_text_form_is_short_and_the_same_everywhere():
    assert repr(slides(PICTURES, [5, 10, 15])) == "3 pictures with a slider"


@pytest.mark.parametrize(("pictures", "numbers"), [([], []), (PICTURES, [1, 2])])
def test_pictures_and_numbers_pair_up(pictures, numbers):
    with pytest.raises(InvalidInput, match="at least one"):
        slides(pictures, numbers)


def test_colours():
    assert rgb("#0000ff") == (0, 0, 255)


def test_jpeg_keeps_rgb_order():
    red = np.zeros((16, 16, 3), np.uint8)
    red[..., 0] = 200
    shown = cv2.imdecode(np.frombuffer(jpeg(red), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    assert shown[8, 8].argmax() == 0


def test_a_step_picture_is_dark_where_the_map_is_and_keeps_the_frame():
    image = np.full((40, 60, 3), 100, np.uint8)
    prediction_map = np.zeros((40, 40), np.float32)
    prediction_map[:, 20:] = 1
    box = np.array([[30.0, 20, 10, 8]])
    one = np.ones(1)
    view = View(ROI(5, 5, 30, 30), image[:, :40], [], prediction_map, 40, box, one, one, 0)
    picture = step_picture(image, view, box[0])
    assert picture.shape == (40, 100, 3)
    assert (picture[0, :60] == 100).all()
    assert picture[20, 62].tolist() == [20] * 3
    assert picture[20, 98].tolist() == [100] * 3
    assert picture[24, 30].argmax() == 0  # the tracker's orange lies over the truth's blue
