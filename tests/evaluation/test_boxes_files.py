"""Tests of mfst_lib.evaluation.boxes_files."""

import json
import pickle
import shutil

import numpy as np
import pytest

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation.boxes_files import (
    read_boxes_file,
    read_truths,
    score_boxes,
    score_tasks,
    truths,
)
from mfst_lib.sequences.otb import boxes_text, from_one_based, to_one_based, write_boxes
from mfst_lib.sequences.vtb13 import available_tasks

BOXES = np.array([[10.0, 20, 30, 40], [11, 21, 30, 40], [12, 22, 30, 40]])


@pytest.fixture(autouse=True)
def no_data_folder(request, monkeypatch):
    """What these tests find does not depend on where they run."""
    if "mfst_data" not in request.fixturenames:
        monkeypatch.delenv("MFST_DATA", raising=False)


def result(task="David", boxes=BOXES, **more):
    return json.dumps(
        {"format": "mfst-result", "task": task, "boxes": np.array(boxes).tolist(), **more}
    )


def write_npz(path, **arrays):
    np.savez_compressed(path, **{name.replace("__", "-"): a for name, a in arrays.items()})
    return path


def write_truth(path, **boxes):
    entries = {
        name.replace("__", "-"): {"ground_truth_xywh_1based": to_one_based(rows).tolist()}
        for name, rows in boxes.items()
    }
    path.write_text(json.dumps(entries))
    return path


def test_a_result_is_zero_based(tmp_path):
    (tmp_path / "run.json").write_text(result("david"))
    boxes = read_boxes_file(tmp_path / "run.json")
    assert list(boxes) == ["David"]
    assert boxes["David"].dtype == np.float64
    assert (boxes["David"] == BOXES).all()


def test_a_folder_of_results_among_other_json(tmp_path):
    (tmp_path / "1.json").write_text(result("David"))
    (tmp_path / "2.json").write_text(result("lab:cat-walk"))
    (tmp_path / "summary.json").write_text('{"auc": 1}')
    assert list(read_boxes_file(tmp_path)) == ["David", "lab:cat-walk"]


def test_npz_is_one_based(tmp_path):
    arrays = {"jogging_2": to_one_based(BOXES).astype(np.float32), "Own": BOXES.astype(int)}
    boxes = read_boxes_file(write_npz(tmp_path / "a.npz", **arrays))
    assert list(boxes) == ["Jogging-2", "Own"]
    assert (boxes["Jogging-2"] == BOXES).all()
    assert (boxes["Own"] == from_one_based(BOXES)).all()


def test_a_folder_of_text_files(tmp_path):
    for name in ("DAVID", "Jogging.1"):
        write_boxes(tmp_path / f"{name}.txt", BOXES)
    (tmp_path / "DAVID_time.txt").write_text("0.1\n0.2\n0.3\n")
    boxes = read_boxes_file(tmp_path)
    assert list(boxes) == ["David", "Jogging-1"]
    assert (boxes["David"] == BOXES).all()
    assert list(read_boxes_file(tmp_path / "DAVID.txt")) == ["David"]


def test_nothing_replaces_anything(tmp_path):
    (tmp_path / "1.json").write_text(result("Jogging-1"))
    (tmp_path / "2.json").write_text(result("jogging.1"))
    with pytest.raises(InvalidInput, match="Jogging-1 are there twice"):
        read_boxes_file(tmp_path)


class Harm:
    def __reduce__(self):
        return (pytest.fail, ("the pickle was run",))


def damaged_npz(kind, path):
    good = write_npz(path, David=BOXES).read_bytes()
    if kind == "pickled array":
        np.savez(path, David=np.array([Harm()], dtype=object))
    data = {
        "truncated": good[: len(good) // 2],
        "overwritten": good[:60] + b"\0" * 40 + good[100:],
        "empty": b"",
        "text": b"hello",
        "pickle": pickle.dumps(Harm()),
    }.get(kind, path.read_bytes())
    path.write_bytes(data)


@pytest.mark.parametrize(
    "kind", ["truncated", "overwritten", "empty", "text", "pickle", "pickled array"]
)
def test_a_damaged_npz_is_named(tmp_path, kind):
    path = tmp_path / "bad.npz"
    damaged_npz(kind, path)
    with pytest.raises(InvalidInput, match=r"bad\.npz is damaged: not readable as \.npz"):
        read_boxes_file(path)


def test_a_single_array_is_no_npz(tmp_path):
    with (tmp_path / "bad.npz").open("wb") as file:
        np.save(file, BOXES)
    with pytest.raises(InvalidInput, match=r"bad\.npz is damaged: not readable as \.npz"):
        read_boxes_file(tmp_path / "bad.npz")


@pytest.mark.parametrize(
    "array", [BOXES[0], BOXES[:, :3], BOXES[:0], BOXES.astype(str), BOXES > 0, BOXES * 1j]
)
def test_arrays_of_another_shape_or_type_are_named(tmp_path, array):
    with pytest.raises(InvalidInput, match=r"a\.npz, David: expected rows of four numbers"):
        read_boxes_file(write_npz(tmp_path / "a.npz", David=array))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not readable as JSON"),
        ("[" * 100_000, "not readable as JSON"),
        ("[1, 2]", 'expected "format": "mfst-result"'),
        ('{"format": "other"}', 'expected "format": "mfst-result"'),
        ('{"format": "mfst-result", "boxes": [[1, 2, 3, 4]]}', '"task"'),
        ('{"format": "mfst-result", "task": "David"}', "boxes: expected rows"),
        ('{"format": "mfst-result", "task": "David", "boxes": [[1, 2], [3]]}', "expected rows"),
        ('{"format": "mfst-result", "task": "David", "boxes": {"a": 1}}', "expected rows"),
    ],
)
def test_a_bad_result_is_named(tmp_path, text, words):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(InvalidInput, match=rf"run\.json.*{words}"):
        read_boxes_file(tmp_path / "run.json")


def test_other_things_are_named(tmp_path):
    with pytest.raises(NotFound, match=r"gone\.npz"):
        read_boxes_file(tmp_path / "gone.npz")
    with pytest.raises(InvalidInput, match="neither results"):
        read_boxes_file(tmp_path)
    (tmp_path / "a.mat").touch()
    with pytest.raises(InvalidInput, match=r"a\.mat: expected a file of boxes \(\.json, \.npz"):
        read_boxes_file(tmp_path / "a.mat")
    np.savez(tmp_path / "none.npz")
    with pytest.raises(InvalidInput, match=r"none\.npz holds no boxes"):
        read_boxes_file(tmp_path / "none.npz")


def test_truths_in_the_order_of_the_places(tmp_path, monkeypatch):
    """Every place has its own boxes; taking the first away lets the next one answer."""
    (tmp_path / "root" / "vtb13_meta").mkdir(parents=True)
    for name in ("environment", "beside"):
        (tmp_path / name).mkdir()
    places = [
        write_truth(tmp_path / "root" / "vtb13.json", David=BOXES),
        write_truth(tmp_path / "root" / "vtb13_meta" / "vtb13.json", David=BOXES + 1),
        write_truth(tmp_path / "environment" / "vtb13.json", David=BOXES + 2),
        write_truth(tmp_path / "beside" / "vtb13.json", David=BOXES + 3),
        write_truth(tmp_path / "vtb13.json", David=BOXES + 4),
    ]
    monkeypatch.setenv("MFST_DATA", str(tmp_path / "environment"))
    for offset, place in enumerate(places):
        found = truths(["David"], tmp_path / "root", tmp_path / "beside" / "a.npz")
        assert (found["David"] == BOXES + offset).all()
        place.unlink()
    with pytest.raises(NotFound, match="--data FOLDER.*MFST_DATA.*beside"):
        truths(["David"], tmp_path / "root", tmp_path / "beside" / "a.npz")


def test_truths_from_sequence_folders_fill_in(tmp_path, make_otb):
    make_otb(tmp_path / "train" / "My-Cat", 3, groundtruth_rect=boxes_text(BOXES))
    write_truth(tmp_path / "vtb13.json", David=BOXES)
    found = truths(["my_cat", "David"], tmp_path)
    assert sorted(found) == ["David", "my_cat"]
    assert (found["my_cat"] == BOXES).all()


def test_truths_of_the_lab(monkeypatch):
    pytest.importorskip("skimage", reason="the lab needs scikit-image")
    found = truths(["lab:cat-walk"])
    assert found["lab:cat-walk"].shape[1] == 4


def test_a_truth_file_of_another_kind_is_named(tmp_path):
    for text in ("[]", '{"David": [1]}', '{"David": {"boxes": []}}'):
        (tmp_path / "vtb13.json").write_text(text)
        with pytest.raises(InvalidInput, match=r"vtb13\.json: expected"):
            read_truths(tmp_path / "vtb13.json")


def test_scores(tmp_path):
    path = write_npz(tmp_path / "Mine.npz", David=to_one_based(BOXES), CarDark=np.ones((3, 4)))
    write_truth(tmp_path / "vtb13.json", David=BOXES)
    report = score_boxes(path)
    assert (report["tracker"], report["tasks"]) == ("Mine", 1)
    assert report["auc"] == pytest.approx(20 / 21) and report["precision20"] == 1
    assert list(report["per_task"]) == ["David"]
    assert set(report["by_attribute"]) == {"IV", "OPR", "SV", "OCC", "DEF", "MB", "IPR"}
    assert len(report["missing"]) == 49 and report["without_truth"] == ["CarDark"]
    assert json.loads(json.dumps(report)) == report


def test_a_folder_is_scored_under_its_name(tmp_path):
    (tmp_path / "Tracker v1.2").mkdir()
    write_boxes(tmp_path / "Tracker v1.2" / "david.txt", BOXES)
    write_truth(tmp_path / "vtb13.json", David=BOXES)
    assert score_boxes(tmp_path / "Tracker v1.2")["tracker"] == "Tracker v1.2"


def test_a_wrong_number_of_rows_is_named(tmp_path):
    path = write_npz(tmp_path / "a.npz", David=BOXES[:2])
    write_truth(tmp_path / "vtb13.json", David=BOXES)
    with pytest.raises(InvalidInput, match=r"a\.npz: David: 2 boxes, but .* has 3 rows"):
        score_boxes(path)
    with pytest.raises(InvalidInput, match="David: 3 boxes, but .* 2 rows"):
        score_tasks({"David": BOXES}, {"David": BOXES[:2]})


def test_an_unknown_task_is_named(tmp_path):
    path = write_npz(tmp_path / "a.npz", David=BOXES, Davit=BOXES)
    write_truth(tmp_path / "vtb13.json", David=BOXES)
    with pytest.raises(InvalidInput, match="unknown task 'Davit': did you mean David.*--data"):
        score_boxes(path)


@pytest.mark.parametrize(
    "tracker",
    ["BACF", "CSR-DCF", "DSST", "KCF", "MEEM", "MUSTer", "SAMF", "SRDCF", "Staple", "Struck"],
)
def test_published_trackers_get_their_published_scores(mfst_data, tracker):
    meta = mfst_data / "vtb13_meta"
    expected = json.loads((meta / "published_scores_recomputed.json").read_text())[tracker]
    report = score_boxes(meta / "published_boxes" / f"{tracker}.npz")
    assert report["tasks"] == expected["tasks"] == 51
    assert report["auc"] == pytest.approx(expected["auc"], abs=1e-4)
    assert report["precision20"] == pytest.approx(expected["precision20"], abs=1e-4)
    assert report["missing"] == report["without_truth"] == []


def test_struck_scores_from_the_folders_at_hand(mfst_data, tmp_path, monkeypatch):
    """Without the table the ground truths of the sequence folders give the same scores."""
    source = mfst_data / "vtb13_meta" / "published_boxes" / "Struck.npz"
    full = score_boxes(source)
    monkeypatch.delenv("MFST_DATA")
    part = score_boxes(shutil.copy(source, tmp_path), mfst_data / "vtb13")
    assert part["tasks"] + len(part["without_truth"]) == full["tasks"] == 51
    assert set(part["per_task"]) == set(available_tasks(mfst_data / "vtb13"))
    for task in ("David", "Jogging-2", "Football1"):
        assert part["per_task"][task] == full["per_task"][task]
