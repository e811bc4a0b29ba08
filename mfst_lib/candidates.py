"""Where could the target be, and which candidate is it? (Eqs. 7–12)"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mfst_lib.boxes import Floats, centre_distance, to_centre
from mfst_lib.prediction import enlarge

Boxes = NDArray[np.float64]
Array = NDArray[np.float32]

#: The smallest factor by which one draw may change a size: keeps widths positive.
MIN_FACTOR = 0.1


def sample_candidates(
    box: Floats,
    rng: np.random.Generator,
    count: int = 600,
    sigma_xy: float = 1 / 3,
    sigma_wh: float = 0.01,
    mean_size: float = 1.0,
) -> Boxes:
    """Boxes scattered around the previous one (Eqs. 7–9; Eq. 12 with mean_size 0.996).

    box: (4,) x, y, w, h. Centres are normal with standard deviation sigma_xy · max(w, h);
    width and height share one factor, normal around mean_size with sigma_wh, so that the
    aspect ratio is kept. Returns (count, 4) in the same coordinates.
    """
    centre = to_centre(box)
    draws = rng.standard_normal((3, count))
    shift = sigma_xy * max(centre[2], centre[3]) * draws[:2]
    factor = np.maximum(mean_size + sigma_wh * draws[2], MIN_FACTOR)
    candidates = np.empty((count, 4))
    candidates[:, 2] = centre[2] * factor
    candidates[:, 3] = centre[3] * factor
    candidates[:, 0] = centre[0] + shift[0] - candidates[:, 2] / 2
    candidates[:, 1] = centre[1] + shift[1] - candidates[:, 3] / 2
    return candidates


def homeward_mean(mean_size: float, box: Floats, first: Floats, pull: float) -> float:
    """m (s₀ / s)^ε: a mean of the size factor that draws s back to the first box's s₀, s² = w h.

    mean_size: m, Eq. 12's mean. box, first: (4,) x, y, w, h. pull: ε, the share of the way (of
    log s₀ / s) that the mean candidate goes; 0 leaves m as it is. A size that grows by mistake
    is held near home; so is, to its harm, one that grows in truth.

    >>> round(homeward_mean(1.0, np.array([0, 0, 20, 20]), np.array([0, 0, 10, 10]), 0.5), 3)
    0.707
    """
    shrunk = float(first[2] * first[3]) / float(box[2] * box[3])
    return mean_size * shrunk ** (pull / 2)


def to_edges(boxes: Floats, grid: tuple[int, int]) -> NDArray[np.intp]:
    """The whole pixels nearest to each box, cut at the map: (N, 4) left, top, right, bottom.

    boxes: (N, 4) x, y, w, h in map pixels. Right and bottom are exclusive.
    """
    rows, columns = grid
    edges = np.empty((len(boxes), 4))
    edges[:, :2] = boxes[:, :2]
    edges[:, 2:] = boxes[:, :2] + boxes[:, 2:]
    limits = np.array([columns, rows, columns, rows])
    return np.minimum(np.maximum(np.rint(edges), 0), limits).astype(np.intp)


def candidate_scores_loop(prediction_map: Array, boxes: Floats, b: float = 0.2) -> Boxes:
    """score_i = Σ_{(x,y)∈R_i} (M̂(x,y) − b), as Eq. 10 is written: the slow, plain form.

    prediction_map: (H, W) in [0, 1]. boxes: (N, 4) in map pixels. Returns (N,) float64.
    """
    scores = np.zeros(len(boxes))
    for i, (left, top, right, bottom) in enumerate(to_edges(boxes, prediction_map.shape)):
        for y in range(top, bottom):
            for x in range(left, right):
                scores[i] += prediction_map[y, x] - b
    return scores


def integral_image(values: Array) -> Boxes:
    """I[i, j] = the sum of all values above row i and left of column j; (H + 1, W + 1)."""
    return cv2.integral(values, sdepth=cv2.CV_64F)  # type: ignore[return-value]


def candidate_scores(prediction_map: Array, boxes: Floats, b: float = 0.2) -> Boxes:
    """Eq. 10 by an integral image: four look-ups a box instead of a double loop.

    Takes and returns what `candidate_scores_loop` does; the two are equal.
    """
    sums = integral_image(prediction_map)
    left, top, right, bottom = to_edges(boxes, prediction_map.shape).T
    inside = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    # Taking b from every pixel is taking it once for each pixel of the area.
    return inside - b * ((right - left) * (bottom - top))


def grid_scores(grid_map: Array, boxes: Floats, size: int, b: float = 0.2) -> Boxes:
    """Eq. 10 on the map enlarged to (size, size), without enlarging it: the tracker's form.

    grid_map: (H, W) in [0, 1], as small as the feature maps. boxes: (N, 4) in pixels of the
    enlarged map. Enlarging is linear, M̂ = U G Uᵀ with G the small map. So the sum over a box is
    u G v, where u and v are sums of U's rows over the box's height and over its width.
    Equal to `candidate_scores(enlarge(grid_map, size), boxes, b)`.
    """
    left, top, right, bottom = to_edges(boxes, (size, size)).T
    down, across = (cumulated_enlarging(cells, size) for cells in grid_map.shape)
    u = down.take(bottom, axis=0) - down.take(top, axis=0)
    v = across.take(right, axis=0) - across.take(left, axis=0)
    inside = ((u @ grid_map) * v).sum(axis=1)
    return inside - b * ((right - left) * (bottom - top))


@lru_cache(maxsize=16)
def cumulated_enlarging(cells: int, size: int) -> Boxes:
    """Row i: how much of each cell lies in the first i pixels of `size`; (size + 1, cells)."""
    # Enlarging one cell at a time gives the columns of U, whatever rule `enlarge` follows.
    columns = [enlarge(np.eye(1, cells, k, dtype=np.float32).T, size)[:, 0] for k in range(cells)]
    below = np.zeros((size + 1, cells))
    np.cumsum(np.stack(columns, axis=1), axis=0, out=below[1:])
    return below


def confidences(
    scores: Floats,
    boxes: Floats,
    previous: Floats,
    half_side: float,
    distance: bool = True,
    brake: float = 1.0,
) -> Boxes:
    """conf_i = (1 − (d_i / D)^p)(score_i − min_j score_j) (Eq. 11, where p = 1); (N,) float64.

    boxes and previous: x, y, w, h in the same unit as half_side, the paper's D. d_i is the
    distance between centres. With distance=False the first factor is left out. brake: p. With
    p > 1 the factor is flat at d = 0, so that a small move costs next to nothing.
    """
    above_worst = scores - scores.min()
    if not distance:
        return above_worst
    return (1 - (centre_distance(boxes, previous) / half_side) ** brake) * above_worst


def best_candidate(confidence: Floats) -> int:
    """The number of the candidate with the highest confidence; of equals, the first."""
    return int(np.argmax(confidence))
