import numpy as np
import pytest

from mfst_lib.show.products import plot_product, product_picture

pytest.importorskip("matplotlib")

MAP = np.array([[1.0, 2.0], [3.0, 4.0]])
TARGET = np.array([[1.0, -1.0], [1.0, 0.0]])


def test_the_product_is_drawn_with_zero_in_the_middle_and_its_sum_above():
    axes = plot_product(MAP, TARGET, name="map 7").axes
    assert [one.get_title() for one in axes] == ["map 7", "M", "map 7 ∘ M, sum 2.0"]
    (drawn,) = axes[2].images
    assert drawn.get_array().tolist() == [[1, -2], [3, 0]]
    assert drawn.get_clim() == (-3, 3)


def test_a_crop_comes_first_with_the_box_in_its_pixels():
    crop = np.zeros((28, 28, 3), np.uint8)
    axes = plot_product(MAP, TARGET, crop, [0.5, 0, 1, 2]).axes
    assert len(axes) == 4
    (on_crop,), (on_map,) = axes[0].patches, axes[1].patches
    assert on_crop.get_bbox().bounds == (7, 0, 14, 28)
    assert on_map.get_bbox().bounds == (0.5, 0, 1, 2)


def test_a_product_of_zeros_can_be_drawn():
    assert plot_product(MAP, np.zeros((2, 2))).axes[2].images[0].get_clim() == (-1, 1)


def test_the_picture_shows_crop_target_and_product_and_writes_the_score_below():
    crop = np.full((28, 28, 3), 90, np.uint8)
    shown = product_picture(MAP, TARGET, crop, [0.5, 0, 1, 2], largest=3, side=60)
    assert shown.shape == (90, 180, 3)
    assert shown.dtype == np.uint8
    assert (shown[:5, :5] == 90).all()
    assert (shown[10, 70] == shown[40, 70]).all()  # M is 1 in both cells of the first column
    added, taken, nothing = shown[40, 130], shown[10, 170], shown[40, 170]
    assert added[0] > added[2]  # orange
    assert taken[2] > taken[0]  # purple
    assert nothing.min() > 240
    assert shown[60:].min() < 100, "no score is written"
