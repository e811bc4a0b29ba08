import json
import mmap

import numpy as np
import pytest
from fake_engine import FakeEngine

from mfst_lib.config import preset
from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation import soak as module
from mfst_lib.evaluation.soak import growth_mb, slowdown, soak, there_and_back
from mfst_lib.sequences import lab
from mfst_lib.tracker import FMST

FILM = lab.render("portrait").first(6)


class Hoarder(FMST):
    """A tracker that keeps a megabyte of every frame.

    Straight from the system: an array may lie in memory that earlier tests have given back.
    """

    def update(self, image):
        page = mmap.mmap(-1, 1_000_000)
        page.write(bytes([1]) * 1_000_000)
        self.kept = [*getattr(self, "kept", []), page]
        return super().update(image)


def tracker(kind=FMST):
    return kind(preset("default", candidates=20), engine=FakeEngine())


def test_a_run_is_described_in_tenths():
    content = soak(tracker(), FILM, 50)
    assert content["frames"] == 50 and len(content["parts"]) == 10
    assert all(part["fps"] > 0 and 0 <= part["overlap"] <= 1 for part in content["parts"])
    assert content["config"]["candidates"] == 20
    json.dumps(content)


def test_a_tracker_that_keeps_its_frames_is_found_out():
    content = soak(tracker(Hoarder), FILM, 80)
    assert growth_mb(content) > 15, "a megabyte for each of the forty frames after the first half"
    assert content["memory_mb"]["end"] <= content["memory_mb"]["most"]


def test_a_tracker_that_becomes_slower_is_found_out(monkeypatch):
    clock = iter(np.arange(200.0) ** 2)
    monkeypatch.setattr(module.time, "process_time", lambda: next(clock))
    assert slowdown(soak(tracker(), FILM, 100)) > 5


def test_the_images_are_played_there_and_back():
    places = [there_and_back(number, 4) for number in range(13)]
    assert places == [0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0]
    assert [there_and_back(number, 2) for number in range(4)] == [0, 1, 0, 1]


@pytest.mark.parametrize(("frames", "images"), [(9, 6), (50, 1)])
def test_too_short_a_run_is_refused(frames, images):
    with pytest.raises(InvalidInput, match="10 frames or more"):
        soak(tracker(), FILM.first(images), frames)
