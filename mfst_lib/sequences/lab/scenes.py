"""The declared scenes, from easy to hard."""

from __future__ import annotations

from mfst_lib.errors import unknown
from mfst_lib.sequences.lab.dials import OWN, Scene

# fmt: off
SCENES: tuple[Scene, ...] = (
    # Easy: moderate motion, mild change.
    Scene("moon-flyover", "crater", OWN, 11, length=90, extent=62, speed=2.2, home_x=0.45,
          home_y=0.42, rotation=14, shake=0.8, noise=4, blur=0.3),
    Scene("garage-handheld", "headlight", OWN, 5, length=100, extent=58, speed=2.5, shake=2.0,
          home_x=0.62, roam_y=0.5, scale_change=1.5, noise=5, blur=0.5),
    Scene("eye-exam", "optic-disc", OWN, 3, length=90, extent=66, speed=2.0, shake=1.5,
          home_x=0.4, illumination=0.45, defocus=2.0, noise=4),
    Scene("cat-closeup", "cat-eye", OWN, 13, length=90, extent=52, speed=2.4, shake=1.5,
          home_x=0.42, home_y=0.45, roam_x=0.5, roam_y=0.4, rotation=12, scale_change=1.3,
          noise=4, blur=0.6, clutter=True),
    Scene("portrait", "astronaut", "garage-wall", 21, length=110, extent=80, speed=1.6,
          home_y=0.42, roam_y=0.3, rotation=6, shake=1.0, camera=0.15, illumination=0.25,
          noise=4, blur=0.5),
    Scene("cup-patio", "cup", "paving", 8, length=90, extent=84, speed=2.2, rotation=25,
          camera=0.2, shake=0.6, shadow=0.9, noise=4, blur=0.4),
    # Middling: one or two real difficulties each.
    Scene("shuttle-orbit", "shuttle", "stars", 4, length=100, extent=84, speed=2.5, rotation=75,
          scale_change=1.3, camera=0.5, noise=5, blur=0.4),
    Scene("cat-walk", "cat", "lawn", 89, length=120, extent=80, speed=2.8, camera=0.3, shake=1.0,
          rotation=10, deformation=0.15, occlusion=0.55, post="wood", shadow=0.7, noise=4,
          blur=0.4),
    Scene("coin-tray", "tray-coin", OWN, 6, length=100, extent=54, speed=3.5, shake=1.0,
          scale_change=0.65, rotation=20, illumination=0.4, noise=6, clutter=True),
    Scene("coin-flip", "coin", "table", 9, length=90, size=(360, 270), extent=56, speed=6,
          turn=0.75, rotation=60, shadow=0.8, shake=0.8, noise=4, blur=0.7),
    Scene("night-camera", "astronaut", "garage", 14, length=100, extent=46, speed=2.2,
          home_y=0.6, roam_y=0.15, shake=0.6, resolution=0.42, noise=12, illumination=0.6,
          blur=0.5),
    # Hard: where a tracker that only selects feature maps may well lose its target.
    Scene("shuttle-pass", "shuttle", "launch-site", 2, length=130, size=(360, 270), extent=80,
          speed=3.5, leaves=28, rotation=18, scale_change=1.4, camera=0.3, shake=1.5, noise=5,
          blur=0.5),
    Scene("twins", "astronaut", "garage-wall", 25, length=120, extent=64, speed=2.4, home_y=0.42,
          roam_y=0.3, distractor=0.9, occlusion=0.85, post="concrete", camera=0.2, shake=1.0,
          noise=5, blur=0.5),
    Scene("motorcycle-dash", "motorcycle", "concrete", 68, length=80, size=(400, 300), extent=56,
          speed=11, scale_change=2.0, rotation=15, camera=0.4, shake=2.5, noise=6, blur=0.7,
          clutter=True),
    Scene("coin-chase", "coin", "concrete", 68, length=100, extent=46, speed=9, rotation=90,
          distractor=1.0, occlusion=0.6, post="brick", shadow=0.7, camera=0.4, illumination=0.6,
          noise=8, blur=0.8, clutter=True),
)
# fmt: on

_BY_NAME = {scene.name: scene for scene in SCENES}


def names() -> tuple[str, ...]:
    """The declared scenes' names, from easy to hard."""
    return tuple(_BY_NAME)


def scene(name: str) -> Scene:
    """The declared scene of that name; `dataclasses.replace` turns its dials.

    Raises `InvalidInput` for an unknown name.

    >>> scene("cat-walk").occlusion
    0.55
    """
    if name not in names():
        raise unknown("lab scene", name, names())
    return _BY_NAME[name]
