import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.roi import ROI
from mfst_lib.show.steps import in_crop, plot_maps, plot_step, roi_box
from mfst_lib.tracker import View

IMAGE = np.zeros((60, 80, 3), np.uint8)


@pytest.fixture
def view():
    """A ROI of 40x40 pixels at (10, 20), seen in a crop of 80x80: two crop pixels for each."""
    candidates = np.array([[10.0, 20, 8, 6], [20, 30, 8, 6], [40, 50, 8, 6]])
    prediction_map = np.linspace(0, 1, 80 * 80, dtype=np.float32).reshape(80, 80)
    return View(
        ROI(10, 20, 40, 40),
        np.full((80, 80, 3), 7, np.uint8),
        [],
        prediction_map,
        80,
        candidates,
        np.array([1.0, 9, 4]),
        np.array([0.0, 8, 3]),
        1,
    )


def test_boxes_in_the_crop(view):
    assert in_crop(view.candidates[1], view).tolist() == [20, 20, 16, 12]
    assert roi_box(view.roi).tolist() == [10, 20, 40, 40]


def test_a_step_shows_region_crop_map_and_the_best_candidate(view):
    frame, seen, predicted, chosen = plot_step(IMAGE, view).axes
    corners = [(*p.get_xy(), p.get_width(), p.get_height()) for p in frame.patches]
    assert corners == [(10, 20, 40, 40), (20, 30, 8, 6)]
    assert (seen.images[0].get_array() == 7).all()
    assert np.array_equal(predicted.images[0].get_array(), view.prediction_map)
    assert chosen.patches[0].get_xy() == (20, 20)


def test_candidates_are_dots_at_their_centres_the_best_on_top(view):
    dots = plot_step(IMAGE, view).axes[3].collections[0]
    assert dots.get_offsets().tolist() == [[8, 6], [68, 66], [28, 26]]
    assert dots.get_array().tolist() == [0, 3, 8]


def test_maps_in_order_and_empty_places_off():
    maps = [np.full((4, 5), n) for n in range(3)]
    axes = plot_maps(maps, ["a", "b", "c"], columns=2).axes
    assert [one.get_title() for one in axes[:3]] == ["a", "b", "c"]
    assert [int(one.images[0].get_array()[0, 0]) for one in axes[:3]] == [0, 1, 2]
    assert not axes[3].axison
    with pytest.raises(InvalidInput, match="no maps"):
        plot_maps([], [])
