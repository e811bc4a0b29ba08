import numpy as np
import pytest
from threadpoolctl import threadpool_info

from mfst_lib.blas import on_one_thread

MATRIX = np.eye(3)


def threads():
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_within_it_is_one_thread_and_afterwards_as_before():
    before = threads()
    (MATRIX @ MATRIX).sum()
    assert before, "NumPy without a BLAS"
    assert set(on_one_thread(threads)()) == {1}
    assert threads() == before


def test_an_error_sets_it_back_too():
    before = threads()

    @on_one_thread
    def fails():
        raise KeyError("for a test")

    with pytest.raises(KeyError):
        fails()
    assert threads() == before


def test_the_function_keeps_its_face():
    def named(a, b=2):
        """What it does."""
        return a + b

    held = on_one_thread(named)
    assert held(1) == 3 and held(1, b=5) == 6
    assert (held.__name__, held.__doc__) == ("named", "What it does.")
