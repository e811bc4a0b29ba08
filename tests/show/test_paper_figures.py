import json

import numpy as np
import pytest
from fake_engine import FakeEngine

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.show import paper_figures
from mfst_lib.show.paper_figures import FIGURES, find_figures

SINGLE = [name for name in FIGURES if name < "fig12"]


@pytest.fixture
def data(tmp_path, make_otb, monkeypatch):
    """The second choice of the examples, whose frames are plain, and a network that is none."""
    make_otb(tmp_path / "Football1", 74, groundtruth_rect="5,5,4,4\n" * 74)
    monkeypatch.setattr(paper_figures, "load_engine", lambda *_: FakeEngine())
    monkeypatch.setattr("warnings.warn", lambda *_, **__: None)
    return str(tmp_path)


@pytest.mark.parametrize("name", SINGLE)
def test_every_figure_of_a_single_frame_is_drawn(data, tmp_path, name):
    figure = FIGURES[name](data, None, tmp_path)
    assert sum(bool(axes.images) for axes in figure.axes) >= 3


def test_the_negative_map_is_subtracted_as_eq_13_says(data, tmp_path):
    figure = FIGURES["fig09-10-negative"](data, None, tmp_path)
    positive, background, both = (
        np.asarray(axes.images[0].get_array()) for axes in figure.axes[1:]
    )
    np.testing.assert_allclose(both, np.maximum(positive - 0.5 * background, 0), atol=1e-6)


def test_without_an_example_the_tasks_are_named(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFound, match="Basketball, Football1, Couple"):
        paper_figures.look(str(tmp_path / "empty"), None)


def summary(folder, tasks, auc=0.5):
    folder.mkdir(parents=True)
    content = {
        "format": "mfst-summary",
        "preset": "p",
        "backbone": "b",
        "weights": "w",
        "tasks": len(tasks),
        "seeds": [],
        "precision20": 0.5,
        "auc": auc,
        "config": {},
        "versions": {},
        "per_task": {task: {"precision20": 0.5, "auc": auc} for task in tasks},
        "by_attribute": {},
        "speed": {"fps": 1.0, "p50_ms": 1.0, "p95_ms": 1.0},
        "curves": {"precision": [0.5] * 51, "success": [auc] * 21},
    }
    (folder / "summary.json").write_text(json.dumps(content))


def test_stored_runs_become_curves_unless_their_tasks_differ(tmp_path):
    with pytest.raises(NotFound, match="mfst reproduce table1"):
        FIGURES["fig12-13-curves"](None, None, tmp_path)
    summary(tmp_path / "vtb13" / "a", ["Deer", "Bolt"], 0.4)
    summary(tmp_path / "vtb13" / "b", ["Bolt", "Deer"], 0.6)
    figure = FIGURES["fig12-13-curves"](None, None, tmp_path)
    labels = [text.get_text() for text in figure.axes[1].get_legend().get_texts()]
    assert labels == ["b [60.0]", "a [40.0]"]
    summary(tmp_path / "vtb13" / "c", ["Deer"])
    with pytest.raises(InvalidInput, match="different tasks"):
        FIGURES["fig12-13-curves"](None, None, tmp_path)


def test_a_failure_needs_its_stored_run(tmp_path):
    with pytest.raises(NotFound, match="mfst reproduce table1 --rows v3l-s"):
        FIGURES["fig15-bolt"](None, None, tmp_path)


def test_figures_are_found_by_name():
    assert find_figures([]) == list(FIGURES)
    with pytest.raises(InvalidInput, match="did you mean fig15-bolt"):
        find_figures(["fig15-bolts"])
