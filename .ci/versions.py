"""Run the tests with the oldest and the newest packages that pyproject.toml allows.

`make versions` does all; `python .ci/versions.py 3.12-newest` one. It needs uv and the Pythons.
The oldest packages go with the oldest Python, since later Pythons have no wheels of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
SETS = ["3.10-lowest", *(f"{python}-newest" for python in PYTHONS)]
RESOLUTION = {"lowest": "lowest-direct", "newest": "highest"}
EXTRAS = "cli,keras,lite0,eval,test"
#: The book's pages have their own, exact set; these tests are the library's.
TESTS = ("tests", "--ignore=tests/book", "-p", "no:nbval")


def main() -> int:
    """The number of sets in which something failed."""
    wanted = sys.argv[1:] or SETS
    failed = [name for name in wanted if not passes(name)]
    print(f"{len(wanted) - len(failed)} passed, {len(failed)} failed", *failed)
    return len(failed)


def passes(name: str) -> bool:
    """Whether the tests pass in a new environment of this set."""
    version, which = name.split("-")
    with tempfile.TemporaryDirectory(prefix=f"mfst-{name}-") as folder:
        python = make_environment(Path(folder) / "venv", version, RESOLUTION[which])
        if python is None:
            return False
        environment = {**os.environ, "MFST_CACHE": str(Path(folder) / "cache")}
        options = ["-q", "-o", "addopts=--doctest-modules --import-mode=importlib", *TESTS]
        done = subprocess.run([python, "-m", "pytest", *options], cwd=ROOT, env=environment)
    print(f"{name}: {'passed' if done.returncode == 0 else 'FAILED'}", flush=True)
    return done.returncode == 0


def make_environment(folder: Path, version: str, resolution: str) -> Path | None:
    """A new environment with this package in it; its Python, or None when it cannot be made."""
    bin_folder = folder / ("Scripts" if os.name == "nt" else "bin")
    package = f"{ROOT}[{EXTRAS}]"
    steps = (
        ["venv", "--quiet", "--python", version, folder],
        ["pip", "install", "--quiet", "--python", bin_folder / "python"]
        + ["--resolution", resolution, "--editable", package],
    )
    for step in steps:
        if subprocess.run(["uv", *map(str, step)]).returncode != 0:
            print(f"{version}, {resolution}: no such environment to be had", flush=True)
            return None
    return bin_folder / "python"


if __name__ == "__main__":
    sys.exit(main())
