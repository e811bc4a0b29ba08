"""Does the search bring targets back? Writes calibration/redetection-PRESET-BACKBONE.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from joblib import Parallel, delayed

from mfst_lib import preset
from mfst_lib.evaluation.leaving import leaving, success_after_return
from mfst_lib.files import write_text_atomically
from mfst_lib.sequences import lab

#: A target counts as brought back when this share of the frames after its return is right.
BACK = 0.5
PLACES = (0, 2)
OUT = Path(__file__).parent / "calibration"


def measured(name: str, start: str, backbone: str, seed: int) -> dict[str, float]:
    """Success after the return in one lab scene, without and with the search."""
    scene = leaving(name, seed)
    configs = {n: preset(start, backbone=backbone, redetect=n) for n in PLACES}
    return {
        f"redetect={n}": round(success_after_return(scene, config), 3)
        for n, config in configs.items()
    }


def main(start: str, backbone: str, seed: str = "500", workers: str = "1") -> None:
    """Measure all lab scenes with one preset, with another motion than that learnt from."""
    runs = Parallel(n_jobs=int(workers))(
        delayed(measured)(name, start, backbone, int(seed)) for name in lab.names()
    )
    rows = dict(zip(lab.names(), runs, strict=True))
    brought = {key: sum(row[key] >= BACK for row in runs) for key in runs[0]}
    content = {
        "command": f"python data/results/redetection.py {start} {backbone} {seed}",
        "scenes": len(rows),
        "brought back": brought,
        "success after the return": rows,
    }
    write_text_atomically(
        OUT / f"redetection-{start}-{backbone}.json", json.dumps(content, indent=1) + "\n"
    )
    print(f"{start}, {backbone}: brought back, of {len(rows)}: {brought}")


if __name__ == "__main__":
    main(*sys.argv[1:])
