"""Kernels for several pages at once: they are reached through files, not through numbered ports.

Whoever starts a kernel looks for free ports, and the kernel takes them a moment later; meanwhile
another kernel may have done so, and the page fails ("Kernel died before replying"). A file's name
is nobody else's. Windows has no such files: there, ports it is.
"""

from __future__ import annotations

import sys
import tempfile
import uuid
from pathlib import Path

from jupyter_client.connect import ConnectionFileMixin
from jupyter_client.manager import AsyncKernelManager, KernelManager
from traitlets import default

HAVE_FILES = sys.platform != "win32"


class _ThroughFiles(ConnectionFileMixin):
    @default("transport")
    def _files_if_they_can_be(self) -> str:
        return "ipc" if HAVE_FILES else "tcp"

    @default("ip")
    def _a_name_of_its_own(self) -> str:
        """What the files' names begin with; short, since they may have 100 letters."""
        if self.transport == "tcp":
            return super()._ip_default()
        name = f"kernel-{uuid.uuid4().hex[:16]}"
        return str(Path(tempfile.gettempdir()) / name)


class Kernels(_ThroughFiles, KernelManager):
    """For nbval."""


class AsyncKernels(_ThroughFiles, AsyncKernelManager):
    """For nbclient."""
