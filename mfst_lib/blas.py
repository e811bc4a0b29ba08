"""NumPy's matrix products on one thread, while a tracker takes a step.

Left alone, NumPy's BLAS multiplies on all cores. For products as small as a tracker's that gains
nothing; and its helpers, once woken, wait for more work at full speed, on the very cores on which
the network runs next: with two threads for it, a step with ridge weights took 12 ms instead of 7.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def on_one_thread(step: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The function, with BLAS held to one thread while it runs, and set back after it.

    The limit is the whole process's: other threads' products keep to it for so long.
    """

    @wraps(step)
    def held(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        before = [(library, library.num_threads) for library in _libraries()]
        before = [(library, threads) for library, threads in before if threads != 1]
        for library, _ in before:
            library.set_num_threads(1)
        try:
            return step(*args, **kwargs)
        finally:
            for library, threads in before:
                library.set_num_threads(threads)

    return held


@cache
def _libraries() -> list[Any]:
    """The BLAS libraries that NumPy and others have loaded: looked for once, in 3 ms.

    threadpoolctl's own `limit` describes every library anew each time, which takes three times as
    long as all that a step needs here.
    """
    from threadpoolctl import ThreadpoolController

    libraries = ThreadpoolController().lib_controllers
    return [library for library in libraries if library.user_api == "blas"]
