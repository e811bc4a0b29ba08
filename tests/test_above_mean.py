"""Maps from their own mean up: what the form gives, and what the tracker does with it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfst_lib import FMST, preset
from mfst_lib.above_mean import above_mean
from mfst_lib.backbones.engines import taps_of
from mfst_lib.sequences.catalogue import load_sequence

rng = np.random.default_rng(0)


def test_each_map_is_measured_from_its_own_mean():
    maps = rng.normal(size=(5, 4, 3)).astype(np.float32)
    lit = above_mean(maps)
    assert lit.dtype == np.float32
    for channel in range(3):
        mean = maps[:, :, channel].astype(np.float64).mean()
        for row in range(5):
            for column in range(4):
                expected = max(maps[row, column, channel] - mean, 0)
                assert lit[row, column, channel] == pytest.approx(expected, abs=1e-6)


@given(st.integers(0, 99), st.floats(-50, 50, width=32), st.floats(0, 8, width=32))
def test_a_map_s_own_shade_drops_out_and_its_contrast_stays(seed, shade, contrast):
    maps = np.random.default_rng(seed).normal(size=(6, 6, 2)).astype(np.float32)
    lit = above_mean(maps)
    assert np.allclose(above_mean(contrast * maps + shade), contrast * lit, atol=1e-4)


def test_a_map_of_one_value_is_silent():
    assert not above_mean(np.full((4, 4, 2), -3.0, np.float32)).any()


class _Lit:
    """An engine whose maps are above their mean already."""

    def __init__(self, engine):
        self.engine, self.input_size, self.name = engine, engine.input_size, "lit"

    def __call__(self, crop):
        return [above_mean(maps) for maps in self.engine(crop)]


@pytest.mark.parametrize("name", ["default", "beyond-lite0"])
def test_the_field_is_the_same_as_a_network_that_gives_such_maps(name):
    part = load_sequence("lab:cat-walk").first(8)
    config = preset(name, above_mean=False, confidence="auto")
    asked = FMST(config.replace(above_mean=True))
    given_ = FMST(config, engine=_Lit(asked.engine))
    for tracker in (asked, given_):
        tracker.init(part.frames[0], part.boxes[0])
    for image in part.frames[1:]:
        assert np.allclose(asked.update(image)[1], given_.update(image)[1], atol=0.02)
    shown = asked.view.layers[0]
    assert shown.min() == 0
    assert (np.concatenate(taps_of(asked.view.layers)[0], axis=2) == shown).all()
