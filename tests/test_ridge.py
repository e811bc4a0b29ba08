"""Tests of mfst_lib.ridge."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mfst_lib.errors import InvalidInput
from mfst_lib.ridge import (
    RidgeMemory,
    SelectedMaps,
    anchored,
    best_multiple,
    channel_scales,
    moments,
    moments_loop,
    ridge_weights,
    stress_on_rivals,
)

cases = st.tuples(st.integers(2, 20), st.integers(1, 9), st.integers(0, 10**6))


def made_up(cells, channels, seed):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(cells, channels)).astype(np.float32)
    return features, rng.uniform(0.05, 0.95, cells).astype(np.float32)


@given(cases)
def test_the_fast_moments_are_those_of_the_loop(case):
    features, inside = made_up(*case)
    assert np.allclose(moments(features, inside), moments_loop(features, inside), atol=1e-4)


@given(cases)
def test_stress_weighs_the_surroundings_among_themselves_alone(case):
    features, inside = made_up(*case)
    light = np.random.default_rng(case[2]).random(len(inside), dtype=np.float32)
    stress = stress_on_rivals(light, 2.0)
    assert (stress_on_rivals(light, 0) == 1).all() and (stress >= 1).all()
    expected = np.zeros((case[1], case[1]))
    around = (1 - inside) * stress
    for p, f in enumerate(features.astype(np.float64)):
        share = inside[p] / inside.sum() + around[p] / around.sum()
        expected += share * np.outer(f, f)
    got = moments(features, inside, stress)
    assert np.allclose(got[:, :-1], expected, atol=1e-4)
    assert np.allclose(got[:, -1], moments(features, inside)[:, -1], atol=1e-5)


@given(cases, st.booleans())
@settings(deadline=None)
def test_the_weights_minimise_what_the_page_says(case, from_selection):
    features, inside = made_up(*case)
    known = moments(features, inside)
    plain = np.ones(features.shape[1], np.float32) if from_selection else None
    start = best_multiple(known[:, :-1], known[:, -1], plain) if from_selection else 0
    weights = ridge_weights(known, 0.5, plain)
    share = inside.astype(np.float64)
    sides = share / share.sum(), (1 - share) / (1 - share).sum()
    strength = 0.5 * np.trace(known[:, :-1]) / len(weights)

    def loss(w):
        seen = features @ w
        errors = sides[0] @ (seen - 1) ** 2 + sides[1] @ seen**2
        return errors + strength * np.sum((w - start) ** 2)

    lowest = loss(weights.astype(np.float64))
    for direction in np.random.default_rng(0).normal(size=(20, len(weights))):
        assert loss(weights + 0.01 * direction) > lowest - 1e-6


@given(cases)
@settings(deadline=None)
def test_no_other_multiple_of_the_selection_comes_nearer(case):
    features, inside = made_up(*case)
    known, plain = moments(features, inside), np.ones(features.shape[1], np.float32)
    both, right = known[:, :-1].astype(np.float64), known[:, -1]
    best = best_multiple(both, right, plain)

    def loss(w):
        return w @ both @ w - 2 * right @ w

    assert all(loss(best) <= loss(height * plain) + 1e-6 for height in np.linspace(0, 3, 31))


def test_a_strong_ridge_leads_to_the_weights_of_the_plain_selection():
    features, inside = made_up(36, 6, 8)
    maps, inside = np.abs(features).reshape(6, 6, 6), inside.reshape(6, 6)
    memory = RidgeMemory(SelectedMaps([maps], np.array([1, 3, 4])))
    memory.start([maps], inside)
    weights = memory.weights(0.3, 1000.0, memory.reading.scales)
    assert np.allclose(weights[[1, 3, 4]], weights[1], rtol=0.01) and weights[1] > 0
    assert not weights[[0, 2, 5]].any()


def test_the_map_is_high_on_the_target_and_low_around_it():
    inside = np.zeros((6, 6), np.float32)
    inside[2:4, 2:4] = 1
    rng = np.random.default_rng(3)
    noise = rng.normal(size=(6, 6, 5)).astype(np.float32)
    both = np.full((6, 6, 1), 1, np.float32)  # sees the target and its surroundings alike
    maps = np.concatenate([noise, both, inside[..., None] + 0.1 * noise[..., :1]], axis=2)
    memory = RidgeMemory(SelectedMaps([maps], np.arange(7)))
    memory.start([maps], inside)
    seen = maps @ memory.weights(anchor=0.2, strength=0.1)
    assert seen[inside == 1].min() > 2 * seen[inside == 0].max()


def test_maps_that_were_not_selected_get_no_weight_and_scaled_maps_the_same_answer():
    features, inside = made_up(36, 8, 5)
    maps, inside = features.reshape(6, 6, 8), inside.reshape(6, 6)
    answers = []
    for loud in (1, 100):
        louder = maps * np.float32(loud)
        memory = RidgeMemory(SelectedMaps([louder], np.array([6, 1])))
        memory.start([louder], inside)
        weights = memory.weights(0.2, 1.0)
        assert (np.flatnonzero(weights) == [1, 6]).all()
        answers.append(louder @ weights)
    assert np.allclose(*answers, atol=0.01)


def test_a_layer_in_several_taps_gives_what_it_gives_in_one():
    features, inside = made_up(36, 9, 6)
    maps, inside = features.reshape(6, 6, 9), inside.reshape(6, 6)
    answers = []
    for taps in ([maps], [maps[..., :2], maps[..., 2:3], maps[..., 3:]]):
        memory = RidgeMemory(SelectedMaps(taps, np.array([8, 0, 4, 3])))
        memory.start(taps, inside)
        memory.start([np.flip(tap, 0) for tap in taps], inside)
        memory.follow(taps, inside, 0.9)
        answers.append(memory.weights(0.2, 1.0))
    assert np.allclose(*answers, atol=1e-6)


def test_the_memory_follows_new_frames_but_the_anchor_keeps_the_first():
    features, inside = made_up(36, 4, 7)
    first, other = features.reshape(6, 6, 4), np.flip(features).reshape(6, 6, 4)
    inside = inside.reshape(6, 6)

    def after(anchor, eta):
        memory = RidgeMemory(SelectedMaps([first], np.arange(4)))
        memory.start([first], inside)
        memory.follow([other], inside, eta)
        return memory.weights(anchor, 0.5)

    at_first = after(1.0, 0.0)
    assert np.allclose(at_first, after(0.3, 1.0), atol=1e-5)
    assert not np.allclose(at_first, after(0.0, 0.0), atol=1e-2)
    a, b = np.zeros((1, 2), np.float32), np.ones((1, 2), np.float32)
    assert np.allclose(anchored(a, b, 0.25), 0.75)


def test_channels_that_are_silent_do_no_harm():
    silent = np.zeros((9, 3), np.float32)
    assert np.isfinite(channel_scales(silent)).all()
    assert (ridge_weights(moments(silent, np.full(9, 0.5)), 1.0) == 0).all()


@pytest.mark.parametrize("inside", [0.0, 1.0])
def test_a_box_that_covers_nothing_or_everything_gives_finite_weights(inside):
    features, _ = made_up(9, 3, 1)
    known = moments(features, np.full(9, inside, np.float32))
    assert np.isfinite(ridge_weights(known, 1.0)).all()


def test_bad_input_is_refused():
    with pytest.raises(InvalidInput, match="do not fit together"):
        moments(np.zeros((9, 3), np.float32), np.zeros(8))
    with pytest.raises(InvalidInput, match="positive"):
        ridge_weights(np.eye(3, 4, dtype=np.float32), 0.0)
