"""Tests of mfst_lib.principal."""

import numpy as np
import pytest
from fake_engine import FakeEngine
from hypothesis import given, settings
from hypothesis import strategies as st

from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.principal import PrincipalMaps, find_principal, principal, read_principal
from mfst_lib.ridge import RidgeMemory, moments, ridge_weights
from mfst_lib.tracker import FMST

CASES = st.tuples(st.integers(2, 8), st.integers(0, 10**6))


def made_up(channels, seed, cells=200):
    """Maps of a few hidden causes, with noise: (cells, channels)."""
    rng = np.random.default_rng(seed)
    causes = rng.normal(size=(cells, 2)) @ rng.normal(size=(2, channels))
    return (causes + 0.1 * rng.normal(size=(cells, channels))).astype(np.float32)


def second_of(rows):
    return (rows.T @ rows).astype(np.float64) / len(rows)


@given(CASES)
@settings(deadline=None)
def test_the_sums_are_uncorrelated_and_the_first_are_the_strongest(case):
    rows = made_up(*case)
    count = rows.shape[1]
    sums = rows @ principal(second_of(rows), count, evenness=0)
    products = second_of(sums)
    assert np.allclose(products, np.diag(np.diag(products)), atol=2e-3 * products.max())
    assert (np.diff(np.diag(products)) <= 1e-3 * products.max()).all()
    even = rows @ principal(second_of(rows), 2, evenness=1)
    assert np.allclose(np.diag(second_of(even)), 1, atol=0.01)


@pytest.mark.parametrize("seed", range(5))
def test_how_loud_a_map_is_does_not_matter(seed):
    """The two sums may turn within their plane: what they say of two cells together does not."""
    rows = made_up(6, seed)
    loud = np.geomspace(1, 100, 6).astype(np.float32)
    quiet_sums, loud_sums = (
        made @ principal(second_of(made), 2, evenness=1) for made in (rows, rows * loud)
    )
    assert np.allclose(quiet_sums @ quiet_sums.T, loud_sums @ loud_sums.T, atol=0.05)


def test_two_sums_hold_what_two_causes_make():
    rows = made_up(8, 1, cells=2000)
    matrix = principal(second_of(rows), 2)
    known = np.linalg.lstsq(rows @ matrix, rows, rcond=None)[0]
    left = rows - rows @ matrix @ known
    assert np.mean(left**2) < 0.02 * np.mean(rows**2)


def test_a_layer_in_several_taps_gives_what_it_gives_in_one_and_weights_come_back():
    maps = made_up(9, 3, cells=36).reshape(6, 6, 9)
    sums = PrincipalMaps(principal(second_of(maps.reshape(36, 9)), 4), "x", ("a",))
    in_taps = sums([maps[..., :2], maps[..., 2:3], maps[..., 3:]])
    assert in_taps.shape == (36, 4)
    assert np.allclose(sums([maps]), in_taps, atol=1e-5)
    weights = np.arange(4, dtype=np.float32)
    by_maps = maps.reshape(36, 9) @ sums.spread(weights)
    assert np.allclose(by_maps, in_taps @ weights, atol=1e-4)
    with pytest.raises(InvalidInput, match="8 feature maps; the principal maps sum 9"):
        sums([maps[..., :8]])


def test_all_sums_with_hardly_a_ridge_give_the_map_of_all_maps():
    """Another basis of the same maps: only the ridge tells them apart."""
    rows = made_up(5, 4, cells=49)
    inside = np.random.default_rng(0).random((7, 7), dtype=np.float32)
    maps = rows.reshape(7, 7, 5)
    sums = PrincipalMaps(principal(second_of(rows), 5, evenness=1), "x", ("a",))
    memory = RidgeMemory(sums)
    memory.start([maps], inside)
    plain = ridge_weights(moments(rows, inside), 1e-7)
    assert np.allclose(rows @ memory.weights(0.3, 1e-7), rows @ plain, atol=0.01)


@pytest.mark.parametrize("count", [0, -1, 6])
def test_there_are_as_many_sums_as_maps_and_at_least_one(count):
    with pytest.raises(InvalidInput, match="1 to 5 principal maps"):
        principal(np.eye(5), count)


def test_a_silent_map_does_no_harm():
    rows = made_up(4, 2)
    rows[:, 1] = 0
    assert np.isfinite(principal(second_of(rows), 4)).all()


def test_they_are_read_as_they_were_written(tmp_path):
    matrix = principal(second_of(made_up(6, 5)), 3).astype(np.float16).astype(np.float32)
    PrincipalMaps(matrix, "x", ("a", "b"), {"frames": 3}).save(tmp_path / "a.npz")
    again = find_principal(str(tmp_path / "a.npz"))
    assert (again.matrix == matrix).all() and again.matrix.dtype == np.float32
    assert (again.backbone, again.taps, again.made_of) == ("x", ("a", "b"), {"frames": 3})
    assert again.fingerprint == PrincipalMaps(matrix, "y", ()).fingerprint
    assert again.fingerprint != PrincipalMaps(2 * matrix, "x", ("a", "b")).fingerprint
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


@pytest.mark.parametrize("damage", ["text", "cut", "format", "nan", "flat", "no matrix"])
def test_a_file_that_holds_none_is_refused(tmp_path, damage):
    path = tmp_path / "a.npz"
    matrix = np.full((4, 2), np.nan if damage == "nan" else 1, np.float32)
    PrincipalMaps(matrix.ravel() if damage == "flat" else matrix, "x", ("a",)).save(path)
    if damage == "text":
        path.write_text("nothing", "utf-8")
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:100])
    if damage == "format":
        header = np.frombuffer(b'{"format": "other", "backbone": "x", "taps": []}', np.uint8)
        np.savez(path, header=header, matrix=matrix)
    if damage == "no matrix":
        np.savez(path, header=np.frombuffer(b"{}", np.uint8))
    with pytest.raises(InvalidInput, match="principal maps|damaged"):
        read_principal(path)


def test_what_is_not_there_is_named_with_what_is():
    with pytest.raises(NotFound, match=r"mobilenet_v3_small.*mfst principal"):
        find_principal("nonsense")


def test_settings_that_do_not_go_together_are_refused():
    good = {"backbone": "mobilenet_v3_small", "principal": "auto", "ridge": 0.1}
    FMST(TrackerConfig(**good), engine=FakeEngine())
    for bad in ({"ridge": 0.0}, {"ridge_towards": "selection"}, {"merge_taps": False}):
        with pytest.raises(InvalidInput, match="principal needs"):
            FMST(TrackerConfig(**{**good, **bad}), engine=FakeEngine())
    for bad in (
        {"taps": ("block5_expand",)},
        {"backbone": "mobilenet_v3_large", "principal": "mobilenet_v3_small"},
    ):
        with pytest.raises(InvalidInput, match="these principal maps are of"):
            FMST(TrackerConfig(**{**good, **bad}), engine=FakeEngine())


def test_the_shipped_ones_keep_nearly_all_that_the_maps_hold():
    shipped = find_principal("mobilenet_v3_small")
    assert shipped.matrix.shape == (672, 128)
    assert shipped.made_of["share"] > 0.9
    assert all(name.startswith("lab:") for name in shipped.made_of["sequences"])
