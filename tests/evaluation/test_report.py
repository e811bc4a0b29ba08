import csv
import io
import json

import numpy as np
import pytest

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation import metrics
from mfst_lib.evaluation.report import (
    Tracker,
    as_csv,
    as_json,
    as_latex,
    as_markdown,
    common_tasks,
    compare,
    read_trackers,
    table,
)

TRUTH = {name: np.tile([10.0, 10, 20, 20], (5, 1)) for name in ("Bolt", "David", "Deer")}
ATTRIBUTES = {"Bolt": ("OCC",), "David": ("OCC", "IV")}


def shifted(pixels, tasks=TRUTH):
    return {task: TRUTH[task] + [pixels, 0, 0, 0] for task in tasks}


@pytest.fixture
def trackers():
    return [
        Tracker("far", [shifted(30)]),
        Tracker("near", [shifted(2), shifted(6)], fps=250.0),
        Tracker("few", [shifted(4, ["Bolt", "David"])]),
    ]


@pytest.fixture
def rows(trackers):
    return compare(trackers, TRUTH, common_tasks(trackers, TRUTH), ATTRIBUTES)


def npz(path, boxes):
    np.savez(path, **{task: rows + [1, 1, 0, 0] for task, rows in boxes.items()})


def test_only_tasks_that_all_have_run_are_compared(trackers):
    assert common_tasks(trackers, TRUTH) == ["Bolt", "David"]
    with pytest.raises(InvalidInput, match="no task in common"):
        common_tasks([*trackers, Tracker("other", [{"Coke": TRUTH["Bolt"]}])], TRUTH)


def test_rows_are_ranked_and_averaged_over_runs(rows):
    assert [row.name for row in rows] == ["near", "few", "far"]
    aucs = [metrics.score(shifted(p)["Bolt"], TRUTH["Bolt"]).auc for p in (2, 6)]
    assert rows[0].auc == pytest.approx(np.mean(aucs))
    assert rows[0].auc_std == pytest.approx(np.std(aucs))
    assert rows[1].auc_std == 0


def test_an_attribute_takes_its_tasks(rows):
    assert set(rows[0].by_attribute) == {"OCC", "IV"}
    assert rows[2].by_attribute["IV"].precision20 == pytest.approx(0.2), "the first frame is given"


def test_the_same_cells_in_every_format(rows):
    cells = table(rows)
    assert cells[0] == ["tracker", "precision", "success", "FPS", "IV", "OCC"]
    assert cells[1][0] == "near" and "±" in cells[1][2] and cells[1][3] == "250"
    assert list(csv.reader(io.StringIO(as_csv(cells)))) == cells
    markdown = as_markdown(cells).splitlines()
    assert len(markdown) == 5 and all(line.count("|") == 7 for line in markdown)
    latex = as_latex([*cells, ["a_b", "1%", "2 ± 3", "", "", ""]])
    assert r"a\_b & 1\% & 2 $\pm$ 3" in latex and latex.count(r"\\") == 5
    assert json.loads(json.dumps(as_json(rows, ["Bolt"])))["trackers"][0]["name"] == "near"


def test_a_folder_of_archives_is_as_many_trackers(tmp_path):
    npz(tmp_path / "A.npz", shifted(1))
    npz(tmp_path / "B.npz", shifted(2))
    trackers = read_trackers([tmp_path])
    assert [tracker.name for tracker in trackers] == ["A", "B"]
    np.testing.assert_allclose(trackers[0].runs[0]["Bolt"], shifted(1)["Bolt"])


def test_a_folder_of_ours_is_one_tracker_with_its_seeds(tmp_path):
    folder = tmp_path / "default-x"
    folder.mkdir()
    content = {"speed": {"fps": 99.0}, "seeds": [0, 1], "preset": "default", "backbone": "x"}
    (folder / "summary.json").write_text(json.dumps(content))
    for seed in (0, 1, 7):  # 7 is left over from another evaluation
        npz(folder / f"boxes-seed{seed}.npz", shifted(seed))
    for path in (folder, tmp_path):
        (ours,) = read_trackers([path])
        assert (ours.name, len(ours.runs), ours.fps) == ("default-x", 2, 99.0)
    (folder / "summary.json").write_text('{"speed"')
    with pytest.raises(InvalidInput, match=r"summary\.json is damaged"):
        read_trackers([folder])


def test_two_trackers_of_one_name_are_refused(tmp_path):
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        npz(tmp_path / place / "KCF.npz", shifted(1))
    with pytest.raises(InvalidInput, match="two trackers are called KCF"):
        read_trackers([tmp_path / "a", tmp_path / "b"])


def test_nothing_there(tmp_path):
    with pytest.raises(NotFound, match="no file or folder"):
        read_trackers([tmp_path / "nowhere"])
