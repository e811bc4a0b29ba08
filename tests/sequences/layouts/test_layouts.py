"""Every layout on small made-up folders: found by its form, loaded, absent frames marked."""

import doctest

import cv2
import numpy as np
import pytest

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation import run
from mfst_lib.evaluation.evaluate import evaluate
from mfst_lib.evaluation.metrics import score
from mfst_lib.evaluation.peers import PeerConfig
from mfst_lib.sequences.catalogue import expand_tasks, load_sequence
from mfst_lib.sequences.layouts import load_folder, sequences_below, sequences_in, uav123, vot
from mfst_lib.sequences.layouts.rows import mark_absent


def write(folder, **texts):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def images(folder, count, first=1, digits=8, suffix="jpg"):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        image = np.full((24, 32, 3), 5 * number % 256, np.uint8)
        cv2.imwrite(str(folder / f"{number:0{digits}d}.{suffix}"), image)
    return folder


def video(path, count):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (32, 24))
    for index in range(count):
        writer.write(np.full((24, 32, 3), 10 * index, np.uint8))
    writer.release()


def rows(count):
    return "".join(f"{number},2,3,4\n" for number in range(1, count + 1))


@pytest.fixture
def got10k(tmp_path):
    folder = images(tmp_path / "GOT" / "val" / "GOT-10k_Val_000001", 4)
    return write(
        folder,
        groundtruth__txt="5.5,6,7,8\n6,6,7,8\n0,0,0,0\n7,6,7,8\n",
        absence__label="0\n0\n1\n0\n",
        cover__label="8\n0\n0\n3\n",
        meta_info__ini="[METAINFO]\n",
    )


@pytest.fixture
def lasot(tmp_path):
    folder = tmp_path / "LaSOT" / "airplane" / "airplane-1"
    images(folder / "img", 4)
    return write(
        folder,
        groundtruth__txt="5,6,7,8\n6,6,7,8\n7,6,7,8\n0,0,0,0\n",
        full_occlusion__txt="0,1,0,0",
        out_of_view__txt="0,0,0,1",
        nlp__txt="a plane",
    )


@pytest.fixture
def vot_folder(tmp_path):
    folder = tmp_path / "vot" / "sequences" / "bag"
    images(folder / "color", 4)
    lines = ["1.5,2,8,2,8,9,1.5,9", "2,2,5,5", "m3,4,5,6,0,30", "1"]
    return write(folder, groundtruth__txt="\n".join(lines), sequence="name=bag\n")


@pytest.fixture
def uav(tmp_path):
    root = tmp_path / "UAV123"
    images(root / "data_seq" / "UAV123" / "boat1", 3, digits=6)
    images(root / "data_seq" / "UAV123" / "uav1", 4, first=2472, digits=6)
    write(root / "anno" / "UAV123", boat1__txt="5,6,7,8\nNaN,NaN,NaN,NaN\n5,6,7,8\n")
    return root


@pytest.fixture
def table(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    video(folder / "walk.avi", 4)
    text = "frame,x,y,w,h,ok\n0,1,2,3,4,1\n1,2,2,3,4,1\n3,4,2,3,4,0\n"
    return write(folder, walk__csv=text)


def only(root):
    (found,) = sequences_below(root)
    return found


def test_got10k(got10k, tmp_path):
    found = only(tmp_path)
    sequence = found.load()
    assert (found.layout, found.name) == ("GOT-10k", "GOT-10k_Val_000001")
    assert sequence.boxes[[0, 3]].tolist() == [[5.5, 6, 7, 8], [7, 6, 7, 8]]
    assert np.isnan(sequence.boxes).all(axis=1).tolist() == [False, True, True, False]
    assert len(sequence.frames) == 4


def test_a_got10k_test_sequence_cannot_be_scored(tmp_path):
    write(images(tmp_path / "GOT-10k_Test_000001", 3), groundtruth__txt="1,2,3,4\n")
    with pytest.raises(InvalidInput, match="3 frames .* 1 ground-truth rows: only the first box"):
        only(tmp_path).load()


def test_lasot(lasot, tmp_path):
    found = only(tmp_path)
    sequence = found.load()
    assert (found.layout, found.name) == ("LaSOT", "airplane-1")
    assert sequence.boxes[[0, 2]].tolist() == [[4, 5, 7, 8], [6, 5, 7, 8]]
    assert np.isnan(sequence.boxes).all(axis=1).tolist() == [False, True, False, True]


def test_lasot_flags_must_pair_up(lasot):
    (lasot / "out_of_view.txt").write_text("0,0,0")
    with pytest.raises(InvalidInput, match=r"out_of_view.txt: 3 flags for 4"):
        load_folder(lasot)


def test_vot(vot_folder, tmp_path):
    found = only(tmp_path)
    sequence = found.load()
    assert (found.layout, found.name) == ("VOT", "bag")
    assert sequence.boxes[:3].tolist() == [[1.5, 2, 6.5, 7], [2, 2, 5, 5], [3, 4, 5, 6]]
    assert np.isnan(sequence.boxes[3]).all()


def test_an_old_vot_folder_is_told_by_its_polygons(tmp_path):
    write(images(tmp_path / "ball", 2), groundtruth__txt="0,0,4,1,5,3,1,2\n" * 2)
    found = only(tmp_path)
    assert found.layout == "VOT"
    assert found.load().boxes[0].tolist() == [0, 0, 5, 3]


@pytest.mark.parametrize("line", ["1,2,3", "1,2,3,4,5", "m1,2", "x", "", "inf,2,3,4"])
def test_a_bad_region_is_named(tmp_path, line):
    path = write(tmp_path, groundtruth__txt=f"1,2,3,4\n{line}\n1,2,3,4\n") / "groundtruth.txt"
    with pytest.raises(InvalidInput, match=r"groundtruth.txt, line 2"):
        vot.read_regions(path)


def test_uav123_whole_videos_and_parts(uav, tmp_path):
    found = only(tmp_path)
    sequence = found.load()
    assert (found.layout, found.name) == ("UAV123", "boat1")
    assert sequence.boxes[0].tolist() == [4, 5, 7, 8]
    assert np.isnan(sequence.boxes[1]).all()
    write(uav / "anno" / "UAV123", uav1_3__txt=rows(997))
    assert uav123.parts()["uav1_3"] == ("uav1", 2473, 3469)
    with pytest.raises(InvalidInput, match="2473 to 3469 are needed for uav1_3, 994 of them"):
        load_sequence("uav1_3", tmp_path)
    write(uav / "anno" / "UAV123", gone__txt=rows(2))
    with pytest.raises(NotFound, match="gone: no folder"):
        load_sequence("gone", tmp_path)


def test_a_part_of_a_video_has_its_frames(uav, monkeypatch):
    monkeypatch.setattr(uav123, "parts", lambda: {"uav1_9": ("uav1", 2473, 2474)})
    write(uav / "anno" / "UAV123", uav1_9__txt=rows(2))
    sequence = uav123.load(uav, "uav1_9")
    assert [path.stem for path in sequence.frames.paths] == ["002473", "002474"]


def test_a_video_and_its_table(table, tmp_path):
    found = only(tmp_path)
    sequence = found.load()
    assert (found.layout, found.name) == ("video and CSV", "walk")
    assert sequence.boxes[:2].tolist() == [[1, 2, 3, 4], [2, 2, 3, 4]]
    assert np.isnan(sequence.boxes[2:]).all(), "frame 2 is left out, frame 3 is not ok"
    assert sequence.frames[1].shape == (24, 32, 3)


@pytest.mark.parametrize(
    "text", ["1,2,3,4\n2,2,3,4\n,,,\n4,2,3,4\n", "0,1,2,3,4\n1,2,2,3,4\n3,4,2,3,4\n"]
)
def test_a_table_without_names(table, text):
    (table / "walk.csv").write_text(text)
    assert load_folder(table).boxes[[0, 1, 3], 0].tolist() == [1, 2, 4]
    assert np.isnan(load_folder(table).boxes[2]).all()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "expected the columns x, y, w, h"),
        ("x,y,w\n1,2,3\n", "expected the columns x, y, w, h"),
        ("x,y,w,h\n1,2,3\n", r"walk.csv, line 2: expected 4 numbers"),
        ("x,y,w,h\n1,2,3,u\n", r"walk.csv, line 2: expected 4 numbers"),
        ("frame,x,y,w,h\n4,1,2,3,4\n", r"walk.csv, line 2: frame 4 of a video of 4"),
        ("frame,x,y,w,h\n0.5,1,2,3,4\n", r"frame 0.5 of a video"),
        ("frame,x,y,w,h\n1,1,2,3,4\n", "the first frame of walk has no box"),
        ("", "walk.csv is empty"),
    ],
)
def test_a_bad_table_is_told(table, text, says):
    (table / "walk.csv").write_text(text)
    with pytest.raises(InvalidInput, match=says):
        load_folder(table)


def test_all_layouts_in_one_folder_by_name(got10k, lasot, vot_folder, uav, table, tmp_path):
    images(tmp_path / "vtb" / "My-Cat" / "img", 3)
    write(tmp_path / "vtb" / "My-Cat", groundtruth_rect__txt=rows(3))
    names = ["GOT-10k_Val_000001", "airplane-1", "boat1", "walk", "bag", "My-Cat"]
    assert expand_tasks("folder", tmp_path) == names
    assert {found.layout for found in sequences_below(tmp_path)} == {
        "GOT-10k", "LaSOT", "VOT", "UAV123", "OTB", "video and CSV",
    }  # fmt: skip
    assert len(load_sequence("got-10k val 000001", tmp_path)) == 4
    assert load_sequence("airplane.1", tmp_path).name == "airplane-1"


class Still:
    """A tracker that stays where it was."""

    def init(self, image, box):
        self.box = box

    def update(self, image):
        return True, self.box


def test_an_evaluation_over_all_of_them(
    got10k, lasot, vot_folder, uav, table, tmp_path, monkeypatch
):
    monkeypatch.setattr(run, "make_tracker", lambda job: Still())
    names = expand_tasks("folder", tmp_path)
    out, root = tmp_path / "out", str(tmp_path)
    summary = evaluate(names, "opencv", [PeerConfig("mil")], out, root=root)
    assert summary["failed"] == [] and set(summary["per_task"]) == set(names)
    assert all(0.3 < task["auc"] < 1 for task in summary["per_task"].values()), summary
    assert len(list((out / "opencv-mil").glob("seed*/*.json"))) == len(names)
    # What is stored fits: NaN in a ground truth does not make it another one.
    monkeypatch.setattr(run, "run_sequence", lambda *_: pytest.fail("made again"))
    (out / "opencv-mil" / "summary.json").unlink()
    assert evaluate(names, "opencv", [PeerConfig("mil")], out, root=root)["tasks"] == len(names)


def test_hidden_folders_are_none_of_ours(got10k, tmp_path):
    (tmp_path / "GOT").rename(tmp_path / ".GOT")
    assert list(sequences_below(tmp_path)) == []


def test_a_folder_that_is_itself_a_sequence(lasot):
    assert [found.name for found in sequences_below(lasot)] == ["airplane-1"]


def test_an_empty_target_file_is_no_target(tmp_path):
    images(tmp_path / "Human4" / "img", 2)
    write(tmp_path / "Human4")
    (tmp_path / "Human4" / "groundtruth_rect.1.txt").write_text("")
    (tmp_path / "Human4" / "groundtruth_rect.2.txt").write_text(rows(2))
    assert [found.name for found in sequences_in(tmp_path / "Human4")] == ["Human4-2"]


def test_boxes_without_area_are_absent():
    boxes = mark_absent([[1, 2, 3, 4], [1, 2, 0, 4], [1, 2, 3, -1], [np.nan, 2, 3, 4]])
    assert np.isnan(boxes).all(axis=1).tolist() == [False, True, True, True]


def test_frames_without_target_are_not_scored(lasot):
    truth = load_folder(lasot).boxes
    result = np.nan_to_num(truth, nan=1000.0)
    assert score(result, truth).precision20 == 1.0
    assert score(result, truth).success[19] == 1.0
    shifted = result + [[0, 0, 0, 0], [0, 0, 0, 0], [500, 0, 0, 0], [0, 0, 0, 0]]
    assert score(shifted, truth).precision20 == 0.5, "two frames of four have a target"
    with pytest.raises(InvalidInput, match="no frame has a ground truth"):
        score(result, np.full_like(truth, np.nan))


def test_doctests():
    assert doctest.testmod(vot).failed == 0
