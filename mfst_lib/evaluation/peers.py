"""OpenCV's trackers in our runner: the same interface, result files and scores.

Which there are depends on the installed wheel: `opencv-python` 5 has MIL alone that needs no
model file; `opencv-contrib-python` adds CSRT, KCF and the older ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.boxes import as_box, check_inside
from mfst_lib.errors import InvalidInput, unknown
from mfst_lib.images import as_rgb

PREFIX = "opencv:"

#: Where a wheel may have the function that makes a tracker.
MAKERS = {
    "mil": ("TrackerMIL_create",),
    "csrt": ("TrackerCSRT_create", "legacy.TrackerCSRT_create"),
    "kcf": ("TrackerKCF_create", "legacy.TrackerKCF_create"),
    "mosse": ("legacy.TrackerMOSSE_create",),
    "medianflow": ("legacy.TrackerMedianFlow_create",),
    "boosting": ("legacy.TrackerBoosting_create",),
    "tld": ("legacy.TrackerTLD_create",),
}


@dataclass(frozen=True)
class PeerConfig:
    """Which of OpenCV's trackers, and the number of the run; its settings are its own.

    It has of `TrackerConfig` what a run needs. Raises `InvalidInput` for a tracker that is none
    of `MAKERS`; whether the installed wheel has it shows `peer_config`.
    """

    name: str
    seed: int = 0
    version: str = cv2.__version__

    def __post_init__(self) -> None:
        if self.name not in MAKERS:
            raise unknown("tracker of OpenCV", self.name, MAKERS)

    @property
    def backbone(self) -> str:
        """What stands for the network in names of folders: the tracker."""
        return self.name

    @property
    def fingerprint(self) -> str:
        """What stands for the network's weights: the version of OpenCV."""
        return f"opencv {self.version}"

    def replace(self, **changes: Any) -> PeerConfig:
        """A copy with some fields changed."""
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values, ready for JSON."""
        return {
            "tracker": f"{PREFIX}{self.name}",
            "backbone": self.name,
            "version": self.version,
            "seed": self.seed,
        }

    def hash(self) -> str:
        """Twelve hexadecimal digits that change with any field."""
        text = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> PeerConfig:
        """What `to_dict` gave; `InvalidInput` for anything else."""
        try:
            return cls(values["backbone"], int(values["seed"]), str(values["version"]))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"no settings of an OpenCV tracker: {error!r}") from None


def is_peer(config: Any) -> bool:
    """Whether settings, or their dictionary, are those of an OpenCV tracker."""
    return isinstance(config, PeerConfig) or (isinstance(config, dict) and "tracker" in config)


def peer_config(text: str, seed: int = 0) -> PeerConfig:
    """The settings behind `opencv:mil`; `InvalidInput` with what the installed wheel has.

    >>> peer_config("opencv:mil").to_dict()["tracker"]
    'opencv:mil'
    """
    config = PeerConfig(text.removeprefix(PREFIX), seed)
    _maker(config.name)
    return config


def installed() -> list[str]:
    """The trackers that the installed wheel of OpenCV has."""
    return [name for name in MAKERS if _find(name) is not None]


def _find(name: str) -> Callable[[], Any] | None:
    for place in MAKERS[name]:
        here: Any = cv2
        for step in place.split("."):
            here = getattr(here, step, None)
        if here is not None:
            return here
    return None


def _maker(name: str) -> Callable[[], Any]:
    maker = _find(name)
    if maker is None:
        have = ", ".join(PREFIX + one for one in installed()) or "none"
        raise InvalidInput(
            f"the installed OpenCV {cv2.__version__} has no {PREFIX}{name}, only {have}: "
            "opencv-contrib-python has it; install that instead of opencv-python, best in an "
            "environment of its own"
        )
    return maker


class OpenCVTracker:
    """One of OpenCV's trackers, with images in RGB and boxes as ours."""

    def __init__(self, config: PeerConfig) -> None:
        self.config = config
        self._tracker: Any = None

    def init(self, image: ArrayLike, box: ArrayLike) -> None:
        """Learn the target; `InvalidInput` for an image or box that cannot be used.

        OpenCV takes whole pixels. Its random numbers are seeded here, for the whole process; MIL
        does not listen, it draws its features by the clock: its runs differ, seeds or not.
        """
        picture, start = as_rgb(image), as_box(box)
        check_inside(start, picture.shape)
        cv2.setRNGSeed(self.config.seed)
        tracker = _maker(self.config.name)()
        x, y, w, h = (round(float(value)) for value in start)
        try:
            tracker.init(_bgr(picture), (x, y, max(w, 1), max(h, 1)))
        except cv2.error as error:
            raise InvalidInput(f"OpenCV's {self.config.name} cannot start: {error}") from None
        self._tracker = tracker

    def update(self, image: ArrayLike) -> tuple[bool, NDArray[np.float64]]:
        """Whether OpenCV says that it has the target, and its box; `InvalidInput` before `init`."""
        if self._tracker is None:
            raise InvalidInput("update() before init(): call init(image, box) first")
        try:
            seen, box = self._tracker.update(_bgr(as_rgb(image)))
        except cv2.error as error:
            raise InvalidInput(f"OpenCV's {self.config.name} broke off: {error}") from None
        return bool(seen), np.asarray(box, dtype=np.float64)


def _bgr(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(image[..., ::-1])
