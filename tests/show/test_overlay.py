import numpy as np

from mfst_lib.roi import ROI
from mfst_lib.show.overlay import caption, overlay_map, tracked_picture
from mfst_lib.show.pace import Pace

GREY = np.full((60, 80, 3), 100, np.uint8)


def test_light_falls_where_the_map_is_bright_and_only_there():
    light = np.zeros((2, 2), np.float32)
    light[0, 1] = 1
    shown = overlay_map(GREY, ROI(20, 10, 40, 40), light)
    changed = (shown != GREY).any(axis=2)
    ys, xs = np.nonzero(changed)
    assert changed[20, 50] and xs.min() >= 30 and ys.max() <= 40
    # The centre of the map's cell is the centre of its part of the region.
    assert abs(xs.mean() - 50) < 4 and abs(ys.mean() - 20) < 4
    assert (GREY == 100).all(), "the frame itself is left alone"


def test_a_dark_map_changes_nothing_and_a_region_outside_is_no_error():
    assert (overlay_map(GREY, ROI(0, 0, 9, 9), np.zeros((7, 7), np.float32)) == GREY).all()
    assert (overlay_map(GREY, ROI(500, 500, 9, 9), np.ones((7, 7), np.float32)) == GREY).all()


def test_a_lost_box_is_grey_and_thin_a_sure_one_red():
    sure = tracked_picture(GREY, (20, 20, 30, 20), True)
    lost = tracked_picture(GREY, (20, 20, 30, 20), False)
    red, green, blue = sure[20, 35].astype(int)
    assert red > green + 40 and red > blue + 40
    assert np.ptp(lost[20, 35].astype(int)) < 10
    assert (sure != GREY).any(2).sum() > (lost != GREY).any(2).sum()


def test_the_caption_is_written_in_the_corner():
    shown = caption(GREY, "9 FPS")
    assert (shown[40:] == GREY[40:]).all() and (shown[:15] != GREY[:15]).any()


def test_the_pace_is_frames_over_time(monkeypatch):
    moments = iter([0.0, 0.5, 1.0, 1.5])
    monkeypatch.setattr("mfst_lib.show.pace.time.perf_counter", lambda: next(moments))
    pace = Pace(2)
    assert [pace.tick() for _ in range(4)] == [0.0, 2.0, 2.0, 2.0]
