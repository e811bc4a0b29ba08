"""Build wheel and sdist, install each in an empty environment, and try the library there.

`make wheel`. The environment gets what a user gets: the package with its extra `cli`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: No network's weights and no scikit-image are there: a tracker with a small engine of its own.
SMOKE = """
import numpy as np, mfst_lib
from mfst_lib import FMST, InvalidInput, preset
from mfst_lib.sequences.vtb13 import tasks
from mfst_lib.weight_net import find_weight_nets

class Colours:
    name, input_size = "colours", 56
    def __call__(self, crop):
        small = crop[2::4, 2::4].astype(np.float32)
        return [np.concatenate([small, 255 - small], axis=2)]

image = np.zeros((60, 80, 3), np.uint8)
image[20:40, 30:50] = 255, 80, 0
tracker = FMST(preset("default", candidates=50), engine=Colours())
tracker.init(image, (30, 20, 20, 20))
seen, box = tracker.update(image)
assert seen and abs(box - (30, 20, 20, 20)).max() < 8, box
for short in ("v3l", "v3s", "lite0"):
    find_weight_nets(preset(f"ours-{short}").weight_net)
assert len(tasks()) == 51 and "site-packages" in mfst_lib.__file__
"""


def main() -> None:
    """Build, install, try; the first thing that fails ends it."""
    with tempfile.TemporaryDirectory(prefix="mfst-wheel-") as name:
        folder = Path(name)
        call(sys.executable, "-m", "build", "--outdir", folder / "dist", ROOT)
        for built in sorted((folder / "dist").iterdir()):
            try_it(built, folder / f"env-{built.suffix[1:]}")
            print(f"{built.name}: installs and tracks", flush=True)


def try_it(built: Path, folder: Path) -> None:
    """Install one file in a new environment and use it from outside the repository."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    call(python, "-m", "pip", "install", "--quiet", f"{built}[cli]", cwd=folder)
    call(python, "-c", SMOKE, cwd=folder)
    call(python, "-m", "mfst_lib", "--version", cwd=folder)
    call(python, "-m", "mfst_lib", "config", "--presets", "--json", cwd=folder)


def call(*command: object, cwd: Path = ROOT) -> None:
    """Run a command; its output is shown when it fails."""
    done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
