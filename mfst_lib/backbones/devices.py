"""On which device Keras runs, whatever its backend."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from typing import Any

from mfst_lib.errors import InvalidInput, unknown

DEVICES = ("cpu", "gpu")


def on_device(kind: str) -> AbstractContextManager[Any]:
    """A context in which Keras builds and runs networks on the first device of that kind.

    Raises `InvalidInput` for another kind, and for "gpu" where Keras's backend sees none.
    """
    if kind not in DEVICES:
        raise unknown("device", kind, DEVICES)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    if kind == "gpu" and not keras.distribution.list_devices("gpu"):
        raise InvalidInput(
            f"no GPU that Keras on {keras.backend.backend()} can use: install the backend's GPU "
            "build and its driver, choose another with KERAS_BACKEND, or take --device cpu"
        )
    return keras.device(f"{kind}:0")  # type: ignore[no-any-return]
