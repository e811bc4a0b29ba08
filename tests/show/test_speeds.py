import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from mfst_lib.errors import InvalidInput
from mfst_lib.show.speeds import plot_speeds


def content(rows):
    return {"frames": 29, "sequence": "lab:cat-walk", "rows": rows}


def test_names_that_would_lie_on_one_another_are_parted():
    rows = {f"tracker {n}": {"fps": 100 + n, "auc": 0.75 + n / 1000} for n in range(6)}
    figure = plot_speeds(content(rows))
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [text.get_window_extent(renderer) for text in figure.axes[0].texts]
    assert len(boxes) == 6
    assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])


def test_threads_of_one_preset_are_one_line_with_one_name():
    ours = {"backbone": "mobilenet_v3_large", "auc": 0.76}
    rows = {"v3l-s (1)": {**ours, "fps": 390}, "v3l-s (2)": {**ours, "fps": 660}}
    axes = plot_speeds(content(rows)).axes[0]
    (line,), (name,) = axes.lines, axes.texts
    assert list(line.get_xdata()) == [390, 660] and name.get_text() == "v3l-s"
    assert "from one thread" in axes.get_title()


def test_a_file_without_accuracies_is_refused():
    with pytest.raises(InvalidInput, match="older mfst bench"):
        plot_speeds(content({"v3l-s": {"fps": 390}}))
