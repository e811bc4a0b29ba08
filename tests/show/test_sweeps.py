import pytest

from mfst_lib.show.sweeps import plot_sweep

ROWS = [
    {"label": label, "precision20": p, "precision20_std": 0.01, "auc": p / 2, "auc_std": 0.02}
    for label, p in (("0.1", 0.5), ("0.2", 0.7), ("0.3", 0.6))
]
CONTENT = {"settings": ROWS, "question": "How high?", "axis": "b", "reference": "0.2"}


def drawn(content):
    (axes,) = plot_sweep(content).axes
    return axes, {bars.get_label(): bars for bars in axes.containers}


def test_both_scores_are_drawn_in_percent_with_their_spread():
    axes, bars = drawn(CONTENT)
    line, _caps, (spread,) = bars["precision"]
    assert line.get_ydata().tolist() == pytest.approx([50, 70, 60])
    low, high = spread.get_segments()[0][:, 1]
    assert (low, high) == pytest.approx((49, 51))
    assert bars["success"][0].get_ydata().tolist() == pytest.approx([25, 35, 30])
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0.1", "0.2", "0.3"]


def test_the_setting_that_all_are_compared_with_is_marked():
    axes, _ = drawn(CONTENT)
    (band,) = [patch for patch in axes.patches if patch.get_label().startswith("compared")]
    assert band.get_x() < 1 < band.get_x() + band.get_width()


def test_numbers_are_joined_and_names_are_not():
    assert drawn(CONTENT)[1]["success"][0].get_linestyle() != "None"
    assert drawn({**CONTENT, "axis": ""})[1]["success"][0].get_linestyle() == "None"
