import dataclasses

import numpy as np
import pytest
from fake_engine import FakeEngine
from hypothesis import given, settings
from hypothesis import strategies as st

from mfst_lib import FMST, TrackerConfig
from mfst_lib.confidence.calibration import blank
from mfst_lib.confidence.evidence import FRAME, LEVELLED, MEMORY, NAMES, Origin, frame_evidence
from mfst_lib.confidence.judge import Judge
from mfst_lib.roi import to_map

SMALL = TrackerConfig(input_size=56, map_size=56, candidates=80)
START = (40.0, 30.0, 16.0, 12.0)


def film(count=6, seed=0, step=2):
    """A red patch that moves over noise."""
    rng = np.random.default_rng(seed)
    ground = rng.integers(0, 120, (90, 120, 3), dtype=np.uint8)
    frames = []
    for t in range(count):
        frame = ground.copy()
        frame[30:42, 40 + step * t : 56 + step * t] = (230, 40, 40)
        frames.append(frame)
    return frames


def heard(frames, start=START, engine=None, config=SMALL):
    """The evidence of each frame after the first, and the tracker."""
    tracker = FMST(config, engine=engine or FakeEngine())
    tracker.judge = Judge(blank(config))
    tracker.init(frames[0], start)
    rows = []
    for frame in frames[1:]:
        tracker.update(frame)
        rows.append(tracker.judge.evidence)
    return np.array(rows), tracker


def value(rows, name):
    return rows[..., NAMES.index(name)]


def test_a_target_that_stands_still_looks_as_in_the_first_frame():
    rows, _ = heard(film(step=0))
    assert value(rows, "likeness").min() > 0.9
    assert value(rows, "maps as in frame 0").min() >= 0.75
    assert np.abs(value(rows, "strength")).max() < 0.3
    np.testing.assert_allclose(value(rows, "in view"), 1)
    assert (value(rows, "inside the box") > value(rows, "far from the box") * 0.5).all()


def test_a_target_that_is_gone_is_noticed():
    frames = film(8)
    there, _ = heard(frames)
    empty = [*frames[:4], *[np.full_like(frames[0], 90)] * 4]
    gone, _ = heard(empty)
    for name in ("contrast", "strength", "likeness", "maps as in frame 0"):
        assert value(gone, name)[-1] < value(there, name)[-1], name


def test_levels_follow_by_a_tenth_and_age_counts():
    rows, _ = heard(film(5))
    for name in LEVELLED:
        level, now = value(rows, f"{name}, level"), value(rows, name)
        assert level[0] == now[0]
        np.testing.assert_allclose(level[1:], MEMORY * level[:-1] + (1 - MEMORY) * now[1:])
    np.testing.assert_allclose(value(rows, "age"), np.log1p([1, 2, 3, 4]))


def test_the_plain_values_against_their_definitions():
    rows, tracker = heard(film(4))
    view, box = tracker.view, tracker.box
    side = view.map_size
    x, y, w, h = to_map(box, view.roi, (side, side))
    fine = view.prediction_map[round(y) : round(y + h), round(x) : round(x + w)]
    assert abs(value(rows, "inside the box")[-1] - fine.mean()) < 0.05
    assert value(rows, "lead")[-1] == pytest.approx(view.confidences.max() / (w * h), rel=0.05)
    order = np.argsort(-view.confidences)[:20]
    centres = (view.candidates[:, :2] + view.candidates[:, 2:] / 2)[order]
    spread = np.sqrt((centres.std(axis=0) ** 2).sum()) / box[2:].max()
    assert value(rows, "scatter")[-1] == pytest.approx(spread)
    assert value(rows, "growth")[-1] == pytest.approx(np.log(box[2] / START[2]), abs=1e-9)


def test_a_box_that_hangs_out_of_the_image():
    rows, tracker = heard([film()[0]] * 3, start=(-8, 30, 16, 12))
    x, _, w, _ = tracker.box
    assert value(rows, "in view")[-1] == pytest.approx(min(1, (x + w) / w), abs=1e-9)


def test_likeness_is_the_correlation_of_score_vectors():

    _, tracker = heard(film(3))
    view, first = tracker.view, tracker.judge._origin
    scores = tracker._all_scores(view.layers, view.roi, tracker.box)
    sight = tracker._sight(view, tracker.box, scores, (90, 120))
    expected = np.corrcoef(sight.vectors[0], first.directions[0])[0, 1]
    got = frame_evidence(first, None, sight)
    assert got[FRAME.index("likeness")] == pytest.approx(expected, abs=1e-5)
    assert got[FRAME.index("steadiness")] == pytest.approx(1, abs=1e-5)
    assert got[FRAME.index("step")] == 0
    assert isinstance(first, Origin)


def test_evidence_reads_and_changes_nothing():
    frames = film(6)
    _, judged = heard(frames)
    plain = FMST(SMALL, engine=FakeEngine())
    plain.init(frames[0], START)
    for frame in frames[1:]:
        plain.update(frame)
    assert (plain.box == judged.box).all()
    assert (plain.weights[0]["S"] == judged.weights[0]["S"]).all()


@pytest.mark.parametrize("changes", [{"types": "SC"}, {"merge_taps": False}, {"alpha": 0.5}])
def test_other_kinds_of_trackers_give_evidence_too(changes):
    config = SMALL.replace(**changes)
    engine = FakeEngine((14, 7), merge=config.merge_taps)
    rows, _ = heard(film(4), engine=engine, config=config)
    assert np.isfinite(rows).all() and rows.shape == (3, len(NAMES))


@given(
    st.lists(st.sampled_from([0, 255, "noise"]), min_size=2, max_size=5),
    st.integers(0, 99),
    st.tuples(st.floats(-15, 119), st.floats(-11, 89), st.floats(0.5, 300), st.floats(0.5, 300)),
)
@settings(max_examples=40, deadline=None)
def test_whatever_is_seen_evidence_is_finite(looks, seed, box):
    rng = np.random.default_rng(seed)
    frames = [
        rng.integers(0, 256, (90, 120, 3), dtype=np.uint8)
        if look == "noise"
        else np.full((90, 120, 3), look, np.uint8)
        for look in looks
    ]
    box = (box[0], box[1], max(box[2], 0.5 - box[0]), max(box[3], 0.5 - box[1]))
    rows, _ = heard(frames, start=box, config=dataclasses.replace(SMALL, candidates=20))
    assert np.isfinite(rows).all()
