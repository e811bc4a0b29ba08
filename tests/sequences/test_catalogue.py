"""Tests of mfst_lib.sequences.catalogue."""

import numpy as np
import pytest

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.sequences import catalogue
from mfst_lib.sequences.catalogue import data_root, expand_tasks, load_sequence, sequence_names
from mfst_lib.sequences.vtb13 import is_task


def rows(count, start=1):
    return "".join(f"{number},2,3,4\n" for number in range(start, start + count))


@pytest.fixture
def root(tmp_path, make_otb):
    """A data folder with a sequence of one's own, one of two targets, and a VTB13 task."""
    make_otb(tmp_path / "train" / "My-Cat", 3, groundtruth_rect=rows(3))
    texts = {"groundtruth_rect__1": rows(2), "groundtruth_rect__2": rows(2, 11)}
    make_otb(tmp_path / "train" / "Skating2", 2, **texts)
    make_otb(tmp_path / "vtb13" / "deer", 71, groundtruth_rect=rows(71))
    return tmp_path


@pytest.fixture
def lab_names():
    pytest.importorskip("skimage", reason="the lab needs scikit-image")
    return catalogue.lab_names()


def test_root_from_argument_or_environment(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    monkeypatch.setenv("MFST_DATA", str(tmp_path))
    assert data_root() == tmp_path
    assert data_root(str(tmp_path / "a")) == tmp_path / "a"
    with pytest.raises(NotFound, match="gone is not there: check --data"):
        data_root(tmp_path / "gone")
    monkeypatch.setenv("MFST_DATA", str(tmp_path / "gone"))
    with pytest.raises(NotFound, match="gone is not there: check MFST_DATA"):
        data_root()


@pytest.mark.parametrize("value", ["", None])
def test_no_root_names_both_ways(monkeypatch, value):
    monkeypatch.setenv("MFST_DATA", "") if value == "" else monkeypatch.delenv("MFST_DATA", False)
    for call in (data_root, lambda: load_sequence("David"), lambda: expand_tasks("vtb13")):
        with pytest.raises(NotFound, match="--data FOLDER.*MFST_DATA"):
            call()


def test_names_below_the_root(root):
    assert sequence_names(root) == ["My-Cat", "Skating2-1", "Skating2-2", "Deer"]


@pytest.mark.parametrize("name", ["My-Cat", "mycat", "MY.CAT"])
def test_a_folder_by_name(root, name):
    sequence = load_sequence(name, root)
    assert (sequence.name, len(sequence)) == ("My-Cat", 3)


def test_a_target_by_name(root, monkeypatch):
    monkeypatch.setenv("MFST_DATA", str(root))
    sequence = load_sequence("skating2.2")
    assert (sequence.name, sequence.boxes[0, 0]) == ("Skating2-2", 10)


def test_a_task_by_name(root):
    with pytest.warns(UserWarning, match="not the one of VTB13"):
        assert load_sequence("DEER", root).name == "Deer"


def test_a_folder_by_path(root, monkeypatch):
    assert load_sequence(str(root / "train" / "My-Cat")).name == "My-Cat"
    monkeypatch.chdir(root / "train")
    assert load_sequence("./My-Cat").name == load_sequence("My-Cat").name == "My-Cat"
    monkeypatch.chdir(root / "train" / "My-Cat")
    assert load_sequence("./").name == "My-Cat"
    with pytest.raises(NotFound, match="no sequence folder"):
        load_sequence("./gone")


def test_unknown_names_get_the_nearest(root):
    with pytest.raises(InvalidInput, match="unknown sequence 'Mycats': did you mean My-Cat"):
        load_sequence("Mycats", root)
    with pytest.raises(InvalidInput, match="unknown sequence 'Davit': did you mean David"):
        expand_tasks("Davit", root)
    with pytest.raises(InvalidInput, match="Skating2-1"):
        load_sequence("Skating2", root)


def test_a_lab_sequence_needs_no_data(lab_names, monkeypatch):
    monkeypatch.delenv("MFST_DATA", raising=False)
    assert lab_names and all(name.startswith("lab:") for name in lab_names)
    sequence = load_sequence(lab_names[0])
    assert sequence.name == lab_names[0]
    assert sequence.frames[0].shape[2] == 3
    assert expand_tasks("lab") == lab_names
    assert expand_tasks(lab_names[-1]) == lab_names[-1:]
    for call in (load_sequence, expand_tasks):
        with pytest.raises(InvalidInput, match="unknown lab sequence 'lab:no-such'"):
            call("lab:no-such")


def test_lists_and_groups(root):
    assert expand_tasks("vtb13", root) == ["Deer"]
    assert expand_tasks("folder", root) == ["My-Cat", "Skating2-1", "Skating2-2", "Deer"]
    assert expand_tasks("jogging.1, David,,deer,vtb13 ", root) == ["Jogging-1", "David", "Deer"]
    assert expand_tasks("mycat,skating2_1", root) == ["My-Cat", "Skating2-1"]
    assert expand_tasks("./some/where", root) == ["./some/where"]


def test_empty_lists_and_groups(root, tmp_path):
    with pytest.raises(InvalidInput, match="no task given"):
        expand_tasks(" , ", root)
    with pytest.raises(NotFound, match="no vtb13 sequences below"):
        expand_tasks("vtb13", root / "train")


def test_diving_ends_where_its_ground_truth_does(tmp_path, make_otb):
    make_otb(tmp_path / "Diving", 231, groundtruth_rect=rows(215))
    assert len(load_sequence("diving", tmp_path)) == 215


@pytest.mark.parametrize("name", ["Diving", "Dog", "Man", "Skating2-1", "Skating2-2"])
def test_training_sequences_load(mfst_data, name):
    """The short ones: loading a video decodes it once."""
    assert name in sequence_names(mfst_data / "tb100_train")
    sequence = load_sequence(name, mfst_data)
    height, width = sequence.frames[len(sequence) - 1].shape[:2]
    centres = sequence.boxes[:, :2] + sequence.boxes[:, 2:] / 2
    assert ((centres > 0) & (centres < [width, height])).all()
    assert np.isfinite(sequence.boxes).all()


def test_the_training_sequences_are_those_that_are_no_task_of_the_benchmark(root, tmp_path):
    everything = expand_tasks("folder", root)
    train = expand_tasks("train", root)
    assert set(train) == {name for name in everything if not is_task(name)}
    assert set(everything) - set(train), "the folder has tasks of the benchmark too"


def test_the_first_frames_of_a_sequence_decode_nothing(lab_names):
    whole = load_sequence("lab:cat-walk")
    part = whole.first(3)
    assert len(part) == 3 and whole.first(None) is whole
    np.testing.assert_array_equal(part.frames[2], whole.frames[2])
    np.testing.assert_array_equal(part.boxes, whole.boxes[:3])
    with pytest.raises(InvalidInput, match="at least one frame"):
        whole.first(0)


def test_a_later_start_is_part_of_the_name(root, lab_names):
    whole, later = load_sequence("My-Cat", root), load_sequence("mycat@2", root)
    assert (later.name, len(later)) == ("My-Cat@2", 1)
    np.testing.assert_array_equal(later.boxes, whole.boxes[2:])
    np.testing.assert_array_equal(later.frames[0], whole.frames[2])
    assert load_sequence(later.name, root).name == later.name
    assert expand_tasks("mycat@2,jogging.1@9", root) == ["My-Cat@2", "Jogging-1@9"]
    assert load_sequence("lab:cat-walk@7").name == "lab:cat-walk@7"
    with pytest.raises(InvalidInput, match="My-Cat has frames 0 to 2; got 3"):
        load_sequence("My-Cat@3", root)
    with pytest.raises(InvalidInput, match="unknown sequence 'My-Cat@x'"):
        load_sequence("My-Cat@x", root)


def test_a_folder_may_have_such_a_name(make_otb, tmp_path, monkeypatch):
    make_otb(tmp_path / "me@12", 3, groundtruth_rect=rows(3))
    assert len(load_sequence(str(tmp_path / "me@12"))) == 3
    assert len(load_sequence(str(tmp_path / "me@12") + "@1")) == 2
