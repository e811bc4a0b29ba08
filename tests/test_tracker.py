"""Tests of mfst_lib.tracker: mostly with a fake engine, some with the real one."""

import dataclasses
import functools

import cv2
import numpy as np
import pytest
from fake_engine import FakeEngine
from hypothesis import given, settings
from hypothesis import strategies as st

from mfst_lib import box_fit, fast
from mfst_lib.box_fit import BoxFit, corrected, in_steps
from mfst_lib.boxes import iou, to_centre
from mfst_lib.candidates import (
    best_candidate,
    candidate_scores,
    confidences,
    homeward_mean,
    sample_candidates,
)
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput
from mfst_lib.prediction import enlarge, normalise, subtract_negative, weighted_sum
from mfst_lib.ridge import anchored, channel_scales, moments, ridge_weights
from mfst_lib.roi import roi_around, to_map
from mfst_lib.selection import average_scores, score_maps, select_top, selection_weights
from mfst_lib.sequences import lab
from mfst_lib.target_maps import coverage, target_map
from mfst_lib.tracker import FMST, shaken

SMALL = TrackerConfig(map_size=56, candidates=60)
START = np.array([30.0, 20, 24, 8])


@functools.cache
def film(count=8, seed=1):
    """A red patch on noise; it moves 2 pixels right and 1 down from frame to frame."""
    rng = np.random.default_rng(seed)
    ground = cv2.GaussianBlur(rng.integers(0, 160, (90, 120, 3), dtype=np.uint8), (5, 5), 1)
    frames = []
    for t in range(count):
        frame = ground.copy()
        frame[20 + t : 28 + t, 30 + 2 * t : 54 + 2 * t] = (250, 30, 20)
        frames.append(frame)
    return frames


def follow(config=SMALL, frames=None, engine=None):
    """The boxes of a whole run with the fake engine."""
    frames = frames or film()
    tracking = FMST(config, engine=engine or FakeEngine())
    tracking.init(frames[0], START)
    return np.array([tracking.update(frame)[1] for frame in frames[1:]])


def test_it_follows_a_patch():
    truth = START + np.array([[2 * t, t, 0, 0] for t in range(1, 8)])
    assert iou(START, truth).min() < 0.1
    assert iou(follow(SMALL.replace(candidates=600)), truth).min() > 0.5


def test_update_returns_whether_the_target_was_seen_and_a_box_of_float64():
    tracking = FMST(SMALL, engine=FakeEngine())
    tracking.init(film()[0], START)
    seen, box = tracking.update(film()[1])
    assert seen is True
    assert (box.shape, box.dtype) == ((4,), np.float64)
    before = box.copy()
    box[:] = -1
    _, after = tracking.update(film()[1])
    assert np.abs(after - before).max() < 20


def test_nothing_to_see_is_not_seen():
    tracking = FMST(SMALL, engine=FakeEngine())
    tracking.init(film()[0], START)
    seen, box = tracking.update(np.full((90, 120, 3), 99, np.uint8))
    assert seen is False
    assert np.isfinite(box).all()


def test_the_same_seed_gives_the_same_boxes_and_another_seed_others():
    assert (follow() == follow()).all()
    assert (follow() != follow(SMALL.replace(seed=1))).any()


def test_a_tracker_that_starts_again_forgets_everything():
    tracking = FMST(SMALL, engine=FakeEngine())
    for _ in range(2):
        tracking.init(film()[0], START)
        boxes = np.array([tracking.update(frame)[1] for frame in film()[1:]])
    assert (boxes == follow()).all()


def test_two_trackers_may_share_an_engine():
    engine = FakeEngine()
    one, two = FMST(SMALL, engine=engine), FMST(SMALL, engine=engine)
    one.init(film()[0], START)
    two.init(film(seed=2)[0], START)
    boxes = []
    for frame, other in zip(film()[1:], film(seed=2)[1:], strict=True):
        boxes.append(one.update(frame)[1])
        two.update(other)
    assert (np.array(boxes) == follow()).all()


def test_update_before_init_is_refused():
    tracking = FMST(SMALL, engine=FakeEngine())
    with pytest.raises(InvalidInput, match=r"update\(\) before init\(\)"):
        tracking.update(film()[0])
    with pytest.raises(InvalidInput, match="before init"):
        _ = tracking.weights


@pytest.mark.parametrize(
    "box",
    [
        (200, 20, 16, 12),
        (30, -50, 16, 12),
        (30, 20, np.nan, 12),
        (30, 20, np.inf, 12),
        (30, 20, 0, 12),
        (30, 20, 16, -1),
        (30, 20, 16),
        (0, 0, 1300, 12),
        "box",
        None,
    ],
)
def test_init_refuses_a_bad_box(box):
    with pytest.raises(InvalidInput, match="box"):
        FMST(SMALL, engine=FakeEngine()).init(film()[0], box)


BAD_IMAGES = [
    film()[0].astype(np.uint16),
    film()[0] / 255.0,
    np.zeros((0, 9, 3), np.uint8),
    None,
]


@pytest.mark.parametrize("image", BAD_IMAGES)
def test_a_bad_image_is_refused_by_init_and_update(image):
    tracking = FMST(SMALL, engine=FakeEngine())
    with pytest.raises(InvalidInput, match="image is"):
        tracking.init(image, START)
    tracking.init(film()[0], START)
    with pytest.raises(InvalidInput, match="image is"):
        tracking.update(image)


@pytest.mark.parametrize("bad", [(film()[0], (500, 20, 16, 12)), (BAD_IMAGES[0], START)])
def test_a_refused_init_or_update_leaves_the_tracker_as_it_was(bad):
    tracking = FMST(SMALL, engine=FakeEngine())
    tracking.init(film()[0], START)
    boxes = []
    for frame in film()[1:]:
        with pytest.raises(InvalidInput):
            tracking.init(*bad)
        with pytest.raises(InvalidInput):
            tracking.update(None)
        boxes.append(tracking.update(frame)[1])
    assert (np.array(boxes) == follow()).all()


def test_the_box_given_to_init_is_not_kept_by_reference():
    mine = START.copy()
    tracking = FMST(SMALL, engine=FakeEngine())
    tracking.init(film()[0], mine)
    mine[:] = 0
    assert (tracking.update(film()[1])[1] == follow()[0]).all()


def test_rgba_frames_give_the_same_boxes():
    rgba = [np.dstack([f, np.full(f.shape[:2], t, np.uint8)]) for t, f in enumerate(film())]
    assert (follow(frames=rgba) == follow()).all()


def test_grey_frames_are_tracked_as_their_three_equal_channels():
    grey = [frame[..., 0] for frame in film()]
    assert (follow(frames=grey) == follow(frames=[np.dstack([g, g, g]) for g in grey])).all()


def test_bgr_views_are_tracked_as_their_copies():
    views = [frame[..., ::-1] for frame in film()]
    assert (follow(frames=views) == follow(frames=[v.copy() for v in views])).all()


VARIANTS = {
    "type S": {},
    "type C": {"types": "C"},
    "both types": {"types": "SC"},
    "negative maps": {"types": "SC", "alpha": 0.5},
    "by maximum": {"normalisation": "maximum", "types": "SC"},
    "another b": {"b": 0.4},
    "no distance": {"distance": False, "border": "constant", "roi_shape": "diagonal"},
    "a softer brake": {"brake": 2.0},
    "sizes drawn back": {"size_pull": 0.2},
    "no update": {"update": False, "roi_shape": "stretched", "roi_scale": 3.0},
}
ENGINES = {
    "one layer": lambda: FakeEngine(),
    "merged taps": lambda: FakeEngine((14, 14)),
    "separate taps": lambda: FakeEngine((14, 14), merge=False),
    "two grids": lambda: FakeEngine((28, 14)),
}


class ByHand:
    """Algorithm 1 spelled out once more, with the functions that the chapters teach.

    Only the crop is the tracker's own: one grey level in a pixel would hide other differences.
    """

    def __init__(self, config, engine):
        self.config, self.engine = config, engine

    def start(self, image, box):
        c, self.box = self.config, box
        self.rng = np.random.default_rng(c.seed)
        roi = roi_around(box, c.roi_scale, c.roi_shape)
        layers = self.engine(fast.crop(image, roi, self.engine.input_size, c.border))
        self.average = self.scores(layers, roi)

    def scores(self, layers, roi):
        found = {}
        for number, maps in enumerate(layers):
            for kind in self.config.types:
                wanted = target_map(kind, to_map(self.box, roi, maps.shape[:2]), maps.shape[:2])
                found[number, kind, 1] = score_maps(maps, wanted)
                found[number, kind, -1] = score_maps(maps, -wanted)
        return found

    def step(self, image):
        c = self.config
        roi = roi_around(self.box, c.roi_scale, c.roi_shape)
        layers = self.engine(fast.crop(image, roi, self.engine.input_size, c.border))
        maps = []
        for number, layer in enumerate(layers):
            for kind in c.types:
                sides = {}
                for sign in (1, -1):
                    weights = selection_weights(self.average[number, kind, sign], c.fraction)
                    sides[sign] = normalise(weighted_sum(layer, weights), c.normalisation)
                one = subtract_negative(sides[1], sides[-1], c.alpha) if c.alpha else sides[1]
                maps.append(one)
        finest = max(len(one) for one in maps)
        total = sum(one if len(one) == finest else enlarge(one, finest) for one in maps)
        total = total if len(maps) == 1 else normalise(total, c.normalisation)
        total = enlarge(total, c.map_size)
        mean = homeward_mean(c.mean_size, self.box, START, c.size_pull)
        boxes = sample_candidates(self.box, self.rng, c.candidates, c.sigma_xy, c.sigma_wh, mean)
        scores = candidate_scores(total, to_map(boxes, roi, total.shape), c.b)
        confidence = confidences(scores, boxes, self.box, roi.half_side, c.distance, c.brake)
        self.box = boxes[best_candidate(confidence)]
        if c.update:
            for key, latest in self.scores(layers, roi).items():
                self.average[key] = average_scores(self.average[key], latest, c.eta)
        return total, boxes, scores, confidence


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("engine", ENGINES)
def test_the_tracker_is_algorithm_1_with_the_functions_of_the_chapters(variant, engine):
    config = SMALL.replace(**VARIANTS[variant], fraction=0.3, eta=0.8)
    tracking, by_hand = FMST(config, engine=ENGINES[engine]()), ByHand(config, ENGINES[engine]())
    tracking.init(film()[0], START)
    by_hand.start(film()[0], START)
    for frame in film()[1:]:
        seen, box = tracking.update(frame)
        total, boxes, scores, confidence = by_hand.step(frame)
        view = tracking.view
        assert np.allclose(view.prediction_map, total, atol=1e-6)
        assert (view.candidates == boxes).all()
        assert np.allclose(view.scores, scores, atol=1e-2)
        assert np.allclose(view.confidences, confidence, atol=1e-2)
        assert (box == by_hand.box).all()
        assert seen == (view.scores[view.best] > 0)


def test_every_variant_differs_from_the_plain_one_in_what_it_finds():
    def last_confidences(changes):
        tracking = FMST(SMALL.replace(fraction=0.3, eta=0.5, **changes), engine=FakeEngine())
        tracking.init(film()[0], START)
        for frame in film()[1:]:
            tracking.update(frame)
        return tracking.view.confidences

    plain = last_confidences({})
    for name, changes in VARIANTS.items():
        assert (last_confidences(changes) == plain).all() == (not changes), name


def inside(box, roi, grid=(14, 14)):
    return coverage(to_map(box, roi, grid), grid)


@pytest.mark.parametrize("every", [1, 2, 3])
def test_ridge_weights_are_those_of_the_chapters_functions(every):
    config = SMALL.replace(ridge=1.0, ridge_views=0, ridge_every=2, eta=0.9, anchor=0.3)
    config = config.replace(learn_every=every)
    tracking, engine = FMST(config, engine=FakeEngine()), FakeEngine()
    tracking.init(film()[0], START)
    roi = roi_around(START, config.roi_scale)
    (maps,) = engine(fast.crop(film()[0], roi, 56, config.border))
    scored = score_maps(maps, target_map("S", to_map(START, roi, (14, 14)), (14, 14)))
    selected = np.sort(select_top(scored))
    rows = maps.reshape(196, -1)[:, selected]
    scales = channel_scales(rows)
    first = average = moments(rows / scales, inside(START, roi))
    expected = None
    for number, frame in enumerate(film()[1:], 1):
        by_now = np.zeros(40, np.float32)
        by_now[selected] = ridge_weights(anchored(first, average, 0.3), 1.0) / scales
        if expected is None or number % 2:  # solved anew after frames 2, 4, 6
            expected = by_now
        assert np.allclose(tracking.weights[0]["S"], expected, atol=1e-5)
        _, box = tracking.update(frame)
        view = tracking.view
        if number % every == 0:  # what is learnt stands for the frames that were passed over
            rows = view.layers[0].reshape(196, -1)[:, selected] / scales
            eta = 0.9**every
            average = eta * average + (1 - eta) * moments(rows, inside(box, view.roi))


def test_the_ridge_learns_from_shaken_crops_of_the_first_frame_only():
    engine = FakeEngine()
    tracking = FMST(SMALL.replace(ridge=1.0, ridge_views=3), engine=engine)
    tracking.init(film()[0], START)
    assert len(engine.crops) == 1 + 4
    for frame in film()[1:]:
        tracking.update(frame)
    assert len(engine.crops) == 5 + len(film()) - 1
    assert not (engine.crops[1] == engine.crops[2]).all()


@pytest.mark.parametrize(
    "changes", [{"types": "SC"}, {"alpha": 0.5}, {"weight_net": "mobilenet_v3_large"}]
)
def test_a_ridge_goes_with_one_target_map_alone(changes):
    with pytest.raises(InvalidInput, match="ridge"):
        FMST(
            SMALL.replace(ridge=1.0, backbone="mobilenet_v3_large", **changes), engine=FakeEngine()
        )


@pytest.mark.parametrize("changes", [{"learn_above": 0.5}, {"rivals": 1.0}])
def test_what_guards_ridge_memories_needs_a_ridge(changes):
    with pytest.raises(InvalidInput, match="ridge > 0"):
        FMST(SMALL.replace(**changes), engine=FakeEngine())


def test_a_dark_map_is_not_learnt_from_and_a_bright_one_is():
    config = SMALL.replace(ridge=1.0, ridge_views=0, ridge_every=1, anchor=0.0)
    runs = {}
    for asked in (0.0, 1e-6, 2.0):  # no ridge map of a first frame reaches 2
        tracking = FMST(config.replace(learn_above=asked), engine=FakeEngine())
        tracking.init(film()[0], START)
        before = tracking.weights[0]["S"]
        tracking.update(film()[1])
        runs[asked] = before, tracking.weights[0]["S"]
    assert (runs[2.0][0] == runs[2.0][1]).all()
    assert not np.allclose(runs[1e-6][0], runs[1e-6][1])
    assert (runs[1e-6][1] == runs[0.0][1]).all()


def test_lit_cells_beside_the_target_count_more_when_rivals_are_stressed():
    config = SMALL.replace(ridge=1.0, ridge_views=0, ridge_every=1, anchor=0.0)
    tracking = FMST(config.replace(rivals=3.0), engine=FakeEngine())
    tracking.init(film()[0], START)
    memory, w = tracking._memories[0], tracking.weights[0]["S"]
    first = memory.average
    _, box = tracking.update(film()[1])
    maps, roi = tracking.view.layers[0], tracking.view.roi
    light = np.clip(maps @ w, 0, 1)
    stress = 1 + 3 * light / light.mean()
    new = moments(memory.reading([maps]), inside(box, roi), stress)
    eta = config.eta
    assert np.allclose(memory.average, eta * first + (1 - eta) * new, atol=1e-5)
    assert not np.allclose(new, moments(memory.reading([maps]), inside(box, roi)), atol=1e-3)


def test_a_share_of_the_last_move_is_expected_again():
    tracking = FMST(SMALL.replace(motion=0.5), engine=FakeEngine())
    tracking.init(film()[0], START)
    boxes = [START]
    for frame in film()[1:4]:
        boxes.append(tracking.update(frame)[1])
    _, before, last, _ = boxes
    moved = (last[:2] + last[2:] / 2) - (before[:2] + before[2:] / 2)
    expected = last + [*(0.5 * moved), 0, 0]
    assert np.abs(moved).max() > 0.1
    seen = tracking.view.roi
    wanted = roi_around(expected, SMALL.roi_scale, SMALL.roi_shape)
    assert (seen.left, seen.top) == pytest.approx((wanted.left, wanted.top))
    tracking.correct(film()[4], boxes[-1])
    tracking.update(film()[5])
    still = roi_around(boxes[-1], SMALL.roi_scale, SMALL.roi_shape)
    assert tracking.view.roi.left == pytest.approx(still.left)


def test_candidates_are_drawn_back_to_the_first_size():
    changes = {"size_pull": 0.5, "sigma_wh": 0.0, "mean_size": 1.1}
    tracking = FMST(SMALL.replace(**changes), engine=FakeEngine())
    tracking.init(film()[0], START)
    side = START[2]
    for frame in film()[1:5]:
        _, box = tracking.update(frame)
        side *= 1.1 * (START[2] / side) ** 0.5
        assert box[2:] == pytest.approx([side, side * START[3] / START[2]])
    # A box that the user gives is a new first one.
    wide = START * [1, 1, 1.5, 1.5]
    tracking.correct(film()[4], wide)
    _, box = tracking.update(film()[5])
    assert box[2:] == pytest.approx(1.1 * wide[2:])


def test_the_box_fit_corrects_the_best_candidate(tmp_path):
    offset = np.array([0.1, -0.1, 0.2, 0.0])
    BoxFit(np.zeros((64, 4)), offset).save(tmp_path / "fit.json")
    config = SMALL.replace(box_fit=str(tmp_path / "fit.json"), fit_size=0.5, fit_shape=0.25)
    tracking = FMST(config, engine=FakeEngine())
    tracking.init(film()[0], START)
    _, box = tracking.update(film()[1])
    best = tracking.view.candidates[tracking.view.best]
    assert np.allclose(box, corrected(best, in_steps(offset), 1.0, 0.5, 0.25))
    assert box[2] / best[2] > box[3] / best[3] > 1


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_what_the_box_fit_gets_wrong_on_the_first_box_is_taken_off(tmp_path, share):
    offset = np.array([0.1, -0.1, 0.2, 0.0])  # always asked for, on the first box as well
    BoxFit(np.zeros((64, 4)), offset).save(tmp_path / "fit.json")
    config = SMALL.replace(box_fit=str(tmp_path / "fit.json"), fit_bias=share)
    tracking = FMST(config, engine=FakeEngine())
    tracking.init(film()[0], START)
    _, box = tracking.update(film()[1])
    best = tracking.view.candidates[tracking.view.best]
    left = in_steps((1 - share) * offset)
    assert np.allclose(box, corrected(best, left, 1.0, config.fit_size, config.fit_shape))


class Rounded(FakeEngine):
    """Maps whose last digits are rounded otherwise, as another processor would."""

    def __call__(self, crop):
        rng = np.random.default_rng(len(self.crops))
        maps = super().__call__(crop)
        return [m * rng.normal(1, 1e-7, m.shape).astype(np.float32) for m in maps]


BEYOND = dataclasses.replace(
    SMALL, ridge=1.0, normalisation="maximum", b=0.4, box_fit="mobilenet_v3_small", fit_bias=0.5
)


@pytest.mark.parametrize("config", [SMALL, BEYOND], ids=["default", "beyond"])
def test_how_the_last_digit_of_a_map_is_rounded_changes_no_box(config):
    here, elsewhere = (follow(config, film(30), engine) for engine in (FakeEngine(), Rounded()))
    assert (here == elsewhere).all()


def test_without_steps_a_rounding_error_reaches_the_box_and_grows(monkeypatch):
    monkeypatch.setattr(box_fit, "STEP", 1e-12)
    here, elsewhere = (follow(BEYOND, film(30), engine) for engine in (FakeEngine(), Rounded()))
    apart = np.abs(here - elsewhere).max(axis=1)
    assert 0 < apart[0] < 1e-4 and apart[-1] > 2 * apart[0]


def test_the_box_fits_error_is_read_from_crops_that_were_not_learnt_from():
    learnt, others = shaken(START, 16, 3), shaken(START, 16, 3, stream=2)
    assert (learnt[0] == START).all() and (others[0] == START).all()
    assert len(learnt) == len(others) == 17
    for box in others[1:]:
        assert all((box != one).any() for one in learnt)


def test_looking_changes_nothing_and_correcting_moves_and_teaches():
    plain, looked = FMST(SMALL, engine=FakeEngine()), FMST(SMALL, engine=FakeEngine())
    for tracking in (plain, looked):
        with pytest.raises(InvalidInput, match="before init"):
            tracking.look_at(film()[0], START)
        tracking.init(film()[0], START)
    look = looked.look_at(film()[3], START + 5)
    assert look.roi == roi_around(START + 5, SMALL.roi_scale)
    assert look.grid_map.shape == (14, 14)
    for frame in film()[1:3]:
        assert (plain.update(frame)[1] == looked.update(frame)[1]).all()
    before = looked.weights[0]["S"].copy()
    for _ in range(200):
        looked.correct(film()[7], [60, 60, 20, 20])
    assert (looked.weights[0]["S"] != before).any()
    looked.update(film()[3])
    assert looked.view.roi == roi_around(np.array([60.0, 60, 20, 20]), SMALL.roi_scale)
    with pytest.raises(InvalidInput):
        looked.correct(film()[3], [0, 0, -1, 5])


def test_weights_of_a_frame_come_from_the_averages_before_it():
    config = SMALL.replace(eta=0.0, fraction=0.3)
    tracking = FMST(config, engine=FakeEngine())
    tracking.init(film()[0], START)
    for frame in film()[1:4]:
        before = tracking.weights[0]["S"].copy()
        tracking.update(frame)
        view = tracking.view
        (layer,) = view.layers
        by_old = normalise(weighted_sum(layer, before))
        assert np.allclose(view.prediction_map, enlarge(by_old, 56), atol=1e-6)
        box, grid = view.candidates[view.best], layer.shape[:2]
        latest = score_maps(layer, target_map("S", to_map(box, view.roi, grid), grid))
        assert (tracking.weights[0]["S"] == selection_weights(latest, 0.3)).all()


def test_with_eta_1_or_without_update_the_first_frames_weights_stay():
    for changes in ({"eta": 1.0}, {"update": False}):
        tracking = FMST(SMALL.replace(**changes), engine=FakeEngine())
        tracking.init(film()[0], START)
        first = tracking.weights[0]["S"].copy()
        for frame in film(seed=2)[1:]:
            tracking.update(frame)
        assert (tracking.weights[0]["S"] == first).all()


def test_weights_are_named_by_layer_and_target_map():
    config = SMALL.replace(types="SC", alpha=0.5)
    tracking = FMST(config, engine=FakeEngine((14, 7)))
    tracking.init(film()[0], START)
    assert [sorted(layer) for layer in tracking.weights] == [["-C", "-S", "C", "S"]] * 2
    assert tracking.weights[0]["S"].sum() == 4


def test_the_engine_sees_each_frame_once_and_exactly_the_rois_pixels():
    engine = FakeEngine()
    tracking = FMST(SMALL, engine=engine)
    tracking.init(film()[0], START)
    boxes = [START] + [tracking.update(frame)[1] for frame in film()[1:]]
    assert len(engine.crops) == len(film())
    # Frame t is cropped around the box of frame t - 1; frame 0 around its own.
    for seen, frame, box in zip(engine.crops, film(), [START, *boxes[:-1]], strict=True):
        assert (seen == fast.crop(frame, roi_around(box, SMALL.roi_scale), 56)).all()


@pytest.mark.parametrize(
    "function",
    [
        "as_rgb",
        "roi_around",
        "average_scores",
        "selection_weights",
        "normalise",
        "subtract_negative",
        "sum_maps",
        "best_candidate",
        "negative",
        "to_map",
        # Those that the tracker runs in another form: tests/test_fast.py proves it equal.
        "fast.crop",
        "fast.target_map",
        "fast.score_taps",
        "fast.sum_taps",
        "fast.sample_candidates",
        "fast.grid_scores",
        "fast.confidences",
    ],
)
def test_the_tracker_calls_the_function_of_the_chapter(monkeypatch, function):
    class Called(Exception):
        pass

    def raise_called(*args, **kwargs):
        raise Called

    tracking = FMST(SMALL.replace(alpha=0.5), engine=FakeEngine())
    monkeypatch.setattr(f"mfst_lib.tracker.{function}", raise_called)
    with pytest.raises(Called):
        tracking.init(film()[0], START)
        tracking.update(film()[1])


def test_a_target_that_leaves_stays_in_reach():
    frames = film()
    tracking = FMST(SMALL, engine=FakeEngine())
    tracking.init(frames[0], (-10, 80, 16, 12))
    for _ in range(30):
        _, box = tracking.update(frames[1])
        cx, cy = to_centre(box)[:2]
        assert (0 <= cx <= 120) and (0 <= cy <= 90)


def configs():
    """Any settings within their ranges; only what costs time is kept small."""
    small = {
        "map_size": st.integers(8, 80),
        "candidates": st.integers(1, 80),
        "seed": st.integers(0, 2**63 - 1),
    }
    drawn = {}
    for spec in dataclasses.fields(TrackerConfig):
        if spec.name in small:
            drawn[spec.name] = small[spec.name]
        elif "options" in spec.metadata:
            drawn[spec.name] = st.sampled_from(spec.metadata["options"])
        elif spec.type == "bool":
            drawn[spec.name] = st.booleans()
        elif spec.type == "float":
            low, high, open_low = (spec.metadata[k] for k in ("low", "high", "open_low"))
            drawn[spec.name] = st.floats(low, high, exclude_min=open_low)
    drawn["ridge"] = st.sampled_from([0.0, 1e-3, 1.0, 1000.0])
    drawn["box_fit"] = st.sampled_from(["", "efficientnet_lite0"])
    drawn["ridge_views"] = st.integers(0, 3)
    drawn["ridge_every"] = drawn["learn_every"] = st.integers(1, 3)
    fitting = st.builds(TrackerConfig, **drawn).map(
        # A ridge needs one target map and no negative one.
        lambda c: c if c.ridge == 0 or c.types != "SC" else c.replace(types="C")
    )
    return fitting.map(
        lambda c: c.replace(learn_above=0.0, rivals=0.0) if c.ridge == 0 else c.replace(alpha=0.0)
    )


pixels = st.integers(1, 64)
#: The part of the image where the box starts and how large it is, in units of the image.
places = st.tuples(
    st.floats(-0.9, 0.99), st.floats(-0.9, 0.99), st.floats(0.001, 9.9), st.floats(0.001, 9.9)
)
looks = st.sampled_from(["noise", "black", "white", "ramp"])


def picture(width, height, look, seed):
    if look == "noise":
        return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    if look == "ramp":
        line = np.linspace(0, 255, width).astype(np.uint8)
        return np.ascontiguousarray(np.broadcast_to(line[None, :, None], (height, width, 3)))
    return np.full((height, width, 3), 255 * (look == "white"), np.uint8)


@given(
    configs(),
    st.lists(st.tuples(pixels, pixels, looks), min_size=2, max_size=5),
    places,
    st.sampled_from([(14,), (14, 14), (14, 7), (4, 1)]),
)
@settings(max_examples=150, deadline=None)
def test_whatever_it_is_given_the_box_stays_finite_positive_and_in_reach(
    config, frames, place, grids
):
    images = [picture(w, h, look, t) for t, (w, h, look) in enumerate(frames)]
    width, height = frames[0][:2]
    x, y, w, h = np.array(place) * [width, height, width, height]
    box = (x, y, max(w, 1e-3 - x), max(h, 1e-3 - y))
    tracking = FMST(config, engine=FakeEngine(grids, config.merge_taps))
    tracking.init(images[0], box)
    for image in images[1:]:
        seen, found = tracking.update(image)
        assert isinstance(seen, bool)
        assert np.isfinite(found).all()
        assert (found[2:] > 0).all()
        cx, cy = to_centre(found)[:2]
        assert -1e-9 <= cx <= image.shape[1] + 1e-9
        assert -1e-9 <= cy <= image.shape[0] + 1e-9
        assert np.isfinite(tracking.view.confidences).all()
        assert np.isfinite(tracking.view.prediction_map).all()
        assert tracking.view.prediction_map.min() >= 0
        assert tracking.view.prediction_map.max() <= 1 + 1e-6


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6), pixels, pixels)
@settings(max_examples=50, deadline=None)
def test_a_box_either_overlaps_the_image_or_is_refused(x, y, w, h):
    tracking = FMST(SMALL, engine=FakeEngine())
    overlaps = x < 120 and y < 90 and x + w > 0 and y + h > 0
    if overlaps:
        tracking.init(film()[0], (x, y, w, h))
        return
    with pytest.raises(InvalidInput, match="outside"):
        tracking.init(film()[0], (x, y, w, h))


def test_on_an_easy_lab_sequence_the_default_tracker_follows():
    portrait = lab.render(dataclasses.replace(lab.scene("portrait"), length=40))
    tracking = FMST(TrackerConfig(roi_scale=2.5))
    tracking.init(portrait.frames[0], portrait.boxes[0])
    boxes = np.array([tracking.update(frame)[1] for frame in portrait.frames[1:]])
    overlap = iou(boxes, portrait.boxes[1:])
    assert overlap.mean() > 0.5
    # What it would be if the tracker did not move at all: the sequence is worth following.
    assert iou(portrait.boxes[:1], portrait.boxes[1:]).mean() < overlap.mean() - 0.1


def test_an_engine_that_fails_in_init_leaves_the_tracker_as_it_was():
    engine = FakeEngine()
    tracker, image = (
        FMST(TrackerConfig(candidates=20), engine=engine),
        np.zeros((40, 40, 3), np.uint8),
    )
    tracker.init(image, (10, 10, 8, 8))
    tracker.update(image)
    before, view = tracker._box.copy(), tracker.view
    tracker.engine = lambda crop: 1 / 0
    tracker.engine.input_size = engine.input_size
    with pytest.raises(ZeroDivisionError):
        tracker.init(image, (20, 20, 8, 8))
    assert (tracker._box == before).all() and tracker.view is view
    tracker.engine = engine
    tracker.init(image, (20, 20, 8, 8))
    assert tracker.view is None
