"""A scene: everything that a lab sequence is made from, with the difficulties as dials."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real

from mfst_lib.errors import InvalidInput, unknown
from mfst_lib.sequences.lab.cutouts import CUTOUTS
from mfst_lib.sequences.lab.photographs import BACKGROUNDS, POSTS

#: As a scene's background: the target stays in its own photograph and the camera moves.
OWN = "own"

#: The dials, with the least and the greatest value that each takes.
DIALS: dict[str, tuple[float, float]] = {
    "extent": (8, 400),
    "roam_x": (0, 1),
    "roam_y": (0, 1),
    "home_x": (0, 1),
    "home_y": (0, 1),
    "speed": (0, 40),
    "camera": (0, 1),
    "zoom": (0, 1),
    "shake": (0, 10),
    "scale_change": (0.2, 5),
    "rotation": (0, 180),
    "turn": (0, 1),
    "deformation": (0, 1),
    "illumination": (0, 1),
    "blur": (0, 1),
    "defocus": (0, 8),
    "occlusion": (0, 1),
    "distractor": (0, 1),
    "leaves": (0, 1000),
    "shadow": (0, 1),
    "noise": (0, 60),
    "resolution": (0.1, 1),
}


@dataclass(frozen=True)
class Scene:
    """A declared sequence; `render` makes its frames and boxes.

    target: a name in `CUTOUTS`; background: one in `BACKGROUNDS`, or "own": then the target stays
    in its own photograph and the camera moves instead. size: (width, height) of the frames in
    pixels; length: the number of frames. extent: the target's longer side in pixels at the start.

    Where and how fast: `home_x`, `home_y`: the middle of the path in parts of the frame;
    `roam_x`, `roam_y`: how much of the room around it the path uses; `speed`: the mean in pixels
    per frame; `camera`: how far the camera pans, in frame widths; `zoom`: how far it zooms in on
    the background (0.2: by a fifth); `shake`: of the hand, in pixels.

    The difficulties: `scale_change`: the greatest (or, below 1, the least) size relative to the
    first; `rotation` in the image plane, degrees to either side; `turn` out of it (1: nearly edge
    on); `deformation`: an S-bend; `illumination`: how dark the passing shade is (1: a quarter of
    the light); `blur`: the part of a frame's time that the shutter is open; `defocus` in pixels;
    `occlusion`: the share of the target that a post (`post`, a name in `POSTS`) hides at the
    worst; `distractor`: how closely `lookalike` (by default the same cut-out) comes, 1 being
    right across the target; `leaves`: the frames spent wholly outside; `shadow` on the ground;
    `noise`: grey levels; `resolution`: the sensor's, as a part of the frame's; `clutter`: says
    that the background resembles the target, which no dial measures.

    Raises `InvalidInput` for an unknown name, for a dial out of its range in `DIALS`, and for
    `deformation` or `shadow` with the background "own", where nothing is cut out.
    """

    name: str
    target: str
    background: str
    seed: int = 0
    length: int = 100
    size: tuple[int, int] = (320, 240)
    extent: float = 70.0
    roam_x: float = 0.7
    roam_y: float = 0.7
    home_x: float = 0.5
    home_y: float = 0.5
    speed: float = 2.0
    camera: float = 0.0
    zoom: float = 0.0
    shake: float = 0.0
    scale_change: float = 1.0
    rotation: float = 0.0
    turn: float = 0.0
    deformation: float = 0.0
    illumination: float = 0.0
    blur: float = 0.0
    defocus: float = 0.0
    occlusion: float = 0.0
    post: str = "wood"
    distractor: float = 0.0
    lookalike: str = ""
    leaves: int = 0
    shadow: float = 0.0
    noise: float = 0.0
    resolution: float = 1.0
    clutter: bool = False

    def __post_init__(self) -> None:
        _check_name("target", self.target, CUTOUTS)
        _check_name("background", self.background, [*BACKGROUNDS, OWN])
        _check_name("post", self.post, POSTS)
        _check_name("lookalike", self.lookalike or self.target, CUTOUTS)
        for dial, (low, high) in DIALS.items():
            _check_number(dial, getattr(self, dial), low, high)
        _check_whole("length", self.length, 2, 2000)
        _check_whole("seed", self.seed, 0, 2**63)
        _check_whole("leaves", self.leaves, 0, max(0, self.length - 30))
        _check_size(self.size)
        for dial in ("deformation", "shadow"):
            if self.in_place and getattr(self, dial):
                raise InvalidInput(
                    f"{dial} needs a cut-out over another background; got background={OWN!r}"
                )

    @property
    def in_place(self) -> bool:
        """Whether the target stays in its own photograph, so that only the camera moves."""
        return self.background == OWN


def _check_name(field: str, value: object, known: Iterable[str]) -> None:
    known = tuple(known)
    if value not in known:
        raise unknown(field, value, known)


def _check_number(dial: str, value: object, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise InvalidInput(f"{dial} is a number from {low:g} to {high:g}; got {value!r}")
    if not low <= float(value) <= high:
        raise InvalidInput(f"{dial} is from {low:g} to {high:g}; got {value!r}")


def _check_whole(field: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InvalidInput(f"{field} is a whole number from {low} to {high}; got {value!r}")


def _check_size(size: object) -> None:
    if not isinstance(size, tuple) or len(size) != 2:
        raise InvalidInput(f"size is (width, height) in pixels; got {size!r}")
    _check_whole("size: width", size[0], 64, 1920)
    _check_whole("size: height", size[1], 64, 1920)
