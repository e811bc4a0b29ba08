import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mfst_lib import preset
from mfst_lib.confidence.calibration import sigmoid
from mfst_lib.confidence.evidence import NAMES
from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation import passages
from mfst_lib.evaluation.calibrate import (
    calibration_error,
    fit,
    judge,
    kept_aside,
    logistic,
    ok_threshold,
    reliability,
)
from mfst_lib.evaluation.leaving import leaving
from mfst_lib.evaluation.passages import Passage, Record, gather, records, training_passages
from mfst_lib.sequences import lab

CONFIG = preset("default")


def made_up(videos=6, count=300, seed=0):
    """Records whose boxes are right with a probability that two kinds of evidence decide."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(videos):
        evidence = rng.normal(size=(count, len(NAMES)))
        chance = sigmoid(0.5 + 2 * evidence[:, 0] - evidence[:, 3])
        right = rng.uniform(size=count) < chance
        made.append(
            Record(Passage(f"Video{number}", 0, count + 1), evidence, np.where(right, 0.8, 0.2))
        )
    return made


def test_a_fit_finds_what_decides_and_keeps_its_promise_on_new_videos():
    fitted = fit(made_up(), CONFIG, "mfst calibrate")
    assert set(np.argsort(-np.abs(fitted.gain))[:2]) == {0, 3}
    assert fitted.gain[0] > 0.5 > -0.2 > fitted.gain[3]
    assert "age" not in fitted.names
    figures = judge(fitted, made_up(seed=1))
    assert figures["calibration_error"] < 0.08
    assert figures["success_ok"] > figures["success_all"] + 0.15
    assert fitted.notes["frames"] == 1800 and fitted.notes["command"] == "mfst calibrate"


def test_newtons_method_ends_where_the_slope_is_zero():
    rng = np.random.default_rng(2)
    x, weights = rng.normal(size=(200, 4)), rng.uniform(0.5, 1.5, 200)
    right = rng.uniform(size=200) < sigmoid(x[:, 0])
    gain, offset = logistic(x, right, weights, 0.05)
    miss = weights * (sigmoid(x @ gain + offset) - right)
    np.testing.assert_allclose(x.T @ miss + 0.05 * 200 * gain, 0, atol=1e-5)
    assert abs(miss.sum()) < 1e-5


def test_a_video_kept_aside_teaches_nothing_about_itself():
    rng = np.random.default_rng(3)
    x, ones = rng.normal(size=(100, 2)), np.ones(100)
    videos = np.array(["a"] * 50 + ["b"] * 50)
    right = rng.uniform(size=100) < 0.5
    before = kept_aside(x, right, videos, ones, 0.1)
    other = np.where(videos == "a", ~right, right)
    after = kept_aside(x, other, videos, ones, 0.1)
    assert (before[:50] == after[:50]).all() and (before[50:] != after[50:]).any()


def test_frames_without_truth_are_left_out():
    with_gaps = made_up()
    with_gaps[0].overlap[:10] = np.nan
    assert fit(with_gaps, CONFIG).notes["frames"] == 1790


def test_what_cannot_teach_is_refused():
    tasks = [Record(Passage("David", 0, 9), np.zeros((8, len(NAMES))), np.zeros(8))]
    with pytest.raises(InvalidInput, match="never trained"):
        fit(tasks, CONFIG)
    with pytest.raises(InvalidInput, match="two videos"):
        fit(made_up(videos=1), CONFIG)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_the_error_is_that_of_its_definition(pairs):
    p, right = np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])
    error = 0.0
    for k in range(10):
        inside = (p >= k / 10) & ((p < (k + 1) / 10) | (k == 9))
        # A value on the edge of two bins may fall into either: floats are not tenths.
        if inside.any():
            error += inside.mean() * abs(p[inside].mean() - right[inside].mean())
    on_edge = np.isclose(p * 10, np.rint(p * 10), atol=1e-9).any()
    assert on_edge or calibration_error(p, right) == pytest.approx(error)
    assert sum(row["share"] for row in reliability(p, right)) == pytest.approx(1)


def test_the_threshold_is_the_lowest_that_gains_enough():
    p = np.linspace(0, 1, 1001)
    right = p > 0.4  # 60 % of all: above 0.5 all are right
    assert ok_threshold(p, right, 0.2) == 0.5
    rng = np.random.default_rng(0)
    true = rng.uniform(size=1001) < p
    level = ok_threshold(p, true, 0.3)
    assert true[p >= level].mean() >= true.mean() + 0.3 > true[p >= level - 0.02].mean() - 0.01


def test_a_threshold_that_cannot_be_had_keeps_a_quarter_of_the_frames():
    p, right = np.linspace(0, 1, 1001), np.ones(1001, bool)
    assert (p >= ok_threshold(p, right)).mean() >= 0.25


def test_training_passages_enter_real_sequences_twice_and_let_lab_targets_leave(monkeypatch):
    monkeypatch.setattr(passages, "load_sequence", lambda task, root=None: range(600))
    found = training_passages(["Biker", "lab:twins"])
    assert found == [
        Passage("Biker", 0, 450),
        Passage("Biker", 300, 550),
        Passage("lab:twins", 0, 600),
        Passage("lab:twins", 0, 0, leaves=True),
        Passage("lab:twins", 0, 0, scale=2.2),
        Passage("lab:twins", 0, 0, scale=0.45),
    ]


def test_in_a_leaving_scene_the_target_is_outside_for_a_while_and_returns():
    for name in lab.names():
        sequence = lab.render(leaving(name))
        width = sequence.frames.scene.size[0]
        outside = sequence.boxes[:, 0] > width
        assert 20 <= outside.sum() <= 40, name
        assert not outside[:20].any() and not outside[-20:].any()


def test_evidence_is_gathered_once_and_then_read(tmp_path, monkeypatch):
    calls = []

    def fake(passage, sequence, config, weights=None):
        calls.append(passage)
        return Record(passage, np.ones((3, len(NAMES))), np.array([0.1, 0.9, np.nan]))

    monkeypatch.setattr(passages, "gather", fake)
    monkeypatch.setattr(passages, "shared_engine", lambda *_: None)
    wanted = [Passage("lab:twins", 0, 4)]
    first = records(wanted, CONFIG, tmp_path)
    again = records(wanted, CONFIG, tmp_path)
    other = records(wanted, CONFIG.replace(seed=1), tmp_path)
    assert len(calls) == 2 and len(other) == 1
    np.testing.assert_array_equal(first[0].overlap, again[0].overlap)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_passage_of_the_lab_gives_evidence_and_overlaps():
    sequence = lab.render("portrait")
    record = gather(Passage("lab:portrait", 5, 9), sequence, CONFIG.replace(candidates=50))
    assert record.evidence.shape == (3, len(NAMES)) and record.overlap.shape == (3,)
    assert record.overlap.min() > 0.3 and np.isfinite(record.evidence).all()
