"""Records of random maps, as `gather` makes them from real ones."""

import numpy as np

from mfst_lib.training.records import Records

GRID, CHANNELS = (14, 14), 60


def made_up(lengths=(10, 6), maps=True, seed=0):
    """Records of random maps: of each sequence so many frames, two views each."""
    rng = np.random.default_rng(seed)
    fields = [("done", "?"), ("sequence", "<i4"), ("frame", "<i4"), ("box", "<f8", (4,))]
    fields.append(("scores", "<f4", (CHANNELS,)))
    if maps:
        fields.append(("maps", "<f2", (196, CHANNELS)))
    rows = np.zeros(2 * sum(lengths), fields)
    rows["done"] = True
    rows["sequence"] = np.repeat(np.arange(len(lengths)), 2 * np.array(lengths))
    rows["frame"] = np.concatenate([np.repeat(np.arange(n), 2) for n in lengths])
    rows["box"] = [4, 5, 5, 4] + rng.uniform(-1, 1, (len(rows), 4))
    rows["scores"] = rng.normal(size=(len(rows), CHANNELS))
    if maps:
        rows["maps"] = rng.random((len(rows), 196, CHANNELS))
    return Records(tuple(f"Toad-{i}a" for i in range(len(lengths))), GRID, rows)
