import json

import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation.boxes_files import read_boxes_file
from mfst_lib.evaluation.track import Track, check_output, track, write_track

BOXES = np.array([[1.0, 2, 3, 4], [5.25, 6, 7, 8]])
TRACK = Track(BOXES, np.array([True, False]), np.array([4.0]))


class Shifter:
    """A tracker that moves its box by one pixel a frame."""

    def init(self, image, box):
        self.box = np.asarray(box, dtype=np.float64)

    def update(self, image):
        self.box = self.box + [1, 0, 0, 0]
        return bool(self.box[0] < 2), self.box


def test_the_box_is_followed_frame_by_frame():
    frames, seen = [np.zeros((4, 4, 3), np.uint8)] * 3, []
    result = track(Shifter(), frames, (0, 0, 2, 2), lambda image, box: seen.append(box[0]))
    assert result.boxes[:, 0].tolist() == [0, 1, 2] == seen
    assert result.seen.tolist() == [True, True, False]
    assert len(result.times_ms) == 2 and result.fps > 0


def test_no_frames():
    with pytest.raises(InvalidInput, match="no frames"):
        track(Shifter(), [], (0, 0, 2, 2))


def test_csv_has_a_header_and_a_row_per_frame(tmp_path):
    write_track(tmp_path / "a.csv", TRACK, "x", {})
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines == ["frame,x,y,w,h,ok", "0,1.00,2.00,3.00,4.00,1", "1,5.25,6.00,7.00,8.00,0"]


@pytest.mark.parametrize("name", ["a.txt", "a.json"])
def test_what_is_written_can_be_scored(tmp_path, name):
    write_track(tmp_path / name, TRACK, "a", {"seed": 1})
    np.testing.assert_allclose(read_boxes_file(tmp_path / name)["a"], BOXES)


def test_text_is_one_based_as_the_benchmark_has_it(tmp_path):
    write_track(tmp_path / "a.txt", TRACK, "a", {})
    assert (tmp_path / "a.txt").read_text().split()[0].startswith("2,3,3,4")


def test_json_keeps_what_was_run(tmp_path):
    write_track(tmp_path / "a.json", TRACK, "a", {"seed": 1})
    content = json.loads((tmp_path / "a.json").read_text())
    assert content["config"] == {"seed": 1} and content["ok"] == [True, False]


@pytest.mark.parametrize(("name", "says"), [("a.xyz", r"\.csv, \.txt"), ("no/a.csv", "no folder")])
def test_an_output_that_cannot_be_written_is_told_early(tmp_path, name, says):
    with pytest.raises(InvalidInput, match=says.replace("no folder", "is not a folder")):
        check_output(tmp_path / name)
