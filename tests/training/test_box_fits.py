"""Tests of mfst_lib.training.box_fits."""

import numpy as np
import pytest
from fake_engine import FakeEngine

from mfst_lib.box_fit import LARGEST, corrected
from mfst_lib.boxes import iou
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput
from mfst_lib.sequences import lab
from mfst_lib.training.box_fits import FARTHEST, fit_boxes, looks, off

CONFIG = TrackerConfig(map_size=56, candidates=60, ridge=1.0, ridge_views=1)


def test_a_box_is_off_by_shares_of_its_own_sides():
    assert np.allclose(off([10, 10, 4, 8], (0.5, -0.25), 0, 0), [12, 8, 4, 8])
    assert np.allclose(off([10, 10, 4, 8], (0, 0), np.log(2), 0), [8, 10, 8, 8])


def test_each_look_comes_with_what_would_put_its_box_right():
    sequence = lab.render("cat-walk").first(6)
    views, corrections = looks(sequence, CONFIG, FakeEngine(), repeats=3)
    assert views.shape == (15, 8, 8)
    assert corrections.shape == (15, 4)
    assert np.abs(corrections).max() < FARTHEST
    assert np.abs(corrections).max(axis=0).min() > 0.02
    again = looks(sequence, CONFIG, FakeEngine(), repeats=3)
    assert (views == again[0]).all()


def test_small_corrections_can_be_undone():
    box = np.array([10.0, 10, 4, 8])
    moved = off(box, (0.1, 0.1), 0.1, -0.05)
    change = np.array([0.1, 0.1, 0.1, -0.05])
    assert max(change) < LARGEST
    assert iou(corrected(box, change), moved) > 0.999


def test_a_vtb13_task_and_an_empty_list_are_refused():
    with pytest.raises(InvalidInput, match="never trained"):
        fit_boxes(["lab:twins", "David"], CONFIG)
    with pytest.raises(InvalidInput, match="no sequences"):
        fit_boxes([], CONFIG)
