"""The stored figures about small computers: whole, and what the book says of them is so."""

import json
from pathlib import Path

import pytest

from mfst_lib.evaluation.soak import HOUR, growth_mb, slowdown

RESULTS = Path(__file__).parents[2] / "data" / "results"
SOAKS = sorted(RESULTS.glob("soak-*.json"))


def test_the_base_install_is_small_and_a_tracker_needs_little_memory():
    small = json.loads((RESULTS / "small.json").read_text("utf-8"))
    assert small["format"] == "mfst-small" and small["command"] == "make small"
    assert small["install_mb"] <= 400
    assert {"efficientnet_lite0", "mobilenet_v3_large"} <= set(small["rows"])
    assert max(row["peak_mb"] for row in small["rows"].values()) <= 160


@pytest.mark.parametrize("path", SOAKS, ids=[path.stem for path in SOAKS])
def test_an_hour_of_frames_leaves_memory_and_speed_as_they_were(path):
    content = json.loads(path.read_text("utf-8"))
    assert content["format"] == "mfst-soak" and content["command"].startswith("mfst soak")
    assert content["frames"] >= HOUR
    assert path.stem == f"soak-{content['config']['backbone']}"
    assert growth_mb(content) <= 5
    assert slowdown(content) < 1.2
