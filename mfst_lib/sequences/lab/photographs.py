"""The photographs that scikit-image brings in its wheel, and crops of them as backgrounds.

Only photographs that load without a network are named here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import NotFound


@dataclass(frozen=True)
class Background:
    """A crop of a photograph: `crop` is (left, top, right, bottom) in its pixels, None for all.

    `tint` is the colour that a grey photograph's white becomes (a factor per RGB channel).
    """

    photograph: str
    crop: tuple[int, int, int, int] | None = None
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)


BACKGROUNDS: dict[str, Background] = {
    "garage": Background("stereo_motorcycle"),
    "garage-wall": Background("stereo_motorcycle", (0, 0, 741, 280)),
    "concrete": Background("gravel", tint=(0.98, 0.95, 0.90)),
    "paving": Background("brick", tint=(1.12, 0.86, 0.70)),
    "lawn": Background("grass", tint=(0.76, 0.92, 0.54)),
    "table": Background("coffee"),
    "launch-site": Background("rocket"),
    "stars": Background("hubble_deep_field"),
}

#: Surfaces of the post that hides the target: a crop of a photograph, cut to a tall strip.
POSTS: dict[str, Background] = {
    "wood": Background("coffee", (510, 180, 600, 400), tint=(0.85, 0.95, 1.0)),
    "concrete": Background("gravel", (0, 0, 160, 400), tint=(1.15, 1.12, 1.06)),
    "brick": Background("brick", (0, 0, 200, 420), tint=(1.0, 0.62, 0.50)),
    "steel": Background("rocket", (565, 0, 615, 400)),
}


@lru_cache(maxsize=16)
def photograph(name: str) -> NDArray[np.uint8]:
    """The photograph `skimage.data.<name>` as (H, W, 3) uint8 RGB, read-only.

    Raises `NotFound` when scikit-image is not installed.
    """
    try:
        from skimage import data
    except ImportError as error:
        raise NotFound(
            f"the lab's photograph {name!r} comes with scikit-image, which is not installed: "
            'pip install "mfst_lib[eval]"'
        ) from error
    loaded = getattr(data, name)()
    image = loaded[0] if isinstance(loaded, tuple) else loaded
    image = np.repeat(image[..., None], 3, axis=2) if image.ndim == 2 else image[..., :3]
    image = np.ascontiguousarray(image, dtype=np.uint8)
    image.flags.writeable = False
    return image


def tinted(image: NDArray[np.uint8], tint: tuple[float, float, float]) -> NDArray[np.uint8]:
    """The (H, W, 3) uint8 image with each RGB channel multiplied by its factor."""
    return np.clip(image * np.array(tint, np.float32), 0, 255).astype(np.uint8)


def surface(background: Background) -> NDArray[np.uint8]:
    """The pixels of a background: cropped and tinted, (H, W, 3) uint8."""
    image = photograph(background.photograph)
    if background.crop is not None:
        left, top, right, bottom = background.crop
        image = image[top:bottom, left:right]
    return tinted(image, background.tint)
