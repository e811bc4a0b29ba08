from mfst_lib.show.overlap import GROUND, SHARED, overlap_picture

TRUTH = [40, 40, 60, 50]


def shared(picture):
    return int((picture == SHARED).all(axis=2).sum())


def test_the_shared_part_is_filled():
    picture = overlap_picture([70, 60, 60, 50], TRUTH, (200, 160))
    assert picture.shape == (160, 200, 3)
    inside = picture[64:86, 74:96]
    assert (inside == SHARED).all()
    assert 22 * 22 <= shared(picture) <= 30 * 30


def test_boxes_apart_or_outside_share_nothing():
    for box in ([120, 40, 30, 30], [-90, -90, 40, 40], [300, 300, 9, 9]):
        assert shared(overlap_picture(box, TRUTH, (200, 160))) == 0


def test_the_measures_are_written_below():
    one = overlap_picture([40, 40, 60, 50], TRUTH, (300, 160))
    other = overlap_picture([60, 40, 60, 50], TRUTH, (300, 160))
    below = slice(120, 160)
    assert (one[below] < GROUND).any()
    assert (one[below] != other[below]).any()
