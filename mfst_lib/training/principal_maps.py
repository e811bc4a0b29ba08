"""Where principal maps come from: the maps of many crops, of which only their products are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib.backbones.catalogue import find_backbone
from mfst_lib.backbones.engines import Engine, load_engine, taps_of
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput
from mfst_lib.fast import crop
from mfst_lib.images import as_rgb
from mfst_lib.principal import PrincipalMaps, principal
from mfst_lib.roi import roi_around
from mfst_lib.sequences.catalogue import load_sequence
from mfst_lib.sequences.sequence import Sequence as FramesAndBoxes
from mfst_lib.tracker import SHORTEST_SIDE, shaken
from mfst_lib.training.material import refuse_tasks, refuse_truths

Progress = Callable[[Iterable[Any], int], Iterable[Any]]


def products(
    sequence: FramesAndBoxes, config: TrackerConfig, engine: Engine, frames: int = 24
) -> tuple[NDArray[np.float64], int]:
    """Σ f fᵀ over the cells of a sequence's crops, (C, C), and how many cells they are.

    Of frames evenly spread, each seen around its box and around another that is a little off.
    """
    refuse_truths([sequence])
    total: Any = 0
    cells = 0
    for number in np.unique(np.linspace(0, len(sequence) - 1, frames).astype(int)).tolist():
        box = sequence.boxes[number]
        if not (np.all(np.isfinite(box)) and min(box[2:]) >= SHORTEST_SIDE):
            continue
        image = as_rgb(sequence.frames[number])
        for seen in shaken(box, 1, number):
            roi = roi_around(seen, config.roi_scale, config.roi_shape)
            pixels = crop(image, roi, engine.input_size, config.border)
            (taps,) = taps_of(engine(pixels))
            rows = np.concatenate([m.reshape(-1, m.shape[2]) for m in taps], axis=1)
            total = total + (rows.T @ rows).astype(np.float64)
            cells += len(rows)
    return total, cells


def find_principal_maps(
    names: list[str],
    config: TrackerConfig,
    *,
    count: int = 128,
    frames: int = 24,
    evenness: float = 0.5,
    root: str | None = None,
    weights: str | None = None,
    progress: Progress = lambda items, count: items,
) -> PrincipalMaps:
    """The principal maps of a configuration's network, over crops of these sequences.

    Raises `InvalidInput` for a VTB13 task, without a sequence, for taps that are not merged or
    do not share a grid, and what `principal` raises.
    """
    if not names:
        raise InvalidInput("no sequences to look at: name some, or the groups train and lab")
    refuse_tasks(names)
    taps = config.taps or find_backbone(config.backbone).taps
    engine = load_engine(config, weights)
    seen = [
        products(load_sequence(name, root), config, engine, frames)
        for name in progress(names, len(names))
    ]
    cells = sum(count for _, count in seen)
    second: NDArray[np.float64] = np.sum([total for total, _ in seen], axis=0) / cells
    matrix = principal(second, count, evenness).astype(np.float16).astype(np.float32)
    made_of = {
        "sequences": names,
        "frames": frames,
        "cells": cells,
        "share": round(share_held(second, count), 4),
        "config": config.replace(principal="", box_fit="").to_dict(),
    }
    return PrincipalMaps(matrix, config.backbone, taps, made_of)


def share_held(second: NDArray[np.float64], count: int) -> float:
    """How much of the maps' squares the first K principal sums hold, each map being as loud.

    >>> round(share_held(np.diag([4.0, 1.0]), 1), 3), round(share_held(np.ones((2, 2)), 1), 3)
    (0.5, 1.0)
    """
    loudness = np.sqrt(np.diag(second)) + 1e-12
    strengths = np.linalg.eigvalsh(second / np.outer(loudness, loudness))[::-1]
    return float(strengths[:count].sum() / strengths.sum())
