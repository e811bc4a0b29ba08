"""Tests of mfst_lib.errors."""

import pytest

from mfst_lib.errors import InvalidInput, NotFound, unknown


def test_the_two_errors_are_the_builtin_ones_that_callers_may_already_catch():
    assert issubclass(InvalidInput, ValueError)
    assert issubclass(NotFound, FileNotFoundError)
    assert not issubclass(InvalidInput, NotFound)


def test_unknown_is_made_not_raised_and_names_the_nearest():
    error = unknown("task", "Davit", ["Zebra", "David", "Deer"])
    assert isinstance(error, InvalidInput)
    assert str(error) == "unknown task 'Davit': did you mean David?"


def test_unknown_names_at_most_three_near_ones():
    text = str(unknown("tap", "block1", [f"block{n}" for n in range(2, 9)]))
    assert text.count("block") == 1 + 3
    assert text.count(" or ") == 2


def test_unknown_with_nothing_near_lists_all_in_order():
    text = str(unknown("engine", "???", (name for name in ("litert", "keras"))))
    assert text == "unknown engine '???': known are keras, litert"


@pytest.mark.parametrize("name", [None, 3, ("a",)])
def test_unknown_takes_what_is_no_string(name):
    assert repr(str(name)) in str(unknown("task", name, ["David"]))
