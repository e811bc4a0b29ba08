"""What the nets are asked for: Eq. 16 as printed, and losses on the map that is searched.

All on any Keras backend; (B, …) tensors to (B,) losses.
"""

from __future__ import annotations

from typing import Any

#: Keeps a division finite.
TINY = 1e-6


def eq16(next_scores: Any, weights: Any) -> Any:
    """Loss = −sum(M̂ ∘ M^{k+1}) (Eq. 16), with M̂ = F^{k+1} w: linear in the weights.

    sum(F w ∘ M) = Σ_c w_c sum(F_c ∘ M) = w · s^{k+1}: the next frame's scores suffice, no maps.
    next_scores, weights: (B, C).
    """
    from keras import ops

    return -ops.sum(weights * next_scores, axis=-1)


def map_loss(inside: Any, found: Any) -> Any:
    """How far the map is from 1 in the box and from 0 around it, each side weighing the same.

    inside: (B, cells), how much of each cell the true box covers. found: the map of Eq. 13
    before values below 0 are set to 0: on the target these still teach, around it they are right.
    """
    from keras import ops

    outside = 1 - inside
    on_target = ops.sum(inside * ops.square(1 - found), -1) / (ops.sum(inside, -1) + TINY)
    around = ops.sum(outside * ops.square(ops.relu(found)), -1) / (ops.sum(outside, -1) + TINY)
    return on_target + around


def overlap_loss(overlaps: Any, scores: Any) -> Any:
    """1 − the overlap that a soft choice by score expects, over the best overlap there is.

    overlaps, scores: (B, N), of the same candidates; the choice is the softmax of the scores.
    """
    from keras import ops

    expected = ops.sum(ops.softmax(scores, axis=-1) * overlaps, axis=-1)
    return 1 - expected / (ops.max(overlaps, axis=-1) + TINY)
