"""Exercises: stubs come from the solutions, fail their check, and the solutions pass it."""

import re

import exercises
import nbformat
import pytest
from book_pages import BOOK, chapters

CHAPTERS = [page for page in chapters() if (BOOK / f"{page}.ipynb").is_file()]
each_chapter = pytest.mark.parametrize("page", CHAPTERS)

SOLUTION = """\
def twice_solution(x):
    # x: a number
    # instead of: if x:
    # instead of:     return x
    for _ in range(1):

        y = 2 * x
    return y


other = twice_solution(1)
check_1(twice_solution)
print(other)"""

STUB = """\
def twice(x):
    # x: a number
    if x:
        return x
other = twice(1)"""


def read(page):
    return nbformat.read(BOOK / f"{page}.ipynb", as_version=4)


def printed(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


@each_chapter
def test_every_exercise_has_a_stub_a_check_and_a_marked_solution(page):
    book_page = read(page)
    headings = sum("### Exercise" in cell.source for cell in book_page.cells)
    found = exercises.exercises(book_page)
    assert len(found) == headings
    assert headings >= (0 if page == "index" else 2)
    for heading, check, solution in found:
        assert exercises.MARK in solution.source
        assert "hide-cell" in solution.metadata["tags"]
        stub = exercises.stub_before(book_page, heading, check)
        assert exercises.TAG in stub.metadata["tags"]


@each_chapter
def test_stubs_are_up_to_date_with_their_solutions(page):
    assert not exercises.write_stubs(read(page)), f"python book/run_pages.py {page}"


@each_chapter
def test_one_check_judges_both_the_stub_fails_and_the_solution_passes(page):
    book_page = read(page)
    for _, number, solution in exercises.exercises(book_page):
        check = book_page.cells[number]
        (name,) = re.findall(r"^def (check_\d+)", check.source, re.M)
        tried = re.findall(rf"^{name}\((\w+)\)", check.source, re.M)
        solved = re.findall(rf"^{name}\((\w+)\)", solution.source, re.M)
        assert [f"{one}_solution" for one in tried] == solved[:1]
        assert ("❌" in printed(check), "✅" in printed(check)) == (True, False)
        assert ("❌" in printed(solution), "✅" in printed(solution)) == (False, True)


def test_a_stub_is_the_solution_with_the_marked_lines_replaced():
    assert re.sub(r"\n+", "\n", exercises.stub_of(SOLUTION)) == STUB


def test_outside_a_block_a_mark_holds_to_the_end_of_the_paragraph():
    solution = "# instead of: x = 1\nx_solution = 2\nx_solution += 1\n\ny = x_solution\ncheck_1(y)"
    assert exercises.stub_of(solution) == "x = 1\n\ny = x"


def test_a_solution_that_is_never_checked_is_found():
    with pytest.raises(ValueError, match="no check"):
        exercises.stub_of("x_solution = 1")


def small_page(stub=None):
    cells = [
        nbformat.v4.new_markdown_cell("### Exercise 1"),
        nbformat.v4.new_code_cell("def check_1(f): ...\n\n\ncheck_1(f)"),
        nbformat.v4.new_code_cell(
            "def f_solution(x):\n    return x\n\n\ncheck_1(f_solution)", id="solved"
        ),
    ]
    if stub is not None:
        cells.insert(1, nbformat.v4.new_code_cell(stub))
    return nbformat.v4.new_notebook(cells=cells)


def test_a_changed_solution_changes_its_stub():
    page = small_page("def f(x):\n    # x: any\n    return 0")
    exercises.adopt(page)
    assert exercises.write_stubs(page)  # the tag
    assert not exercises.write_stubs(page)
    assert page.cells[1].source == "def f(x):\n    # x: any\n    return 0"
    page.cells[3].source = page.cells[3].source.replace("return 0", "return 1")
    assert exercises.write_stubs(page)
    assert page.cells[1].source.endswith("return 1")
    assert page.cells[1].outputs == []


def test_a_missing_stub_is_written_before_the_check():
    page = small_page()
    page.cells[2].source = page.cells[2].source.replace(
        "return x", "# instead of: return 0\n    return x"
    )
    assert exercises.write_stubs(page)
    assert page.cells[1].source == "def f(x):\n    return 0"
    assert page.cells[1].id == "solved-stub"


def test_what_cannot_be_marked_by_itself_is_said():
    with pytest.raises(ValueError, match="by hand"):
        exercises.marked_solution("x = 1", "check_1(2)")
