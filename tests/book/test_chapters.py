"""Every page of the book was run from top to bottom, is described in words, and stays small."""

import json
import re
from pathlib import Path

import pytest

import mfst_lib

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
BUILT = BOOK / "_build" / "html"
LARGEST = 1_500_000  # bytes of a page with its outputs


def pages():
    """The names in `_toc.yml`, in reading order."""
    return re.findall(r"(?:file|root):\s*(\S+)", (ROOT / "_toc.yml").read_text("utf-8"))


def read(page):
    return json.loads((BOOK / f"{page}.ipynb").read_text("utf-8"))


def code_cells(page):
    return [cell for cell in read(page)["cells"] if cell["cell_type"] == "code"]


def outputs(page):
    return [(cell, output) for cell in code_cells(page) for output in cell["outputs"]]


NOTEBOOKS = [page for page in pages() if not (BOOK / f"{page}.md").is_file()]
each_page = pytest.mark.parametrize("page", NOTEBOOKS)


def test_the_table_of_contents_names_existing_pages_and_all_of_them():
    there = {path.stem for path in BOOK.glob("*.ipynb")}
    assert there == set(NOTEBOOKS)
    assert len(pages()) == len(set(pages())) >= 3


@each_page
def test_every_cell_was_run_in_order(page):
    counts = [cell["execution_count"] for cell in code_cells(page)]
    assert counts == list(range(1, len(counts) + 1))


@each_page
def test_no_error_and_no_stderr_is_stored(page):
    for _, output in outputs(page):
        assert output["output_type"] != "error"
        assert output.get("name") != "stderr"


@each_page
def test_every_figure_has_alt_text_a_caption_and_a_name(page):
    names = []
    for cell, output in outputs(page):
        if any(kind.startswith("image/") for kind in output.get("data", {})):
            settings = cell["metadata"]["mystnb"]
            assert len(settings["image"]["alt"]) > 40
            assert settings["figure"]["caption"]
            names.append(settings["figure"]["name"])
    assert len(names) == len(set(names))


def test_names_of_figures_and_equations_are_unique_in_the_book():
    text = "".join((BOOK / f"{page}.ipynb").read_text("utf-8") for page in NOTEBOOKS)
    labels = re.findall(r"\$\$ \((eq-[\w-]+)\)", text) + re.findall(r'"name": "(fig-[\w-]+)"', text)
    assert len(labels) == len(set(labels)) > 0


@each_page
def test_outputs_name_no_place_on_a_computer(page):
    for _, output in outputs(page):
        data = {kind: v for kind, v in output.get("data", {}).items() if "image" not in kind}
        text = json.dumps([output.get("text", ""), data])
        assert not re.search(r"(?<![\w.:/])/\w+/\w+|\b[A-Z]:\\\\", text)


@each_page
def test_a_page_stays_within_its_size_and_its_cells_stay_short(page):
    assert (BOOK / f"{page}.ipynb").stat().st_size <= LARGEST
    for cell in code_cells(page):
        lines = "".join(cell["source"]).splitlines()
        assert len(lines) <= 25
        assert max(map(len, lines)) <= 76, "wider than the page"


@each_page
def test_text_and_library_have_the_same_version(page):
    cells = ["".join(cell["source"]) for cell in code_cells(page)]
    first = next(source for source in cells if "google.colab" not in source)
    assert "mfst_lib.__version__ ==" in first
    assert f'"{mfst_lib.__version__}"' in first


@each_page
def test_metadata_does_not_change_from_machine_to_machine(page):
    metadata = read(page)["metadata"]
    assert metadata["kernelspec"]["name"] == "python3"
    assert "version" not in metadata["language_info"]
    for cell in code_cells(page):
        assert "execution" not in cell["metadata"]


@pytest.mark.parametrize("page", pages())
def test_every_page_was_built(page):
    if not BUILT.is_dir():
        pytest.skip("the book is not built: jupyter-book build book")
    html = (BUILT / f"{page}.html").read_text("utf-8")
    assert "<h1>" in html
    assert not re.findall(r'<script[^>]+src="https?://', html), "a script from the network"
