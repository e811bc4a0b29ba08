"""Files that are there whole or not at all: written beside their place, then renamed."""

from __future__ import annotations

import io
import shutil
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mfst_lib.errors import InvalidInput

if TYPE_CHECKING:
    from matplotlib.figure import Figure


#: How the name of a file ends while it is written.
TEMPORARY = ".tmp"

#: Seconds before a rename that was refused is tried again.
PAUSES = (0.01, 0.1, 0.5)


def move(source: Path, target: Path) -> None:
    """Rename a file, over one that is there, or a folder.

    Windows refuses it while anybody has it open, a virus scanner that looks at new files, say.
    """
    for pause in PAUSES:
        try:
            source.replace(target)
            return
        except PermissionError:
            time.sleep(pause)
    source.replace(target)


def write_text_atomically(path: str | Path, text: str) -> None:
    """Write `text` to `path` in UTF-8, line ends as they are; see `write_bytes_atomically`."""
    write_bytes_atomically(path, text.encode("utf-8"))


def write_bytes_atomically(path: str | Path, data: bytes) -> None:
    """Write `data` to `path`, so that a reader sees the old file or the new one, never a half.

    Raises `InvalidInput` when the folder is missing or cannot be written; leaves nothing behind.
    """
    path = Path(path)
    # Beside the target, since a rename is atomic only within one file system; a name of its own
    # instead of `tempfile`, whose files nobody else may read.
    # Not with the whole name in it: that may already be as long as a system allows.
    temporary = path.with_name(f".{path.name[:40]}.{uuid.uuid4().hex}{TEMPORARY}")
    try:
        temporary.write_bytes(data)
        move(temporary, path)
    except OSError as error:
        advice = "" if path.parent.is_dir() else f": {path.parent} is not a folder, create it first"
        raise InvalidInput(f"cannot write {path} ({error.strerror}){advice}") from error
    finally:
        temporary.unlink(missing_ok=True)


def write_folder_atomically(folder: str | Path, files: Mapping[str, bytes]) -> None:
    """Write a folder with these files, name to content, in the place of one that is there.

    Raises `InvalidInput` when it cannot be written; the folder then stays as it was.
    """
    folder = Path(folder).resolve()
    mark = uuid.uuid4().hex
    temporary, before = (folder.with_name(f".{folder.name}.{mark}.{end}") for end in ("tmp", "old"))
    try:
        temporary.mkdir()
        for name, content in files.items():
            (temporary / name).write_bytes(content)
        if folder.exists():  # no system replaces a folder that is not empty in one step
            move(folder, before)
        move(temporary, folder)
    except OSError as error:
        raise InvalidInput(f"cannot write {folder} ({error.strerror})") from error
    finally:
        if before.exists() and not folder.exists():
            move(before, folder)
        for remains in (temporary, before):
            shutil.rmtree(remains, ignore_errors=True)


def write_figure(figure: Figure, path: str | Path, dpi: int = 110) -> None:
    """Write a figure to `path`, in the format of its ending, as `write_bytes_atomically` does."""
    content = io.BytesIO()
    ending = Path(path).suffix.removeprefix(".")
    dateless = {"metadata": {"Date": None}} if ending == "svg" else {}
    figure.savefig(content, dpi=dpi, format=ending, **dateless)  # type: ignore[arg-type]
    write_bytes_atomically(path, content.getvalue())
