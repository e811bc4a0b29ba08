"""Pages that run at once do not share what their kernels are reached through."""

from pathlib import Path

import kernels
import nbformat
import nbval.kernel
import pytest
import run_pages

WHERE = """\
from ipykernel.kernelapp import IPKernelApp
print(IPKernelApp.instance().transport, IPKernelApp.instance().ip)"""

with_files = pytest.mark.skipif(not kernels.HAVE_FILES, reason="Windows has no such files")


def files_of(address: str) -> list[Path]:
    return sorted(Path(address).parent.glob(f"{Path(address).name}-*"))


@with_files
def test_a_kernel_of_nbval_has_files_of_its_own_and_removes_them():
    started = [nbval.kernel.RunningKernel(nbval.kernel.CURRENT_ENV_KERNEL_NAME) for _ in range(2)]
    addresses = [kernel.km.ip for kernel in started]
    assert len(set(addresses)) == 2
    assert [len(files_of(address)) for address in addresses] == [5, 5]
    for kernel in started:
        kernel.stop()
    assert [files_of(address) for address in addresses] == [[], []]


@with_files
def test_so_has_a_kernel_that_runs_a_page():
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(WHERE)])
    run_pages.execute(page)
    transport, address = run_pages.said(page.cells[0]).split()
    assert transport == "ipc"
    assert files_of(address) == []


def test_without_such_files_there_are_ports(monkeypatch):
    monkeypatch.setattr(kernels, "HAVE_FILES", False)
    manager = kernels.Kernels()
    assert (manager.transport, manager.ip) == ("tcp", "127.0.0.1")


def test_a_page_runs_on_one_core_unless_told_otherwise(monkeypatch):
    ask = "import os; print(os.environ['OPENBLAS_NUM_THREADS'])"
    for told, wanted in ((None, "1"), ("2", "2")):
        monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
        if told:
            monkeypatch.setenv("OPENBLAS_NUM_THREADS", told)
        page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(ask)])
        run_pages.execute(page)
        assert run_pages.said(page.cells[0]).strip() == wanted
