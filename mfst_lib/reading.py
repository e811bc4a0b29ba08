"""Files that anybody may have made or damaged, read into plain values or refused."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import InvalidInput

#: More bytes than any file of ours unpacks to; a small file that unpacks to more is an attack.
MOST_BYTES = 1 << 30


def read_text(path: str | Path) -> str:
    """A text file in UTF-8, with or without a mark at its start; foreign bytes become �.

    Raises `InvalidInput` for a file that cannot be read.
    """
    try:
        return Path(path).read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise InvalidInput(f"cannot read {path} ({error.strerror})") from None


def parse_json(text: str | bytes) -> Any:
    """The content of a JSON text. Raises `ValueError` for another, `RecursionError` for a deep one.

    A whole number of more than 20 characters is refused: no float can take the largest of them.
    """
    return json.loads(text, parse_int=_whole)


def _whole(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def read_json(path: str | Path) -> Any:
    """The content of a JSON file. Raises `InvalidInput` for one that is damaged or no JSON."""
    try:
        return parse_json(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"cannot read {path} ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{path} is damaged: not readable as JSON ({error})") from None


def read_arrays(path: str | Path) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz file by name. Pickled objects, which could run code, are refused.

    Raises `InvalidInput` for a file that is damaged, of another kind, or unpacks to more than
    `MOST_BYTES`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > MOST_BYTES:
            raise ValueError(f"it unpacks to {size} bytes, {MOST_BYTES} are allowed")
        with np.load(path, allow_pickle=False) as arrays:
            return {name: np.asarray(arrays[name]) for name in arrays.files}
    except Exception as error:  # zipfile, zlib and NumPy raise many kinds: there is no closed list
        raise InvalidInput(f"{path} is damaged: not readable as .npz ({error})") from error


def check_types(where: object, content: dict[str, Any], **kinds: type | tuple[type, ...]) -> None:
    """Raise `InvalidInput` unless the content has these keys with values of these types."""
    for name, kind in kinds.items():
        if name not in content:
            raise InvalidInput(f"{where} is damaged: it has no {name!r}")
        if not isinstance(content[name], kind):
            raise InvalidInput(f"{where} is damaged: its {name!r} is {str(content[name])[:40]!r}")
