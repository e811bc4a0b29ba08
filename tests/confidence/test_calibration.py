import json

import numpy as np
import pytest

from mfst_lib import preset
from mfst_lib.confidence import calibration as files
from mfst_lib.confidence.calibration import (
    Calibration,
    blank,
    find_calibration,
    load_calibration,
    save_calibration,
    shipped,
    sigmoid,
)
from mfst_lib.confidence.evidence import NAMES
from mfst_lib.errors import InvalidInput, NotFound

CONFIG = preset("default")


def some(**changes):
    rng = np.random.default_rng(3)
    count = len(NAMES)
    parts = {
        "names": NAMES,
        "centre": rng.normal(size=count),
        "spread": rng.uniform(0.5, 2, count),
        "gain": rng.normal(size=count),
        "offset": 0.3,
        "ok_above": 0.6,
        "config": CONFIG.to_dict(),
        "notes": {"command": "mfst calibrate"},
    }
    return Calibration(**{**parts, **changes})


def test_the_probability_is_the_logistic_model():
    one, evidence = some(), np.random.default_rng(1).normal(size=(5, len(NAMES)))
    scaled = (evidence - one.centre) / one.spread
    expected = 1 / (1 + np.exp(-(0.3 + (np.clip(scaled, -4, 4) * one.gain).sum(axis=1))))
    np.testing.assert_allclose(one.probability(evidence), expected)
    assert one.probability(evidence[0]) == pytest.approx(expected[0])


def test_evidence_is_taken_by_name():
    few = (NAMES[3], NAMES[0])
    one = some(names=few, centre=np.zeros(2), spread=np.ones(2), gain=np.array([1.0, -2.0]))
    evidence = np.zeros(len(NAMES))
    evidence[3], evidence[0] = 0.5, 0.25
    assert one.probability(evidence) == pytest.approx(sigmoid(0.3 + 0.5 - 0.5))


def test_what_is_written_is_read_again(tmp_path):
    one = some()
    save_calibration(one, tmp_path / "a.json")
    again = load_calibration(tmp_path / "a.json")
    assert again.names == one.names and again.notes == one.notes and again.ok_above == 0.6
    np.testing.assert_allclose(again.gain, one.gain, atol=1e-5)
    assert again.fits(CONFIG.replace(seed=5, threads=2, engine="keras", redetect=3))
    assert again.fits(CONFIG.replace(numbers="8-bit"))
    assert not again.fits(CONFIG.replace(b=0.21))


def damaged(change):
    content = {
        "format": files.FORMAT,
        "offset": 0.0,
        "ok_above": 0.5,
        "evidence": {NAMES[0]: {"centre": 0, "spread": 1, "gain": 1}},
        "config": CONFIG.to_dict(),
        "notes": {},
    }
    change(content)
    return json.dumps(content)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        (damaged(lambda c: c.update(format="other")), "no calibration"),
        (damaged(lambda c: c.pop("notes")), "damaged"),
        (damaged(lambda c: c["evidence"].update({"luck": c["evidence"][NAMES[0]]})), "luck"),
        (damaged(lambda c: c["evidence"][NAMES[0]].update(spread=0)), "positive"),
        (damaged(lambda c: c["evidence"][NAMES[0]].update(gain=float("nan"))), "finite"),
        (damaged(lambda c: c["evidence"][NAMES[0]].update(gain="much")), "damaged"),
        (damaged(lambda c: c.update(ok_above=1.5)), "ok_above"),
        (damaged(lambda c: c["config"].update(b=7)), "b "),
    ],
)
def test_a_damaged_file_is_told(tmp_path, text, says):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(InvalidInput, match=says):
        load_calibration(tmp_path / "a.json")


def test_finding_one(tmp_path):
    save_calibration(some(), tmp_path / "a.json")
    named = CONFIG.replace(confidence=str(tmp_path / "a.json"), b=0.3)
    assert find_calibration(named).ok_above == 0.6, "named: whatever the settings"
    with pytest.raises(NotFound, match="mfst calibrate"):
        find_calibration(CONFIG.replace(confidence=str(tmp_path / "b.json")))
    with pytest.raises(InvalidInput, match="unknown calibration"):
        find_calibration(CONFIG.replace(confidence="defalt"))


def test_auto_takes_only_what_was_fitted_for_these_very_settings(monkeypatch):
    mine = some(config=CONFIG.replace(b=0.3).to_dict())
    monkeypatch.setattr(files, "shipped", lambda: {"mine": mine})
    assert find_calibration(CONFIG.replace(b=0.3, seed=9)) is mine
    assert find_calibration(CONFIG) is None


def test_a_blank_one_knows_nothing():
    assert blank(CONFIG).probability(np.random.default_rng(0).normal(size=len(NAMES))) == 0.5


@pytest.mark.parametrize("backbone", ["efficientnet_lite0", "mobilenet_v3_large"])
def test_the_default_preset_has_a_calibration(backbone):
    one = find_calibration(preset("default", backbone=backbone))
    assert one is not None, "the preset changed: run data/results/calibrate.sh again"
    assert one.notes["tasks"] and not any(name.endswith("Jogging-1") for name in one.notes["tasks"])


def test_every_shipped_calibration_was_fitted_without_the_benchmark():
    from mfst_lib.training.material import refuse_tasks

    assert shipped()
    for one in shipped().values():
        refuse_tasks(one.notes["tasks"])
        assert one.notes["command"].startswith("mfst calibrate")
