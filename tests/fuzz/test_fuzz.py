"""The short mode of the fuzz targets: whole inputs are taken, changed ones never crash."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
import fuzz_targets
from fuzz_targets import FOUND, TARGETS

#: A seal is for a model that is not there; the bitmap among the images is cut short.
REFUSED = {"seal", "image"}


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.filterwarnings("ignore")
def test_whole_inputs_are_taken_and_changed_ones_refused_in_words(name, tmp_path):
    path = fuzz_targets.prepare(name, tmp_path)
    taken = [fuzz_targets.one_case(name, path, data) for data in TARGETS[name][1]]
    assert any(taken) if name in REFUSED else all(taken)
    fuzz_targets.run(name, 300, tmp_path)


@pytest.mark.parametrize(("name", "data"), FOUND, ids=[name for name, _ in FOUND])
def test_what_crashed_once_is_refused_in_words(name, data, tmp_path):
    assert not fuzz_targets.one_case(name, fuzz_targets.prepare(name, tmp_path), data)


@given(data=st.binary(max_size=200), name=st.sampled_from(sorted(TARGETS)))
@settings(max_examples=200, deadline=None)
@pytest.mark.filterwarnings("ignore")
def test_any_bytes_are_taken_or_refused_in_words(data, name, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp()
    fuzz_targets.one_case(name, fuzz_targets.prepare(name, folder), data)
