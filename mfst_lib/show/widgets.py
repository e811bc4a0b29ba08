"""What the book's widgets share: a picture that fits the page, and a box with a short name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2

from mfst_lib.errors import InvalidInput
from mfst_lib.show.frames import Image

if TYPE_CHECKING:
    import ipywidgets
    from ipywidgets import VBox


def jpeg(picture: Image, quality: int = 65) -> bytes:
    """A picture (H, W, 3) uint8 RGB as the bytes of a JPEG file."""
    done, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise InvalidInput(f"OpenCV cannot write a picture of shape {picture.shape}")
    return data.tobytes()


def picture_widget(picture: Image, about: str) -> ipywidgets.Image:
    """A picture (H, W, 3) uint8 RGB, with its description for those who cannot see it."""
    import ipywidgets

    fit = {"max_width": "100%", "object_fit": "contain"}
    return ipywidgets.Image(value=jpeg(picture), format="jpeg", layout=fit, tooltip=about)


def named_box(name: str, parts: list[Any]) -> VBox:
    """A `VBox` whose text form is its name: that of a plain one holds the pictures' bytes."""
    import ipywidgets

    class Named(ipywidgets.VBox):  # type: ignore[misc]
        def __repr__(self) -> str:
            return name

    return Named(parts)
