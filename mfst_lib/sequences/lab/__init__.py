"""The lab: tracking sequences made from photographs, with exact boxes and dials, no network.

Cut-outs of the photographs that scikit-image brings along move over other ones (or the camera
moves over one), under light, blur, noise, occlusion and look-alikes that a `Scene` declares:

    sequence = lab.render("cat-walk")
    harder = lab.render(dataclasses.replace(lab.scene("cat-walk"), occlusion=0.8))
"""

from __future__ import annotations

from mfst_lib.errors import InvalidInput
from mfst_lib.sequences.lab.cutouts import CUTOUTS
from mfst_lib.sequences.lab.dials import DIALS, OWN, Scene
from mfst_lib.sequences.lab.renderer import render_scene, start
from mfst_lib.sequences.lab.scenes import names, scene
from mfst_lib.sequences.lab.tags import TAGS, tags
from mfst_lib.sequences.sequence import Sequence

__all__ = [
    "DIALS",
    "OWN",
    "TAGS",
    "Scene",
    "attributes",
    "names",
    "photograph_of",
    "render",
    "scene",
]


def render(what: Scene | str) -> Sequence:
    """The frames, boxes and attributes of a scene, or of the declared scene of that name.

    Frames are (H, W, 3) uint8 RGB, boxes (T, 4) float64, (x, y, w, h) of the target's outline,
    top-left corner in 0-based pixels, **not clipped at the frame's border**; they go on while the
    target is hidden or outside. The same scene gives the same bytes (with the same OpenCV).

    Raises `InvalidInput` for an unknown name or what is no scene, `NotFound` without scikit-image.
    """
    return render_scene(_resolved(what))


def attributes(what: Scene | str) -> tuple[str, ...]:
    """The tags that `render` would give the sequence, without rendering it.

    Raises as `render` does.
    """
    track, _ = start(_resolved(what))
    return tags(track)


def photograph_of(what: Scene | str) -> str:
    """The photograph that a scene's target was cut from. Raises as `render` does.

    >>> photograph_of("portrait") == photograph_of("twins")
    True
    """
    return CUTOUTS[_resolved(what).target].photograph


def _resolved(what: Scene | str) -> Scene:
    """The scene itself, or the declared one of that name."""
    if isinstance(what, str):
        return scene(what)
    if not isinstance(what, Scene):
        raise InvalidInput(f"lab.render takes a Scene or a name; got {type(what).__name__}")
    return what
