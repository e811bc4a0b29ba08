"""Tests of mfst_lib.training.prior: the closed form against a loop, and what it does."""

import numpy as np
import pytest
from made_up_records import CHANNELS, made_up

from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput
from mfst_lib.training.prior import prior_nets, usual_scores
from mfst_lib.weight_net import scaled

CONFIG = TrackerConfig(backbone="mobilenet_v3_small")


def test_the_usual_score_weighs_every_sequence_the_same():
    records = made_up((10, 4))
    total = np.zeros(CHANNELS)
    for number in range(2):
        rows = [row for row in records.rows if row["sequence"] == number]
        total += sum(scaled(row["scores"]) for row in rows) / len(rows) / 2
    np.testing.assert_allclose(usual_scores(records, records.names), total, atol=1e-5)


def test_without_strength_it_is_the_steep_rule():
    records = made_up()
    one = prior_nets(records, CONFIG, records.names, strength=0.0, gain=1000.0)
    scores = records.rows["scores"][0]
    chosen = one.predict(scores) > 0
    assert (scores[chosen] > np.sort(scores)[-8]).all()
    assert 4 <= chosen.sum() <= 6  # six of sixty, but for the one at the threshold


def test_a_map_that_is_usually_good_is_preferred():
    records = made_up()
    records.rows["scores"][:, 7] += 4
    scores = np.random.default_rng(1).normal(size=CHANNELS).astype(np.float32)
    scores[7] = np.sort(scores)[-9]  # not among the best tenth itself
    weak, strong = (
        prior_nets(records, CONFIG, records.names, strength=s).predict(scores)[7] for s in (0, 1)
    )
    assert weak == 0 and strong > 0


def test_about_a_tenth_of_the_maps_get_a_weight():
    records = made_up((30, 30))
    nets = prior_nets(records, CONFIG, records.names)
    shares = [(nets.predict(row["scores"]) > 0).mean() for row in records.rows]
    assert np.mean(shares) == pytest.approx(0.10, abs=0.03)


def test_bad_material_is_refused():
    records = made_up()
    with pytest.raises(InvalidInput, match="VTB13"):
        prior_nets(records, CONFIG, ["David"])
    records.rows["sequence"] = 5
    with pytest.raises(InvalidInput, match="training set is empty"):
        usual_scores(records, records.names)
