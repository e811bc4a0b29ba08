"""Pages keep to their budgets, and each says at its top what it costs."""

import budgets
import nbformat
import pytest
from book_pages import BOOK, pages

NOTEBOOKS = [page for page in pages() if (BOOK / f"{page}.ipynb").is_file()]
each_page = pytest.mark.parametrize("page", NOTEBOOKS)

FIGURES = {"seconds": 17.2, "memory": 641.0, "size": 1.1}


def test_all_pages_were_measured_and_no_others():
    assert set(budgets.measured()) == set(NOTEBOOKS)


@each_page
def test_a_page_keeps_to_its_budget(page):
    figures = budgets.measured()[page]
    assert set(figures) == set(budgets.LIMITS)
    assert min(figures.values()) > 0
    assert budgets.broken(figures) == []


@each_page
def test_its_file_is_as_large_as_was_measured(page):
    size = (BOOK / f"{page}.ipynb").stat().st_size / 1e6
    assert abs(size - budgets.measured()[page]["size"]) < 0.02, f"book/run_pages.py {page}"


@each_page
def test_it_says_so_at_its_top(page):
    first = nbformat.read(BOOK / f"{page}.ipynb", as_version=4).cells[0].source
    assert first.splitlines()[-1] == budgets.line(budgets.measured()[page])


def test_a_broken_budget_is_found():
    assert budgets.broken(FIGURES) == []
    assert budgets.broken({**FIGURES, "memory": 1501}) == ["memory: 1501, at most 1500"]


def test_the_line_is_rounded_up_and_replaces_an_older_one():
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A page")])
    for seconds in (3, 17.2):
        budgets.put(page, budgets.line({**FIGURES, "seconds": seconds}))
    title, empty, text = page.cells[0].source.splitlines()
    assert (title, empty) == ("# A page", "")
    assert text.startswith("*This page: 20 s of processor time (at most 90), 0.7 GB")
