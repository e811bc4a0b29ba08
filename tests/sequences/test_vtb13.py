"""Tests of mfst_lib.sequences.vtb13."""

import doctest
import json
import re
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.sequences import vtb13
from mfst_lib.sequences.otb import from_one_based
from mfst_lib.sequences.vtb13 import (
    TASKS,
    available_tasks,
    find_task,
    is_task,
    load_task,
    truth_hash,
    truth_matches,
)

ATTRIBUTES = {"IV", "SV", "OCC", "DEF", "MB", "FM", "IPR", "OPR", "OV", "BC", "LR"}


def rows(count):
    return "".join(f"{number},2,3,4\n" for number in range(1, count + 1))


def test_doctests():
    assert doctest.testmod(vtb13).failed == 0


def test_the_catalogue_has_the_published_size():
    assert len(TASKS) == 51
    assert len({task.folder for task in TASKS.values()}) == 50
    assert sum(len(task) for task in TASKS.values()) == 29_486


def test_the_known_ranges():
    special = {n: (t.start_frame, t.end_frame) for n, t in TASKS.items() if t.start_frame != 1}
    assert special == {"David": (300, 770), "Tiger1": (6, 354)}
    ends = {name: TASKS[name].end_frame for name in ("Football1", "Freeman3", "Freeman4")}
    assert ends == {"Football1": 74, "Freeman3": 460, "Freeman4": 283}


def test_every_entry_is_complete():
    for name, task in TASKS.items():
        assert task.name == name and task.attributes and set(task.attributes) <= ATTRIBUTES
        assert len(task.first_box) == 4 and min(task.first_box[2:]) > 0
        assert re.fullmatch("[0-9a-f]{64}", task.truth_sha256)
    assert (TASKS["Jogging-2"].folder, TASKS["Jogging-2"].target) == ("Jogging", 2)
    counts = Counter(attribute for task in TASKS.values() for attribute in task.attributes)
    assert len(counts) == 11


def test_importing_reads_no_catalogue():
    code = "from mfst_lib.sequences import vtb13; print(vtb13.tasks.cache_info().currsize)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "0"
    with pytest.raises(AttributeError):
        _ = vtb13.NOTHING


@pytest.mark.parametrize("name", ["Jogging-1", "Jogging.1", "Jogging_1", "jogging1", "JOGGING 1"])
def test_names_match_without_case_and_punctuation(name):
    assert find_task(name).name == "Jogging-1"


@pytest.mark.parametrize(
    ("name", "words"),
    [("Davit", "did you mean David"), ("Jogging", "Jogging-1"), ("Diving", "unknown task")],
)
def test_unknown_names(name, words):
    assert not is_task(name)
    with pytest.raises(InvalidInput, match=words):
        find_task(name)


def test_hash_does_not_depend_on_the_form():
    boxes = np.array([[0, 1, 2, 3], [4, 5, 6, 7]])
    assert truth_hash(boxes) == truth_hash(boxes.astype(float).tolist())
    assert truth_hash(boxes) != truth_hash(boxes + 1)


@pytest.mark.parametrize("place", ["car-dark", "vtb13/CARDARK"])
def test_a_foreign_ground_truth_is_loaded_with_a_warning(tmp_path, make_otb, place):
    make_otb(tmp_path / place, 393, groundtruth_rect=rows(393))
    assert available_tasks(tmp_path) == ["CarDark"]
    with pytest.warns(UserWarning, match="not the one of VTB13"):
        sequence = load_task("cardark", tmp_path)
    assert sequence.name == "CarDark" and sequence.attributes == TASKS["CarDark"].attributes


def test_two_targets_in_one_folder_or_in_two(tmp_path, make_otb):
    texts = {"groundtruth_rect__1": rows(307), "groundtruth_rect__2": rows(307)}
    make_otb(tmp_path / "one" / "Jogging", 307, **texts)
    make_otb(tmp_path / "two" / "Jogging_2", 307, groundtruth_rect=rows(307))
    assert available_tasks(tmp_path / "one") == ["Jogging-1", "Jogging-2"]
    assert available_tasks(tmp_path / "two") == ["Jogging-2"]
    for place in ("one", "two"):
        with pytest.warns(UserWarning):
            assert load_task("jogging2", tmp_path / place).name == "Jogging-2"


def test_tiger1_drops_the_first_five(tmp_path, make_otb):
    make_otb(tmp_path / "Tiger1", 354, groundtruth_rect=rows(354))
    with pytest.warns(UserWarning):
        sequence = load_task("Tiger1", tmp_path)
    assert len(sequence) == 349
    assert sequence.boxes[0, 0] == 5 and sequence.frames[0][0, 0, 0] == 6


def test_what_is_missing_is_said(tmp_path, make_otb):
    with pytest.raises(NotFound, match="David: no folder David with a ground truth below"):
        load_task("david", tmp_path)
    make_otb(tmp_path / "David", 100, first=300, groundtruth_rect=rows(471))
    with pytest.raises(InvalidInput, match="300 to 770 are needed, 371 of them are missing"):
        load_task("david", tmp_path)


def test_the_catalogue_is_what_the_published_file_says(mfst_data):
    published = json.loads((mfst_data / "vtb13_meta" / "vtb13.json").read_text())
    assert list(published) == list(TASKS)
    for name, entry in published.items():
        task, boxes = TASKS[name], from_one_based(entry["ground_truth_xywh_1based"])
        assert [task.start_frame, task.end_frame] == [entry["start_frame"], entry["end_frame"]]
        assert list(task.attributes) == entry["attributes"]
        assert list(task.first_box) == boxes[0].tolist()
        assert len(task) == len(boxes)
        assert truth_matches(task, boxes)


@pytest.mark.filterwarnings("error")
def test_the_tasks_at_hand_are_the_published_ones(mfst_data):
    names = available_tasks(mfst_data)
    assert {"David", "Jogging-1", "Jogging-2", "Football1"} <= set(names)
    for name in names:
        sequence = load_task(name, mfst_data)
        assert len(sequence) == len(TASKS[name])
        assert truth_matches(TASKS[name], sequence.boxes)
        for image in (sequence.frames[0], sequence.frames[-1]):
            assert image.ndim == 3 and image.dtype == np.uint8
