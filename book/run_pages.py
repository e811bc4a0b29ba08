"""Run the book's pages from top to bottom and keep their outputs: `make pages`.

What would differ from run to run or from machine to machine, and says nothing, is left out, so
that a difference between two commits is a difference in what the page shows.
"""

from __future__ import annotations

import hashlib
import re
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

BOOK = Path(__file__).parent


def run(path: Path) -> float:
    """Execute one notebook in place; the seconds that it took. An error leaves it as it was."""
    page = nbformat.read(path, as_version=4)
    start = time.perf_counter()
    NotebookClient(
        page,
        kernel_name="python3",
        resources={"metadata": {"path": str(BOOK)}},
    ).execute()
    seconds = time.perf_counter() - start
    tidy(page)
    path.write_text(
        with_stable_ids(nbformat.writes(page), path.stem), encoding="utf-8"
    )
    return seconds


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


if __name__ == "__main__":
    chosen = [BOOK / f"{name}.ipynb" for name in sys.argv[1:]] or sorted(
        BOOK.glob("*.ipynb")
    )
    for notebook in chosen:
        print(f"{notebook.stem}: {run(notebook):.0f} s", flush=True)
