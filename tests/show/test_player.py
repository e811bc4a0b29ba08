import cv2
import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.show.player import player, success_so_far

pytest.importorskip("ipywidgets")

from ipywidgets.widgets.widget import _instances
from ipywidgets.widgets.widget_link import Link

PICTURES = [np.full((16, 24, 3), 60 * n, np.uint8) for n in range(4)]
OVERLAP = [0.9, 0.2, 0.6, 0.1]


def shown(image):
    data = np.frombuffer(image.value, np.uint8)
    return int(cv2.imdecode(data, cv2.IMREAD_COLOR)[8, 12, 0])


def test_picture_and_success_follow_the_slider():
    box = player(PICTURES, OVERLAP, first=1)
    (_, slider), image, text = box.children[0].children, *box.children[1:]
    assert (slider.min, slider.max, slider.value) == (1, 4, 1)
    assert (shown(image), text.value) == (0, success_so_far(OVERLAP, 0, 1))
    slider.value = 3
    assert abs(shown(image) - 120) <= 2
    assert text.value == "frame 3: overlap 0.60; good (over 0.5) in 67 % of the frames so far"
    slider.value = 2
    assert abs(shown(image) - 60) <= 2
    assert "in 50 % of the frames" in text.value


def test_the_play_button_drives_the_slider_in_the_browser():
    play, slider = player(PICTURES, OVERLAP, first=1).children[0].children
    assert (play.min, play.max) == (slider.min, slider.max)
    links = [w for w in _instances.values() if isinstance(w, Link) and w.source[0] is play]
    assert [(link.source[1], link.target) for link in links] == [("value", (slider, "value"))]


@pytest.mark.parametrize(("pictures", "overlap"), [([], []), (PICTURES, [1.0, 1.0])])
def test_pictures_and_overlaps_pair_up(pictures, overlap):
    with pytest.raises(InvalidInput, match="one for each"):
        player(pictures, overlap)


def test_its_text_form_is_short():
    assert repr(player(PICTURES, OVERLAP)) == "4 frames to play"
