import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.show.gif import GifWriter

Pillow = pytest.importorskip("PIL.Image")


def grey(level, size=(40, 30)):
    return np.full((size[1], size[0], 3), level, np.uint8)


def frames_of(path):
    with Pillow.open(path) as picture:
        levels, pauses = [], []
        for number in range(picture.n_frames):
            picture.seek(number)
            pauses.append(picture.info["duration"])
            levels.append(int(np.asarray(picture.convert("RGB"))[5, 5, 0]))
        return levels, pauses, picture.size


def test_every_frame_at_its_pace(tmp_path):
    gif = GifWriter(tmp_path / "a.gif", fps=10)
    for level in (0, 100, 200):
        gif.write(grey(level))
    gif.save()
    levels, pauses, size = frames_of(tmp_path / "a.gif")
    assert np.abs(np.array(levels) - [0, 100, 200]).max() <= 2
    assert set(pauses) == {100} and size == (40, 30)
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]


@pytest.mark.parametrize("count", [4, 5, 9, 40, 41])
def test_of_a_long_video_an_even_spread_is_kept_and_no_more(tmp_path, count):
    gif = GifWriter(tmp_path / "a.gif", fps=50, most=5)
    for level in range(count):
        gif.write(grey(level * 5))
        assert len(gif._frames) <= 5
    gif.save()
    levels, pauses, _ = frames_of(tmp_path / "a.gif")
    assert 2 < len(levels) <= 5
    steps = np.diff(levels)
    assert steps.max() - steps.min() <= 8 and levels[0] <= 2
    # The film lasts as long as the video, to within one pause.
    assert abs(sum(pauses) - 1000 * count / 50) <= 2 * pauses[0]


def test_wide_frames_are_shrunk(tmp_path):
    gif = GifWriter(tmp_path / "a.gif", width=80)
    gif.write(grey(9, (400, 200)))
    gif.write(grey(90, (400, 200)))
    gif.save()
    assert frames_of(tmp_path / "a.gif")[2] == (80, 40)


def test_slips_are_told(tmp_path):
    with pytest.raises(InvalidInput, match=r"ends in \.gif"):
        GifWriter(tmp_path / "a.mp4")
    with pytest.raises(InvalidInput, match="two frames"):
        GifWriter(tmp_path / "a.gif", most=1)
    with pytest.raises(InvalidInput, match="no frames"):
        GifWriter(tmp_path / "a.gif").save()
    late = GifWriter(tmp_path / "no" / "a.gif")
    late.write(grey(1))
    with pytest.raises(InvalidInput, match="not a folder"):
        late.save()
