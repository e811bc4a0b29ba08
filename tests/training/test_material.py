import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.sequences import vtb13
from mfst_lib.sequences.sequence import Sequence
from mfst_lib.training import material
from mfst_lib.training.material import refuse_tasks, refuse_truths, split

NAMES = ["Box", "Skating2-1", "Skating2-2", "lab:twins", "Panda", "Dog", "Man"]


@pytest.mark.parametrize(
    "name", ["David", "jogging.1", "/data/vtb13/Deer", "there\\Deer", "Deer/", "David@90"]
)
def test_a_task_of_vtb13_is_refused_by_name(name):
    with pytest.raises(InvalidInput, match="task of VTB13"):
        refuse_tasks(["Box", name])
    with pytest.raises(InvalidInput, match="VTB13"):
        split(["Box", name], 0.5, 0)


def test_a_task_under_another_name_is_refused_by_its_boxes(monkeypatch):
    boxes = np.array([[1.0, 2, 3, 4], [2, 2, 3, 4]])
    deer = vtb13.find_task("Deer").truth_sha256
    monkeypatch.setattr(material.vtb13, "truth_hash", lambda _: deer)
    with pytest.raises(InvalidInput, match="Bambi has the boxes of Deer"):
        refuse_truths([Sequence("Bambi", [np.zeros((9, 9, 3), np.uint8)] * 2, boxes)])


def test_names_are_split_by_video_and_all_are_used():
    for seed in range(20):
        learn, judge = split(NAMES, 0.3, seed)
        assert sorted(learn + judge) == sorted(NAMES)
        assert len(judge) >= 1 and len(learn) >= 1
        assert ("Skating2-1" in judge) == ("Skating2-2" in judge)


def test_the_split_depends_on_the_seed_alone():
    assert split(NAMES, 0.3, 4) == split(NAMES, 0.3, 4)
    assert len({tuple(split(NAMES, 0.3, seed)[1]) for seed in range(9)}) > 1


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_both_sides_keep_a_video_whatever_the_share(share):
    learn, judge = split(["Box", "Dog"], share, 0)
    assert len(learn) == len(judge) == 1


@pytest.mark.parametrize("names", [[], ["Box"], ["Skating2-1", "Skating2-2"]])
def test_fewer_than_two_videos_are_refused(names):
    with pytest.raises(InvalidInput, match="two videos or more"):
        split(names, 0.3, 0)
