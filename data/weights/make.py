"""The weight nets that come with the library: `python data/weights/make.py RECORDS`.

Needs MFST_DATA (a folder with TB-100 sequences that are no task of VTB13) and MFST_WEIGHTS.
RECORDS is a folder for what the networks saw: 1.4 GB for the three of them, kept for the next time.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mfst_lib.sequences.catalogue import expand_tasks
from mfst_lib.training.loop import training_config
from mfst_lib.training.prior import prior_nets
from mfst_lib.training.records import Recipe, gather

HERE = Path(__file__).parent
BACKBONES = ("efficientnet_lite0", "mobilenet_v3_large", "mobilenet_v3_small")
FRAMES = 40


def main(folder: Path) -> None:
    """Write NAME.npz beside this file for every backbone."""
    names = tuple(expand_tasks("train"))
    for backbone in BACKBONES:
        config = training_config(backbone)
        records = gather(Recipe(names, config, FRAMES), folder / backbone)
        prior_nets(records, config, names).save(HERE / f"{backbone}.npz")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
