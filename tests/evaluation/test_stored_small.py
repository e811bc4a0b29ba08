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


@pytest.mark.parametrize("processor", ["amd-epyc", "intel-xeon"])
def test_numbers_of_fewer_bits_were_tried_on_all_networks(processor):
    content = json.loads((RESULTS / f"number_formats-{processor}.json").read_text("utf-8"))
    assert content["format"] == "mfst-number-formats" and content["command"] == "make formats"
    for network in content["networks"].values():
        exact, half = network["rows"]["float32"], network["rows"]["float16"]
        assert exact["likeness"] == 1
        assert half["likeness"] > 0.999 and half["megabytes"] < 0.6 * exact["megabytes"]
    assert len(content["networks"]) >= 3
    rows = content["networks"]["efficientnet_lite0"]["rows"]
    assert rows["8-bit"]["ms"] < rows["float32"]["ms"] and rows["8-bit"]["likeness"] > 0.99


def test_the_side_by_side_has_every_rival_on_the_same_frames():
    content = json.loads((RESULTS / "bench.json").read_text("utf-8"))
    rows = content["rows"]
    assert {"naive loop", "OpenCV CSRT", "OpenCV KCF", "v3l-s (1)", "v3l-s (2)"} <= set(rows)
    assert all(row["p50_ms"] <= row["p95_ms"] and 0 < row["auc"] <= 1 for row in rows.values())
    assert content["repetitions"] >= 5
    assert rows["v3l-s (1)"]["auc"] == rows["v3l-s (2)"]["auc"]
    assert rows["v3l-s (1)"]["fps"] > 15 * rows["naive loop"]["fps"]


@pytest.mark.parametrize("path", SOAKS, ids=[path.stem for path in SOAKS])
def test_an_hour_of_frames_leaves_memory_and_speed_as_they_were(path):
    content = json.loads(path.read_text("utf-8"))
    assert content["format"] == "mfst-soak" and content["command"].startswith("mfst soak")
    assert content["frames"] >= HOUR
    assert path.stem == f"soak-{content['config']['backbone']}"
    assert growth_mb(content) <= 5
    assert slowdown(content) < 1.2
