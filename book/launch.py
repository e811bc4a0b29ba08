"""Give every page the hidden cell that Colab needs, or take it away: after a change of
`repository: url` in `_config.yml`. Nothing is run again, since the cell rests outside Colab.

    python book/launch.py
"""

from __future__ import annotations

from pathlib import Path

import nbformat
import yaml

from mfst_lib.show.launch import colab_cell

BOOK = Path(__file__).parent
ID = "colab"  # of that cell
HIDDEN = ["remove-cell"]


def put(page: nbformat.NotebookNode, url: str, branch: str) -> None:
    """Write the cell below the page's title, or remove it without an address."""
    page.cells = [cell for cell in page.cells if cell.id != ID]
    if url:
        cell = nbformat.v4.new_code_cell(
            colab_cell(url, branch), id=ID, metadata={"tags": HIDDEN}
        )
        page.cells.insert(1, cell)
    code = [cell for cell in page.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, start=1):
        cell.execution_count = number


def address(config: Path = BOOK.parent / "_config.yml") -> tuple[str, str]:
    """The repository's address, empty while there is none, and its branch."""
    repository = yaml.safe_load(config.read_text("utf-8"))["repository"]
    return repository["url"], repository["branch"]


def main() -> None:
    """Bring all pages up to date."""
    for path in sorted(BOOK.glob("*.ipynb")):
        page = nbformat.read(path, as_version=4)
        put(page, *address())
        text = nbformat.writes(page).rstrip("\n") + "\n"
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
