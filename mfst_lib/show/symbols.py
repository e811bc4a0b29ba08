"""The paper's symbols and their names in the code, as one table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mfst_lib.show.tables import markdown_table


@dataclass(frozen=True)
class Symbol:
    """A symbol of the paper, and what stands for it in the library.

    tex: the symbol in LaTeX. name: a parameter, field, attribute or function. where: the function
    or class that has it, as `module.name` inside `mfst_lib`. shape and unit: of its value.
    """

    tex: str
    name: str
    where: str
    shape: str
    unit: str
    meaning: str


# fmt: off
#: In the order in which one step of the tracker meets them.
SYMBOLS = (
    Symbol(r"x", "box", "roi.roi_around", "(4,)", "pixels", "the target's box: x, y, w, h"),
    Symbol(r"\hat{x}", "previous", "candidates.confidences", "(4,)", "pixels", "its last box"),
    Symbol(r"D", "half_side", "roi.ROI", "number", "pixels", "half of one side of the ROI"),
    Symbol(r"F", "feature_maps", "selection.score_maps", "(H, W, C)", "", "what the network sees"),
    Symbol(r"M", "target_map", "selection.score_maps", "(H, W)", "−1 to 1", "what we wish to see"),
    Symbol(r"M_p", "positive", "target_maps.negative",
           "(H, W)", "−1 to 1", "M, where it has an opponent"),
    Symbol(r"M_n", "negative", "target_maps.negative", "(H, W)", "−1 to 1", "the opponent: −M"),
    Symbol(r"s", "scores", "selection.average_scores", "(C,)", "", "a score for each map"),
    Symbol(r"\bar{s}", "average", "selection.average_scores", "(C,)", "", "the scores remembered"),
    Symbol(r"\eta", "eta", "selection.average_scores",
           "number", "0 to 1", "how long they are remembered"),
    Symbol(r"C_{sel}", "select_top", "selection.select_top",
           "(n,)", "map numbers", "the chosen maps"),
    Symbol(r"w", "weights", "prediction.weighted_sum", "(C,)", "", "a weight for each map: 1 or 0"),
    Symbol(r"w_p", "predict", "weight_net.WeightNets",
           "(C,)", "0 to 6", "weights from a trained net"),
    Symbol(r"\hat{M}", "prediction_map", "tracker.View",
           "(R, R)", "0 to 1", "where the target is seen"),
    Symbol(r"\hat{M_p}", "positive", "prediction.subtract_negative",
           "(H, W)", "0 to 1", "from the maps chosen by M_p"),
    Symbol(r"\hat{M_n}", "negative", "prediction.subtract_negative",
           "(H, W)", "0 to 1", "from the maps chosen by M_n"),
    Symbol(r"\alpha", "alpha", "prediction.subtract_negative",
           "number", "0 to 4", "how much of it is taken away"),
    Symbol(r"N_R", "count", "candidates.sample_candidates",
           "number", "boxes", "how many candidates"),
    Symbol(r"\sigma_{xy}", "sigma_xy", "candidates.sample_candidates",
           "number", "longer sides", "spread of their centres"),
    Symbol(r"\sigma_{wh}", "sigma_wh", "candidates.sample_candidates",
           "number", "", "spread of their size factor"),
    Symbol(r"R_i", "boxes", "candidates.candidate_scores",
           "(N, 4)", "map pixels", "the candidates, on the map"),
    Symbol(r"b", "b", "candidates.candidate_scores",
           "number", "0 to 1", "what a pixel must exceed to count"),
    Symbol(r"\mathrm{score}_i", "scores", "candidates.confidences",
           "(N,)", "", "a candidate's light above b"),
    Symbol(r"d_i", "centre_distance", "boxes.centre_distance",
           "(N,)", "pixels", "how far its centre moved"),
    Symbol(r"\mathrm{conf}_i", "confidences", "tracker.View",
           "(N,)", "", "its score, less when it is far"),
)
# fmt: on


def symbol_rows(symbols: Iterable[Symbol] = SYMBOLS) -> list[list[str]]:
    """A row of Markdown for each symbol: symbol, name and where it is, shape, meaning and unit."""
    return [
        [
            f"${s.tex}$",
            f"`{s.name}` of `{s.where}`" if s.name not in s.where.split(".") else f"`{s.where}`",
            s.shape,
            s.meaning + (f" ({s.unit})" if s.unit else ""),
        ]
        for s in symbols
    ]


def symbol_table(symbols: Iterable[Symbol] = SYMBOLS) -> str:
    """The table in Markdown.

    >>> print(symbol_table(SYMBOLS[:1]).splitlines()[-1])
    | $x$ | `box` of `roi.roi_around` | (4,) | the target's box: x, y, w, h (pixels) |
    """
    header = ["symbol", "in the code", "shape", "meaning"]
    return markdown_table(header, symbol_rows(symbols))
