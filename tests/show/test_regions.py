import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.roi import ROI
from mfst_lib.show.regions import SIDE, add_grid, plot_regions, region_picture

IMAGE = np.full((60, 80, 3), 100, np.uint8)
BOX = [20.0, 15, 10, 20]


def test_each_region_has_its_frame_and_its_crop_with_the_box_in_both():
    rois = {"square": ROI(5, 5, 40, 40), "stretched": ROI(-10, 5, 20, 40)}
    figure = plot_regions(IMAGE, BOX, rois)
    frames, crops = figure.axes[:2], figure.axes[2:]
    assert [axes.get_title() for axes in frames] == ["square", "stretched"]
    assert [axes.patches[1].get_xy() for axes in frames] == [(5, 5), (-10, 5)]
    assert frames[0].get_xlim() == (-12, 80)  # the region beyond the frame is in the picture
    assert frames[0].get_ylim() == (60, 0)
    assert crops[0].images[0].get_array().shape == (SIDE, SIDE, 3)
    scale = SIDE / 40
    inside = crops[0].patches[0]
    assert np.allclose([*inside.get_xy(), inside.get_width()], np.array([15, 10, 10]) * scale)
    assert len(plot_regions(IMAGE, BOX, {"one": ROI(5, 5, 40, 40)}).axes) == 2
    with pytest.raises(InvalidInput, match="no regions"):
        plot_regions(IMAGE, BOX, {})


def test_a_grid_has_a_line_at_either_end_of_every_cell():
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    add_grid(axes, (2, 4), 100)
    upright = [line.get_xdata()[0] for line in axes.lines[:5]]
    assert upright == [0, 25, 50, 75, 100]
    assert [line.get_ydata()[0] for line in axes.lines[5:]] == [0, 50, 100]


def test_a_region_picture_shows_the_frame_and_the_crop():
    image = IMAGE.copy()
    image[30:40, 30:50] = 250
    picture = region_picture(image, BOX, ROI(30, 30, 20, 10))
    assert picture.shape == (60, 80 + 8 + 60, 3)
    assert (picture[0, :80] == 100).all()
    assert (picture[6:-6, 92:144] >= 249).all()  # the whole region is bright
    assert picture[15, 25].argmax() == 2  # the truth's light blue
    assert picture[40, 40].argmin() == 2  # the region's yellow


def test_what_lies_outside_is_grey_on_request():
    picture = region_picture(IMAGE, BOX, ROI(-40, -40, 20, 20), "constant")
    assert picture[30, 118].tolist() == [127] * 3
