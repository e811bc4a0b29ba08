"""What ran it: the machine and the versions, written into every result file."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from functools import cache
from pathlib import Path

import mfst_lib

PACKAGES = ("numpy", "opencv-python", "ai-edge-litert", "keras", "tensorflow")


@cache
def versions() -> dict[str, str]:
    """Versions of this library, of Python and of the packages that decide the numbers."""
    found = {"mfst_lib": mfst_lib.__version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


@cache
def device() -> dict[str, str | int]:
    """The processor's name, how many cores there are, the operating system."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.machine()}",
        "byte_order": sys.byteorder,
    }


def _processor() -> str:
    """The name that the system gives the processor; Linux keeps it in a file."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
