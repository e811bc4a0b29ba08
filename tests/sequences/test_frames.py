"""Tests of mfst_lib.sequences.frames."""

import pickle

import cv2
import numpy as np
import pytest

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.sequences import frames as module
from mfst_lib.sequences.frames import (
    FrameRange,
    ImageFrames,
    VideoFrames,
    list_images,
    open_video,
)

COUNT = 80


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """A video whose frame i has a red channel of about 3 i, with key frames far apart."""
    path = tmp_path_factory.mktemp("video") / "clip.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 25, (64, 48))
    for index in range(COUNT):
        image = np.full((48, 64, 3), (20, 120, 3 * index), np.uint8)
        writer.write(image)
    writer.release()
    return path


def red(image):
    return image[..., 0].mean()


def test_images_in_natural_order_without_hidden_and_foreign_files(tmp_path):
    for name in ("10.png", "9.png", "b2.JPG", "b11.jpg", "._9.png", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in list_images(tmp_path)] == ["9.png", "10.png", "b2.JPG", "b11.jpg"]


def test_images_of_no_folder(tmp_path):
    with pytest.raises(NotFound, match="no folder .*nowhere"):
        list_images(tmp_path / "nowhere")


def test_an_image_comes_back_in_rgb(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.full((4, 6, 3), (1, 2, 3), np.uint8))
    image = ImageFrames([tmp_path / "a.png"])[0]
    assert image.shape == (4, 6, 3) and image.dtype == np.uint8 and image.flags.c_contiguous
    assert image[0, 0].tolist() == [3, 2, 1]


def test_grey_and_alpha_images_come_back_in_rgb(tmp_path):
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((4, 6), 9, np.uint8))
    cv2.imwrite(str(tmp_path / "alpha.png"), np.full((4, 6, 4), (1, 2, 3, 4), np.uint8))
    grey, alpha = ImageFrames([tmp_path / "grey.png", tmp_path / "alpha.png"])
    assert grey.shape == alpha.shape == (4, 6, 3)
    assert grey[0, 0].tolist() == [9, 9, 9]
    assert alpha[0, 0].tolist() == [3, 2, 1]


def test_a_path_beyond_ascii(tmp_path):
    path = tmp_path / "bär 映像.png"
    path.write_bytes(cv2.imencode(".png", np.zeros((4, 6, 3), np.uint8))[1].tobytes())
    assert ImageFrames([str(path)])[0].shape == (4, 6, 3)


def test_sixteen_bits_are_refused(tmp_path):
    cv2.imwrite(str(tmp_path / "deep.png"), np.full((4, 6, 3), 999, np.uint16))
    with pytest.raises(InvalidInput, match=r"frame 0: .*deep\.png: .*uint8; got uint16: scale"):
        ImageFrames([tmp_path / "deep.png"])[0]


@pytest.mark.parametrize("data", [b"", b"no image at all"])
def test_a_file_that_is_no_image_is_named(tmp_path, data):
    cv2.imwrite(str(tmp_path / "good.png"), np.zeros((4, 6, 3), np.uint8))
    (tmp_path / "bad.png").write_bytes(data)
    frames = ImageFrames([tmp_path / "good.png", tmp_path / "bad.png"])
    with pytest.raises(InvalidInput, match=r"frame 1: .*bad\.png does not decode"):
        frames[1]


def test_a_missing_image_is_named(tmp_path):
    with pytest.raises(NotFound, match=r"frame 0: .*gone\.png"):
        ImageFrames([tmp_path / "gone.png"])[0]


def test_indices_and_slices(tmp_path):
    for value in range(5):
        cv2.imwrite(str(tmp_path / f"{value}.png"), np.full((2, 2, 3), value, np.uint8))
    frames = ImageFrames(list_images(tmp_path))
    assert frames[-1].max() == 4
    assert frames[np.int64(2)].max() == 2
    part = frames[1:4]
    assert isinstance(part, FrameRange) and len(part) == 3
    assert [image.max() for image in part[::-1]] == [3, 2, 1]
    assert [image.max() for image in pickle.loads(pickle.dumps(part))] == [1, 2, 3]
    with pytest.raises(IndexError, match="frame 5 asked for, there are 5"):
        frames[5]


def test_video_in_order(video):
    frames = VideoFrames(video)
    assert len(frames) == COUNT
    assert frames[0].shape == (48, 64, 3)
    reds = [red(image) for image in frames]
    np.testing.assert_allclose(reds, 3 * np.arange(COUNT), atol=8)  # lossy
    assert (np.diff(reds) > 0).all()


def test_video_at_random_is_the_same_as_in_order(video):
    frames = VideoFrames(video)
    expected = list(frames)
    order = np.random.default_rng(0).permutation(COUNT)
    for index in [*order, COUNT - 1, 0, 40, 39]:
        assert (frames[index] == expected[index]).all()


class LandsBeside:
    """A capture whose seeks land one frame too far, as some do in some formats."""

    def __init__(self, capture):
        self.capture = capture

    def __getattr__(self, name):
        return getattr(self.capture, name)

    def set(self, what, value):
        return self.capture.set(what, value + 1)


def test_a_seek_beside_its_target_is_noticed(video, monkeypatch):
    expected = list(VideoFrames(video))
    monkeypatch.setattr(module, "open_video", lambda path: LandsBeside(open_video(path)))
    frames = VideoFrames(video)
    for index in (70, 50, 79):
        assert (frames[index] == expected[index]).all()


def test_video_travels_by_pickle(video):
    frames = VideoFrames(video)
    first = frames[3]
    copy = pickle.loads(pickle.dumps(frames))
    assert len(copy) == COUNT
    assert (copy[3] == first).all()


def test_video_is_released(video):
    frames = VideoFrames(video)
    frames[3]
    assert frames._capture is not None
    frames[COUNT - 1]
    assert frames._capture is None
    frames[3]
    frames.close()
    assert frames._capture is None
    assert abs(red(frames[4]) - 12) < 8


def test_header_that_lies_about_the_count(video, tmp_path):
    """A Motion JPEG file whose index says 80 frames, cut in the middle."""
    path = tmp_path / "cut.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
    for index in range(COUNT):
        writer.write(np.full((48, 64, 3), index, np.uint8))
    writer.release()
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    frames = VideoFrames(path)
    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT) != len(frames)
    assert 0 < len(frames) < COUNT
    assert len(list(frames)) == len(frames)
    frames[len(frames) - 1]


def test_missing_video(tmp_path):
    with pytest.raises(NotFound, match=r"no video file .*gone\.mp4"):
        VideoFrames(tmp_path / "gone.mp4")


@pytest.mark.parametrize("data", [b"", b"words, words, words"])
def test_no_video(tmp_path, data):
    (tmp_path / "words.mp4").write_bytes(data)
    with pytest.raises(InvalidInput, match=r"words\.mp4 is not a video"):
        VideoFrames(tmp_path / "words.mp4")


def test_video_without_frames(tmp_path):
    path = tmp_path / "none.avi"
    cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48)).release()
    with pytest.raises(InvalidInput, match=r"none\.avi"):
        VideoFrames(path)
