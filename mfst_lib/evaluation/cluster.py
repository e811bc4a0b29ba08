"""Runs on a Dask cluster: the function that makes one, called on other machines."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from mfst_lib.errors import InvalidInput

if TYPE_CHECKING:
    from distributed import Client

logger = logging.getLogger(__name__)

In = TypeVar("In")
Out = TypeVar("Out")

#: Seconds in which a scheduler has to answer.
PATIENCE = 10


class Lost(Exception):
    """A piece of work that never came back: every worker that took it died."""


def on_cluster(
    work: Callable[[In], Out], items: Sequence[In], address: str
) -> Iterator[tuple[In, Out | Lost]]:
    """Each item with what `work` makes of it on a worker of the cluster, as they are done.

    address: of the scheduler, as in tcp://10.0.0.5:8786. What a worker had in hand when it died is
    given to another. Raises `InvalidInput` without the package `distributed` and where no
    scheduler answers.
    """
    with _connected(address) as client:
        from distributed import KilledWorker, as_completed

        items_of = dict(zip(client.map(work, items, pure=False), items, strict=True))
        for future in as_completed(items_of):  # type: ignore[no-untyped-call]
            try:
                yield items_of[future], future.result()
            except KilledWorker as error:
                yield items_of[future], Lost(str(error))


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    """A client of the scheduler at that address."""
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise InvalidInput(
            'a Dask cluster needs one more package: pip install "mfst_lib[dask]"'
        ) from None
    try:
        client = Client(address, timeout=PATIENCE)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError) as error:
        raise InvalidInput(
            f"no Dask scheduler answers at {address!r} ({error}): start one with `dask scheduler` "
            "and workers with `dask worker ADDRESS --nworkers auto --nthreads 1`"
        ) from error
    with client:
        if not client.scheduler_info()["workers"]:
            logger.warning("the cluster at %s has no workers yet: waiting for some", address)
        yield client
