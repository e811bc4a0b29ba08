"""Tests of mfst_lib.sequences.otb."""

import doctest
import pickle

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.sequences import otb
from mfst_lib.sequences.otb import (
    boxes_text,
    from_one_based,
    list_targets,
    load_otb,
    read_boxes,
    sequence_folders,
    to_one_based,
    write_boxes,
)


def rows(count, start=1):
    """Text of `count` boxes whose 1-based x is the number of the frame."""
    return "".join(f"{number},2,3,4\n" for number in range(start, start + count))


def write(path, data):
    path.write_bytes(data)
    return path


def write_video(path, count):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (16, 12))
    for index in range(count):
        writer.write(np.full((12, 16, 3), 10 * index, np.uint8))
    writer.release()


def values(sequence):
    return [int(image[0, 0, 0]) for image in sequence.frames]


def test_doctests():
    assert doctest.testmod(otb).failed == 0


@pytest.mark.parametrize(
    "data",
    [
        b"1,2,3,4\n5,6,7,8\n",
        b"1\t2\t3\t4\r\n5\t6\t7\t8\r\n",
        b"1 2 3 4\n5 6 7 8",
        b"  1, 2, 3, 4\n5;6;7;8\n\n \n\r\n",
        b"\xef\xbb\xbf1.0,2e0,3,4\n5,6,7,8",
    ],
)
def test_every_published_form_is_read(tmp_path, data):
    boxes = read_boxes(write(tmp_path / "a.txt", data))
    assert boxes.dtype == np.float64
    assert boxes.tolist() == [[0, 1, 3, 4], [4, 5, 7, 8]]


def test_nan_rows_are_read(tmp_path):
    boxes = read_boxes(write(tmp_path / "a.txt", b"1,2,3,4\nNaN,NaN,NaN,NaN\n"))
    assert np.isnan(boxes[1]).all()


@pytest.mark.parametrize("line", ["1,2,3", "1,2,3,4,5", "1,2,x,4", "", "1,2,inf,4"])
def test_a_bad_line_is_named(tmp_path, line):
    path = write(tmp_path / "a.txt", f"1,2,3,4\n{line}\n1,2,3,4\n".encode())
    with pytest.raises(InvalidInput, match=rf"a\.txt, line 2: expected four .*got '{line}'"):
        read_boxes(path)


def test_a_file_that_is_no_text_is_named(tmp_path):
    with pytest.raises(InvalidInput, match=r"a\.txt, line 1"):
        read_boxes(write(tmp_path / "a.txt", b"\xff\xd8\xff\xe0\x00"))


@pytest.mark.parametrize("data", [b"", b"\n\n"])
def test_an_empty_file_is_named(tmp_path, data):
    with pytest.raises(InvalidInput, match=r"a\.txt is empty"):
        read_boxes(write(tmp_path / "a.txt", data))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(NotFound, match=r"gone\.txt"):
        read_boxes(tmp_path / "gone.txt")


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(*[st.floats(-1e4, 1e4)] * 4), min_size=1, max_size=8))
def test_boxes_come_back(tmp_path_factory, boxes):
    path = tmp_path_factory.getbasetemp() / "round_trip.txt"
    write_boxes(path, boxes)
    np.testing.assert_allclose(read_boxes(path), boxes, atol=1e-4)
    assert boxes_text(read_boxes(path)) == boxes_text(boxes)


def test_written_files_are_one_based_and_plain(tmp_path):
    write_boxes(tmp_path / "a.txt", np.array([[-1, 0.1 + 0.2, 3, 4.5], [np.nan] * 4]))
    assert (tmp_path / "a.txt").read_bytes() == b"0,1.3,3,4.5\nnan,nan,nan,nan\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_conversions_undo_each_other():
    boxes = np.array([[0.0, 0, 5, 5]])
    assert to_one_based(boxes).tolist() == [[1, 1, 5, 5]]
    assert from_one_based(to_one_based(boxes)).tolist() == boxes.tolist()


@pytest.mark.parametrize("inside", ["img", "."])
@pytest.mark.parametrize("truth", ["groundtruth_rect", "groundtruth"])
def test_a_folder_is_loaded(tmp_path, make_otb, inside, truth):
    sequence = load_otb(make_otb(tmp_path / "Cat", 3, inside=inside, **{truth: rows(3)}))
    assert sequence.name == "Cat"
    assert values(sequence) == [1, 2, 3]
    assert sequence.boxes.tolist() == [[0, 1, 3, 4], [1, 1, 3, 4], [2, 1, 3, 4]]
    assert values(pickle.loads(pickle.dumps(sequence))) == [1, 2, 3]


@pytest.mark.parametrize("name", ["frames.mp4", "any.AVI"])
def test_a_video_is_loaded(tmp_path, name):
    write_video(tmp_path / "clip.avi", 4)
    (tmp_path / "clip.avi").rename(tmp_path / name)
    (tmp_path / "groundtruth_rect.txt").write_text(rows(4))
    sequence = load_otb(tmp_path, first=2, last=3)
    assert len(sequence) == 2
    np.testing.assert_allclose(values(sequence), [10, 20], atol=3)
    assert sequence.boxes[:, 0].tolist() == [1, 2]


def test_a_video_cut_to_the_range_is_taken_whole(tmp_path):
    write_video(tmp_path / "frames.avi", 4)
    (tmp_path / "groundtruth_rect.txt").write_text(rows(4, 300))
    sequence = load_otb(tmp_path, first=300, last=303)
    assert sequence.boxes[:, 0].tolist() == [299, 300, 301, 302]


def test_two_videos_are_ambiguous(tmp_path):
    (tmp_path / "groundtruth_rect.txt").write_text(rows(4))
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).touch()
    with pytest.raises(InvalidInput, match=r"which video\? found a.mp4, b.mp4"):
        load_otb(tmp_path)


def test_targets(tmp_path, make_otb):
    texts = {"groundtruth_rect__1": rows(2), "groundtruth_rect__2": rows(2, 11)}
    folder = make_otb(tmp_path / "Two", 2, **texts)
    assert list_targets(folder) == [1, 2]
    second = load_otb(folder, target=2)
    assert (second.name, second.boxes[0, 0]) == ("Two-2", 10)
    for target in (None, 3):
        with pytest.raises(InvalidInput, match=rf"no target {target}; .*Two-1, Two-2"):
            load_otb(folder, target=target)


def test_a_target_of_a_folder_without_numbers(tmp_path, make_otb):
    folder = make_otb(tmp_path / "One", 2, groundtruth_rect=rows(2))
    assert list_targets(folder) == []
    with pytest.raises(NotFound, match=r"looked for groundtruth_rect.2.txt"):
        load_otb(folder, target=2)


@pytest.mark.parametrize("count", [2, 5])
def test_rows_that_do_not_match_the_frames(tmp_path, make_otb, count):
    folder = make_otb(tmp_path / "Cat", 4, groundtruth_rect=rows(count))
    with pytest.raises(InvalidInput, match=rf"has {count} rows for 4 frames"):
        load_otb(folder)


@pytest.mark.parametrize(
    ("images", "truth", "case"),
    [
        ({"count": 4, "first": 300}, rows(4, 300), "David, only its range"),
        ({"count": 303}, rows(4, 300), "David, all images"),
        ({"count": 303}, rows(303), "David, all images and rows"),
        ({"count": 4, "first": 300}, rows(303), "rows from frame 1 on, images of the range"),
        ({"count": 310}, rows(4, 300), "more images than the range"),
        ({"count": 5, "first": 299}, rows(5, 299), "rows for the images in the folder"),
    ],
)
def test_ranges(tmp_path, make_otb, images, truth, case):
    folder = make_otb(tmp_path / "David", groundtruth_rect=truth, **images)
    sequence = load_otb(folder, first=300, last=303)
    assert values(sequence) == [300 % 256, 301 % 256, 302 % 256, 303 % 256], case
    assert sequence.boxes[:, 0].tolist() == [299, 300, 301, 302], case


def test_half_unpacked_folders_are_noticed(tmp_path, make_otb):
    folder = make_otb(tmp_path / "Cat", 6, groundtruth_rect=rows(6))
    (folder / "img" / "0003.png").unlink()
    with pytest.raises(InvalidInput, match=r"1 to 6 are needed, 1 .* missing .*\[3\]"):
        load_otb(folder)
    with pytest.raises(InvalidInput, match="1 to 9 are needed, 4 of them"):
        load_otb(folder, last=9)


def test_images_without_numbers_count_from_one(tmp_path, make_otb):
    folder = make_otb(tmp_path / "Cat", 3, groundtruth_rect=rows(3))
    for path in (folder / "img").iterdir():
        path.rename(path.with_name(f"frame{path.stem}x.png"))
    assert values(load_otb(folder, first=2, last=3)) == [2, 3]


def test_what_is_missing_is_said(tmp_path, make_otb):
    with pytest.raises(NotFound, match="no sequence folder"):
        load_otb(tmp_path / "gone")
    with pytest.raises(NotFound, match="no frames: looked for img/"):
        load_otb(tmp_path)
    with pytest.raises(NotFound, match="looked for groundtruth_rect.txt or groundtruth.txt"):
        load_otb(make_otb(tmp_path / "Cat", 2))


def test_sequence_folders_at_two_levels(tmp_path, make_otb):
    for name in ("b", "set/a", "set/deeper/c"):
        make_otb(tmp_path / name, 1, groundtruth_rect=rows(1))
    make_otb(tmp_path / "no truth", 1)
    assert list(sequence_folders(tmp_path)) == [tmp_path / "b", tmp_path / "set" / "a"]
    with pytest.raises(NotFound, match="no folder of sequences"):
        list(sequence_folders(tmp_path / "gone"))
