"""The forms that the tracker runs: what their twins of the same name give, in less time.

The twins are the plain forms in `roi`, `target_maps`, `above_mean`, `selection`, `prediction`,
`candidates` and `box_fit`: those are what the chapters show. `tests/test_fast.py` proves each pair
equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import floor

import cv2
import numpy as np
from numpy.typing import NDArray

from mfst_lib import box_fit
from mfst_lib import roi as plain_roi
from mfst_lib.boxes import Floats
from mfst_lib.candidates import MIN_FACTOR, cumulated_enlarging
from mfst_lib.errors import InvalidInput, unknown
from mfst_lib.prediction import weighted_sum
from mfst_lib.roi import BORDERS, GREY, ROI
from mfst_lib.selection import score_maps
from mfst_lib.target_maps import TYPES

Array = NDArray[np.float32]
Boxes = NDArray[np.float64]

#: A rectangle of more pixels than this is warped where it is: cutting it out costs more.
LARGEST_CUT = 600 * 600


def crop(
    image: NDArray[np.uint8], roi: ROI, size: int, border: str = "replicate"
) -> NDArray[np.uint8]:
    """`mfst_lib.roi.crop` of the ROI's own rectangle, in four channels.

    OpenCV warps four bytes a pixel far faster than three, and is slow where it must look up what
    lies beyond the image; the rectangle is widened beforehand instead. Takes, returns and raises
    what its twin does; a few values in 100,000 differ, by one grey level.
    """
    across, down = (
        _span(roi.left, roi.width, image.shape[1], size),
        _span(roi.top, roi.height, image.shape[0], size),
    )
    if border not in BORDERS or across is None or down is None:
        return plain_roi.crop(image, roi, size, border)
    if (across[1] - across[0]) * (down[1] - down[0]) > LARGEST_CUT:
        return plain_roi.crop(image, roi, size, border)
    pixels = _cut(image, across, down, border)
    step_x, step_y = roi.width / size, roi.height / size
    output_to_cut = np.array(
        [
            [step_x, 0.0, roi.left + 0.5 * step_x - 0.5 - across[0]],
            [0.0, step_y, roi.top + 0.5 * step_y - 0.5 - down[0]],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(pixels, output_to_cut, (size, size), flags=flags)
    return cv2.cvtColor(warped, cv2.COLOR_RGBA2RGB)  # type: ignore[return-value]


def _span(start: float, length: float, limit: int, size: int) -> tuple[int, int] | None:
    """First and last (exclusive) pixel that sampling needs, and one more at each end.

    None where the ROI has no length or shows nothing of the image.
    """
    if not 0 < length < np.inf:
        return None
    half_step = 0.5 * length / size
    first, last = floor(start + half_step - 0.5) - 1, floor(start + length - half_step - 0.5) + 3
    return (first, last) if first < limit and last > 0 else None


def _cut(
    image: NDArray[np.uint8], across: tuple[int, int], down: tuple[int, int], border: str
) -> NDArray[np.uint8]:
    """The rectangle as RGBA, widened by the border rule where it leaves the image."""
    (left, right), (top, bottom), (height, width) = across, down, image.shape[:2]
    inside = image[max(top, 0) : bottom, max(left, 0) : right]
    rgba = cv2.cvtColor(inside, cv2.COLOR_RGB2RGBA)
    above, below = max(-top, 0), max(bottom - height, 0)
    before, behind = max(-left, 0), max(right - width, 0)
    if above or below or before or behind:
        rule, grey = BORDERS[border], (*GREY, 255)
        rgba = cv2.copyMakeBorder(rgba, above, below, before, behind, rule, value=grey)
    return rgba  # type: ignore[return-value]


def target_map(kind: str, box: Floats, grid: tuple[int, int]) -> Array:
    """`mfst_lib.target_maps.target_map`, from `box_and_doubled`."""
    if kind not in TYPES:
        raise unknown("target map type", kind, TYPES)
    inside, doubled = box_and_doubled(box, grid)
    return 2 * inside - (doubled if kind == "S" else np.float32(1))


def box_and_doubled(box: Floats, grid: tuple[int, int]) -> tuple[Array, Array]:
    """`mfst_lib.target_maps.coverage` of the box and of the doubled box: four intervals at once.

    A step asks for the same box two or three times: the latest ones are kept, and read-only.
    """
    x, y, w, h = (float(v) for v in box)
    return _box_and_doubled(x, y, w, h, grid)


@lru_cache(maxsize=4)
def _box_and_doubled(
    x: float, y: float, w: float, h: float, grid: tuple[int, int]
) -> tuple[Array, Array]:
    starts = np.array([[x], [x + w / 2 - w], [y], [y + h / 2 - h]])
    ends = starts + np.array([[w], [2 * w], [h], [2 * h]])
    rows, columns = grid
    # What an interval covers of a cell is the difference of the cell's edges, moved into it.
    edges = np.minimum(np.maximum(_edges(max(grid)), starts), ends)
    lengths = edges[:, 1:] - edges[:, :-1]
    across, down = lengths[:2, np.newaxis, :columns], lengths[2:, :rows, np.newaxis]
    both = (down * across).astype(np.float32)
    both.flags.writeable = False
    return both[0], both[1]


@lru_cache(maxsize=16)
def _edges(cells: int) -> Boxes:
    return np.arange(cells + 1, dtype=np.float64)


def above_mean(maps: Array) -> Array:
    """`mfst_lib.above_mean.above_mean`, as max(F, mean) − mean: the means by one product."""
    cells = maps.shape[0] * maps.shape[1]
    means = _shares(cells) @ maps.reshape(cells, -1)
    lit: Array = np.maximum(maps, means)
    lit -= means
    return lit


@lru_cache(maxsize=16)
def _shares(cells: int) -> Array:
    return np.full(cells, 1 / cells, dtype=np.float32)


def score_taps(taps: Sequence[Array], target: Array) -> Array:
    """`score_maps` (Eq. 1) of all taps of a layer, without joining their maps; (C,) float32."""
    if len(taps) == 1:
        return score_maps(taps[0], target)
    return np.concatenate([score_maps(maps, target) for maps in taps])


def sum_taps(taps: Sequence[Array], weights: Array) -> Array:
    """`weighted_sum` (Eq. 4) over all taps of a layer, without joining their maps; (H, W)."""
    channels = sum(maps.shape[2] for maps in taps)
    if weights.shape != (channels,):
        raise InvalidInput(f"{channels} feature maps but {len(weights)} weights")
    total, start = None, 0
    for maps in taps:
        end = start + maps.shape[2]
        part = weighted_sum(maps, weights[start:end])
        total, start = part if total is None else np.add(total, part, out=total), end
    return total  # type: ignore[return-value]


def sample_candidates(
    box: Floats,
    rng: np.random.Generator,
    count: int = 600,
    sigma_xy: float = 1 / 3,
    sigma_wh: float = 0.01,
    mean_size: float = 1.0,
) -> Boxes:
    """`mfst_lib.candidates.sample_candidates`, laid out so that each coordinate is contiguous."""
    x, y, w, h = (float(v) for v in box)
    draws = rng.standard_normal((3, count))
    factor = np.maximum(mean_size + sigma_wh * draws[2], MIN_FACTOR)
    candidates = np.empty((4, count))
    centres, sides = candidates[:2], candidates[2:]
    np.multiply(w, factor, out=sides[0])
    np.multiply(h, factor, out=sides[1])
    np.multiply(sigma_xy * max(w, h), draws[:2], out=centres)
    centres[0] += x + w / 2
    centres[1] += y + h / 2
    centres -= sides / 2  # now they are corners
    return candidates.T


def grid_scores(grid_map: Array, boxes: Floats, size: int, b: float = 0.2) -> Boxes:
    """`mfst_lib.candidates.grid_scores`: the same u G v, with fewer steps over all candidates.

    Enlarging keeps a constant: b is taken from the small map, once. Cut at the map's end by take.
    """
    edges = np.empty((4, len(boxes)))
    edges[:2] = boxes.T[:2]
    np.add(boxes.T[:2], boxes.T[2:], out=edges[2:])
    left, top, right, bottom = np.rint(edges, out=edges).astype(np.intp)
    down, across = (cumulated_enlarging(cells, size) for cells in grid_map.shape)
    down = down @ np.subtract(grid_map, b, dtype=np.float64)
    rows = down.take(bottom, axis=0, mode="clip") - down.take(top, axis=0, mode="clip")
    columns = across.take(right, axis=0, mode="clip") - across.take(left, axis=0, mode="clip")
    return np.einsum("ij,ij->i", rows, columns)  # type: ignore[no-any-return]


def confidences(
    scores: Floats,
    boxes: Floats,
    previous: Floats,
    half_side: float,
    distance: bool = True,
    brake: float = 1.0,
) -> Boxes:
    """`mfst_lib.candidates.confidences` (Eq. 11), both coordinates at once."""
    above_worst = scores - scores.min()
    if not distance:
        return above_worst
    x, y, w, h = (float(v) for v in previous)
    offsets = boxes.T[:2] + boxes.T[2:] / 2
    offsets[0] -= x + w / 2
    offsets[1] -= y + h / 2
    offsets *= offsets
    squares = offsets[0] + offsets[1]
    if brake == 2:
        return (1 - squares / half_side**2) * above_worst
    return (1 - (np.sqrt(squares) / half_side) ** brake) * above_worst


def view_through(grid_map: Array, box: Floats) -> Boxes:
    """`mfst_lib.box_fit.view_through`: the weights of the points down and across at once."""
    rows, columns = grid_map.shape
    if rows != columns:
        return box_fit.view_through(grid_map, box)
    x, y, w, h = (float(v) for v in box)
    starts, lengths = np.array([[y - h / 2], [x - w / 2]]), np.array([[2 * h], [2 * w]])
    at = starts + lengths * _spread() - 0.5
    at = np.minimum(np.maximum(at, 0), rows - 1)
    down, across = np.maximum(0, 1 - np.abs(at[:, :, np.newaxis] - _edges(rows - 1)))
    return down @ grid_map @ across.T  # type: ignore[no-any-return]


@lru_cache(maxsize=1)
def _spread() -> Boxes:
    return (np.arange(box_fit.POINTS) + 0.5) / box_fit.POINTS
