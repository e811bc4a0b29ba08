"""Run the book's pages from top to bottom and keep their outputs: `make pages`.

What would differ from run to run or from machine to machine, and says nothing, is left out, so
that a difference between two commits is a difference in what the page shows. A page's time,
memory and size are measured and written at its top (`book/budgets.py`).

    python book/run_pages.py                 all pages
    python book/run_pages.py scoring gaps    some of them
    python book/run_pages.py --check-only    keep nothing; only see whether every page runs and
                                             its solutions pass: for another MFST_BACKBONE
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import budgets
import exercises
import kernels
import launch
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

BOOK = Path(__file__).parent

#: Run after a page's last cell: its processor time in seconds, and its largest memory in MB.
#: The time on the clock would depend on what else the machine does.
COST = """\
import sys, time
if sys.platform == "win32":
    import psutil
    memory = psutil.Process().memory_info().peak_wset / (1 << 20)
else:
    import resource
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
print(f"{time.process_time()} {memory}")"""


def run(path: Path) -> tuple[list[str], budgets.Figures]:
    """Execute one notebook in place; what is wrong with it, and what it costs. An error leaves it
    as it was.
    """
    page = nbformat.read(path, as_version=4)
    exercises.write_stubs(page)
    launch.put(page, *launch.address())
    figures = execute(page)
    tidy(page)
    budgets.put(page, budgets.line({**figures, "size": 1.0}))
    text = with_stable_ids(nbformat.writes(page), path.stem)
    figures = budgets.rounded({**figures, "size": len(text.encode()) / 1e6})
    budgets.put(page, budgets.line(figures))
    text = with_stable_ids(nbformat.writes(page), path.stem)
    path.write_text(text, encoding="utf-8", newline="\n")
    return budgets.broken(figures) + crosses(page), figures


def check(path: Path) -> tuple[list[str], budgets.Figures]:
    """The same without keeping anything; an error is among what is wrong."""
    page = nbformat.read(path, as_version=4)
    try:
        figures = execute(page)
    except CellExecutionError as error:
        return [str(error)], {}
    return budgets.broken(figures) + crosses(page), figures


#: A page gets by with one core: pages run side by side, and NumPy's helpers would wait for work at
#: full speed, which counts as processor time.
ONE_CORE = {"OPENBLAS_NUM_THREADS": "1"}


def execute(page: nbformat.NotebookNode) -> budgets.Figures:
    """Run all cells where the book stands; what it took."""
    page.cells.append(nbformat.v4.new_code_cell(COST))
    NotebookClient(
        page,
        kernel_name="python3",
        kernel_manager_class=kernels.AsyncKernels,
        resources={"metadata": {"path": str(BOOK)}},
    ).execute(env={**ONE_CORE, **os.environ})
    seconds, memory = map(float, said(page.cells.pop()).split())
    return {"seconds": seconds, "memory": memory}


def crosses(page: nbformat.NotebookNode) -> list[str]:
    """The checks of exercises that did not say what they should, in words."""
    wrong = []
    for heading, place, solution in exercises.exercises(page):
        title = re.search(r"### (Exercise \d+)", page.cells[heading].source)
        name = title[1] if title else "an exercise"
        if "❌" in said(solution) or "✅" not in said(solution):
            wrong.append(f"{name}: the solution fails: {said(solution)}")
        if "✅" in said(page.cells[place]):
            wrong.append(f"{name}: the stub passes")
    return wrong


def said(cell: nbformat.NotebookNode) -> str:
    """All that a cell printed."""
    return "".join(output.get("text", "") for output in cell.outputs)


def tidy(page: nbformat.NotebookNode) -> None:
    """Remove times of execution and the Python's version; join pieces of one stream."""
    page.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    page.metadata["language_info"] = {"name": "python"}
    for cell in page.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)


def joined(
    outputs: list[nbformat.NotebookNode],
) -> list[nbformat.NotebookNode]:
    """Outputs in which what was printed in pieces is one piece."""
    merged: list[nbformat.NotebookNode] = []
    for output in outputs:
        if "data" in output:
            output["metadata"] = {}
        last = merged[-1] if merged else None
        if (
            last
            and output.output_type == "stream" == last.output_type
            and output.name == last.name
        ):
            last.text += output.text
        else:
            merged.append(output)
    return merged


def with_stable_ids(text: str, name: str) -> str:
    """The notebook's text with widget ids that depend on their order alone."""
    for number, old in enumerate(
        dict.fromkeys(re.findall(r"\b[0-9a-f]{32}\b", text))
    ):
        text = text.replace(
            old, hashlib.md5(f"{name}-{number}".encode()).hexdigest()
        )
    return text.rstrip("\n") + "\n"


def main(arguments: list[str]) -> int:
    """Run the named pages, or all; 1 where one of them is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "pages", nargs="*", help="names of pages; none: all"
    )
    parser.add_argument(
        "--check-only", action="store_true", help="keep nothing"
    )
    parser.add_argument(
        "--workers", type=int, default=0, help="pages at once"
    )
    asked = parser.parse_args(arguments)
    names = asked.pages or sorted(
        path.stem for path in BOOK.glob("*.ipynb")
    )
    paths = [BOOK / f"{name}.ipynb" for name in names]
    workers = asked.workers or (
        os.cpu_count() or 1 if asked.check_only else 1
    )
    bad = 0
    with ProcessPoolExecutor(workers) as pool:
        found = pool.map(check if asked.check_only else run, paths)
        for name, (wrong, figures) in zip(names, found, strict=True):
            if not asked.check_only:
                budgets.keep(name, figures)
            bad += bool(wrong)
            print(f"{name}: {'; '.join(wrong) or 'fine'}", flush=True)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
