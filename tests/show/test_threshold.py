import numpy as np

from mfst_lib.evaluation.metrics import success_curve
from mfst_lib.show.threshold import plot_threshold

OVERLAP = np.array([1.0, 0.8, 0.5, 0.2, 0.0])


def test_the_point_is_the_share_of_frames_above_the_threshold():
    left, right = plot_threshold(OVERLAP, 0.5).axes
    assert "2 of 5 frames are above 0.5" in left.get_title()
    curve, point = right.lines[:2]
    assert (curve.get_ydata() == success_curve(OVERLAP)).all()
    assert (point.get_xdata()[0], point.get_ydata()[0]) == (0.5, 0.4)


def test_the_point_lies_on_the_curve_at_every_threshold_of_the_benchmark():
    for number, threshold in enumerate(np.arange(21) / 20):
        curve, point = plot_threshold(OVERLAP, threshold).axes[1].lines[:2]
        assert point.get_ydata()[0] == curve.get_ydata()[number]
