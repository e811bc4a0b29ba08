"""Rendering: a scene's track and layers become frames."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mfst_lib.sequences.frames import Frames
from mfst_lib.sequences.lab import cutouts, effects, motion
from mfst_lib.sequences.lab.dials import Scene
from mfst_lib.sequences.lab.layers import Image, Layer, fill, paste
from mfst_lib.sequences.lab.tags import tags
from mfst_lib.sequences.lab.track import Track
from mfst_lib.sequences.sequence import Sequence

#: Pixels of motion per exposure of a blurred frame, and the most exposures.
STRIDE, EXPOSURES = 1.5, 8
#: How far a cut-out's colours go towards those of the background.
MATCH = 0.15


def render_scene(scene: Scene) -> Sequence:
    """The sequence that the scene declares; the same scene gives the same bytes.

    Frames are (H, W, 3) uint8 RGB, C-contiguous, drawn when they are asked for. Boxes are those
    of the target's outline at the middle of the exposure, **not clipped at the frame's border**,
    and go on behind the post and outside the frame.
    """
    track, _ = start(scene)
    return Sequence(scene.name, SceneFrames(scene), track.boxes, tags(track))


class SceneFrames(Frames):
    """The frames of a scene, each drawn when asked for: boxes and tags cost no picture."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def __len__(self) -> int:
        return self.scene.length

    def __getstate__(self) -> dict[str, Scene]:
        """To another process goes the scene alone, which makes the same pictures there."""
        return {"scene": self.scene}

    @cached_property
    def _studio(self) -> tuple[Stage, effects.Sensor]:
        track, noise_rng = start(self.scene)
        scene = self.scene
        sensor = effects.Sensor(scene.size, scene.noise, scene.resolution, noise_rng, scene.length)
        return Stage(track), sensor

    def decode(self, index: int) -> NDArray[np.uint8]:
        stage, sensor = self._studio
        return sensor.expose(stage.frame(index), index)


def start(scene: Scene) -> tuple[Track, np.random.Generator]:
    """The scene's track, and the generator for its grain: so grain does not change the motion."""
    motion_rng, noise_rng = np.random.default_rng(scene.seed).spawn(2)
    return Track(scene, motion_rng), noise_rng


class Stage:
    """The layers of a scene, drawn back to front."""

    def __init__(self, track: Track) -> None:
        self.track, self.scene = track, track.scene
        self.lookalike = cutouts.cut(self.scene.lookalike or self.scene.target)
        self.gain, self.lookalike_gain = self._gain(track.layer), self._gain(self.lookalike)
        self.shadow = None
        if self.scene.shadow:
            self.shadow = effects.shadow_of(track.layer, self.scene.shadow)
        self.post = effects.post_layer(track) if self.scene.occlusion else None

    def _gain(self, layer: Layer) -> NDArray[np.float64]:
        """Factors on RGB that take the layer's mean colour a little towards the background's."""
        if layer.pixels.shape[2] == 3:
            return np.ones(3)
        colour, alpha = layer.pixels[..., :3].sum(axis=(0, 1)), layer.pixels[..., 3].sum()
        ground = self.track.backdrop.pixels.mean(axis=(0, 1))
        return np.clip((ground / (colour / alpha)) ** MATCH, 0.75, 1.3)

    def frame(self, time: int) -> Image:
        """The light that reaches the sensor in a frame, (H, W, 3) float32 in 0..255."""
        scene, moments = self.scene, self._moments(time)
        image = self._draw(moments[:1])
        for moment in moments[1:]:
            image += self._draw(moment[None])
        image /= len(moments)
        if scene.illumination:
            image *= effects.light(time, scene.length, scene.size[0], scene.illumination)
        return effects.defocused(image, time, scene.length, scene.defocus)

    def _moments(self, time: int) -> NDArray[np.float64]:
        """The moments while the shutter is open whose pictures are averaged: more if faster."""
        ends = time + np.array([-0.5, 0.5]) * self.scene.blur
        target = self.track.target(ends)[:, :2] @ [*self.track.layer.centre, 1]
        ground = self.track.background(ends)[:, :2] @ [*self.track.backdrop.centre, 1]
        moved = max(np.linalg.norm(target[1] - target[0]), np.linalg.norm(ground[1] - ground[0]))
        count = int(np.clip(math.ceil(moved / STRIDE), 1, EXPOSURES))
        return time + self.scene.blur * ((np.arange(count) + 0.5) / count - 0.5)

    def _draw(self, moment: NDArray[np.float64]) -> Image:
        """The picture at one moment, (1,): background, shadow, target, look-alike, post."""
        track, scene = self.track, self.scene
        canvas = fill(track.backdrop, track.background(moment)[0], scene.size)
        if not scene.in_place:
            self._draw_target(canvas, moment)
        if scene.distractor:
            paste(canvas, self.lookalike, track.lookalike(moment)[0], self.lookalike_gain)
        if self.post is not None:
            matrix = track.post(moment) @ motion.translation(-self.post.centre[None])
            paste(canvas, self.post, matrix[0], np.ones(3))
        return canvas

    def _draw_target(self, canvas: Image, moment: NDArray[np.float64]) -> None:
        """Lay the target's shadow and the target on the canvas."""
        matrix, sway = self.track.target(moment)[0], float(self.track.sway(moment)[0])
        if self.shadow is not None:
            offset = 0.1 * self.scene.extent * np.array([[0.7, 1.0]])
            below = motion.translation(offset)[0] @ matrix
            paste(canvas, self.shadow, below, np.ones(3), sway)
        paste(canvas, self.track.layer, matrix, self.gain, sway)
