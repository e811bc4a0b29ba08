"""How well weights choose a box on frames kept aside: single steps of the tracker, no tracking."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfst_lib.boxes import Floats
from mfst_lib.candidates import grid_scores
from mfst_lib.errors import InvalidInput
from mfst_lib.prediction import normalise, subtract_negative, weighted_sum
from mfst_lib.selection import selection_weights
from mfst_lib.training.pairs import candidates_around
from mfst_lib.training.records import Records
from mfst_lib.weight_net import SIGNS, WeightNets

Array = NDArray[np.float32]

#: From the maps (H, W, C) of frame k + n and the scores (C,) of frame k to a map (H, W) in [0, 1].
Rule = Callable[[Array, Array], Array]

#: Candidates of a step, and the map's side on which they are compared, in pixels.
CANDIDATES, SIDE = 100, 224


@dataclass(frozen=True, eq=False)
class Step:
    """Scores (C,) of one frame of a sequence, maps (H, W, C) and box (cells) of a later one."""

    name: str
    scores: Array
    maps: Array
    box: Floats


def top_share(fraction: float = 0.10, normalisation: str = "min-max") -> Rule:
    """The rule that needs no training: the maps with the best scores, each with weight 1."""

    def see(maps: Array, scores: Array) -> Array:
        return normalise(weighted_sum(maps, selection_weights(scores, fraction)), normalisation)

    return see


def with_nets(nets: WeightNets, alpha: float = 0.0, normalisation: str = "min-max") -> Rule:
    """The rule of trained nets, with Eq. 13 where alpha is above 0."""

    def see(maps: Array, scores: Array) -> Array:
        positive = normalise(weighted_sum(maps, nets.predict(scores)), normalisation)
        if alpha == 0:
            return positive
        weights = nets.predict(-scores, SIGNS[1])  # M_n = −M_p, so s_n = −s_p
        background = normalise(weighted_sum(maps, weights), normalisation)
        return subtract_negative(positive, background, alpha)

    return see


def steps(records: Records, names: Sequence[str], gap: int = 1) -> Iterator[Step]:
    """Every pair of recorded frames `gap` apart: the first looked at well, the second less so.

    The views are those of `records.VIEWS`. Raises `InvalidInput` for records without maps.
    """
    if "maps" not in (records.rows.dtype.names or ()):
        raise InvalidInput("steps need feature maps: gather the records with maps")
    for name, numbers in zip(names, records.numbers(names), strict=True):
        for first, second in zip(numbers[::2], numbers[1 + 2 * gap :: 2], strict=False):
            row = records.rows[second]
            maps = row["maps"].astype(np.float32).reshape(*records.grid, -1)
            yield Step(name, records.rows["scores"][first], maps, row["box"])


def judge(
    records: Records, names: Sequence[str], rule: Rule, gap: int = 1, b: float = 0.2
) -> dict[str, float]:
    """The mean overlap, by sequence, of the boxes that Eq. 10 chooses on a rule's maps.

    Candidates are the same for every rule, the true box among them, which has an overlap of 1.
    """
    overlaps: dict[str, list[float]] = {name: [] for name in names}
    for number, step in enumerate(steps(records, names, gap)):
        overlaps[step.name].append(_overlap(step, rule, b, np.random.default_rng(number)))
    return {name: float(np.mean(found)) for name, found in overlaps.items() if found}


def _overlap(step: Step, rule: Rule, b: float, rng: np.random.Generator) -> float:
    """The overlap with the truth of the box that is chosen in one step."""
    boxes, overlaps = candidates_around(step.box[np.newaxis], CANDIDATES, rng)
    grid_map = rule(step.maps, step.scores)
    scale = SIDE / grid_map.shape[0]
    chosen = np.argmax(grid_scores(grid_map, scale * boxes[0], SIDE, b))
    return float(overlaps[0, chosen])
