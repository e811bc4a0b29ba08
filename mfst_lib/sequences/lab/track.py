"""The track of a scene: where target, background, post and look-alike are at any time.

No pixels here, only (N, 3, 3) matrices from layers to the frame, so that boxes and attributes
come from the very same numbers as the picture.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mfst_lib.sequences.lab import cutouts, motion
from mfst_lib.sequences.lab.dials import Scene
from mfst_lib.sequences.lab.layers import Layer, bounds
from mfst_lib.sequences.lab.motion import (
    Times,
    Wander,
    rotation,
    scaling,
    there_and_back,
    translation,
)

Matrices = NDArray[np.float64]

#: Frames between the last one inside and the first one of the stay outside, and back.
RAMP = 14
#: The look-alike's way past the target: target extents per frame.
OVERTAKING = 0.05


class Track:
    """The motion of everything in a scene; times are frames and may be fractions of one."""

    def __init__(self, scene: Scene, rng: np.random.Generator) -> None:
        self.scene = scene
        self.path, self.pan, self.tremor, self.bob = (
            Wander.draw(rng, waves) for waves in (3, 2, 4, 3)
        )
        self.layer = (cutouts.in_place if scene.in_place else cutouts.cut)(scene.target)
        self.backdrop = self.layer if scene.in_place else cutouts.backdrop(scene.background)
        self.frame = np.array(scene.size, dtype=np.float64)

    @cached_property
    def boxes(self) -> NDArray[np.float64]:
        """The target's boxes (x, y, w, h), (T, 4): also behind the post, also outside."""
        times = np.arange(self.scene.length, dtype=np.float64)
        return bounds(self.layer, self.target(times), self.sway(times))

    @cached_property
    def meeting(self) -> float:
        """The time at which the target is behind the post, or meets its look-alike.

        It is where the target moves fastest over the ground, of the places that are far enough
        from the first one: the first frame shows the target free.
        """
        times = np.arange(self.scene.length, dtype=np.float64)
        along = self.place(times)[:, 0]
        if not self.scene.in_place:
            along = along - self.background(times)[:, 0, 2]
        far = np.abs(along - along[0])
        middle = (times >= 0.35 * times[-1]) & (times <= 0.75 * times[-1])
        free = middle & (far >= min(1.3 * self.scene.extent, far[middle].max()))
        return float(times[np.where(free, np.abs(np.gradient(along)), -1).argmax()])

    def target(self, times: Times) -> Matrices:
        """From the target's layer to the frame."""
        return self.hand(times) @ translation(self.place(times)) @ self.pose(times, self.layer)

    def background(self, times: Times) -> Matrices:
        """From the background's layer to the frame."""
        if self.scene.in_place:
            return self.target(times)
        room = self.frame * [self.scene.camera, self.scene.camera / 2]
        pace = 2 * np.pi / self.scene.length
        pan = self.frame / 2 + self.pan.at(times * pace) * room / 2
        width, height = self.backdrop.pixels.shape[1::-1]
        cover = ((self.frame + room + 8 * self.scene.shake) / [width, height]).max()
        zoom = cover * (1 + self.scene.zoom * there_and_back(times, self.scene.length))
        return self.hand(times) @ translation(pan) @ _about(self.backdrop.centre, zoom)

    def lookalike(self, times: Times) -> Matrices:
        """From the look-alike's layer to the frame: it crosses the target's way."""
        scene, extent = self.scene, self.scene.extent
        away = (times - self.meeting) * OVERTAKING * extent
        upper = self.place(np.array([self.meeting]))[0, 1] < self.frame[1] / 2
        gap = (1 - scene.distractor) * 1.1 * extent * (1 if upper else -1)
        bob = self.bob.at(times * 0.1) * extent * 0.1
        place = self.place(times) + np.stack([away, np.full(len(times), gap)], axis=1) + bob
        layer = cutouts.cut(scene.lookalike or scene.target)
        mirror = scaling(-np.ones(len(times)), np.ones(len(times)))
        return self.hand(times) @ translation(place) @ mirror @ self.pose(times, layer)

    def post(self, times: Times) -> Matrices:
        """From coordinates about the post's middle (in pixels, upright) to the frame."""
        there = np.array([self.meeting])
        middle = translation(self.place(there))
        if self.scene.in_place:
            return np.repeat(self.hand(there) @ middle, len(times), axis=0)
        start = np.linalg.inv(self.background(there)) @ self.hand(there) @ middle
        return self.background(times) @ start

    def hand(self, times: Times) -> Matrices:
        """The camera's shake about the middle of the frame."""
        shake = self.tremor.at(times * 0.45) * self.scene.shake
        middle = np.repeat(self.frame[None] / 2, len(times), axis=0)
        roll = rotation(shake[:, 0] * 0.25)
        return translation(middle + shake) @ roll @ translation(-middle)

    def pose(self, times: Times, layer: Layer) -> Matrices:
        """Size, turn and rotation of a layer about the middle of its outline."""
        scene = self.scene
        there = there_and_back(times, scene.length)
        size = scene.extent / layer.extent * scene.scale_change**there
        turned = scene.turn * 80 * there_and_back(times, scene.length, 3)
        spin = rotation(scene.rotation * np.sin(3 * np.pi * times / scene.length))
        return (
            spin
            @ scaling(np.cos(np.radians(turned)), np.ones(len(times)))
            @ _about(layer.centre, size)
        )

    def sway(self, times: Times) -> NDArray[np.float64]:
        """The bend of the target's layer, see `layers.sway_offset`, (N,)."""
        return 0.12 * self.scene.deformation * np.sin(2 * np.pi * 4 * times / self.scene.length)

    def place(self, times: Times) -> NDArray[np.float64]:
        """The middle of the target in the frame of a steady camera, (N, 2)."""
        scene = self.scene
        home = self.frame * [scene.home_x, scene.home_y]
        return self._excursion(times, home + self.path.at(times * self.pace) * self.reach)

    @cached_property
    def reach(self) -> NDArray[np.float64]:
        """How far the path goes from its middle, (2,): within the frame."""
        scene = self.scene
        home = self.frame * [scene.home_x, scene.home_y]
        room = np.minimum(home, self.frame - home) - 0.5 * scene.extent
        return np.maximum(room, 4) * [scene.roam_x, scene.roam_y]

    @cached_property
    def pace(self) -> float:
        """The path's units of time per frame."""
        return self.path.pace(self.reach, self.scene.speed) if self.reach.any() else 0.0

    def _excursion(self, times: Times, place: NDArray[np.float64]) -> NDArray[np.float64]:
        """The path with the stay outside the frame blended in, to the right of it."""
        scene = self.scene
        if not scene.leaves:
            return place
        from_middle = np.abs(times - 0.55 * scene.length)
        share = motion.smoothstep((scene.leaves / 2 + RAMP - from_middle) / RAMP)[:, None]
        largest = scene.extent * max(1.0, scene.scale_change)
        outside = np.array([self.frame[0] + largest, self.frame[1] / 2])
        return place * (1 - share) + outside * share


def _about(centre: NDArray[np.float64], size: NDArray[np.float64]) -> Matrices:
    """Matrices (N, 3, 3) that scale by size, (N,), and take the centre (2,) to the origin."""
    return scaling(size, size) @ translation(np.repeat(-centre[None], len(size), axis=0))
