"""Nets without a gradient: what each map is usually worth, added to what it is worth now."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mfst_lib.backbones.catalogue import find_backbone
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput
from mfst_lib.selection import selected_count
from mfst_lib.training.material import refuse_tasks
from mfst_lib.training.records import Records
from mfst_lib.weight_net import Net, WeightNets, scaled

Array = NDArray[np.float32]


def usual_scores(records: Records, names: Sequence[str], fraction: float = 0.10) -> Array:
    """m_c: the mean scaled score of each map over these sequences, all weighing the same; (C,)."""
    means = [
        np.mean([scaled(scores, fraction) for scores in records.rows["scores"][numbers]], axis=0)
        for numbers in records.numbers(names)
        if len(numbers)
    ]
    if not means:
        raise InvalidInput(f"no records of {list(names)}: the training set is empty")
    return np.mean(means, axis=0, dtype=np.float32)


def prior_nets(
    records: Records,
    config: TrackerConfig,
    names: Sequence[str],
    *,
    strength: float = 0.3,
    gain: float = 20.0,
    fraction: float = 0.10,
) -> WeightNets:
    """w_p = ReLU6(gain · (x + strength · m − t)): a positive net in closed form.

    x: the scaled scores, m: the usual ones, t: the mean over records of the last of the top
    share of x + strength · m, so that about `fraction` of the maps get a weight. Raises
    `InvalidInput` for a VTB13 task among the names and without records.
    """
    refuse_tasks(names)
    usual = strength * usual_scores(records, names, fraction)
    count = selected_count(len(usual), fraction)
    rows = np.concatenate(records.numbers(names))
    lasts = [
        np.partition(scaled(scores, fraction) + usual, -count)[-count]
        for scores in records.rows["scores"][rows]
    ]
    offset = (gain * (usual - np.mean(lasts))).astype(np.float32)
    into, bias, out = (
        np.zeros(shape, np.float32) for shape in ((len(usual), 1), 1, (1, len(usual)))
    )
    gains = np.full(len(usual), gain, np.float32)
    net = Net(gains, offset, into, bias, out, fraction)
    taps = config.taps or find_backbone(config.backbone).taps
    notes = {"strength": strength, "gain": gain, "names": list(names), "records": len(rows)}
    return WeightNets(config.backbone, taps, {"positive": net}, notes)
