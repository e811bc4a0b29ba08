"""How the book's pages are validated: `pytest` runs them and compares every output (nbval)."""

from __future__ import annotations

import kernels
import nbval.kernel
import pytest

# Several pages are run at once, and nbval has no option for how a kernel is reached.
nbval.kernel.KernelManager = kernels.Kernels


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Leave stderr out of the comparison: what it says (a kernel's hints) differs by machine.

    That no page has stderr among its stored outputs is a test of its own.
    """
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr",)
