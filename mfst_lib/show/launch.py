"""Buttons that open a page on Binder or in Colab: a Sphinx extension, and what Colab needs.

The repository's address is one setting, `repository: url` in `_config.yml`. While it is empty no
button is shown. Binder reads the folder `binder/`; Colab opens a page alone, without the book, so
that a hidden cell on each page fetches the rest (`book/launch.py` writes it).
"""

from __future__ import annotations

from typing import Any

FOLDER = "how_a_tracker_works"

SETUP = f"""\
import sys

if "google.colab" in sys.modules:  # it has this page, not the book
    !git clone --quiet --depth 1 --branch {{branch}} {{url}} {FOLDER}
    %pip install --quiet --editable "{FOLDER}[lite0,eval]" ipywidgets
    %cd -q {FOLDER}/book
    sys.path.insert(0, "..")  # this process does not see the new package yet"""


def colab_cell(url: str, branch: str = "main") -> str:
    """The source of a cell that fetches and installs the book in Colab, and rests elsewhere."""
    return SETUP.format(url=url, branch=branch)


def no_buttons_without_address(app: Any, config: Any) -> None:
    """Leave the launch buttons out while nobody knows where they lead."""
    if not config.html_theme_options.get("repository_url"):
        config.html_theme_options["launch_buttons"] = {}


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("config-inited", no_buttons_without_address)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
