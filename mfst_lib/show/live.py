"""A picture that is drawn again whenever a slider moves: for a running page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mfst_lib.show.frames import Image
from mfst_lib.show.slides import jpeg, named_box

if TYPE_CHECKING:
    from ipywidgets import VBox

#: A slider's lowest, highest and first value.
Range = tuple[int, int, int]


def live(draw: Callable[..., Image], about: str, **ranges: Range) -> VBox:
    """Sliders over the picture that `draw` makes from their values.

    draw: takes a whole number per slider, by name, and returns (H, W, 3) uint8 RGB. about: the
    picture in words, for those who cannot see it. ranges: a slider's name to (low, high, first).
    In a page without a kernel the first picture stays.
    """
    import ipywidgets

    sliders = {
        name: ipywidgets.IntSlider(
            value=first, min=low, max=high, description=name, layout={"width": "90%"}
        )
        for name, (low, high, first) in ranges.items()
    }
    fit = {"max_width": "100%", "object_fit": "contain"}
    image = ipywidgets.Image(format="jpeg", layout=fit, tooltip=about)

    def redraw(_: object = None) -> None:
        values = {name: slider.value for name, slider in sliders.items()}
        image.value = jpeg(draw(**values))

    for slider in sliders.values():
        slider.observe(redraw, names="value")
    redraw()
    parts = [*sliders.values(), image]
    return named_box(f"a picture with {len(sliders)} sliders")(parts)
