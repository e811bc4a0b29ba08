"""Pairs of frames of one sequence: scores from frame k, what is asked for in frame k + n."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mfst_lib.boxes import Floats, iou, to_centre, to_corner
from mfst_lib.errors import InvalidInput
from mfst_lib.target_maps import coverage
from mfst_lib.training.records import Records

Array = NDArray[np.float32]
Inputs = dict[str, NDArray[np.floating]]

#: Spread of the candidates: half of them near the target, half farther; over max(w, h).
NEAR, FAR = 0.12, 0.50

#: Spread of the logarithm of the candidates' size.
SIZES = 0.12

#: The share of pairs whose second frame is the earlier one.
BACKWARDS = 0.25


class Pairs:
    """Batches of pairs, drawn anew for every epoch and step from the seed and nothing else.

    names: the sequences to draw from; a sequence with n records is drawn in proportion to √n.
    gap: up to so many recorded frames lie between the two of a pair. candidates: boxes per pair,
    for the loss that compares them; 0: none, and no maps. Raises `InvalidInput` for no pairs.
    """

    def __init__(
        self,
        records: Records,
        names: Sequence[str],
        *,
        batch: int = 16,
        seed: int = 0,
        gap: int = 30,
        candidates: int = 32,
    ) -> None:
        self.records, self.batch, self.seed = records, batch, seed
        self.gap, self.candidates = gap, candidates
        self._rows = [rows for rows in records.numbers(names) if len(rows) >= 4]
        if not self._rows:
            raise InvalidInput(f"no pair of frames in {list(names)}: the training set is empty")
        if candidates and "maps" not in (records.rows.dtype.names or ()):
            raise InvalidInput("this loss needs feature maps: gather the records with maps")
        sizes = np.sqrt([len(rows) for rows in self._rows])
        self._chances = sizes / sizes.sum()

    def draw(self, epoch: int, step: int) -> tuple[Inputs, Inputs]:
        """One batch: what the nets see and what the loss asks for (see `networks`)."""
        rng = np.random.default_rng([self.seed, epoch, step])
        first, second = self._draw_rows(rng)
        rows = self.records.rows
        inputs: Inputs = {"scores": rows["scores"][first]}
        if not self.candidates:
            return inputs, {"next_scores": rows["scores"][second]}
        boxes, overlaps = candidates_around(rows["box"][second], self.candidates, rng)
        inputs["maps"] = rows["maps"][second]
        inputs["covers"] = covers(boxes, self.records.grid)
        inside = [coverage(box, self.records.grid).reshape(-1) for box in rows["box"][second]]
        return inputs, {"map": np.stack(inside), "candidates": overlaps}

    def _draw_rows(self, rng: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The records of the first and of the second frames, (batch,) each."""
        pairs = []
        for chosen in rng.choice(len(self._rows), self.batch, p=self._chances):
            rows = self._rows[chosen]
            frames = len(rows) // 2
            k = int(rng.integers(frames))
            n = int(rng.integers(1, self.gap + 1))
            later = k - n if rng.random() < BACKWARDS else k + n
            later = min(max(later, 0), frames - 1)
            pairs.append((rows[2 * k + rng.integers(2)], rows[2 * later + rng.integers(2)]))
        first, second = np.array(pairs).T
        return first, second


def candidates_around(
    boxes: Floats, count: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], Array]:
    """Boxes around the true ones and their overlap with them; the first is the truth itself.

    boxes: (B, 4) in cells. Returns (B, count, 4) and (B, count) float32.
    """
    centres = np.repeat(to_centre(boxes)[:, np.newaxis], count, axis=1)
    longest = centres[:, :, 2:].max(axis=2, keepdims=True)
    spread = np.where(np.arange(count) < count // 2, NEAR, FAR)[np.newaxis, :, np.newaxis]
    moves = rng.standard_normal((len(boxes), count, 3))
    moves[:, 0] = 0
    centres[..., :2] += spread * longest * moves[..., :2]
    centres[..., 2:] *= np.exp(SIZES * moves[..., 2:])
    found = to_corner(centres)
    return found, iou(found, boxes[:, np.newaxis]).astype(np.float32)


def covers(boxes: Floats, grid: tuple[int, int]) -> Array:
    """`coverage` of many boxes at once: (..., 4) in cells to (..., rows · columns) float32."""
    rows, columns = grid
    across = _covered(boxes[..., 0], boxes[..., 2], columns)
    down = _covered(boxes[..., 1], boxes[..., 3], rows)
    area = down[..., :, np.newaxis] * across[..., np.newaxis, :]
    return area.reshape(*boxes.shape[:-1], rows * columns).astype(np.float32)


def _covered(start: Floats, length: Floats, cells: int) -> NDArray[np.float64]:
    left = np.arange(cells, dtype=np.float64)
    end = (start + length)[..., np.newaxis]
    return np.maximum(np.minimum(left + 1, end) - np.maximum(left, start[..., np.newaxis]), 0)
