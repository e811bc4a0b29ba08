import dataclasses
import json

import numpy as np
import pytest

from mfst_lib.config import preset
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation.results import load_result, misfit, new_result

CONFIG = preset("default", seed=3)


@pytest.fixture
def result():
    boxes = np.array([[1.0, 2, 3, 4], [1.12345, 2, 3, 4]])
    return new_result("David", "default", CONFIG, "f00d", "beef", boxes, np.array([2.5]), 10.0)


def test_a_result_comes_back_as_it_was(result, tmp_path):
    result.save(tmp_path / "a.json")
    back = load_result(tmp_path / "a.json")
    for field in dataclasses.fields(result):
        got, expected = getattr(back, field.name), getattr(result, field.name)
        if isinstance(expected, np.ndarray):
            np.testing.assert_array_equal(got, expected)
        else:
            assert got == expected, field.name


def test_the_file_says_what_was_run_and_on_what(result, tmp_path):
    result.save(tmp_path / "a.json")
    content = json.loads((tmp_path / "a.json").read_text())
    assert content["config"]["seed"] == 3
    assert content["config_hash"] == CONFIG.hash()
    assert {"mfst_lib", "python", "numpy", "ai-edge-litert"} <= set(content["versions"])
    assert content["device"]["cores"] >= 1
    assert content["device"]["processor"]


def test_frames_per_second_are_frames_over_time(result):
    assert result.fps == pytest.approx(1 / 0.0025)


def test_a_fitting_result_has_no_misfit(result):
    assert misfit(result, CONFIG, "f00d", "beef") == ""


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ((CONFIG.replace(seed=4), "f00d", "beef"), "config hash"),
        ((CONFIG.replace(b=0.3), "f00d", "beef"), "config hash"),
        ((CONFIG, "0000", "beef"), "network weights"),
        ((CONFIG, "f00d", "0000"), "ground truth"),
    ],
)
def test_a_misfit_is_named(result, asked, named):
    assert named in misfit(result, *asked)


def test_another_library_version_is_a_misfit(result, monkeypatch):
    monkeypatch.setattr("mfst_lib.__version__", "9.9")
    assert "library version" in misfit(result, CONFIG, "f00d", "beef")


def test_no_file(tmp_path):
    with pytest.raises(NotFound, match="no result file"):
        load_result(tmp_path / "a.json")


def damage(content, how):
    broken = json.loads(json.dumps(content))
    how(broken)
    return json.dumps(broken)


@pytest.mark.parametrize(
    "how",
    [
        lambda c: c.pop("boxes"),
        lambda c: c.pop("format"),
        lambda c: c.update(boxes=[[1, 2, 3]]),
        lambda c: c.update(boxes=[[1, 2, 3, "x"], [1, 2, 3, 4]]),
        lambda c: c.update(times_ms=[1.0, 2.0]),
        lambda c: c.update(surprise=1),
    ],
)
def test_a_damaged_file_is_named(result, tmp_path, how):
    result.save(tmp_path / "a.json")
    content = json.loads((tmp_path / "a.json").read_text())
    (tmp_path / "a.json").write_text(damage(content, how))
    with pytest.raises(InvalidInput, match=r"a\.json"):
        load_result(tmp_path / "a.json")


def test_a_truncated_file_is_named_wherever_it_ends(result, tmp_path):
    result.save(tmp_path / "a.json")
    whole = (tmp_path / "a.json").read_bytes()
    for length in range(0, len(whole), 7):
        (tmp_path / "a.json").write_bytes(whole[:length])
        with pytest.raises(InvalidInput, match=r"a\.json"):
            load_result(tmp_path / "a.json")
