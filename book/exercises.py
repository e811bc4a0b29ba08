"""Make the stubs of the exercises from their solutions.

An exercise is three code cells in a row: the stub, where the reader starts; the cell that
defines `check_N` and calls it; the folded solution, which is the source. In the solution
`# instead of:` stands before the lines that the reader shall find, with what the stub says there:

    def half_life_solution(eta):
        # instead of: return 1 / (1 - eta)
        return np.log(0.5) / np.log(eta)


    check_1(half_life_solution)

    python book/exercises.py                  write the stubs of all pages
    python book/exercises.py scoring          of this page only
    python book/exercises.py --adopt scoring  put stubs written by hand into the solutions
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from pathlib import Path

import nbformat

BOOK = Path(__file__).parent
MARK = "# instead of:"
TAG = "exercise"  # of the cells that this program writes


def stub_of(solution: str) -> str:
    """The solution up to its first check, with what stands behind the marks.

    A mark holds to the end of its block, or of its paragraph outside a block.

    >>> print(stub_of("x_solution = 5  # why\\n\\ncheck_1(x_solution)"))
    x = 5  # why
    """
    kept: list[str] = []
    marked: int | None = (
        None  # the indent of the mark whose lines are left out
    )
    for line in before_the_check(solution):
        text = line.strip()
        indent = len(line) - len(line.lstrip())
        ends = indent < marked if marked and text else not (marked or text)
        if marked is not None and ends:
            marked = None
        if text.startswith(MARK):
            marked = indent
            kept.append(" " * indent + text.removeprefix(MARK)[1:])
        elif marked is None:
            kept.append(line)
    return re.sub(r"_solution\b", "", "\n".join(kept)).strip()


def before_the_check(solution: str) -> list[str]:
    """The lines above the first call of a check.

    >>> before_the_check("a = 1\\ncheck_2(a)\\nb = 2")
    ['a = 1']
    """
    lines = solution.splitlines()
    calls = [
        n for n, line in enumerate(lines) if re.match(r"check_\w+\(", line)
    ]
    if not calls:
        raise ValueError(f"no check is called in the solution {solution!r}")
    return lines[: calls[0]]


def exercises(
    page: nbformat.NotebookNode,
) -> list[tuple[int, int, nbformat.NotebookNode]]:
    """The cells of each exercise: where its heading and its check stand, and its solution."""
    found = []
    heading = check = -1
    for number, cell in enumerate(page.cells):
        if "### Exercise" in cell.source:
            heading = number
        elif "def check_" in cell.source:
            check = number
        elif check > heading and "check_" in cell.source:
            found.append((heading, check, cell))
            heading, check = number, -1
    return found


def stub_before(
    page: nbformat.NotebookNode, heading: int, check: int
) -> nbformat.NotebookNode | None:
    """The stub between a heading and its check, written here or by hand."""
    cells = page.cells[heading + 1 : check]
    ours = [c for c in cells if TAG in c.metadata.get("tags", [])]
    if ours:
        return ours[-1]
    by_hand = [c for c in cells if c.cell_type == "code"]
    return by_hand[-1] if by_hand else None


def write_stubs(page: nbformat.NotebookNode) -> bool:
    """Bring the stubs up to date; whether that changed any. Its outputs are then gone."""
    changed = False
    for heading, check, solution in reversed(exercises(page)):
        wanted = stub_of(solution.source)
        stub = stub_before(page, heading, check)
        if stub is None:
            stub = nbformat.v4.new_code_cell(
                wanted, id=f"{solution.id}-stub"
            )
            page.cells.insert(check, stub)
            changed = True
        if stub.source != wanted:
            stub.update(source=wanted, outputs=[], execution_count=None)
            changed = True
        tags = stub.metadata.setdefault("tags", [])
        if TAG not in tags:
            tags.append(TAG)
            changed = True
    return changed


def adopt(page: nbformat.NotebookNode) -> None:
    """Put what stubs written by hand say into the solutions, behind marks."""
    for heading, check, solution in exercises(page):
        stub = stub_before(page, heading, check)
        if MARK not in solution.source and stub is not None:
            solution.source = marked_solution(stub.source, solution.source)


def marked_solution(stub: str, solution: str) -> str:
    """A solution in the form of a function, with the body of its stub behind marks.

    >>> print(marked_solution("def f(x):\\n    return 1", "def f_solution(x):\\n    return x"))
    def f_solution(x):
        # instead of: return 1
        return x
    """
    mine = ast.parse(stub).body[-1]
    theirs = [
        node
        for node in ast.parse(solution).body
        if isinstance(node, ast.FunctionDef)
        and isinstance(mine, ast.FunctionDef)
        and node.name == f"{mine.name}_solution"
    ]
    if not theirs or not isinstance(mine, ast.FunctionDef):
        raise ValueError(f"mark this by hand: {stub!r}, {solution!r}")
    lines, target = stub.splitlines(), solution.splitlines()
    body = lines[mine.body[0].lineno - 1 :]
    task = comments_above(lines, mine.body[0].lineno - 1)
    marks = [f"    {MARK} {line[4:]}" for line in body]
    place = theirs[0].body[0].lineno - 1
    place -= len(comments_above(target, place))
    before = lines[: mine.lineno - 1]
    return "\n".join(
        before + target[:place] + task + marks + target[place:]
    )


def comments_above(lines: list[str], place: int) -> list[str]:
    """The comment lines directly above a line.

    >>> comments_above(["x = 1", "# one", "# two", "y = 2"], 3)
    ['# one', '# two']
    """
    first = place
    while first and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return lines[first:place]


def main(arguments: list[str]) -> None:
    """Bring the named pages, or all, up to date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "pages", nargs="*", help="names of pages; none: all"
    )
    parser.add_argument(
        "--adopt", action="store_true", help="first mark the solutions"
    )
    asked = parser.parse_args(arguments)
    names = asked.pages or sorted(
        path.stem for path in BOOK.glob("*.ipynb")
    )
    for name in names:
        path = BOOK / f"{name}.ipynb"
        page = nbformat.read(path, as_version=4)
        if asked.adopt:
            adopt(page)
        if write_stubs(page) or asked.adopt:
            path.write_text(
                nbformat.writes(page) + "\n", encoding="utf-8", newline="\n"
            )
            print(f"{name}: run it again: book/run_pages.py {name}")


if __name__ == "__main__":
    main(sys.argv[1:])
