"""What the tests of the book share: its pages, in reading order, and their text."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"
BUILT = BOOK / "_build" / "html"

#: Pages to look things up in; all others teach.
REFERENCE = {"symbols", "equations", "api", "bibliography", "how_made"}


def pages():
    """The names in `_toc.yml`, in reading order."""
    return re.findall(r"(?:file|root):\s*(\S+)", (ROOT / "_toc.yml").read_text("utf-8"))


def chapters():
    return [page for page in pages() if page not in REFERENCE]


def cells(page, kind):
    """The sources of a notebook's cells of one kind, as `code` or `markdown`."""
    notebook = json.loads((BOOK / f"{page}.ipynb").read_text("utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def prose(page):
    """What a page's author wrote as text."""
    path = BOOK / f"{page}.md"
    return path.read_text("utf-8") if path.is_file() else "\n\n".join(cells(page, "markdown"))
