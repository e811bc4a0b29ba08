"""Tests of mfst_lib.weight_net: the nets in NumPy, their files, and the tracker with them."""

import hashlib
import io
import json
import pickle

import numpy as np
import pytest
from fake_engine import FakeEngine
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mfst_lib import files, weight_net
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.selection import selection_weights
from mfst_lib.tracker import FMST
from mfst_lib.weight_net import (
    Net,
    WeightNets,
    find_weight_nets,
    load_weight_nets,
    relu6,
    scaled,
)

TAPS = ("block6_expand", "block8_expand")


def net(channels=40, hidden=5, seed=0, gain=3.0):
    """A net with random parameters that float16 holds exactly."""
    rng = np.random.default_rng(seed)

    def some(*shape):
        return rng.normal(0, 0.3, shape).astype(np.float16).astype(np.float32)

    return Net(
        (gain + some(channels)).astype(np.float16).astype(np.float32),
        some(channels),
        some(channels, hidden),
        some(hidden),
        some(hidden, channels),
    )


def plain(channels=40, gain=1000.0):
    """A net that has learnt nothing: the top-10 % rule alone."""
    zeros = np.zeros(channels, np.float32)
    return Net(
        np.full(channels, gain, np.float32),
        zeros,
        np.zeros((channels, 1), np.float32),
        np.zeros(1, np.float32),
        np.zeros((1, channels), np.float32),
    )


def nets(backbone="mobilenet_v3_small", taps=TAPS, **parts):
    return WeightNets(backbone, taps, parts or {"positive": net(), "negative": net(seed=1)})


SCORES = np.random.default_rng(5).normal(size=40).astype(np.float32)
FINITE = st.floats(-1e3, 1e3, width=32)


def test_a_net_is_relu6_of_a_direct_part_and_one_hidden_layer():
    one = net()
    x = scaled(SCORES)
    hidden = np.array([max(0, x @ one.into[:, j] + one.bias[j]) for j in range(5)])
    expected = [
        min(6, max(0, one.gain[c] * x[c] + one.offset[c] + hidden @ one.out[:, c]))
        for c in range(40)
    ]
    np.testing.assert_allclose(one(SCORES), expected, atol=1e-5)
    assert one(SCORES).dtype == np.float32


@given(arrays.arrays(np.float32, 40, elements=FINITE))
def test_weights_lie_in_0_to_6(scores):
    weights = nets().predict(scores)
    assert weights.shape == (40,)
    assert (weights >= 0).all() and (weights <= 6).all()


@given(arrays.arrays(np.float32, 30, elements=FINITE, unique=True))
def test_a_score_from_the_threshold_up_is_one_that_eq_5_selects(scores):
    np.testing.assert_array_equal(scaled(scores) >= 0, selection_weights(scores) == 1)


def test_neither_the_boxs_size_nor_the_maps_scale_changes_what_a_net_sees():
    np.testing.assert_allclose(scaled(SCORES * 7 - 3), scaled(SCORES), rtol=1e-4, atol=1e-5)


def test_equal_scores_are_no_division_by_zero():
    assert (scaled(np.ones(40, np.float32)) == 0).all()
    assert np.isfinite(nets().predict(np.zeros(40))).all()


def test_relu6():
    np.testing.assert_array_equal(relu6(np.array([-1.0, 0, 2, 6, 7])), [0, 0, 2, 6, 6])


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        (np.zeros(39), r"take the 40 scores of mobilenet_v3_small .*got an array \(39,\)"),
        (np.zeros((1, 40)), r"got an array \(1, 40\)"),
        (np.full(40, np.nan), "finite"),
        (np.full(40, np.inf), "finite"),
    ],
)
def test_bad_scores_are_refused(scores, said):
    with pytest.raises(InvalidInput, match=said):
        nets().predict(scores)


def test_a_net_that_is_not_there_is_named():
    with pytest.raises(InvalidInput, match="unknown weight net 'negative'"):
        nets(positive=net()).predict(SCORES, "negative")
    with pytest.raises(InvalidInput, match="positive"):
        WeightNets("vgg16", TAPS, {"negative": net()})
    with pytest.raises(InvalidInput, match="unknown weight net 'third'"):
        nets(positive=net(), third=net())
    with pytest.raises(InvalidInput, match="differ"):
        nets(positive=net(), negative=net(30))


@pytest.mark.parametrize("part", ["gain", "offset", "into", "bias", "out"])
def test_parts_that_do_not_fit_or_are_not_finite_are_refused(part):
    parts = {name: getattr(net(), name) for name in weight_net.PARTS}
    broken = parts[part].copy()
    broken.flat[0] = np.nan
    with pytest.raises(InvalidInput, match=f"{part} holds values that are not finite"):
        Net(**{**parts, part: broken})
    if part in ("into", "out", "offset"):
        with pytest.raises(InvalidInput, match=f"{part} is "):
            Net(**{**parts, part: parts[part][:-1]})


def test_a_file_gives_back_what_was_saved(tmp_path):
    before = nets()
    before.notes["seed"] = 3
    before.save(tmp_path / "nets.npz")
    after = load_weight_nets(tmp_path / "nets.npz")
    assert (after.backbone, after.taps, after.notes) == ("mobilenet_v3_small", TAPS, {"seed": 3})
    for sign in ("positive", "negative"):
        np.testing.assert_array_equal(after.predict(SCORES, sign), before.predict(SCORES, sign))
    assert [path.name for path in tmp_path.iterdir()] == ["nets.npz"]


def test_a_file_holds_float16_and_no_pickles(tmp_path):
    nets().save(tmp_path / "nets.npz")
    with np.load(tmp_path / "nets.npz", allow_pickle=False) as stored:
        kinds = {stored[name].dtype for name in stored.files if name != "header"}
    assert kinds == {np.dtype(np.float16)}


def test_missing_truncated_and_foreign_files_are_named(tmp_path):
    path = tmp_path / "nets.npz"
    with pytest.raises(NotFound, match="no weight nets .*nets.npz"):
        load_weight_nets(path)
    nets().save(path)
    whole = path.read_bytes()
    for count in (0, 10, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:count])
        with pytest.raises(InvalidInput, match=r"nets\.npz does not hold whole weight nets"):
            load_weight_nets(path)
    for foreign in (b"text", pickle.dumps([1]), _npz(a=np.zeros(3)), _npz(header=_json({}))):
        path.write_bytes(foreign)
        with pytest.raises(InvalidInput, match="does not hold"):
            load_weight_nets(path)
    path.write_bytes(_npz(header=_json({"format": "other 7"})))
    with pytest.raises(InvalidInput, match="another format: 'other 7'"):
        load_weight_nets(path)


def _npz(**content):
    buffer = io.BytesIO()
    np.savez(buffer, **content)
    return buffer.getvalue()


def _json(value):
    return np.frombuffer(json.dumps(value).encode(), np.uint8)


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    nets().save(tmp_path / "nets.npz")
    before = (tmp_path / "nets.npz").read_bytes()

    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.Path, "write_bytes", full)
    with pytest.raises(InvalidInput, match="No space left"):
        nets(positive=net(seed=9)).save(tmp_path / "nets.npz")
    assert (tmp_path / "nets.npz").read_bytes() == before


def test_nets_are_found_by_shipped_name_or_path(tmp_path, monkeypatch):
    monkeypatch.setattr(weight_net, "SHIPPED", tmp_path)
    nets().save(tmp_path / "mobilenet_v3_small.npz")
    for name in ("mobilenet_v3_small", str(tmp_path / "mobilenet_v3_small.npz")):
        assert find_weight_nets(name).backbone == "mobilenet_v3_small"
    with pytest.raises(NotFound, match=r"'v3l' in .*there are: mobilenet_v3_small"):
        find_weight_nets("v3l")


FAKE = TrackerConfig(map_size=56, candidates=60)


def film():
    rng = np.random.default_rng(1)
    ground = rng.integers(0, 160, (90, 120, 3), dtype=np.uint8)
    frames = []
    for t in range(4):
        frame = ground.copy()
        frame[20 + t : 28 + t, 30 + 2 * t : 54 + 2 * t] = (250, 30, 20)
        frames.append(frame)
    return frames


def follow(config):
    tracker = FMST(config, engine=FakeEngine())
    tracker.init(film()[0], (30, 20, 24, 8))
    return np.array([tracker.update(frame)[1] for frame in film()[1:]]), tracker


@pytest.fixture
def saved(tmp_path):
    """A function that saves nets for the fake engine and gives their path."""

    def save(**parts):
        path = tmp_path / "fake.npz"
        taps = ("block9_expand", "block11_expand", "block12_expand")
        nets("efficientnet_lite0", taps, **parts).save(path)
        return str(path)

    return save


def test_nets_that_have_learnt_nothing_track_as_the_top_10_percent_rule(saved):
    path = saved(positive=plain(gain=60000.0))
    with_nets, tracker = follow(FAKE.replace(weight_net=path))
    without, _ = follow(FAKE)
    # All selected maps but the one at the threshold have the same weight.
    assert set(np.unique(tracker.weights[0]["S"])) == {0.0, 6.0}
    assert np.abs(with_nets - without).max() < 12


def test_the_tracker_gives_each_net_its_scores(saved):
    path = saved(positive=net(), negative=net(seed=1))
    boxes, tracker = follow(FAKE.replace(weight_net=path, alpha=0.5))
    average = tracker._averages[0]
    both = load_weight_nets(path)
    for kind, sign in (("S", "positive"), ("-S", "negative")):
        expected = both.predict(average[kind], sign)
        np.testing.assert_array_equal(tracker.weights[0][kind], expected)
    assert np.isfinite(boxes).all()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"backbone": "mobilenet_v3_large"}, "trained for efficientnet_lite0"),
        ({"taps": ("block3_expand",)}, r"not for efficientnet_lite0 \(block3_expand\)"),
        ({"types": "SC"}, "Type S"),
        ({"merge_taps": False}, "merged"),
        ({"alpha": 0.5}, "needs a negative net"),
    ],
)
def test_nets_that_do_not_fit_the_other_settings_are_refused(saved, changes, said):
    config = FAKE.replace(weight_net=saved(positive=net()), **changes)
    with pytest.raises(InvalidInput, match=said):
        FMST(config, engine=FakeEngine())


def test_nets_of_another_length_than_the_maps_are_refused_at_init(saved):
    tracker = FMST(FAKE.replace(weight_net=saved(positive=net(30))), engine=FakeEngine())
    with pytest.raises(InvalidInput, match=r"take the 30 scores .* got an array \(40,\)"):
        tracker.init(film()[0], (30, 20, 24, 8))


@pytest.mark.parametrize("path", sorted(weight_net.SHIPPED.glob("*.npz")), ids=lambda p: p.stem)
def test_shipped_nets_are_small_and_fit_their_backbone(path):
    from mfst_lib.backbones.catalogue import find_backbone

    assert path.stat().st_size < 3_000_000
    shipped = load_weight_nets(path)
    assert shipped.backbone == path.stem
    shipped.check_fits(path.stem, find_backbone(path.stem).taps)


@pytest.mark.parametrize("path", sorted(weight_net.SHIPPED.glob("*.npz")), ids=lambda p: p.stem)
def test_the_manifest_beside_shipped_nets_is_theirs(path):
    lines = (path.parent / "README.md").read_text("utf-8").splitlines()
    (row,) = (line for line in lines if line.startswith(f"| `{path.name}`"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for value in (path.stat().st_size, load_weight_nets(path).fingerprint, digest[:16]):
        assert f"{value}" in row


def test_a_fingerprint_is_that_of_the_content():
    first = nets().fingerprint
    assert nets().fingerprint == first
    assert nets("mobilenet_v3_large").fingerprint != first
    assert nets(positive=net()).fingerprint != first
    assert nets(positive=net(), negative=net(seed=2)).fingerprint != first
