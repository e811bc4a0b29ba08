"""Tests of mfst_lib.training.principal_maps."""

import numpy as np
import pytest
from fake_engine import FakeEngine

from mfst_lib import fast
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput
from mfst_lib.roi import roi_around
from mfst_lib.sequences import lab
from mfst_lib.tracker import shaken
from mfst_lib.training import principal_maps
from mfst_lib.training.principal_maps import find_principal_maps, products

CONFIG = TrackerConfig(backbone="mobilenet_v3_small", ridge=1.0)


def test_products_are_those_of_the_cells_of_the_crops():
    sequence, engine = lab.render("cat-walk").first(5), FakeEngine()
    got, cells = products(sequence, CONFIG, engine, frames=2)
    expected = 0
    for number in (0, 4):
        for box in shaken(sequence.boxes[number], 1, number):
            roi = roi_around(box, CONFIG.roi_scale, CONFIG.roi_shape)
            (maps,) = engine(fast.crop(np.asarray(sequence.frames[number]), roi, 56))
            for cell in maps.reshape(-1, maps.shape[2]).astype(np.float64):
                expected = expected + np.outer(cell, cell)
    assert cells == 4 * 14 * 14
    assert np.allclose(got, expected, rtol=1e-4)


def test_the_principal_maps_of_a_network_say_what_they_were_found_on(monkeypatch):
    monkeypatch.setattr(principal_maps, "load_engine", lambda *_: FakeEngine())
    made = find_principal_maps(["lab:cat-walk", "lab:twins"], CONFIG, count=3, frames=2)
    assert made.matrix.shape == (40, 3)
    assert (made.backbone, made.taps[0]) == ("mobilenet_v3_small", "block6_expand")
    assert made.made_of["cells"] == 8 * 196
    assert 0 < made.made_of["share"] <= 1
    more = find_principal_maps(["lab:cat-walk", "lab:twins"], CONFIG, count=9, frames=2)
    assert more.made_of["share"] > made.made_of["share"]


def test_a_vtb13_task_and_an_empty_list_are_refused():
    with pytest.raises(InvalidInput, match="never trained"):
        find_principal_maps(["lab:twins", "David"], CONFIG)
    with pytest.raises(InvalidInput, match="no sequences"):
        find_principal_maps([], CONFIG)
