"""The lab: what it promises about bytes, boxes, dials and tags, measured on its pictures."""

from __future__ import annotations

import dataclasses
import pickle
import socket
import subprocess
import sys

import cv2
import numpy as np
import pytest

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.sequences import lab
from mfst_lib.sequences.lab import cutouts, effects, layers, motion, photographs
from mfst_lib.sequences.lab.dials import Scene
from mfst_lib.sequences.lab.renderer import start
from mfst_lib.sequences.lab.track import Track

#: A plain scene: one cut-out moves over a still background, and nothing else happens.
PLAIN = Scene("plain", "cup", "lawn", seed=3, length=24, extent=70, speed=6)


def turned(**dials: object) -> Scene:
    return dataclasses.replace(PLAIN, **dials)


def pixels(scene: Scene) -> np.ndarray:
    return np.stack(lab.render(scene).frames)


def track_of(scene: Scene) -> Track:
    return start(scene)[0]


def changed_box(frame: np.ndarray, still: np.ndarray) -> np.ndarray:
    """The box of the pixels that differ from the still background."""
    y, x = np.nonzero(np.abs(frame.astype(int) - still).max(axis=2) > 16)
    return np.array([x.min(), y.min(), x.max() + 1 - x.min(), y.max() + 1 - y.min()])


def sharpness(frame: np.ndarray) -> float:
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float((cv2.Sobel(grey, -1, 1, 0) ** 2 + cv2.Sobel(grey, -1, 0, 1) ** 2).mean())


@pytest.fixture(scope="module")
def tracks() -> dict[str, Track]:
    """Where everything is in the declared scenes; the pictures are not drawn."""
    return {name: track_of(lab.scene(name)) for name in lab.names()}


def test_there_are_scenes_enough() -> None:
    assert len(lab.names()) >= 10
    assert all(60 <= lab.scene(name).length <= 150 for name in lab.names())


@pytest.mark.parametrize("name", ["moon-flyover", "coin-tray", "shuttle-pass"])
def test_declared_sequence_is_whole(name: str) -> None:
    sequence = lab.render(name)
    assert sequence.name == name and len(sequence) == lab.scene(name).length
    assert sequence.boxes.dtype == np.float64 and (sequence.boxes[:, 2:] > 0).all()
    assert sequence.attributes == lab.attributes(name)


@pytest.mark.parametrize("name", lab.names())
def test_frames_are_contiguous_rgb(name: str) -> None:
    scene = dataclasses.replace(lab.scene(name), length=3, leaves=0)
    width, height = scene.size
    for frame in lab.render(scene).frames:
        assert frame.shape == (height, width, 3) and frame.dtype == np.uint8
        assert frame.flags.c_contiguous and frame.std() > 5


def test_declared_targets_start_inside_and_of_fair_size(tracks: dict[str, Track]) -> None:
    for name, track in tracks.items():
        x, y, w, h = track.boxes[0]
        width, height = track.scene.size
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height, name
        longest = track.boxes[:, 2:].max(axis=1)
        assert longest.min() >= 30 and longest.max() <= 125, name


def test_declared_sequences_cover_the_attributes() -> None:
    assert {tag for name in lab.names() for tag in lab.attributes(name)} == set(lab.TAGS)


def test_first_frame_shows_the_target_free(tracks: dict[str, Track]) -> None:
    for name, track in tracks.items():
        if track.scene.occlusion:
            x = track.post(np.zeros(1))[0, 0, 2]
            half = effects.post_layer(track).pixels.shape[1] / 2
            left, width = track.boxes[0, 0], track.boxes[0, 2]
            assert x + half < left or x - half > left + width, name


def test_same_seed_same_bytes_other_seed_other_bytes() -> None:
    scene = dataclasses.replace(lab.scene("cat-walk"), length=6)
    assert (pixels(scene) == pixels(scene)).all()
    assert (pixels(scene) != pixels(dataclasses.replace(scene, seed=99))).any()


def test_noise_does_not_change_the_boxes() -> None:
    noisy, clean = lab.render(turned(noise=20)), lab.render(PLAIN)
    assert (noisy.boxes == clean.boxes).all()
    assert (np.stack(noisy.frames) != np.stack(clean.frames)).any()


@pytest.mark.parametrize(
    "dials",
    [
        {"target": "coin"},
        {"rotation": 40.0},
        {"scale_change": 0.5},
        {"turn": 0.6},
        {"deformation": 0.8},
        {"target": "cat", "rotation": 20.0},
        {"target": "shuttle", "rotation": 90.0},
        {"target": "motorcycle", "rotation": 25.0, "scale_change": 1.6},
    ],
    ids=str,
)
def test_boxes_match_the_changed_pixels(dials: dict) -> None:
    scene = turned(**{"target": "cat", "background": "paving", **dials})
    sequence, track = lab.render(scene), track_of(scene)
    still = layers.fill(track.backdrop, track.background(np.zeros(1))[0], scene.size)
    for frame, (x, y, w, h) in zip(sequence.frames, sequence.boxes, strict=True):
        cx, cy, cw, ch = changed_box(frame, still)
        assert np.abs([x - cx, y - cy, x + w - cx - cw, y + h - cy - ch]).max() < 2.5


def test_box_is_that_of_the_transformed_mask() -> None:
    track = track_of(turned(rotation=60.0))
    times = np.arange(24.0)
    for matrix, (x, y, w, h) in zip(track.target(times), track.boxes, strict=True):
        alpha = track.layer.pixels[..., 3]
        mask = cv2.warpAffine(alpha, matrix[:2], PLAIN.size, flags=cv2.INTER_AREA) >= 0.5
        ys, xs = np.nonzero(mask)
        found = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1])
        assert np.abs(found - [x, y, x + w, y + h]).max() < 1.5


def test_box_is_drawn_around_the_part_not_the_whole() -> None:
    track = track_of(turned(target="astronaut"))
    alpha = track.layer.pixels[..., 3] >= 0.5
    head = np.ptp(track.layer.outline, axis=0)
    assert head[1] < 0.5 * np.ptp(np.nonzero(alpha)[0])


def test_a_target_in_its_own_photograph_moves_with_it() -> None:
    scene = Scene("own", "crater", lab.OWN, length=12, extent=60, speed=6)
    sequence = lab.render(scene)
    x, y, w, h = np.round(sequence.boxes[0]).astype(int)
    template = sequence.frames[0][y : y + h, x : x + w]
    found = cv2.matchTemplate(sequence.frames[2], template, cv2.TM_CCOEFF_NORMED)
    place = np.unravel_index(found.argmax(), found.shape)[::-1]
    assert np.abs(np.array(place) - sequence.boxes[2, :2]).max() < 3


def test_speed_is_pixels_per_frame() -> None:
    for speed in (2.0, 8.0):
        boxes = track_of(turned(speed=speed, length=400)).boxes
        steps = np.linalg.norm(np.diff(boxes[:, :2] + boxes[:, 2:] / 2, axis=0), axis=1)
        assert steps.mean() == pytest.approx(speed, rel=0.15)


def test_scale_change_is_the_ratio_to_the_first_size() -> None:
    for ratio in (0.5, 1.8):
        height = track_of(turned(scale_change=ratio, length=41)).boxes[:, 3]
        assert height[20] / height[0] == pytest.approx(ratio, rel=0.01)


def test_extent_is_the_longer_side_at_the_start() -> None:
    for target in cutouts.CUTOUTS:
        assert track_of(turned(target=target)).boxes[0, 2:].max() == pytest.approx(70, abs=0.01)


def test_illumination_darkens() -> None:
    lit, shaded = pixels(turned(illumination=0.0)), pixels(turned(illumination=0.8))
    ratio = shaded.mean(axis=(1, 2, 3)) / lit.mean(axis=(1, 2, 3))
    assert ratio[0] == pytest.approx(1, abs=0.02)
    assert ratio.min() < 0.5


def test_blur_and_defocus_lower_the_gradient() -> None:
    fast = turned(speed=14, camera=0.5)
    sharp = [sharpness(frame) for frame in lab.render(fast).frames]
    open_shutter = dataclasses.replace(fast, blur=1.0)
    blurred = [sharpness(frame) for frame in lab.render(open_shutter).frames]
    assert np.mean(blurred) < 0.9 * np.mean(sharp)
    hunting = [sharpness(frame) for frame in lab.render(turned(defocus=4.0)).frames]
    assert hunting[0] > 3 * min(hunting)


@pytest.mark.parametrize("occlusion", [0.3, 0.6, 1.0])
def test_occlusion_is_the_hidden_share_at_the_worst(occlusion: float) -> None:
    scene = turned(occlusion=occlusion, length=60)
    track = track_of(scene)
    there = np.array([track.meeting])
    alpha = track.layer.pixels[..., 3]
    target = cv2.warpAffine(alpha, track.target(there)[0, :2], scene.size) >= 0.5
    free = pixels(turned(length=60))[int(track.meeting)].astype(int)
    behind = pixels(scene)[int(track.meeting)].astype(int)
    hidden = (np.abs(free - behind).max(axis=2) > 4) & target
    assert hidden.sum() / target.sum() == pytest.approx(occlusion, abs=0.1)


def test_leaves_is_the_number_of_frames_outside() -> None:
    scene = turned(leaves=20, length=90)
    x = lab.render(scene).boxes[:, 0]
    outside = x >= scene.size[0]
    assert 20 <= outside.sum() <= 32
    assert not outside[:20].any() and not outside[-10:].any()
    frames = pixels(scene)
    gone = frames[x >= scene.size[0] + 4]
    assert len(gone) >= 20 and (gone == gone[0]).all()


def test_distractor_comes_as_close_as_the_dial_says() -> None:
    nearest = []
    for distractor in (0.2, 0.6, 1.0):
        track = track_of(turned(distractor=distractor, length=100))
        times = np.arange(100.0)
        layer = cutouts.cut("cup")
        other = track.lookalike(times)[:, :2] @ [*layer.centre, 1]
        target = track.target(times)[:, :2] @ [*layer.centre, 1]
        nearest.append(np.linalg.norm(other - target, axis=1).min())
    assert nearest[0] > nearest[1] > nearest[2]
    assert nearest[2] < 0.2 * PLAIN.extent


def test_the_lookalike_moves_without_jumps() -> None:
    track = track_of(turned(distractor=0.3, length=200))
    places = track.lookalike(np.arange(200.0))[:, :2] @ [*cutouts.cut("cup").centre, 1]
    assert np.linalg.norm(np.diff(places, axis=0), axis=1).max() < 5 * PLAIN.speed


def test_noise_is_in_grey_levels() -> None:
    difference = pixels(turned(noise=10)).astype(float) - pixels(PLAIN)
    assert difference[0].std() == pytest.approx(10, rel=0.15)


def test_resolution_takes_detail_away() -> None:
    full, poor = lab.render(PLAIN), lab.render(turned(resolution=0.3))
    assert sharpness(poor.frames[0]) < 0.4 * sharpness(full.frames[0])
    assert poor.frames[0].shape == full.frames[0].shape


def test_shadow_darkens_the_ground_beside_the_target() -> None:
    assert pixels(turned(shadow=1.0)).mean() < pixels(PLAIN).mean()


def test_camera_moves_the_background() -> None:
    still, panned = pixels(turned(target="coin", extent=8, speed=0)), pixels(turned(camera=0.8))
    assert (still[0] == still[12]).all()
    assert np.abs(panned[0].astype(int) - panned[12]).mean() > 10


@pytest.mark.parametrize(
    ("tag", "dials", "without"),
    [
        ("IV", {"illumination": 0.5}, {}),
        ("SV", {"scale_change": 1.5}, {"scale_change": 1.3}),
        ("OCC", {"occlusion": 0.5}, {}),
        ("DEF", {"deformation": 0.5}, {}),
        ("MB", {"blur": 0.9, "speed": 9}, {"speed": 9}),
        ("FM", {"speed": 30}, {"speed": 2}),
        ("IPR", {"rotation": 30}, {}),
        ("OPR", {"turn": 0.5}, {}),
        ("OV", {"leaves": 10, "length": 60}, {"length": 60}),
        ("BC", {"distractor": 0.4}, {}),
        ("BC", {"clutter": True}, {}),
        ("LR", {"resolution": 0.2}, {}),
    ],
)
def test_tags_follow_the_dials(tag: str, dials: dict, without: dict) -> None:
    assert tag in lab.attributes(turned(**dials))
    assert tag not in lab.attributes(turned(**without))


@pytest.mark.parametrize(
    "dials",
    [
        {"occlusion": 1.5},
        {"occlusion": float("nan")},
        {"illumination": "dark"},
        {"scale_change": 0},
        {"speed": -1},
        {"noise": True},
        {"length": 1},
        {"length": 20.0},
        {"seed": -1},
        {"leaves": 24},
        {"size": (320,)},
        {"size": (10, 240)},
        {"target": "dog"},
        {"target": None},
        {"background": "beach"},
        {"lookalike": "dog"},
        {"post": "rubber"},
        {"background": lab.OWN, "deformation": 0.5},
        {"background": lab.OWN, "shadow": 0.5},
    ],
    ids=str,
)
def test_bad_dials_are_refused(dials: dict) -> None:
    with pytest.raises(InvalidInput):
        turned(**dials)


def test_errors_say_what_was_got_and_expected() -> None:
    with pytest.raises(InvalidInput, match=r"occlusion is from 0 to 1; got 1.5"):
        turned(occlusion=1.5)
    with pytest.raises(InvalidInput, match=r"did you mean cat-walk"):
        lab.render("cat-wlak")
    with pytest.raises(InvalidInput, match=r"takes a Scene or a name; got int"):
        lab.render(3)


def test_paths_are_smooth_and_stay_in_their_square() -> None:
    path = motion.Wander.draw(np.random.default_rng(1))
    places = path.at(np.linspace(0, 40, 4000))
    assert np.abs(places).max() <= 1
    assert np.abs(np.diff(places, n=2, axis=0)).max() < 1e-3


def test_every_photograph_loads_with_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the lab reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    photographs.photograph.cache_clear()
    for what in (*photographs.BACKGROUNDS.values(), *photographs.POSTS.values()):
        assert photographs.surface(what).dtype == np.uint8
    for cutout in cutouts.CUTOUTS.values():
        assert photographs.photograph(cutout.photograph).shape[2] == 3


def test_importing_the_lab_does_not_import_skimage() -> None:
    code = "import sys, mfst_lib.sequences.lab; print('skimage' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_without_skimage_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage", None)
    photographs.photograph.cache_clear()
    with pytest.raises(NotFound, match=r"mfst_lib\[eval\]"):
        photographs.photograph("coffee")


def test_frames_are_the_same_in_any_order_and_in_another_process() -> None:
    frames = lab.render("cat-walk").frames
    forwards = [frames[number] for number in (0, 7, 50)]
    backwards = [lab.render("cat-walk").frames[number] for number in (50, 7, 0)][::-1]
    elsewhere = pickle.loads(pickle.dumps(frames))
    for number, one, other in zip((0, 7, 50), forwards, backwards, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(one, elsewhere[number])
    assert len(pickle.dumps(frames)) < 2000, "the scene travels, not its pictures"
