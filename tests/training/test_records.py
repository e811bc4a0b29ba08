import numpy as np
import pytest
from fake_engine import FakeEngine

from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput
from mfst_lib.selection import score_maps
from mfst_lib.target_maps import target_map
from mfst_lib.training import records
from mfst_lib.training.records import Recipe, gather

CONFIG = TrackerConfig(roi_scale=2.5)


@pytest.fixture
def folder(tmp_path, make_otb):
    """Two OTB folders, Cat with four frames and Toad with nine; Toad is lost in two of them."""
    make_otb(tmp_path / "data" / "Cat", 4, groundtruth_rect="5,5,4,4\n" * 4)
    toad = "5,5,4,4\n" * 5 + "NaN,NaN,NaN,NaN\n" + "5,5,0,4\n" + "6,5,4,4\n" * 2
    make_otb(tmp_path / "data" / "Toad", 9, groundtruth_rect=toad)
    return tmp_path


def made(folder, engine=None, **changes):
    recipe = Recipe(**{"names": ("Cat", "Toad"), "config": CONFIG, "frames": 6, **changes})
    return gather(recipe, folder / "kept", root=str(folder / "data"), engine=engine or FakeEngine())


def test_two_records_per_frame_with_scores_of_their_own_maps(folder):
    found = made(folder)
    assert found.names == ("Cat", "Toad")
    assert found.grid == (14, 14) and found.channels == 40
    assert len(found.rows) == 2 * (4 + 6)
    assert found.rows["done"].all()
    for row in found.rows[::3]:
        maps = row["maps"].astype(np.float32).reshape(14, 14, 40)
        expected = score_maps(maps, target_map("S", row["box"], (14, 14)))
        np.testing.assert_allclose(row["scores"], expected, rtol=1e-3, atol=0.05)  # maps: float16


def test_frames_without_a_target_are_left_out(folder):
    found = made(folder, frames=9)
    toad = found.rows[found.numbers(["Toad"])[0]]
    assert sorted(set(toad["frame"].tolist())) == [0, 1, 2, 3, 4, 7, 8]


def test_what_is_there_is_not_made_again_and_the_rest_is(folder, monkeypatch):
    whole = made(folder).rows.tobytes()
    engine = FakeEngine()
    assert made(folder, engine).rows.tobytes() == whole
    assert len(engine.crops) == 1  # to learn the size of the maps

    (path,) = (folder / "kept").glob("*.npy")
    rows = np.load(path, mmap_mode="r+")
    for i in (3, 10, 11):
        rows[i] = np.zeros((), rows.dtype)
    rows.flush()
    engine = FakeEngine()
    assert made(folder, engine).rows.tobytes() == whole
    assert len(engine.crops) == 1 + 4  # both views of each frame of which one is missing


def test_an_interruption_costs_nothing_that_was_done(folder):
    whole = made(folder, frames=5).rows.tobytes()

    class Stopping(FakeEngine):
        def __call__(self, crop):
            if len(self.crops) == 8:
                raise KeyboardInterrupt
            return super().__call__(crop)

    (path,) = (folder / "kept").glob("*.npy")
    path.unlink()
    with pytest.raises(KeyboardInterrupt):
        made(folder, Stopping(), frames=5)
    assert np.load(path)["done"].sum() == 7
    assert made(folder, frames=5).rows.tobytes() == whole


def test_other_recipes_have_other_files(folder):
    for changes in ({}, {"frames": 5}, {"seed": 1}, {"maps": False}, {"names": ("Cat",)}):
        made(folder, **changes)
    assert len(list((folder / "kept").glob("*.npy"))) == 5
    assert Recipe(("A",), CONFIG).hash() != Recipe(("A",), CONFIG.replace(roi_scale=3)).hash()
    assert Recipe(("A",), CONFIG).hash() == Recipe(("A",), CONFIG.replace(b=0.4)).hash()


def test_without_maps_the_scores_are_the_same(folder):
    lean = made(folder, maps=False)
    assert "maps" not in lean.rows.dtype.names
    np.testing.assert_array_equal(lean.rows["scores"], made(folder).rows["scores"])


def test_bad_recipes_are_refused():
    with pytest.raises(InvalidInput, match="no sequences to train on"):
        Recipe((), CONFIG)
    with pytest.raises(InvalidInput, match="two frames"):
        Recipe(("Cat",), CONFIG, frames=1)
    with pytest.raises(InvalidInput, match="Jogging-1"):
        Recipe(("Cat", "Jogging-1"), CONFIG)


def test_a_folder_that_cannot_be_written_and_a_damaged_file_are_named(folder):
    made(folder)
    (path,) = (folder / "kept").glob("*.npy")
    path.write_bytes(b"not an array")
    with pytest.raises(InvalidInput, match="cannot keep records in .*delete it"):
        made(folder)
    (folder / "file").write_text("")
    recipe = Recipe(("Cat",), CONFIG)
    with pytest.raises(InvalidInput, match="cannot write to"):
        gather(recipe, folder / "file", root=str(folder / "data"), engine=FakeEngine())


def test_several_grids_are_refused(folder):
    with pytest.raises(InvalidInput, match="one grid"):
        made(folder, FakeEngine(grids=(14, 7)))


def test_a_jittered_box_keeps_its_shape_and_stays_near():
    rng = np.random.default_rng(0)
    box = np.array([10.0, 20, 30, 60])
    for _ in range(200):
        x, y, w, h = records.jittered(box, rng, 0.2, 0.1)
        assert w / h == pytest.approx(0.5)
        assert abs(x + w / 2 - 25) <= 0.45 * 60 + 1e-9
        assert abs(y + h / 2 - 50) <= 0.45 * 60 + 1e-9


def test_a_disk_without_room_is_named_before_anything_runs_and_nothing_is_left(folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(records.os, "posix_fallocate", full, raising=False)
    with pytest.raises(InvalidInput, match="No space left"):
        made(folder)
    assert list((folder / "kept").glob("*.npy")) == []
