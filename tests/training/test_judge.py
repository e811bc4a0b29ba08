"""Tests of mfst_lib.training.judge: one step is the tracker's, and good maps choose good boxes."""

import numpy as np
import pytest
from made_up_records import CHANNELS, made_up

from mfst_lib.candidates import candidate_scores
from mfst_lib.errors import InvalidInput
from mfst_lib.prediction import enlarge, min_max, subtract_negative, weighted_sum
from mfst_lib.selection import selection_weights
from mfst_lib.target_maps import coverage
from mfst_lib.training import judge as judging
from mfst_lib.training.judge import judge, steps, top_share, with_nets
from mfst_lib.training.pairs import candidates_around
from mfst_lib.weight_net import Net, WeightNets


def nets(**parts):
    return WeightNets("mobilenet_v3_small", ("block6_expand",), parts)


def plain(gain=3.0):
    zeros = [np.zeros(shape, np.float32) for shape in ((CHANNELS, 1), (1,), (1, CHANNELS))]
    gains = np.full(CHANNELS, gain, np.float32)
    return Net(gains, np.zeros(CHANNELS, np.float32), *zeros)


def test_a_step_goes_from_the_good_view_of_a_frame_to_the_bad_view_of_a_later_one():
    records = made_up((10, 6))
    found = list(steps(records, records.names, gap=2))
    assert [step.name for step in found] == [records.names[0]] * 8 + [records.names[1]] * 4
    numbers = records.numbers(records.names)[1]
    np.testing.assert_array_equal(found[8].scores, records.rows["scores"][numbers[0]])
    np.testing.assert_array_equal(found[8].box, records.rows["box"][numbers[5]])
    assert found[8].maps.shape == (14, 14, CHANNELS)


def test_the_box_is_the_one_that_eq_10_chooses_on_the_enlarged_map():
    records = made_up((3, 2))
    step = next(iter(steps(records, records.names)))
    boxes, overlaps = candidates_around(step.box[None], 100, np.random.default_rng(0))
    grid_map = min_max(weighted_sum(step.maps, selection_weights(step.scores)))
    scores = candidate_scores(enlarge(grid_map, 224), 16 * boxes[0], 0.2)
    expected = overlaps[0, np.argmax(scores)]
    found = judging._overlap(step, top_share(), 0.2, np.random.default_rng(0))
    assert found == pytest.approx(float(expected))


def test_a_map_of_the_target_chooses_better_than_noise():
    records = made_up((8, 5))
    for row in records.rows:  # the last ten maps show the target, and score well
        row["maps"][:, -10:] = coverage(row["box"], (14, 14)).reshape(-1, 1)
        row["scores"][-10:] += 10
    seen, blind = (judge(records, records.names, top_share(f)) for f in (0.15, 1.0))
    assert all(seen[name] > 0.6 for name in records.names)
    assert np.mean(list(seen.values())) > np.mean(list(blind.values()))


def test_a_steep_net_that_has_learnt_nothing_chooses_as_the_rule():
    records = made_up((6, 6))
    rule = judge(records, records.names, top_share())
    with_net = judge(records, records.names, with_nets(nets(positive=plain(1e6))))
    assert with_net == pytest.approx(rule, abs=0.15)  # but for the map at the threshold


def test_the_negative_net_is_taken_off_as_eq_13_says():
    both = nets(positive=plain(), negative=plain(5.0))
    rng = np.random.default_rng(0)
    maps = rng.random((14, 14, CHANNELS)).astype(np.float32)
    scores = rng.normal(size=CHANNELS).astype(np.float32)
    positive = min_max(weighted_sum(maps, both.predict(scores)))
    background = min_max(weighted_sum(maps, both.predict(-scores, "negative")))
    expected = subtract_negative(positive, background, 0.5)
    np.testing.assert_allclose(with_nets(both, 0.5)(maps, scores), expected, atol=1e-6)


def test_records_without_maps_cannot_be_judged():
    records = made_up((5, 5), maps=False)
    with pytest.raises(InvalidInput, match="with maps"):
        judge(records, records.names, top_share())
