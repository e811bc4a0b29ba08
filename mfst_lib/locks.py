"""One process at a time in a folder: the second one waits, and says so."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mfst_lib.errors import InvalidInput
from mfst_lib.files import TEMPORARY

logger = logging.getLogger(__name__)

#: The lock lies in the folder that it is for; the system frees it however the process ends.
LOCK = ".lock"


@contextmanager
def alone_in(folder: str | Path, name: str = LOCK) -> Iterator[None]:
    """Keep other processes out of a folder, which is made if need be; wait while one is in it.

    What a killed process left half-written is removed: with the lock held, nobody writes it now.
    name: of the lock's file, where several may work in one folder on different things; then
    nothing is removed. Raises `InvalidInput` for a folder that cannot be written.
    """
    from filelock import FileLock, Timeout

    folder = Path(folder)
    lock = FileLock(folder / name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            logger.warning("another process works in %s: waiting for it to end", folder)
            lock.acquire()
    except OSError as error:
        raise InvalidInput(f"cannot write to {folder} ({error.strerror})") from None
    except NotImplementedError:
        logger.warning("the file system of %s has no locks: use it from one process", folder)
        yield
        return
    try:
        if name == LOCK:
            _remove_remains(folder)
        yield
    finally:
        if [path for path in folder.rglob("*") if path.is_file()] == [folder / name]:
            with suppress(OSError):  # Windows removes no file that is open
                (folder / name).unlink()  # nothing came of it: no trace either
        lock.release()


def _remove_remains(folder: Path) -> None:
    for path in folder.rglob(f".*{TEMPORARY}"):
        path.unlink(missing_ok=True)
