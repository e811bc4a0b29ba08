import pytest
from fake_engine import FakeEngine

from mfst_lib.config import preset
from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation import speed
from mfst_lib.sequences.catalogue import load_sequence
from mfst_lib.tracker import FMST

CONFIGS = {"many": preset("default", candidates=600), "few": preset("default", candidates=20)}


@pytest.fixture(autouse=True)
def fake(monkeypatch):
    monkeypatch.setattr(speed, "load_engine", lambda *_: FakeEngine())


def test_every_preset_is_timed_on_the_same_frames(monkeypatch):
    order = []

    class Spy(FMST):
        def init(self, image, box):
            order.append(self.config.candidates)
            super().init(image, box)

    monkeypatch.setattr(speed, "FMST", Spy)
    sequence = load_sequence("lab:cat-walk")
    content = speed.measure(CONFIGS, sequence, frames=4, repetitions=2)
    assert order == [600, 20] * 3, "interleaved, with one repetition to warm up"
    assert content["frames"] == 3 and content["repetitions"] == 2
    for row in content["rows"].values():
        assert 0 < row["p50_ms"] <= row["p95_ms"]
        assert 1000 / row["p95_ms"] / 3 < row["fps"] < 3000 / row["p50_ms"]


def test_nothing_to_time_is_an_error():
    sequence = load_sequence("lab:cat-walk")
    with pytest.raises(InvalidInput, match="nothing to time"):
        speed.measure({}, sequence)
    with pytest.raises(InvalidInput, match="at least two frames"):
        speed.measure(CONFIGS, sequence, frames=1)


def test_a_presets_speed_is_never_that_of_another_network():
    speeds = {"v3l-s": 100.0, "default@vgg16": 5.0}
    assert speed.fps_of(speeds, "v3l-s", "mobilenet_v3_large") == 100
    assert speed.fps_of(speeds, "v3l-s", "vgg16") is None
    assert speed.fps_of(speeds, "default", "vgg16") == 5
    assert speed.fps_of(speeds, "mine", "vgg16") is None
