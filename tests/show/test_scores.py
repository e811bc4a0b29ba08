import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.show.scores import plot_scores
from mfst_lib.show.tables import markdown_table, paper_rows, score_rows

ROWS = {"easy": {"precision20": 1.0, "auc": 0.75}, "hard": {"precision20": 0.5, "auc": 0.25}}


def test_bars_are_the_scores_in_percent_in_the_given_order():
    axes = plot_scores(ROWS, "title").axes[0]
    precision, success = axes.containers
    assert [bar.get_width() for bar in precision] == [100, 50]
    assert [bar.get_width() for bar in success] == [75, 25]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["easy", "hard"]
    assert axes.yaxis_inverted()


def test_nothing_to_plot_is_said():
    with pytest.raises(InvalidInput, match="no scores"):
        plot_scores({})


def test_a_table_in_markdown():
    lines = markdown_table(["name", "p", "s"], score_rows(ROWS)).splitlines()
    assert lines == [
        "| name | p | s |",
        "| :--- | ---: | ---: |",
        "| easy | 100.0 | 75.0 |",
        "| hard | 50.0 | 25.0 |",
    ]


def test_a_table_without_rows_has_its_header():
    assert markdown_table(["a", "b"], []) == "| a | b |\n| :--- | :--- |"


def test_a_spread_over_seeds_is_shown():
    row = {"precision20": 0.5, "auc": 0.25, "precision20_std": 0.01, "auc_std": 0.0}
    assert score_rows({"one": row}) == [["one", "50.0 ± 1.0", "25.0"]]


def test_a_row_of_the_paper_stands_beside_ours_and_what_was_not_run_is_a_dash():
    paper = {"precision": 60.0, "success": 40.0, "fps_cpu": 8, "fps_gpu": 63}
    ours = {"precision": 61.25, "precision_std": 0.5, "success": 41.0, "success_std": 0.1}
    entries = [
        {"name": "A", "paper": paper, "ours": {**ours, "fps": 9.6, "fps_gpu": None}},
        {"name": "B", "paper": paper, "ours": None},
    ]
    assert paper_rows(entries) == [
        ["A", "61.2 ± 0.5", "60.0", "41.0 ± 0.1", "40.0", "10", "8", "-", "63"],
        ["B", "-", "60.0", "-", "40.0", "-", "8", "-", "63"],
    ]
