import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation import metrics
from mfst_lib.evaluation.boxes_files import read_boxes_file, read_truths
from mfst_lib.evaluation.slips import SLIPS, score_with_slips

TRUTH = np.tile([50.0, 50, 40, 40], (4, 1))


def scores(slip, *offsets):
    """Both scores of a result whose frames 1, 2 … lie so many pixels to the right."""
    result = TRUTH[: len(offsets) + 1].copy()
    result[1:, 0] += offsets
    return SLIPS[slip](result, TRUTH[: len(result)])


def test_the_first_is_the_official_rule():
    assert next(iter(SLIPS)) == "official"
    assert scores("official", 0, 0) == pytest.approx((20 / 21, 1))


def test_with_the_other_signs_a_miss_has_some_success_and_20_pixels_are_too_far():
    # No overlap at all passes "at least 0"; the given first frame passes all 21.
    assert scores("≥ and < for > and ≤", 60)[0] == pytest.approx((21 + 1) / 2 / 21)
    assert scores("≥ and < for > and ≤", 20)[1] == 0.5
    assert scores("official", 20)[1] == 1


def test_without_the_first_frame_a_miss_is_a_miss():
    assert scores("first frame not counted", 60) == (0, 0)
    assert scores("first frame not counted", 0, 60) == pytest.approx((20 / 21 / 2, 0.5))


def test_whole_numbers_lose_fractions():
    cut = scores("boxes cut to whole numbers", 3.9)
    assert cut == scores("official", 3)
    assert cut[0] > scores("official", 3.9)[0]


def test_one_pixel_off_is_both_ways():
    moved = TRUTH + [1, 1, 0, 0]
    assert SLIPS["one pixel off"](moved, TRUTH)[0] == pytest.approx(20 / 21)
    assert SLIPS["one pixel off"](TRUTH, TRUTH)[0] < 20 / 21


def test_trapezoids_take_half_of_both_ends():
    result = TRUTH.copy()
    result[1:, 0] += [4, 11, 60]
    curve = metrics.score(result, TRUTH).success
    areas = (curve[1:] + curve[:-1]) / 2 / 20
    assert SLIPS["area by trapezoids"](result, TRUTH)[0] == pytest.approx(areas.sum())


def test_rows_are_means_over_sequences_and_the_last_one_over_frames():
    results = {"short": TRUTH[:2], "long": np.vstack([TRUTH[:1], TRUTH[1:] + [90, 0, 0, 0]])}
    truths = {"short": TRUTH[:2], "long": TRUTH}
    rows = score_with_slips(results, truths)
    assert list(rows) == [*SLIPS, "all frames in one heap"]
    assert rows["official"]["precision20"] == pytest.approx((1 + 1 / 4) / 2)
    assert rows["all frames in one heap"]["precision20"] == pytest.approx(3 / 6)
    with pytest.raises(InvalidInput, match="at least one"):
        score_with_slips({}, truths)


def test_strucks_published_boxes_with_every_slip(mfst_data):
    meta = mfst_data / "vtb13_meta"
    boxes = read_boxes_file(meta / "published_boxes" / "Struck.npz")
    rows = score_with_slips(boxes, read_truths(meta / "vtb13.json"))
    expected = {
        "official": (0.4737, 0.6561),
        "≥ and < for > and ≤": (0.4842, 0.6558),
        "first frame not counted": (0.4719, 0.6548),
        "boxes cut to whole numbers": (0.4703, 0.6545),
        "one pixel off": (0.4665, 0.6536),
    }
    for slip, pair in expected.items():
        got = rows[slip]["auc"], rows[slip]["precision20"]
        assert np.round(got, 4).tolist() == list(pair)
