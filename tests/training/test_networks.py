"""The nets in Keras against NumPy, and the training models against the tracker's functions."""

import numpy as np
import pytest

from mfst_lib.candidates import candidate_scores_loop
from mfst_lib.prediction import normalise, subtract_negative, weighted_sum
from mfst_lib.selection import score_maps
from mfst_lib.target_maps import negative, target_map
from mfst_lib.training import losses
from mfst_lib.training.networks import SOFTNESS, map_model, score_model, to_net, weight_network
from mfst_lib.training.pairs import candidates_around, covers

keras = pytest.importorskip("keras")

CHANNELS = 30


def random_network(seed=0, channels=CHANNELS, name="positive_net"):
    """A Keras net whose parameters are random and fit into float16."""
    network = weight_network(channels, 6, 3.0, 0.1, name)
    rng = np.random.default_rng(seed)
    values = [
        rng.normal(0, 0.5 / w.shape[0] ** 0.5, w.shape).astype(np.float16)
        for w in network.get_weights()
    ]
    network.set_weights([value.astype(np.float32) for value in values])
    return network


def scores(count=9, channels=CHANNELS, seed=2):
    return np.random.default_rng(seed).normal(size=(count, channels)).astype(np.float32)


@pytest.mark.parametrize("channels", [30, 672, 1824])
def test_numpy_equals_keras_within_1e_5(channels):
    network = random_network(channels=channels)
    some = scores(5, channels)
    found = np.array([to_net(network, 0.1)(one) for one in some])
    np.testing.assert_allclose(found, network.predict_on_batch(some), atol=1e-5)


def test_untrained_it_selects_what_eq_5_selects():
    weights = weight_network(200, 4, 3.0, 0.1, "positive").predict_on_batch(scores(3, 200))
    top = np.sort(scores(3, 200), axis=1)[:, -20, None]
    np.testing.assert_array_equal(weights > 0, scores(3, 200) > top)


def test_eq16_is_the_printed_loss():
    rng = np.random.default_rng(0)
    maps = rng.random((14, 14, CHANNELS)).astype(np.float32)
    wanted = target_map("S", np.array([4.0, 5, 5, 4]), (14, 14))
    weights = rng.random(CHANNELS).astype(np.float32)
    printed = -np.sum(weighted_sum(maps, weights) * wanted)
    found = losses.eq16(score_maps(maps, wanted)[None], weights[None])
    np.testing.assert_allclose(np.asarray(found), [printed], rtol=1e-4)


def test_the_negative_net_sees_the_scores_of_the_negative_map():
    nets = {"positive": random_network(), "negative": random_network(1, name="negative_net")}
    maps = np.random.default_rng(0).random((14, 14, CHANNELS)).astype(np.float32)
    wanted = target_map("S", np.array([4.0, 5, 5, 4]), (14, 14))
    found = score_model(nets).predict_on_batch({"scores": score_maps(maps, wanted)[None]})
    expected = to_net(nets["negative"], 0.1)(score_maps(maps, negative(wanted)))
    np.testing.assert_allclose(found["negative"][0], expected, atol=1e-4)


@pytest.mark.parametrize("rule", ["min-max", "maximum"])
@pytest.mark.parametrize("with_negative", [True, False])
def test_the_training_model_computes_what_the_tracker_does(rule, with_negative):
    nets = {"positive": random_network()}
    if with_negative:
        nets["negative"] = random_network(1, name="negative_net")
    maps = np.random.default_rng(0).random((14, 14, CHANNELS)).astype(np.float16)
    boxes, _ = candidates_around(np.array([[4.0, 5, 5, 4]]), 7, np.random.default_rng(0))
    boxes = np.clip(np.rint(boxes), 0, 14)  # whole cells: there both ways to sum are the same
    one = scores(1)
    model = map_model(nets, 196, 0.5, 0.2, rule)
    inputs = {"scores": one, "maps": maps.reshape(1, 196, -1), "covers": covers(boxes, (14, 14))}
    found = model.predict_on_batch(inputs)

    features = maps.astype(np.float32)
    p, n = (
        normalise(weighted_sum(features, to_net(net, 0.1)(sign * one[0])), rule)
        for sign, net in zip((1, -1), (*nets.values(), *nets.values())[:2], strict=True)
    )
    expected = subtract_negative(p, n, 0.5) if with_negative else p
    np.testing.assert_allclose(np.maximum(found["map"][0], 0), expected.reshape(-1), atol=1e-4)
    if not with_negative:  # no value below 0, so no leak
        area = covers(boxes, (14, 14))[0, 0].sum()
        summed = candidate_scores_loop(expected, boxes[0], 0.2) / (SOFTNESS * area)
        np.testing.assert_allclose(found["candidates"][0], summed, atol=1e-3)


def test_map_loss_is_0_for_the_right_map_and_weighs_both_sides_the_same():
    inside = np.zeros((1, 196), np.float32)
    inside[0, :10] = 1
    assert float(losses.map_loss(inside, inside)[0]) == pytest.approx(0, abs=1e-5)
    assert float(losses.map_loss(inside, 0 * inside)[0]) == pytest.approx(1, abs=1e-5)
    assert float(losses.map_loss(inside, 0 * inside + 1)[0]) == pytest.approx(1, abs=1e-5)
    below = inside - 3 * (1 - inside)  # around the target below 0: cut off, so right
    assert float(losses.map_loss(inside, below)[0]) == pytest.approx(0, abs=1e-5)


def test_overlap_loss_is_0_when_the_best_box_wins_clearly():
    overlaps = np.array([[1.0, 0.5, 0.0]], np.float32)
    right, wrong = np.array([[50.0, 0, 0]], np.float32), np.array([[0, 0, 50.0]], np.float32)
    assert float(losses.overlap_loss(overlaps, right)[0]) == pytest.approx(0, abs=1e-4)
    assert float(losses.overlap_loss(overlaps, wrong)[0]) == pytest.approx(1, abs=1e-4)
