"""Feature Map Selection Tracking on MobileNetV3: the tested functions behind the book.

>>> from mfst_lib import FMST, preset

What is named here is loaded when it is first used, so that `import mfst_lib` costs next to
nothing and never brings TensorFlow along.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mfst_lib.config import PRESETS as PRESETS
    from mfst_lib.config import TrackerConfig as TrackerConfig
    from mfst_lib.config import preset as preset
    from mfst_lib.errors import InvalidInput as InvalidInput
    from mfst_lib.errors import NotFound as NotFound
    from mfst_lib.export import load_export as load_export
    from mfst_lib.export import save_export as save_export
    from mfst_lib.sequences.sequence import Sequence as Sequence
    from mfst_lib.tracker import FMST as FMST

__version__ = "0.1.0"

_HOMES = {
    "FMST": "tracker",
    "TrackerConfig": "config",
    "PRESETS": "config",
    "preset": "config",
    "Sequence": "sequences.sequence",
    "InvalidInput": "errors",
    "NotFound": "errors",
    "load_export": "export",
    "save_export": "export",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mfst_lib' has no attribute {name!r}")
    return getattr(importlib.import_module(f"mfst_lib.{_HOMES[name]}"), name)
