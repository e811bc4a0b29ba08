import pytest

from mfst_lib.config import PRESETS, preset
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation import reproduce as module
from mfst_lib.evaluation.paper import TABLES
from mfst_lib.evaluation.reproduce import beside_paper, find_rows, reproduce
from mfst_lib.evaluation.speed import stored_speed

SUMMARY = {
    "precision20": 0.7,
    "precision20_std": 0.01,
    "auc": 0.5,
    "auc_std": 0.02,
    "speed": {"fps": 100.0},
}


def test_every_row_of_the_paper_has_its_preset():
    for table, rows in TABLES.items():
        for row in rows:
            assert row.preset in PRESETS
            config = preset(row.preset)
            assert config.types == row.name.split("(")[1].rstrip(")")
            assert config.mean_size == (0.996 if table == "table2" else 1.0)
            short = {"VGG": "vgg16", "V3L": "mobilenet_v3_large", "V3S": "mobilenet_v3_small"}
            assert config.backbone == short[row.name.split("(")[0]]


def test_s_beats_sc_beats_c_for_the_large_network_as_printed():
    for table, suffix in (("table1", ""), ("table2", "-eq12")):
        rows = {row.preset: row.success for row in TABLES[table]}
        assert rows[f"v3l-s{suffix}"] > rows[f"v3l-sc{suffix}"] > rows[f"v3l-c{suffix}"]


def test_rows_are_found_by_preset_in_the_order_asked():
    assert [row.name for row in find_rows("table1", ["v3s-c", "vgg-s"])] == ["V3S(C)", "VGG(S)"]
    assert len(find_rows("table1")) == 9


@pytest.mark.parametrize(
    ("table", "presets", "says"),
    [("table9", [], "did you mean table"), ("table2", ["v3l-s"], "did you mean v3l-s-eq12")],
)
def test_unknown_names_are_told_with_the_nearest(table, presets, says):
    with pytest.raises(InvalidInput, match=says):
        find_rows(table, presets)


@pytest.fixture
def at_hand(monkeypatch):
    """Two tasks, and weights for the small network alone."""

    def evaluate(tasks, name, configs, out, **_):
        if not name.startswith("v3s"):
            raise NotFound("no weights")
        return {**SUMMARY, "preset": name, "seeds": [config.seed for config in configs]}

    monkeypatch.setattr(module, "evaluate", evaluate)
    monkeypatch.setattr(module, "expand_tasks", lambda spec, root: ["Deer", "Bolt"])


def test_a_row_without_weights_is_named_and_left_out(at_hand, tmp_path, caplog):
    summaries = reproduce(find_rows("table1"), [0, 1], tmp_path)
    assert list(summaries) == ["v3s-sc", "v3s-s", "v3s-c"]
    assert summaries["v3s-s"]["seeds"] == [0, 1]
    assert caplog.text.count("left out: no weights") == 6
    with pytest.raises(NotFound, match="no row could be run"):
        reproduce(find_rows("table1", ["vgg-s"]), [0], tmp_path)


def test_our_row_stands_beside_the_papers():
    rows = find_rows("table1", ["v3s-s", "vgg-s"])
    ours, missing = beside_paper(rows, {"v3s-s": SUMMARY})
    assert ours["paper"]["precision"] == 52.61
    assert ours["ours"]["precision"] == pytest.approx(70)
    assert ours["ours"]["success_std"] == pytest.approx(2)
    assert missing["ours"] is None


def test_speed_measured_side_by_side_is_preferred(tmp_path):
    rows = find_rows("table1", ["v3s-s"])
    path = tmp_path / "speed.json"
    assert stored_speed(path) == {}
    path.write_text('{"rows": {"v3s-s": {"fps": 400.0}}}')
    (entry,) = beside_paper(rows, {"v3s-s": SUMMARY}, stored_speed(path))
    assert entry["ours"]["fps"] == 400
    (entry,) = beside_paper(rows, {"v3s-s": SUMMARY}, {"other": 1.0})
    assert entry["ours"]["fps"] == 100
    path.write_text('{"rows": 3')
    with pytest.raises(InvalidInput, match="damaged"):
        stored_speed(path)
