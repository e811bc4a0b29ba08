import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.show.light import lit, plot_lit

CROP = np.full((28, 28, 3), 200, np.uint8)


def test_the_crop_is_itself_at_the_maximum_and_dark_at_zero_and_below():
    values = np.zeros((4, 4))
    values[:2], values[2:] = 7.0, -7.0
    picture = lit(CROP, values)
    assert (picture[:8] == 200).all()
    assert (picture[-8:] == 40).all()
    assert (lit(CROP, np.zeros((4, 4))) == 40).all()


def test_each_map_lights_its_own_crop_and_empty_places_are_off():
    ones, dark = np.ones((4, 4)), CROP // 2
    axes = plot_lit([CROP, dark, CROP], [ones] * 3, ["a", "b", "c"], columns=2).axes
    assert [one.get_title() for one in axes[:3]] == ["a", "b", "c"]
    assert int(axes[1].images[0].get_array()[9, 9, 0]) == 100
    assert not axes[3].axison


@pytest.mark.parametrize(("crops", "titles"), [([], []), ([CROP], ["a", "b"])])
def test_crops_maps_and_titles_pair_up(crops, titles):
    with pytest.raises(InvalidInput, match="at least one"):
        plot_lit(crops, [np.ones((2, 2))] * len(titles), titles)
