import numpy as np
import pytest
from made_up_records import CHANNELS, made_up

from mfst_lib.boxes import iou
from mfst_lib.errors import InvalidInput
from mfst_lib.target_maps import coverage
from mfst_lib.training.pairs import Pairs, candidates_around, covers


def test_a_batch_depends_on_seed_epoch_and_step_alone():
    records = made_up()
    draws = [
        Pairs(records, records.names, seed=seed).draw(epoch, step)[0]["scores"].tobytes()
        for seed, epoch, step in [(0, 0, 0), (0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    ]
    assert draws[0] == draws[1]
    assert len(set(draws)) == 4


def test_both_frames_of_a_pair_are_of_one_sequence_and_near_each_other():
    records = made_up()
    pairs = Pairs(records, records.names, gap=3, batch=200)
    first, second = pairs._draw_rows(np.random.default_rng(0))
    rows = records.rows
    np.testing.assert_array_equal(rows["sequence"][first], rows["sequence"][second])
    gaps = rows["frame"][second] - rows["frame"][first]
    assert gaps.min() >= -3 and gaps.max() <= 3 and (gaps > 0).mean() > 0.5
    assert set(rows["sequence"][first]) == {0, 1}


def test_only_the_named_sequences_are_drawn_from():
    records = made_up()
    pairs = Pairs(records, records.names[1:], batch=50)
    first, second = pairs._draw_rows(np.random.default_rng(0))
    assert set(records.rows["sequence"][[*first, *second]]) == {1}


def test_a_batch_holds_what_the_loss_needs():
    records = made_up()
    inputs, wanted = Pairs(records, records.names, batch=3, candidates=8).draw(0, 0)
    assert {name: array.shape for name, array in inputs.items()} == {
        "scores": (3, CHANNELS),
        "maps": (3, 196, CHANNELS),
        "covers": (3, 8, 196),
    }
    assert {k: v.shape for k, v in wanted.items()} == {"map": (3, 196), "candidates": (3, 8)}
    inputs, wanted = Pairs(records, records.names, batch=3, candidates=0).draw(0, 0)
    assert (set(inputs), set(wanted)) == ({"scores"}, {"next_scores"})


def test_the_first_candidate_is_the_truth_and_overlaps_are_true():
    truth = np.array([[4.0, 5, 5, 4], [3, 3, 2, 6]])
    boxes, overlaps = candidates_around(truth, 20, np.random.default_rng(0))
    assert np.abs(overlaps[:, 1:]).max() < 1
    for one in range(2):
        np.testing.assert_allclose(
            boxes[one, 0, 2:] / truth[one, 2:], boxes[one, 0, 2] / truth[one, 2]
        )
        np.testing.assert_allclose(overlaps[one], iou(boxes[one], truth[one]), atol=1e-6)
        aspects = boxes[one, :, 2] / boxes[one, :, 3]
        np.testing.assert_allclose(aspects, truth[one, 2] / truth[one, 3])


def test_covers_is_coverage_of_many():
    rng = np.random.default_rng(0)
    boxes = rng.uniform(-3, 16, (4, 5, 4))
    boxes[..., 2:] = rng.uniform(0.1, 9, (4, 5, 2))
    found = covers(boxes, (14, 10))
    for i, j in np.ndindex(4, 5):
        expected = coverage(boxes[i, j], (14, 10)).reshape(-1)
        np.testing.assert_allclose(found[i, j], expected, atol=1e-6)


def test_an_empty_set_and_missing_maps_are_refused():
    with pytest.raises(InvalidInput, match="the training set is empty"):
        Pairs(made_up((1, 1)), ["Toad-0a", "Toad-1a"])
    with pytest.raises(InvalidInput, match="needs feature maps"):
        Pairs(made_up(maps=False), ["Toad-0a"])
