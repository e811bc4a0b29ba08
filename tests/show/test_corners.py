import numpy as np

from mfst_lib.candidates import integral_image
from mfst_lib.show.corners import plot_corners


def test_the_hatched_parts_with_their_signs_give_the_sum_in_the_box():
    values = np.arange(48, dtype=np.float32).reshape(6, 8)
    sums, total = integral_image(values), 0.0
    for axes in plot_corners(values, left=2, top=1, right=5, bottom=4).axes:
        part, box = axes.patches
        sign = {"+": 1, "−": -1}[axes.get_title()[0]]
        assert part.get_xy() == (0, 0)
        total += sign * sums[part.get_height(), part.get_width()]
        assert (*box.get_xy(), box.get_width(), box.get_height()) == (2, 1, 3, 3)
    assert total == values[1:4, 2:5].sum()


def test_the_titles_name_the_look_ups():
    titles = [axes.get_title() for axes in plot_corners(np.zeros((4, 4)), 1, 1, 2, 3).axes]
    assert titles[0] == "+ sums[bottom, right]"
    assert titles[3] == "+ sums[top, left]"
