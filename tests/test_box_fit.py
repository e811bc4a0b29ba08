"""Tests of mfst_lib.box_fit."""

import json

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfst_lib.box_fit import (
    POINTS,
    BoxFit,
    corrected,
    correction,
    find_box_fit,
    fit,
    read_box_fit,
    view_through,
)
from mfst_lib.boxes import iou
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.target_maps import coverage

boxes = st.builds(
    lambda *v: np.array(v), *(st.floats(1, 9), st.floats(1, 9), st.floats(1, 5), st.floats(1, 5))
)


@given(boxes, st.integers(0, 1000))
def test_the_view_is_bilinear_sampling_as_opencv_does_it(box, seed):
    grid_map = np.random.default_rng(seed).random((14, 12)).astype(np.float32)
    x, y, w, h = box
    steps = (np.arange(POINTS) + 0.5) / POINTS
    across = (x - w / 2 + 2 * w * steps - 0.5).astype(np.float32)
    down = (y - h / 2 + 2 * h * steps - 0.5).astype(np.float32)
    expected = cv2.remap(
        grid_map,
        np.tile(across, (POINTS, 1)),
        np.tile(down[:, None], (1, POINTS)),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    assert np.allclose(view_through(grid_map, box), expected, atol=0.05)  # OpenCV: 1/32 of a cell


small = st.tuples(*[st.floats(-0.2, 0.2)] * 4)


@given(boxes, small)
def test_a_correction_puts_the_box_right(box, change):
    true = corrected(box, np.array(change))
    assert np.allclose(correction(box, true), change, atol=1e-9)
    assert np.allclose(corrected(box, correction(box, true)), true)


@given(boxes, st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=4))
def test_no_correction_changes_a_box_by_much(box, change):
    after = corrected(box, np.array(change))
    assert (after[2:] > 0.7 * box[2:]).all()
    assert (after[2:] < 1.4 * box[2:]).all()


def test_shares_of_0_leave_the_box():
    box = np.array([3.0, 4, 5, 6])
    assert np.allclose(corrected(box, np.full(4, 0.2), 0, 0, 0), box)


def looks(seed, count):
    """Maps that are the target's blurred coverage, seen through boxes that are off."""
    rng = np.random.default_rng(seed)
    views, wanted, pairs = [], [], []
    for _ in range(count):
        true = np.array([4.5, 4.5, 5, 5]) + rng.normal(0, 0.3, 4)
        box = corrected(true, rng.normal(0, 0.1, 4))
        grid_map = cv2.GaussianBlur(coverage(true, (14, 14)), (5, 5), 1)
        views.append(view_through(grid_map, box))
        wanted.append(correction(box, true))
        pairs.append((box, true))
    return np.array(views), np.array(wanted), pairs


def test_a_fit_finds_boxes_that_it_has_not_seen():
    made = fit(*looks(1, 400)[:2], strength=0.01)
    views, _, pairs = looks(2, 50)
    before = [float(iou(box, true)) for box, true in pairs]
    after = [
        float(iou(corrected(box, made(view)), true))
        for view, (box, true) in zip(views, pairs, strict=True)
    ]
    assert np.mean(after) > 0.5 * (1 + np.mean(before))  # at least half of the error is gone


def test_it_is_read_as_it_was_written(tmp_path):
    made = fit(*looks(1, 60)[:2])
    BoxFit(made.matrix, made.offset, {"backbone": "x"}).save(tmp_path / "a.json")
    again = find_box_fit(str(tmp_path / "a.json"))
    assert np.allclose(again.matrix, made.matrix, atol=1e-5)
    assert again.made_of == {"backbone": "x"}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def whole(**changes):
    content = {
        "format": "mfst-box-fit",
        "offset": [0.0] * 4,
        "matrix": np.zeros((POINTS**2, 4)).tolist(),
    }
    return json.dumps({**content, **changes})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        whole()[:200],
        whole(format="other"),
        whole(matrix=[[0.0] * 4]),
        whole(matrix="x"),
        whole(offset=[0, 0, 0, float("nan")]),
        whole(offset=None),
        "\x00" * 40,
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path, text):
    (tmp_path / "a.json").write_text(text, "utf-8")
    with pytest.raises(InvalidInput, match="no box fit"):
        read_box_fit(tmp_path / "a.json")


def test_a_fit_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(NotFound, match="efficientnet_lite0"):
        find_box_fit("nonsense")
    with pytest.raises(NotFound, match="no box fit"):
        find_box_fit("nowhere.json")


def test_what_cannot_be_fitted_is_refused():
    views, wanted, _ = looks(1, 10)
    with pytest.raises(InvalidInput):
        fit(views, wanted[:-1])
    with pytest.raises(InvalidInput):
        fit(views[:, :4], wanted)
