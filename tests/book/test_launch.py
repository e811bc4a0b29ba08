"""Launch buttons: one setting gives them to every page, with the cell that Colab needs."""

import shutil
import subprocess
import sys
from pathlib import Path

import launch
import nbformat
import pytest
import yaml
from book_pages import BOOK, BUILT, ROOT, pages

from mfst_lib.show.launch import FOLDER, colab_cell

ADDRESS = "https://github.com/somebody/a-book"
PLACES = ("mybinder.org", "colab.research.google.com")
JUPYTER_BOOK = Path(sys.executable).with_name("jupyter-book")
NOTEBOOKS = [page for page in pages() if (BOOK / f"{page}.ipynb").is_file()]


def built(folder, url):
    """One page, built with that address."""
    settings = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    settings["repository"]["url"] = url
    shutil.copy(BOOK / "references.bib", folder)
    settings["sphinx"]["extra_extensions"] = ["mfst_lib.show.mathml", "mfst_lib.show.launch"]
    (folder / "_config.yml").write_text(yaml.safe_dump(settings), "utf-8")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: page\n", "utf-8")
    page = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# A page"), nbformat.v4.new_code_cell("1 + 1")],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    launch.put(page, url, "main")
    nbformat.write(page, folder / "page.ipynb")
    command = [str(JUPYTER_BOOK), "build", "--quiet", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return (folder / "_build/html/page.html").read_text("utf-8")


@pytest.mark.skipif(not JUPYTER_BOOK.is_file(), reason="jupyter-book is not installed")
def test_the_setting_decides_whether_there_are_buttons(tmp_path):
    for name, url in (("without", ""), ("with", ADDRESS)):
        folder = tmp_path / name
        folder.mkdir()
        html = built(folder, url)
        assert all((place in html) == bool(url) for place in PLACES)
        assert "google.colab" not in html, "the cell for Colab is hidden"
        assert (folder / "_build/html/_sources/page.ipynb").is_file()
    assert f"{PLACES[0]}/v2/gh/somebody/a-book/main?urlpath=lab/tree/book/page.ipynb" in html
    assert f"{PLACES[1]}/github/somebody/a-book/blob/main/book/page.ipynb" in html


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_page_is_as_the_setting_says(name):
    page = nbformat.read(BOOK / f"{name}.ipynb", as_version=4)
    url, branch = launch.address()
    cells = [cell.source for cell in page.cells if cell.id == launch.ID]
    assert cells == ([colab_cell(url, branch)] if url else []), "python book/launch.py"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_built_page_can_be_downloaded_and_has_buttons_only_with_an_address(name):
    if not (BUILT / f"{name}.html").is_file():
        pytest.skip("the book is not built: jupyter-book build book")
    html = (BUILT / f"{name}.html").read_text("utf-8")
    assert f'href="_sources/{name}.ipynb"' in html
    assert (BUILT / "_sources" / f"{name}.ipynb").is_file()
    for place in PLACES:
        assert (place in html) == bool(launch.address()[0])


def test_the_cell_comes_second_rests_outside_colab_and_goes_with_the_address():
    page = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# A page"),
            nbformat.v4.new_code_cell("x = 1", execution_count=1),
        ]
    )
    for _ in range(2):
        launch.put(page, ADDRESS, "main")
    assert [cell.get("execution_count") for cell in page.cells] == [None, 1, 2]
    assert page.cells[1].metadata["tags"] == ["remove-cell"]
    source = page.cells[1].source
    assert f"--branch main {ADDRESS} {FOLDER}" in source
    indented = source.split(":", 1)[1].splitlines()[1:]
    assert all(line.startswith("    ") for line in indented), "nothing runs outside Colab"
    launch.put(page, "", "main")
    assert [cell.get("execution_count") for cell in page.cells] == [None, 1]
