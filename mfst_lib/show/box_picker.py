"""A box over a picture, set with sliders: how a page asks for the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.boxes import as_box
from mfst_lib.show.frames import STYLES, Image
from mfst_lib.show.slides import rgb
from mfst_lib.show.video import draw_box
from mfst_lib.show.widgets import jpeg, named_box

if TYPE_CHECKING:
    from ipywidgets import VBox


class BoxPicker:
    """Sliders for left, top, width and height over the image (H, W, 3) uint8 RGB.

    box: where it starts; without it, the middle third of the image. `widget` is what a page
    shows; `box` is the choice, (4,) x, y, w, h in pixels, at any time.
    """

    def __init__(self, image: Image, box: ArrayLike | None = None) -> None:
        import ipywidgets

        self.image = image
        height, width = image.shape[:2]
        start = as_box((width / 3, height / 3, width / 3, height / 3) if box is None else box)
        limits = {"left": width - 1, "top": height - 1, "width": width, "height": height}
        self.sliders = {
            name: ipywidgets.IntSlider(
                value=round(float(value)),
                min=int(name in ("width", "height")),
                max=limits[name],
                description=name,
                layout={"width": "90%"},
            )
            for name, value in zip(limits, start, strict=True)
        }
        fit = {"max_width": "100%", "object_fit": "contain"}
        self._picture = ipywidgets.Image(
            format="jpeg", layout=fit, tooltip="the box over the frame"
        )
        for slider in self.sliders.values():
            slider.observe(self._redraw, names="value")
        self._redraw()

    @property
    def box(self) -> NDArray[np.float64]:
        """The box as the sliders stand."""
        return np.array([slider.value for slider in self.sliders.values()], dtype=np.float64)

    @property
    def widget(self) -> VBox:
        """The sliders over the picture."""
        return named_box("four sliders that set a box", [*self.sliders.values(), self._picture])

    def _redraw(self, _: object = None) -> None:
        colour = rgb(STYLES["tracker"][0])
        self._picture.value = jpeg(draw_box(self.image, self.box, colour))
