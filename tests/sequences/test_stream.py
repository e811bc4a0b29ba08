import cv2
import numpy as np
import pytest

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.sequences.stream import Stream, open_stream


class Device:
    """A capture that delivers the images given to it, and then fails in the way asked for."""

    def __init__(self, images, promised=0.0, fps=0.0, fails=None):
        self.images, self.said = list(images), {7: promised, 5: fps}
        self.fails, self.released = fails, False

    def read(self):
        if self.images:
            return True, self.images.pop(0)
        if self.fails:
            raise self.fails
        return False, None

    def get(self, number):
        return self.said.get(number, 0.0)

    def release(self):
        self.released = True


def images(count, size=(32, 24)):
    return [np.full((size[1], size[0], 3), (n, 0, 200), np.uint8) for n in range(count)]


def test_the_numbers_of_the_properties_are_opencvs():
    assert (cv2.CAP_PROP_FPS, cv2.CAP_PROP_FRAME_COUNT) == (5, 7)


def test_frames_come_in_order_as_rgb_and_the_device_is_let_go():
    device = Device(images(3), promised=3)
    stream = Stream("film.mp4", device)
    frames = list(stream)
    assert [frame[0, 0].tolist() for frame in frames] == [[200, 0, n] for n in range(3)]
    assert device.released and stream.remarks == [] and stream.count == 3


def test_a_viewer_who_stops_early_lets_the_device_go_too():
    device = Device(images(9))
    coming = iter(Stream("camera 0", device, camera=True))
    next(coming)
    coming.close()
    assert device.released


@pytest.mark.parametrize("fails", [None, cv2.error("the device is gone")])
def test_a_camera_that_vanishes_is_told_in_a_line(fails):
    stream = Stream("camera 0", Device(images(5), fails=fails), camera=True)
    assert len(list(stream)) == 5
    (remark,) = stream.remarks
    assert "camera 0 stopped after 5 frames" in remark and "is kept" in remark


def test_a_video_that_ends_early_is_told_but_a_header_a_little_off_is_not():
    cut = Stream("film.mp4", Device(images(5), promised=100))
    assert len(list(cut)) == 5
    assert "ended after 5 frames, its header says 100" in cut.remarks[0]
    nearly = Stream("film.mp4", Device(images(50), promised=51))
    assert len(list(nearly)) == 50 and nearly.remarks == []


@pytest.mark.parametrize("promised", [-1.0, 0.0, float("nan"), float("inf")])
def test_headers_that_say_nonsense_are_not_believed(promised):
    stream = Stream("film.mp4", Device(images(4), promised=promised))
    assert len(list(stream)) == 4 and stream.remarks == []


def test_frames_that_change_size_come_at_the_first_ones_and_are_told_once():
    stream = Stream("film.mp4", Device(images(2) + images(3, (64, 48)) + images(1)))
    assert {frame.shape for frame in stream} == {(24, 32, 3)}
    (remark,) = stream.remarks
    assert "frame 2 of film.mp4 is 64x48, the first was 32x24: scaled" in remark


@pytest.mark.parametrize(("said", "fps"), [(30.0, 30.0), (0.0, 25.0), (1e9, 25.0)])
def test_an_impossible_frame_rate_becomes_25(said, fps):
    assert Stream("x", Device([], fps=said)).fps == fps


def test_a_file_is_read_and_one_cut_off_keeps_what_it_has(tmp_path):
    path = tmp_path / "a film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20, (32, 24))
    for image in images(40):
        writer.write(image)
    writer.release()
    whole = open_stream(path)
    assert len(list(whole)) == 40 and whole.remarks == [] and whole.fps == 20
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    cut = open_stream(path)
    assert 0 < len(list(cut)) < 40


def test_what_cannot_be_opened(tmp_path):
    with pytest.raises(NotFound, match=r"no video file .* camera is given by its number"):
        open_stream(tmp_path / "no.mp4")
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(InvalidInput, match="finds no video"):
        open_stream(tmp_path / "text.mp4")
    with pytest.raises(InvalidInput, match="camera 97 cannot be opened: is it plugged in"):
        open_stream("97")
