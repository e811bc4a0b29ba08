"""A picture that is drawn again whenever a control moves: for a running page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from mfst_lib.show.frames import Image
from mfst_lib.show.widgets import jpeg, named_box, picture_widget

if TYPE_CHECKING:
    from ipywidgets import VBox

#: A slider's lowest, highest and first value.
Range = tuple[int, int, int]

BUSY = "drawing …"


def live(draw: Callable[..., Image], about: str, **ranges: Range | Sequence[str]) -> VBox:
    """Sliders and lists of choices over the picture that `draw` makes from their values.

    draw: takes a whole number per slider and a string per list, by name, and returns (H, W, 3)
    uint8 RGB. about: the picture in words, for those who cannot see it. ranges: a name to a
    slider's (low, high, first) or to the choices. A line says so while the picture is drawn. In
    a page without a kernel the first picture stays.
    """
    import ipywidgets

    controls = {name: _control(name, range_) for name, range_ in ranges.items()}
    state = ipywidgets.Label("")

    def drawn() -> Image:
        return draw(**{name: control.value for name, control in controls.items()})

    image = picture_widget(drawn(), about)

    def redraw(_: object = None) -> None:
        state.value = BUSY
        try:
            image.value = jpeg(drawn())
        finally:
            state.value = ""

    for control in controls.values():
        control.observe(redraw, names="value")
    parts = [*controls.values(), state, image]
    plural = "" if len(controls) == 1 else "s"
    return named_box(f"a picture with {len(controls)} control{plural}", parts)


def _control(name: str, range_: Range | Sequence[str]) -> Any:
    """A list of choices for strings, else a slider."""
    import ipywidgets

    if isinstance(range_[0], str):
        return ipywidgets.Dropdown(options=list(range_), description=name)
    low, high, first = range_
    return ipywidgets.IntSlider(
        value=first, min=low, max=high, description=name, layout={"width": "90%"}
    )
