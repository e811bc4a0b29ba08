"""Tests of mfst_lib.sequences.inventory: what is there, whole, damaged, under a wrong name."""

import json

import pytest

from mfst_lib.errors import NotFound
from mfst_lib.sequences import check, inventory, vtb13
from mfst_lib.sequences.inventory import take_inventory
from mfst_lib.sequences.otb import load_otb


def rows(count):
    return "".join(f"{number},2,3,4\n" for number in range(1, count + 1))


def states(root, **how):
    found = take_inventory(root, **how)
    return {finding.name: finding.state for finding in found.findings}


def test_each_state(tmp_path, make_otb):
    make_otb(tmp_path / "set" / "bird2", 99, groundtruth_rect=rows(99))
    make_otb(tmp_path / "Dog", 100, groundtruth_rect=rows(127))
    make_otb(tmp_path / "My-Cat", 3, groundtruth_rect=rows(3))
    make_otb(tmp_path / "Mine-Bad", 3, groundtruth_rect=rows(2))
    make_otb(tmp_path / "Vase", 3)
    (tmp_path / "Toy.zip").write_bytes(b"PK")
    found = take_inventory(tmp_path)
    assert {one.name: one.state for one in found.findings} == {
        "Bird2": "complete",
        "My-Cat": "complete",
        "Dog": "damaged",
        "Mine-Bad": "damaged",
        "Vase": "damaged",
        "Toy": "damaged",
    }
    details = {one.name: one.detail for one in found.findings}
    assert "27 of them are missing" in details["Dog"]
    assert "has 2 rows for 3 frames" in details["Mine-Bad"]
    assert "without a ground truth" in details["Vase"]
    assert "mfst download Toy --mirror" in details["Toy"]
    assert "Bird2" not in found.missing["tb100"] and len(found.missing["tb100"]) == 97
    assert len(found.missing["vtb13"]) == 50
    json.dumps(found.as_json())


def test_a_benchmark_video_with_another_ground_truth_is_damaged(tmp_path, make_otb):
    make_otb(tmp_path / "Deer", 71, groundtruth_rect=rows(71))
    (finding,) = take_inventory(tmp_path).findings
    assert (finding.state, finding.name) == ("damaged", "Deer")
    assert "another than VTB13's" in finding.detail


def test_a_video_under_a_wrong_name_is_known_by_its_ground_truth(tmp_path, make_otb, monkeypatch):
    folder = make_otb(tmp_path / "stag", 71, groundtruth_rect=rows(71))
    deer = vtb13.find_task("Deer").__dict__ | {
        "truth_sha256": vtb13.truth_hash(load_otb(folder).boxes)
    }
    tasks = {**vtb13.tasks(), "Deer": vtb13.Task(**deer)}
    monkeypatch.setattr(vtb13, "tasks", lambda: tasks)
    (finding,) = take_inventory(tmp_path).findings
    assert (finding.state, finding.name) == ("misnamed", "Deer")
    assert "rename the folder to Deer" in finding.detail
    folder.rename(tmp_path / "deer")
    assert states(tmp_path) == {"Deer": "complete"}


def test_a_frame_in_the_middle_shows_when_all_are_decoded(tmp_path, make_otb):
    folder = make_otb(tmp_path / "Bird2", 99, groundtruth_rect=rows(99))
    (folder / "img" / "0050.png").write_bytes(b"no image")
    assert states(tmp_path) == {"Bird2": "complete"}
    assert states(tmp_path, deep=True) == {"Bird2": "damaged"}
    (folder / "img" / "0050.png").write_bytes(b"")
    assert states(tmp_path) == {"Bird2": "damaged"}


def test_the_data_at_hand(mfst_data):
    found = take_inventory(mfst_data / "vtb13")
    assert {one.state for one in found.findings} == {"complete"}
    assert len(found.missing["vtb13"]) == 50 - len(found.findings)


def test_no_folder(tmp_path):
    with pytest.raises(NotFound, match="no data folder"):
        take_inventory(tmp_path / "gone")
    assert take_inventory(tmp_path).findings == []
    assert inventory.tb100_ranges()["Dog"] == (1, 127)
    assert check.same_name("Jogging-1", "jogging.1")
